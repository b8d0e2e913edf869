"""What is being read just now, each in a task of its own."""

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class ReadingTasks(Generic[K]):
    """By what each is about."""

    def __init__(self) -> None:
        self._running: dict[asyncio.Task[None], K] = {}

    def start(self, key: K, reading: Coroutine[None, None, None]) -> None:
        """Begin it, whatever else is read."""
        self._running[asyncio.create_task(reading)] = key

    @property
    def under_way(self) -> set[K]:
        """What is being read."""
        return set(self._running.values())

    def collect(self) -> None:
        """Forget those that ended. What one of them raised is a fault of ours, and is raised here."""
        for task in [task for task in self._running if task.done()]:
            del self._running[task]
            task.result()

    async def wait(self, within: float) -> None:
        """Until all have ended, but no longer than so many seconds."""
        if self._running:
            await asyncio.wait(self._running, timeout=within)
        self.collect()

    async def stop(self) -> None:
        """Give up what is being read."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running.clear()
