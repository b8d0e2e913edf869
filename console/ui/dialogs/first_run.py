"""The first run: nothing is configured yet, and this says what to type."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from console.ui.columns import Part
from console.ui.dialogs.base import ShowingDialog


class FirstRunDialog(ShowingDialog, inherit_bindings=False):
    """Two ways on, and the way out."""

    way_out = "q quit"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "app.quit", "quit", key_display="q", tooltip="Leave the console"),
    ]

    def __init__(self) -> None:
        super().__init__(
            (Part("No fleet is configured yet", "strong"),),
            Static(
                Content.assemble(
                    "To look at your own runners, leave with ",
                    ("q", "$accent"),
                    " and type\n\n    ",
                    ("runner-console auth login", "bold"),
                    "\n\nIt asks which organisation or repository to watch and for a token that may read it, "
                    "and keeps the token in your keyring.\n\n"
                    "To try the console on a pretend fleet first, type\n\n    ",
                    ("runner-console demo", "bold"),
                    "\n\nThat needs no token, no network and no account.",
                )
            ),
        )
