"""JSON for programs and plain lines for people: as wide as their terminal, and whole lines into a file or a pipe."""

import os
import sys
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

import click

from console.errors import printable
from console.fleet.line_ends import tied, untied

NARROWEST = 40
_START = "\r\x1b[K"
"""Back to the beginning of the line, and empty it."""


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    """One document, ASCII only: nothing in it can steer a terminal."""
    import json  # not for --help

    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def print_lines(lines: Iterable[str]) -> None:
    """Text, wrapped on a terminal. Elsewhere each line stays whole, so that `grep` finds a fact with all its words."""
    width = width_of(sys.stdout)
    for line in lines:
        for part in wrapped(line, width):
            click.echo(part)


def print_aside(words: str) -> None:
    """On standard error, for who waits: a line of its own, above the one that is written over."""
    click.echo(f"{_START if _can_rewrite() else ''}{words}", err=True)


def print_progress(words: str) -> None:
    """On a terminal, in one line of standard error that the next one is written over; no words take it away."""
    if _can_rewrite():
        click.echo(f"{_START}{words}", err=True, nl=False)


def _can_rewrite() -> bool:
    return width_of(sys.stderr) is not None and os.environ.get("TERM", "") not in {"", "dumb"}


def print_pairs(pairs: list[tuple[str, str]]) -> None:
    """Names and values, the values below one another."""
    margin = max((len(name) for name, _ in pairs), default=0) + 2
    width = width_of(sys.stdout)
    for name, value in pairs:
        for part in wrapped(f"{name.ljust(margin)}{printable(value, 2000)}", width, margin):
            click.echo(part)


def width_of(stream: TextIO | None) -> int | None:
    """Of the terminal behind the stream; None where there is none, and lines may be as long as they like."""
    try:
        if stream is None or not stream.isatty():
            return None
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return None
    return max(columns, NARROWEST) if columns else None


def wrapped(line: str, width: int | None, margin: int | None = None) -> Iterator[str]:
    """The line in parts no wider than the terminal, broken between words; what follows the first is indented.

    What has no space in it, such as an address, is never broken: it could not be copied.
    """
    if width is None or len(line) * 2 <= width:
        yield line
        return
    from rich.cells import cell_len

    indent = " " * (len(line) - len(line.lstrip()) + 2 if margin is None else margin)
    part, *words = map(untied, tied(line).split(" "))
    for word in words:
        longer = f"{part} {word}"
        if cell_len(longer) > width and len(part.rstrip()) > len(indent):
            yield part.rstrip()
            longer = indent + word
        part = longer
    yield part
