"""GitHub's own status page, asked slowly beside everything else: where it cannot be read nothing else suffers."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.github_status import GithubStatus
from console.fleet.models import FleetSnapshot, Freshness, Problem
from console.operations.interfaces import Clock, StatusPage
from console.operations.reading_tasks import ReadingTasks

OFTEN = timedelta(minutes=2)
WHILE_WELL = timedelta(minutes=5)
AT_MOST = timedelta(minutes=1)
"""However often somebody wants to know, the page is not asked again sooner."""
PATIENCE = 2.0
"""So long a command waits for the page once all else is known."""


class StatusReader:
    """Of one context. `now` is GitHub's clock."""

    def __init__(self, page: StatusPage, now: Callable[[], datetime], clock: Clock) -> None:
        self.arrived: Callable[[], None] = lambda: None
        self._page = page
        self._now = now
        self._clock = clock
        self._status: GithubStatus | None = None
        self._freshness = Freshness("status", page.place, OFTEN)
        self._asked_at = float("-inf")
        self._running: ReadingTasks[str] = ReadingTasks()

    def seed(self, old: FleetSnapshot) -> None:
        """Start from what was remembered of this page; what was read within `AT_MOST` is not asked for again."""
        known = old.status_page
        if known is None or known.place != self._freshness.place or known.looked_at is None:
            return
        self._status = old.github_status
        self._freshness = replace(known, problem=None, next_try=None)
        age = self._now() - known.looked_at
        if timedelta() <= age < AT_MOST:
            self._asked_at = self._clock.elapsed() - age.total_seconds()

    def with_status(self, snapshot: FleetSnapshot) -> FleetSnapshot:
        """With what the page said last, and how old that is."""
        return replace(snapshot, github_status=self._status, status_page=self._freshness)

    def start_due(self, *, well: bool) -> None:
        """Begin to ask if it is time to. Cheap to call often. `well`: nothing else looks like trouble of GitHub's."""
        self._running.collect()
        every = WHILE_WELL if well and self._all_is_well() else OFTEN
        if self._freshness.every != every:
            self._freshness = replace(self._freshness, every=every)
        if not self._running.under_way and self._clock.elapsed() - self._asked_at >= every.total_seconds():
            self._start()

    def look_again(self) -> None:
        """The operator wants to know now."""
        if not self._running.under_way and self._clock.elapsed() - self._asked_at >= AT_MOST.total_seconds():
            self._start()

    async def answer(self) -> None:
        """For a command: what was asked has been answered afterwards, or it has waited long enough."""
        await self._running.wait(PATIENCE)

    async def stop(self) -> None:
        """Give up what is being asked."""
        await self._running.stop()

    def _all_is_well(self) -> bool:
        status = self._status
        return status is not None and self._freshness.problem is None and not (status.troubled or status.incidents)

    def _start(self) -> None:
        self._asked_at = self._clock.elapsed()
        self._running.start(self._freshness.place, self._read())

    async def _read(self) -> None:
        began = self._now()
        try:
            self._status = await self._page.status()
        except ConsoleError as error:
            old = self._freshness.problem
            problem = Problem(error.kind, error.message, error.hint, old.since if old is not None else self._now())
            self._freshness = replace(self._freshness, problem=problem, next_try=began + OFTEN)
        else:
            self._freshness = replace(self._freshness, looked_at=began, problem=None, next_try=None)
        self.arrived()
