"""A table of any number of rows that draws only the lines in view; cursor, selection and scroll go by key."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.fleet.models import Phrase
from console.ui.cells import phrase_parts
from console.ui.columns import STYLES, Column, Fields, Row, Shown, column_at, lay_out
from console.ui.listing import Listing, survivor
from console.ui.needs import Needs
from console.ui.widgets.table_keys import TABLE_KEYS
from console.ui.widgets.table_lines import GUTTER, LineStyles, RowLine, all_hidden, empty_lines, header_line, row_line

K = TypeVar("K", bound=Hashable)

HEADER = 1
"""Lines above the first row."""


class FleetTable(ScrollView, Generic[K], can_focus=True, inherit_bindings=False):
    """Rows by key, one line each, under a header line.

    `set_columns`, `set_rows`, `set_order`, `set_filter`, `set_empty` and `now` are all a pane has to know to fill it;
    `RowHighlighted`, `RowChosen` and `SelectionChanged` tell what the operator does.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "fleet-table--header",
        "fleet-table--cursor",
        *(f"fleet-table--{name}" for name in STYLES),
    }
    DEFAULT_CSS = """
    FleetTable {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        color: $foreground;
        & > .fleet-table--header { color: $text-muted; background: $panel; }
        & > .fleet-table--cursor { background: $block-cursor-blurred-background; }
        &:focus > .fleet-table--cursor { background: $block-cursor-background; }
        & > .fleet-table--muted { color: $text-muted; }
        & > .fleet-table--error { color: $error; text-style: bold; }
        & > .fleet-table--warning { color: $warning; }
        & > .fleet-table--success { color: $success; }
        & > .fleet-table--accent { color: $accent; }
        & > .fleet-table--foreign { color: $secondary; }
        & > .fleet-table--strong { text-style: bold; }
        &:nocolor > .fleet-table--cursor { text-style: reverse; }
        &:nocolor > .fleet-table--warning { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*TABLE_KEYS]

    class RowMessage(Message):
        """Something happened to one row."""

        def __init__(
            self,
            table: "FleetTable[Any]",
            key: Any,  # noqa: ANN401 -- whatever that table goes by
        ) -> None:
            super().__init__()
            self.table = table
            self.key = key

    class RowHighlighted(RowMessage):
        """The cursor is on another row now; `key` is None when there is none."""

    class RowChosen(RowMessage):
        """Enter or a second click: the operator wants to see what is behind the row."""

    class SelectionChanged(Message):
        """Other rows are selected now. `keys` are those in view, in their order."""

        def __init__(self, table: "FleetTable[Any]", keys: tuple[Any, ...]) -> None:
            super().__init__()
            self.table = table
            self.keys = keys

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 -- Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._columns: tuple[Column, ...] = tuple(columns)
        self._listing: Listing[K] = Listing()
        self._cursor = 0
        self._cursor_key: K | None = None
        self._empty: Phrase = ()
        self._now = datetime.now(UTC)
        self._layout: tuple[Shown, ...] = ()
        self._layout_width = -1
        self._needs: Needs[K] = Needs()
        self._lines: dict[tuple[K, bool, bool], RowLine] = {}
        self._styles = LineStyles(self)
        self.lines_built = 0
        """How many row lines were put together so far; what is unchanged is not built again."""

    # What a pane says.

    def set_columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._layout_width = -1
        self._needs = Needs()
        self._lines.clear()
        if self.order and self.order[0] >= len(columns):
            self.set_order(None)
        self.refresh()

    def set_rows(self, rows: Mapping[K, Row]) -> None:
        """Replace all rows. The cursor stays on its key and on its line of the screen."""
        selected = len(self._listing.selected)
        with self._keeping_place():
            changed = self._listing.replace(rows)
        if changed and len(self._listing.selected) != selected:
            self._tell_selection()

    def set_order(self, column: int | None, reverse: bool = False) -> None:
        """Sort by a column, or leave the rows in the order they came in. Who is at the top stays at the top."""
        at_top = self._cursor == 0
        with self._keeping_place():
            self._listing.order = None if column is None else (column, reverse)
            self._listing.arrange()
        if at_top:
            self._move(0)
        self._refresh_line(0)

    def set_filter(self, accepts: Callable[[Fields], bool] | None) -> None:
        """Show only rows whose fields it accepts; None shows all."""
        with self._keeping_place():
            self._listing.filter(accepts)
        if self._listing.selected:
            self._tell_selection()

    def set_empty(self, empty: Phrase) -> None:
        """What to say when there are no rows."""
        if empty != self._empty:
            self._empty = empty
            if not self._listing.view:
                self.refresh()

    @property
    def now(self) -> datetime:
        """Ages are counted up to then."""
        return self._now

    @now.setter
    def now(self, now: datetime) -> None:
        self._now = now
        for y, key in enumerate(self._visible(), HEADER):
            line = self._lines.get(self._state(key))
            if line is not None and not line.is_current(line.row, now):
                self._refresh_line(y)

    # What a pane asks.

    @property
    def view(self) -> Sequence[K]:
        """Keys of the rows that pass the filter, in the order shown."""
        return self._listing.view

    @property
    def order(self) -> tuple[int, bool] | None:
        """The column it is sorted by, and whether the other way round."""
        return self._listing.order

    @property
    def rows(self) -> Mapping[K, Row]:
        """All rows, also those the filter hides."""
        return self._listing.rows

    @property
    def cursor_key(self) -> K | None:
        return self._cursor_key

    @property
    def selected_keys(self) -> tuple[K, ...]:
        """The selected rows in the order shown. One that the filter hides is not among them until it shows again."""
        return self._listing.selected_keys()

    # What the operator does.

    def move_to(self, key: K) -> bool:
        """Put the cursor on a row; False when it is not in view."""
        if key not in self._listing.rows or key not in self._listing.view:
            return False
        self._move(self._listing.view.index(key))
        return True

    def toggle_select(self, key: K) -> None:
        self._listing.selected.symmetric_difference_update((key,))
        self._refresh_row(key)
        self._tell_selection()

    def clear_selection(self) -> None:
        if self._listing.selected:
            self._listing.selected.clear()
            self.refresh()
            self._tell_selection()

    def action_move(self, lines: int) -> None:
        self._move(self._cursor + lines)

    def action_page(self, pages: float) -> None:
        lines = max(int(self._height() * abs(pages)), 1) * (1 if pages > 0 else -1)
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)
        self._move(self._cursor + lines)

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(len(self._listing.view) - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "choose" or self._cursor_key is not None

    def action_choose(self) -> None:
        if self._cursor_key is not None:
            self.post_message(self.RowChosen(self, self._cursor_key))

    def action_toggle_select(self) -> None:
        if self._cursor_key is not None:
            self.toggle_select(self._cursor_key)
            self._move(self._cursor + 1)

    def action_order(self, step: int) -> None:
        shown = [shown.place for shown in self._shown()]
        if not shown:
            return
        at = shown.index(self.order[0]) if self.order and self.order[0] in shown else (-1 if step > 0 else 0)
        self.set_order(shown[(at + step) % len(shown)])

    def action_reverse(self) -> None:
        column, reverse = self.order or (0, False)
        self.set_order(column, not reverse)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if event.y < HEADER:
            column = column_at(self._shown(), event.x - GUTTER)
            if column is not None:
                self.set_order(column, reverse=self.order == (column, False))
            return
        index = event.y - HEADER + self.scroll_offset.y
        if index == self._cursor:
            self.action_choose()
        elif index < len(self._listing.view):
            self._move(index)

    # Place.

    @contextmanager
    def _keeping_place(self) -> Iterator[None]:
        """Rows may change within. What the operator looks at stays where it is: the cursor's line, else the top one."""
        old, rows, top = self._listing.view, self._listing.rows, self.scroll_offset.y
        seen = [(key, rows[key]) for key in self._visible()]
        yield
        view = self._listing.view
        if view is old:
            return
        cursor = survivor(old, self._cursor, view)
        new_top = self._top_after(old, top, cursor)
        was_at, self._cursor = self._cursor - top, cursor
        self.virtual_size = Size(0, len(view) + HEADER)
        if self.is_attached:
            self.scroll_to(y=new_top, animate=False, force=True)
        self._set_cursor_key(view[cursor] if view else None)
        if not seen or not view:
            self.refresh()
        elif self.scroll_offset.y == top:
            self._refresh_changed(seen, was_at)

    def _top_after(self, old: list[K], top: int, cursor: int) -> int:
        """The first row on the screen, once the cursor is at `cursor`."""
        if self._cursor == 0 and cursor < self._height():
            return 0  # Nobody has moved it yet: what is put before it shall be seen.
        if top <= self._cursor < top + self._height():
            return max(cursor - (self._cursor - top), 0)
        return survivor(old, min(top, max(len(old) - 1, 0)), self._listing.view)

    def _refresh_changed(self, seen: Sequence[tuple[K, Row]], cursor_was_at: int) -> None:
        lines = [(key, self._listing.rows[key]) for key in self._visible()]
        cursor_is_at = self._cursor - self.scroll_offset.y
        for line in range(max(len(seen), len(lines))):
            moved = (line == cursor_was_at) is not (line == cursor_is_at)
            if moved or seen[line : line + 1] != lines[line : line + 1]:
                self._refresh_line(line + HEADER)

    def _move(self, index: int) -> None:
        if not self._listing.view:
            return
        index = min(max(index, 0), len(self._listing.view) - 1)
        if index != self._cursor:
            self._refresh_line(self._cursor - self.scroll_offset.y + HEADER)
            self._cursor = index
            self._refresh_line(index - self.scroll_offset.y + HEADER)
        top, height = self.scroll_offset.y, self._height()
        if index < top:
            self.scroll_to(y=index, animate=False, force=True)
        elif index >= top + height:
            self.scroll_to(y=index - height + 1, animate=False, force=True)
        self._set_cursor_key(self._listing.view[index])

    def _set_cursor_key(self, key: K | None) -> None:
        if key != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.RowHighlighted(self, key))

    def _tell_selection(self) -> None:
        self.post_message(self.SelectionChanged(self, self.selected_keys))

    # Drawing.

    def _height(self) -> int:
        """How many rows fit the screen."""
        return max(self.scrollable_content_region.height - HEADER, 1)

    def _visible(self) -> list[K]:
        top = self.scroll_offset.y
        return self._listing.view[top : top + self._height()]

    def _refresh_line(self, y: int) -> None:
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _refresh_row(self, key: K) -> None:
        visible = self._visible()
        if key in visible:
            self._refresh_line(visible.index(key) + HEADER)

    def _state(self, key: K) -> tuple[K, bool, bool]:
        return key, key == self._cursor_key, key in self._listing.selected

    def _shown(self) -> tuple[Shown, ...]:
        width = self.scrollable_content_region.width
        if width != self._layout_width:
            self._layout_width = width
            self._layout = lay_out(self._columns, width - GUTTER, self._needs.widths)
            self._lines.clear()
        return self._layout

    def render_lines(self, crop: Region) -> list[Strip]:
        """Every line is drawn with the same columns."""
        if self._needs.measure(self._visible(), self._listing.rows):
            layout, self._layout_width = self._layout, -1
            if self._shown() != layout:
                self.refresh()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        shown, width = self._shown(), self._layout_width
        if y < HEADER:
            return header_line(shown, self.order, width, self._styles.header(""))
        index = y - HEADER + self.scroll_offset.y
        if index < len(self._listing.view):
            return self._row_line(self._listing.view[index])
        if not self._listing.view:
            words = self._empty if not self.rows else all_hidden(len(self.rows))
            lines = empty_lines(phrase_parts(words), width, self.app.console, self._styles.plain)
            if y - HEADER < len(lines):
                return lines[y - HEADER]
        return Strip.blank(width, self._styles.plain(""))

    def _row_line(self, key: K) -> Strip:
        state, row = self._state(key), self._listing.rows[key]
        line = self._lines.get(state)
        if line is None or not line.is_current(row, self._now):
            if len(self._lines) >= 2_000:
                self._lines.clear()
            _, under_cursor, selected = state
            style_of = self._styles.cursor if under_cursor else self._styles.plain
            line = row_line(row, self._layout, self._layout_width, self._now, selected=selected, style_of=style_of)
            self._lines[state] = line
            self.lines_built += 1
        return line.strip

    def on_resize(self) -> None:
        """The line under the cursor stays on the screen when that becomes smaller."""
        self._move(self._cursor)

    def notify_style_update(self) -> None:
        """Another theme, or the focus came or went."""
        super().notify_style_update()
        self._styles.clear()
        self._lines.clear()
