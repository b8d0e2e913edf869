"""The API on a server that answers as scripted, and a client of it; a host with a real sshd, and an ssh to it."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from console.remote.github import GitHubApi
from console.remote.ssh import SshHosts
from tests.remote.fault_server import FaultServer, running, using
from tests.remote.ssh_asking import IMPATIENT, client_for, open_hosts
from tests.remote.ssh_server import SshServer


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with running() as faults:
        yield faults


@pytest.fixture
async def api(server: FaultServer) -> AsyncIterator[GitHubApi]:
    async with using(server) as client:
        yield client


@pytest.fixture
async def sshd(tmp_path: Path) -> AsyncIterator[SshServer]:
    if os.geteuid() == 0:
        # sshd will not start as root without it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    async with SshServer(tmp_path).serving() as serving:
        yield serving


@pytest.fixture
def runtime() -> Iterator[Path]:
    """Where the sockets go; short enough for them, which pytest's own directories may not be."""
    with tempfile.TemporaryDirectory(prefix="rt-", dir="/tmp") as directory:
        yield Path(directory)


@pytest.fixture
async def hosts(sshd: SshServer) -> AsyncIterator[SshHosts]:
    async with open_hosts(client_for(sshd)) as opened:
        yield opened


@pytest.fixture
async def impatient(sshd: SshServer) -> AsyncIterator[SshHosts]:
    async with open_hosts(client_for(sshd, IMPATIENT)) as opened:
        yield opened


@pytest.fixture
def quiet(sshd: SshServer) -> Path:
    """A file on the host that nobody writes into."""
    file = sshd.directory / "quiet.log"
    file.write_text("first\n")
    return file
