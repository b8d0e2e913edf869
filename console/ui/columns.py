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
    beside: tuple[int, tuple[Part, ...]] | None = None
    """Where that column is shown too, it says a part of it: then these are drawn instead."""


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


def lay_out(columns: Sequence[Column], width: int, needs: Sequence[int] = ()) -> tuple[Shown, ...]:
    """Which columns are shown in `width` cells and how wide each is, with one space between them.

    `needs` is how wide the content of each column is, where that is known. Which columns are shown does not depend on
    it, so that none comes and goes with what is in view.
    """
    shown: list[int] = []
    used = -1
    for index in sorted(range(len(columns)), key=lambda index: columns[index].priority):
        column = columns[index]
        if column.priority and used + 1 + column.min_width > width:
            break
        shown.append(index)
        used += 1 + column.width
    wishes = {index: columns[index].width for index in sorted(shown)}
    least = {index: columns[index].min_width for index in wishes}
    if needs:
        widths = {index: _needed(columns[index], needs[index]) for index in wishes}
        spare = width - sum(widths.values()) - len(widths) + 1
        _grow(columns, widths, wishes, spare)
        _shrink(columns, widths, wishes, -spare)
        spare = width - sum(widths.values()) - len(widths) + 1
        _shrink(columns, widths, least, -spare)
    else:
        widths = wishes
        _shrink(columns, widths, least, used - width)
        _widen(columns, widths, max(width - used, 0))
    return tuple(Shown(index, columns[index], widths[index]) for index in widths)


def column_at(shown: Sequence[Shown], x: int) -> int | None:
    """Which column stands there, the space behind it included."""
    left = 0
    for place, _, width in shown:
        if left <= x <= left + width:
            return place
        left += width + 1
    return None


def needs_of(row: Row) -> list[int]:
    """How wide each cell of a row is when nothing of it is cut."""
    return [width_of(value.parts) + (_AGE if value.since else 0) for value in row.cells()]


_AGE = 8
"""The longest age, and the space before it."""


def _needed(column: Column, need: int) -> int:
    return column.width if column.cut == "never" else max(need, column.min_width)


def _grow(columns: Sequence[Column], widths: dict[int, int], wishes: Mapping[int, int], spare: int) -> None:
    """Give room up to what each would like to have, the most important column first."""
    for index in sorted(widths, key=lambda index: (columns[index].priority, index)):
        given = min(max(spare, 0), max(wishes[index] - widths[index], 0))
        widths[index] += given
        spare -= given


def _shrink(columns: Sequence[Column], widths: dict[int, int], least: Mapping[int, int], excess: int) -> None:
    """Take room away, from the least important column first; of equal ones from names, which keep both their ends."""
    for index in sorted(widths, key=lambda index: (-columns[index].priority, columns[index].cut != "middle", -index)):
        taken = min(max(excess, 0), max(widths[index] - least[index], 0))
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
    fitted = (_shorter_names(parts, width, ellipsis) if cut == "middle" else None) or _cut(parts, width, cut, ellipsis)
    return fitted, width_of(fitted)


def _cut(parts: Sequence[Part], width: int, cut: Cut, ellipsis: str) -> list[Part]:
    room = width - len(ellipsis)
    if room < 1:
        return _head(parts, width)
    tail_room = room // 2 if cut == "middle" else 0
    head, tail = _head(parts, room - tail_room), _tail(parts, tail_room)
    style = head[-1].style if head else ""
    return [*head, Part(ellipsis, style), *tail]


_LEAST, _LEAST_OF_MANY = 6, 20
"""A name that is cut shorter than this tells nothing. Of many, those at the end can better be spared."""
_FEW = 2


def _shorter_names(parts: Sequence[Part], width: int, ellipsis: str) -> list[Part] | None:
    """Every name keeps its beginning and its end; what does not fit even so goes from the end. None: no name would.

    Owners go first: most often all names in a table have the same.
    """
    kept = _without_owners(parts, f"{ellipsis}/")
    room = width
    while kept:
        names = [_cells(text) for text, style in kept if style == "foreign"]
        for_names = room - width_of(kept) + sum(names)
        if names and for_names >= sum(min(name, _least(len(names))) for name in names):
            longest = _longest(names, for_names)
            cut = [_shorter(part, longest, ellipsis) if _is_longer(part, longest) else [part] for part in kept]
            end = [Part(ellipsis)] if len(kept) < len(parts) else []
            return [*(piece for pieces in cut for piece in pieces), *end]
        room = width - len(ellipsis)
        kept.pop()
        while kept and kept[-1].style != "foreign":
            kept.pop()
    return None


def _without_owners(parts: Sequence[Part], left_out: str) -> list[Part]:
    """Of one or two names; of many, those at the end go before any is cut."""
    if sum(part.style == "foreign" for part in parts) > _FEW:
        return list(parts)
    return [Part(left_out + part.text.split("/")[1], part.style) if _has_owner(part) else part for part in parts]


def _has_owner(part: Part) -> bool:
    return part.style == "foreign" and part.text.count("/") == 1 and not part.text.startswith("/")


def _shorter(part: Part, longest: int, ellipsis: str) -> Sequence[Part]:
    bare = part._replace(text=part.text.removeprefix(f"{ellipsis}/"))
    return _cut([bare], longest, "middle", ellipsis) if _is_longer(bare, longest) else [bare]


def _least(names: int) -> int:
    return _LEAST_OF_MANY if names > _FEW else _LEAST


def _is_longer(part: Part, longest: int) -> bool:
    return part.style == "foreign" and _cells(part.text) > longest


def _longest(names: Sequence[int], room: int) -> int:
    """How long a name may be, so that all of them fit when longer ones are cut."""
    left = len(names)
    for name in sorted(names):
        if name * left > room:
            return room // left
        room -= name
        left -= 1
    return max(names)


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
