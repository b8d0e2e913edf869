"""History: what was done with the console, by whom, and how it ended; what was cut off in front."""

from collections.abc import Mapping

from textual import on
from textual.reactive import var

from console.errors import ConsoleError
from console.fleet.history import STATES, Chronicle, Entry
from console.fleet.models import Phrase
from console.fleet.words import several
from console.operations.look import Look
from console.ui.columns import Part, Row
from console.ui.deed_row import DEED_COLUMNS, DeedRow, target_of, today
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.deed import Known
from console.ui.panes.lists import keeping
from console.ui.panes.table_pane import TablePane, dot
from console.ui.widgets.fleet_table import FleetTable

_NONE = "Nothing was done with this console on this machine yet."


class HistoryPane(TablePane[str]):
    """When, how it ended, what, to which target, by whom, where."""

    heading = "History"
    columns = DEED_COLUMNS
    states = STATES

    known: var[Known] = var(None, init=False)

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[str, DeedRow] = {}

    def watch_known(self) -> None:
        self.watch_look()

    def rows(self, look: Look) -> Mapping[str, Row]:
        """What was cut off, then all else; the newest first."""
        entries = self.known.entries if isinstance(self.known, Chronicle) else ()
        day = today(self.now or look.snapshot.taken_at)
        ordered = sorted(entries, key=lambda entry: entry.state != "unfinished")
        self._rows = keeping(self._rows, {entry.deed.id: DeedRow(entry, day) for entry in ordered})
        return self._rows

    def empty(self, look: Look) -> Phrase:
        """None yet, or why they cannot be read."""
        if isinstance(self.known, ConsoleError):
            return (f"{self.known.message}. {self.known.hint}",)
        return (_NONE,) if self.known is not None else ("The history has not been read yet.",)

    def title_parts(self, look: Look) -> list[Part]:
        """Says what could not be read."""
        parts = super().title_parts(look)
        unread = self.known.unread if isinstance(self.known, Chronicle) else 0
        if unread:
            parts.append(Part(f"{dot()}{several(unread, 'line')} could not be read", "warning"))
        return parts

    @on(FleetTable.RowChosen)
    def _chosen(self, event: FleetTable.RowChosen) -> None:
        self.post_message(Pane.Asked(Place("deed", deed=str(event.key))))

    def target(self) -> Target | None:
        """What it was done to, where that belongs to this context."""
        row = self._rows.get(self.table.cursor_key or "")
        return target_of(row.entry, self.look) if row is not None else None

    def copied(self) -> str:
        """Each as one line."""
        return "\n".join(_one_line(self._rows[key].entry) for key in self.marked() if key in self._rows)


def _one_line(entry: Entry) -> str:
    deed = entry.deed
    return f"{deed.at.isoformat(timespec='seconds')} {entry.state} {deed.title} ({deed.operator.login}) {deed.id}"
