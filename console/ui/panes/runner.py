"""One runner: its facts, the job it runs, the jobs that wait for it, and those it finished lately."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from textual import on
from textual.reactive import var

from console.fleet.at_work import ran_by
from console.fleet.findings import one_by_one
from console.fleet.models import JobKey, Phrase, Runner, RunnerKey
from console.operations.look import Look
from console.ui.columns import Part, Row
from console.ui.host_facts import HostAnswer, host_lines
from console.ui.job_row import JOB_COLUMNS, STATES, JobRow
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.facts import runner_facts
from console.ui.panes.lists import job_rows, keeping, runner_rows
from console.ui.panes.one import OneThingPane
from console.ui.widgets.fact_lines import FactLine
from console.ui.widgets.fleet_table import FleetTable


class RunnerPane(OneThingPane[JobKey]):
    """Facts above, its jobs below."""

    heading = "Its jobs"
    columns = JOB_COLUMNS
    states = STATES
    gone = "GitHub no longer lists this runner."

    host: var[HostAnswer | None] = var(None, init=False)
    """What its host said, or is asked."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: Mapping[JobKey, JobRow] = {}

    def watch_host(self) -> None:
        self.watch_look()

    @property
    def key(self) -> RunnerKey | None:
        """The runner that this is about."""
        target = self.place.target if self.place is not None else None
        return target if isinstance(target, RunnerKey) else None

    def facts(self, look: Look, now: datetime) -> Sequence[FactLine]:
        """Of the runner."""
        row = runner_rows(look, [self.key]).get(self.key) if self.key is not None else None
        if row is None:
            return ()
        mine = self.host is not None and self.host.runner == self.key
        return [*runner_facts(row, look, now), *(host_lines(self.host, now) if self.host is not None and mine else ())]

    def rows(self, look: Look) -> Mapping[JobKey, Row]:
        """Running, waiting for it, finished."""
        self._rows = keeping(self._rows, job_rows(look, self._jobs(look)))
        return self._rows

    def _jobs(self, look: Look) -> Iterable[JobKey]:
        key = self.key
        runner = look.snapshot.runners.get(key) if key is not None else None
        if key is None or runner is None:
            return []
        waits = [job for finding in one_by_one(look.findings) if key in finding.runners for job in finding.jobs]
        return [*waits, *(job.key for job in look.snapshot.jobs.values() if ran_by(job, runner))]

    def empty(self, look: Look) -> Phrase:
        """No job of a watched repository."""
        return ("It runs no job of a watched repository, finished none lately, and none waits for it alone.",)

    def _runner(self) -> Runner | None:
        if self.look is None or self.key is None:
            return None
        return self.look.snapshot.runners.get(self.key)

    def called(self) -> Sequence[Part]:
        """Its name."""
        runner = self._runner()
        return [Part(runner.name, "foreign")] if runner is not None else ()

    @on(FleetTable.RowChosen)
    def _chosen(self, event: FleetTable.RowChosen) -> None:
        self.post_message(Pane.Asked(Place("job", event.key)))

    def target(self) -> Target | None:
        """The runner itself."""
        return self.key

    def targets(self) -> tuple[Target, ...]:
        """The jobs that are selected, else the runner itself."""
        return self.table.selected_keys or super().targets()

    def copied(self) -> str:
        """Its name."""
        runner = self._runner()
        return runner.name if runner is not None else ""
