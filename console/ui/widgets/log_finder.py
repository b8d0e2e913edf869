"""Finds in a log that may grow, and may be emptied or replaced meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from console.fleet.log_lines import Search
from console.operations.interfaces import LogText

MOST_HITS = 10_000
"""Lines with what was searched for that are listed."""
TELL_EVERY = 0.1


class Place:
    """Where a search is: the byte that it looks at; None while it waits for more."""

    def __init__(self) -> None:
        self.at: int | None = 0

    def __call__(self, at: int | None) -> None:
        """Called from its thread, too."""
        self.at = at


async def next_hit(text: LogText, search: Search, line: int, step: int, place: Place) -> int | None:
    """The nearest line that has it, from that line on or back; after the last comes the first. Raises UsageError."""
    while True:
        anew = text.extent().anew
        found = await text.find(search, line + step, backward=step < 0, told=place)
        if found is None:
            start = 0 if step >= 0 else text.extent().lines - 1
            found = await text.find(search, start, backward=step < 0, told=place)
        if text.extent().anew == anew:
            return found
        line = 0


async def hits_as_it_grows(
    text: LogText, search: Search, grown: asyncio.Event, place: Place
) -> AsyncIterator[Sequence[int]]:
    """The first lines that have it, again and again as there are more of them. Raises UsageError."""
    time = asyncio.get_running_loop().time
    hits: list[int] = []
    anew, looked, told = text.extent().anew, 0, 0.0
    while len(hits) < MOST_HITS:
        grown.clear()
        extent = text.extent()
        if extent.anew != anew:
            hits, anew, looked = [], extent.anew, 0
        async for lines in text.find_all(search, looked, told=place):
            hits += [line for line in lines if not hits or line > hits[-1]]
            if len(hits) >= MOST_HITS or text.extent().anew != anew:
                break
            if lines and time() - told >= TELL_EVERY:
                yield tuple(hits)
                told = time()
        if text.extent().anew != anew:
            continue
        place(None)
        yield tuple(hits[:MOST_HITS])
        # The last line may not have been whole.
        looked = max(extent.lines - 1, 0)
        await grown.wait()
