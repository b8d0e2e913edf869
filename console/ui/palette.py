"""The palette of ctrl+p: the same registry as the `:` line, and the keys of the screen below."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from console.ui.commands import COMMANDS, command_lines
from console.ui.main_screen import MainScreen


class Choice(NamedTuple):
    """One line of the palette."""

    text: str
    help: str
    run: IgnoreReturnCallbackType


class RegistryProvider(Provider):
    """Commands and keys, found by any of their letters."""

    def _choices(self) -> Iterator[Choice]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        for line, help_text in command_lines(screen):
            yield Choice(line, help_text, partial(screen.try_command, line))
        listed = {command.action for command in COMMANDS.values()} | {"command"}
        for active in screen.active_bindings.values():
            if active.enabled and active.node is screen and active.binding.action not in listed:
                name = f"{active.binding.description} ({self.app.get_key_display(active.binding)})"
                run = partial(self.app.run_action, active.binding.action, active.node)
                yield Choice(name, active.tooltip, run)

    async def discover(self) -> Hits:
        """Everything, before anything is typed."""
        for choice in self._choices():
            yield DiscoveryHit(Content(choice.text), choice.run, choice.text, choice.help)

    async def search(self, query: str) -> Hits:
        """What fits the letters, best first."""
        matcher = self.matcher(query)
        for choice in self._choices():
            score, offsets = matcher.fuzzy_search.match(query, choice.text)
            if score > 0:
                shown = Content(choice.text)
                for offset in offsets:
                    shown = shown.stylize("bold underline", offset, offset + 1)
                yield Hit(score, shown, choice.run, choice.text, choice.help)
