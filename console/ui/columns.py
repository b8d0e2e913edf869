"""What a table is made of: columns, rows and cells, and how they share the width of one line. No Textual in here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

import msgspec
from rich.cells import cell_len

from console.fleet.models import Age, Name, Phrase

Cut = Literal["middle", "end", "never"]
Fields = Mapping[str, str | Sequence[str]]
"""What a filter looks at: field name to value or values. `text` is what plain words are searched in."""

SortKey = str | float | tuple[str | float, ...]

STYLES = ("muted", "error", "warning", "success", "accent", "foreign", "strong")
"""Style names a part may have, beside "" for the console's own words. `foreign` is text that came from outside."""


class Part(NamedTuple):
    """A piece of text in one style."""

    text: str
    style: str = ""


class Cell(msgspec.Struct, frozen=True, gc=False):
    """What stands in one column of one row."""

    parts: tuple[Part, ...] = ()
    since: datetime | None = None
    """Its age is drawn behind the parts and goes on counting; it is never cut."""


def phrase_parts(sentence: Phrase, style: str = "") -> tuple[Part, ...]:
    """Our own words in `style`, foreign text apart from them."""
    return tuple(_part(part, style) for part in sentence)


def _part(said: str | Name | Age, style: str) -> Part:
    if isinstance(said, Name):
        return Part(said.text, "foreign")
    return Part(said if isinstance(said, str) else said.text(), style)


def cell(text: str, style: str = "", *, since: datetime | None = None) -> Cell:
    """A cell of one part."""
    return Cell((Part(text, style),) if text else (), since)


class Row(Protocol):
    """One line of a table: facts, compared by value, that are put into words only when they are looked at."""

    def cells(self) -> Sequence[Cell]:
        """One for each column, in the order of the columns. Called only for lines in view."""

    def sort_key(self, column: int) -> SortKey:
        """Compares with the keys of the same column in other rows."""

    def fields(self) -> Fields:
        """What a filter may ask for."""


class FixedRow(msgspec.Struct, frozen=True):
    """A row whose cells are given outright; it sorts and filters by their text."""

    values: tuple[Cell, ...]

    def cells(self) -> Sequence[Cell]:
        return self.values

    def sort_key(self, column: int) -> str:
        return _text(self.values[column]).casefold()

    def fields(self) -> Fields:
        return {"text": " ".join(map(_text, self.values))}


def _text(value: Cell) -> str:
    return "".join(part.text for part in value.parts)


class Column(NamedTuple):
    """How one column of a table is drawn."""

    title: str
    width: int
    """What it would like to have."""
    min_width: int
    """With less than that it is not shown at all."""
    priority: int = 0
    """Columns are given room in this order, lowest first; those with 0 are always shown."""
    align: Literal["left", "right"] = "left"
    cut: Cut = "end"
    """`never` is for ages and numbers of ours, whose width is bounded; a longer text pushes the rest of its line."""
    grow: int = 0
    """Its share of the room that is left over."""


class Shown(NamedTuple):
    """A column that has room, and how much."""

    place: int
    """Of the column, among all columns."""
    column: Column
    width: int


def lay_out(columns: Sequence[Column], width: int) -> tuple[Shown, ...]:
    """Which columns are shown in `width` cells and how wide each is, with one space between them."""
    shown: list[int] = []
    used = -1
    for index in sorted(range(len(columns)), key=lambda index: columns[index].priority):
        column = columns[index]
        if column.priority and used + 1 + column.min_width > width:
            break
        shown.append(index)
        used += 1 + column.width
    widths = {index: columns[index].width for index in sorted(shown)}
    if used > width:
        _shrink(columns, widths, used - width)
    elif used < width:
        _widen(columns, widths, width - used)
    return tuple(Shown(index, columns[index], widths[index]) for index in widths)


def column_at(shown: Sequence[Shown], x: int) -> int | None:
    """Which column stands there, the space behind it included."""
    left = 0
    for place, _, width in shown:
        if left <= x <= left + width:
            return place
        left += width + 1
    return None


def _shrink(columns: Sequence[Column], widths: dict[int, int], excess: int) -> None:
    """Take room away, from the least important column first."""
    for index in sorted(widths, key=lambda index: (-columns[index].priority, -index)):
        taken = min(excess, max(widths[index] - columns[index].min_width, 0))
        widths[index] -= taken
        excess -= taken


def _widen(columns: Sequence[Column], widths: dict[int, int], spare: int) -> None:
    """Share spare room out by `grow`; what does not divide goes to the first."""
    shares = sum(columns[index].grow for index in widths)
    if not shares:
        return
    rest = spare
    for index in widths:
        extra = spare * columns[index].grow // shares
        widths[index] += extra
        rest -= extra
    first = next(index for index in widths if columns[index].grow)
    widths[first] += rest


def width_of(parts: Sequence[Part]) -> int:
    """In terminal cells."""
    return sum(_cells(part.text) for part in parts)


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def fit(parts: Sequence[Part], width: int, cut: Cut, ellipsis: str) -> tuple[Sequence[Part], int]:
    """The parts cut to `width` cells, and how wide they are then."""
    used = width_of(parts)
    if used <= width or cut == "never":
        return parts, used
    room = width - len(ellipsis)
    if room < 1:
        parts = _head(parts, width)
        return parts, width_of(parts)
    tail_room = room // 2 if cut == "middle" else 0
    head, tail = _head(parts, room - tail_room), _tail(parts, tail_room)
    style = head[-1].style if head else ""
    fitted = [*head, Part(ellipsis, style), *tail]
    return fitted, width_of(fitted)


def _head(parts: Sequence[Part], room: int) -> list[Part]:
    kept: list[Part] = []
    for text, style in parts:
        end = min(len(text), room)
        while _cells(text[:end]) > room:
            end -= 1
        if end:
            kept.append(Part(text[:end], style))
        room -= _cells(text[:end])
        if end < len(text):
            break
    return kept


def _tail(parts: Sequence[Part], room: int) -> list[Part]:
    kept: list[Part] = []
    for text, style in reversed(parts):
        start = max(len(text) - room, 0)
        while _cells(text[start:]) > room:
            start += 1
        if start < len(text):
            kept.append(Part(text[start:], style))
        room -= _cells(text[start:])
        if start:
            break
    return kept[::-1]


def with_age(value: Cell, width: int, cut: Cut, ellipsis: str, age: str) -> tuple[list[Part], int]:
    """The cell's parts and, where it counts an age, that age behind them, in `width` cells."""
    if not age:
        parts, used = fit(value.parts, width, cut, ellipsis)
        return list(parts), used
    gap = 1 if value.parts else 0
    parts, used = fit(value.parts, max(width - len(age) - gap, 0), cut, ellipsis)
    gap = 1 if parts else 0
    return [*parts, Part(" " * gap + age, "muted")], used + gap + len(age)
