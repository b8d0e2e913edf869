"""Jobs: queued, waiting, in progress and lately finished, those that wait in front."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import chain

from textual import on

from console.fleet.lately import ENDED_WITHIN
from console.fleet.models import JobKey, Phrase, RunKey
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part, Row
from console.ui.job_row import JOB_COLUMNS, STATES, JobRow
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.calm import none_listed
from console.ui.panes.lists import held_run_rows, job_rows, keeping
from console.ui.panes.table_pane import TablePane, dot
from console.ui.widgets.fleet_table import FleetTable

_HOURS = ENDED_WITHIN // timedelta(hours=1)
_ENDED = f"ended ones of the last {_HOURS} h"
_NONE = "No job is queued, waiting or running in the watched repositories, and none has finished lately."
STATE = 1
"""The column that the list is sorted by at first."""


class JobsPane(TablePane[JobKey | RunKey]):
    """Age, labels asked for, reason and takers of each job."""

    heading = "Jobs"
    columns = JOB_COLUMNS
    states = STATES

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[JobKey | RunKey, JobRow] = {}
        self.table.set_order(STATE)

    def rows(self, look: Look) -> Mapping[JobKey | RunKey, Row]:
        """Every job and every run that was not let go, or only those that the place is about."""
        only = self.place.only if self.place is not None else frozenset()
        jobs = [key for key in only if isinstance(key, JobKey)] if only else look.snapshot.jobs
        held = {key: row for key, row in held_run_rows(look).items() if not only or key in only}
        rows: Iterable[tuple[JobKey | RunKey, JobRow]] = chain(job_rows(look, jobs).items(), held.items())
        self._rows = keeping(self._rows, dict(rows))
        return self._rows

    def empty(self, look: Look) -> Phrase:
        """None yet, or none at all."""
        return none_listed(look, "job", ("jobs", "repositories"), _NONE, self.failure)

    def title_parts(self, look: Look) -> list[Part]:
        """Says so when only some are shown, and which of those that ended."""
        parts = super().title_parts(look)
        if self.place is not None and self.place.only:
            return [*parts, Part(f"{dot()}only those of the finding", "accent")]
        return [*parts, Part(f"{dot()}{_ENDED}", "muted")]

    @on(FleetTable.RowChosen)
    def _chosen(self, event: FleetTable.RowChosen) -> None:
        if isinstance(event.key, JobKey):
            self.post_message(Pane.Asked(Place("job", event.key)))
        else:
            self.notify("It has no jobs before somebody lets it start; Y copies its address.", markup=False)

    def trail(self) -> list[Part]:
        """Behind the tabs when one has drilled in."""
        drilled_in = self.place is not None and self.place.only
        return [Part(f" {signs.sign('into')} jobs of the finding", "muted")] if drilled_in else []

    def target(self) -> Target | None:
        """The job under the cursor."""
        return self.table.cursor_key

    def targets(self) -> tuple[Target, ...]:
        """The selected rows, else the one under the cursor."""
        return self.marked()

    def copied(self) -> str:
        """Repository, name and id of each."""
        rows = [self._rows[key] for key in self.marked() if key in self._rows]
        return "\n".join(f"{row.job.repository} {row.job.name} {row.job.id}" for row in rows)

    def url(self) -> str:
        """Of the job under the cursor."""
        row = self._rows.get(self.table.cursor_key) if self.table.cursor_key is not None else None
        return row.job.url if row is not None else ""
