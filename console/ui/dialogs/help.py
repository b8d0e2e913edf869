"""Help: the keys of the screen below, read from its bindings, and the commands, read from their registry."""

from collections.abc import Iterable

from textual.content import Content
from textual.screen import ActiveBinding, Screen
from textual.widget import Widget
from textual.widgets import Static

from console.ui import cells
from console.ui.columns import Part
from console.ui.commands import COMMANDS
from console.ui.dialogs.base import ShowingDialog

_KEYS_WIDTH = 14
_COMMAND_WIDTH = 22


def key_lines(screen: Screen[object]) -> tuple[tuple[str, str], ...]:
    """Keys and what they do, those of one action on one line, in the order of the bindings."""
    by_action: dict[tuple[object, str], list[ActiveBinding]] = {}
    for active in screen.active_bindings.values():
        if active.enabled and active.binding.description and not active.binding.system:
            by_action.setdefault((active.node, active.binding.action), []).append(active)
    return tuple(
        (
            " ".join(screen.app.get_key_display(active.binding) for active in group),
            group[0].tooltip or group[0].binding.description,
        )
        for group in by_action.values()
    )


class HelpDialog(ShowingDialog):
    """Two lists."""

    def __init__(self, keys: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._keys = keys

    def title_content(self) -> Content:
        """What this is."""
        return Content.styled("Keys and commands of this screen", "bold")

    def body(self) -> Iterable[Widget]:
        """Keys, then commands."""
        lines = [_line(keys, does, _KEYS_WIDTH) for keys, does in self._keys]
        lines.append(Content())
        lines += [_line(command.usage, command.help, _COMMAND_WIDTH) for command in COMMANDS.values()]
        yield Static(Content("\n").join(lines))


def _line(left: str, right: str, width: int) -> Content:
    return cells.content((Part(f"{left:<{width}} ", "accent"), Part(right)))
