"""A log of any size as plain text, line by line as it was written: harmless, without colours and without secrets."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from console.errors import LogError
from console.fleet.words import count
from console.remote.line_index import BLOCK
from console.remote.log_file import DISK, opened
from console.remote.log_text import reason
from console.remote.sanitize import harmless, redact, text

LONGEST = 2 * BLOCK
"""Bytes of a line that are held at once; a longer one is written in pieces."""

_BOM = b"\xef\xbb\xbf"
_COLOUR_CODE = re.compile(r"\x1b\[[0-9;:]*m")


def plain_text(path: Path) -> Iterator[str]:
    """Pieces of about a block, which together are the whole file as it is now.

    Raises LogError; where the disk fails in its middle, after all that comes before.
    """
    failed: list[str] = []
    with os.fdopen(opened(path), "rb", buffering=0) as file:

        def blocks() -> Iterator[bytes]:
            try:
                while data := file.read(BLOCK):
                    yield data
            except OSError as error:
                failed.append(reason(error))

        yield from plain_pieces(blocks())
        if failed:
            raise LogError(f"{text(str(path))} cannot be read beyond byte {count(file.tell())}: {failed[0]}", DISK)


def plain_pieces(blocks: Iterable[bytes]) -> Iterator[str]:
    """The same of bytes that are cut anywhere."""
    rest, hidden, first = b"", 0, True
    for block in blocks:
        data, first = block.removeprefix(_BOM) if first else block, False
        if hidden:
            end = data.find(b"\n")
            hidden += len(data) if end < 0 else end
            if end < 0:
                continue
            yield _not_shown(hidden)
            hidden, data = 0, data[end:]
        whole, end_of_line, rest = (rest + data).rpartition(b"\n")
        if end_of_line:
            yield _shown(whole) + "\n"
        if len(rest) > LONGEST:
            at = _cut(rest)
            yield _shown(rest[:at])
            rest, hidden = (rest[at:], 0) if at else (b"", len(rest))
    if hidden or rest:
        yield (_not_shown(hidden) if hidden else _shown(rest.removesuffix(b"\n"))) + "\n"


def _shown(block: bytes) -> str:
    written = _COLOUR_CODE.sub("", block.decode("utf-8", "replace"))
    lines = written.split("\n")
    # To look for secrets in all lines at once is quick, and most have none.
    if redact(written) != written:
        lines = [redact(line) for line in lines]
    return "\n".join(
        line if line.isascii() and line.isprintable() else _harmless(line.removesuffix("\r")) for line in lines
    )


def _harmless(line: str) -> str:
    # A tab does nothing but stand between columns.
    return "\t".join(map(harmless, line.split("\t")))


def _cut(line: bytes) -> int:
    """Where both parts show what the whole does: not in a secret, a code or a character. 0: nowhere."""
    whole = _shown(line)
    for part in range(24, 0, -1):
        at = len(line) * part // 32
        if _shown(line[:at]) + _shown(line[at:]) == whole:
            return at
    return 0


def _not_shown(size: int) -> str:
    return f"…(+{size} bytes)"
