"""A log alone, on the whole screen."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from console.operations.interfaces import Clock
from console.operations.logs import OpenLog
from console.ui.terminal_app import Options, TerminalApp, keep_quiet, left, run_app
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.log_panel import LogPanel
from console.ui.widgets.too_small import TooSmall

Opening = Callable[[], OpenLog]
"""Opens the log once there is a loop to follow it on."""


class LogScreen(Screen[None], inherit_bindings=False):
    """One log and its keys."""

    HORIZONTAL_BREAKPOINTS = TerminalApp.HORIZONTAL_BREAKPOINTS
    VERTICAL_BREAKPOINTS = TerminalApp.VERTICAL_BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "help", key_display="?", tooltip="The keys of this screen"),
        Binding("q", "app.quit", "quit", tooltip="Leave the log"),
        Binding("tab", "app.focus_next", "next part", show=False, tooltip="To the next part of the screen"),
    ]

    def __init__(self, opened: OpenLog, clock: Clock) -> None:
        super().__init__()
        self._opened = opened
        self._clock = clock

    def compose(self) -> ComposeResult:
        """The log; what the keys do."""
        yield LogPanel(self._opened, self._clock.wall())
        yield HintsLine()
        yield TooSmall()

    def on_mount(self) -> None:
        """Ages count on."""
        panel = self.query_one(LogPanel)
        panel.view.focus()
        self.set_interval(1.0, lambda: panel.set_now(self._clock.wall()))

    def action_help(self) -> None:
        """`?`."""
        from console.ui.dialogs.help import HelpDialog, key_groups

        self.app.push_screen(HelpDialog(key_groups(self), commands=False))


class LogApp(TerminalApp):
    """The console, of which nothing but one log is there."""

    def __init__(self, opening: Opening, clock: Clock, theme: str, options: Options) -> None:
        super().__init__(options)
        self._opening = opening
        self._clock = clock
        self.use_known_theme(theme)

    async def on_mount(self) -> None:
        """The log comes first: there is nothing to show without it."""
        await self.push_screen(LogScreen(self._opening(), self._clock))


def run(opening: Opening, clock: Clock, theme: str, options: Options) -> int:
    """Show it until it is left; the exit code."""
    return run_app(LogApp(opening, clock, theme, options))


def show(
    opening: Callable[[], AbstractAsyncContextManager[OpenLog]], clock: Clock, theme: str, options: Options
) -> int:
    """The same of a log that is opened first, on the loop that feeds it. Raises what opening it raises."""

    async def shown() -> LogApp:
        async with opening() as opened:
            app = LogApp(lambda: opened, clock, theme, options)
            keep_quiet()
            await app.run_async(mouse=options.mouse)
            return app

    return left(asyncio.run(shown()))
