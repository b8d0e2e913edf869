"""Text that is longer than its room, under the keys that move everywhere else."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Scroll(VerticalScroll, inherit_bindings=False):
    """It can have the focus, and then moves line by line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", show=False, tooltip="A line down"),
        Binding("k,up", "scroll_up", "Up", show=False, tooltip="A line up"),
        Binding("g,home", "scroll_home", "First", show=False, tooltip="To the beginning"),
        Binding("G,end", "scroll_end", "Last", show=False, tooltip="To the end"),
        Binding("pagedown,ctrl+d", "page_down", "Page down", show=False, tooltip="A page down"),
        Binding("pageup,ctrl+u", "page_up", "Page up", show=False, tooltip="A page up"),
    ]
