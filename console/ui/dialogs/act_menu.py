"""The first page of the dialog of actions: what can be done, what helps first, and why the rest cannot."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget

from console.fleet.models import Phrase
from console.operations.run_plan import READ_ONLY
from console.operations.several import Choice
from console.ui import cells
from console.ui.columns import Cell, Column, FixedRow, Part
from console.ui.dialogs.act_page import ActPage
from console.ui.plan_lines import fact
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import HEADER, FleetTable
from console.ui.widgets.scroll import Scroll
from console.ui.widgets.table_keys import TABLE_KEYS

_NO_LIST = ("toggle_select", "order(1)", "order(-1)", "reverse")


class MenuTable(FleetTable[str], inherit_bindings=False):
    """In the menu's own order, one at a time."""

    BINDINGS = [each for each in TABLE_KEYS if each.action not in _NO_LIST]  # noqa: RUF012 - typed by Textual


class MenuPage(ActPage):
    """A line for each action; below them all that there is to say of the one under the cursor."""

    way_out = "Enter choose  Esc leave"

    class Chosen(ActPage.Wish):
        """That one."""

        def __init__(self, page: ActPage, choice: Choice) -> None:
            super().__init__(page)
            self.choice = choice

    def __init__(self, subject: Phrase, found: Sequence[Phrase], choices: Sequence[Choice], which: Phrase = ()) -> None:
        """`found` is what was found about it; `which` of how many it is, where there are others."""
        super().__init__()
        self._which = which
        self._subject = subject
        self._found = found
        self._choices = {each.action.id: each for each in choices}
        self._table = MenuTable(_columns(choices))
        self._more = FactLines()
        self._table.set_empty(("There is no action for this.",))
        self._table.set_rows({key: _row(choice) for key, choice in self._choices.items()})
        self._table.styles.height = max(len(self._choices), 1) + HEADER

    def compose(self) -> ComposeResult:
        """What was found; the list; more of the line under the cursor."""
        told = [fact("about", self._which)] if self._which else []
        told += [fact("found", each) for each in self._found]
        if any(each.only_read for each in self._choices.values()):
            told.append(fact("not now", (*READ_ONLY.reason, " ", *READ_ONLY.helps), word_style="warning"))
        if told:
            yield FactLines(told, classes="act-found")
        yield self._table
        with Scroll(classes="act-more"):
            yield self._more

    def on_mount(self) -> None:
        """The first line's words are there at once."""
        self._moved()

    def title_parts(self) -> Sequence[Part]:
        return (Part("Actions on ", "strong"), *cells.phrase_parts(self._subject))

    def main_widget(self) -> Widget:
        return self._table

    def _choice(self) -> Choice | None:
        return self._choices.get(self._table.cursor_key or "")

    @on(FleetTable.RowHighlighted)
    def _moved(self) -> None:
        choice = self._choice()
        self._more.lines = tuple(_more_lines(choice)) if choice is not None else ()

    @on(FleetTable.RowChosen)
    def _chosen(self) -> None:
        choice = self._choice()
        if choice is not None:
            self.post_message(self.Chosen(self, choice))


def _columns(choices: Sequence[Choice]) -> tuple[Column, ...]:
    widest = max((len(each.action.title) for each in choices), default=0) + 2
    says = Column("What it does, or why it cannot be done", 46, 46, 0, grow=1)
    return (Column("Action", widest, min(widest, 18), 0, cut="middle"), says)


def _row(choice: Choice) -> FixedRow:
    if choice.only_read:
        would = (Part("would help: ", "accent"),) if choice.fits else ()
        return FixedRow(
            (Cell((Part(choice.action.title, "muted"),)), Cell((*would, Part(choice.action.says, "muted"))))
        )
    if choice.refusal is not None:
        why = "".join(part.text for part in cells.phrase_parts(choice.refusal.reason))
        would = (Part("would help, but: ", "accent"),) if choice.fits else ()
        return FixedRow((Cell((Part(choice.action.title, "muted"),)), Cell((*would, Part(why, "muted")))))
    said = (*_before(choice), Part(choice.vain or choice.action.says))
    return FixedRow((Cell((Part(choice.action.title, "strong" if choice.fits else ""),)), Cell(said)))


def _before(choice: Choice) -> list[Part]:
    """Whether it helps, and with how many of them it can be done where not with all."""
    marks = [Part(f"helps {choice.later or 'here'}", "accent")] if choice.fits else []
    if choice.vain:
        marks = [Part("does not help here", "warning")]
    if choice.cannot:
        marks.append(Part(f"{len(choice.can)} of {len(choice.can) + len(choice.cannot)}", "warning"))
    return [part for mark in marks for part in (mark, Part(", " if mark is not marks[-1] else ": "))]


def _more_lines(choice: Choice) -> list[FactLine]:
    said = (Part(f"{choice.action.title}: ", "strong"), Part(choice.action.says))
    lines = [FactLine((Part("does", "muted"),), said)]
    if choice.vain:
        lines.append(fact("helps not", (f"here: {choice.vain}.",), word_style="warning"))
    for refusal in () if choice.only_read else dict.fromkeys(choice.cannot.values()):
        lines.append(fact("not now", refusal.reason, word_style="warning"))
        if refusal.helps:
            lines.append(fact("helps", refusal.helps))
    return lines
