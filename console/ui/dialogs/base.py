"""What every dialog that only shows something has: a title, text that scrolls, and the keys that close it."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from console.ui.widgets.scroll import Scroll


class ShowingDialog(ModalScreen[None]):
    """A dialog that asks nothing."""

    AUTO_FOCUS = "Scroll"
    way_out: ClassVar[str] = "Esc close"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "close", key_display="esc", tooltip="Close this dialog"),
    ]

    def compose(self) -> ComposeResult:
        """Title, body, the way out."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_subtitle = self.way_out
            yield Static(self.title_content(), classes="dialog-title")
            with Scroll():
                yield from self.body()

    def title_content(self) -> Content:
        """Verb and object."""
        raise NotImplementedError

    def body(self) -> Iterable[Widget]:
        """What is shown."""
        raise NotImplementedError
