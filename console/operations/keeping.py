"""What an open context remembers while it is at work, and at its end: its fleet, and what it has used of the limits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from console.operations.remember import Memory
from console.operations.watch import Watch

KIND = "limits"
SAVE_EVERY = 60.0
SHARE_EVERY = 3.0


class SpendsLimits(Protocol):
    """What knows how much of GitHub's limits this process has used."""

    def spent(self) -> Callable[[bytes | None], bytes]:
        """What was used since the last call, as a change to what all processes keep of it."""
        ...

    def adopt(self, kept: bytes) -> None:
        """Go on from what all processes have used."""
        ...


async def share_limits(github: SpendsLimits, memory: Memory, api_url: str) -> None:
    """GitHub counts the requests of all processes together: tell the others of ours, and go on from theirs."""
    kept = await asyncio.to_thread(memory.exchange, api_url, github.spent(), KIND)
    if kept is not None:
        github.adopt(kept)


class Keeping:
    """Keeps in the background until it is stopped."""

    def __init__(self, watch: Watch, github: SpendsLimits, memory: Memory, api_url: str) -> None:
        self._watch = watch
        self._github = github
        self._memory = memory
        self._api_url = api_url
        self._tasks = (
            asyncio.create_task(_now_and_then(SAVE_EVERY, self._save)),
            asyncio.create_task(_now_and_then(SHARE_EVERY, self._share)),
        )

    async def stop(self) -> None:
        """Once more, and then no more. What one of the tasks raised is a fault of ours, and is raised here."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._share()
        await self._save()
        for fault in ended:
            if isinstance(fault, Exception):
                raise fault

    async def _save(self) -> None:
        snapshot = self._watch.facts()
        if snapshot.whole:
            await asyncio.to_thread(self._memory.keep, snapshot, self._api_url)
            await asyncio.to_thread(self._memory.keep_failures, snapshot.context, self._watch.settled_failures())
            await self._watch.annals.save()

    async def _share(self) -> None:
        await share_limits(self._github, self._memory, self._api_url)


async def _now_and_then(seconds: float, do: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        await do()
