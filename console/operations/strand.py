"""One log on its way into a merged one: what was read of it and not yet written, and what is known of its lines."""

from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue
from console.fleet.timed_lines import TimedLine, TimedLines
from console.fleet.verdicts import Match, Verdict
from console.operations.logs import MergedSource

HOLD = 1.0
"""Seconds that a line waits for earlier ones of other logs: they may come a little later."""


class Strand:
    """One log from its first byte on, until it has ended, is closed, or is emptied. Reads the disk: for a thread."""

    def __init__(self, source: MergedSource, catalogue: Catalogue) -> None:
        self.source = source
        self._text = source.opened.text
        self._anew = self._text.extent().anew
        self._scanner = Scanner(catalogue, source.opened.where)
        self._lines = TimedLines()
        self._read = self._size = 0
        self._grown: deque[tuple[float, int]] = deque()
        """When it was seen to grow lately, and to what size."""
        self._settled = 0
        """So many bytes have been there for so long that they wait for nothing any more."""
        self._now = 0.0
        self._line_came: float | None = None
        """When its last line came; at first, when it was looked at first."""
        self._ended = False
        self._silent_until: datetime | None = None
        self._known: deque[int] = deque()
        """Known lines that are still to be written."""
        self._places: dict[int, int] = {}
        """Known lines that were written, and which line of the merged log each is."""
        self._last = (-1, -1)
        """The line that was written last, and which line of the merged log it is."""

    @property
    def head(self) -> TimedLine | None:
        """Its next line; None: there is none yet, or no more."""
        return self._lines.head

    @property
    def over(self) -> bool:
        """All of its lines have been written, and no more will come."""
        return self._ended and self.head is None

    @property
    def untimed(self) -> bool:
        """None of its lines so far says when it was written."""
        return self._last[0] >= 0 and not self._lines.key

    @property
    def cut(self) -> bool:
        """Some line was too long to be merged whole."""
        return self._lines.cut > 0

    @property
    def emptied(self) -> bool:
        """It begins anew: what was read of it before is no longer there."""
        return self._text.extent().anew != self._anew

    def look(self, now: float) -> None:
        """Reads on where there is no line left. `now` is in seconds that only grow."""
        extent, self._now = self._text.extent(), now
        if self._line_came is None or self.head is not None:
            self._line_came = now
        if extent.size != self._size:
            self._size = extent.size
            self._grown.append((now, extent.size))
        while self._grown and now - self._grown[0][0] >= HOLD:
            self._settled = self._grown.popleft()[1]
        gone = extent.anew != self._anew
        while self.head is None and not gone and (chunk := self._text.bytes_from(self._read)):
            self._read += len(chunk)
            self._learn(self._scanner.feed(chunk))
            self._lines.feed(chunk)
        if self.head is not None:
            self._line_came = now
            return
        if self._ended:
            return
        if gone or extent.ended or self.source.opened.closed:
            self._ended = True
            self._learn(self._scanner.end())
            self._lines.take_rest()
        elif not self._grown and not self.is_awaited:
            self._lines.take_rest()

    def listen(self) -> None:
        """Notes until when its log is known to say nothing more than was read. Where that is fed: on the loop.

        What was known of a log that is over remains.
        """
        if not self._ended:
            self._silent_until = self.source.opened.silent_until() if self.head is None else None

    @property
    def awaits_in_silence(self) -> bool:
        """Something must still follow a line of it, and time alone tells that it does not."""
        return self._silent_until is not None and self._scanner.awaits

    def _learn(self, matches: Sequence[Match]) -> None:
        for match in matches:
            if match.line == self._last[0]:  # its beginning was written before its end came
                self._places[match.line] = self._last[1]
            else:
                self._known.append(match.line)

    @property
    def is_awaited(self) -> bool:
        """All that was there already is on its way."""
        extent, opened = self._text.extent(), self.source.opened
        connecting = opened.state is not None and opened.state.word == "connecting"
        return not (extent.ended or opened.closed) and (connecting or opened.fetched or not extent.counted)

    def may_go_before(self, other: "Strand") -> bool:
        """Whether its next line may be written although the other has none: an earlier one may still come there."""
        if self.head is None or other.over or other.untimed or other.latest >= self.head.key:
            return True
        settled = self._read - self._lines.behind <= self._settled
        return settled and not other.is_growing

    @property
    def latest(self) -> bytes:
        """The latest time that was come across in it."""
        return self._lines.key

    @property
    def is_growing(self) -> bool:
        """Lines of it came a moment ago, or are sure to come. A line that goes on and on without an end is none."""
        lately = self._line_came is not None and self._now - self._line_came < HOLD
        return (bool(self._grown) and lately) or self.is_awaited

    def written(self, place: int) -> None:
        """Its next line is that line of the merged log now."""
        head = self._lines.head
        if head is None:
            return
        while self._known and self._known[0] <= head.number:
            self._places[self._known.popleft()] = place
        self._last = head.number, place
        self._lines.go_on()

    def verdicts(self) -> list[Verdict]:
        """What its known lines are, each at its place in the merged log: the same as in the log itself."""
        verdicts = self._scanner.verdicts(self._silent_until)
        lines = {verdict.match.line for verdict in verdicts}
        # What the scanner no longer keeps is not kept here either.
        self._places = {line: place for line, place in self._places.items() if line in lines}
        return [
            replace(verdict, match=replace(verdict.match, line=self._places[verdict.match.line]))
            for verdict in verdicts
            if verdict.match.line in self._places
        ]

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each signature was found, by id."""
        return self._scanner.counts
