"""How a log on a runner's host comes onto the screen: its service's journal, `_diag`, the output of a running job."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from console.errors import ConsoleError, UsageError
from console.fleet.findings import one_by_one
from console.fleet.models import Job, JobKey, RunnerKey
from console.fleet.words import several, size_in_words
from console.operations.connection import Connection
from console.ui.log_places import LogPlacesScreen
from console.ui.log_sources import JobOutput, OnRunner, RunnerLog

if TYPE_CHECKING:
    from console.ui.panes.runner import RunnerPane


class HostPlacesScreen(LogPlacesScreen):
    """Opens what lies on the hosts of runners."""

    def show_place(self) -> None:
        """Of a runner that is shown, its host is asked."""
        super().show_place()
        place = self.pane.place
        if self.connection is None or place is None or place.pane != "runner":
            return
        from console.ui.panes.runner import RunnerPane  # the first paint does not wait for it

        if isinstance(self.pane, RunnerPane) and self.pane.key is not None:
            asking = self._ask_host(self.connection, self.pane, self.pane.key)
            self.run_worker(asking, name="host facts", group="host facts", exclusive=True, exit_on_error=False)

    async def _ask_host(self, connection: Connection, pane: "RunnerPane", runner: RunnerKey) -> None:
        from console.ui.host_facts import HostAnswer

        if pane.host is None or pane.host.runner != runner:
            pane.host = HostAnswer(runner)
        try:
            pane.host = HostAnswer(runner, facts=await connection.host_logs.facts(runner))
        except ConsoleError as error:
            pane.host = HostAnswer(runner, trouble=error)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        match action:
            case "log":
                return self.job_in_view() is not None and self.pane is not self.logs
            case "runner_log" | "diag":
                return self._has_runner()
            case "output":
                job = self._job()
                return job is not None and job.status == "in_progress"
        return super().check_action(action, parameters)

    def _job(self) -> Job | None:
        key = self.job_in_view()
        return self.look.snapshot.jobs.get(key) if self.look is not None and key is not None else None

    def _has_runner(self) -> bool:
        """As far as that can be said without a search."""
        if isinstance(self.pane.target(), RunnerKey):
            return True
        job = self._job()
        return job is not None and (bool(job.runner_name) or self._suspect(job.key) is not None)

    def runner_in_view(self) -> RunnerKey | None:
        """The runner that the line under the cursor is about; for a job, who has it, had it or may be to blame."""
        target = self.pane.target()
        if isinstance(target, JobKey) and self.look is not None:
            from console.fleet.at_work import runner_of  # the first paint does not wait for it

            return runner_of(self.look.snapshot, target) or self._suspect(target)
        return target if isinstance(target, RunnerKey) else None

    def _suspect(self, job: JobKey) -> RunnerKey | None:
        """Of a job that waits, a runner whose logs may tell why."""
        look = self.look
        if look is None or job not in look.reasons:
            return None
        finding = next((each for each in one_by_one(look.findings) if job in each.jobs), None)
        return None if finding is None else next(iter(finding.runners), finding.suspect)

    def action_runner_log(self, kind: OnRunner) -> None:
        """`L`, and `D`."""
        runner = self.runner_in_view()
        if runner is not None:
            self.open_log(RunnerLog(kind, runner))
        elif self.pane.target() is not None:
            self.notify("No runner that is listed has this job.", severity="warning", markup=False)

    def action_diag(self) -> None:
        """`D`."""
        job = self._job()
        ran = isinstance(self.pane.target(), JobKey) and not (job is not None and job.queued)
        self.action_runner_log("worker" if ran else "listener")

    def action_output(self) -> None:
        """`O`."""
        job = self.job_in_view()
        if job is not None:
            self.open_log(JobOutput(job))
        elif self.pane.target() is not None:
            self.notify("It has no job of a watched repository now.", severity="warning", markup=False)

    def action_authenticate(self) -> None:
        """`A`."""
        runner, connection = self.runner_in_view(), self.connection
        if runner is not None and connection is not None:
            asking = self._authenticate(connection, runner)
            self.run_worker(asking, name="authenticate", group="authenticate", exclusive=True, exit_on_error=False)

    async def _authenticate(self, connection: Connection, runner: RunnerKey) -> None:
        """Nothing is drawn meanwhile: the terminal is ssh's."""
        with self.app.suspend(), self.app.batch_update():
            # What is raised in here would leave the screen to ssh for ever.
            asking = asyncio.create_task(connection.host_logs.authenticate(runner))
            await asyncio.wait([asking])
        try:
            host = asking.result()
        except ConsoleError as error:
            self.notify(f"{error.message}. {error.hint}".strip(), severity="warning", markup=False)
            return
        self.notify(f"ssh is let into {host} until the console ends.", markup=False)
        self.show_place()
        self.ask_again()

    def salvage(self, words: str) -> None:
        """`:salvage RUNNER`: what a crashed worker left behind, into a file of its own in the home directory."""
        runner = self.runner_called(words)
        if self.connection is None:
            raise UsageError("No context is open yet.")
        saving = self._salvage(self.connection, runner)
        self.run_worker(saving, name="salvage", group="salvage", exit_on_error=False)

    async def _salvage(self, connection: Connection, runner: RunnerKey) -> None:
        to = Path.home() / f"job-output-{runner.id}-{self._now():%Y%m%d-%H%M%S}.log"
        try:
            saved = await connection.host_logs.salvage(runner, to)
        except ConsoleError as error:
            self.notify(f"{error.message}. {error.hint}".strip(), severity="warning", markup=False)
            return
        trouble = f"\nNot all of it: {saved.trouble}" if saved.trouble else ""
        what = several(saved.files, "file")
        # The path has a line of its own: it is copied from there.
        self.notify(f"{what}, {size_in_words(saved.size)}, copied to\n{saved.path}{trouble}", markup=False)

    def show_output(self, words: str) -> None:
        """`:output JOB`."""
        self.open_log(JobOutput(self.job_called(words, "O")))

    def show_host_log(self, kind: OnRunner, words: str) -> None:
        """`:journal RUNNER` and its like, named as for `explain`."""
        self.open_log(RunnerLog(kind, self.runner_called(words)))

    def runner_called(self, words: str) -> RunnerKey:
        """Raises UsageError unless it is one runner."""
        if self.look is None:
            raise UsageError("Nothing has been looked at yet.")
        from console.fleet.lookup import find, nearest  # the first paint does not wait for it

        snapshot = self.look.snapshot
        keys = [key for key in find(snapshot, words) if isinstance(key, RunnerKey)]
        if not keys:
            close = [name for name in nearest(snapshot, words) if " " not in name]
            raise UsageError(f'No runner is called "{words}".', f"Nearest: {close[0]}" if close else "")
        if len(keys) > 1:
            raise UsageError(f"{several(len(keys), 'runner')} may be meant.", "Write the id of one, or press L on it.")
        return keys[0]
