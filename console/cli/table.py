"""Rows of text below one another: whole where nobody counts columns, and as wide as the terminal on one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

GAP = "  "
CUT = "…"
MOST = 60
"""Cells that are aligned where nothing is cut: one long name must not push all other rows apart."""


class Column(NamedTuple):
    """A column, and what becomes of it where there is little room."""

    head: str
    least: int = 0
    """It is cut down to this many cells; 0: it is never cut."""
    leave: int = 0
    """It is left out where even that is too wide, the highest number first; 0: it is never left out."""
    middle: bool = False
    """It is cut in the middle: both ends of a name tell it from others."""


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None) -> Iterator[str]:
    """The heads and the rows. `width` None: nothing is cut or left out."""
    from rich.cells import cell_len

    lines = [tuple(column.head for column in columns), *rows]
    widths = [max(cell_len(line[place]) for line in lines) for place in range(len(columns))]
    shown = list(range(len(columns)))
    if width is None:
        widths = [min(each, MOST) for each in widths]
    else:
        shown = _kept(columns, widths, width)
        _narrow(columns, widths, shown, width)
    for line in lines:
        cells = [_cell(line[place], widths[place], columns[place], whole=width is None) for place in shown]
        yield GAP.join(cells).rstrip()


def _kept(columns: Sequence[Column], widths: Sequence[int], width: int) -> list[int]:
    """Places of the columns for which there is room."""
    shown = list(range(len(columns)))

    def least() -> int:
        sizes = (min(columns[place].least or widths[place], widths[place]) for place in shown)
        return sum(sizes) + len(GAP) * (len(shown) - 1)

    while least() > width and any(columns[place].leave for place in shown):
        shown.remove(max(shown, key=lambda place: columns[place].leave))
    return shown


def _narrow(columns: Sequence[Column], widths: list[int], shown: Sequence[int], width: int) -> None:
    """Take from the widest column that can be cut, again and again, until the row fits."""
    room = width - len(GAP) * (len(shown) - 1)
    while (over := sum(widths[place] for place in shown) - room) > 0:
        able = [place for place in shown if columns[place].least and widths[place] > columns[place].least]
        if not able:
            return
        able.sort(key=lambda place: -widths[place])
        widest, next_widest = widths[able[0]], widths[able[1]] if len(able) > 1 else 0
        down_to = max(columns[able[0]].least, min(next_widest, widest - 1), widest - over)
        widths[able[0]] = down_to


def _cell(text: str, width: int, column: Column, *, whole: bool) -> str:
    """Padded, or cut with a mark that says so."""
    from rich.cells import cell_len, set_cell_size

    if whole or cell_len(text) <= width:
        return text + " " * (width - cell_len(text))
    end = (width - 1) // 2 if column.middle else 0
    tail = ""
    for char in reversed(text):
        if cell_len(char + tail) > end:
            break
        tail = char + tail
    return set_cell_size(text, width - 1 - cell_len(tail)) + CUT + tail
