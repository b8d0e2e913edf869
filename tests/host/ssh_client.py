"""The operator's side: keys, known hosts and an ssh configuration of its own."""

import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client, Timings


class SshClient:
    """What an operator has in `~/.ssh`, in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        for name in ("id", "ca"):
            _keygen("-t", "ed25519", "-N", "", "-f", str(directory / name))
        self._known: dict[str, str] = {}
        self._hosts: dict[str, tuple[str, ...]] = {}

    @property
    def authorized(self) -> str:
        return (self.directory / "id.pub").read_text()

    @property
    def ca(self) -> str:
        return (self.directory / "ca.pub").read_text()

    def certify(self, user: str, name: str) -> None:
        """A key that no host knows, with a certificate for that user."""
        key = self.directory / name
        _keygen("-t", "ed25519", "-N", "", "-f", str(key))
        _keygen("-s", str(self.directory / "ca"), "-I", name, "-n", user, "-V", "-1m:+10m", f"{key}.pub")

    def reach(self, host: str, address: str, *more: str, key: str = "id") -> None:
        """How ssh goes there."""
        self._hosts[host] = (f"HostName {address}", f"IdentityFile {self.directory / key}", *more)
        self._write()

    def know(self, address: str, key: str) -> None:
        self._known[address] = key
        self._write()

    @property
    def config(self) -> Path:
        return self.directory / "config"

    def _write(self) -> None:
        known = self.directory / "known_hosts"
        known.write_text("".join(f"{address} {key}\n" for address, key in self._known.items()))
        lines = [line for host, said in self._hosts.items() for line in (f"Host {host}", *said)]
        always = (
            "IdentitiesOnly yes",
            "IdentityAgent none",
            f"UserKnownHostsFile {known}",
            "GlobalKnownHostsFile none",
        )
        self.config.write_text("\n".join((*lines, "Host *", *(f"  {one}" for one in always), "")))

    @asynccontextmanager
    async def hosts(self, user: str = "ops", timings: Timings | None = None) -> AsyncIterator[SshHosts]:
        """As the console has them, with the patience that it has."""
        hosts = SshHosts(Client(dict(os.environ), config=self.config, user=user, timings=timings or Timings()))
        try:
            yield hosts
        finally:
            await hosts.close()


def _keygen(*words: str) -> None:
    subprocess.run(["ssh-keygen", "-q", *words], check=True, capture_output=True)
