"""A log of any size on the screen: what a pane tells it, what a pane may ask, and what its keys do."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import cycle
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import reactive

from console.fleet.log_lines import LogExtent, LogGroup, LogMark, Search
from console.operations.interfaces import LogText
from console.operations.logs import time_of_line
from console.ui.widgets.log_folds import Folds
from console.ui.widgets.log_keys import LOG_KEYS
from console.ui.widgets.log_page import SOURCES, LogPage
from console.ui.widgets.log_rows import following_of
from console.ui.widgets.log_strips import TIMES

SHIFT = 20
"""Cells by which a log moves sideways."""


class LogView(LogPage, can_focus=True, inherit_bindings=False):
    """`show`, `set_extent`, `set_marks` and `set_now` are all a pane has to know to fill it; `Changed` answers."""

    BINDINGS: ClassVar[list[BindingType]] = list(LOG_KEYS)

    following: reactive[bool] = reactive(False, init=False)

    class Changed(Message):
        """The cursor is on another line, or what is shown has changed: the title and the explanation follow."""

        def __init__(self, view: "LogView") -> None:
            super().__init__()
            self.view = view

    class Moved(Message):
        """The operator has gone to another line: other logs may follow to its time."""

        def __init__(self, view: "LogView") -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 -- Textual's name for it
        super().__init__(id=id)
        self._paused_at: int | None = None
        self._told_line = 0
        self._quiet = False

    # What a pane says.

    def show(self, text: LogText, sources: Sequence[str] = ()) -> None:
        """Another log; `sources` is what the logs in it are called where it is a merged one."""
        self._text = text
        self._sources = dict(zip(sources, cycle(SOURCES)))
        self._source_width = max(map(cell_len, sources), default=0)
        self._marks, self._marked, self._folds = {}, (), Folds()
        self._bookmarks, self._anchor, self._timed, self._days = set(), None, False, False
        self.cursor_line, self.search, self.hits, self._shift, self._paused_at = 0, None, (), 0, None
        self.set_extent(text.extent())
        self.scroll_to(y=0, animate=False, force=True)

    def set_extent(self, extent: LogExtent) -> None:
        """More has arrived. Called at most ten times a second."""
        anew = extent.anew != self.extent.anew
        self.extent = extent
        if anew:
            self._folds.open_all()
            self._bookmarks.clear()
            self._anchor, self.hits, self._timed, self._days = None, (), False, False
            if self._paused_at is not None:
                self._paused_at = extent.lines
            self.cursor_line = min(self.cursor_line, max(extent.lines - 1, 0))
        self._arrange()
        if self.following:
            self._to_end()
        self._told_line = self.cursor_line

    def set_marks(self, marks: Mapping[int, LogMark], groups: Sequence[LogGroup] = ()) -> None:
        """What the signatures know of the lines so far, and what can be folded. Both in the order of lines."""
        self._marks, self._marked = marks, tuple(marks)
        self._folds.set_groups(groups)
        if self.only_matches or self._folds:
            self._arrange()
        self._redraw()

    def set_now(self, now: datetime) -> None:
        """Ages count on, and days end."""
        another_day = self._now is None or self._now.astimezone().date() != now.astimezone().date()
        self._now = now
        if self.times == "ago" or another_day:
            self._redraw()

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """Where the cursor goes now, it goes without the operator: no other log follows."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

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

    async def line_at(self, moment: datetime) -> int | None:
        """The first line of that time or later."""
        return await self._text.line_at(moment) if self._text is not None else None

    def time_here(self) -> datetime | None:
        """When the line under the cursor was written, or the nearest one before it that says so."""
        return time_of_line(self._text, self.cursor_line) if self._text is not None else None

    @property
    def new_lines(self) -> int:
        """Lines that came since it no longer follows."""
        return max(self.extent.lines - self._paused_at, 0) if self._paused_at is not None else 0

    @property
    def at_end(self) -> bool:
        return self.following or self.cursor_line >= self.extent.lines - 1

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
        if self.following and line < self.extent.lines - 1:
            self.following = False
        self.cursor_line = line
        row, top, height = self._rows.row(line), self.scroll_offset.y, self._height()
        if middle and not top <= row < top + height:
            self._scroll(row - height // 3)
        self._show_cursor()

    def follow_to(self, line: int, *, at_end: bool) -> None:
        """Another log has led it there, or is `at_end` and follows what comes. What is hidden stays so."""
        with self.quietly():
            self.following = at_end and not self.extent.ended
            if self._rows.count and not self.following:
                self.go_to(self._rows.line(self._rows.row(line)))

    # What the operator does.

    def action_move(self, lines: int) -> None:
        self._move_to_row(self._rows.row(self.cursor_line) + lines)

    def action_page(self, pages: float) -> None:
        step, top = (1 if pages > 0 else -1), self.scroll_offset.y
        rows = step * self._fitting(top, int(self._height() * abs(pages)), step)
        self._scroll(top + rows)
        self._move_to_row(self._rows.row(self.cursor_line) + rows)

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
        if not self._timed:
            self.notify("No line here says when it was written.", markup=False)
            return
        self.times = TIMES[(TIMES.index(self.times) + 1) % len(TIMES)]

    def action_only_matches(self) -> None:
        self.only_matches = not self.only_matches

    def action_mark(self, severity: str, step: int) -> None:
        """The next line of that severity; from the last one on to the first."""
        lines = [line for line in self._marked if self._marks[line].severity == severity]
        if not lines:
            others = "; o shows what else is" if self._marked else ""
            self.notify(f"No {severity} is marked in this log{others}.", markup=False)
            return
        self.go_to(following_of(lines, self.cursor_line, step))

    def action_bookmark(self) -> None:
        self._bookmarks.symmetric_difference_update((self.cursor_line,))
        self._redraw()

    def action_next_bookmark(self) -> None:
        if not self._bookmarks:
            self.notify("No line has a bookmark; m sets one.", markup=False)
            return
        self.go_to(following_of(sorted(self._bookmarks), self.cursor_line, 1))

    def action_select(self) -> None:
        self._anchor = self.cursor_line if self._anchor is None else None
        self._redraw()

    def select_nothing(self) -> None:
        """What was selected has been copied."""
        self._anchor = None
        self._redraw()

    def action_fold(self) -> None:
        title = self._folds.turn(self.cursor_line)
        if title is not None:
            self.cursor_line = title
            self._arrange()
            self._show_cursor()

    def action_fold_all(self) -> None:
        self._folds.turn_all()
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

    def _to_end(self) -> None:
        self.cursor_line = self._rows.line(max(self._rows.count - 1, 0)) if self._rows.count else 0
        self._scroll(self.virtual_size.height)
        self._redraw()

    def _unhide(self, line: int) -> None:
        self._folds.open_around(line)
        if self.only_matches and line not in self._matches:
            self.only_matches = False
        self._arrange()

    def on_resize(self) -> None:
        """The cursor stays on the screen when that becomes smaller."""
        self._arrange()
        if self.following:
            self._to_end()
        else:
            self._show_cursor()

    def _tell(self) -> None:
        self.post_message(self.Changed(self))
        if self.cursor_line != self._told_line:
            self._told_line = self.cursor_line
            if not self._quiet:
                self.post_message(self.Moved(self))
