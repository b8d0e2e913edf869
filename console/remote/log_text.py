"""Logs of any size as text; what has arrived of a stream, kept in a file without a name."""

import asyncio
import errno
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

from console.errors import LogError
from console.fleet.log_lines import LogExtent, LogLine, Search
from console.fleet.words import count
from console.remote import log_search
from console.remote.line_index import LineIndex, Read
from console.remote.log_lines import LONGEST_LINE, log_line, time_of
from console.remote.sanitize import text

CHUNK = 256 * 1024
MOST_KEPT = 2 * 1024**3
"""Bytes of one stream that are kept on the disk."""
Told = Callable[[int], None]
"""Hears of the byte that is being looked at."""
LINES_KEPT = 128
"""Lines that are not made again when only the cursor moves."""
LINES_WITHOUT_TIME = 200
"""So many lines are passed over to find one that says when it was written: a stack trace has none."""


class LogBytes:
    """What files and streams have in common: an open file whose lines are counted, and whose lines in view are made."""

    merged: ClassVar[bool] = False
    """Each line says which log it is from."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._reading = threading.Lock()
        """A number that is closed may be another file's a moment later: nobody closes it while somebody reads."""
        self._index = LineIndex(self._read)
        self._line = lru_cache(maxsize=LINES_KEPT)(self._made_line)
        self._more = asyncio.Event()
        self._ended = False
        self._counted = True
        self._dropped = 0
        self._anew = 0
        self._trouble = ""
        self._unread: tuple[int, str] | None = None
        """From which byte on it could not be read, and why; it may be read another time."""

    def _read(self, offset: int, size: int) -> bytes:
        """Nothing once it is closed, or where the disk fails: whoever draws goes on with what there is."""
        with self._reading:
            try:
                data = os.pread(self._descriptor, size, offset) if self._descriptor >= 0 else b""
            except OSError as error:
                self._unread = offset, reason(error)
                return b""
        if self._unread is not None and offset <= self._unread[0] < offset + len(data):
            self._unread = None
        return data

    def extent(self) -> LogExtent:
        """As of now."""
        size, ends = self._index.size, self._index.line_ends
        unfinished = bool(size) and self._read(size - 1, 1) != b"\n"
        trouble = self._trouble
        if (unread := self._unread) is not None:
            trouble = f"{unread[1]} beyond byte {count(unread[0])}; dmesg may say more."
        return LogExtent(ends + unfinished, size, self._counted, self._ended, self._dropped, trouble, self._anew)

    def lines(self, first: int, count: int) -> list[LogLine]:
        """Reads a few blocks; what is beyond the longest line that is shown is never read."""
        starts = self._index.line_starts(first, count)
        return [self._line(number, offset, size) for number, (offset, size) in enumerate(starts, first)]

    def _made_line(self, number: int, offset: int, size: int) -> LogLine:
        raw = self._read(offset, min(size, LONGEST_LINE))
        return log_line(number, raw, max(size - LONGEST_LINE, 0), merged=self.merged)

    async def grown(self) -> LogExtent:
        """Returns at once when there was more since the last call, or when nothing more can come."""
        if not (self._ended and self._counted):
            await self._more.wait()
        self._more.clear()
        return self.extent()

    async def find(self, search: Search, start: int, *, backward: bool = False, told: Told | None = None) -> int | None:
        """In a thread, which ends soon after nobody waits for it any more."""
        stop, read = threading.Event(), self._telling(told)
        try:
            return await asyncio.to_thread(
                log_search.find, read, self._index, search, start, backward=backward, stopped=stop.is_set
            )
        finally:
            stop.set()

    async def find_all(
        self, search: Search, start: int = 0, *, told: Told | None = None
    ) -> AsyncIterator[Sequence[int]]:
        """The lines from `start` on that have it, in batches. In a thread."""
        stop = threading.Event()
        found = log_search.batches(self._telling(told), self._index, search, start, stopped=stop.is_set)
        try:
            while (lines := await asyncio.to_thread(next, found, None)) is not None:
                yield lines
        finally:
            stop.set()

    def _telling(self, told: Told | None) -> Read:
        if told is None:
            return self._read

        def read(offset: int, size: int) -> bytes:
            told(offset)
            return self._read(offset, size)

        return read

    async def line_at(self, moment: datetime) -> int | None:
        """By halving: lines of a log follow one another in time."""
        return await asyncio.to_thread(self._line_at, moment)

    def _line_at(self, moment: datetime) -> int | None:
        if self._timed_from(0) is None:
            return None
        low, high = 0, self.extent().lines
        last = high - 1
        while low < high:
            middle = (low + high) // 2
            timed = self._timed_from(middle)
            if timed is not None and timed[1] < moment:
                low = timed[0] + 1
            else:
                high = middle
        timed = self._timed_from(low)
        return timed[0] if timed is not None else last

    def _timed_from(self, line: int) -> tuple[int, datetime] | None:
        """The first line from there on that says when it was written, and when."""
        for number, (offset, size) in enumerate(self._index.line_starts(line, LINES_WITHOUT_TIME), line):
            if at := time_of(self._read(offset, min(size, 80))):
                return number, at
        return None

    def words(self, raw: bytes) -> str:
        """As the line that has them shows them."""
        return log_line(0, raw).text

    def bytes_from(self, start: int) -> bytes:
        """Up to where it has been counted."""
        return self._read(start, max(min(CHUNK, self._index.size - start), 0))

    async def close(self) -> None:
        """What was kept of a stream is gone with this."""
        with self._reading:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


class Spool(LogBytes):
    """What has arrived of a stream, in a file without a name; memory does not grow with it."""

    def __init__(self, directory: Path, most: int = MOST_KEPT) -> None:
        """`directory` is where there is room. Raises LogError when nothing can be written there."""
        try:
            with tempfile.TemporaryFile(dir=directory, buffering=0) as file:
                super().__init__(os.dup(file.fileno()))
        except OSError as error:
            raise LogError(
                f"There is no room to keep a log in {directory}: {error.strerror}", "Make room, or set XDG_CACHE_HOME."
            ) from None
        self._most = most

    def append(self, data: bytes) -> None:
        """What comes after the limit, or onto a full disk, is counted and not kept."""
        kept = data[: max(self._most - self._index.size, 0)] if not self._trouble else b""
        try:
            written = _write(self._descriptor, kept, self._index.size)
        except OSError as error:
            written = 0
            self._trouble = (
                "The disk is full: the rest is not kept."
                if error.errno in {errno.ENOSPC, errno.EDQUOT}
                else f"It could not be kept: {reason(error)}."
            )
        self._index.count(kept[:written])
        self._dropped += len(data) - written
        self._more.set()

    def end(self, trouble: str = "") -> None:
        """Nothing more comes. `trouble` says why when it ended early."""
        self._ended = True
        self._trouble = trouble or self._trouble
        self._more.set()


class MergedSpool(Spool):
    """Lines of several logs, each with its source behind its time."""

    merged = True


def reason(error: OSError) -> str:
    """In the system's words."""
    return text(error.strerror or str(error))


def _write(descriptor: int, data: bytes, offset: int) -> int:
    """How much was written; raises only when nothing could be."""
    written = 0
    while written < len(data):
        try:
            written += os.pwrite(descriptor, data[written:], offset + written)
        except OSError:
            if written:
                return written
            raise
    return written
