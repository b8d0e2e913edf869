"""Puts the lines of a table together: header, rows, and what stands there when there are no rows."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from console.fleet.models import Phrase
from console.ui import signs
from console.ui.columns import Cell, Part, Row, Shown, fit, with_age

StyleOf = Callable[[str], Style]
"""From a style name of `columns.STYLES` to colours on the background of the line."""

GUTTER = 2
"""The sign of a selected row and a space, left of the first column."""


class LineStyles:
    """The component styles of a table or a log on each ground, translucent colours resolved; kept until cleared."""

    def __init__(self, table: Widget, prefix: str = "fleet-table") -> None:
        self._table = table
        self._prefix = prefix
        self._known: dict[tuple[str, str], Style] = {}

    def clear(self) -> None:
        """Colours have changed."""
        self._known.clear()

    def plain(self, name: str) -> Style:
        """On an ordinary line."""
        return self._known.get(("", name)) or self._make("", name)

    def cursor(self, name: str) -> Style:
        """On the line under the cursor."""
        return self._known.get(("cursor", name)) or self._make("cursor", name)

    def header(self, name: str) -> Style:
        """On the line of titles."""
        return self._known.get(("header", name)) or self._make("header", name)

    def _make(self, ground: str, name: str) -> Style:
        background, color, text_style = self._table.background_colors[1], self._table.styles.color, Style()
        for component in filter(None, (ground, name)):
            styles = self._table.get_component_styles(f"{self._prefix}--{component}")
            background += styles.background
            text_style += styles.text_style
            if styles.has_rule("color"):
                color = background.get_contrast_text(styles.color.a) if styles.auto_color else styles.color
        style = Style.from_color((background + color).rich_color, background.rich_color) + text_style
        self._known[ground, name] = style
        return style


class RowLine(NamedTuple):
    """A row as it was drawn, and what it was drawn from."""

    row: Row
    since: tuple[datetime, ...]
    ages: tuple[str, ...]
    strip: Strip

    def is_current(self, row: Row, now: datetime) -> bool:
        """Nothing that can be seen has changed since."""
        return (self.row is row or self.row == row) and (not self.since or ages(self.since, now) == self.ages)


def ages(since: Sequence[datetime], now: datetime) -> tuple[str, ...]:
    """How long ago each of these moments was."""
    return tuple(signs.age(now - moment) for moment in since)


class _Line:
    """Collects text and joins neighbours of one style into one segment."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.width = 0
        self._text: list[str] = []
        self._style: Style | None = None

    def add(self, text: str, style: Style, width: int) -> None:
        if style is not self._style:
            self._flush()
            self._style = style
        self._text.append(text)
        self.width += width

    def _flush(self) -> None:
        if text := "".join(self._text):
            self.segments.append(Segment(text, self._style))
        self._text.clear()

    def strip(self, width: int, blank: Style) -> Strip:
        if self.width < width:
            self.add(" " * (width - self.width), blank, width - self.width)
        self._flush()
        line = Strip(self.segments, self.width)
        return line if self.width == width else line.crop(0, width)


def row_line(
    row: Row, shown: Sequence[Shown], width: int, now: datetime, *, selected: bool, style_of: StyleOf
) -> RowLine:
    """Draw one row. What a wrong cell count leaves over stays blank."""
    line, blank = _Line(), style_of("")
    line.add(
        (signs.sign("selected") if selected else " ").ljust(GUTTER), style_of("accent") if selected else blank, GUTTER
    )
    cells = row.cells()
    since: list[datetime] = []
    texts: list[str] = []
    places = {place for place, _, _ in shown}
    gap = 0
    for index, column, room in shown:
        if gap:
            line.add(" ", blank, 1)
        gap = 1
        value = cells[index]
        if value.beside is not None and value.beside[0] in places:
            value = Cell(value.beside[1], value.since)
        text = ""
        if value.since is not None:
            text = signs.age(now - value.since)
            since.append(value.since)
            texts.append(text)
        _add_cell(line, value, Shown(index, column, room), text, style_of)
    return RowLine(row, tuple(since), tuple(texts), line.strip(width, blank))


def _add_cell(line: _Line, value: Cell, shown: Shown, age: str, style_of: StyleOf) -> None:
    _, column, room = shown
    parts, used = with_age(value, room, column.cut, signs.sign("cut"), age)
    pad = max(room - used, 0)
    if pad and column.align == "right":
        line.add(" " * pad, style_of(""), pad)
    for text, style in parts:
        line.add(text, style_of(style), 0)
    line.width += used
    if pad and column.align == "left":
        line.add(" " * pad, style_of(""), pad)


def header_line(shown: Sequence[Shown], order: tuple[int, bool] | None, width: int, style: Style) -> Strip:
    """Titles, with the sign of the order behind the one that is sorted by."""
    line = _Line()
    line.add(" " * GUTTER, style, GUTTER)
    for index, column, room in shown:
        mark = ""
        if order is not None and order[0] == index:
            mark = signs.sign("down" if order[1] else "up")
        parts, used = fit((Part(column.title),), room - len(mark), "end", signs.sign("cut"))
        title = "".join(part.text for part in parts) + mark
        pad = " " * max(room - used - len(mark), 0)
        line.add((pad + title if column.align == "right" else title + pad) + " ", style, max(room, len(title)) + 1)
    return line.strip(width, style)


def all_hidden(rows: int) -> Phrase:
    """What is said when there are rows, but none that the filter shows."""
    return ("The filter hides the only row.",) if rows == 1 else (f"The filter hides all {signs.count(rows)} rows.",)


def empty_lines(parts: Sequence[Part], width: int, console: Console, style_of: StyleOf) -> list[Strip]:
    """The sentence for a table without rows, wrapped, below an empty line."""
    text = Text(style=style_of(""))
    for part in parts:
        text.append(part.text, style_of(part.style))
    blank = style_of("")
    lines = [_Line()]
    for wrapped in text.wrap(console, max(width - 2 * GUTTER, 1)):
        line = _Line()
        line.add(" " * GUTTER, blank, GUTTER)
        for segment in wrapped.render(console):
            line.add(segment.text.rstrip("\n"), segment.style or blank, segment.cell_length)
        lines.append(line)
    return [line.strip(width, blank) for line in lines]
