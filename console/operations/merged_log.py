"""Several logs as one: their lines in the order of their times, each with the log that it is from."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from console.fleet.log_lines import LogExtent, LogGroup, LogMark
from console.fleet.models import Name, Step
from console.fleet.signatures import Catalogue
from console.fleet.verdicts import Verdict
from console.operations.feed_state import FeedState
from console.operations.follow_log import JUDGE_EVERY, TELL_EVERY, Reading, mark_of
from console.operations.interfaces import Clock
from console.operations.logs import MergedSource, OpenLog
from console.operations.strand import Strand

if TYPE_CHECKING:
    from console.operations.job_log import Spooled  # which opens merged logs, too

BATCH = 256 * 1024
"""Bytes that are written at once."""


class Braid:
    """The lines of several logs in the order of their times. Reads the disk and computes: for a thread."""

    def __init__(self, sources: Sequence[MergedSource], catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._strands = [Strand(source, catalogue) for source in sources]
        self._emptied: set[int] = set()
        """Strands whose log begins anew in another one."""
        self._lines = 0

    @property
    def over(self) -> bool:
        """Every line has been written, and no more will come."""
        return all(strand.over for strand in self._strands)

    def take(self, now: float) -> bytes:
        """The next lines; empty where there are none, or where each must still wait for earlier ones."""
        written: list[bytes] = []
        size = 0
        self._look(now)
        while size < BATCH and (strand := self._next()) is not None and (head := strand.head) is not None:
            stamp = head.key + b"Z" if head.stamped else b""
            line = b"%b\t%b\t%b\n" % (stamp, strand.source.label.encode(), head.text)
            strand.written(self._lines)
            if strand.head is None:
                strand.look(now)
            self._lines += 1
            size += len(line)
            written.append(line)
        return b"".join(written)

    def _look(self, now: float) -> None:
        for place, strand in enumerate(self._strands[:]):
            strand.look(now)
            if strand.emptied and place not in self._emptied:
                self._emptied.add(place)
                self._strands.append(Strand(strand.source, self._catalogue))

    def _next(self) -> Strand | None:
        """Whose line is the next one; None: it must wait, or there is none."""
        first: Strand | None = None
        key = b""
        for strand in self._strands:
            if (head := strand.head) is not None and (first is None or head.key < key):
                first, key = strand, head.key
        if first is None:
            return None
        waits = any(each.head is None and not first.may_go_before(each) for each in self._strands)
        return None if waits else first

    def listen(self) -> bool:
        """Notes which logs are silent; whether that may tell something new of their lines. On the loop."""
        for strand in self._strands:
            strand.listen()
        return any(strand.awaits_in_silence for strand in self._strands)

    def verdicts(self) -> list[Verdict]:
        """In the order of the lines."""
        found = [verdict for strand in self._strands for verdict in strand.verdicts()]
        return sorted(found, key=lambda verdict: verdict.match.line)

    def counts(self) -> dict[str, int]:
        """How often each signature was found, by id."""
        return dict(sum((Counter(strand.counts) for strand in self._strands), Counter()))

    def notes(self) -> tuple[str, ...]:
        """What is to be known of these lines."""
        notes = [note for strand in self._strands for note in _notes_on(strand)]
        return tuple(dict.fromkeys(notes))


def _notes_on(strand: Strand) -> Iterator[str]:
    label, opened = strand.source
    if opened.closed or (opened.state is not None and opened.state.word == "ended"):
        yield f"{label} ended"
    if strand.is_awaited:
        yield f"waits for {label}"
    if strand.untimed:
        yield f"{label} carries no times"
    if strand.cut:
        yield f"long lines of {label} are cut"


class MergedLog(OpenLog):
    """It is written as it is followed. The logs in it are not closed with it."""

    def __init__(
        self,
        sources: Sequence[MergedSource],
        text: "Spooled",
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        *,
        at: datetime | None = None,
    ) -> None:
        """It opens at the first line of that time; None: where it matters."""
        labels = tuple(source.label for source in sources)
        super().__init__(("merged: ", Name(", ".join(labels))), "unknown", text, catalogue, clock)
        self.sources = labels
        self.state: FeedState = FeedState("connected", clock.wall())
        self._logs = tuple(sources)
        self._spool = text
        self._at = at
        self._begins: int | None = None
        self._known: list[Verdict] = []
        self._marks: dict[int, LogMark] = {}

    async def readings(self) -> AsyncIterator[Reading]:
        """As lines come, at most ten a second. What each line is, was judged within its own log."""
        catalogue = await asyncio.to_thread(lambda: self.catalogue)
        braid = await asyncio.to_thread(Braid, self._logs, catalogue)
        told = -TELL_EVERY
        said: object = None
        while True:
            written = await asyncio.to_thread(braid.take, self._clock.elapsed())
            if written:
                self._spool.append(written)
            if over := braid.over:
                self._spool.end()
            self.state = replace(self.state, notes=braid.notes())
            extent = replace(self._spool.extent(), trouble=self._trouble())
            idle, now = over or not written, self._clock.elapsed()
            # Silence is judged at a pace: it only grows.
            news = extent, self.state, idle, now // JUDGE_EVERY if braid.listen() else None
            if idle and self._begins is None:
                self._begins = await self._line_of(self._at)
            if news != said and (idle or now - told >= TELL_EVERY):
                yield await asyncio.to_thread(self._reading, braid, extent, caught_up=idle)
                told, said = now, news
            if over:
                return
            if idle:
                await self._clock.sleep(TELL_EVERY)

    async def _line_of(self, moment: datetime | None) -> int | None:
        """None while there is no line of that time or later."""
        if moment is None or (line := await self.text.line_at(moment)) is None:
            return None
        at = next((each.at for each in self.text.lines(line, 1)), None)
        return line if at is not None and at >= moment else None

    def opens_at(self, reading: Reading, sections: Sequence[tuple[Step, LogGroup]]) -> int | None:
        """At the time that was asked for; a log of which there is nothing yet is waited for."""
        if self._at is None:
            return super().opens_at(reading, sections)
        return self._begins if reading.caught_up else None

    def _trouble(self) -> str:
        """Of the merged log itself, and of each log in it that may be behind."""
        own = self._spool.extent().trouble
        return " ".join([*([own] if own else []), *(words for each in self._logs for words in self._trouble_of(each))])

    def _trouble_of(self, source: MergedSource) -> Iterator[str]:
        label, opened = source
        if opened.closed:
            return
        if opened.state is not None and opened.state.word == "disconnected":
            now = self._clock.wall().astimezone()
            yield f"{label} {replace(opened.state, next_try=None).words(now)}."
        if trouble := opened.text.extent().trouble:
            yield f"{label}: {trouble}"

    def _reading(self, braid: Braid, extent: LogExtent, *, caught_up: bool) -> Reading:
        verdicts = braid.verdicts()
        if verdicts != self._known:
            self._known = verdicts
            self._marks = {verdict.match.line: mark_of(verdict, self.text) for verdict in verdicts}
        return Reading(extent, extent.size if caught_up else 0, tuple(verdicts), braid.counts(), self._marks)
