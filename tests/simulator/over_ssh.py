"""Asks pretend hosts as the console does: by the real ssh, with the configuration that they have written."""

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from console.fleet.frames import Frame, FrameReader
from console.fleet.scripts import HEARTBEAT, SCRIPTS, sent
from console.simulator.hosts import Access, PretendHosts
from console.simulator.world import World

WEB = "http://127.0.0.1:8080"
MARK = "0123456789abcdef" * 2
PATIENCE = 60.0


@contextmanager
def hosts_of(world: World) -> Iterator[Access]:
    hosts = PretendHosts(world, WEB, "ssh")
    try:
        yield hosts.start()
    finally:
        hosts.stop()


def command(access: Access, host: str, *words: str) -> list[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    options = ("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes")
    return [str(access.program), *options, "--", host, f"exec sh -s -- {quoted}"]


def run(access: Access, host: str, sent_in: bytes = b"", *words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command(access, host, *words), input=sent_in, capture_output=True, timeout=PATIENCE, check=False
    )


def ask(access: Access, host: str, script: str, *values: str) -> list[Frame]:
    ended = run(access, host, sent(SCRIPTS[script], MARK), *SCRIPTS[script].words(*values))
    reader = FrameReader(MARK)
    frames = reader.feed(ended.stdout)
    assert (ended.returncode, reader.status, ended.stderr) == (0, 0, b"")
    return frames


class Followed:
    """A script that goes on."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._reader = FrameReader(MARK)
        self.frames: list[Frame] = []

    def until(self, enough: Callable[[list[Frame]], bool]) -> list[Frame]:
        """All frames so far, once they are enough."""
        assert self._process.stdout is not None
        out, deadline = self._process.stdout.fileno(), time.monotonic() + PATIENCE
        while not enough(self.frames):
            assert time.monotonic() < deadline, self.text()[-300:]
            if select.select([out], [], [], 0.1)[0]:
                arrived = os.read(out, 1 << 20)
                assert arrived, self.frames[-3:]
                self.frames += self._reader.feed(arrived)
            else:
                self.frames += self._reader.silent()
        return self.frames

    def text(self) -> bytes:
        return b"".join(frame.data for frame in self.frames)

    def beat(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(HEARTBEAT)
        self._process.stdin.flush()

    def end(self) -> int:
        """Ends its standard input; its status."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(timeout=PATIENCE)

    def wait(self) -> int:
        return self._process.wait(timeout=PATIENCE)


@contextmanager
def follow(access: Access, host: str, script: str, *values: str) -> Iterator[Followed]:
    words = command(access, host, *SCRIPTS[script].words(*values))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(sent(SCRIPTS[script], MARK))
        process.stdin.flush()
        try:
            yield Followed(process)
        finally:
            process.kill()
