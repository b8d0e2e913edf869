"""One log on the screen: its title, its lines, what is known of the line under the cursor, and what is asked of it."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.fleet.log_lines import LogGroup, Search
from console.fleet.models import Step
from console.fleet.words import several
from console.operations.follow_log import Reading
from console.operations.logs import OpenLog, moment_in, step_of
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.trouble import told
from console.ui.widgets.fact_lines import FactLines
from console.ui.widgets.log_explanation import of_connection, of_line, of_log, of_nothing_yet
from console.ui.widgets.log_finder import MOST_HITS, Place, hits_as_it_grows, next_hit
from console.ui.widgets.log_keys import PANEL_KEYS
from console.ui.widgets.log_layout import BESIDE_FROM, LAYOUT
from console.ui.widgets.log_saving import place_of, save
from console.ui.widgets.log_title import Titled, state_part, title
from console.ui.widgets.log_view import LogView
from console.ui.widgets.prompt import Kind, PromptLine

MOST_COPIED = 1_000
"""Lines."""
PAST_COMES_WITHIN = 0.5
"""Seconds after the first lines from a host in which the rest of what was there already comes."""
CUT = " Of longer lines it is the first 8 KB."


class LogPanel(Vertical):
    """It closes its log when it goes."""

    DEFAULT_CSS = LAYOUT

    BINDINGS: ClassVar[list[BindingType]] = list(PANEL_KEYS)

    reading: var[Reading | None] = var(None, init=False, always_update=True)

    class Known(Message):
        """Other known lines than before were found in it."""

        def __init__(self, panel: "LogPanel", reading: Reading) -> None:
            super().__init__()
            self.panel = panel
            self.reading = reading

    def __init__(self, opened: OpenLog, now: datetime) -> None:
        super().__init__()
        self.opened = opened
        self.view = LogView()
        """There from the beginning: a clock may tick, or a key be pressed, before all of this is on the screen."""
        self._now = now
        self._moved = False
        """The operator has gone somewhere, or all is there: nothing takes the cursor away any more."""
        self._placed: int | None = None
        """The line that the cursor was put on without the operator."""
        self._sections: Sequence[tuple[Step, LogGroup]] = ()
        self._explains = True
        self._about: int | None = None
        """The known line that is explained; None: the log as a whole is."""
        self._searches: list[Place] = []
        """Those under way, and where they are."""
        self._listed: Search | None = None
        """Every line that has it is listed, or being listed."""
        self._grown = asyncio.Event()
        self.begun = asyncio.Event()
        """There is something of it to be seen."""

    def compose(self) -> ComposeResult:
        """Title; lines and explanation, below or beside. A prompt comes when something is asked: few logs are."""
        yield Static(classes="pane-title")
        with Container(classes="log-body"):
            yield self.view
            with VerticalScroll(classes="log-explanation", can_focus=False):
                yield FactLines()

    def on_mount(self) -> None:
        """Follow it until it goes: once its first lines are drawn, for the signatures take their time."""
        self.view.show(self.opened.text, self.opened.sources)
        self.view.set_now(self._now)
        if self.view.extent.lines:
            self.begun.set()
        self.call_after_refresh(self._begin)
        self._draw()

    def _begin(self) -> None:
        self.run_worker(self._follow(), name="follow", group="log", exclusive=True, exit_on_error=False)

    def on_descendant_focus(self) -> None:
        """Of several logs it is seen which one the keys are for."""
        self.call_after_refresh(self._draw)

    def on_descendant_blur(self) -> None:
        """They are for another one now."""
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """What is known of a line stands beside it where there is room for both; a title has so much room."""
        self.set_class(self.size.width >= BESIDE_FROM, "-beside")
        self.call_after_refresh(self._draw)
        if self.reading is not None and not self._moved:
            self._go_where_it_matters(self.reading)

    async def on_unmount(self) -> None:
        """The worker goes with the widget."""
        await self.opened.close()

    def set_now(self, now: datetime) -> None:
        """Ages count on."""
        self._now = now
        self.view.set_now(now)
        if self.is_mounted and self.opened.state is not None:
            self._draw()

    async def _follow(self) -> None:
        async for reading in self.opened.readings():
            if self.opened.steps and reading.complete:
                self._sections = await self.opened.sections()
            self.reading = reading

    def watch_reading(self, before: Reading | None, reading: Reading | None) -> None:
        """What has come, what is known of it, and once all is there, where it went wrong."""
        if reading is None:
            return
        if before is None or before.verdicts != reading.verdicts:
            self.post_message(self.Known(self, reading))
        self.view.set_extent(reading.extent)
        self.view.set_marks(reading.marks, reading.groups)
        self._grown.set()
        self.begun.set()
        if not self._moved:
            self._go_where_it_matters(reading)
        self._draw()

    def _go_where_it_matters(self, reading: Reading) -> None:
        line = self.opened.opens_at(reading, self._sections)
        # Read before it is laid out, it has no height that one could scroll by.
        if line is None or not self.view.size:
            return
        first, self._placed = self._placed is None, line
        if self.opened.state is None:
            self._moved = True
        elif first:
            self.set_timer(PAST_COMES_WITHIN, self._stay)
        with self.view.quietly():
            if line == reading.extent.lines - 1:
                self.view.action_last()
            else:
                self.view.go_to(line)

    def _stay(self) -> None:
        self._moved = True

    @on(Worker.StateChanged)
    def _worker_changed(self, event: Worker.StateChanged) -> None:
        event.stop()
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self._tell(told(event.worker.error))

    def _tell(self, error: ConsoleError) -> None:
        self.notify(f"{error.message} {error.hint}".strip(), severity="warning", markup=False)

    # What is drawn.

    @on(LogView.Changed)
    def _changed(self) -> None:
        self._moved |= not self.view.following and self.view.cursor_line != (self._placed or 0)
        self._list_hits()
        self._draw()

    def _draw(self) -> None:
        if self._pruning or not self.is_attached:
            return  # It is being closed, and its parts go before it does.
        self.query_one(".pane-title", Static).update(cells.content(self._title()))
        box = self.query_one(".log-explanation")
        reading = self.reading
        nothing = of_nothing_yet(self.opened.state) if reading is None else []
        box.display = self._explains and (reading is not None or bool(nothing))
        if nothing:
            self.set_class(True, "-alone")
            self.query_one(FactLines).lines = tuple(nothing)
        if reading is None or not box.display:
            return
        # Its height is the same for every line: what is read does not move away under the cursor.
        self.set_class(bool(reading.marks), "-marked")
        # Where there is no line, what GitHub says of the job has all the room.
        self.set_class(reading.complete and not reading.extent.lines, "-alone")
        line = self.view.cursor_line
        verdict = next((each for each in reversed(reading.verdicts) if each.match.line == line), None)
        found = of_line(verdict, reading) if verdict else of_log(reading, self.opened.catalogue, self.opened.notes)
        self.query_one(FactLines).lines = (*of_connection(self.opened.state), *found)
        about = line if verdict else None
        if self._about != about:
            self._about = about
            box.scroll_home(animate=False)

    def _title(self) -> list[Part]:
        view, reading = self.view, self.reading
        first, end = view.selected
        only = f"only matches (the first {signs.count(MOST_HITS)})" if len(view.hits) >= MOST_HITS else "only matches"
        log = Titled(
            self.opened.name,
            view.extent,
            view.cursor_line,
            marks=reading.marks.values() if reading is not None else (),
            has_keys=self.has_focus_within,
            step=step_of(self._sections, view.cursor_line),
            following=view.following,
            new_lines=view.new_lines,
            selected=end - first if view.has_selection else 0,
            only=only if view.only_matches else "",
            state=state_part(self.opened.state, self._now),
            searched_at=self._searched_at,
            search=view.search,
        )
        return title(log, self.query_one(".pane-title").content_size.width)

    def action_explain(self) -> None:
        """`x`."""
        self._explains = not self._explains
        self._draw()

    def action_read_on(self, by: int) -> None:
        """`J` and `K`: what is known may be longer than its room."""
        self.query_one(".log-explanation").scroll_relative(y=by, animate=False)

    # What is asked of it.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While something is typed, these keys are letters."""
        if action == "stop_search":
            return self._searched_at is not None
        return action != "ask" or not any(prompt.display for prompt in self.query(PromptLine))

    async def action_ask(self, kind: Kind) -> None:
        """`/`, `@` and ctrl+s: the line below is typed into."""
        if not self.query(PromptLine):
            await self.mount(PromptLine(self))
        self.query_one(PromptLine).open(kind, str(Path.home() / "log.txt") if kind == "save" else "")

    def _close_prompt(self) -> None:
        self.query_one(PromptLine).display = False
        self.screen.set_focus(self.view)

    def typed(self, kind: Kind, text: str) -> None:
        """Nothing is done before Enter."""

    def given_up(self, kind: Kind) -> None:
        """Of a search nothing stays."""
        if kind == "search":
            self.view.show_search(None)
            self._list_hits()
        self._close_prompt()
        self._draw()

    def entered(self, kind: Kind, text: str) -> None:
        """Search, go there, or save."""
        if kind == "search":
            self._search(text)
        elif kind == "time":
            self._go_to_time(text)
        else:
            self.run_worker(self._save(text), group="save", exit_on_error=False)
        self._close_prompt()

    def _search(self, text: str) -> None:
        regex = len(text) > 1 and text.startswith("/") and text.endswith("/")
        self.view.show_search(Search(text[1:-1] if regex else text, regex) if text.strip("/") else None)
        self._list_hits()
        self._draw()
        self.action_find(0)

    def action_find(self, step: int) -> None:
        """`n` and `N`; 0: from the line under the cursor on."""
        if self.view.search is not None:
            self.run_worker(self._find(self.view.search, step), group="find", exclusive=True, exit_on_error=False)

    async def _find(self, search: Search, step: int) -> None:
        try:
            with self._searching() as place:
                found = await next_hit(self.opened.text, search, self.view.cursor_line, step, place)
        except ConsoleError:
            self.view.show_search(None)
            self._list_hits()
            raise
        if found is None:
            within = " within its first 8 KB" if search.regex else ""
            self.notify(f'No line has "{search.wanted}"{within}.', markup=False)
        else:
            self._moved = True
            self.view.set_hits(sorted({*self.view.hits, found}))
            self.view.go_to(found)

    def _list_hits(self) -> None:
        """Only matches are shown: of what is searched for, all of them are needed."""
        wanted = self.view.search if self.view.only_matches else None
        if wanted == self._listed:
            return
        self._listed = wanted
        self.workers.cancel_group(self, "hits")
        if wanted is not None:
            self.run_worker(self._find_all(wanted), group="hits", exit_on_error=False)

    async def _find_all(self, search: Search) -> None:
        with self._searching() as place:
            async for hits in hits_as_it_grows(self.opened.text, search, self._grown, place):
                self.view.set_hits(hits)
                self._draw()

    @contextmanager
    def _searching(self) -> Iterator[Place]:
        """The title says where it is, four times a second."""
        place = Place()
        self._searches.append(place)
        ticking = self.set_interval(0.25, lambda: self._draw() if place.at is not None else None)
        self._draw()
        try:
            yield place
        finally:
            ticking.stop()
            self._searches.remove(place)
            self._draw()

    @property
    def _searched_at(self) -> int | None:
        return next((place.at for place in self._searches if place.at is not None), None)

    def action_stop_search(self) -> None:
        """Escape; nothing else changes."""
        self.workers.cancel_group(self, "find")
        self.view.only_matches = False

    def _go_to_time(self, text: str) -> None:
        near = next(
            (line.at for line in self.opened.text.lines(self.view.cursor_line, 200) if line.at is not None), None
        )
        moment = moment_in(text.strip(), near.astimezone()) if near is not None else None
        if moment is None:
            why = "The lines of this log carry no times" if near is None else "A time is written as 14:32 or 14:32:09"
            self.notify(why, severity="warning", markup=False)
            return
        self.run_worker(self._go_to_moment(moment), group="find", exclusive=True, exit_on_error=False)

    async def _go_to_moment(self, moment: datetime) -> None:
        line = await self.opened.text.line_at(moment)
        if line is not None:
            self._moved = True
            self.view.go_to(line)

    # What leaves it.

    def action_copy(self) -> None:
        """`y`."""
        self.run_worker(self._copy(), group="copy", exclusive=True, exit_on_error=False)

    async def _copy(self) -> None:
        first, end = self.view.selected
        lines = await asyncio.to_thread(self.opened.text.lines, first, min(end - first, MOST_COPIED))
        self.app.copy_to_clipboard("\n".join(line.sourced for line in lines))
        self.view.select_nothing()
        self._draw()
        of = f" of {signs.count(end - first)}; ctrl+s saves them all" if end - first > MOST_COPIED else ""
        cut = any(line.cut for line in lines)
        self.notify(f"Copied {several(len(lines), 'line')}{of}.{CUT if cut else ''}", markup=False)

    def action_copy_url(self) -> None:
        """`Y`."""
        if self.opened.url:
            self.app.copy_to_clipboard(self.opened.url)
            self.notify("Copied the address.", markup=False)

    async def _save(self, name: str) -> None:
        path = place_of(name)
        count, cut = await save(self.opened.text, self.view.shown_runs(), path)
        self.notify(f"Saved {several(count, 'line')} to {path}.{CUT if cut else ''}", markup=False)
