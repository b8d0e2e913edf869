"""What tests ask of a host, and how they see what runs there."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.errors import (
    HostError,
)
from console.fleet.frames import Frame
from console.fleet.scripts import ArgumentKind, Script
from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client, Timings
from tests.remote.ssh_server import SshServer

QUICK = Timings(connect=60, log_in=60.0, queue=60.0, answer=60.0, heartbeat=0.05, ending=10.0)
IMPATIENT = Timings(connect=5, alive=1, alive_count=5, log_in=60.0, queue=0.3, answer=60.0, ending=10.0)
"""For what goes wrong as expected; other tests must not fail because the machine is busy."""


UNIT = "actions.runner.acme.x.service"


def scripted(name: str, *lines: str, arguments: tuple[ArgumentKind, ...] = (), stream: bool = False) -> Script:
    """A script in whose lines `say` prints a frame's beginning."""
    say = 'say() { printf \'\\n%s %s\\n\' "$mark" "$*"; }'
    return Script(name, "\n".join([say, "say ready", *lines]), arguments, stream)


HELLO = scripted("hello", "say said hello", "say end 0")


COUNT = scripted("count", 'say said $# "$1"', "echo oops >&2", "say end 3", arguments=("unit",))


# Follows a file; ends at the end of its input.
FOLLOW = scripted(
    "follow",
    "say part file 1 0",
    'tail -n +1 -f "$1" & tail=$!',
    "cat >/dev/null",
    "kill $tail; wait",
    "say end 0",
    arguments=("directory",),
    stream=True,
)


def client_for(sshd: SshServer, timings: Timings = QUICK, **environ: str) -> Client:
    return Client({**os.environ, **environ}, config=sshd.directory / "ssh_config", timings=timings)


@asynccontextmanager
async def open_hosts(client: Client) -> AsyncIterator[SshHosts]:
    hosts = SshHosts(client)
    try:
        yield hosts
    finally:
        await hosts.close()


def running(words: object) -> list[str]:
    """The processes with these words in their arguments."""
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], check=True, capture_output=True, text=True)
    return [line.split()[0] for line in shown.stdout.splitlines() if str(words) in line]


async def data_of(frames: AsyncIterator[Frame]) -> bytes:
    """The first bytes of a part."""
    async for frame in frames:
        if frame.data:
            return frame.data
    return b""


async def to_the_end(frames: AsyncIterator[Frame]) -> None:
    """Of whatever it is, which is not to take for ever."""
    async with asyncio.timeout(60):
        async for _ in frames:
            pass


async def gone(words: object, deadline: float = 60.0) -> bool:
    until = time.monotonic() + deadline
    while running(words) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return not running(words)


async def refusal(hosts: SshHosts, host: str = "web") -> HostError:
    """Why the host is not asked."""
    with pytest.raises(HostError) as raised:
        await hosts.ask(host, HELLO)
    return raised.value
