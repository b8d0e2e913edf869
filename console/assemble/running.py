"""What the commands run on the screen: the console, a demo, one log."""

import asyncio
import gc
import io
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.assemble.connectors import DemoConnector
from console.assemble.parts import memory
from console.assemble.pretend_time import PretendTime
from console.errors import SPELT, SettingsError, UsageError
from console.fleet.models import Name
from console.operations.connection import Connector, FirstPaint
from console.operations.interfaces import Clock, SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from console.fleet.log_lines import Where
    from console.operations.drill import Drill
    from console.operations.logs import OpenLog

    Opening = Callable[[], AbstractAsyncContextManager[OpenLog]]


def check_terminal(instead: str = "`runner-console now` or `runner-console now --json`") -> None:
    """Raises UsageError where there is nothing to draw on; `instead` needs no terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("The console needs a terminal", f"Without one, use {instead}.")
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError(
            "The console cannot draw on this terminal (TERM=dumb)",
            f"Set TERM to what the terminal is, or use {instead}.",
        )


def _suit_the_locale() -> None:
    """Signs and text that the terminal can show. Python writes UTF-8 where the locale is C, or is not named at all."""
    from console.ui.signs import choose

    plain = sys.stdout.encoding == "utf-8" and not _names_utf_8(os.environ)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="ascii" if plain else None, errors=SPELT)
    choose(sys.stdout.encoding)


def _names_utf_8(environ: Mapping[str, str]) -> bool:
    if environ.get("PYTHONIOENCODING") or environ.get("PYTHONUTF8") == "1":
        return True
    # Python itself sets LC_CTYPE to C.UTF-8 where it finds the locale C.
    kind = environ.get("LC_CTYPE", "").replace("C.UTF-8", "")
    return "UTF" in (environ.get("LC_ALL") or kind or environ.get("LANG", "")).upper()


def run_demo(
    scenario: str | None,
    speed: float,
    *,
    mouse: bool,
    read_only: bool,
    clean: Callable[[str], str],
    stop_all: Callable[[], None],
    say: Callable[[str], None] | None = None,
) -> int:
    """The console on a pretend fleet. With `say` its runbook is opened; in the end it is told what took how long."""
    check_terminal()
    from console.simulator.clock import WorldClock
    from console.simulator.scenarios import DEFAULT, scenario_named
    from console.ui.app import run
    from console.ui.terminal_app import Options

    _suit_the_locale()
    chosen = scenario_named(scenario or DEFAULT)
    clock = PretendTime(speed)
    connector = DemoConnector(chosen, clock, lambda: WorldClock(datetime.now(UTC), speed), read_only=read_only)
    drill = None if say is None else drill_in(chosen.id, connector.solved, clock, speed=speed, records=_records())
    first = FirstPaint(context=chosen.id, demo=chosen.id, read_only=read_only, drill=drill)
    code = run(first, connector, clock, Options(mouse=mouse, redact=clean, stop_all=stop_all))
    if say is not None and drill is not None:
        for line in drill.left():
            say(line)
    return code


def _records() -> "Path | None":
    """Where the walks of drills are recorded, beside the others; None: this user has no directory for them."""
    from console.settings.paths import paths

    with suppress(SettingsError):
        return paths().state_dir / "walks"
    return None


def drill_in(
    scenario: str,
    solved: Callable[[], bool],
    clock: Clock,
    *,
    speed: float = 1.0,
    records: "Path | None" = None,
) -> "Drill":
    """Raises UsageError where no runbook is for that scenario."""
    from console.operations.drill import Drill
    from console.operations.runbooks import library

    trained = {name: each.name for each in reversed(library().runbooks.values()) for name in each.training}
    if scenario not in trained:
        raise UsageError(
            f"No runbook is for practising in “{scenario}”.", f"There are ones for: {', '.join(sorted(trained))}."
        )
    return Drill(trained[scenario], solved, clock, speed=speed, records=records)


def run_console(
    connector: Connector,
    context: str | None,
    read_only: bool | None,
    mouse: bool | None,
    *,
    clean: Callable[[str], str],
    stop_all: Callable[[], None],
) -> int:
    """The console on a configured context. The first paint is from memory; settings are read after it."""
    check_terminal()
    # Until the first paint nothing becomes garbage; `run` turns the collector on again.
    gc.disable()
    from console.ui.app import run
    from console.ui.terminal_app import Options

    _suit_the_locale()
    remembered = memory()
    last = remembered.last_time()
    name = context or last.context
    first = FirstPaint(
        context=name,
        theme=last.theme,
        read_only=last.read_only if read_only is None else read_only,
        recall=lambda: remembered.snapshot(name) if name else None,
    )
    shown = last.mouse if mouse is None else mouse
    return run(first, connector, SystemClock(), Options(mouse=shown, redact=clean, stop_all=stop_all))


def run_log(path: "Path", where: "Where", *, mouse: bool, clean: Callable[[str], str]) -> int:
    """One file of this machine on the whole screen. Raises LogError when it cannot be read."""
    from console.remote.log_file import LogFile, readable

    readable(path)
    check_terminal("`runner-console logs --print FILE` or `runner-console scan FILE`")
    # Until the first paint nothing becomes garbage; `run` turns the collector on again.
    gc.disable()
    from console.operations.catalogue import whole_catalogue
    from console.operations.logs import OpenLog
    from console.remote.sanitize import text
    from console.ui.log_app import run
    from console.ui.terminal_app import Options

    _suit_the_locale()
    clock = SystemClock()

    def opening() -> OpenLog:
        return OpenLog((Name(text(path.name)),), where, LogFile(path), lambda: whole_catalogue().catalogue, clock)

    return run(opening, clock, memory().last_time().theme, Options(mouse=mouse, redact=clean))


def show_log(
    opening: "Opening", *, mouse: bool, clean: Callable[[str], str], stop_all: Callable[[], None], instead: str
) -> int:
    """A log of the fleet on the whole screen; it is opened before anything is drawn. Raises `ConsoleError` kinds."""
    check_terminal(instead)
    from console.ui.log_app import show
    from console.ui.terminal_app import Options

    _suit_the_locale()
    options = Options(mouse=mouse, redact=clean, stop_all=stop_all)
    return show(opening, SystemClock(), memory().last_time().theme, options)


def print_opened(opening: "Opening", write: Callable[[str], None]) -> None:
    """What is there of a log of the fleet. Raises `ConsoleError` kinds, where it broke off after what came."""
    from console.operations.named_log import arrival
    from console.remote.plain_log import plain_pieces

    async def printed() -> None:
        async with opening() as opened:
            trouble = await arrival(opened, SystemClock())
            for piece in plain_pieces(_blocks(opened)):
                write(piece)
            if trouble is not None:
                raise trouble

    asyncio.run(printed())


def _blocks(opened: "OpenLog") -> "Iterator[bytes]":
    at = 0
    while data := opened.text.bytes_from(at):
        at += len(data)
        yield data


def print_log(path: "Path", write: Callable[[str], None]) -> None:
    """A file as it is written, but harmless and without secrets, in large pieces. Raises LogError."""
    from console.remote.plain_log import plain_text

    for piece in plain_text(path):
        write(piece)
