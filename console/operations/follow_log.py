"""Follows a log: how much of it is there, what the signatures know of it, and what can be folded."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime

import msgspec

from console.fleet.log_lines import LogExtent, LogGroup, LogMark, Where
from console.fleet.log_markers import Markers
from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue
from console.fleet.verdicts import Verdict
from console.operations.interfaces import Clock, LogText

TELL_EVERY = 0.1
"""Seconds between two readings: more often than that nobody reads, and the screen has other work."""
JUDGE_EVERY = 2.0
"""Seconds after which silence is judged anew, while something must still follow."""


class Reading(msgspec.Struct, frozen=True):
    """A log as far as it has been read."""

    extent: LogExtent
    scanned: int = 0
    """Bytes that the signatures have seen."""
    verdicts: tuple[Verdict, ...] = ()
    """In the order of the lines; of a signature that is found very often, only the first."""
    counts: Mapping[str, int] = {}
    """How often each signature was found, by id."""
    marks: Mapping[int, LogMark] = {}
    """By line, in their order."""
    groups: tuple[LogGroup, ...] = ()
    errors: tuple[int, ...] = ()
    """Lines that GitHub calls errors, known or not."""

    @property
    def caught_up(self) -> bool:
        """All that is there has been seen."""
        return self.extent.counted and self.scanned >= self.extent.size

    @property
    def complete(self) -> bool:
        """All of it has been seen, and nothing more comes."""
        return self.extent.ended and self.caught_up


async def follow(
    text: LogText,
    catalogue: Catalogue,
    where: Where,
    clock: Clock,
    silent_until: Callable[[], datetime | None] | None = None,
) -> AsyncIterator[Reading]:
    """Readings as the log is read and as it grows, until it has ended. What computes runs in a thread.

    `silent_until`, of a log that is written just now: until when nothing more was written; None where nobody knows.
    """
    sight = await asyncio.to_thread(_Sight, text, catalogue, where)
    while True:
        extent = await (text.grown() if silent_until is None or not sight.awaits else _grown(text, clock))
        if extent.anew != sight.anew:
            sight = await asyncio.to_thread(_Sight, text, catalogue, where)
        while await asyncio.to_thread(sight.take, clock):
            yield await asyncio.to_thread(sight.reading)
        silent = silent_until() if silent_until is not None else None
        reading = await asyncio.to_thread(sight.reading, silent)
        if reading.complete:
            await asyncio.to_thread(sight.end)
            yield await asyncio.to_thread(sight.reading, silent)
            return
        yield reading
        await clock.sleep(TELL_EVERY)


async def _grown(text: LogText, clock: Clock) -> LogExtent:
    """It has, or it has said nothing for a while."""
    tasks = asyncio.ensure_future(text.grown()), asyncio.ensure_future(clock.sleep(JUDGE_EVERY))
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return text.extent()


class _Sight:
    """What has been seen of one log."""

    def __init__(self, text: LogText, catalogue: Catalogue, where: Where) -> None:
        self._text = text
        self._scanner = Scanner(catalogue, where)
        self._markers = Markers()
        self._known: list[Verdict] = []
        self._marks: dict[int, LogMark] = {}
        self.scanned = 0
        self.anew = text.extent().anew

    def take(self, clock: Clock) -> bool:
        """Until something is to be told; whether there may be more."""
        # In one go: from thread to thread takes longer than a little of a log.
        until = clock.elapsed() + TELL_EVERY
        while self._take():
            if clock.elapsed() >= until:
                return True
        return False

    def _take(self) -> bool:
        """Whether there was more."""
        chunk = self._text.bytes_from(self.scanned)
        self._scanner.feed(chunk)
        self._markers.feed(chunk)
        self.scanned += len(chunk)
        return bool(chunk)

    def end(self) -> None:
        self._scanner.end()

    @property
    def awaits(self) -> bool:
        return self._scanner.awaits

    def reading(self, silent_until: datetime | None = None) -> Reading:
        extent = self._text.extent()
        verdicts = self._scanner.verdicts(silent_until)
        if verdicts != self._known:
            self._known = verdicts
            self._marks = {verdict.match.line: mark_of(verdict, self._text) for verdict in verdicts}
        return Reading(
            extent,
            self.scanned,
            tuple(verdicts),
            self._scanner.counts,
            self._marks,
            self._markers.groups(extent.lines),
            tuple(self._markers.errors),
        )


def mark_of(verdict: Verdict, text: LogText) -> LogMark:
    """What the screen shows of it."""
    match = verdict.match
    return LogMark(
        line=match.line,
        severity=verdict.severity,
        signature=match.signature.id,
        words=text.words(match.words),
        harmless=verdict.harmless in {"usually", "always"},
        cleared=verdict.cleared,
    )
