"""Saves what is shown of a log as a file that was not there before."""

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from console.errors import LogError
from console.fleet.log_lines import LogLine
from console.operations.interfaces import LogText

MADE_AT_ONCE = 1_000
"""Lines; in a thread."""


def place_of(name: str) -> Path:
    """As it was typed, `~` for the home directory. Raises LogError."""
    try:
        return Path(name.strip()).expanduser()
    except RuntimeError:
        raise LogError(f"Nobody's home directory is meant by {name}.", "Write the whole path.") from None


async def save(text: LogText, stretches: Sequence[tuple[int, int]], path: Path) -> tuple[int, int]:
    """How many lines were saved of these stretches, each a first line and an end, and how many of them were too long
    to be saved whole. Raises LogError.
    """
    count = cut = 0
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            for first, end in stretches:
                for start in range(first, end, MADE_AT_ONCE):
                    lines = await asyncio.to_thread(text.lines, start, min(MADE_AT_ONCE, end - start))
                    file.writelines(_written(line) for line in lines)
                    count += len(lines)
                    cut += sum(1 for line in lines if line.cut)
    except OSError as error:
        raise LogError(f"It cannot be saved there: {error.strerror}.", "Nothing that exists is overwritten.") from None
    return count, cut


def _written(line: LogLine) -> str:
    return f"{line.stamp} {line.sourced}\n" if line.stamp else f"{line.sourced}\n"
