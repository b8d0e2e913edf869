"""The lines of a log that are in view, drawn: only those are ever made."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.fleet.log_lines import LogExtent, LogLine, LogMark, Search
from console.operations.interfaces import LogText
from console.ui.widgets.log_folds import Folds
from console.ui.widgets.log_rows import LogRows, all_but, runs_of
from console.ui.widgets.log_strips import Drawn, StyleOf, Times, gap, is_of_another_day, stamp_width, strips
from console.ui.widgets.table_lines import LineStyles

SOURCES = ("source-1", "source-2", "source-3", "source-4", "source-5", "source-6")
"""How the names of logs are drawn in a merged one."""
CONTEXT = 3
"""Lines around a match when only matches are shown."""


class LogPage(ScrollView):
    """What is shown of a log, and how: what is asked of it is the view's."""

    STYLES = (
        *("muted", "error", "warning", "info", "command", "group", "accent", "hit"),
        *("mark-error", "mark-warning", "mark-info"),
        *SOURCES,
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-page--cursor", *(f"log-page--{name}" for name in STYLES)}
    DEFAULT_CSS = """
    LogPage {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        color: $foreground;
        & > .log-page--cursor { background: $block-cursor-blurred-background; }
        &:focus > .log-page--cursor { background: $block-cursor-background; }
        & > .log-page--muted { color: $text-muted; }
        & > .log-page--error { color: $error; }
        & > .log-page--warning { color: $warning; }
        & > .log-page--info { color: $secondary; }
        & > .log-page--command { color: $accent; }
        & > .log-page--group { text-style: bold; }
        & > .log-page--accent { color: $accent; text-style: bold; }
        & > .log-page--hit { text-style: reverse; }
        & > .log-page--mark-error { color: $error; text-style: bold underline; }
        & > .log-page--mark-warning { color: $warning; text-style: underline; }
        & > .log-page--mark-info { text-style: underline; }
        & > .log-page--source-1 { color: $accent; }
        & > .log-page--source-2 { color: $foreground; text-style: bold; }
        & > .log-page--source-3 { color: $text-muted; }
        & > .log-page--source-4 { color: $accent; text-style: bold; }
        & > .log-page--source-5 { color: $foreground; }
        & > .log-page--source-6 { color: $text-muted; text-style: bold; }
        &:nocolor > .log-page--cursor { text-style: reverse; }
        &:nocolor > .log-page--error { text-style: bold; }
    }
    """

    wrapped: reactive[bool] = reactive(False, init=False)
    times: reactive[Times] = reactive("clock", init=False)
    only_matches: reactive[bool] = reactive(False, init=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._text: LogText | None = None
        self._sources: Mapping[str, str] = {}
        """Of a merged log, how the name of each log in it is drawn."""
        self._source_width = 0
        self.extent = LogExtent(0, 0)
        self.cursor_line = 0
        self.search: Search | None = None
        self.hits: Sequence[int] = ()
        """Lines that have what was searched for, as far as they were listed."""
        self._rows = LogRows(0)
        self._marks: Mapping[int, LogMark] = {}
        self._marked: Sequence[int] = ()
        self._folds = Folds()
        self._bookmarks: set[int] = set()
        self._anchor: int | None = None
        self._shift = 0
        self._timed = False
        """A line has been seen that says when it was written: before that there is no column for it."""
        self._days = False
        """A line has been seen that is of another day."""
        self._now: datetime | None = None
        self._page: list[Strip] = []
        self._page_state: tuple[object, ...] = ()
        self._styles = LineStyles(self, "log-page")

    @property
    def selected(self) -> tuple[int, int]:
        """First line, and the one after the last: the selected ones, else the one under the cursor."""
        other = self.cursor_line if self._anchor is None else self._anchor
        return min(other, self.cursor_line), max(other, self.cursor_line) + 1

    # Which lines are shown, and where.

    def _arrange(self) -> None:
        """Which lines are shown, after anything that bears on it."""
        lines = self.extent.lines
        hidden = self._folds.hidden()
        if self.only_matches:
            hidden += all_but(self._matches, lines, CONTEXT)
        top = self._rows.line(self.scroll_offset.y) if self._rows.count else 0
        had_hidden = self._rows.count != self._rows.lines
        self._rows = LogRows(lines, hidden)
        self.virtual_size = Size(0, self._rows.count + self._beyond_end())
        if (hidden or had_hidden) and self._rows.count:
            self._scroll(self._rows.row(min(top, max(lines - 1, 0))))
        self._redraw()

    @property
    def _matches(self) -> Sequence[int]:
        return self._marked if self.search is None else self.hits

    @property
    def _uneven(self) -> bool:
        """Some lines take several rows of the screen."""
        return self.wrapped or self.only_matches

    def _beyond_end(self) -> int:
        """With lines that take several rows, fewer of them fit: so much further one can scroll."""
        if not self._uneven or not self._rows.count or self._text is None:
            return 0
        return self._height() - (self._rows.count - self._top_for(self._rows.count - 1))

    def _top_for(self, last: int) -> int:
        """The first row of a page on which that row is the last."""
        return max(last + 1 - self._fitting(last + 1, self._height(), -1), 0)

    def _fitting(self, row: int, height: int, step: int) -> int:
        """How many of the rows from that one on, or before it, fit into so much of the screen: at least one."""
        if not self._uneven:
            return max(height, 1)
        used, rows = 0, 0
        row = row if step > 0 else row - 1
        while 0 <= row < self._rows.count:
            used += len(self._strips(self._rows.line(row)))
            if used > height:
                break
            rows, row = rows + 1, row + step
        return max(rows, 1)

    def _line_at(self, y: int) -> int | None:
        at = 0
        for row in range(self.scroll_offset.y, self._rows.count):
            line = self._rows.line(row)
            at += len(self._strips(line)) if self._uneven else 1
            if y < at:
                return line
        return None

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=max(row, 0), animate=False, force=True)

    # Drawing.

    def _height(self) -> int:
        return max(self.scrollable_content_region.height, 1)

    def _redraw(self) -> None:
        self._page_state = ()
        self.refresh()

    def _strips(self, line: int) -> list[Strip]:
        made = self._read(line, 1)
        drawn = self._drawn(made[0]) if made else [Strip.blank(self._width(), self._style(line)(""))]
        return self._with_gaps(line, drawn)

    def _read(self, first: int, count: int) -> list[LogLine]:
        lines = self._text.lines(first, count) if self._text is not None else []
        self._timed = self._timed or any(line.stamp for line in lines)
        self._days = self._days or any(is_of_another_day(line, self._now) for line in lines)
        return lines

    def _with_gaps(self, line: int, drawn: list[Strip]) -> list[Strip]:
        """Where only matches are shown it is seen how much is left out between them."""
        if not self.only_matches:
            return drawn
        before = self._gap(self._left_out_before(line))
        is_last = self._rows.row(line) == self._rows.count - 1
        return before + drawn + (self._gap(self._left_out_before(self.extent.lines)) if is_last else [])

    def _left_out_before(self, line: int) -> int:
        """Lines; what is folded away is counted at its title."""
        start, end = self._rows.hidden_before(line)
        return end - start - self._folds.under(start - 1)

    def _gap(self, lines: int) -> list[Strip]:
        return [gap(lines, self._width(), self._styles.plain)] if lines > 0 else []

    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 1)

    def _drawn(self, line: LogLine) -> list[Strip]:
        drawn = Drawn(
            width=self._width(),
            times=self.times if self._timed and self._width() > 2 * stamp_width(self.times) else "none",
            days=self._days,
            wrap=self.wrapped,
            shift=self._shift,
            most_rows=max(self._height() - 1, 1),
            now=self._now,
            mark=self._marks.get(line.number),
            bookmarked=line.number in self._bookmarks,
            under_cursor=line.number == self.cursor_line,
            folded=self._folds.under(line.number),
            search=self.search,
            source_width=self._source_width,
            source_style=self._sources.get(line.source, "muted"),
        )
        return strips(line, drawn, self._style(line.number), self.app.console)

    def _style(self, line: int) -> StyleOf:
        first, end = self.selected
        return self._styles.cursor if first <= line < end else self._styles.plain

    def _fill_page(self) -> None:
        """Make the lines in view, in as few reads as their neighbourhood allows."""
        top, height = self.scroll_offset.y, self._height()
        state = (top, height, self._width(), self.extent)
        if state == self._page_state or self._text is None:
            return
        self._page_state, self._page = state, []
        wanted = [self._rows.line(row) for row in range(top, min(top + height, self._rows.count))]
        if not wanted and self.only_matches:
            self._page = self._gap(self.extent.lines)
        for line in [line for first, count in runs_of(wanted) for line in self._read(first, count)]:
            self._page += self._with_gaps(line.number, self._drawn(line))
            if len(self._page) >= height:
                return

    def render_line(self, y: int) -> Strip:
        self._fill_page()
        return self._page[y] if y < len(self._page) else Strip.blank(self._width(), self._styles.plain(""))

    def notify_style_update(self) -> None:
        """Another theme, or the focus came or went."""
        super().notify_style_update()
        self._styles.clear()
        self._redraw()
