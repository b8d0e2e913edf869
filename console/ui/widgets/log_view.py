"""A log of any size, of which only the lines in view are ever made."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from console.fleet.log_lines import LogExtent, LogGroup, LogLine, LogMark, Search
from console.operations.interfaces import LogText
from console.ui.widgets.log_keys import LOG_KEYS
from console.ui.widgets.log_rows import LogRows, all_but, following_of, runs_of
from console.ui.widgets.log_strips import TIMES, Drawn, StyleOf, Times, stamp_width, strips
from console.ui.widgets.table_lines import LineStyles

CONTEXT = 3
"""Lines around a match when only matches are shown."""
SHIFT = 20
"""Cells by which a log moves sideways."""


class LogView(ScrollView, can_focus=True, inherit_bindings=False):
    """`show`, `set_extent`, `set_marks` and `set_now` are all a pane has to know to fill it; `Changed` answers."""

    STYLES = (
        *("muted", "error", "warning", "info", "command", "group", "accent", "hit"),
        *("mark-error", "mark-warning", "mark-info"),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-view--cursor", *(f"log-view--{name}" for name in STYLES)}
    DEFAULT_CSS = """
    LogView {
        height: 1fr;
        overflow-x: hidden;
        scrollbar-size-vertical: 1;
        background: $surface;
        color: $foreground;
        & > .log-view--cursor { background: $block-cursor-blurred-background; }
        &:focus > .log-view--cursor { background: $block-cursor-background; }
        & > .log-view--muted { color: $text-muted; }
        & > .log-view--error { color: $error; }
        & > .log-view--warning { color: $warning; }
        & > .log-view--info { color: $secondary; }
        & > .log-view--command { color: $accent; }
        & > .log-view--group { text-style: bold; }
        & > .log-view--accent { color: $accent; text-style: bold; }
        & > .log-view--hit { text-style: reverse; }
        & > .log-view--mark-error { color: $error; text-style: bold underline; }
        & > .log-view--mark-warning { color: $warning; text-style: underline; }
        & > .log-view--mark-info { text-style: underline; }
        &:nocolor > .log-view--cursor { text-style: reverse; }
        &:nocolor > .log-view--error { text-style: bold; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = list(LOG_KEYS)

    following: reactive[bool] = reactive(False, init=False)
    wrapped: reactive[bool] = reactive(False, init=False)
    times: reactive[Times] = reactive("clock", init=False)
    only_matches: reactive[bool] = reactive(False, init=False)

    class Changed(Message):
        """The cursor is on another line, or what is shown has changed: the title and the explanation follow."""

        def __init__(self, view: "LogView") -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._text: LogText | None = None
        self.extent = LogExtent(0, 0)
        self._rows = LogRows(0)
        self._marks: Mapping[int, LogMark] = {}
        self._marked: Sequence[int] = ()
        self._groups: Sequence[LogGroup] = ()
        self._group_at: Mapping[int, LogGroup] = {}
        self._folded: set[int] = set()
        self._bookmarks: set[int] = set()
        self._anchor: int | None = None
        self._shift = 0
        self._paused_at: int | None = None
        self.cursor_line = 0
        self.search: Search | None = None
        self.hits: Sequence[int] = ()
        """Lines that have what was searched for, as far as they were listed."""
        self._now: datetime | None = None
        self._page: list[Strip] = []
        self._page_state: tuple[object, ...] = ()
        self._styles = LineStyles(self, "log-view")

    # What a pane says.

    def show(self, text: LogText) -> None:
        """Another log."""
        self._text = text
        self._marks, self._marked, self._groups, self._group_at = {}, (), (), {}
        self._folded, self._bookmarks, self._anchor = set(), set(), None
        self.cursor_line, self.search, self.hits, self._shift, self._paused_at = 0, None, (), 0, None
        self.set_extent(text.extent())
        self.scroll_to(y=0, animate=False, force=True)

    def set_extent(self, extent: LogExtent) -> None:
        """More has arrived. Called at most ten times a second."""
        anew = extent.anew != self.extent.anew
        self.extent = extent
        if anew:
            self._folded.clear()
            self._bookmarks.clear()
            self._anchor = self._paused_at = None
            self.cursor_line = min(self.cursor_line, max(extent.lines - 1, 0))
        self._arrange()
        if self.following:
            self._to_end()

    def set_marks(self, marks: Mapping[int, LogMark], groups: Sequence[LogGroup] = ()) -> None:
        """What the signatures know of the lines so far, and what can be folded. Both in the order of lines."""
        self._marks, self._marked = marks, tuple(marks)
        if groups != self._groups:
            self._groups = groups
            self._group_at = {group.start: group for group in groups}
        if self.only_matches or self._folded:
            self._arrange()
        self._redraw()

    def set_now(self, now: datetime) -> None:
        """Ages count on."""
        self._now = now
        if self.times == "ago":
            self._redraw()

    def show_search(self, search: Search | None) -> None:
        """Show where it was found."""
        self.search, self.hits = search, ()
        self._arrange()

    def set_hits(self, hits: Sequence[int]) -> None:
        """The lines that have it, in their order."""
        self.hits = hits
        if self.only_matches:
            self._arrange()

    # What a pane asks.

    @property
    def new_lines(self) -> int:
        """Lines that came since it no longer follows."""
        return max(self.extent.lines - self._paused_at, 0) if self._paused_at is not None else 0

    @property
    def selected(self) -> tuple[int, int]:
        """First line, and the one after the last: the selected ones, else the one under the cursor."""
        other = self.cursor_line if self._anchor is None else self._anchor
        return min(other, self.cursor_line), max(other, self.cursor_line) + 1

    @property
    def has_selection(self) -> bool:
        return self._anchor is not None

    def mark_at_cursor(self) -> LogMark | None:
        """What is known of the line under the cursor."""
        return self._marks.get(self.cursor_line)

    def shown_runs(self) -> list[tuple[int, int]]:
        """First lines and ends of what is shown; of the selected lines alone, where some are."""
        first, end = self.selected if self._anchor is not None else (0, self.extent.lines)
        return self._rows.runs(first, end)

    def go_to(self, line: int, *, middle: bool = True) -> None:
        """Put the cursor on that line, unfolding what hides it; with context around it when it was out of view."""
        line = min(max(line, 0), max(self.extent.lines - 1, 0))
        if self._rows.hides(line):
            self._unhide(line)
        self.cursor_line = line
        row, top, height = self._rows.row(line), self.scroll_offset.y, self._height()
        if middle and not top <= row < top + height:
            self._scroll(row - height // 3)
        self._show_cursor()

    # What the operator does.

    def action_move(self, lines: int) -> None:
        self._move_to_row(self._rows.row(self.cursor_line) + lines)

    def action_page(self, pages: float) -> None:
        lines = max(int(self._height() * abs(pages)), 1) * (1 if pages > 0 else -1)
        self._scroll(self.scroll_offset.y + lines)
        self._move_to_row(self._rows.row(self.cursor_line) + lines)

    def action_first(self) -> None:
        self._move_to_row(0)

    def action_last(self) -> None:
        self.following = not self.extent.ended
        self._move_to_row(self._rows.count - 1)

    def action_shift(self, by: int) -> None:
        if not self.wrapped:
            self._shift = max(self._shift + by * SHIFT, 0)
            self._redraw()

    def action_follow(self) -> None:
        self.following = not self.following

    def action_wrap(self) -> None:
        self.wrapped = not self.wrapped

    def action_times(self) -> None:
        self.times = TIMES[(TIMES.index(self.times) + 1) % len(TIMES)]

    def action_only_matches(self) -> None:
        self.only_matches = not self.only_matches

    def action_mark(self, severity: str, step: int) -> None:
        """The next line of that severity; from the last one on to the first."""
        lines = [line for line in self._marked if self._marks[line].severity == severity]
        if not lines:
            self.notify(f"No {severity} is marked in this log.", markup=False)
            return
        self.go_to(following_of(lines, self.cursor_line, step))

    def action_bookmark(self) -> None:
        self._bookmarks.symmetric_difference_update((self.cursor_line,))
        self._redraw()

    def action_next_bookmark(self) -> None:
        if self._bookmarks:
            self.go_to(following_of(sorted(self._bookmarks), self.cursor_line, 1))

    def action_select(self) -> None:
        self._anchor = self.cursor_line if self._anchor is None else None
        self._redraw()

    def select_nothing(self) -> None:
        """What was selected has been copied."""
        self._anchor = None
        self._redraw()

    def action_fold(self) -> None:
        group = self._group_at.get(self.cursor_line) or self._group_around(self.cursor_line)
        if group is not None:
            self._folded.symmetric_difference_update((group.start,))
            self.cursor_line = group.start
            self._arrange()
            self._show_cursor()

    def action_fold_all(self) -> None:
        self._folded = set() if self._folded else set(self._group_at)
        self._arrange()
        self._show_cursor()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        line = self._line_at(event.y)
        if line is None:
            return
        again, self.cursor_line = line == self.cursor_line, line
        if again:
            self.action_fold()
        self._show_cursor()

    def watch_following(self, following: bool) -> None:
        self._paused_at = None if following else self.extent.lines
        if following:
            self._to_end()
        self._tell()

    def watch_wrapped(self) -> None:
        self._shift = 0
        self._arrange()
        self._show_cursor()

    def watch_times(self) -> None:
        self._redraw()

    def watch_only_matches(self) -> None:
        self._arrange()
        self._show_cursor()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Going up is a wish to read."""
        super().watch_scroll_y(old_value, new_value)
        if self.following and new_value < old_value and new_value < self.max_scroll_y:
            self.following = False

    # Place.

    def _move_to_row(self, row: int) -> None:
        row = min(max(row, 0), max(self._rows.count - 1, 0))
        if self.following and row < self._rows.count - 1:
            self.following = False
        self.cursor_line = self._rows.line(row)
        self._show_cursor()

    def _show_cursor(self) -> None:
        """Scroll by as little as brings the cursor into view; from a line that is hidden to one that is not."""
        if self._rows.count and self._rows.hides(self.cursor_line):
            self.cursor_line = self._rows.line(self._rows.row(self.cursor_line))
        row, top = self._rows.row(self.cursor_line), self.scroll_offset.y
        self._scroll(min(max(top, self._top_for(row)), row))
        self._redraw()
        self._tell()

    def _top_for(self, last: int) -> int:
        """The first row of a page on which that row is the last: fewer lines fit where they wrap."""
        height, used = self._height(), 0
        if not self.wrapped:
            return max(last - height + 1, 0)
        for row in range(last, -1, -1):
            used += len(self._strips(self._rows.line(row)))
            if used > height:
                return min(row + 1, last)
        return 0

    def _to_end(self) -> None:
        self.cursor_line = self._rows.line(max(self._rows.count - 1, 0)) if self._rows.count else 0
        self._scroll(self.virtual_size.height)
        self._redraw()

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=max(row, 0), animate=False, force=True)

    def _arrange(self) -> None:
        """Which lines are shown, after anything that bears on it."""
        lines = self.extent.lines
        hidden = [(start + 1, self._group_at[start].end) for start in self._folded if start in self._group_at]
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

    def _beyond_end(self) -> int:
        """With lines that wrap, fewer of them fit: so much further one can scroll."""
        if not self.wrapped or not self._rows.count or self._text is None:
            return 0
        return self._height() - (self._rows.count - self._top_for(self._rows.count - 1))

    def _unhide(self, line: int) -> None:
        self._folded = {start for start in self._folded if not start < line < self._group_at[start].end}
        if self.only_matches and line not in self._matches:
            self.only_matches = False
        self._arrange()

    def _group_around(self, line: int) -> LogGroup | None:
        place = bisect_right(self._groups, line, key=lambda group: group.start) - 1
        group = self._groups[place] if place >= 0 else None
        return group if group is not None and line < group.end else None

    def _line_at(self, y: int) -> int | None:
        at = 0
        for row in range(self.scroll_offset.y, self._rows.count):
            line = self._rows.line(row)
            at += len(self._strips(line)) if self.wrapped else 1
            if y < at:
                return line
        return None

    # Drawing.

    def _height(self) -> int:
        return max(self.scrollable_content_region.height, 1)

    def _tell(self) -> None:
        self.post_message(self.Changed(self))

    def _redraw(self) -> None:
        self._page_state = ()
        self.refresh()

    def _strips(self, line: int) -> list[Strip]:
        made = self._text.lines(line, 1) if self._text is not None else []
        return self._drawn(made[0]) if made else [Strip.blank(self._width(), self._style(line)(""))]

    def _width(self) -> int:
        return max(self.scrollable_content_region.width, 1)

    def _drawn(self, line: LogLine) -> list[Strip]:
        group = self._group_at.get(line.number)
        folded = group.end - group.start - 1 if group is not None and line.number in self._folded else 0
        drawn = Drawn(
            width=self._width(),
            times=self.times if self._width() > 2 * stamp_width(self.times) else "none",
            wrap=self.wrapped,
            shift=self._shift,
            most_rows=max(self._height() - 1, 1),
            now=self._now,
            mark=self._marks.get(line.number),
            bookmarked=line.number in self._bookmarks,
            under_cursor=line.number == self.cursor_line,
            folded=folded,
            search=self.search,
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
        for first, count in runs_of(wanted):
            for line in self._text.lines(first, count):
                self._page += self._drawn(line)
                if len(self._page) >= height:
                    return

    def render_line(self, y: int) -> Strip:
        self._fill_page()
        return self._page[y] if y < len(self._page) else Strip.blank(self._width(), self._styles.plain(""))

    def on_resize(self) -> None:
        """The cursor stays on the screen when that becomes smaller."""
        self._arrange()
        if self.following:
            self._to_end()
        else:
            self._show_cursor()

    def notify_style_update(self) -> None:
        """Another theme, or the focus came or went."""
        super().notify_style_update()
        self._styles.clear()
        self._redraw()
