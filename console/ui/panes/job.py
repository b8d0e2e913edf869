"""One job: its facts and its steps."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual import on

from console.fleet.at_work import runner_of
from console.fleet.models import Job, JobKey, Phrase
from console.operations.look import Look
from console.ui.columns import Part, Row
from console.ui.job_row import STEP_COLUMNS, step_row
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.facts import job_facts
from console.ui.panes.lists import job_rows, keeping
from console.ui.panes.one import OneThingPane
from console.ui.widgets.fact_lines import FactLine
from console.ui.widgets.fleet_table import FleetTable


class JobPane(OneThingPane[int]):
    """Facts above, steps below."""

    heading = "Steps"
    columns = STEP_COLUMNS
    gone = "This job is no longer among those that are queued, running or lately finished."

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[int, Row] = {}

    @property
    def key(self) -> JobKey | None:
        """The job that this is about."""
        target = self.place.target if self.place is not None else None
        return target if isinstance(target, JobKey) else None

    def _job(self) -> Job | None:
        return self.look.snapshot.jobs.get(self.key) if self.look is not None and self.key is not None else None

    def facts(self, look: Look, now: datetime) -> Sequence[FactLine]:
        """Of the job."""
        row = job_rows(look, [self.key]).get(self.key) if self.key is not None else None
        return job_facts(row, look, now) if row is not None else ()

    def rows(self, look: Look) -> Mapping[int, Row]:
        """One for each step."""
        job = self._job()
        self._rows = keeping(self._rows, {step.number: step_row(step) for step in job.steps} if job is not None else {})
        return self._rows

    def empty(self, look: Look) -> Phrase:
        """GitHub lists steps only once a runner has begun."""
        return ("It has no steps yet: GitHub lists them once a runner has begun.",)

    def called(self) -> Sequence[Part]:
        """Repository and name."""
        job = self._job()
        return [Part(job.repository, "foreign"), Part(" "), Part(job.name, "foreign")] if job is not None else ()

    @on(FleetTable.RowChosen)
    def _chosen(self) -> None:
        """A step leads nowhere yet; its job leads to the runner that has it."""
        if self.key is None or self.look is None:
            return
        key = runner_of(self.look.snapshot, self.key)
        if key is not None:
            self.post_message(Pane.Asked(Place("runner", key)))

    def target(self) -> Target | None:
        """The job itself."""
        return self.key

    def copied(self) -> str:
        """Repository, name and id."""
        job = self._job()
        return f"{job.repository} {job.name} {job.id}" if job is not None else ""

    def url(self) -> str:
        """Of the job."""
        job = self._job()
        return job.url if job is not None else ""
