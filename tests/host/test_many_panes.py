"""Many logs of one host at once, and what is left there of them."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from console.fleet.scripts import SCRIPTS
from console.operations.logs import OpenLog
from tests.host.conftest import Host
from tests.host.operator import RUNNER, closing, logs_of, said, state, until

MOST_SESSIONS = 6


async def test_fifty_panes_share_six_sessions_and_each_gets_its_turn(own_host: Host) -> None:
    most = 0

    def sessions() -> int:
        """Scripts that lead a session on the host."""
        nonlocal most
        running = [words for words in own_host.machine.processes_of("ops") if words.startswith("sh -s -- ")]
        parents = own_host.machine.run("ps", "-A", "-o", "sid=,pid=,args=").splitlines()
        leading = [line for line in parents if " sh -s -- " in line and line.split()[0] == line.split()[1]]
        most = max(most, len(leading))
        return len(running)

    async with logs_of(own_host) as logs:
        panes: list[OpenLog] = [
            await (logs.journal(RUNNER) if number % 2 else logs.diag(RUNNER, "listener")) for number in range(50)
        ]
        async with closing(*panes):
            await until(lambda: sum(state(log) == "connected" for log in panes) == 5)
            await until(lambda: all(state(log) in {"connected", "disconnected"} for log in panes) and sessions(), 30)
            waiting = [log.state for log in panes if log.state is not None and log.state.word == "disconnected"]
            assert len(waiting) == 45
            assert all("6 sessions are open" in each.reason for each in waiting)
            # There is always room for a question.
            assert (await logs.facts(RUNNER, anew=True)).unit_state == "active (running)"
            for _ in range(10):
                sessions()
                await asyncio.sleep(0.2)
            open_now = [log for log in panes if state(log) == "connected"]
            await asyncio.gather(*(log.close() for log in open_now))
            left = [log for log in panes if log not in open_now]
            await until(lambda: sum(state(log) == "connected" and bool(said(log)) for log in left) == 5, 45)
            sessions()
        await until(lambda: not own_host.machine.processes_of("ops"), 5)
    assert most in {MOST_SESSIONS - 1, MOST_SESSIONS}


async def test_a_pane_that_is_closed_leaves_nothing_on_the_host(own_host: Host) -> None:
    async with logs_of(own_host) as logs:
        opened = (await logs.journal(RUNNER), await logs.diag(RUNNER, "listener"), await logs.diag(RUNNER, "worker"))
        async with closing(*opened):
            await until(lambda: all(state(log) == "connected" for log in opened))
            await until(lambda: any("journalctl" in words for words in own_host.machine.processes_of("ops")))
        await until(lambda: not own_host.machine.processes_of("ops"), 5)


async def test_a_console_that_is_killed_leaves_nothing_on_the_host(own_host: Host) -> None:
    """With its ssh: as when the operator's machine loses power, but for the network."""
    async with own_host.ssh.hosts() as hosts:
        with contextlib.suppress(Exception):
            async with hosts.stream("web", SCRIPTS["journal"], own_host.runner.unit, "-", "10") as frames:
                await anext(frames)
                assert own_host.machine.processes_of("ops")
                shown = subprocess.run(
                    ["ps", "-A", "-ww", "-o", "pid=,args="], check=True, capture_output=True, text=True
                )
                ours = [line.split()[0] for line in shown.stdout.splitlines() if str(own_host.ssh.config) in line]
                for pid in ours:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(pid), signal.SIGKILL)
                await until(lambda: not own_host.machine.processes_of("ops"), 5)
    assert not own_host.machine.processes_of("ops")


async def test_no_script_leaves_a_file_on_the_host(own_host: Host) -> None:
    def files() -> set[str]:
        shown = own_host.machine.run(
            "find", "/srv", "/home", "/tmp", "/var/tmp", "/dev/shm", "-newer", "/etc/machine-id"
        )
        return {line for line in shown.splitlines() if "_diag" not in line and Path(line).name != "orders"}

    before = files()
    async with logs_of(own_host) as logs:
        await logs.facts(RUNNER)
        await logs.leftovers(RUNNER)
        opened = (await logs.journal(RUNNER), await logs.diag(RUNNER, "listener"))
        async with closing(*opened):
            await until(lambda: all(said(log) for log in opened))
            assert files() == before
    assert files() == before
