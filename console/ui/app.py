"""ConsoleApp: themes, signals, how it ends, and the one worker that feeds the screen."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.screen import Screen
from textual.scrollbar import ScrollBarRender
from textual.worker import Worker, WorkerState

from console.errors import EXIT_OUR_FAULT, NoContextError, SettingsError, UsageError
from console.operations.connection import Connection, Connector, FirstPaint
from console.operations.interfaces import Clock
from console.ui import signs
from console.ui.main_screen import MainScreen
from console.ui.palette import RegistryProvider
from console.ui.terminal import ConsoleDriver, drop_unwritten
from console.ui.theme import VARIABLE_DEFAULTS, themes
from console.ui.trouble import told
from console.ui.widgets.too_small import too_small
from console.ui.without_colours import WithoutColours

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_BACKSTOP_SECONDS = 1.8
"""After a signal it is over by then, whatever hangs."""
_BACK_OFF_SECONDS = (1, 2, 5, 10, 30, 60)
_CLOSE_SECONDS = 1.0
"""A context that takes longer to close is left behind: the console has to be gone two seconds after a signal."""


def _same(text: str) -> str:
    return text


@dataclass(frozen=True)
class Options:
    """What the operator's settings and the command line say about the screen."""

    mouse: bool = True
    redact: Callable[[str], str] = _same
    """Takes secrets and control characters out of a traceback before it is printed."""


class ConsoleApp(App[None]):
    """The console. It joins the screen with an open context, and decides nothing."""

    TITLE = "runner-console"
    CSS_PATH = "style.tcss"
    HORIZONTAL_BREAKPOINTS = MainScreen.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = MainScreen.VERTICAL_BREAKPOINTS
    COMMANDS = {RegistryProvider}  # noqa: RUF012 - typed by Textual
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, tooltip="Leave the console from anywhere"),
        Binding("ctrl+c", "help_quit", "how to quit", show=False, tooltip="Says which key leaves the console"),
        Binding("ctrl+p", "command_palette", "palette", show=False, priority=True, tooltip="Search every command"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, tooltip="Put the console in the background"),
    ]

    def __init__(
        self, first: FirstPaint, connector: Connector, clock: Clock, *, options: Options | None = None
    ) -> None:
        super().__init__(driver_class=ConsoleDriver)
        self.options = options or Options()
        self._connector = connector
        self._clock = clock
        self._wanted: str | None = None
        self._failures = 0
        self.backstop: threading.Timer | None = None
        for each in themes():
            self.register_theme(each)
        self._use_known_theme(first.theme)
        self.animation_level = "none"
        if signs.ascii_only():
            self.add_class("-ascii")
            ScrollBarRender.VERTICAL_BARS = [" "] * len(ScrollBarRender.VERTICAL_BARS)
        self.main = MainScreen(first, clock, connector.contexts)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """For themes that are not the console's own."""
        return VARIABLE_DEFAULTS

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With NO_COLOR none is sent, greys and backgrounds neither."""
        return [WithoutColours()] if self.no_color else super().get_line_filters()

    async def on_event(self, event: events.Event) -> None:
        """In a window that is too small nothing acts on what cannot be seen."""
        if isinstance(event, (events.InputEvent, events.Paste)) and too_small(self.size):
            key = event.key if isinstance(event, events.Key) else ""
            if key == "q":
                self.exit()
            if key not in {"ctrl+q", "ctrl+z"}:
                return
        await super().on_event(event)

    def get_default_screen(self) -> Screen[Any]:
        """The one screen; dialogs lie on top of it."""
        return self.main

    def on_load(self) -> None:
        """Signals, before anything of the terminal is changed."""
        for number in _ENDING:
            signal.signal(number, self._on_signal)

    def on_mount(self) -> None:
        """The worker, once the first screen has been drawn."""
        self.call_after_refresh(self._open, None)

    def on_unmount(self) -> None:
        """Give the signals back."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Runs even while the loop is stuck on a terminal that takes no more output; then the backstop ends it."""
        if self.backstop is None:
            self.backstop = threading.Timer(_BACKSTOP_SECONDS, os._exit, (128 + number,))
            self.backstop.daemon = True
            self.backstop.start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(partial(self.exit, return_code=128 + number))

    # The one worker that feeds the screen.

    def _open(self, name: str | None, after: float = 0) -> None:
        self._wanted = name
        self.run_worker(
            self._follow_fleet(name, after), name="fleet", group="fleet", exclusive=True, exit_on_error=False
        )

    async def _follow_fleet(self, name: str | None, after: float) -> None:
        if after:
            await self._clock.sleep(after)
        connection = await self._connector.open(name)
        try:
            if self.main.facts is None or self.main.facts.theme != connection.facts.theme:
                self._use_known_theme(connection.facts.theme)
            self.main.connected(connection)
            async with contextlib.aclosing(connection.watch.looks()) as looks:
                async for look in looks:
                    self._failures = 0
                    self.main.look = look
        finally:
            await self._close(connection)

    async def _close(self, connection: Connection) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await connection.close()

    @on(Worker.StateChanged)
    def _fleet_worker_changed(self, event: Worker.StateChanged) -> None:
        """A failed worker is shown and started again; one that cannot help itself waits for the operator."""
        error = event.worker.error
        if event.worker.group != "fleet" or event.state is not WorkerState.ERROR or error is None:
            return
        if isinstance(error, NoContextError):
            self.main.show_first_run()
        elif isinstance(error, (SettingsError, UsageError)):
            self.main.failed(error, None)
        else:
            wait = _BACK_OFF_SECONDS[min(self._failures, len(_BACK_OFF_SECONDS) - 1)]
            self._failures += 1
            self.main.failed(told(error), wait)
            self._open(self._wanted, wait)

    @on(MainScreen.ContextAsked)
    def _context_asked(self, event: MainScreen.ContextAsked) -> None:
        self._failures = 0
        self._open(event.name or self._wanted)

    def _use_known_theme(self, name: str) -> None:
        self.theme = name if name in self.available_themes else "dark"

    def get_key_display(self, binding: Binding) -> str:
        """Arrows and the like only where they can be shown."""
        return binding.key_display or binding.key if signs.ascii_only() else super().get_key_display(binding)

    def action_command_palette(self) -> None:
        """The stock palette, asked in our own words; it has nothing to offer over a dialog."""
        if self.screen is self.main:
            self.push_screen(CommandPalette(placeholder="Search for a command", id="--command-palette"))

    # How it ends.

    def action_help_quit(self) -> None:
        """Ctrl+c: copying and quitting have keys of their own, so that neither happens by accident."""
        self.notify("q or ctrl+q quits, y copies the line.", markup=False)

    def _handle_exception(self, error: Exception) -> None:
        if self.backstop is not None:
            return  # A signal took the screen down while it was being put up: its parts miss each other.
        super()._handle_exception(error)
        self._return_code = EXIT_OUR_FAULT

    def _fatal_error(self) -> None:
        """Textual's own would print local variables, and a token may be one of them."""
        self.bell()
        self._exit_renderables.append(Text(self.options.redact(_trace(self._exception))))
        self._close_messages_no_wait()


def _trace(error: BaseException | None) -> str:
    return "".join(traceback.format_exception(error)) if error is not None else ""


def run(first: FirstPaint, connector: Connector, clock: Clock, options: Options) -> int:
    """Run the console until it is left; its exit code."""
    app = ConsoleApp(first, connector, clock, options=options)
    # A collection over ten thousand runners would hold a key press for a tenth of a second: what is here now stays,
    # and what comes is looked through in small pieces.
    gc.freeze()
    gc.set_threshold(2_000, 5_000, 100)
    gc.enable()
    app.run(mouse=options.mouse)
    drop_unwritten()
    if app.backstop is not None:
        app.backstop.cancel()
    return app.return_code or 0
