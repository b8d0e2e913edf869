"""However the console ends, the terminal is as it was before."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from console.ui import terminal_app
from tests.terminal.terminal import COMMAND, Terminal, environment

ALTERNATE_SCREEN = (b"\x1b[?1049h", b"\x1b[?1049l")
MOUSE = (b"\x1b[?1000h", b"\x1b[?1000l")
CURSOR = (b"\x1b[?25l", b"\x1b[?25h")
PASTE = (b"\x1b[?2004h", b"\x1b[?2004l")


def assert_terminal_is_restored(terminal: Terminal) -> None:
    for on, off in (ALTERNATE_SCREEN, MOUSE, CURSOR, PASTE):
        assert terminal.written.rfind(off) > terminal.written.rfind(on) > -1, (on, off)
    assert terminal.modes == terminal.modes_before


def started(tmp_path: Path, *arguments: str) -> Terminal:
    terminal = Terminal([COMMAND, "demo", *arguments], tmp_path)
    terminal.wait_for("prod-linux-03")
    return terminal


def test_the_key_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.send("q")
        assert terminal.exit_code() == 0
        assert_terminal_is_restored(terminal)


@pytest.mark.parametrize("moment", [0.0, 0.02, 0.04, 0.06, 0.08, 0.1])
def test_who_leaves_in_the_first_moments_is_let_go_without_a_fault(tmp_path: Path, moment: float) -> None:
    with Terminal([COMMAND, "demo"], tmp_path) as terminal:
        terminal.wait_for(lambda: ALTERNATE_SCREEN[0] in terminal.written)
        # Until the terminal is in a mode of the console's own, ctrl+q is for the terminal itself.
        terminal.wait_for(lambda: terminal.modes != terminal.modes_before)
        terminal.read(moment)
        terminal.send("\x11")
        assert terminal.exit_code() == 0, terminal.text
        assert_terminal_is_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_the_terminal_as_it_was_within_two_seconds(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path) as terminal:
        computed = terminal.computed()
        terminal.signal(number)
        assert terminal.exit_code() == 128 + number
        assert terminal.computed() - computed < 2
        assert_terminal_is_restored(terminal)
    assert terminal_app._BACKSTOP_SECONDS < 2


STUCK = """
import asyncio
import time
from console.operations.connection import FirstPaint
from console.operations.interfaces import SystemClock
from console.ui.app import ConsoleApp

def on_key(self, event):
    print("hangs", file=open("hangs", "w"))
    time.sleep(600)

ConsoleApp.on_key = on_key

class Nothing:
    def contexts(self): return ()
    async def open(self, name): await asyncio.sleep(600)

app = ConsoleApp(FirstPaint(context="acme"), Nothing(), SystemClock())
app.run()
"""


def test_a_console_that_hangs_when_it_is_told_to_end_leaves_the_terminal_as_it_was_too(tmp_path: Path) -> None:
    program = tmp_path / "stuck.py"
    program.write_text(STUCK)
    with Terminal([sys.executable, str(program)], tmp_path) as terminal:
        terminal.wait_for("acme")
        terminal.send("~")
        terminal.wait_for((tmp_path / "hangs").exists)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert_terminal_is_restored(terminal)


def test_without_a_mouse_no_mouse_reports_are_asked_of_the_terminal(tmp_path: Path) -> None:
    with started(tmp_path, "--no-mouse") as terminal:
        terminal.left()
        assert MOUSE[0] not in terminal.written


def test_without_a_terminal_the_console_says_so(tmp_path: Path) -> None:
    ended = subprocess.run(
        [COMMAND, "demo"],
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "terminal" in ended.stderr
    assert ended.stdout == ""


def test_on_a_dumb_terminal_the_console_says_so(tmp_path: Path) -> None:
    with Terminal([COMMAND, "demo"], tmp_path, env={"TERM": "dumb"}) as terminal:
        assert terminal.exit_code() == 2
        assert "TERM=dumb" in terminal.text
        assert b"\x1b" not in terminal.written


def test_suspended_and_continued_the_console_draws_itself_again(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.send("\x1a")
        terminal.wait_for(
            lambda: terminal.written.rfind(ALTERNATE_SCREEN[1]) > terminal.written.rfind(ALTERNATE_SCREEN[0])
        )
        assert_it_goes_on_where_it_stopped(terminal)


def test_stopped_without_notice_and_continued_the_console_draws_itself_again(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.signal(signal.SIGSTOP)
        assert_it_goes_on_where_it_stopped(terminal)


def assert_it_goes_on_where_it_stopped(terminal: Terminal) -> None:
    terminal.wait_for(lambda: os.waitpid(terminal.process.pid, os.WUNTRACED | os.WNOHANG) != (0, 0))
    before = len(terminal.written)
    terminal.signal(signal.SIGCONT)
    # What was typed before the terminal is taken up again is thrown away with the mode that it was typed in.
    terminal.wait_for(lambda: b"prod-linux-03" in terminal.written[before:].partition(ALTERNATE_SCREEN[0])[2])
    terminal.send("q")
    assert terminal.exit_code() == 0
    assert_terminal_is_restored(terminal)


@pytest.mark.parametrize("_again", range(4))
def test_a_signal_while_it_starts_leaves_the_terminal_as_it_was(tmp_path: Path, _again: int) -> None:
    with Terminal([COMMAND, "demo"], tmp_path) as terminal:
        terminal.wait_for(lambda: ALTERNATE_SCREEN[0] in terminal.written)
        terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 128 + signal.SIGTERM
        assert terminal.modes == terminal.modes_before
        assert ALTERNATE_SCREEN[1] in terminal.written


CRASH = """
import asyncio
from console.operations.connection import FirstPaint
from console.operations.interfaces import SystemClock
from console.ui.app import ConsoleApp

def on_key(self, event):
    token = "ghp_" + "C" * 36
    raise RuntimeError("a fault of ours")

ConsoleApp.on_key = on_key

class Nothing:
    def contexts(self): return ()
    async def open(self, name): await asyncio.sleep(60)

app = ConsoleApp(FirstPaint(context="acme"), Nothing(), SystemClock())
app.run()
raise SystemExit(app.return_code)
"""


def test_a_fault_of_ours_ends_with_a_traceback_that_shows_no_values_and_exit_code_70(tmp_path: Path) -> None:
    program = tmp_path / "crash.py"
    program.write_text(CRASH)
    with Terminal([sys.executable, str(program)], tmp_path) as terminal:
        terminal.wait_for("acme")
        terminal.send("~")
        assert terminal.exit_code() == 70
        assert "a fault of ours" in terminal.text
        assert b"CCCC" not in terminal.written
        assert terminal.modes == terminal.modes_before
