"""Help: the keys of the screen below, read from its bindings, and the commands, read from their registry."""

from typing import NamedTuple

from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen

from console.ui.columns import Part
from console.ui.commands import COMMANDS
from console.ui.dialogs.base import ShowingDialog
from console.ui.widgets.fact_lines import FactLine, FactLines

_WIDTH = 17
_TITLES = {"LogView": "In the lines", "LogPanel": "In this log", "LogsPane": "Among the logs"}
"""Parts that are no list, by the name of their class: what they are made of is loaded later."""


class KeyGroup(NamedTuple):
    """The keys of one part of the screen: each with what it does."""

    title: str
    lines: tuple[tuple[str, str], ...]


def key_groups(screen: Screen[None]) -> tuple[KeyGroup, ...]:
    """Keys and what they do, those of one action on one line, from the focused part of the screen outwards."""
    groups: dict[DOMNode, dict[str, list[ActiveBinding]]] = {}
    for active in screen.active_bindings.values():
        if active.enabled and active.binding.tooltip:
            groups.setdefault(active.node, {}).setdefault(active.binding.action, []).append(active)
    display = screen.app.get_key_display
    return tuple(
        KeyGroup(
            _title(node, screen),
            tuple((" ".join(display(each.binding) for each in same), same[0].tooltip) for same in by_action.values()),
        )
        for node, by_action in groups.items()
    )


def _title(node: DOMNode, screen: Screen[None]) -> str:
    if node is screen:
        return "Here"
    if node is screen.app:
        return "Everywhere"
    return _TITLES.get(type(node).__name__, "In the list")


class HelpDialog(ShowingDialog):
    """Keys by where they work, then the commands."""

    def __init__(self, groups: tuple[KeyGroup, ...], *, commands: bool = True) -> None:
        behind = tuple((command.usage, command.help) for command in COMMANDS.values())
        blocks = [*groups, KeyGroup("Behind :", behind)] if commands else groups
        title = "Keys and commands of this screen" if commands else "Keys of this screen"
        super().__init__((Part(title, "strong"),), *map(_block, blocks))


def _block(group: KeyGroup) -> FactLines:
    heading = FactLine((), (Part(group.title, "strong"),))
    facts = [FactLine((Part(f"{left:<{_WIDTH}}", "accent"),), (Part(right),)) for left, right in group.lines]
    return FactLines([heading, *facts], classes="block")
