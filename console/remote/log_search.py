"""Searching a log of any size: literals as bytes, patterns line by line, in pieces that never hold the program."""

import re
from collections.abc import Callable, Iterator

from console.errors import UsageError
from console.fleet.log_lines import Search
from console.fleet.patterns import faults, needles
from console.remote.line_index import BLOCK, LineIndex, Read

PIECE = 16 * BLOCK
LONGEST_LINE = BLOCK
"""So much of a line is looked at beyond the piece in which it begins."""
LOOKED_AT = 8 * 1024
"""A pattern looks at no more of one line: what it may cost grows with the square of that."""

_COLOUR_CODE = re.compile(rb"\x1b\[[0-9;:]*m")

Stopped = Callable[[], bool]
"""Whether nobody waits for the answer any more."""
Hits = Callable[[bytes], Iterator[int]]
"""The places in a piece of whole lines, in order."""


def compiled(search: Search, stopped: Stopped) -> Hits:
    """Raises UsageError for a pattern that does not compile, and for one that would take long."""
    wanted = search.wanted.encode()
    if search.regex:
        return _hits_of_pattern(search, stopped)
    if search.caseless:
        return lambda piece: _places(wanted, piece.lower())
    return lambda piece: _places(wanted, piece)


def find(
    read: Read, index: LineIndex, search: Search, start: int, *, backward: bool = False, stopped: Stopped
) -> int | None:
    """The nearest line at or after `start`, or at or before it. Blocks for as long as it takes: for a thread."""
    for lines in batches(read, index, search, start, backward=backward, stopped=stopped):
        if lines:
            return lines[-1 if backward else 0]
    return None


def batches(
    read: Read, index: LineIndex, search: Search, start: int, *, backward: bool = False, stopped: Stopped
) -> Iterator[list[int]]:
    """The lines from `start` on, or up to it, one piece of the log after the other; in order within each."""
    hits = compiled(search, stopped)
    if not search.wanted or start < 0:
        return
    for first, piece in _pieces(read, index, start, whole=search.regex, backward=backward):
        if stopped():
            return
        lines = _numbers(piece, hits(piece), first)
        yield [line for line in lines if (line <= start if backward else line >= start)]


def _pieces(read: Read, index: LineIndex, start: int, *, whole: bool, backward: bool) -> Iterator[tuple[int, bytes]]:
    """The number of the first line, and a stretch of the log that ends where a line ends."""
    at = next((offset for offset, _ in index.line_starts(start, 1)), index.size if backward else None)
    if at is None:
        return
    stretch = at // PIECE
    while 0 <= stretch * PIECE < max(index.size, 1):
        yield _piece(read, index, stretch * PIECE, whole=whole)
        stretch += -1 if backward else 1


def _piece(read: Read, index: LineIndex, offset: int, *, whole: bool) -> tuple[int, bytes]:
    """With `whole` it also begins where a line begins, so that `^` means that."""
    piece = read(offset, min(PIECE, index.size - offset))
    first = index.line_at(offset)
    if whole and offset and read(offset - 1, 1) != b"\n":
        _, end, piece = piece.partition(b"\n")
        first += len(end)
    if not piece.endswith(b"\n"):
        piece += read(offset + PIECE, LONGEST_LINE).partition(b"\n")[0]
    # A colour in the middle of a word does not hide it; line ends stay where they were counted.
    # To look for one byte alone is many times faster than for two.
    return first, _COLOUR_CODE.sub(b"", piece) if b"\x1b" in piece else piece


def _numbers(piece: bytes, places: Iterator[int], first: int) -> Iterator[int]:
    """The lines of these places."""
    line, counted = first, 0
    for place in places:
        line += piece.count(b"\n", counted, place)
        counted = place
        yield line


def _places(wanted: bytes, piece: bytes) -> Iterator[int]:
    at = piece.find(wanted)
    while at >= 0:
        yield at
        # One hit for each line is enough.
        end = piece.find(b"\n", at)
        at = piece.find(wanted, end + 1) if end >= 0 else -1


def _hits_of_pattern(search: Search, stopped: Stopped) -> Hits:
    written = f"(?i:{search.wanted.removeprefix('(?i)')})" if search.caseless else search.wanted
    wrong = next((fault for each in (search.wanted, written) for fault in faults(each, needs_literal=False)), None)
    if wrong is not None:
        raise UsageError(f"The pattern {wrong}.", "Without slashes around it, the words are searched as they are.")
    pattern, needed = re.compile(written.encode()), needles(written)

    def hits(piece: bytes) -> Iterator[int]:
        if needed and not _may_hold(piece):
            return
        at = 0
        for line in piece.split(b"\n"):
            if stopped():
                return
            if pattern.search(line, 0, LOOKED_AT):
                yield at
            at += len(line) + 1

    def _may_hold(piece: bytes) -> bool:
        small = piece.lower() if any(needle.caseless for needle in needed) else b""
        return any(needle.text in (small if needle.caseless else piece) for needle in needed)

    return hits
