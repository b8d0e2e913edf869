"""Why jobs failed: reads the logs of those that failed lately, a few at a time, and keeps what they say."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import Protocol

import msgspec

from console.errors import ConsoleError, LimitReachedError, NotFoundError, PermissionMissingError
from console.fleet.failure import Failure, failed
from console.fleet.failure_causes import Evidence, Words, why_failed
from console.fleet.lately import ENDED_WITHIN
from console.fleet.models import Annotation, Job, JobKey
from console.fleet.scanner import Scanner
from console.fleet.server import Budget
from console.fleet.signatures import Catalogue
from console.fleet.verdicts import Verdict
from console.operations.facts import Facts
from console.operations.interfaces import Clock
from console.operations.pace import affordable
from console.operations.reading_tasks import ReadingTasks

AT_ONCE = 2
MOST_AT_ONCE = 4
"""Where somebody waits for them."""
AT_FIRST = 10
"""Jobs that are read without a pause in between; then one comes each `ONE_EVERY`."""
ONE_EVERY = 20.0
"""Two requests of GitHub's limit are spent on each: 360 an hour, where jobs fail without end."""
MOST_BYTES = 50_000_000
"""Of one log."""
LONGEST = 60.0
"""Seconds that a log may take."""
AGAIN = (30.0, 120.0, 600.0)
"""A log that could not be read is asked for again: that of a job that has just ended takes a moment."""
MOST_KEPT = 500
LOOK_FOR_WORK = 1.0
_TOO_LITTLE_LEFT = "too little is left of GitHub's limit to read its log"


class LogsOfGitHub(Protocol):
    """What is needed of GitHub here. `own`: the operator waits for it."""

    async def job_log(self, key: JobKey, *, own: bool = True) -> AsyncGenerator[bytes]: ...

    async def annotations(self, key: JobKey, *, own: bool = True) -> tuple[Annotation, ...]: ...

    @property
    def budget(self) -> Budget: ...

    def now(self) -> datetime: ...


class _Again(msgspec.Struct):
    """A job of which not all could be read: how often that was tried, and when it is tried again."""

    times: int = 0
    due: float = 0.0


class Failures:
    """Of one context. A job's log never changes, so that each is read once; `arrived` is told of every news."""

    def __init__(
        self,
        github: LogsOfGitHub,
        catalogue: Callable[[], Catalogue],
        words: Words,
        clock: Clock,
        remembered: Mapping[JobKey, Failure] | None = None,
    ) -> None:
        """`catalogue` reads files: it is called in a thread. `words` makes a line harmless, and hides secrets in it."""
        self.arrived: Callable[[], None] = lambda: None
        self._github = github
        self._catalogue = catalogue
        self._words = words
        self._clock = clock
        self._known: Facts[JobKey, Failure] = Facts()
        self._known.put_all((remembered or {}).items())
        self._running: ReadingTasks[JobKey] = ReadingTasks()
        self._again: dict[JobKey, _Again] = {}
        self._without_notes: set[str] = set()
        self._left, self._counted_at = float(AT_FIRST), clock.elapsed()
        self._looked_at = float("-inf")
        self._loaded: Catalogue | None = None
        self._loading = asyncio.Lock()
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    def frozen(self) -> Mapping[JobKey, Failure]:
        """What is known now; the same object for as long as nothing changes."""
        return self._known.frozen()

    def settled(self) -> dict[JobKey, Failure]:
        """What will not change, to be remembered."""
        return {key: failure for key, failure in self._known.items() if failure.settled and key not in self._again}

    def look_again(self) -> None:
        """The operator may have mended what kept logs from being read."""
        self._without_notes.clear()
        for key in self._again:
            self._known.drop(key)
        self._again.clear()

    def start_due(self, jobs: Callable[[], Iterable[Job]]) -> None:
        """Begin to read the newest of these that are not known yet, as far as the budget goes. Cheap to call often."""
        self._running.collect()
        now = self._clock.elapsed()
        self._left = min(AT_FIRST, self._left + (now - self._counted_at) / ONE_EVERY)
        self._counted_at = now
        room = min(AT_ONCE - len(self._running.under_way), int(self._left))
        if room < 1 or now - self._looked_at < LOOK_FOR_WORK or not affordable(self._github.budget):
            return
        self._looked_at = now
        for job in self._due(jobs())[:room]:
            self._left -= 1
            self._start(job, own=False)

    def want(self, job: Job) -> None:
        """The operator asks why this job failed: it is read at once."""
        busy = self._running.under_way
        if failed(job) and not self._is_known(job) and job.key not in busy:
            self._start(job, own=True)

    async def read(self, jobs: Sequence[Job], within: float) -> None:
        """For a command: these are known afterwards, or it is known why not."""
        for job in jobs:
            if failed(job) and not self._is_known(job):
                if affordable(self._github.budget):
                    self._start(job, own=False)
                else:
                    self._known.put(job.key, Failure(job.attempt, unknown=_TOO_LITTLE_LEFT, settled=False))
        await self._running.wait(within)
        await self.stop()

    async def stop(self) -> None:
        """Give up what is being read."""
        await self._running.stop()

    def _is_known(self, job: Job) -> bool:
        known = self._known.get(job.key)
        return known is not None and known.settled and known.attempt == job.attempt

    def _due(self, jobs: Iterable[Job]) -> list[Job]:
        """Newest first."""
        busy, now = self._running.under_way, self._clock.elapsed()
        since = self._github.now() - ENDED_WITHIN
        ended = [
            (job.completed_at, job)
            for job in jobs
            if failed(job) and job.completed_at is not None and job.completed_at > since and job.key not in busy
        ]
        ended.sort(key=lambda each: each[0], reverse=True)
        return [job for _, job in ended if not self._is_known(job) and self._is_due(job.key, now)]

    def _is_due(self, key: JobKey, now: float) -> bool:
        again = self._again.get(key)
        return again is None or again.due <= now

    def _start(self, job: Job, *, own: bool) -> None:
        self._running.start(job.key, self._read(job, own=own))

    async def _read(self, job: Job, *, own: bool) -> None:
        # Who waits for it keeps its turn.
        async with self._loading:
            if self._loaded is None:
                self._loaded = await asyncio.to_thread(self._catalogue)
        try:
            async with self._room:
                notes = await self._notes(job, self._loaded, own=own)
                log, unread, again = await self._log(job, self._loaded, own=own)
        except LimitReachedError as error:
            self._again.setdefault(job.key, _Again()).due = self._clock.elapsed() + max(error.wait, AGAIN[0])
            return
        failure = why_failed(job, Evidence(log, notes or (), unread, without_notes=notes is None), self._words)
        self._keep(job.key, msgspec.structs.replace(failure, settled=not again or not self._tries_again(job.key)))
        if notes is None and not failure.causes:
            self._again.setdefault(job.key, _Again(len(AGAIN)))
        elif not again:
            self._again.pop(job.key, None)

    def _tries_again(self, key: JobKey) -> bool:
        """Whether a log that could not be read is asked for once more."""
        again = self._again.setdefault(key, _Again())
        if again.times >= len(AGAIN):
            return False
        again.due = self._clock.elapsed() + AGAIN[again.times]
        again.times += 1
        return True

    def _keep(self, key: JobKey, failure: Failure) -> None:
        self._known.put(key, failure)
        for oldest in list(self._known)[: max(len(self._known) - MOST_KEPT, 0)]:
            self._known.drop(oldest)
        self.arrived()

    async def _notes(self, job: Job, catalogue: Catalogue, *, own: bool) -> list[Verdict] | None:
        """What GitHub says beside the log; None: it could not be read. Where the token may not, it is not asked."""
        if job.repository in self._without_notes:
            return None
        try:
            annotations = await self._github.annotations(job.key, own=own)
        except LimitReachedError:
            raise
        except ConsoleError as error:
            if isinstance(error, NotFoundError | PermissionMissingError):
                self._without_notes.add(job.repository)
            return None
        scanner = Scanner(catalogue, "annotation")
        for note in annotations:
            scanner.feed(f"{note.message}\n".encode())
        return scanner.verdicts()

    async def _log(self, job: Job, catalogue: Catalogue, *, own: bool) -> tuple[list[Verdict], str, bool]:
        """What is known in it; why it was not read, or not whole; and whether it is worth another try."""
        if job.runner_id is None and not job.steps:
            return [], "it never ran, and has no log", False
        scanner = await asyncio.to_thread(Scanner, catalogue, "job-log")
        unread, again = "", False
        try:
            async with asyncio.timeout(LONGEST), aclosing(await self._github.job_log(job.key, own=own)) as chunks:
                unread = await _scan(scanner, chunks)
        except LimitReachedError:
            raise
        except TimeoutError:
            unread, again = f"its log did not come within {LONGEST:.0f} s", True
        except ConsoleError as error:
            unread, again = error.message, True
            if isinstance(error, NotFoundError | PermissionMissingError):
                self._again[job.key] = _Again(len(AGAIN))
        await asyncio.to_thread(scanner.end)
        return scanner.verdicts(), unread, again


async def _scan(scanner: Scanner, chunks: AsyncGenerator[bytes]) -> str:
    """Nothing of the text is kept. What is left out of a log that is too long, in words."""
    taken = 0
    async for chunk in chunks:
        await asyncio.to_thread(scanner.feed, chunk)
        taken += len(chunk)
        if taken >= MOST_BYTES:
            return f"only the first {MOST_BYTES // 1_000_000} MB of its log were read"
    return ""
