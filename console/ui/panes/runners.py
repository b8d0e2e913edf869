"""Runners: every runner of the context, those that idle while jobs wait in front."""

from collections.abc import Mapping

from textual import on

from console.fleet.models import Phrase, RunnerKey
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part, Row
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.calm import none_listed
from console.ui.panes.lists import keeping, runner_rows
from console.ui.panes.table_pane import TablePane, dot
from console.ui.runner_row import RUNNER_COLUMNS, STATES, RunnerRow
from console.ui.widgets.fleet_table import FleetTable

STATE = 1
"""The column that the list is sorted by at first."""


class RunnersPane(TablePane[RunnerKey]):
    """State, job, age and labels of each runner."""

    heading = "Runners"
    columns = RUNNER_COLUMNS
    states = STATES

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[RunnerKey, RunnerRow] = {}
        self.table.set_order(STATE)

    def rows(self, look: Look) -> Mapping[RunnerKey, Row]:
        """One for each runner, or only for those that the place is about."""
        keys = [key for key in self._only if key in look.snapshot.runners] if self._only else look.snapshot.runners
        self._rows = keeping(self._rows, runner_rows(look, keys, self._rows))
        return self._rows

    def empty(self, look: Look) -> Phrase:
        """None yet, or none at all."""
        return none_listed(look, "runner", ("runners",), "No runner is registered in these scopes.", self.failure)

    @property
    def _only(self) -> list[RunnerKey]:
        """What the place is about; empty: about all."""
        return [key for key in self.place.only if isinstance(key, RunnerKey)] if self.place is not None else []

    def title_parts(self, look: Look) -> list[Part]:
        """Says so when only some are shown."""
        parts = super().title_parts(look)
        return [*parts, Part(f"{dot()}only those of the finding", "accent")] if self._only else parts

    def trail(self) -> list[Part]:
        """Behind the tabs when one has drilled in."""
        return [Part(f" {signs.sign('into')} runners of the finding", "muted")] if self._only else []

    @on(FleetTable.RowChosen)
    def _chosen(self, event: FleetTable.RowChosen) -> None:
        self.post_message(Pane.Asked(Place("runner", event.key)))

    def target(self) -> Target | None:
        """The runner under the cursor."""
        return self.table.cursor_key

    def targets(self) -> tuple[Target, ...]:
        """The selected rows, else the one under the cursor."""
        return self.marked()

    def copied(self) -> str:
        """Names."""
        return "\n".join(self._rows[key].runner.name for key in self.marked() if key in self._rows)
