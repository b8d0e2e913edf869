"""What the pages of the dialog of actions have in common, and the small ones: a line to write, looking, a refusal."""

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from console.fleet.models import Phrase, plain
from console.fleet.plans import Refusal
from console.ui import cells
from console.ui.columns import Part
from console.ui.plan_lines import refusal_lines
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.prompt import Line
from console.ui.widgets.scroll import Scroll


class ActPage(Vertical):
    """One thing at a time is asked or shown. Wishes go up as messages; who is no longer shown is not heard."""

    way_out: str = "Esc leave"
    """What can be pressed."""

    class Wish(Message):
        """Each page has its own kinds."""

        def __init__(self, page: "ActPage") -> None:
            super().__init__()
            self.page = page

    class Again(Wish):
        """Look once more."""

    class Over(Wish):
        """It has ended: any key closes the dialog."""

    def title_parts(self) -> Sequence[Part]:
        """Above it."""
        return ()

    def main_widget(self) -> Widget | None:
        """What takes the keys."""
        return self.query(Scroll).first()

    def enter(self) -> None:
        """Enter was pressed, and nothing within took it."""

    def leave(self) -> bool:
        """Escape. True closes the dialog."""
        return True

    def again(self) -> None:
        """`r`."""

    def copied(self) -> str:
        """What `y` copies."""
        return ""

    def tick(self) -> None:
        """A second has passed, or a look has come."""


class LookingPage(ActPage):
    """What the plan rests on is being read."""

    way_out = "Esc give up"

    def __init__(self, title: Sequence[Part], words: str) -> None:
        super().__init__()
        self._title = title
        self._words = words

    def compose(self) -> ComposeResult:
        """One sentence."""
        with Scroll():
            yield Static(cells.content((Part(self._words, "muted"),)))

    def title_parts(self) -> Sequence[Part]:
        return self._title


class RefusalPage(ActPage):
    """Why it is not done, and what helps: there may be lines to paste."""

    def __init__(self, title: Sequence[Part], refusal: Refusal) -> None:
        super().__init__()
        self._title = title
        self._refusal = refusal
        copy = "y copy what helps  " if refusal.helps else ""
        self.way_out = f"{copy}r look again  Esc leave"

    def compose(self) -> ComposeResult:
        """It scrolls."""
        with Scroll():
            yield FactLines(refusal_lines(self._refusal))

    def title_parts(self) -> Sequence[Part]:
        return self._title

    def again(self) -> None:
        self.post_message(self.Again(self))

    def copied(self) -> str:
        return plain(self._refusal.helps)


class AskPage(ActPage):
    """What the action has to be told, in one line."""

    way_out = "Enter go on  Esc leave"

    class Written(ActPage.Wish):
        """It stands there."""

        def __init__(self, page: ActPage, text: str) -> None:
            super().__init__(page)
            self.text = text

    def __init__(self, title: Sequence[Part], asks: str, text: str = "", known: Phrase = ()) -> None:
        """`text` was written before; `known` is what there is to know for it."""
        super().__init__()
        self._title = title
        self._asks = asks
        self._known = known
        self._line = Line(self)
        self._line.value = text
        self._line.cursor_position = len(text)

    def compose(self) -> ComposeResult:
        """What is asked for, and where it is written."""
        if self._known:
            with Scroll(classes="act-head"):
                yield FactLines([FactLine((), cells.phrase_parts(self._known))])
        with Vertical(classes="act-question" if self._known else "act-ask"):
            yield FactLines([FactLine((), (Part(self._asks),))])
            yield self._line

    def title_parts(self) -> Sequence[Part]:
        return self._title

    def main_widget(self) -> Widget:
        return self._line

    def typed(self, text: str) -> None:
        """For the line."""

    def action_submit(self) -> None:
        """Enter, in the line."""
        if self._line.value.strip():
            self.post_message(self.Written(self, self._line.value.strip()))


class NameLine(Line):
    """What is typed for consent. What is pasted is not."""

    pasted = False

    def take(self, event: events.Event) -> bool:
        """A paste is refused with words; whatever else can be typed is typed."""
        if isinstance(event, events.Paste):
            self.pasted = True
            self._prompt.typed(self.value)
            return True
        self.pasted = False
        return super().take(event)

    def on_paste(self, event: events.Paste) -> None:
        """Should it come by another way."""
        event.stop()
        event.prevent_default()

    def action_paste(self) -> None:
        """Ctrl+v: what was copied in the console itself."""
        self.pasted = True
        self._prompt.typed(self.value)
