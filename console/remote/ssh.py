"""Hosts over SSH, by the system's OpenSSH client: a script is run, or followed."""

import asyncio
import contextlib
import secrets
import shutil
import subprocess
import weakref
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from console.errors import HostTimeoutError
from console.fleet.frames import Answer, Frame
from console.fleet.scripts import Script, sent
from console.remote.ssh_arguments import Client, Route, check_names, remote_command
from console.remote.ssh_directory import SocketDirectory
from console.remote.ssh_master import Master
from console.remote.ssh_process import kill_all, run, start
from console.remote.ssh_session import Session, check_secrets

_open: "weakref.WeakSet[SshHosts]" = weakref.WeakSet()


def stop_all() -> None:
    """For who has to be gone at once: nothing that was started for a host stays behind."""
    for hosts in tuple(_open):
        hosts.stop()
    kill_all()


class SshHosts:
    """Every host of a context, each over a connection of its own that is kept until `close`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._masters: dict[str, Master] = {}
        self._directory = SocketDirectory(client.environ)
        self._swept = False
        _open.add(self)

    async def ask(self, host: str, script: Script, *values: str) -> Answer:
        """Runs it to its end, under a deadline. Raises HostError kinds."""
        async with self._session(host, script, values) as (session, first):
            return await session.answer(first)

    @asynccontextmanager
    async def stream(self, host: str, script: Script, *values: str) -> AsyncIterator[AsyncIterator[Frame]]:
        """What it says as it says it. Entered, it runs; left, it has ended on the host. A lost host raises."""
        async with (
            self._session(host, script, values) as (session, first),
            aclosing(session.frames(first)) as frames,
        ):
            yield frames

    @asynccontextmanager
    async def act(
        self, host: str, script: Script, *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AsyncIterator[AsyncIterator[Frame]]:
        """A script that does something, once: never begun again by itself. Raises HostError kinds.

        The first frame is `sent`: from then on it may have been done, and what raises before it has done nothing. Then
        comes what it says, to its end whatever its status. Secrets go to its standard input, a line each, once it is
        ready; `within` seconds after that it is given up.
        """
        check_secrets(secrets)
        async with self._session(host, script, values) as (session, first):
            session.hand(secrets)
            async with aclosing(session.said([Frame("sent"), *first], within)) as frames:
                yield frames

    async def resolved(self, host: str) -> Route:
        """Where ssh goes for this host. Raises HostError kinds."""
        return await self._master(host).route()

    async def way(self, host: str) -> str:
        """The same, in words: `ops@10.0.0.7`, port and jump host where there is one. Raises HostError kinds."""
        route = await self._master(host).route()
        port = f" port {route.port}" if route.port not in {"", "22"} else ""
        jump = f" by way of {route.jump}" if route.jump not in {"", "none"} else ""
        return f"{route.user}@{route.hostname}{port}{jump}"

    async def authenticate(self, host: str) -> None:
        """Hands the terminal to ssh until it is let in; what is asked from then on goes over that connection."""
        await self._master(host).authenticate()

    async def close(self) -> None:
        """Ends every connection but the operator's own."""
        await asyncio.gather(*(master.close() for master in self._masters.values()))
        self._masters.clear()
        self._directory.remove()

    def stop(self) -> None:
        """As `close`, for who cannot wait."""
        for command in filter(None, (master.exit_command for master in self._masters.values())):
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(command, env=self._client.quiet, capture_output=True, timeout=1, check=False)  # noqa: S603
        self._directory.remove()

    @asynccontextmanager
    async def _session(
        self, host: str, script: Script, values: tuple[str, ...]
    ) -> AsyncIterator[tuple[Session, list[Frame]]]:
        command = remote_command(script.words(*values))
        mark = secrets.token_hex(16)
        master = self._master(host)
        if not self._swept:
            self._swept = True
            await self._end_those_left_behind()
        # What acts is not kept waiting by log panes, whose number is limited.
        async with master.session(stream=script.stream and not script.acts) as socket:
            words = self._client.session(host, str(socket), command)
            started = await start(words, self._client.quiet, sent(script, mark))
            session = Session(master, started, script, mark)
            try:
                async with master.watched(started):
                    yield session, await session.begin()
            finally:
                await session.end()

    def _master(self, host: str) -> Master:
        check_names(host, self._client.user)
        if host not in self._masters:
            self._masters[host] = Master(host, self._client, self._directory.path() / str(len(self._masters)))
        return self._masters[host]

    async def _end_those_left_behind(self) -> None:
        """The connections of a console that was killed: nobody else would ever end them."""
        for directory in self._directory.left_behind():
            # Another console may be at it too.
            with contextlib.suppress(OSError, HostTimeoutError):
                for socket in filter(Path.is_socket, directory.iterdir()):
                    await run(self._client.control("exit", "left-behind", str(socket)), self._client.quiet, 1.0)
            shutil.rmtree(directory, ignore_errors=True)
