"""What every dialog that only shows something has: a title, text that scrolls, and the keys that close it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static


class Scroll(VerticalScroll):
    """Text that is longer than the room, under the keys that move everywhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_down", "Down", show=False, tooltip="A line down"),
        Binding("k,up", "scroll_up", "Up", show=False, tooltip="A line up"),
        Binding("g,home", "scroll_home", "First", show=False, tooltip="To the beginning"),
        Binding("G,end", "scroll_end", "Last", show=False, tooltip="To the end"),
        Binding("pagedown,ctrl+d", "page_down", "Page down", show=False, tooltip="A page down"),
        Binding("pageup,ctrl+u", "page_up", "Page up", show=False, tooltip="A page up"),
    ]


class ShowingDialog(ModalScreen[None]):
    """A dialog that asks nothing."""

    AUTO_FOCUS = "Scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "close", key_display="esc", tooltip="Close this dialog"),
    ]

    def compose(self) -> ComposeResult:
        """Title, body, the way out."""
        with Vertical(classes="dialog"):
            yield Static(self.title_content(), classes="dialog-title")
            with Scroll():
                yield from self.body()
            yield Static(Content.assemble(("Esc", "$accent"), (" close", "$text-muted")), classes="dialog-foot")

    def title_content(self) -> Content:
        """Verb and object."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """What is shown."""
        raise NotImplementedError
