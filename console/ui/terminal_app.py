"""What every screen of the console has from its app: themes, signals, a terminal that is left as it was."""

import asyncio
import gc
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.scrollbar import ScrollBarRender
from textual.widgets import Input

from console.errors import EXIT_OUR_FAULT
from console.ui import signs
from console.ui.terminal import ConsoleDriver, drop_unwritten
from console.ui.theme import VARIABLE_DEFAULTS, themes
from console.ui.widgets.prompt import Line
from console.ui.widgets.too_small import too_small
from console.ui.without_colours import WithoutColours

_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
_BACKSTOP_SECONDS = 1.8
"""After a signal it is over by then, whatever hangs."""


def _same(text: str) -> str:
    return text


def _nothing() -> None:
    pass


class Options(NamedTuple):
    """What the operator's settings and the command line say about the screen."""

    mouse: bool = True
    redact: Callable[[str], str] = _same
    """Takes secrets and control characters out of a traceback before it is printed."""
    stop_all: Callable[[], None] = _nothing
    """Stops what the console has started: where the backstop ends it, nobody else does."""


class TerminalApp(App[None]):
    """It knows nothing of fleets or logs."""

    TITLE = "runner-console"
    CSS_PATH = Path(__file__).with_name("style.tcss")
    HORIZONTAL_BREAKPOINTS = [(0, "-too-narrow"), (40, "-narrow"), (140, "-wide")]  # noqa: RUF012 - typed by Textual
    VERTICAL_BREAKPOINTS = [(0, "-too-low"), (10, "-low"), (16, "-high")]  # noqa: RUF012 - as above
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, tooltip="Leave the console from anywhere"),
        Binding("ctrl+c", "help_quit", "how to quit", show=False, tooltip="Says which key leaves the console"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, tooltip="Put the console in the background"),
    ]

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(driver_class=ConsoleDriver)
        self.options = options or Options()
        self.backstop: threading.Timer | None = None
        self.last_input = (0.0, 0.0)
        """When the last two keys or pastes came, on the clock of events: however late they are looked at."""
        self.key_again = False
        """Those two were the same key, which may have been held down."""
        self._last_key = ""
        for each in themes():
            self.register_theme(each)
        self.animation_level = "none"
        if signs.ascii_only():
            self.add_class("-ascii")
            ScrollBarRender.VERTICAL_BARS = [" "] * len(ScrollBarRender.VERTICAL_BARS)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """For themes that are not the console's own."""
        return VARIABLE_DEFAULTS

    def refresh_css(self, animate: bool = True) -> None:
        """Before the first screen comes it is enough to know the colours: it is styled with them, and not twice."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With NO_COLOR none is sent, greys and backgrounds neither."""
        return [WithoutColours()] if self.no_color else super().get_line_filters()

    async def on_event(self, event: events.Event) -> None:
        """In a window that is too small nothing acts on what cannot be seen. What is typed is in its line at once."""
        if isinstance(event, (events.Key, events.Paste)) and not event.is_forwarded:
            self.last_input = (self.last_input[1], event.time)
            pressed = event.key if isinstance(event, events.Key) else ""
            self.key_again, self._last_key = pressed == self._last_key, pressed
        if isinstance(event, (events.InputEvent, events.Paste)) and too_small(self.size):
            key = event.key if isinstance(event, events.Key) else ""
            if key == "q":
                self.exit()
            if key not in {"ctrl+q", "ctrl+z"}:
                return
        line = self.focused if isinstance(event, (events.Key, events.Paste)) else None
        if not (isinstance(line, Line) and line.take(event)):
            await super().on_event(event)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Every key acts before the next one is looked at, which may be typed ahead and is for what this one leads to.

        Textual asks here for bindings with priority, hands the key from widget to widget, and asks for the others then.
        """
        if isinstance(self.focused, Input) and not isinstance(self.focused, Line):
            # Letters wait there for their turn, and this key is to come after them.
            return await super()._check_bindings(key, priority)
        return priority and (await super()._check_bindings(key, priority=True) or await super()._check_bindings(key))

    def on_load(self) -> None:
        """Signals, before anything of the terminal is changed."""
        for number in _ENDING:
            signal.signal(number, self._on_signal)

    def on_unmount(self) -> None:
        """Give the signals back."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_DFL)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Runs even while the loop is stuck on a terminal that takes no more output; then the backstop ends it."""
        if self.backstop is None:
            self.backstop = threading.Timer(_BACKSTOP_SECONDS, self._leave, (128 + number,))
            self.backstop.daemon = True
            self.backstop.start()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(partial(self.exit, return_code=128 + number))

    def _leave(self, exit_code: int) -> None:
        try:
            self.options.stop_all()
            if isinstance(self._driver, ConsoleDriver):
                self._driver.put_down()
        finally:
            os._exit(exit_code)

    def use_known_theme(self, name: str) -> None:
        self.theme = name if name in self.available_themes else "dark"

    def get_key_display(self, binding: Binding) -> str:
        """Arrows and the like only where they can be shown."""
        shown = super().get_key_display(binding)
        return shown if shown.isascii() or not signs.ascii_only() else binding.key

    # How it ends.

    async def _on_exit_app(self) -> None:
        """Work that is ended before it began would be complained of on the terminal: all that was set going begins."""
        await asyncio.sleep(0)
        await super()._on_exit_app()

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


def run_app(app: TerminalApp) -> int:
    """Run it until it is left; its exit code."""
    keep_quiet()
    app.run(mouse=app.options.mouse)
    return left(app)


def keep_quiet() -> None:
    """What would interrupt the drawing waits from now on."""
    # A collection over ten thousand runners would hold a key press for a tenth of a second: what is here now stays,
    # what comes is looked through in small pieces, and all of it about twice an hour while much is drawn. What each
    # drawing leaves behind outlives the first look: without a second one soon it would grow by megabytes a minute.
    gc.freeze()
    gc.set_threshold(2_000, 25, 400)
    gc.enable()


def left(app: TerminalApp) -> int:
    """Its exit code, once its loop is over."""
    drop_unwritten()
    if app.backstop is not None:
        app.backstop.cancel()
    return app.return_code or 0
