"""The kept connection to one host: opened once, for everybody who asks, and shared by a few sessions at a time."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Literal

from console.errors import (
    ChangedHostKeyError,
    HostAuthenticationError,
    HostError,
    HostTimeoutError,
    SshConfigError,
    TooManySessionsError,
    UnknownHostKeyError,
)
from console.remote.ssh_arguments import Client, Route, route
from console.remote.ssh_failures import Tried, failure, never_there, unexplained
from console.remote.ssh_process import Started, run, size_of, start, words_of

MOST_SESSIONS = 6
"""sshd takes 10; the rest is for the operator."""
MOST_STREAMS = 5
"""Of these: one session is always left for questions, which are short."""
_POLL = 0.01
_LOCAL = 5.0
"""Seconds for what asks this machine alone."""


class _Said:
    """What an ssh says, and what is printed beside it: a host's banner too, which must not decide what is told."""

    def __init__(self, log: Path) -> None:
        self.log: IO[bytes] = log.open("wb+")
        self.printed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - kept as long as the connection
        self._let_in_at = 0, 0

    def so_far(self) -> str:
        """Until it is let in. What is printed then counts only where no sshd answered that could have sent it."""
        said = words_of(self.log)
        return words_of(self.printed) + said if never_there(said) else said

    def let_in(self) -> None:
        """What was said before is no reason for what happens later."""
        self._let_in_at = size_of(self.log), size_of(self.printed)

    def later(self) -> str:
        """Since then. There is no banner any more, and some of ssh's last words are only printed."""
        log, printed = self._let_in_at
        return words_of(self.log, log) + words_of(self.printed, printed)

    def close(self) -> None:
        self.log.close()
        self.printed.close()


class Master:
    """One host. Its own connection is opened unless the operator's is open already."""

    def __init__(self, host: str, client: Client, socket: Path) -> None:
        self.host = host
        self.client = client
        self._socket = socket
        self._opening: asyncio.Task[Path] | None = None
        self._jump = ""
        self._over: Path | None = None
        self._own: Started | None = None
        self._said: _Said | None = None
        self._in_background = False
        self._stopped: ChangedHostKeyError | None = None
        self._silent = False
        """The operator's own connection led nowhere, and is not used any more."""
        self._probe: asyncio.Task[bool] | None = None
        self._sessions = asyncio.Semaphore(MOST_SESSIONS)
        self._streams = asyncio.Semaphore(MOST_STREAMS)

    async def route(self) -> Route:
        """Where ssh goes for this host."""
        shown = await run(self.client.configuration(self.host), self.client.quiet, self.client.timings.log_in)
        if shown.code != 0:
            raise self._failed(shown.said) or SshConfigError(f"`ssh -G {self.host}` ended with code {shown.code}")
        return route(shown.said)

    @asynccontextmanager
    async def session(self, *, stream: bool) -> AsyncIterator[Path]:
        """The socket of the open connection, for one session on it."""
        await self._socket_in_use()
        async with contextlib.AsyncExitStack() as taken:
            try:
                async with asyncio.timeout(self.client.timings.queue):
                    for limit in (self._streams, self._sessions) if stream else (self._sessions,):
                        await taken.enter_async_context(limit)
            except TimeoutError:
                raise TooManySessionsError(
                    f"{MOST_SESSIONS} sessions are open on {self.host}; this one waits for one of them to end",
                    "Close a log pane of this host.",
                ) from None
            yield await self._socket_in_use()

    @asynccontextmanager
    async def watched(self, session: Started) -> AsyncIterator[None]:
        """Ends the session when the operator's own connection goes silent: that may not have been told to notice."""
        if self._over is None or self._over == self._socket:
            yield
            return
        watch = asyncio.create_task(self._watch(session, self._over))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def why_ended(self, said: str) -> HostError | None:
        """Why ssh ended a session, saying that; None where the connection stands and ssh did not tell."""
        own, own_said = self._own, self._said
        if own is not None and own_said is not None and await self._ends(own):
            said = own_said.later()
            return self._failed(said) or unexplained(said, self.host)
        # What the host wrote may be among it.
        found = self._failed(said, connects=False)
        if self._own is not None or (self._over is not None and await self._answers(self._over)):
            return found
        self._over = None
        return found or unexplained(said, self.host)

    async def _ends(self, own: Started) -> bool:
        """Whether our connection has gone or goes, however busy this machine is: then it answers nobody any more."""
        return own.code is not None or (not await self._answers(self._socket) and await own.wait(_LOCAL))

    async def authenticate(self) -> None:
        """Opens the connection on the terminal that this process has; ssh asks there what it has to."""
        self._check_stopped()
        await self.close()
        command = self.client.interactive_master(self.host, str(self._socket))
        with _ctrl_c_for_the_child():
            asking = await start(command, self.client.asking, on_terminal=True)
            try:
                await asking.wait()
            finally:
                await asking.stop()
        if asking.code != 0 or not self._socket.exists():
            raise HostAuthenticationError(
                f"ssh did not get into {self.host}", "What it said stands on the terminal, behind the console."
            )
        self._over, self._in_background = self._socket, True

    @property
    def exit_command(self) -> list[str] | None:
        """Ends the connection, where it is one of ours that is no child of this process any more."""
        return self._control("exit", self._socket) if self._in_background else None

    async def close(self) -> None:
        """Ends the connection, unless it is the operator's own."""
        for task in filter(None, (self._opening, self._probe)):
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        if self.exit_command is not None:
            with contextlib.suppress(HostError):
                await run(self.exit_command, self.client.quiet, _LOCAL)
            self._in_background = False
        if self._own is not None:
            await self._own.stop()
            self._own = None
        self._drop_said()
        self._over = None

    async def _socket_in_use(self) -> Path:
        self._check_stopped()
        if self._over is not None and self._stands(self._over):
            return self._over
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open())
        # Who gives up waiting takes the connection from nobody else.
        return await asyncio.shield(self._opening)

    async def _watch(self, session: Started, socket: Path) -> None:
        while await self._goes_through(socket):  # noqa: ASYNC110 - the host is asked, at a pace
            await asyncio.sleep(self.client.timings.alive)
        self._silent, self._over = True, None
        session.given_up = HostTimeoutError(
            f"Your own open ssh connection to {self.host} has gone silent",
            f"Another one is opened beside it; `ssh -O exit {self.host}` ends the silent one.",
        )
        await session.stop()

    async def _goes_through(self, socket: Path) -> bool:
        """Whether something comes back; all who follow something on this host ask as one."""
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self._try(socket))
        return await asyncio.shield(self._probe)

    async def _try(self, socket: Path) -> bool:
        times = self.client.timings
        command = self.client.session(self.host, str(socket), "exec true")
        try:
            await run(command, self.client.quiet, times.alive * times.alive_count)
        except HostTimeoutError:
            return False
        return True

    def _stands(self, socket: Path) -> bool:
        return (self._own is None or self._own.code is None) and socket.exists()

    async def _open(self) -> Path:
        await self._forget()
        way = await self.route()
        self._jump, theirs = way.jump, Path(way.own_socket)
        if not self._silent and _is_socket(theirs) and await self._answers(theirs):
            self._over = theirs
        else:
            self._own = await self._connect()
            self._over = self._socket
        return self._over

    async def _forget(self) -> None:
        """What is left of a connection that went."""
        if self._own is not None:
            await self._own.stop()
        self._own, self._over, self._in_background = None, None, False
        self._socket.unlink(missing_ok=True)

    async def _connect(self) -> Started:
        self._drop_said()
        self._said = said = _Said(self._socket.with_suffix(".log"))
        command = self.client.master(self.host, str(self._socket), said.log.name)
        started = await start(command, self.client.quiet, said=said.printed)
        async with contextlib.AsyncExitStack() as in_vain:
            in_vain.push_async_callback(started.stop)
            try:
                async with asyncio.timeout(self.client.timings.log_in):
                    await self._let_in(started, said)
            except TimeoutError:
                raise HostTimeoutError(
                    f"{self.host} did not let ssh in within {self.client.timings.log_in:g} s",
                    "It may be overloaded, or wait for a person to confirm something: A on its runner lets you.",
                ) from None
            in_vain.pop_all()
        said.let_in()
        return started

    async def _let_in(self, started: Started, said: "_Said") -> None:
        # ssh listens there from the moment on at which it is let in.
        while not self._socket.exists():
            if await started.wait(_POLL):
                raise await self._refused(said.so_far())

    def _drop_said(self) -> None:
        if self._said is not None:
            self._said.close()
            self._said = None

    async def _refused(self, said: str) -> HostError:
        found = self._failed(said)
        if isinstance(found, UnknownHostKeyError):
            with contextlib.suppress(HostTimeoutError):
                told = await run(self.client.host_key(self.host), self.client.quiet, self.client.timings.log_in)
                keys = [line for line in told.said.splitlines() if "Server host key:" in line]
                found = self._failed("\n".join([*keys, said]))
        return found or unexplained(said, self.host)

    def _check_stopped(self) -> None:
        if self._stopped is not None:
            raise type(self._stopped)(self._stopped.message, self._stopped.hint)

    def _failed(self, said: str, *, connects: bool = True) -> HostError | None:
        by_hand = self.client.by_hand(self.host, "-o", "StrictHostKeyChecking=ask")
        found = failure(said, Tried(self.host, by_hand, self._jump), connects=connects)
        if isinstance(found, ChangedHostKeyError):
            self._stopped = found
        return found

    async def _answers(self, socket: Path) -> bool:
        try:
            return (await run(self._control("check", socket), self.client.quiet, _LOCAL)).code == 0
        except HostTimeoutError:
            return False

    def _control(self, what: Literal["check", "exit"], socket: Path) -> list[str]:
        return self.client.control(what, self.host, str(socket))


def _is_socket(path: Path) -> bool:
    return path.is_socket()


@contextlib.contextmanager
def _ctrl_c_for_the_child() -> Iterator[None]:
    """Both hear of it while they share a terminal; only the child ends."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
