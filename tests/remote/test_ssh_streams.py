"""What is followed on a host ends there too, and its loss is noticed."""

import asyncio
import os
import resource
import signal
import sys
import time
from pathlib import Path

import msgspec
import pytest

from console.errors import (
    HostTimeoutError,
    HostUnreachableError,
    ScriptError,
)
from console.fleet.frames import Frame
from console.remote.ssh import SshHosts
from tests.remote.ssh_asking import (
    FOLLOW,
    HELLO,
    QUICK,
    client_for,
    data_of,
    gone,
    open_hosts,
    running,
    scripted,
    to_the_end,
)
from tests.remote.ssh_server import NEEDS_SSH, SshServer

pytestmark = NEEDS_SSH


async def test_a_file_is_followed_as_it_grows(hosts: SshHosts, quiet: Path) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        seen = b""
        async for frame in frames:
            seen += frame.data if frame.word == "part" else b""
            if seen == b"first\n":
                with quiet.open("a") as file:
                    file.write("second\nthi")
            if seen.endswith(b"thi"):
                break
    assert seen == b"first\nsecond\nthi"


async def test_a_stream_that_is_left_has_ended_on_the_host(hosts: SshHosts, quiet: Path) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        assert running(f"tail -n +1 -f {quiet}")
        begun = time.monotonic()
    # It ended by itself, because its input ended.
    assert time.monotonic() - begun < QUICK.ending
    assert await gone(f"tail -n +1 -f {quiet}")


async def test_a_cancelled_task_leaves_neither_ssh_nor_follower(hosts: SshHosts, quiet: Path) -> None:
    begun = asyncio.Event()

    async def follow() -> None:
        async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
            async for _ in frames:
                begun.set()

    task = asyncio.create_task(follow())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await gone(f"tail -n +1 -f {quiet}")
    assert await gone(f"exec sh -s -- '{quiet}'")


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05, 0.1, 0.2])
async def test_nothing_is_left_whenever_a_task_is_cancelled(sshd: SshServer, quiet: Path, pause: float) -> None:
    hosts = SshHosts(client_for(sshd))

    async def follow() -> None:
        async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
            async for _ in frames:
                pass

    tasks = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.sleep(pause)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hosts.close()
    assert await gone(sshd.directory)


async def test_a_script_that_will_not_end_is_left_within_its_time(sshd: SshServer) -> None:
    stubborn = scripted("stubborn", "exec sleep 1234.5", stream=True)
    short = msgspec.structs.replace(QUICK, ending=0.5)
    async with asyncio.timeout(60), open_hosts(client_for(sshd, short)) as hosts, hosts.stream("web", stubborn):
        pass
    for pid in running("sleep 1234.5"):
        os.kill(int(pid), signal.SIGKILL)


async def test_one_that_floods_is_left_within_its_time(hosts: SshHosts, quiet: Path) -> None:
    flooding = ("say part file 1 0", f"yes {quiet} & all=$!", "cat >/dev/null", "kill $all", "say end 0")
    flood = scripted("flood", *flooding, stream=True)
    async with hosts.stream("web", flood) as frames:
        await anext(frames)
        await asyncio.sleep(0.2)
        begun = time.monotonic()
    assert time.monotonic() - begun < QUICK.ending
    assert await gone(f"yes {quiet}")


async def test_a_stream_that_ends_with_a_status_tells_it(hosts: SshHosts) -> None:
    failing = scripted("failing", "say note nothing", "echo no such file >&2", "say end 4", stream=True)
    async with hosts.stream("web", failing) as frames:
        assert await anext(frames) == Frame("note", ("nothing",))
        with pytest.raises(ScriptError, match="failing ended on web with status 4"):
            await anext(frames)


async def test_a_network_that_went_silent_is_noticed(sshd: SshServer, impatient: SshHosts, quiet: Path) -> None:
    async with impatient.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        sshd.silent.set()
        with pytest.raises(HostTimeoutError, match="not responding"):
            await to_the_end(frames)
    sshd.silent.clear()
    assert (await impatient.ask("web", HELLO)).status == 0


async def test_a_connection_that_ended_is_noticed_and_made_anew(sshd: SshServer, hosts: SshHosts, quiet: Path) -> None:
    # What a host says before it lets anybody in is no reason for what happens later.
    (sshd.directory / "banner").write_text("Permission denied (publickey) to all but those who are authorised.\n")
    sshd.settings = [f"Banner {sshd.directory}/banner"]
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        sshd.drop()
        with pytest.raises(HostUnreachableError, match="web closed the connection"):
            async for _ in frames:
                pass
    assert (await hosts.ask("web", HELLO)).status == 0
    assert sshd.connections == 2


async def test_why_a_connection_ended_is_told_however_late_its_ssh_is_gone(sshd: SshServer, quiet: Path) -> None:
    lingering = sshd.directory / "ssh"
    lingering.write_text('#!/bin/sh\ncase " $* " in *" -N "*) ssh "$@"; sleep 1.5 ;; *) exec ssh "$@" ;; esac\n')
    lingering.chmod(0o700)
    client = msgspec.structs.replace(client_for(sshd), program=str(lingering))
    async with open_hosts(client) as hosts, hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        sshd.drop()
        with pytest.raises(HostUnreachableError, match="web closed the connection"):
            await to_the_end(frames)


@pytest.mark.parametrize("slow", [False, True])
async def test_a_stream_of_any_length_takes_little_memory(hosts: SshHosts, slow: bool) -> None:
    size = 40_000_000 if slow else 200_000_000
    zeros = scripted("zeros", "say part file 1 0", f"head -c {size} /dev/zero", "say end 0", stream=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = 0
    async with hosts.stream("web", zeros) as frames:
        if slow:
            await asyncio.sleep(0.5)
        async for frame in frames:
            assert int(frame.fields[2]) == seen
            seen += len(frame.data)
    assert seen == size
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000 * (1024 if sys.platform == "darwin" else 1)
