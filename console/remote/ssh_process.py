"""Programs that are started for a host's sake: without a terminal, and gone when they should be."""

import asyncio
import contextlib
import os
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process, SubprocessStreamProtocol
from collections.abc import Mapping, Sequence
from typing import IO, TypeVar

import msgspec

from console.errors import HostError, HostTimeoutError, NoSshError, printable

_BUFFER = 256 * 1024
_MOST_SAID = 64 * 1024
_Pipe = TypeVar("_Pipe", asyncio.StreamReader, asyncio.StreamWriter)
_running: set[int] = set()
"""The process groups of those that have not ended."""


def kill_all() -> None:
    """For who has to be gone at once; from any thread."""
    for group in tuple(_running):
        _signal(group, signal.SIGKILL)


class Ended(msgspec.Struct, frozen=True):
    """What a program left behind: everything that it printed, in one text."""

    code: int
    said: str


class _Exit(SubprocessStreamProtocol):
    """Knows of the program's end even while somebody else holds its pipes; asyncio's own `wait` does not."""

    def __init__(self) -> None:
        super().__init__(_BUFFER, asyncio.get_running_loop())
        self.exited = asyncio.Event()

    def process_exited(self) -> None:
        self.exited.set()
        super().process_exited()


class Started:
    """A program in a session of its own: it has no terminal to draw on, and its children end with it."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Exit) -> None:
        self._transport = transport
        self._exited = protocol.exited
        self.given_up: HostError | None = None
        """Why it was stopped, where that was not its user's wish."""
        self._process = Process(transport, protocol, asyncio.get_running_loop())
        if self.code is None:
            _running.add(self._process.pid)

    @property
    def code(self) -> int | None:
        """With which it ended; None while it has not."""
        return self._process.returncode

    @property
    def stdin(self) -> asyncio.StreamWriter:
        return _pipe(self._process.stdin)

    @property
    def stdout(self) -> asyncio.StreamReader:
        return _pipe(self._process.stdout)

    @property
    def stderr(self) -> asyncio.StreamReader:
        return _pipe(self._process.stderr)

    async def wait(self, deadline: float | None = None) -> bool:
        """Whether it has ended by then."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                await self._exited.wait()
        return self._exited.is_set()

    async def stop(self, patience: float = 0.5) -> None:
        """Ends it, politely at first. Its pipes are closed whoever else holds them."""
        try:
            if self.code is None:
                _signal(self._process.pid, signal.SIGTERM)
                await self.wait(patience)
        finally:
            if self.code is None:
                _signal(self._process.pid, signal.SIGKILL)
            self._transport.close()
            _running.discard(self._process.pid)
        await self.wait(patience)


async def start(command: Sequence[str], environ: Mapping[str, str], *, said: IO[bytes] | None = None) -> Started:
    """With three pipes; or, where a file is given for what it says, with no pipe and no input. Raises NoSshError."""
    loop = asyncio.get_running_loop()
    try:
        transport, protocol = await loop.subprocess_exec(
            _Exit,
            *command,
            stdin=DEVNULL if said else PIPE,
            stdout=said or PIPE,
            stderr=said or PIPE,
            env=environ,
            start_new_session=True,
        )
    except OSError as error:
        raise no_ssh(command[0], error) from None
    return Started(transport, protocol)


async def run(command: Sequence[str], environ: Mapping[str, str], deadline: float) -> Ended:
    """To its end. Raises NoSshError and HostTimeoutError."""
    with tempfile.TemporaryFile() as said:
        started = await start(command, environ, said=said)
        try:
            if not await started.wait(deadline):
                raise HostTimeoutError(f"`{printable(command[0])}` did not end within {deadline:g} s and was stopped")
        finally:
            await started.stop()
        return Ended(started.code or 0, words_of(said))


def words_of(said: IO[bytes], start: int = 0) -> str:
    """What was written into the file so far, from that byte on. The writer's place in it stays."""
    return os.pread(said.fileno(), _MOST_SAID, start).decode("utf-8", "replace")


def size_of(said: IO[bytes]) -> int:
    """How much was written into the file so far."""
    return os.fstat(said.fileno()).st_size


def no_ssh(program: str, error: OSError) -> NoSshError:
    """Why it could not be started."""
    return NoSshError(
        f"`{printable(program)}` could not be started: {error.strerror}",
        "Hosts are reached with the system's OpenSSH client. Install it, or name it as `ssh_program` in the settings.",
    )


def _pipe(end: _Pipe | None) -> _Pipe:
    if end is None:
        raise ValueError("it was started without pipes")
    return end


def _signal(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
