"""Where the lines of a log of any size are: how many line ends each block of it has, eight bytes for 64 KiB."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import lru_cache

BLOCK = 64 * 1024

Read = Callable[[int, int], bytes]
"""`read(offset, size)`: fewer bytes only at the end."""


class LineIndex:
    """Counts line ends as bytes arrive, and finds any line by reading one or two blocks.

    One thread may count while another looks up: a line is found once its end has been counted.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self._ends = array("Q")
        """Line ends up to the end of each whole block."""
        self.line_ends = 0
        """So many have been counted. Written last and read first, so that whoever looks up finds all of them."""
        self.size = 0
        self._ends_in = lru_cache(maxsize=16)(self._ends_in_block)

    def count(self, data: bytes) -> None:
        """Take in the bytes that follow what was counted so far."""
        at = 0
        while at < len(data):
            upto = min(at + BLOCK - self.size % BLOCK, len(data))
            ends = self.line_ends + data.count(b"\n", at, upto)
            self.size += upto - at
            if self.size % BLOCK == 0:
                self._ends.append(ends)
            self.line_ends = ends
            at = upto

    def line_starts(self, first: int, count: int) -> Iterator[tuple[int, int]]:
        """Offset and length of lines from `first` on, their ends not included; the last may have no end."""
        start = self._after_end(first)
        for number in range(first, first + count):
            if start is None or start > self.size:
                return
            end = self._end_of(number)
            if end is None:
                if start < self.size:
                    yield start, self.size - start
                return
            yield start, end - start
            start = end + 1

    def line_at(self, offset: int) -> int:
        """The line that has the byte at `offset`."""
        block, within = divmod(offset, BLOCK)
        before = self._ends[min(block, len(self._ends)) - 1] if block and self._ends else 0
        return before + self._read(block * BLOCK, within).count(b"\n")

    def _after_end(self, line: int) -> int | None:
        if line == 0:
            return 0
        end = self._end_of(line - 1)
        return None if end is None else end + 1

    def _end_of(self, line: int) -> int | None:
        """The offset of the line end of that line. Blocks without any are never read.

        None also where what was counted can no longer be read: somebody emptied the file.
        """
        if line >= self.line_ends:
            return None
        block = bisect_left(self._ends, line + 1)
        before = self._ends[block - 1] if block else 0
        whole = block < len(self._ends)
        ends = self._ends_in(block, BLOCK if whole else self.size - block * BLOCK)
        return block * BLOCK + ends[line - before] if line - before < len(ends) else None

    def _ends_in_block(self, block: int, size: int) -> "array[int]":
        data = self._read(block * BLOCK, size)
        ends, at = array("I"), data.find(b"\n")
        while at >= 0:
            ends.append(at)
            at = data.find(b"\n", at + 1)
        return ends
