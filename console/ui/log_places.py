"""How a log comes onto the screen: asked of the open context, fetched, and shown where logs are."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime

from textual import on
from textual.reactive import var
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError, UsageError
from console.fleet.models import JobKey, RunnerKey
from console.fleet.words import several
from console.operations.connection import Connection
from console.operations.look import Look
from console.ui.copy_places import CopyPlacesScreen
from console.ui.log_sources import LogKey, opener, target_of
from console.ui.panes.base import Place
from console.ui.panes.logs import LogsPane
from console.ui.trouble import told

SOON = 0.05
"""Seconds in which nobody misses to be told that a host is being asked."""


class LogPlacesScreen(CopyPlacesScreen):
    """Opens the logs of jobs."""

    look: var[Look | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    @property
    def logs(self) -> LogsPane | None:
        """The pane, once it is there."""
        pane = self.panes.get("logs")
        return pane if isinstance(pane, LogsPane) else None

    def job_in_view(self) -> JobKey | None:
        """The job that the line under the cursor is about; for a runner, the job it has."""
        target = self.pane.target()
        if isinstance(target, RunnerKey) and self.look is not None:
            from console.fleet.at_work import job_at_work  # the first paint does not wait for it

            job = job_at_work(self.look.snapshot, target)
            return job.key if job is not None else None
        return target if isinstance(target, JobKey) else None

    def action_log(self) -> None:
        """`l`."""
        key = self.job_in_view()
        if key is not None:
            self.open_log(key)

    def show_log(self, words: str) -> None:
        """`:logs JOB`, named as for `explain`; UsageError unless it is one job."""
        self.open_log(self.job_called(words, "l"))

    def job_called(self, words: str, letter: str) -> JobKey:
        """Raises UsageError unless it is one job; then the key of that letter is the other way."""
        if self.look is None:
            raise UsageError("Nothing has been looked at yet.")
        from console.fleet.lookup import find, nearest  # the first paint does not wait for it

        snapshot = self.look.snapshot
        keys = [key for key in find(snapshot, words) if isinstance(key, JobKey)]
        if not keys:
            close = [name for name in nearest(snapshot, words) if " " in name]
            raise UsageError(f'No job is called "{words}".', f"Nearest: {close[0]}" if close else "")
        if len(keys) > 1:
            raise UsageError(
                f"{several(len(keys), 'job')} may be meant.", f"Write the id of one, or press {letter} on it in Jobs."
            )
        return keys[0]

    def open_log(self, key: LogKey) -> None:
        """Show that log: fetch it unless it is open already."""
        logs, connection = self.logs, self.connection
        if logs is None or connection is None:
            self.notify("No context is open yet.", severity="warning", markup=False)
            return
        if self.pane is not logs:
            self.leave_for([*self.trail_here, Place("logs", target_of(key))])
        if not logs.has(key):
            logs.fetching(key)
            self._start(connection, key, logs)

    def ask_again(self) -> None:
        """What could not be opened is asked for again."""
        logs, connection = self.logs, self.connection
        if logs is not None and connection is not None and self.pane is logs and logs.refused_key is not None:
            key = logs.refused_key
            logs.fetching(key)
            self._start(connection, key, logs)

    def _start(self, connection: Connection, key: LogKey, logs: LogsPane) -> None:
        opening = self._open(connection, key, logs)
        self.run_worker(opening, name="log", group="open log", exclusive=True, exit_on_error=False)

    async def _open(self, connection: Connection, key: LogKey, logs: LogsPane) -> None:
        if not isinstance(key, JobKey):
            with self._held():
                panel = await logs.add(await opener(key)(connection.host_logs), key, self._now())
                with suppress(TimeoutError):
                    await asyncio.wait_for(panel.begun.wait(), SOON)
            return
        opened = await connection.logs.job(key)
        if opened is None:
            logs.wait_for(key)
        else:
            await logs.add(opened, key, self._now())

    @contextmanager
    def _held(self) -> Iterator[None]:
        """What comes at once is painted at once, and not first that it is asked for, nor an empty log."""
        with ExitStack() as held:
            held.enter_context(self.app.batch_update())
            soon = self.set_timer(SOON, held.close)
            try:
                yield
            finally:
                soon.stop()

    def _now(self) -> datetime:
        return self.now or datetime.now(UTC)

    @on(Worker.StateChanged)
    def _log_worker_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group != "open log" or event.state is not WorkerState.ERROR or event.worker.error is None:
            return
        error = told(event.worker.error)
        if self.logs is not None:
            self.logs.refused(error)

    @on(LogsPane.Ended)
    def _job_ended(self, event: LogsPane.Ended) -> None:
        logs, connection = self.logs, self.connection
        if logs is not None and connection is not None:
            logs.fetching(event.key)
            self._start(connection, event.key, logs)

    @on(LogsPane.Sighted)
    def _sighted(self, event: LogsPane.Sighted) -> None:
        if self.connection is not None:
            self.connection.watch.note_sightings(event.sightings)

    @on(LogsPane.MergeAsked)
    async def _merge(self, event: LogsPane.MergeAsked) -> None:
        logs, connection = self.logs, self.connection
        if logs is None or connection is None:
            return
        try:
            opened = connection.logs.merged(event.sources, event.at)
        except ConsoleError as error:
            self.notify(f"{error.message} {error.hint}".strip(), severity="warning", markup=False)
        else:
            await logs.add_merged(opened, self._now())

    @on(LogsPane.FullScreen)
    def _full_screen(self) -> None:
        self.toggle_class("-full")

    def action_back(self) -> None:
        """Escape: first the full screen goes."""
        if self.has_class("-full"):
            self.remove_class("-full")
        else:
            super().action_back()

    def show_place(self) -> None:
        """Nothing but logs is full screen."""
        super().show_place()
        if self.pane is not self.logs:
            self.remove_class("-full")

    def start_anew(self) -> None:
        """Of another context no log is waited for."""
        self.workers.cancel_group(self, "open log")
        if self.logs is not None:
            self.logs.wait_no_longer()
        super().start_anew()
