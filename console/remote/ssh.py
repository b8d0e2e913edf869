"""Hosts over SSH, by the system's OpenSSH client: a script is run, or followed."""

import asyncio
import contextlib
import os
import secrets
import shutil
import subprocess
import tempfile
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from console.fleet.frames import Answer, Frame
from console.fleet.scripts import Script, sent
from console.remote.ssh_arguments import Client, Route, check_names, remote_command, usable_socket
from console.remote.ssh_master import Master
from console.remote.ssh_process import kill_all, start
from console.remote.ssh_session import Session

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
        self._directory: Path | None = None
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

    async def resolved(self, host: str) -> Route:
        """Where ssh goes for this host. Raises HostError kinds."""
        return await self._master(host).route()

    async def authenticate(self, host: str) -> None:
        """Hands the terminal to ssh until it is let in; what is asked from then on goes over that connection."""
        await self._master(host).authenticate()

    async def close(self) -> None:
        """Ends every connection but the operator's own."""
        await asyncio.gather(*(master.close() for master in self._masters.values()))
        self._masters.clear()
        self._remove_directory()

    def stop(self) -> None:
        """As `close`, for who cannot wait."""
        for command in filter(None, (master.exit_command for master in self._masters.values())):
            with contextlib.suppress(OSError, subprocess.TimeoutExpired):
                subprocess.run(command, env=self._client.quiet, capture_output=True, timeout=1, check=False)  # noqa: S603
        self._remove_directory()

    @asynccontextmanager
    async def _session(
        self, host: str, script: Script, values: tuple[str, ...]
    ) -> AsyncIterator[tuple[Session, list[Frame]]]:
        command = remote_command(script.words(*values))
        mark = secrets.token_hex(16)
        master = self._master(host)
        async with master.session(stream=script.stream) as socket:
            started = await start(self._client.session(host, str(socket), command), self._client.quiet)
            session = Session(master, started, script, mark)
            try:
                yield session, await session.begin(sent(script, mark))
            finally:
                await session.end()

    def _master(self, host: str) -> Master:
        check_names(host, self._client.user)
        if self._directory is None:
            self._directory = _private_directory(self._client.environ)
        if host not in self._masters:
            self._masters[host] = Master(host, self._client, self._directory / str(len(self._masters)))
        return self._masters[host]

    def _remove_directory(self) -> None:
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None


def _private_directory(environ: Mapping[str, str]) -> Path:
    """Where the connections' sockets lie: ours alone, and with a path short enough."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR") or "/tmp")  # noqa: S108 - mkdtemp makes a directory of its own
    usable = usable_socket(runtime / "rc-12345678" / "1234") and os.access(runtime, os.W_OK)
    return Path(tempfile.mkdtemp(prefix="rc-", dir=runtime if usable else "/tmp"))  # noqa: S108
