"""The palette of ctrl+p: the same registry as the `:` line, and the keys of the screen below."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.types import IgnoreReturnCallbackType

from console.ui.commands import COMMANDS, value_lines
from console.ui.main_screen import MainScreen


class Choice(NamedTuple):
    """One line of the palette."""

    text: str
    help: str
    run: IgnoreReturnCallbackType
    is_value: bool = False
    """One of many that a command may take: a context, a theme, a column."""


_VALUE_COUNTS = 0.5
"""What a value is found with, against the rest: many contexts must not drown it."""


class RegistryProvider(Provider):
    """Commands and keys, found by any of their letters."""

    def _choices(self) -> Iterator[Choice]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            return
        fixed = [*_commands(screen), *self._keys(screen)]
        # Screens, then what else there is to do.
        yield from (choice for action, choice in fixed if _is_screen(action))
        yield from (choice for action, choice in fixed if not _is_screen(action))
        for command, line in sorted(value_lines(screen), key=lambda each: each[0].name == "context"):
            said = command.help_for(line.partition(" ")[2])
            yield Choice(line, said, partial(screen.try_command, line), is_value=True)

    def _keys(self, screen: MainScreen) -> Iterator[tuple[str, Choice]]:
        """Those that no command stands for, each with its action."""
        listed = {command.action for command in COMMANDS.values()} | {"command"}
        for active in screen.active_bindings.values():
            if active.enabled and active.node is screen and active.binding.action not in listed:
                name = f"{active.binding.description} ({self.app.get_key_display(active.binding)})"
                run = partial(self.app.run_action, active.binding.action, active.node)
                yield active.binding.action, Choice(name, active.tooltip, run)

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
                yield Hit(
                    score * (_VALUE_COUNTS if choice.is_value else 1), shown, choice.run, choice.text, choice.help
                )


def _commands(screen: MainScreen) -> Iterator[tuple[str, Choice]]:
    """Those that can be run as they stand, each with the action that does the same."""
    for command in COMMANDS.values():
        if not command.needs_argument:
            yield command.action, Choice(command.name, command.help, partial(screen.try_command, command.name))


def _is_screen(action: str) -> bool:
    return action.startswith("go(")
