"""A pseudo-terminal that is read as fast as the program writes, for measuring what a person would wait for."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

LEADER = "import os, sys; os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
CONSOLE = str(Path(sys.executable).parent / "runner-console")


def environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "COLORTERM": "truecolor",
    }


class Screen:
    """Runs `command` on 120 x 40 cells."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.master, slave = os.openpty()
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", LEADER, *command], stdin=slave, stdout=slave, stderr=slave, env=dict(env)
        )
        os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What is ended by force leaves its connections behind.
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.master)

    def read(self, seconds: float) -> bytes:
        """What comes within that time; empty when nothing does."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        return os.read(self.master, 262144) if ready else b""

    def seconds_until(self, text: bytes, patience: float = 120.0) -> float:
        """Since the start, until this text has been drawn."""
        seen = b""
        while text not in seen:
            seen = seen[-4096:] + self.read(1.0)
            if time.perf_counter() - self.started > patience:
                raise TimeoutError(f"{text!r} was never drawn")
        return time.perf_counter() - self.started

    def drain(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.read(left)

    def seconds_from_key(self, key: bytes, patience: float = 5.0) -> float:
        """From a key press until something is drawn."""
        while self.read(0.0):
            pass
        at = time.perf_counter()
        os.write(self.master, key)
        if not self.read(patience):
            raise TimeoutError(f"nothing was drawn after {key!r}")
        return time.perf_counter() - at
