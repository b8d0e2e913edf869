"""The hosts of the pretend runners: an SSH server on a loopback port, reached by the real `ssh` program.

It runs nothing: it knows the scripts of the console, and answers them out of the world.
"""

import asyncio
import atexit
import contextlib
import shlex
import shutil
import tempfile
import threading
from pathlib import Path
from typing import NamedTuple

import asyncssh

from console.simulator.host_answers import Host
from console.simulator.host_session import Session, serve_session
from console.simulator.host_tree import host_of
from console.simulator.world import World

LOOPBACK = "127.0.0.1"
ALIAS = "pretend-hosts"


class Access(NamedTuple):
    """How `ssh` reaches the hosts, whose names are those of the runners but where some share one."""

    config: Path
    """For `ssh -F`."""
    program: Path
    """The same as a program: `ssh` with that configuration."""


def pretend_hosts(world: World, web: str) -> "PretendHosts | None":
    """None: this machine has no ssh client, so nobody could reach them."""
    ssh = shutil.which("ssh")
    return None if ssh is None else PretendHosts(world, web, ssh)


class PretendHosts:
    """Serves the hosts of a world from a thread of its own. Keys and configuration are private, and go when it ends."""

    def __init__(self, world: World, web: str, ssh: str) -> None:
        """`web` is where the pretend GitHub is, `ssh` the program that there is."""
        self.world = world
        self.web = web
        self.connections: set[asyncssh.SSHServerConnection] = set()
        self.client_key = asyncssh.generate_private_key("ssh-ed25519")
        self._own_key = asyncssh.generate_private_key("ssh-ed25519")
        self._ssh = ssh
        self._place: Path | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="pretend-hosts", daemon=True)
        self._server: asyncssh.SSHAcceptor | None = None

    def start(self) -> Access:
        """Listen on a port that is free, and write what `ssh` needs."""
        self._thread.start()
        port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(timeout=20)
        self._place = Path(tempfile.mkdtemp(prefix="pretend-hosts-"))
        atexit.register(self._remove)
        return self._write(self._place, port)

    def stop(self) -> None:
        """Close every connection, end the thread, remove the keys."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=5)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
        self._loop.close()
        self._remove()
        atexit.unregister(self._remove)

    def names(self) -> list[str]:
        """Of the hosts that there are now."""
        with self.world.lock:
            runners = [each for fleet in self.world.runners.values() for each in fleet.values()]
        return sorted({name for each in runners if (name := host_of(each)) is not None})

    async def session(self, process: Session) -> None:
        """What is done with one command of a client."""
        with contextlib.suppress(asyncssh.Error, ConnectionError, asyncio.CancelledError):
            host = Host(self.world, process.get_extra_info("username"), self.web)
            process.exit(await serve_session(host, process))
            await process.wait_closed()

    async def _listen(self) -> int:
        self._server = await asyncssh.create_server(
            lambda: _Door(self),
            LOOPBACK,
            0,
            server_host_keys=[self._own_key],
            process_factory=self.session,
            encoding=None,
            allow_pty=False,
            agent_forwarding=False,
            line_editor=False,
        )
        return self._server.get_port()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _remove(self) -> None:
        if self._place is not None:
            shutil.rmtree(self._place, ignore_errors=True)

    def _write(self, place: Path, port: int) -> Access:
        key, known, config, program = (place / name for name in ("key", "known_hosts", "config", "ssh"))
        key.touch(mode=0o600)
        key.write_bytes(self.client_key.export_private_key())
        known.write_bytes(ALIAS.encode() + b" " + self._own_key.export_public_key())
        each = "".join(f"Host {name}\n  User {name}\n" for name in self.names())
        everyone = {
            "HostName": LOOPBACK,
            "Port": port,
            "HostKeyAlias": ALIAS,
            "IdentityFile": f'"{key}"',
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "PreferredAuthentications": "publickey",
            "UserKnownHostsFile": f'"{known}"',
            "GlobalKnownHostsFile": "/dev/null",
        }
        config.write_text(each + "Host *\n" + "".join(f"  {name} {value}\n" for name, value in everyone.items()))
        program.touch(mode=0o700)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(self._ssh)} -F {shlex.quote(str(config))} "$@"\n')
        return Access(config, program)


class _Door(asyncssh.SSHServer):
    """Lets in who has the key and names a host: the user's name is that of the host."""

    def __init__(self, hosts: PretendHosts) -> None:
        self._hosts = hosts
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._hosts.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._connection is not None:
            self._hosts.connections.discard(self._connection)

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """A machine that is cut off from the network does not answer."""
        with self._hosts.world.lock:
            self._hosts.world.advance()
            runners = Host(self._hosts.world, username, self._hosts.web).runners()
            cut_off = bool(runners) and all(each.status == "offline" and each.diary.running for each in runners)
        if cut_off and self._connection is not None:
            self._connection.abort()
        return bool(runners) and not cut_off and key.public_data == self._hosts.client_key.public_data
