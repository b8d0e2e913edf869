"""Scripts that act, run on a test host as they are, whatever the console would have thought of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from console.fleet.frames import Frame
from console.fleet.scripts import SCRIPTS
from console.remote.ssh import SshHosts
from tests.host.conftest import Host
from tests.host.operator import diary, until

WHO = "ops@192.0.2.1"
WITHIN = 60.0


def invocation(host: Host) -> str:
    return host.machine.run("systemctl", "show", "-P", "InvocationID", host.runner.unit)


async def listening(host: Host, times: int = 1) -> None:
    """What a listener is told before that, it may not hear."""
    await until(lambda: sum("WRITE LINE" in line and "Listening for Jobs" in line for line in diary(host)) >= times)


def acts(host: Host) -> list[str]:
    """Every command line that sudo has run there; what it was only asked about is not among them."""
    shown = host.machine.run("journalctl", "-q", "-o", "cat", "_COMM=sudo").splitlines()
    lines = [line.partition("COMMAND=")[2] for line in shown if "COMMAND=" in line]
    return [line for line in lines if not line.startswith("list")]


def notes(host: Host) -> list[str]:
    """Who is at work, as others may read it: the files' names."""
    return host.machine.run("find", "/run/lock", "-name", "runner-console.*").splitlines()


def drop_in(host: Host, text: str) -> None:
    place = host.machine.root / "etc/systemd/system" / f"{host.runner.unit}.d"
    place.mkdir()
    (place / "test.conf").write_text(f"{text}\n")
    host.machine.run("systemctl", "daemon-reload")


def order(host: Host, verb: str = "restart", **other: str) -> tuple[str, ...]:
    """What `service-act` is given for the host's runner."""
    given = {
        "unit": host.runner.unit,
        "directory": host.runner.root,
        "agent": "21",
        "address": "https://github.com/acme/web",
        "seen": "-",
        **other,
    }
    return verb, given["unit"], given["directory"], given["agent"], given["address"], given["seen"], WHO


@asynccontextmanager
async def acting(hosts: SshHosts, *values: str) -> AsyncIterator[AsyncIterator[Frame]]:
    async with hosts.act("web", SCRIPTS["service-act"], *values, within=WITHIN) as frames:
        yield frames


async def told(
    host: Host, *values: str, script: str = "service-act", secrets: Sequence[bytes] = (), user: str = "ops"
) -> list[Frame]:
    """Everything that a script says."""
    async with (
        host.ssh.hosts(user) as hosts,
        hosts.act("web", SCRIPTS[script], *values, secrets=secrets, within=WITHIN) as frames,
    ):
        return [frame async for frame in frames]


def said(frames: Sequence[Frame], word: str) -> Frame:
    """The one of that word."""
    (found,) = (frame for frame in frames if frame.word == word)
    return found


def refused(frames: Sequence[Frame]) -> str:
    """Why nothing was done."""
    assert not [frame for frame in frames if frame.word == "doing"], frames
    return said(frames, "refused").fields[0]
