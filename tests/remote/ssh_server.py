"""A real sshd on loopback, for the present user: its keys, its configuration, and a wire that can be cut."""

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.needs import needs

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

NEEDS_SSH = [needs("ssh", "ssh-keygen", "ps"), pytest.mark.skipif(SSHD is None, reason="needs the program sshd")]


class SshServer:
    """One sshd for each connection, as inetd would start it, so that the port is whatever is free."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.silent = asyncio.Event()
        """Set: nothing goes through any more, in either direction, and nobody is told."""
        self.connections = 0
        self.mute = False
        self._sshds: list[asyncio.subprocess.Process] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        for name in ("host", "user"):
            self.make_key(name)
        self.home = directory / "home"
        self.home.mkdir()
        (directory / "authorized_keys").write_bytes((directory / "user.pub").read_bytes())
        self.settings: list[str] = []
        """Of sshd, before those that every test has."""

    def make_key(self, name: str) -> str:
        """A new key of that name; what it looks like in a file of known hosts."""
        file = self.directory / name
        file.unlink(missing_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        return " ".join(file.with_suffix(".pub").read_text().split()[:2])

    def fingerprint(self, name: str) -> str:
        shown = subprocess.run(
            ["ssh-keygen", "-l", "-f", self.directory / f"{name}.pub"], check=True, capture_output=True, text=True
        )
        return shown.stdout.split()[1]

    def know(self, key: str) -> None:
        (self.directory / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}\n")

    def configure(self, *more: str) -> Path:
        """The configuration of a client, in which this host is `web`."""
        lines = [
            *more,
            "Host web",
            "  HostName 127.0.0.1",
            f"  Port {self.port}",
            "Host *",
            f"  IdentityFile {self.directory / 'user'}",
            "  IdentitiesOnly yes",
            "  IdentityAgent none",
            f"  UserKnownHostsFile {self.directory / 'known_hosts'}",
            "  GlobalKnownHostsFile none",
        ]
        file = self.directory / "ssh_config"
        file.write_text("\n".join(lines) + "\n")
        return file

    def drop(self) -> None:
        """Ends every sshd at once."""
        for sshd in self._sshds:
            with contextlib.suppress(ProcessLookupError):
                sshd.kill()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["SshServer"]:
        listener = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        self.know(" ".join((self.directory / "host.pub").read_text().split()[:2]))
        self.configure()
        try:
            yield self
        finally:
            listener.close()
            self.drop()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await asyncio.gather(*(sshd.wait() for sshd in self._sshds))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if self.mute:
                await asyncio.Event().wait()
            await self._serve(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = (str(SSHD), "-i", "-e", "-f", str(self._sshd_config()))
            self._sshds.append(
                await asyncio.create_subprocess_exec(
                    *command, stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=asyncio.subprocess.DEVNULL
                )
            )
        there, to_there = await asyncio.open_connection(sock=ours)
        pumps = [asyncio.create_task(self._pump(*ends)) for ends in ((reader, to_there), (there, writer))]
        self._tasks.update(pumps)
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            to_there.close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(256 * 1024):
            if self.silent.is_set():
                await asyncio.Event().wait()
            target.write(data)
            await target.drain()

    def _sshd_config(self) -> Path:
        lines = [
            *self.settings,
            f"HostKey {self.directory / 'host'}",
            f"AuthorizedKeysFile {self.directory / 'authorized_keys'}",
            f"SetEnv HOME={self.home}",
            "UsePAM no",
            "StrictModes no",
            "PidFile none",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "KexAlgorithms curve25519-sha256",
        ]
        file = self.directory / "sshd_config"
        file.write_text("\n".join(lines) + "\n")
        return file
