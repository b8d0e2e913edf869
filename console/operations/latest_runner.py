"""The newest version of the runner, asked for a few times a day: where it cannot be read nothing else suffers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.models import Scope
from console.fleet.server import Budget
from console.fleet.versions import FLOOR, RunnerRelease, version_of
from console.operations.interfaces import Clock
from console.operations.pace import affordable
from console.operations.reading_tasks import ReadingTasks

EVERY = timedelta(hours=4)
MOST_VERSIONS = 6
"""Of a fleet: so many are asked about."""
AGAIN = timedelta(minutes=15)
"""After it could not be read."""


class KnowsLatestRunner(Protocol):
    """What is needed of GitHub's answers here."""

    async def latest_runner(self, scopes: Sequence[Scope]) -> RunnerRelease: ...

    async def version_ends(self, scopes: Sequence[Scope], versions: Sequence[str]) -> Mapping[str, datetime]: ...


class LatestRunner:
    """Of one context. `known` is what was read last, however long ago: a newer one may be out since."""

    def __init__(
        self, github: KnowsLatestRunner, scopes: Sequence[Scope], budget: Callable[[], Budget], clock: Clock
    ) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self.known: RunnerRelease | None = None
        self.in_use: Callable[[], Iterable[str]] = tuple
        """The versions of the fleet."""
        self._github = github
        self._scopes = scopes
        self._budget = budget
        self._clock = clock
        self._due = float("-inf")
        self._running: ReadingTasks[str] = ReadingTasks()

    def seed(self, release: RunnerRelease, age: timedelta) -> None:
        """Start from what was remembered; it is asked for again when it would have been."""
        self.known = release
        self._due = self._clock.elapsed() + (EVERY - max(age, timedelta())).total_seconds()

    def start_due(self) -> None:
        """Begin to ask if it is time to. Cheap to call often."""
        self._running.collect()
        if not self._running.under_way and self._clock.elapsed() >= self._due and affordable(self._budget()):
            self._due = self._clock.elapsed() + AGAIN.total_seconds()
            self._running.start("latest runner", self._read())

    async def answer(self, within: float) -> None:
        """For a command: what was asked has been answered afterwards, or it has waited long enough."""
        await self._running.wait(within)

    async def stop(self) -> None:
        """Give up what is being asked."""
        await self._running.stop()

    async def _read(self) -> None:
        """What is newest counts even where until when others get jobs could not be read: that is asked for again."""
        try:
            found = await self._github.latest_runner(self._scopes)
            self.known = replace(found, ends=self.known.ends if self.known is not None else {})
            if self._scopes:
                ends = await self._github.version_ends(self._scopes, self._older(found.version))
                self.known = replace(found, ends=ends)
            self._due = self._clock.elapsed() + EVERY.total_seconds()
        except ConsoleError:
            return
        finally:
            self.arrived()

    def _older(self, newest: str) -> list[str]:
        """A few: of those below the floor there is nothing to ask."""
        known = {text: version for text in self.in_use() if (version := version_of(text)) is not None}
        latest = version_of(newest)
        older = [str(each) for each in known.values() if latest is not None and FLOOR <= each < latest]
        return sorted(set(older), key=lambda text: version_of(text) or FLOOR)[-MOST_VERSIONS:]
