"""A host is lost in every way, and found again: seen in time, nothing missing, nothing twice, nothing left behind."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from console.operations.logs import OpenLog
from tests.host.conftest import Host
from tests.host.operator import JOB, RUNNER, begin_job, closing, logged, logs_of, said, state, until

SILENCE_SEEN = 20.0
LEFT_BEHIND = 65.0
"""A minute without a heartbeat, and what it takes to end."""
FOUND_AGAIN = 45.0
"""The longest wait between two tries, and what a try takes."""


@asynccontextmanager
async def three_logs(host: Host) -> AsyncIterator[tuple[OpenLog, OpenLog, OpenLog]]:
    """Journal, listener's log, and the output of a job that is running."""
    begin_job(host.runner)
    host.runner.order_worker(do="print", text="##[group]Run make", times=200)
    async with logs_of(host) as logs:
        await until(lambda: logged(host, "Running job"))
        opened = (await logs.journal(RUNNER), await logs.diag(RUNNER, "listener"), await logs.output(JOB))
        async with closing(*opened):
            await until(lambda: all(said(log) and state(log) == "connected" for log in opened))
            yield opened


def speak(host: Host, first: int) -> None:
    """Two hundred lines of each kind."""
    for number in range(first, first + 200):
        host.runner.order(do="say", text=f"line {number:08d}")
    host.runner.order_worker(do="print", text="line NUMBER " + "x" * 100, first=first, times=200)


def expected(count: int) -> list[str]:
    return [f"line {number:08d}" for number in range(count)]


def whole(log: OpenLog, count: int) -> bool:
    """Every line of them is there once, in order, but for those that the runner itself still holds back."""
    lines = [line.partition(": ")[2] if "WRITE LINE" in line else line for line in said(log)]
    found = [line[:13] for line in lines if line.startswith("line ")]
    held_back = 80 if "as it runs" in str(log.name) else 0
    assert found == expected(len(found))
    return len(found) >= count - held_back


async def test_a_network_that_goes_silent_is_seen_and_every_line_comes_once(own_host: Host) -> None:
    async with three_logs(own_host) as opened:
        speak(own_host, 0)
        await until(lambda: all(whole(log, 200) for log in opened))
        assert own_host.machine.processes_of("ops")
        own_host.wire.cut()
        cut = time.monotonic()
        speak(own_host, 200)
        await until(lambda: all(state(log) == "disconnected" for log in opened), SILENCE_SEEN)
        # On the host all that followed for us has ended, though nobody could tell it to.
        await until(lambda: not own_host.machine.processes_of("ops"), LEFT_BEHIND - (time.monotonic() - cut))
        own_host.wire.mend()
        await until(lambda: all(whole(log, 400) for log in opened), FOUND_AGAIN)
        speak(own_host, 400)
        await until(lambda: all(whole(log, 600) for log in opened))
    await until(lambda: not own_host.machine.processes_of("ops"), 5)


async def test_a_host_key_that_changes_stops_that_host_and_no_other(own_host: Host, host: Host) -> None:
    async with logs_of(own_host) as logs, logs_of(host) as others:
        journal, other = await logs.journal(RUNNER), await others.journal(RUNNER)
        async with closing(journal, other):
            await until(lambda: state(journal) == state(other) == "connected")
            own_host.machine.make_host_key()
            own_host.machine.run("systemctl", "restart", "ssh.service")
            own_host.machine.run("kill", "-KILL", *own_host.machine.pids("sshd")[1:])
            await until(lambda: journal.state is not None and "another host key" in journal.state.reason)
            assert journal.state is not None
            assert journal.state.next_try is None
            host.runner.order(do="say", text="still here")
            await until(lambda: "still here" in said(other))
            with pytest.raises(Exception, match="another host key"):
                await logs.facts(RUNNER)


async def test_an_sshd_that_is_killed_is_seen_and_every_line_comes_once(own_host: Host) -> None:
    async with three_logs(own_host) as opened:
        for first in (0, 200, 400):
            speak(own_host, first)
            await until(partial(all_whole, opened, first + 50))
            own_host.machine.run("kill", "-KILL", *own_host.machine.pids("sshd")[1:])
            await until(partial(all_whole, opened, first + 200), FOUND_AGAIN)
    await until(lambda: not own_host.machine.processes_of("ops"), 5)


def all_whole(opened: tuple[OpenLog, ...], count: int) -> bool:
    return all(whole(log, count) for log in opened)


async def test_after_a_reboot_of_the_host_its_logs_go_on(own_host: Host) -> None:
    async with logs_of(own_host) as logs:
        journal, diary = await logs.journal(RUNNER), await logs.diag(RUNNER, "listener")
        async with closing(journal, diary):
            for number in range(200):
                own_host.runner.order(do="say", text=f"line {number:08d}")
            await until(lambda: whole(journal, 200) and whole(diary, 200))
            await asyncio.to_thread(own_host.machine.reboot)
            for number in range(200, 400):
                own_host.runner.order(do="say", text=f"line {number:08d}")
            await until(lambda: whole(journal, 400) and whole(diary, 400), FOUND_AGAIN)
            for log in (journal, diary):
                assert sum("Listening for Jobs" in line for line in said(log)) == 2
            assert sum("Exiting..." in line for line in said(journal)) == 1


async def test_an_sshd_that_hangs_is_seen_and_every_line_comes_once(own_host: Host) -> None:
    async with three_logs(own_host) as opened:
        speak(own_host, 0)
        await until(lambda: all(whole(log, 200) for log in opened))
        frozen = own_host.machine.pids("sshd")
        own_host.machine.freeze(*frozen)
        speak(own_host, 200)
        await until(lambda: all(state(log) == "disconnected" for log in opened), SILENCE_SEEN)
        await asyncio.sleep(3)
        own_host.machine.thaw(*frozen)
        await until(lambda: all(whole(log, 400) for log in opened), FOUND_AGAIN)
