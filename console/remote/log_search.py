"""Searching a log of any size: literals as bytes, patterns line by line, in pieces that never hold the program."""

import re
from collections.abc import Callable, Iterator

from console.fleet.log_lines import Search
from console.remote.line_index import BLOCK, LineIndex, Read

PIECE = 16 * BLOCK
LONGEST_LINE = BLOCK
"""A pattern looks at no more of one line."""

_COLOUR_CODE = re.compile(rb"\x1b\[[0-9;:]*m")

Hits = Callable[[bytes], Iterator[int]]
"""The places in a piece of whole lines, in order."""


def compiled(search: Search) -> Hits:
    """Raises re.error for a pattern that does not compile."""
    wanted = search.wanted.encode()
    if search.regex:
        pattern = re.compile(wanted, re.IGNORECASE if search.caseless else 0)
        return lambda piece: _lines_with(pattern, piece)
    if search.caseless:
        return lambda piece: _places(wanted, piece.lower())
    return lambda piece: _places(wanted, piece)


def find(read: Read, index: LineIndex, search: Search, start: int, *, backward: bool) -> int | None:
    """The nearest line at or after `start`, or at or before it. Blocks for as long as it takes: for a thread."""
    hits = compiled(search)
    if not search.wanted or start < 0:
        return None
    for first, piece in _pieces(read, index, start, whole=search.regex, backward=backward):
        lines = _numbers(piece, hits(piece), first)
        if backward:
            found = None
            for line in lines:
                if line > start:
                    break
                found = line
        else:
            found = next((line for line in lines if line >= start), None)
        if found is not None:
            return found
    return None


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
    return first, _COLOUR_CODE.sub(b"", piece) if b"\x1b[" in piece else piece


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


def _lines_with(pattern: re.Pattern[bytes], piece: bytes) -> Iterator[int]:
    at = 0
    for line in piece.split(b"\n"):
        if pattern.search(line, 0, LONGEST_LINE):
            yield at
        at += len(line) + 1
