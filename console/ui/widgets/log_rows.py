"""Which lines of a log are shown: all of them but stretches that are hidden. No Textual in here."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence


class LogRows:
    """Rows of the screen and lines of the log, both from 0, where stretches of lines are hidden.

    Costs grow with the number of stretches, not with the number of lines.
    """

    def __init__(self, lines: int, hidden: Iterable[tuple[int, int]] = ()) -> None:
        """`hidden` are first lines and ends (not included), in any order; they may overlap."""
        self.lines = lines
        self._starts = array("q")
        self._row_after = array("q")
        """The row that follows each stretch."""
        self._hidden_upto = array("q")
        """Lines hidden by each stretch and those before it."""
        sum_hidden = 0
        for start, end in _merged(hidden, lines):
            sum_hidden += end - start
            self._starts.append(start)
            self._row_after.append(end - sum_hidden)
            self._hidden_upto.append(sum_hidden)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self.lines - (self._hidden_upto[-1] if self._hidden_upto else 0)

    def line(self, row: int) -> int:
        """The line in that row."""
        place = bisect_right(self._row_after, row) - 1
        return row + (self._hidden_upto[place] if place >= 0 else 0)

    def row(self, line: int) -> int:
        """The row of that line; of a hidden one, the row of the nearest shown line before it, or the first."""
        place = bisect_right(self._starts, line) - 1
        if place < 0:
            return line
        before = self._hidden_upto[place - 1] if place else 0
        end = self._row_after[place] + self._hidden_upto[place]
        if line >= end:
            return line - self._hidden_upto[place]
        return max(self._starts[place] - before - 1, 0)

    def runs(self, first: int, end: int) -> list[tuple[int, int]]:
        """First lines and ends of the stretches of these lines that are shown."""
        edges = [(start, self._row_after[at] + self._hidden_upto[at]) for at, start in enumerate(self._starts)]
        starts = [first, *(after for _, after in edges)]
        ends = [*(start for start, _ in edges), end]
        return [
            (max(start, first), min(stop, end))
            for start, stop in zip(starts, ends, strict=True)
            if max(start, first) < min(stop, end)
        ]

    def hidden_before(self, line: int) -> tuple[int, int]:
        """The stretch that is hidden right before that line: its first line, and its end."""
        place = bisect_left(self._starts, line) - 1
        end = self._row_after[place] + self._hidden_upto[place] if place >= 0 else -1
        return (self._starts[place], line) if end == line else (line, line)

    def hides(self, line: int) -> bool:
        """Whether that line is not shown."""
        return not self.count or self.line(self.row(line)) != line


def all_but(shown: Iterable[int], lines: int, context: int) -> list[tuple[int, int]]:
    """The stretches to hide so that these lines stay, each with so many around it. `shown` is in order.

    A single line is not hidden: what says so would take as much room.
    """
    hidden: list[tuple[int, int]] = []
    at = 0
    for line in shown:
        if line - context > at + 1:
            hidden.append((at, line - context))
        at = max(at, line + context + 1)
    if at < lines - 1:
        hidden.append((at, lines))
    return hidden


def _merged(stretches: Iterable[tuple[int, int]], lines: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted(stretches):
        start, end = max(first, 0), min(last, lines)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def following_of(lines: Sequence[int], line: int, step: int) -> int:
    """The next of these lines in that direction; after the last comes the first."""
    place = bisect_right(lines, line) if step > 0 else bisect_left(lines, line) - 1
    return lines[place % len(lines)]


def runs_of(lines: Sequence[int]) -> list[tuple[int, int]]:
    """First line and count of each run of neighbours."""
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and line == runs[-1][0] + runs[-1][1]:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((line, 1))
    return runs
