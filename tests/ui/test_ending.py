"""The console in a terminal that goes away or takes no more output: it is gone all the same."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

SOON = 4
"""Two seconds, and as many again for a machine that is busy."""
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
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # the child; nothing but exec may happen here
            os.chdir(ROOT)
            # Unbuffered output leaves nothing to be flushed at the end, and nobody runs the console so.
            env = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
            os.execve(sys.executable, [sys.executable, "-c", PROGRAM, str(stopped)], {**env, "TERM": "xterm-256color"})
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.written = b""

    def read_until(self, text: bytes, seconds: float = 20) -> None:
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

    def exit_code(self) -> tuple[int, float]:
        """The exit code, and after how many seconds it came."""
        start = time.monotonic()
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                break
            assert time.monotonic() < start + 10, "it does not end"
            time.sleep(0.02)
        took = time.monotonic() - start
        return os.waitstatus_to_exitcode(status), took

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def end(self) -> None:
        self.close()
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


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
    exit_code, took = terminal.exit_code()
    assert exit_code == 129
    assert took < SOON


def test_a_terminal_that_takes_no_output_does_not_keep_it_alive_nor_what_it_has_started(
    terminal: Terminal, stopped: Path
) -> None:
    for _ in range(60):
        os.write(terminal.fd, b"23")
        time.sleep(0.01)
    os.kill(terminal.pid, signal.SIGTERM)
    exit_code, took = terminal.exit_code()
    assert exit_code == 143
    assert took < SOON
    assert stopped.read_text() == "all"
