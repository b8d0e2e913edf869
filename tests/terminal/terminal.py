"""A program in a real pseudo-terminal: what it writes, byte for byte, and how it leaves."""

import contextlib
import fcntl
import os
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

BECOME_LEADER = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
SEQUENCE = re.compile(
    rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[@-Z\\-_=>()][AB0]?)"
)
COMMAND = str(Path(sys.executable).parent / "runner-console")


class Terminal:
    """Runs `command` with a terminal of its own. Everything it ever wrote is in `written`."""

    def __init__(
        self,
        command: Sequence[str],
        home: Path,
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.written = b""
        self._master, slave = os.openpty()
        self.resize(columns, rows)
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        self._computed = computed_by_children()
        self.process = subprocess.Popen(
            [sys.executable, "-c", BECOME_LEADER, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment(home) | dict(env or {}),
            cwd=home,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    @property
    def text(self) -> str:
        """Everything written so far without its escape sequences; cells are in the order in which they were drawn."""
        return SEQUENCE.sub(b"", self.written).decode(errors="replace")

    @property
    def modes(self) -> list[object]:
        return list(termios.tcgetattr(self._slave))

    def read(self, seconds: float = 0.1) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self._master], [], [], left)
            if ready:
                with contextlib.suppress(OSError):
                    self.written += os.read(self._master, 65536)

    def wait_for(self, what: str | Callable[[], bool], seconds: float = 60.0) -> None:
        """Until this text was written, or this holds. Fails with what was written instead."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.03)
            if what() if callable(what) else what in self.text:
                return
            if self.process.poll() is not None:
                self._read_to_the_end()
                break
        if not (what() if callable(what) else what in self.text):
            raise AssertionError(f"never saw {what!r}, exit {self.process.poll()}:\n{self.text[-3000:]}")

    def rest(self, quiet: float = 0.2, most: float = 1.0) -> None:
        """Until it has written something, and then nothing for a while; at most so long, for some keys do nothing."""
        start, end = len(self.written), time.monotonic() + most
        while time.monotonic() < end:
            before = len(self.written)
            self.read(quiet)
            if start < before == len(self.written):
                return

    def exit_code(self) -> int:
        """Wait for its end, reading what it still writes."""
        self.wait_for(lambda: self.process.poll() is not None)
        self._read_to_the_end()
        code = self.process.returncode
        assert isinstance(code, int)
        return code

    def left(self) -> int:
        """Its exit code, told to go by the key that leaves from anywhere: again, should one be taken with Escape."""
        for _ in range(30):
            if self.process.poll() is not None:
                break
            self.send("\x11")
            with contextlib.suppress(AssertionError):
                self.wait_for(lambda: self.process.poll() is not None, 2)
        return self.exit_code()

    def _read_to_the_end(self) -> None:
        """All that it has written; it has ended."""
        end = b"\x00the end\x00"
        self.read(0.1)
        os.write(self._slave, end)
        last = time.monotonic() + 60
        while end not in self.written and time.monotonic() < last:
            self.read(0.01)
        self.written = self.written.replace(end, b"")

    def computed(self) -> float:
        """Seconds of a processor's time that it has taken, which other programs do not make longer."""
        if self.process.poll() is not None:
            return computed_by_children() - self._computed
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def computed_by_children() -> float:
    """Of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(home: Path) -> dict[str, str]:
    """Nothing of the person who runs the tests: an empty home, no tokens, no session bus."""
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_RUNTIME_DIR": str(home / "none"),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "COLORTERM": "truecolor",
    }
