"""What every dialog that only shows something has: a title, text that scrolls, and the keys that close it."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from console.ui import cells
from console.ui.columns import Part
from console.ui.widgets.scroll import Scroll
from console.ui.widgets.too_small import TooSmall


class ShowingDialog(ModalScreen[None]):
    """A dialog that asks nothing."""

    AUTO_FOCUS = "Scroll"
    way_out: ClassVar[str] = "Esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "close", key_display="esc", tooltip="Close this dialog"),
    ]

    def __init__(self, heading: tuple[Part, ...], *body: Widget) -> None:
        super().__init__()
        self._heading = heading
        self._body = body

    def compose(self) -> ComposeResult:
        """Title, body, the way out."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_subtitle = self.way_out
            yield Static(cells.content(self._heading), classes="dialog-title")
            with Scroll():
                yield from self._body
        yield TooSmall()
