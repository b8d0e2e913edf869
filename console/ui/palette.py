"""The palette of ctrl+p: the same registry as the `:` line, and the keys of the screen below."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen
from textual.suggester import Suggester
from textual.types import IgnoreReturnCallbackType

from console.ui.commands import COMMANDS, Surface


class CommandScreen(Screen[None]):
    """A screen that commands can be run on; it is a `Surface` too."""

    def run_command(self, line: str) -> None:
        """Run what was typed; `UsageError` when it cannot be understood."""
        raise NotImplementedError


class Choice(NamedTuple):
    """One line of the palette."""

    text: str
    help: str
    run: IgnoreReturnCallbackType


def command_lines(screen: Surface) -> Iterator[tuple[str, str]]:
    """Every command that can be run as it stands: those without argument, and one for each value of the others."""
    for command in COMMANDS.values():
        if not command.needs_argument:
            yield command.name, command.help
        elif command.values is not None:
            for value in command.values(screen):
                yield f"{command.name} {value}", command.help


class RegistryProvider(Provider):
    """Commands and keys, found by any of their letters."""

    def _choices(self) -> Iterator[Choice]:
        screen = self.screen
        if not isinstance(screen, CommandScreen):
            return
        for line, help_text in command_lines(screen):
            yield Choice(line, help_text, partial(screen.run_command, line))
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


class CommandSuggester(Suggester):
    """Completes what is typed behind `:`."""

    def __init__(self, screen: "MainScreen") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._screen = screen

    async def get_suggestion(self, value: str) -> str | None:
        """The first command, or the first value of its argument, that begins like this."""
        if not value:
            return None
        lines = [*COMMANDS, *(line for line, _ in command_lines(self._screen))]
        return next((line for line in lines if line.startswith(value)), None)
