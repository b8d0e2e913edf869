"""The console in a terminal that goes away or takes no more output: it is gone all the same."""

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.terminal.terminal import BECOME_LEADER

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from console.operations.interfaces import SystemClock
from console.ui.app import run
from console.ui.terminal_app import Options
from tests.ui import fleet_fixture as fleet
clock = SystemClock()
connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT, at=clock.elapsed()))
stopped = Options(stop_all=lambda: Path(sys.argv[1]).write_text("all"))
sys.exit(run(fleet.FIRST, connector, clock, stopped))
"""


class Terminal:
    """A console in a terminal of its own."""

    def __init__(self, stopped: Path) -> None:
        self.fd, other_side = os.openpty()
        self._name = os.ttyname(other_side)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        # Unbuffered output leaves nothing to be flushed at the end, and nobody runs the console so.
        env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", BECOME_LEADER, sys.executable, "-c", PROGRAM, str(stopped)],
            stdin=other_side,
            stdout=other_side,
            stderr=other_side,
            env={**env, "TERM": "xterm-256color"},
            cwd=ROOT,
        )
        os.close(other_side)
        self.written = b""

    def read_until(self, text: bytes, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while text not in self.written:
            assert time.monotonic() < end, f"{text!r} was not seen"
            self._read(0.1)

    def _read(self, seconds: float) -> None:
        if select.select([self.fd], [], [], seconds)[0]:
            try:
                self.written += os.read(self.fd, 65536)
            except OSError:  # the other side is closed
                time.sleep(0.01)

    def fill(self) -> None:
        """It takes no more output: not one byte, and that for a while."""
        other_side = os.open(self._name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
        for _ in range(20):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(other_side, b".")
            time.sleep(0.01)
        os.close(other_side)

    def exit_code(self) -> int:
        """It comes within the two seconds after which the console ends itself, whatever hangs."""
        return self.process.wait(60)

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def end(self) -> None:
        self.close()
        self.process.kill()
        self.process.wait()


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """Written when all that the console has started is stopped from outside its loop."""
    return tmp_path / "stopped"


@pytest.fixture
def terminal(stopped: Path) -> Iterator[Terminal]:
    terminal = Terminal(stopped)
    try:
        terminal.read_until(b"prod-linux-03")
        yield terminal
    finally:
        terminal.end()


def test_it_ends_when_its_terminal_is_gone(terminal: Terminal) -> None:
    terminal.close()
    assert terminal.exit_code() == 129


def test_a_terminal_that_takes_no_output_does_not_keep_it_alive_nor_what_it_has_started(
    terminal: Terminal, stopped: Path
) -> None:
    terminal.fill()
    for _ in range(60):
        os.write(terminal.fd, b"23")
        time.sleep(0.01)
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.exit_code() == 143
    assert stopped.read_text() == "all"
