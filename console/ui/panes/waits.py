"""Waits: how long jobs wait for a runner, by what they ask for; the last hour beside what is usual."""

from collections.abc import Mapping

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from console.fleet.models import Phrase
from console.fleet.queue_levels import Line, lines
from console.fleet.queue_waits import begins
from console.fleet.queue_words import COUNTED, WELL_ABOVE
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part, Row, phrase_parts
from console.ui.deed_row import moment_text, today
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.calm import none_listed
from console.ui.panes.lists import keeping
from console.ui.panes.table_pane import TablePane, dot
from console.ui.wait_row import STATES, WAIT_COLUMNS, WaitRow, wait_lines
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.scroll import Scroll


class WaitsPane(TablePane[str]):
    """One line for each set of labels, and what is known of the one under the cursor."""

    heading = "Waits"
    columns = WAIT_COLUMNS
    states = STATES

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[str, WaitRow] = {}

    def compose(self) -> ComposeResult:
        """The table, and the words for the line under the cursor."""
        yield Static(classes="pane-title")
        with Container(classes="beside"):
            yield self.table
            with Scroll(classes="beside-text"):
                yield FactLines()

    def rows(self, look: Look) -> Mapping[str, Row]:
        """Those that are slow first, then those whose jobs wait for long, then those with the most jobs."""
        found = lines(look.past.waits, look.snapshot.jobs.values(), look.snapshot.taken_at)
        self._rows = keeping(self._rows, {line.key: WaitRow(line) for line in found})
        return self._rows

    def draw(self, look: Look) -> None:
        """The text is that of the line under the cursor."""
        super().draw(look)
        self._draw_text()

    @on(FleetTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._draw_text()

    def _draw_text(self) -> None:
        line = self._line()
        self.query_one(".beside-text").display = line is not None
        if line is not None and self.look is not None:
            known = wait_lines(line, self.now or self.look.snapshot.taken_at)
            notes = [FactLine((), phrase_parts(words, "muted")) for words in (WELL_ABOVE, COUNTED)]
            self.query_one(".beside-text FactLines", FactLines).lines = (*known, *notes)

    def _line(self) -> Line | None:
        row = self._rows.get(self.table.cursor_key or "")
        return row.line if row is not None else None

    def empty(self, look: Look) -> Phrase:
        """Since when none has begun, as far as that was seen."""
        looked = look.past.waits.looked
        if not looked:
            return none_listed(look, "job", ("jobs", "repositories"), "No job has begun since this console looks.")
        day = today(self.now or look.snapshot.taken_at)
        return (f"No job has begun since {moment_text(begins(min(looked)), day)}, as far as anybody looked.",)

    def title_parts(self, look: Look) -> list[Part]:
        """What the columns are about."""
        words = f"{dot()}the last hour, and the usual p90 of the day before"
        return [*super().title_parts(look), Part(words, "muted")]

    @on(FleetTable.RowChosen)
    def _chosen(self) -> None:
        line = self._line()
        if line is not None and line.waiting:
            self.post_message(Pane.Asked(Place("jobs", only=frozenset(line.waiting))))
        elif line is not None:
            self.notify("No job that asks for these labels waits now.", markup=False)

    def trail(self) -> list[Part]:
        """It has no tab."""
        return [Part(f" {signs.sign('into')} waits", "muted")]

    def target(self) -> Target | None:
        """The job that waits longest."""
        line = self._line()
        return line.waiting[0] if line is not None and line.waiting else None

    def copied(self) -> str:
        """Labels and the words for each."""
        found = [self._rows[key].line for key in self.marked() if key in self._rows]
        return "\n".join(" ".join(line.labels) for line in found)
