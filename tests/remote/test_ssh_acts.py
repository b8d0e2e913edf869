"""What acts on a host is sent once over ssh: what becomes of secrets, of a lost connection, of what takes long."""

import asyncio
import logging
from pathlib import Path

import msgspec
import pytest

from console.errors import HostError, HostTimeoutError, HostUnreachableError
from console.fleet.frames import Frame
from console.fleet.scripts import Script
from console.fleet.scripts.shell import SPEAKING, awaited
from console.remote.ssh import SshHosts
from console.remote.ssh_master import MOST_STREAMS
from tests.remote.ssh_asking import QUICK, client_for, gone, open_hosts, scripted
from tests.remote.ssh_server import NEEDS_SSH, SshServer

pytestmark = NEEDS_SSH
CANARY = b"$(touch${IFS}canary);`id`'canary-secret"


def acting(name: str, work: str, more: str = "") -> Script:
    body = f"{SPEAKING}work() {{\n{work}\n}}\n{awaited(more)}"
    return Script(name, body, ("directory",), stream=True, acts=True)


TWO = acting(
    "two",
    'say doing things\nprintf "%s\\n%s\\n" "$word" "$second" >"$1/taken"\nps -A -ww -o args= >"$1/seen"\nsay did 0',
    "IFS= read -r second || exit 1\n",
)
SLOW = acting(
    "slow",
    'trap : TERM PIPE\ntell doing things\necho began >>"$1/began"\n'
    'until [ -e "$1/go" ]; do sleep 0.05; done\necho ended >>"$1/ended"\nsay did 0',
)


async def hear(hosts: SshHosts, sshd: SshServer, said: list[str], *, within: float = 60, cut_at: str = "") -> None:
    async with hosts.act("web", SLOW, str(sshd.directory), within=within) as frames:
        async for frame in frames:
            said.append(frame.word)
            if frame.word == cut_at:
                sshd.drop()


async def test_secrets_go_to_its_standard_input_and_nowhere_else(
    sshd: SshServer, hosts: SshHosts, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    second = b"x" * 8000
    async with hosts.act("web", TWO, str(sshd.directory), secrets=(CANARY, second), within=60) as frames:
        said = [frame async for frame in frames]
    assert said == [Frame("sent"), Frame("doing", ("things",)), Frame("did", ("0",))]
    assert (sshd.directory / "taken").read_bytes() == CANARY + b"\n" + second + b"\n"
    assert "canary-secret" not in (sshd.directory / "seen").read_text()
    assert "canary-secret" not in caplog.text
    assert not list(sshd.home.rglob("canary"))


@pytest.mark.parametrize("secret", [b"", b"two\nlines", b"nul\0", b"a b", "ü".encode(), b"\x1b[2J"])
async def test_a_secret_that_is_no_plain_line_is_not_sent_and_not_told(
    sshd: SshServer, hosts: SshHosts, secret: bytes
) -> None:
    with pytest.raises(HostError, match="no single line of plain characters") as raised:
        async with hosts.act("web", TWO, str(sshd.directory), secrets=(secret, b"x"), within=60):
            pass
    assert sshd.connections == 0
    assert "nul" not in f"{raised.value.message}{raised.value.hint}"


async def test_a_refusal_with_its_own_status_is_no_error(sshd: SshServer, hosts: SshHosts) -> None:
    busy = acting("busy", "say refused busy 17\nreturn 75")
    async with hosts.act("web", busy, str(sshd.directory), within=60) as frames:
        assert [frame async for frame in frames] == [Frame("sent"), Frame("refused", ("busy", "17"))]


async def ended(sshd: SshServer) -> None:
    """It may go on, and has come to its end."""
    (sshd.directory / "go").touch()
    async with asyncio.timeout(60):
        while not (sshd.directory / "ended").exists():
            await asyncio.sleep(0.02)
    assert (sshd.directory / "began").read_text() == "began\n"


async def test_what_takes_too_long_is_given_up_but_seen_to_its_end_once(sshd: SshServer) -> None:
    said: list[str] = []
    async with open_hosts(client_for(sshd, msgspec.structs.replace(QUICK, ending=0.5))) as hosts:
        with pytest.raises(HostTimeoutError, match=r"slow did not end on web within 4 s"):
            await hear(hosts, sshd, said, within=4)
    await ended(sshd)
    assert await gone(f"sh -s -- {sshd.directory}")
    assert (sshd.directory / "ended").read_text() == "ended\n"


async def test_a_connection_that_is_cut_in_the_middle_raises_and_nothing_is_sent_again(
    sshd: SshServer, hosts: SshHosts
) -> None:
    said: list[str] = []
    with pytest.raises(HostUnreachableError):
        await hear(hosts, sshd, said, cut_at="doing")
    assert said == ["sent", "doing"]
    await ended(sshd)


async def test_what_is_lost_before_it_was_ready_has_done_nothing(sshd: SshServer) -> None:
    late = acting("late", 'echo began >>"$1/began"')
    waits = 'touch "$1/waits"\nuntil [ -e "$1/go" ]; do sleep 0.05; done\n'
    late = Script(late.id, waits + late.body, late.arguments, stream=True, acts=True)
    begun = False

    async def drop() -> None:
        while not (sshd.directory / "waits").exists():
            await asyncio.sleep(0.02)
        sshd.drop()

    async with open_hosts(client_for(sshd)) as hosts, asyncio.timeout(60):
        dropping = asyncio.create_task(drop())
        with pytest.raises(HostError):
            async with hosts.act("web", late, str(sshd.directory), within=60):
                begun = True
        await dropping
    (sshd.directory / "go").touch()
    assert await gone(f"sh -s -- {sshd.directory}")
    assert not begun
    assert not (sshd.directory / "began").exists()


async def test_followers_of_logs_keep_nobody_from_acting(sshd: SshServer, hosts: SshHosts, quiet: Path) -> None:
    follow = scripted("follows", "say note here", "cat >/dev/null", "say end 0", arguments=("directory",), stream=True)
    follow_all_that_may = asyncio.Barrier(MOST_STREAMS + 1)

    async def watch() -> None:
        async with hosts.stream("web", follow, str(quiet)) as frames:
            await follow_all_that_may.wait()
            async for _ in frames:
                pass

    watchers = [asyncio.create_task(watch()) for _ in range(12)]
    await follow_all_that_may.wait()
    (sshd.directory / "go").touch()
    async with hosts.act("web", SLOW, str(sshd.directory), within=60) as frames:
        assert [frame.word async for frame in frames] == ["sent", "doing", "rest", "did"]
    for task in watchers:
        task.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    assert await gone(f"sh -s -- {quiet}")
