"""Logs that are open: where each is from, what is known of it beside its lines, and how it is followed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, Protocol

import msgspec

from console.fleet.failure_causes import telling
from console.fleet.hosts import HostFacts, Leftover
from console.fleet.log_lines import LogGroup, LogMark, Where
from console.fleet.models import JobKey, Phrase, RunnerKey, Step
from console.fleet.signatures import Catalogue
from console.operations.feed_state import FeedState
from console.operations.follow_log import Reading, follow
from console.operations.interfaces import Clock, LogText
from console.operations.sections import sections_of

LINES_WITHOUT_TIME = 200
"""So many lines are gone through to find one that says when it was written."""
FAILED = frozenset({"failure", "timed_out", "startup_failure"})


OWN = "own"
"""The level of a note in our own words: of what GitHub did not send."""


class Note(msgspec.Struct, frozen=True):
    """What GitHub says of a job beside its log (a check-run annotation). A lost runner is only told of here."""

    level: str
    """`failure`, `warning` or `notice`; `OWN`."""
    text: str
    mark: LogMark | None = None
    """When a signature knows it."""


class OpenLog:
    """One log at work. Whoever opened it closes it."""

    fetched: ClassVar[bool] = False
    """All of it is on its way, and then it ends."""

    def __init__(
        self,
        name: Phrase,
        where: Where,
        text: LogText,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        *,
        steps: Sequence[Step] = (),
        notes: Sequence[Note] = (),
        url: str = "",
    ) -> None:
        """`catalogue` is read in a thread, when the first lines have been drawn."""
        self.name = name
        self.where: Where = where
        self.text = text
        self._catalogue = cache(catalogue)
        self.steps = tuple(steps)
        self.notes = tuple(notes)
        self.url = url
        self.host = ""
        """That it comes from; empty: from GitHub, or a file."""
        self.state: FeedState | None = None
        """How its feeding from a host stands; None for a log that is not fed from one."""
        self.sources: tuple[str, ...] = ()
        """Of a merged log, what the logs in it are called."""
        self.closed = False
        self._clock = clock

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogue()

    async def readings(self) -> AsyncIterator[Reading]:
        """As the log is read and as it grows; at most ten a second."""
        catalogue = await asyncio.to_thread(self._catalogue)
        silent_until = None if self.state is None else self.silent_until
        async for reading in follow(self.text, catalogue, self.where, self._clock, silent_until):
            yield reading

    def silent_until(self) -> datetime | None:
        """Until when nothing was written into it beyond what is here; None where nobody knows."""
        return None

    async def sections(self) -> tuple[tuple[Step, LogGroup], ...]:
        """The steps that have lines."""
        return await sections_of(self.text, self.steps)

    def opens_at(self, reading: Reading, sections: Sequence[tuple[Step, LogGroup]]) -> int | None:
        """The line that matters; None where it is not known yet, or where none does more than others.

        Once all that is there has been seen; what comes from a host goes on, so its newest lines matter.
        """
        if self.state is not None and reading.caught_up and reading.extent.lines:
            line = telling_last(reading)
            return reading.extent.lines - 1 if line is None else line
        return beginning(reading, sections) if sections and reading.complete else None

    async def close(self) -> None:
        """What was fetched is gone with it."""
        self.closed = True
        await self.text.close()


class MergedSource(NamedTuple):
    """One log among those that are merged."""

    label: str
    """What it is called there, in few characters; harmless text."""
    opened: OpenLog
    """Whoever opened it closes it; that may be at any time."""


class Logs(Protocol):
    """Opens logs; made by `assemble.py`. Raises `ConsoleError` kinds."""

    async def job(self, key: JobKey) -> OpenLog | None:
        """None: the job has not ended, and until then there is no log of it."""
        ...

    def merged(self, sources: Sequence[MergedSource], at: datetime | None) -> OpenLog:
        """Their lines in the order of their times; it opens at that one."""
        ...


DiagKind = Literal["listener", "worker"]


class Salvaged(msgspec.Struct, frozen=True):
    """What was copied from a host into a local file."""

    path: Path
    files: int
    size: int
    """Bytes."""
    trouble: str = ""
    """What could not be copied, and why; empty: all of it was."""


class HostLogs(Protocol):
    """Opens logs on the hosts of a context. Raises `ConsoleError` kinds, whose hints say what helps.

    A runner is looked for on its host first, which takes a moment; its place is remembered. What is open goes on by
    itself after a lost connection: its `state` says how it stands, and is worth reading once a second.
    """

    async def journal(self, runner: RunnerKey) -> OpenLog:
        """What its service says; on macOS the service's stdout file."""
        ...

    async def diag(self, runner: RunnerKey, which: DiagKind) -> OpenLog:
        """The newest log of its listener, or of its worker, and those that follow."""
        ...

    async def output(self, job: JobKey) -> OpenLog:
        """What a job that is still running has printed, as it lies on its runner's disk."""
        ...

    async def facts(self, runner: RunnerKey, *, anew: bool = False) -> HostFacts:
        """Remembered for half a minute, unless `anew`."""
        ...

    async def authenticate(self, runner: RunnerKey) -> str:
        """Hands the terminal to ssh, which asks there what only a person knows; the name of the runner's host."""
        ...

    async def leftovers(self, runner: RunnerKey) -> tuple[Leftover, ...]:
        """Files of job output that lie there now: those of a running job too."""
        ...

    async def salvage(self, runner: RunnerKey, to: Path) -> Salvaged:
        """Copies them, one after the other, into a new file."""
        ...


def beginning(reading: Reading, sections: Sequence[tuple[Step, LogGroup]]) -> int | None:
    """The line to open a log at: in the first step that failed the first known cause, else what GitHub calls an error.

    Without such a step it is the first known error. None: nothing went wrong as far as the log was read.
    """
    known = [mark.line for mark in reading.marks.values() if mark.severity == "error" and not mark.cleared]
    causes = sorted({*known, *(verdict.match.line for verdict in telling(reading.verdicts))})
    failed = next((group for step, group in sections if step.conclusion in FAILED), None)
    if failed is None:
        return known[0] if known else None
    # GitHub gives times to the second: what a quick step printed may count to the next one that began in it.
    starts = (group.start for _, group in sections)
    end = min((start for start in starts if start > failed.start), default=reading.extent.lines)
    within = [line for line in (*causes, *reading.errors) if failed.start <= line < end]
    return within[0] if within else failed.start


def telling_last(reading: Reading) -> int | None:
    """The line to open a log at that goes on: its last known error that nothing cleared; None where there is none."""
    known = (mark.line for mark in reading.marks.values() if mark.severity == "error" and not mark.cleared)
    return max(known, default=None)


def step_of(sections: Sequence[tuple[Step, LogGroup]], line: int) -> Step | None:
    """The step that wrote that line."""
    return next((step for step, group in reversed(sections) if group.start <= line), None)


def time_of_line(text: LogText, line: int) -> datetime | None:
    """When it was written; where it does not say so, the nearest line before it that does. Reads: for a thread."""
    for first in (line, max(line - LINES_WITHOUT_TIME, 0)):
        lines = text.lines(first, line - first + 1)
        if at := next((each.at for each in reversed(lines) if each.at is not None), None):
            return at
    return None


def moment_in(written: str, near: datetime) -> datetime | None:
    """A time of day as a person types it (`14:32`, `14:32:09`), on the day and in the zone of `near`; or a full one."""
    try:
        return datetime.fromisoformat(written).astimezone(near.tzinfo)
    except ValueError:
        pass
    parts = written.split(":")
    if len(parts) not in {2, 3} or not all(part.isdigit() and len(part) <= 2 for part in parts):
        return None
    hour, minute, second = (*map(int, parts), 0)[:3]
    try:
        return near.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError:
        return None
