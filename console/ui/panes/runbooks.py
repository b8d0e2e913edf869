"""Runbooks: what to do about each kind of incident; what fits a present finding in front."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import var
from textual.widgets import Static

from console.fleet.ages import age
from console.fleet.models import Phrase
from console.fleet.runbook_leads import Lead, leads
from console.fleet.runbooks import Runbook
from console.fleet.walk_state import Unfinished
from console.fleet.walks import Walk
from console.fleet.words import several
from console.operations.look import Look
from console.ui import cells
from console.ui.columns import Part, Row
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.lists import keeping
from console.ui.panes.table_pane import TablePane, dot
from console.ui.runbook_row import RUNBOOK_COLUMNS, RunbookRow
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.markdown_text import MarkdownText
from console.ui.widgets.scroll import Scroll

if TYPE_CHECKING:
    # What reads runbooks is loaded when they are read.
    from console.operations.runbooks import Library

_MOST_FAULTS = 4


class RunbooksPane(TablePane[str]):
    """The list, and what one sees of the incident that the line under the cursor is for."""

    heading = "Runbooks"
    columns = RUNBOOK_COLUMNS

    library: var["Library | None"] = var(None, init=False)
    walks: var[Mapping[str, Walk]] = var({}, init=False)
    left: var[Mapping[str, Unfinished]] = var({}, init=False)
    """Walks that another console has left without an end."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[str, RunbookRow] = {}
        self._top: str | None = ""
        """Where the cursor was put: what fits comes to the front later than the list. None: one was opened since."""

    def compose(self) -> ComposeResult:
        """Title, what is wrong with one's own, the list, and the beginning of one."""
        yield Static(classes="pane-title")
        yield FactLines(id="runbook-faults")
        with Container(id="runbooks", classes="beside"):
            yield self.table
            with Scroll(classes="beside-text"):
                yield FactLines()
                yield MarkdownText()

    def watch_library(self) -> None:
        self.watch_look()

    def watch_walks(self) -> None:
        self.watch_look()

    def watch_left(self) -> None:
        self.watch_look()

    @property
    def about(self) -> Lead | None:
        """What the operator came here with."""
        return self.place.lead if self.place is not None else None

    def rows(self, look: Look) -> Mapping[str, Row]:
        """What fits what the operator came with, what is under way, what an alert leads to; the others by title."""
        found = self.library.runbooks.values() if self.library is not None else ()
        rows = [self._row(each, look) for each in found]
        rows.sort(key=lambda row: (not self._fits(row.runbook), row.urgency))
        self._rows = keeping(self._rows, {row.runbook.name: row for row in rows})
        return self._rows

    def _row(self, runbook: Runbook, look: Look) -> RunbookRow:
        found, walk, left = leads(runbook, look), self.walks.get(runbook.name), self.left.get(runbook.name)
        if walk is not None or left is None:
            return RunbookRow(runbook, found, walk)
        ago = age((self.now or look.snapshot.taken_at) - left.changed_at)
        about: Phrase = (": ", *left.walk.lead.subject) if left.walk.lead is not None else ()
        return RunbookRow(runbook, found, left.walk, (f"unfinished, {ago} ago", *about))

    def _fits(self, runbook: Runbook) -> bool:
        """Where nothing was found, what is done without a finding fits."""
        if self.about is None:
            return False
        return self.about.cause in runbook.findings if self.about.cause else not runbook.findings

    def empty(self, look: Look) -> Phrase:
        """Until they have been read."""
        return ("The runbooks have not been read yet.",) if self.library is None else ("There is none.",)

    def title_parts(self, look: Look) -> list[Part]:
        """`Runbooks · 11 · for prod-linux-03`."""
        parts = super().title_parts(look)
        if self.about is not None:
            parts += [Part(f"{dot()}for ", "muted"), *cells.phrase_parts(self.about.subject)]
        if self.library is not None and self.library.faults:
            files = len({fault.file for fault in self.library.faults})
            parts.append(Part(f"{dot()}{several(files, 'file')} of your own cannot be used", "warning"))
        return parts

    def draw(self, look: Look) -> None:
        """List, faults, beginning."""
        super().draw(look)
        if self._rows and self._top in {"", self.table.cursor_key or ""}:
            self._top = next(iter(self._rows))
            self.table.move_to(self._top)
        faults = self.query_one("#runbook-faults", FactLines)
        faults.lines = tuple(self._faults())
        faults.display = bool(faults.lines)
        self._draw_beginning()

    def _faults(self) -> Iterator[FactLine]:
        """Each with its file and line."""
        known = self.library.faults if self.library is not None else ()
        for fault in known[:_MOST_FAULTS]:
            yield FactLine((Part("wrong", "warning"),), (Part(str(fault)),))
        if len(known) > _MOST_FAULTS:
            more = f"and {len(known) - _MOST_FAULTS} more: runner-console runbook check"
            yield FactLine((), (Part(more, "muted"),))

    @on(FleetTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._draw_beginning()

    def _draw_beginning(self) -> None:
        row = self._rows.get(self.table.cursor_key or "")
        self.query_one(".beside-text").display = row is not None
        if row is None:
            return
        lines = [
            FactLine((Part("leads here", "muted"),), cells.phrase_parts((*each.subject, ": ", *each.summary)))
            for each in row.leads
        ]
        lines.append(FactLine((Part("for", "muted"),), (Part(row.runbook.audience),)))
        self.query_one(".beside-text FactLines", FactLines).lines = tuple(lines)
        self.call_later(self.query_one(MarkdownText).show, row.runbook.intro)

    @on(FleetTable.RowChosen)
    def _chosen(self, event: FleetTable.RowChosen) -> None:
        self._top = None
        self.post_message(Pane.Asked(Place("walk", runbook=str(event.key), lead=self.lead())))

    def lead(self) -> Lead | None:
        """What a walk that begins here is about."""
        row = self._rows.get(self.table.cursor_key or "")
        if self.about is not None or row is None:
            return self.about
        if row.walk is not None and row.walk.ended is None:
            return row.walk.lead  # it goes on
        return next(iter(row.leads), None)

    def target(self) -> Target | None:
        """Of what leads to the runbook under the cursor."""
        lead = self.lead()
        return lead.targets[0] if lead is not None and lead.targets else None

    def copied(self) -> str:
        """Its title."""
        return "\n".join(self._rows[key].runbook.title for key in self.marked() if key in self._rows)
