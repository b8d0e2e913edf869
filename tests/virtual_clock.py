"""A clock that stands still until a test moves it."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta

START = datetime(2026, 11, 21, 2, 55, tzinfo=UTC)


class VirtualClock:
    """`elapsed()` begins at 1,000 s; `advance()` wakes sleepers in order and lets the loop run in between."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._elapsed = 0.0
        self._count = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def wall(self) -> datetime:
        return self._start + timedelta(seconds=self._elapsed)

    def elapsed(self) -> float:
        return 1000.0 + self._elapsed

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._elapsed + seconds, self._count, future))
        await future

    def jump(self, seconds: float) -> None:
        """The machine slept: time has passed, and nobody was woken for it."""
        self._elapsed += seconds

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, for everybody who sleeps."""
        end = self._elapsed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            if not future.done():
                self._elapsed = max(self._elapsed, at)
                future.set_result(None)
                await settle()
        self._elapsed = max(self._elapsed, end)
        await settle()


async def settle() -> None:
    """Let every task that can go on go on."""
    for _ in range(50):
        await asyncio.sleep(0)
