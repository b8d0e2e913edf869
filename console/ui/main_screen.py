"""The one screen: header, tabs, panes and the line at the bottom; and what happens when a pane asks for something."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError, UsageError
from console.fleet.models import JobKey, RunnerKey
from console.operations.connection import Connection, ContextFacts, FirstPaint
from console.operations.interfaces import Clock
from console.operations.look import Look
from console.ui.commands import COMMANDS, becoming, find_command, known_value, value_lines
from console.ui.life_places import LifePlacesScreen
from console.ui.notices import Notices
from console.ui.panes import PANES
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.table_pane import TablePane
from console.ui.screen_keys import SCREEN_KEYS
from console.ui.start import nothing_yet, remembered_facts, remembered_look, unopened_facts
from console.ui.terminal_app import TerminalApp
from console.ui.theme import themes
from console.ui.trouble import Trouble, told, trouble_of, troubles
from console.ui.widgets.banner import BannerLine
from console.ui.widgets.bottom import BottomLine
from console.ui.widgets.header import HeaderLine
from console.ui.widgets.prompt import Kind
from console.ui.widgets.tabs import TabLine
from console.ui.widgets.too_small import TooSmall
from console.ui.widgets.work_line import WorkLine

_TABS = tuple((entry.name, entry.key, entry.title) for entry in PANES if entry.key)


# Dialogs, and what explains, are loaded when they are opened: the first paint does not wait for them.
class MainScreen(LifePlacesScreen):
    """It holds the look that the worker brings and binds it down into every pane."""

    AUTO_FOCUS = None
    HORIZONTAL_BREAKPOINTS = TerminalApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = TerminalApp.VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [*SCREEN_KEYS]

    facts: var[ContextFacts | None] = var(None, init=False)
    failure: var[Trouble | None] = var(None, init=False)

    class ContextAsked(Message):
        """Another context is to be opened; None opens the same one again."""

        def __init__(self, name: str | None) -> None:
            super().__init__()
            self.name = name

    def __init__(self, first: FirstPaint, clock: Clock, contexts: Callable[[], tuple[str, ...]]) -> None:
        super().__init__()
        self._clock = clock
        self._contexts = contexts
        self._notices = Notices()
        self._drill = first.drill
        self.set_reactive(MainScreen.facts, remembered_facts(first))
        self._recall = first.recall
        self.set_reactive(MainScreen.look, nothing_yet(first.context, clock))
        self.set_reactive(MainScreen.now, self._time())

    def compose(self) -> ComposeResult:
        """Only what the first screen needs; the other panes follow when it has been drawn."""
        with Vertical(id="everything"):
            yield HeaderLine().data_bind(MainScreen.look, MainScreen.now, MainScreen.facts)
            yield TabLine(_TABS).data_bind(MainScreen.facts)
            yield BannerLine().data_bind(MainScreen.now)
            yield Container(self._made("now"), id="panes")
            yield WorkLine().data_bind(MainScreen.works, MainScreen.now)
            yield BottomLine()
        yield TooSmall()

    def _made(self, name: str) -> Pane:
        entry = next(entry for entry in PANES if entry.name == name)
        pane = self.panes[name] = entry.make()
        return pane.data_bind(MainScreen.look, MainScreen.now, MainScreen.failure)

    def on_mount(self) -> None:
        """Ages count on each second; the other panes come after the first paint."""
        self.set_interval(1.0, self._tick)
        self.show_place()
        self.call_after_refresh(self._mount_rest)

    def _tick(self) -> None:
        self.now = self._time()

    def _time(self) -> datetime:
        """The server's time, as far as the last look says: what it said, and what has elapsed since."""
        if self.look is None:
            return self._clock.wall()
        return self.look.snapshot.taken_at + timedelta(seconds=self._clock.elapsed() - self.look.at)

    async def _mount_rest(self) -> None:
        snapshot = self._recall()
        if snapshot is not None and self.connection is None:
            self.look = remembered_look(snapshot, self._clock)
        with self.app.batch_update():
            # Who leaves in the first moment takes away what this would be put on.
            if not self.app._exit:
                await self.query_one(BottomLine).add_prompt(self)
            if not self.app._exit:
                rest = (self._made(entry.name) for entry in PANES if entry.name != "now")
                await self.query_one("#panes").mount(*rest)
        if not self.app._exit:
            self.show_place()

    # What comes from the worker.

    def connected(self, connection: Connection) -> None:
        """A context is open: its facts replace what was remembered, and its watch can be asked."""
        super().connected(connection)
        self.facts = connection.facts
        self.failure = None

    def failed(self, error: ConsoleError, wait: float | None) -> None:
        """The context could not be opened, or its watch ended; `wait` None means that only a person can mend it."""
        self.connection = None
        self.now = self._time()
        again_at = None if wait is None else self.now + timedelta(seconds=wait)
        self.failure = trouble_of(error, self.now, again_at)

    def watch_look(self, look: Look | None) -> None:
        """Ages start anew; troubles and alerts are told once for each change."""
        self.now = self._time()
        self._tell_troubles()
        bell = self.facts is not None and self.facts.bell
        if look is not None and self._notices.new_alert(look) and bell:
            self.app.bell()

    def watch_failure(self) -> None:
        self._tell_troubles()

    def _tell_troubles(self) -> None:
        known = troubles(self.look.snapshot) if self.look is not None and not self.look.remembered else ()
        lasting = self.failure is not None and self.failure.again_at is None
        if self.failure is not None:
            known = (self.failure, *known)
        self.query_one(BannerLine).troubles = known
        # What only a person can mend stays on the screen anyway.
        for trouble in self._notices.new_troubles(known[1:] if lasting else known):
            self.notify(trouble.message, severity="warning", markup=False)

    @on(Pane.Asked)
    def _read_anew(self, event: Pane.Asked) -> None:
        """What one drills into is read once more, out of turn; it comes back with the next look."""
        if event.place.target is not None and self.connection is not None:
            self.run_worker(
                _read(self.connection, event.place.target), group="detail", exclusive=True, exit_on_error=False
            )

    def go_to(self, pane: str, filter_text: str | None = None) -> None:
        """To a tab; with a filter when there is one. One that cannot be understood changes nothing."""
        there = self.panes.get(pane)
        if filter_text is not None and isinstance(there, TablePane):
            there.set_filter(filter_text)
        self.leave_for([Place(pane)])

    def action_go(self, pane: str) -> None:
        """1, 2, 3."""
        self.go_to(pane)

    @on(TabLine.Chosen)
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        self.go_to(event.pane)

    def action_leave(self) -> None:
        """`q`."""
        if self.go_back():
            return
        if self.works:
            self.notify("Something is being carried out. ctrl+q leaves anyway.", severity="warning", markup=False)
        else:
            self.leave()

    def leave(self) -> None:
        """End the console."""
        self.app.exit()

    # The line at the bottom.

    def action_filter(self) -> None:
        """`/`: what is typed filters at once."""
        pane = self.pane
        if isinstance(pane, TablePane):
            self.query_one(BottomLine).ask("filter", pane.filter_text)
            self._offer_filter(pane.filter_text)

    def action_command(self) -> None:
        """`:`."""
        lines = [*COMMANDS, *(line for _, line in value_lines(self))]
        self.query_one(BottomLine).ask("command", completions=lines)
        self.typed("command", "")

    def _close_prompt(self) -> None:
        if self.query_one(BottomLine).close():
            self.focus_pane()

    def typed(self, kind: Kind, text: str) -> None:
        """A filter is tried while it is typed; of a command it is said what it can become."""
        if kind == "filter":
            self._try_filter(text)
            self._offer_filter(text)
        elif kind == "command":
            self.query_one(BottomLine).offer(becoming(text, self))

    def _offer_filter(self, text: str) -> None:
        pane = self.pane
        if not text and isinstance(pane, TablePane):
            self.query_one(BottomLine).offer(pane.filter_words())

    def entered(self, kind: Kind, text: str) -> None:
        """The line stays while it cannot be understood."""
        if kind == "filter":
            if self._try_filter(text):
                self._close_prompt()
            return
        try:
            self.run_command(text)
        except UsageError as error:
            self.query_one(BottomLine).remark(error)
        else:
            self._close_prompt()

    def given_up(self, kind: Kind) -> None:
        """A filter goes with it."""
        if kind == "filter":
            self.set_filter("")
        self._close_prompt()

    def _try_filter(self, text: str) -> bool:
        """One that cannot be understood changes nothing: what was shown before it was typed is shown again."""
        bottom, wrong = self.query_one(BottomLine), None
        try:
            self.set_filter(text)
        except UsageError as error:
            self.set_filter(bottom.began_with)
            wrong = error
        bottom.remark(wrong)
        return wrong is None

    # What a command may ask; see `commands.Surface`.

    def run_command(self, line: str) -> None:
        """Run what was typed; `UsageError` when it cannot be understood."""
        if line.strip(" :"):
            command, argument = find_command(line, self)
            command.run(self, argument)

    def try_command(self, line: str) -> None:
        """Run a line of the palette; there is no line to remark on, so a notification says what is wrong."""
        try:
            self.run_command(line)
        except UsageError as error:
            self.notify(f"{error.message} {error.hint}", severity="warning", markup=False)

    def set_filter(self, text: str) -> None:
        """Filter the table in view."""
        pane = self.pane
        if not isinstance(pane, TablePane):
            raise UsageError("There is nothing to filter here.")
        pane.set_filter(text)

    def order_names(self) -> tuple[str, ...]:
        """Columns of the table in view."""
        pane = self.pane
        return pane.order_names() if isinstance(pane, TablePane) else ()

    def set_order(self, column: str) -> None:
        """Sort the table in view."""
        pane = self.pane
        if not isinstance(pane, TablePane):
            raise UsageError("There is nothing to sort here.")
        pane.set_order(column)

    def theme_names(self) -> tuple[str, ...]:
        """The console's own themes."""
        return tuple(theme.name for theme in themes())

    def use_theme(self, name: str) -> None:
        """Other colours."""
        self.app.theme = known_value(name, self.theme_names(), "theme")

    def context_names(self) -> tuple[str, ...]:
        """Contexts of the configuration."""
        return self._contexts()

    def use_context(self, name: str) -> None:
        """Open another context."""
        chosen = known_value(name, self.context_names(), "context")
        if self.connection is not None and self.connection.facts.name == chosen:
            self.notify(f"{chosen} is open already; r looks again.", markup=False)
            return
        if self.works:
            raise UsageError("Something is being carried out in this context.", "Wait for its end.")
        self.connection = None
        self.facts = unopened_facts(chosen, self.app.theme)
        self.look = nothing_yet(chosen, self._clock)
        self._notices = Notices()
        self.start_anew()
        self.post_message(self.ContextAsked(chosen))

    def show_sources(self) -> None:
        """Every source, its age and its problem."""
        from console.ui.dialogs.sources import SourcesDialog

        with self._context():
            dialog = SourcesDialog(self.look, self.facts).data_bind(MainScreen.look, MainScreen.now, MainScreen.facts)
        self.app.push_screen(dialog)

    def action_help(self) -> None:
        """`?`: the keys and commands of this screen."""
        from console.ui.dialogs.help import HelpDialog, key_groups

        self.app.push_screen(HelpDialog(key_groups(self)))

    def show_first_run(self) -> None:
        """Nothing is configured."""
        from console.ui.dialogs.first_run import FirstRunDialog

        self.app.push_screen(FirstRunDialog())

    def action_look_again(self) -> None:
        """`r`: every source is due; a context that could not be opened is tried again."""
        if self.connection is None:
            self.post_message(self.ContextAsked(None))
        else:
            self.connection.watch.look_again()

    def action_pause(self) -> None:
        """`p`: send no request, or go on."""
        if self.connection is not None:
            self.connection.watch.pause(not (self.look is not None and self.look.paused))

    # What is done with the line under the cursor.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        pane = self.pane
        typing = isinstance(self.focused, Input)
        can = {
            "command": not typing,
            "filter": isinstance(pane, TablePane) and not typing,
            "explain": pane.target() is not None,
            "pause": self.connection is not None,
        }
        return can.get(action, super().check_action(action, parameters))

    def action_explain(self) -> None:
        """`x`: why does this job wait or fail, why does this runner idle."""
        target = self.pane.target()
        if target is None or self.look is None:
            return
        from console.ui.dialogs.explain import ExplainDialog

        self.looked_into()
        if self.connection is not None and isinstance(target, JobKey):
            self.connection.watch.ask_why(target)
        with self._context():
            dialog = ExplainDialog(target, self.look).data_bind(MainScreen.look, MainScreen.now)
        self.app.push_screen(dialog)

    @on(Worker.StateChanged)
    def _detail_read(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "detail" and event.state is WorkerState.ERROR and event.worker.error is not None:
            error = told(event.worker.error)
            self.notify(f"{error.message} {error.hint}", severity="warning", markup=False)


async def _read(connection: Connection, target: Target) -> None:
    if isinstance(target, JobKey):
        await connection.watch.job(target)
    elif isinstance(target, RunnerKey):
        await connection.watch.runner(target)
