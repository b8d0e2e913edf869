"""Runners that get a new registration: what is secret in it is seen by nobody on a real host, and they stay."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from console.fleet.frames import Frame
from console.fleet.sudoers import SUDOERS, as_user
from tests.host.acts import WHO, acts, invocation, notes, refused, said, told
from tests.host.conftest import Host
from tests.host.operator import begin_job, logged, until
from tests.host.runners import StandIn

JIT, REMOVE, REGISTER = b"eyJKSVQtY2FuYXJ5IjoxfQ==", b"AREMOVECANARY1234567", b"AREGISTERCANARY12345"
_LOOKING = """import os, sys, time
canaries = [each.replace("-", "").encode() for each in sys.argv[2:]]
found, looks = set(), 0
while not os.path.exists(sys.argv[1]):
    looks += 1
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    text = file.read()
            except OSError:
                continue
            found |= {f"{name} of {pid}" for each in canaries if each in text}
print(looks, *sorted(found), sep="\\n")
"""
"""Looks at all processes until there is a file; the words to look for have a dash in them, so that it is not found
itself."""

_FILLING = "head -c 2M /dev/zero >full; i=0; while true >$i 2>&1; do i=$((i+1)); done || :"


async def test_a_runner_started_just_in_time_stays_when_ssh_has_gone_and_nobody_has_seen_its_config(
    own_host: Host,
) -> None:
    machine, new = own_host.machine, StandIn(own_host.machine, "web-1-jit2", 22)
    as_the_runner(own_host)
    async with watched(own_host, JIT):
        frames = await told(own_host, *jit(own_host, new), script="jit-start", secrets=(JIT,))
        assert said(frames, "did").fields == ("0",), frames
        (pid,) = said(frames, "started").fields
        await until(lambda: listens(new))
    assert machine.processes_of("ops") == []
    assert (new.home / ".jit").read_text() == hashlib.sha256(JIT).hexdigest()
    assert pid in machine.pids("Runner.Listener")
    assert not (new.home / ".runner").exists()
    assert notes(own_host) == []
    # Nor does a job of its own see it.
    begin_job(new)
    await until(lambda: machine.pids("Runner.Worker"))
    (worker,) = machine.pids("Runner.Worker")
    assert JIT.decode() not in machine.run("cat", f"/proc/{worker}/environ")
    new.order_worker(do="end", result="Succeeded")
    # A second one does not get the same place.
    again = await told(own_host, *jit(own_host, new), script="jit-start", secrets=(JIT,))
    assert refused(again) == "not-clean"


async def test_a_just_in_time_start_on_a_full_disk_is_told_and_starts_nothing(own_host: Host) -> None:
    machine = own_host.machine
    old = StandIn(machine, "web-2", 23, place="/srv/small/web-2")
    machine.run("sh", "-c", "mkdir /srv/small; mount -t tmpfs -o size=1m,nr_inodes=60 tmpfs /srv/small")
    machine.run("cp", "-a", own_host.runner.root, old.root)
    machine.run("sh", "-c", f"chmod 1777 /srv/small; cd /srv/small; {_FILLING}")
    as_the_runner(own_host)
    before = machine.pids("Runner.Listener")
    values = (old.root, "/srv/small/web-2-jit2", "runner", WHO)
    frames = await told(own_host, *values, script="jit-start", secrets=(JIT,))
    assert said(frames, "did").fields != ("0",)
    assert b"No space left" in said(frames, "did").data
    assert JIT not in said(frames, "did").data
    assert machine.pids("Runner.Listener") == before


async def test_a_runner_is_registered_again_and_its_tokens_are_in_no_argument(own_host: Host) -> None:
    as_the_runner(own_host)
    before = invocation(own_host)
    async with watched(own_host, REMOVE, REGISTER):
        frames = await registered_again(own_host)
    assert said(frames, "did").fields == ("0",), frames
    doing = [" ".join(frame.fields) for frame in frames if frame.word == "doing"]
    assert doing == [
        f"stop {own_host.runner.unit}", "remove", "configure web-1", f"start {own_host.runner.unit}",
    ]  # fmt: skip
    digests = [hashlib.sha256(each).hexdigest() for each in (REMOVE, REGISTER)]
    assert (own_host.runner.home / "asked").read_text().splitlines() == [
        f"{digests[0]} remove",
        f"{digests[1]} --unattended --replace --url https://github.com/acme/web --name web-1 --labels gpu,os:linux",
    ]
    assert (own_host.runner.home / ".service").exists()
    assert invocation(own_host) != before
    assert len(own_host.machine.pids("Runner.Listener")) == 1
    systemctl = [line for line in acts(own_host) if "systemctl" in line]
    assert systemctl == [f"/usr/bin/systemctl {verb} -- {own_host.runner.unit}" for verb in ("stop", "start")]
    assert {line for line in acts(own_host) if "systemctl" not in line} == {"/bin/bash -s"}


async def test_a_runner_with_a_job_is_not_registered_again(own_host: Host) -> None:
    as_the_runner(own_host)
    begin_job(own_host.runner)
    await until(lambda: own_host.machine.pids("Runner.Worker"))
    assert refused(await registered_again(own_host)) == "busy"
    own_host.runner.order_worker(do="end", result="Succeeded")
    await until(lambda: logged(own_host, "completed with result: Succeeded"))
    assert not (own_host.runner.home / "asked").exists()


async def registered_again(host: Host) -> list[Frame]:
    runner = host.runner
    address = "https://github.com/acme/web"
    values = (runner.root, runner.unit, "21", address, "web-1", "-", "gpu,os:linux", "-", WHO)
    return await told(host, *values, script="reregister", secrets=(REMOVE, REGISTER))


def jit(host: Host, new: StandIn) -> tuple[str, ...]:
    return host.runner.root, new.root, "runner", WHO


def listens(stand_in: StandIn) -> bool:
    return any("Listening for Jobs" in log.read_text() for log in stand_in.home.glob("_diag/Runner_2*"))


def as_the_runner(host: Host) -> None:
    """The documentation's lines for what is done as the runner's user."""
    lines = f"{SUDOERS.rpartition(chr(10))[2]}\n{as_user('runner')}\n"
    (host.machine.root / "etc/sudoers.d/runner-console").write_text(lines)
    # Beside it a runner may make a directory.
    host.machine.run("chown", "runner", "/srv/runners")


@asynccontextmanager
async def watched(host: Host, *canaries: bytes) -> AsyncIterator[None]:
    """By another user and by the operator's own, all the while; then everywhere where something might have stayed."""
    machine, enough = host.machine, "/run/enough"
    words = [f"{each.decode()[:5]}-{each.decode()[5:]}" for each in canaries]
    looking = ("python3", "-c", _LOOKING, enough, *words)
    lookers = [
        asyncio.create_task(asyncio.to_thread(machine.run, *looking, user=user)) for user in ("bystander", "ops")
    ]
    try:
        await asyncio.sleep(0.3)
        yield
        shown = machine.run("systemctl", "show", "--all", "*", user="bystander")
    finally:
        (await asyncio.to_thread(machine.run, "touch", enough))
        found = await asyncio.gather(*lookers)
    for each in found:
        looks, *seen = each.splitlines()
        assert int(looks) > 5
        assert seen == []
    places = ("/srv", "/home", "/tmp", "/run", "/var", "/etc", "/root", "/dev/shm")
    for canary in map(bytes.decode, canaries):
        assert canary not in shown
        assert canary not in machine.run("journalctl", "-q", "--all", "-o", "export")
        assert machine.run("sh", "-c", 'grep -rlF -D skip -- "$@" 2>/dev/null || :', "sh", canary, *places) == ""
