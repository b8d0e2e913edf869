"""A clock that stands still until a test moves it."""

import asyncio
import asyncio.base_events
import heapq
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 11, 21, 2, 55, tzinfo=UTC)
_STUCK = 60.0
"""Seconds after which a thread is taken for one that the test itself holds up."""
_in_threads: set[asyncio.Future[Any]] = set()
_begin = asyncio.base_events.BaseEventLoop.run_in_executor


def _begin_and_note(
    loop: asyncio.BaseEventLoop, executor: Executor | None, work: Callable[..., Any], *given: Any
) -> asyncio.Future[Any]:
    begun = _begin(loop, executor, work, *given)
    _in_threads.add(begun)
    begun.add_done_callback(_in_threads.discard)
    return begun


# Otherwise time would pass while a thread computes, and more of it the busier the machine is.
asyncio.base_events.BaseEventLoop.run_in_executor = _begin_and_note  # type: ignore[assignment,method-assign]


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
    """Let every task that can go on go on, those too that wait for what a thread computes."""
    await turns()
    await threads()


async def threads() -> None:
    """Until nothing is computed in a thread any more, and who waited for it has gone on."""
    while at_work := {each for each in _in_threads if each.get_loop() is asyncio.get_running_loop()}:
        done, stuck = await asyncio.wait(at_work, timeout=_STUCK, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            _in_threads.difference_update(stuck)
        await turns()


async def turns() -> None:
    """Every task that can go on goes on, without what a thread computes."""
    for _ in range(50):
        await asyncio.sleep(0)
