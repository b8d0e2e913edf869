"""ConsoleApp: the one screen, and the one worker that feeds it."""

import asyncio
import contextlib
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from console.errors import NoContextError, SettingsError, UsageError
from console.operations.connection import Connection, Connector, FirstPaint
from console.operations.interfaces import Clock
from console.ui.main_screen import MainScreen
from console.ui.palette import RegistryProvider
from console.ui.terminal_app import Options, TerminalApp, run_app
from console.ui.trouble import told

_BACK_OFF_SECONDS = (1, 2, 5, 10, 30, 60)
_CLOSE_SECONDS = 1.0
"""A context that takes longer to close is left behind: the console has to be gone two seconds after a signal."""


class ConsoleApp(TerminalApp):
    """The console. It joins the screen with an open context, and decides nothing."""

    COMMANDS = {RegistryProvider}  # noqa: RUF012 - typed by Textual
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+p", "command_palette", "palette", show=False, priority=True, tooltip="Search every command"),
    ]

    def __init__(
        self, first: FirstPaint, connector: Connector, clock: Clock, *, options: Options | None = None
    ) -> None:
        super().__init__(options)
        self._connector = connector
        self._clock = clock
        self._wanted: str | None = None
        self._failures = 0
        self.use_known_theme(first.theme)
        self.main = MainScreen(first, clock, connector.contexts)

    def get_default_screen(self) -> Screen[Any]:
        """The one screen; dialogs lie on top of it."""
        return self.main

    def on_mount(self) -> None:
        """The worker, once the first screen has been drawn."""
        self.call_after_refresh(self._open, None)

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
                self.use_known_theme(connection.facts.theme)
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

    def action_command_palette(self) -> None:
        """The stock palette, asked in our own words; it has nothing to offer over a dialog."""
        if self.screen is self.main:
            self.push_screen(CommandPalette(placeholder="Search for a command", id="--command-palette"))


def run(first: FirstPaint, connector: Connector, clock: Clock, options: Options) -> int:
    """Run the console until it is left; its exit code."""
    return run_app(ConsoleApp(first, connector, clock, options=options))
