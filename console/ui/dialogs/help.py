"""Help: the keys of the screen below, read from its bindings, and the commands, read from their registry."""

from typing import NamedTuple

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

from console.ui.columns import Part
from console.ui.commands import COMMANDS
from console.ui.dialogs.base import ShowingDialog
from console.ui.widgets.fact_lines import FactLine, FactLines

_HERE, _ABOUT = "Here", "To get about"
_TITLES = {
    "LogView": "In the lines",
    "LogPanel": "In this log",
    "LogsPane": "Among the logs",
    "WalkPane": "In the walk",
}
"""Parts that are no list, by the name of their class: what they are made of is loaded later."""


class KeyGroup(NamedTuple):
    """The keys of one part of the screen: each with what it does."""

    title: str
    lines: tuple[tuple[str, str], ...]


def key_groups(screen: Screen[None]) -> tuple[KeyGroup, ...]:
    """Keys and what they do, those of one action or group on one line.

    First those that the line at the bottom offers, whether it has room for them or not; the rest from the focused part
    of the screen outwards.
    """
    usable = [active for active in screen.active_bindings.values() if active.enabled and active.binding.tooltip]
    offered = {active.binding.group for active in usable if active.binding.show} - {None}
    sections: dict[str, dict[object, list[Binding]]] = {}
    for active in sorted(usable, key=lambda active: not active.binding.show):
        binding = active.binding
        here = binding.show or binding.group in offered
        title = "Here" if here else _title(active.node, screen)
        line = binding.group or (active.node, binding.action)
        sections.setdefault(title, {}).setdefault(line, []).append(binding)
    return tuple(
        KeyGroup(title, tuple(_line(same, screen) for same in lines.values()))
        for title, lines in sections.items()
        if lines
    )


def _line(same: list[Binding], screen: Screen[None]) -> tuple[str, str]:
    first = same[0]
    alone = first.group is None or all(binding.action == first.action for binding in same)
    does = first.tooltip if alone or first.group is None else first.group.description
    return " ".join(map(screen.app.get_key_display, same)), does


def _title(node: DOMNode, screen: Screen[None]) -> str:
    if node is screen:
        return "To get about"
    if node is screen.app:
        return "Everywhere"
    return _TITLES.get(type(node).__name__, "In the list")


class HelpDialog(ShowingDialog):
    """Keys by where they work, then the commands that no key stands for."""

    def __init__(self, groups: tuple[KeyGroup, ...], *, commands: bool = True) -> None:
        behind = tuple((each.usage, each.help) for each in COMMANDS.values() if each.argument or not each.action)
        blocks = [*groups, KeyGroup("Behind :", behind)] if commands else groups
        title = "Keys and commands of this screen" if commands else "Keys of this screen"
        super().__init__((Part(title, "strong"),), *map(_block, blocks))


def _block(group: KeyGroup) -> FactLines:
    heading = FactLine((), (Part(group.title, "strong"),))
    facts = [FactLine((Part(left, "accent"),), (Part(right),)) for left, right in group.lines]
    return FactLines([heading, *facts], classes="block")
