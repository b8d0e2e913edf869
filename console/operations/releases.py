"""The releases of repositories that release: asked for slowly, and once more after a run that may have written one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from console.errors import ConsoleError, LimitReachedError
from console.fleet.release import Release, Releases
from console.fleet.releases import SETTLED_AFTER, releasing
from console.fleet.server import Budget
from console.operations.interfaces import Clock
from console.operations.known import Known
from console.operations.pace import affordable
from console.operations.reading_tasks import ReadingTasks

EVERY = 300.0
"""Somebody may publish a draft by hand."""
MOST = 10
"""Repositories whose releases are asked for, those that released last: one request each."""
LOOK_FOR_WORK = 5.0


class ReleasesOfGitHub(Protocol):
    """What is needed of GitHub here."""

    async def releases(self, repository: str) -> tuple[Release, ...]: ...

    @property
    def budget(self) -> Budget: ...

    def now(self) -> datetime: ...


class ReleaseReader:
    """Of one context. What cannot be read is unknown, and why; it is no trouble of the fleet."""

    def __init__(self, github: ReleasesOfGitHub, clock: Clock) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self._github = github
        self._clock = clock
        self._read_at: dict[str, float] = {}
        self._looked_at = float("-inf")
        self._running: ReadingTasks[str] = ReadingTasks()

    def start_due(self, known: Known) -> None:
        """Begin to read what is due. Cheap to call often."""
        now = self._clock.elapsed()
        self._running.collect()
        busy = self._running.under_way or now - self._looked_at < LOOK_FOR_WORK
        if busy or not affordable(self._github.budget):
            return
        self._looked_at = now
        due = self._due(known)
        if due:
            self._running.start("releases", self._read(due, known))

    async def read(self, known: Known) -> None:
        """For a command: everything that is due is known afterwards, or why not."""
        if affordable(self._github.budget):
            await self._read(self._due(known), known)

    async def stop(self) -> None:
        """Give up what is being read."""
        await self._running.stop()

    def _due(self, known: Known) -> list[str]:
        happened = releasing(run for _, run in known.runs.items())
        newest = sorted(happened, key=lambda name: happened[name], reverse=True)[:MOST]
        for name in known.releases.keys() - set(newest):
            known.releases.drop(name)
        return [name for name in newest if self._is_due(name, happened, known.releases.frozen())]

    def _is_due(self, name: str, happened: Mapping[str, datetime], read: Mapping[str, Releases]) -> bool:
        """Now and then; and once when everything that may have written a release has settled."""
        if name not in read or self._clock.elapsed() - self._read_at[name] >= EVERY:
            return True
        settled = happened[name] + SETTLED_AFTER
        return read[name].looked_at < settled <= self._github.now()

    async def _read(self, names: list[str], known: Known) -> None:
        for name in names:
            at = self._github.now()
            self._read_at[name] = self._clock.elapsed()
            try:
                found = Releases(at, await self._github.releases(name))
            except LimitReachedError:
                return
            except ConsoleError as error:
                found = Releases(at, unread=error.message)
            known.releases.put(name, found)
            self.arrived()
