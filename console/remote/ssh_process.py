"""Programs that are started for a host's sake: without a terminal, and gone when they should be."""

import asyncio
import contextlib
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from subprocess import DEVNULL, PIPE
from types import FrameType
from typing import IO

import msgspec

from console.errors import HostError, HostTimeoutError, NoSshError, printable

_BUFFER = 256 * 1024
_MOST_SAID = 64 * 1024
_PATIENCE = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_running: dict[int, Callable[[int, int], None]] = {}
"""Those that have not ended, and what sends them a signal: to their whole group, or to one that shares ours."""
_starting = threading.Lock()


def kill_all() -> None:
    """For who has to be gone at once; from any thread. Nothing can be started any more after it."""
    # One that is being started is waited for; but whatever hangs, the others are to go.
    _starting.acquire(timeout=_PATIENCE)
    for process in tuple(_running):
        _signal(process, signal.SIGKILL)


class Ended(msgspec.Struct, frozen=True):
    """What a program left behind: everything that it printed, in one text."""

    code: int
    said: str


class Started:
    """A program at work, and what it says. Unless it was given our terminal, its children end with it."""

    def __init__(self, process: "subprocess.Popen[bytes]", told: bytes = b"") -> None:
        """It is `told` that on its standard input: at once, whatever else the loop has to do."""
        self._process = process
        self._untold = _tell(process.stdin, told) if process.stdin is not None else b""
        self._exited = asyncio.Event()
        self._stdin: asyncio.WriteTransport | None = None
        self._outputs: list[tuple[asyncio.StreamReader, asyncio.BaseTransport]] = []
        self.given_up: HostError | None = None
        """Why it was stopped, where that was not its user's wish."""
        self._connecting = asyncio.create_task(self._connect())
        threading.Thread(target=self._reap, args=(asyncio.get_running_loop(),), daemon=True).start()

    async def connected(self) -> None:
        """From then on it can be spoken to."""
        # Who gives up waiting leaves no pipe half open.
        await asyncio.shield(self._connecting)

    @property
    def code(self) -> int | None:
        """With which it ended; None while it has not."""
        return self._process.returncode

    @property
    def stdin(self) -> asyncio.WriteTransport:
        if self._stdin is None:
            raise ValueError("it was started without pipes")
        return self._stdin

    @property
    def stdout(self) -> asyncio.StreamReader:
        return self._outputs[0][0]

    @property
    def stderr(self) -> asyncio.StreamReader:
        return self._outputs[1][0]

    async def wait(self, deadline: float | None = None) -> bool:
        """Whether it has ended by then, even while somebody else holds its pipes."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                await self._exited.wait()
        return self._exited.is_set()

    async def stop(self, patience: float = _PATIENCE) -> None:
        """Ends it, politely at first. Its pipes are closed whoever else holds them."""
        try:
            await self.connected()
            if self.code is None:
                _signal(self._process.pid, signal.SIGTERM)
                await self.wait(patience)
        finally:
            if self.code is None:
                _signal(self._process.pid, signal.SIGKILL)
            self._close()
        await self.wait(patience)

    async def _connect(self) -> None:
        loop, process = asyncio.get_running_loop(), self._process
        if process.stdin is not None:
            self._stdin, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, process.stdin)
            self._stdin.write(self._untold)
        for pipe in filter(None, (process.stdout, process.stderr)):
            reader = asyncio.StreamReader(_BUFFER)
            transport, _ = await loop.connect_read_pipe(partial(asyncio.StreamReaderProtocol, reader), pipe)
            self._outputs.append((reader, transport))

    def _close(self) -> None:
        if self._stdin is not None:
            self._stdin.close()
        for _, transport in self._outputs:
            transport.close()

    def _reap(self, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own: it takes as long as the program does."""
        self._process.wait()
        _running.pop(self._process.pid, None)
        with contextlib.suppress(RuntimeError):  # the loop may be over by then
            loop.call_soon_threadsafe(self._exited.set)


async def start(
    command: Sequence[str],
    environ: Mapping[str, str],
    told: bytes = b"",
    *,
    said: IO[bytes] | None = None,
    on_terminal: bool = False,
) -> Started:
    """In a session of its own, where there is no terminal to draw on; or, to ask a person, on ours.

    With three pipes, the first of which it is `told` something through; where a file is given for what it says, with no
    pipe and no input. Raises NoSshError.
    """
    try:
        process = _begin(command, environ, said, on_terminal=on_terminal)
    except OSError as error:
        raise no_ssh(command[0], error) from None
    async with contextlib.AsyncExitStack() as in_vain:
        started = Started(process, told)
        in_vain.push_async_callback(started.stop)
        await started.connected()
        in_vain.pop_all()
    return started


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


def _tell(stdin: IO[bytes], words: bytes) -> bytes:
    """What does not fit into the pipe."""
    os.set_blocking(stdin.fileno(), False)
    with contextlib.suppress(BrokenPipeError):
        return words[stdin.write(words) or 0 :]
    return b""


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


def _signal(process: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError, KeyError):
        _running[process](process, number)


def _begin(
    command: Sequence[str], environ: Mapping[str, str], said: IO[bytes] | None, *, on_terminal: bool
) -> "subprocess.Popen[bytes]":
    """At no time does it run without being known to `kill_all`."""
    given, taken = (None, None) if on_terminal else (DEVNULL, said) if said else (PIPE, PIPE)
    with _signals_wait(), _starting:
        process = subprocess.Popen(  # noqa: S603 - whoever calls has made sure of the words
            command,
            bufsize=0,
            stdin=given,
            stdout=taken,
            stderr=taken,
            env=environ,
            start_new_session=not on_terminal,
        )
        _running[process.pid] = os.kill if on_terminal else os.killpg
    return process


@contextlib.contextmanager
def _signals_wait() -> Iterator[None]:
    """What a signal does is done at the end of this, so that none comes between a start and its being known here."""
    struck: list[int] = []

    def strike(number: int, _frame: FrameType | None) -> None:
        struck.append(number)

    handlers = {number: handler for number in _ENDING if callable(handler := signal.getsignal(number))}
    try:
        for number in handlers:
            signal.signal(number, strike)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for each in struck:
            signal.raise_signal(each)
