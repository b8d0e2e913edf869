"""The line that is typed into: a filter behind `/`, a command behind `:`, with what is wrong with it above."""

from collections.abc import Sequence
from typing import Literal, Protocol

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from console.ui import cells
from console.ui.columns import Part

Kind = Literal["filter", "command", "search", "time", "save", "note"]
_SIGNS: dict[Kind, str] = {
    "filter": "/",
    "command": ":",
    "search": "/",
    "time": "@",
    "save": "save as ",
    "note": "note ",
}


class Asker(Protocol):
    """Who asked for the line. It is told at once, not by a message: the next key may be typed ahead, and be for what
    the answer leads to."""

    def typed(self, kind: Kind, text: str) -> None:
        """What stands there now."""

    def entered(self, kind: Kind, text: str) -> None:
        """Enter was pressed."""

    def given_up(self, kind: Kind) -> None:
        """Escape was pressed."""


class Holder(Protocol):
    """What a line is part of. It is told at once, as an asker is."""

    def typed(self, text: str) -> None:
        """It stands in the line."""

    def action_submit(self) -> None:
        """Enter was pressed."""


class Line(Input):
    """An input that has taken each letter before the next key is looked at."""

    completions: Sequence[str] = ()
    """The first that begins like what is typed is suggested."""

    def __init__(self, prompt: Holder) -> None:
        # It would be selected when the focus is told of, and the next letter replace what was typed ahead.
        super().__init__(compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._prompt = prompt

    def take(self, event: events.Event) -> bool:
        """Type it, if it can be typed. What waited here for its turn would come after an Enter that follows it."""
        if isinstance(event, events.Paste):
            self._on_paste(event)
        elif isinstance(event, events.Key) and event.character is not None and event.is_printable:
            self.replace(event.character, *self.selection)
        else:
            return False
        return True

    def watch_value(self, value: str) -> None:
        # A suggester would come later, and Tab may be typed ahead.
        self._suggestion = next((line for line in self.completions if value and line.startswith(value)), "")
        self._prompt.typed(value)

    async def action_submit(self) -> None:
        """Enter."""
        self._prompt.action_submit()


class PromptLine(Vertical):
    """One line of input. It says what is typed and how it ends; who asked knows what that means."""

    BINDINGS = [  # noqa: RUF012 - typed by Textual
        Binding("escape", "give_up", "leave it", tooltip="Close this line; a filter is cleared"),
        Binding("enter", "submit", "do it", tooltip="Keep the filter, or run the command"),
        Binding("tab", "complete", "complete", tooltip="Take what is suggested"),
    ]

    kind: Kind = "command"

    def __init__(self, asker: Asker) -> None:
        super().__init__()
        self._asker = asker

    def compose(self) -> ComposeResult:
        """Remark; sign and input."""
        remark = Static(classes="prompt-remark")
        remark.display = False
        yield remark
        with Horizontal():
            yield Static(classes="prompt-sign")
            yield Line(self)

    def on_descendant_focus(self) -> None:
        """What is told meanwhile stands above what is typed."""
        self._raise_toasts(up=True)

    def on_descendant_blur(self) -> None:
        """It stands where it always does."""
        self._raise_toasts(up=False)

    def _raise_toasts(self, *, up: bool) -> None:
        for rack in self.screen.query("ToastRack"):
            rack.set_class(up, "-raised")

    def open(self, kind: Kind, text: str = "", completions: Sequence[str] = ()) -> None:
        """It has the keys at once: what is typed ahead must not act on what is behind it."""
        self.kind = kind
        self.remark("")
        self.query_one(".prompt-sign", Static).update(cells.content([Part(_SIGNS[kind], "key")]))
        line = self.query_one(Line)
        line.completions = completions
        line.value = text
        line.action_select_all()
        self.display = True
        self.screen.set_focus(line)

    def remark(self, text: str) -> None:
        """Say what is wrong with what is typed; empty when nothing is."""
        self._say(text, "warning")

    def offer(self, text: str) -> None:
        """Say what it can become, on one line. Where that is nothing, what is wrong with it stays."""
        if text or self.query_one(".prompt-remark", Static).has_class("-offer"):
            self._say(text, "muted")

    def _say(self, text: str, style: str) -> None:
        remark = self.query_one(".prompt-remark", Static)
        remark.update(cells.content([Part(text, style)]))
        remark.set_class(style == "muted", "-offer")
        remark.display = bool(text)

    def action_complete(self) -> None:
        """Tab: at the end of what is typed, going right takes the suggestion."""
        line = self.query_one(Line)
        line.action_end()
        line.action_cursor_right()

    def action_give_up(self) -> None:
        """Escape."""
        self._asker.given_up(self.kind)

    def action_submit(self) -> None:
        """Enter."""
        self._asker.entered(self.kind, self.query_one(Line).value)

    def typed(self, text: str) -> None:
        """It stands in the line."""
        self._asker.typed(self.kind, text)
