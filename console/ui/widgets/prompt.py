"""The line that is typed into: a filter behind `/`, a command behind `:`, with what is wrong with it above."""

from collections.abc import Sequence
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from console.ui import cells
from console.ui.columns import Part

Kind = Literal["filter", "command", "search", "time", "save"]
_SIGNS: dict[Kind, str] = {"filter": "/", "command": ":", "search": "/", "time": "@", "save": "save as "}


class FirstThatBegins(Suggester):
    """Completes what is typed with the first line that begins like it."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._lines = lines

    async def get_suggestion(self, value: str) -> str | None:
        """None when nothing begins so."""
        return next((line for line in self._lines if value and line.startswith(value)), None)


class PromptLine(Vertical):
    """One line of input. It says what is typed and how it ends; the screen knows what that means."""

    BINDINGS = [  # noqa: RUF012 - typed by Textual
        Binding("escape", "give_up", "leave it", tooltip="Close this line; a filter is cleared"),
        Binding("enter", "submit", "do it", tooltip="Keep the filter, or run the command"),
        Binding("tab", "complete", "complete", tooltip="Take what is suggested"),
    ]

    class Said(Message):
        """Something about this line."""

        def __init__(self, kind: Kind, text: str) -> None:
            super().__init__()
            self.kind = kind
            self.text = text

    class Typed(Said):
        """What stands there now."""

    class Entered(Said):
        """Enter was pressed."""

    class GivenUp(Said):
        """Escape was pressed."""

    kind: Kind = "command"

    def compose(self) -> ComposeResult:
        """Remark; sign and input."""
        remark = Static(classes="prompt-remark")
        remark.display = False
        yield remark
        with Horizontal():
            yield Static(classes="prompt-sign")
            line = Input(compact=True)
            line.cursor_blink = False
            yield line

    def open(self, kind: Kind, text: str = "", suggester: Suggester | None = None) -> None:
        """It has the keys at once: what is typed ahead must not act on what is behind it."""
        self.kind = kind
        self.remark("")
        self.query_one(".prompt-sign", Static).update(cells.content([Part(_SIGNS[kind], "key")]))
        line = self.query_one(Input)
        line.suggester = suggester
        line.value = text
        line.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(line)

    def remark(self, text: str) -> None:
        """Say what is wrong with what is typed; empty when nothing is."""
        remark = self.query_one(".prompt-remark", Static)
        remark.update(cells.content([Part(text, "warning")]))
        remark.display = bool(text)

    def action_complete(self) -> None:
        """Tab: at the end of what is typed, going right takes the suggestion."""
        line = self.query_one(Input)
        line.action_end()
        line.action_cursor_right()

    def action_give_up(self) -> None:
        """Escape."""
        self.post_message(self.GivenUp(self.kind, self.query_one(Input).value))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self.kind, event.value))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Typed(self.kind, event.value))
