"""One command on a pretend host: only what the console sends is known, and nothing is run."""

import asyncio
import contextlib
import shlex
import time
from collections.abc import Iterable

import asyncssh

from console.errors import HostError
from console.fleet.frames import Frame
from console.fleet.scripts import Script, recognised
from console.simulator.host_acts import ACTS, LOOKS
from console.simulator.host_answers import ANSWERS, Host
from console.simulator.host_guards import Act
from console.simulator.host_streams import STREAMS

LOOKS_EVERY = 0.5
PATIENCE = 60.0
"""Seconds that a script goes on without a word on its standard input."""
REFUSED = 126
_SHELL = ["exec", "sh", "-s", "--"]
_BLOCK_ENDS = b"\nexit; }\n"
_LONGEST_BLOCK = 64 * 1024
_ON_WINDOWS = "'exec' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"

Session = asyncssh.SSHServerProcess[bytes]


async def serve_session(host: Host, process: Session) -> int:
    """Obeys, and says with which status it has ended."""
    with host.world.lock:
        windows = any(runner.os == "Windows" for runner in host.runners())
    if windows:
        process.stderr.write(_ON_WINDOWS.encode())
        return 1
    words = _words(process.command or "")
    if words is None:
        return _refuse(process, "a pretend host runs no commands of yours, only the console's own scripts.")
    known = recognised(await _block(process))
    if known is None:
        return _refuse(process, "a pretend host knows no such script.")
    script, mark = known
    try:
        values = script.words(*words)
    except (HostError, ValueError):
        return _refuse(process, "a pretend host takes no such arguments.")
    process.stdout.write(_framed(mark, [Frame("ready")]))
    if script.stream:
        return await _follow(host, process, script, mark, values)
    with host.world.lock:
        host.world.advance()
        frames = list({**ANSWERS, **LOOKS}[script.id](host, *values))
    process.stdout.write(_framed(mark, [*frames, _end(0)]))
    await process.stdout.drain()
    return 0


def _words(command: str) -> list[str] | None:
    try:
        words = shlex.split(command)
    except ValueError:
        return None
    return words[len(_SHELL) :] if words[: len(_SHELL)] == _SHELL else None


def _refuse(process: Session, why: str) -> int:
    process.stderr.write(f"{why}\n".encode())
    return REFUSED


async def _block(process: Session) -> bytes:
    """Standard input up to the end of the block; what follows is left there."""
    block = b""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while not block.endswith(_BLOCK_ENDS) and len(block) < _LONGEST_BLOCK:
                line = await process.stdin.readline()
                if not line:
                    break
                block += line
    return block


async def _follow(host: Host, process: Session, script: Script, mark: str, values: tuple[str, ...]) -> int:
    """Says what is new twice a second, as the real script does, for as long as somebody is there."""
    with host.world.lock:
        stream = {**STREAMS, **ACTS}[script.id](host, *values)
    if isinstance(stream, Act):
        heard = [await process.stdin.readline() for _ in range(stream.takes)]
        if not heard[-1].endswith(b"\n"):
            return 1
        stream.heard = [line.decode("utf-8", "replace").strip() for line in heard]
    listening = _Listening(process)
    watching = asyncio.create_task(listening.listen())
    try:
        while listening.somebody:
            with host.world.lock:
                host.world.advance()
                said = _framed(mark, stream.look())
            if stream.ended:
                process.stdout.write(said + _framed(mark, [_end(stream.status)]))
                return stream.status
            process.stdout.write(said)
            await process.stdout.drain()
            await asyncio.sleep(LOOKS_EVERY)
    finally:
        watching.cancel()
    return 143


class _Listening:
    """Whether a word still comes on standard input."""

    def __init__(self, process: Session) -> None:
        self._process = process
        self._heard = time.monotonic()
        self._over = False

    @property
    def somebody(self) -> bool:
        return not self._over and time.monotonic() - self._heard < PATIENCE

    async def listen(self) -> None:
        """Until it ends."""
        with contextlib.suppress(asyncssh.Error, asyncssh.BreakReceived, asyncssh.SignalReceived):
            while await self._process.stdin.readline():
                self._heard = time.monotonic()
        self._over = True


def _end(status: int) -> Frame:
    return Frame("end", (str(status),))


def _framed(mark: str, frames: Iterable[Frame]) -> bytes:
    """A frame without a word goes on with the one before."""
    frames = list(frames)
    if frames and frames[-1].word in {"note", "gone", "next"}:
        frames.append(Frame("rest"))  # so that it is known to be whole
    said = [
        f"\n{' '.join((mark, frame.word, *frame.fields))}\n".encode() + frame.data if frame.word else frame.data
        for frame in frames
    ]
    return b"".join(said)
