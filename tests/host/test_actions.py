"""Services are acted on where a real systemd keeps them, by a real sudo; and no job is lost by it."""

import asyncio
import subprocess

import pytest

from console.fleet.frames import Frame
from console.fleet.models import plain
from console.fleet.scripts import SCRIPTS
from tests.host.acting import PretendGitHub, carried_out, gate_on, plan, refusal
from tests.host.conftest import Host
from tests.host.operator import begin_job, logged, until
from tests.host.runners import StandIn


def invocation(host: Host) -> str:
    return host.machine.run("systemctl", "show", "-P", "InvocationID", host.runner.unit)


def sudo_lines(host: Host) -> list[str]:
    shown = host.machine.run("journalctl", "-q", "-o", "cat", "_COMM=sudo").splitlines()
    return [line.partition("COMMAND=")[2] for line in shown if "COMMAND=" in line]


async def ordered(host: Host, *values: str, user: str = "ops") -> list[Frame]:
    """What the script that acts says, whatever the console would have thought of it."""
    async with (
        host.ssh.hosts(user) as hosts,
        hosts.act("web", SCRIPTS["service-act"], *values, within=60.0) as frames,
    ):
        return [frame async for frame in frames]


def order(host: Host, verb: str = "restart", **other: str) -> tuple[str, ...]:
    given = {
        "unit": host.runner.unit,
        "directory": host.runner.root,
        "agent": "21",
        "address": "https://github.com/acme/web",
        **other,
    }
    return verb, given["unit"], given["directory"], given["agent"], given["address"], "ops@192.0.2.1"


def refused(frames: list[Frame]) -> str:
    assert not [frame for frame in frames if frame.word == "doing"]
    (found,) = (frame for frame in frames if frame.word == "refused")
    return found.fields[0]


async def test_an_idle_runner_is_restarted_proved_and_sudo_saw_that_one_command_line(own_host: Host) -> None:
    before = invocation(own_host)
    async with gate_on(own_host) as gate:
        ended = await carried_out(gate, await plan(gate, own_host.runner))
    assert (ended.outcome, plain(ended.words)) == (
        "proved",
        "One listener, started anew, listens for jobs; GitHub sees it online.",
    )
    assert invocation(own_host) != before
    assert len(own_host.machine.pids("Runner.Listener")) == 1
    acted = [line for line in sudo_lines(own_host) if not line.startswith("list")]
    assert acted == [f"/usr/bin/systemctl restart -- {own_host.runner.unit}"]


async def test_a_dead_runner_is_started_and_a_running_one_drained(own_host: Host) -> None:
    async with gate_on(own_host) as gate:
        assert (await carried_out(gate, await plan(gate, own_host.runner, "drain"))).outcome == "proved"
        assert own_host.machine.pids("Runner.Listener") == []
        assert (await carried_out(gate, await plan(gate, own_host.runner, "return"))).outcome == "proved"
    assert len(own_host.machine.pids("Runner.Listener")) == 1


async def test_a_busy_runner_is_refused_and_its_job_goes_on_to_its_end_though_github_calls_it_idle(
    own_host: Host,
) -> None:
    begin_job(own_host.runner)
    await until(lambda: own_host.machine.pids("Runner.Worker"))
    before = invocation(own_host)
    async with gate_on(own_host) as gate:
        assert "works on a job" in await refusal(gate, own_host.runner)
    assert refused(await ordered(own_host, *order(own_host))) == "busy"
    assert refused(await ordered(own_host, *order(own_host, "stop"))) == "busy"
    own_host.runner.order_worker(do="end", result="Succeeded")
    await until(lambda: logged(own_host, "completed with result: Succeeded"))
    assert invocation(own_host) == before


async def test_restart_when_idle_waits_for_the_end_of_the_job(own_host: Host) -> None:
    github = PretendGitHub(own_host.runner)
    github.busy = True
    begin_job(own_host.runner)
    await until(lambda: own_host.machine.pids("Runner.Worker"))
    async with gate_on(own_host, github=github) as gate:
        ending = asyncio.create_task(carried_out(gate, await plan(gate, own_host.runner, "restart-when-idle")))
        await asyncio.sleep(1)
        own_host.runner.order_worker(do="end", result="Succeeded")
        await until(lambda: logged(own_host, "completed with result: Succeeded"))
        github.busy = False
        assert (await asyncio.wait_for(ending, 60)).outcome == "proved"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"agent": "22"}, "other-runner"),
        ({"address": "https://github.com/acme/api"}, "other-address"),
        ({"address": "https://github.example/acme/web"}, "other-address"),
        ({"address": "-"}, "other-address"),
        ({"unit": "actions.runner.acme-web.nobody.service"}, "no-unit"),
        ({"directory": "/srv/runners/nobody"}, "no-directory"),
        ({"directory": "/srv/runners"}, "no-settings"),
    ],
)
async def test_another_runner_than_the_one_that_is_meant_is_never_restarted(
    host: Host, other: dict[str, str], reason: str
) -> None:
    before = invocation(host)
    assert refused(await ordered(host, *order(host, **other))) == reason
    assert invocation(host) == before


async def test_a_namesake_in_another_repository_is_told_apart(own_host: Host) -> None:
    twin = StandIn(own_host.machine, "web-1", 21, "acme/api", "/srv/twin")
    twin.install()
    own_host.machine.run("systemctl", "daemon-reload")
    own_host.machine.run("systemctl", "start", twin.unit)
    mine = invocation(own_host)
    async with gate_on(own_host, twin) as gate:
        assert (await carried_out(gate, await plan(gate, twin))).outcome == "proved"
    assert invocation(own_host) == mine
    crossed = order(own_host, directory="/srv/twin", address="https://github.com/acme/api")
    assert refused(await ordered(own_host, *crossed)) == "other-directory"


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("asked", "sudo asks for a password"),
        ("bystander", "sudo asks for a password"),
        ("seated", "requiretty"),
    ],
)
async def test_each_answer_of_sudo_is_told_apart_before_anything_is_done(host: Host, user: str, words: str) -> None:
    before = invocation(host)
    async with gate_on(host, user=user) as gate:
        assert words in await refusal(gate, host.runner)
    assert refused(await ordered(host, *order(host), user=user)).startswith("sudo-")
    assert invocation(host) == before


@pytest.mark.parametrize(
    "words",
    [
        ("restart", "--", "UNIT", "ssh.service"),
        ("restart", "--", "ssh.service", "UNIT"),
        ("restart", "UNIT"),
        ("restart", "--", "ssh.service"),
        ("restart", "--", "--now", "UNIT"),
        ("--root=/tmp", "restart", "--", "UNIT"),
        ("restart", "--", "actions.runner.x.service ssh.service"),
        ("restart", "--", "actions.runner.x.service\nssh.service"),
        ("restart", "--", "actions.runner.*.service"),
        ("restart", "--", "actions.runner.../../ssh.service"),
        ("kill", "--", "UNIT"),
        ("edit", "--", "UNIT"),
        ("restart", "-H", "root@elsewhere", "--", "UNIT"),
    ],
)
def test_the_documented_sudoers_line_allows_nothing_but_what_is_sent(host: Host, words: tuple[str, ...]) -> None:
    given = [host.runner.unit if word == "UNIT" else word for word in words]
    with pytest.raises(subprocess.CalledProcessError):
        host.machine.run("sudo", "-n", "-l", "/usr/bin/systemctl", *given, user="ops")
    host.machine.run("sudo", "-n", "-l", "/usr/bin/systemctl", "restart", "--", host.runner.unit, user="ops")


async def test_a_masked_a_missing_and_a_failing_unit_are_told_as_systemd_has_them(own_host: Host) -> None:
    machine, unit = own_host.machine, own_host.runner.unit
    (own_host.runner.home / "runsvc.sh").write_text("#!/bin/sh\nexit 3\n")
    async with gate_on(own_host) as gate:
        failed = await carried_out(gate, await plan(gate, own_host.runner))
        assert failed.outcome == "failed"
        assert "failed, exit-code" in plain(failed.words)
    place = machine.root / "etc/systemd/system" / unit
    kept = place.read_text()
    place.unlink()
    place.symlink_to("/dev/null")
    machine.run("systemctl", "daemon-reload")
    assert refused(await ordered(own_host, *order(own_host, "start"))) == "masked"
    place.unlink()
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed")
    assert refused(await ordered(own_host, *order(own_host, "start"))) == "no-unit"
    place.write_text(kept)


async def test_where_processes_are_hidden_nothing_is_done_on_a_guess(own_host: Host) -> None:
    own_host.machine.run("mount", "-o", "remount,hidepid=2", "/proc")
    before = invocation(own_host)
    async with gate_on(own_host) as gate:
        assert "could not be looked at" in await refusal(gate, own_host.runner)
    assert refused(await ordered(own_host, *order(own_host))) == "unreadable"
    assert invocation(own_host) == before


async def test_two_consoles_at_the_same_moment_restart_once_and_both_are_told_the_truth(own_host: Host) -> None:
    before = sudo_lines(own_host)
    both = await asyncio.gather(ordered(own_host, *order(own_host)), ordered(own_host, *order(own_host)))
    acted = [line for line in sudo_lines(own_host)[len(before) :] if not line.startswith("list")]
    words = sorted("did" if any(frame.word == "did" for frame in frames) else refused(frames) for frames in both)
    assert words in (["did", "locked"], ["did", "did"])
    assert len(acted) == words.count("did")


async def test_a_connection_cut_after_the_act_ends_in_a_look_and_not_in_a_second_restart(own_host: Host) -> None:
    """The listener takes seconds to end, and the wire is cut meanwhile."""
    (own_host.machine.root / own_host.runner.root[1:] / "runsvc.sh").write_text(
        "#!/bin/bash\ntrap 'sleep 4; kill -INT $PID' TERM\nexport PYTHONPATH=/srv/stand-in\n"
        "./externals/node20/bin/node ./bin/RunnerService.js &\nPID=$!\nwait $PID\ntrap - TERM\nwait $PID\n"
    )
    own_host.machine.run("systemctl", "restart", own_host.runner.unit)
    await until(lambda: own_host.machine.pids("Runner.Listener"))
    before = sudo_lines(own_host)
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        ending = asyncio.create_task(carried_out(gate, proposal))
        await until(lambda: [line for line in sudo_lines(own_host)[len(before) :] if not line.startswith("list")])
        own_host.wire.cut()
        await asyncio.sleep(25)
        own_host.wire.mend()
        ended = await asyncio.wait_for(ending, 120)
    assert ended.outcome == "proved", plain(ended.words)
    acted = [line for line in sudo_lines(own_host)[len(before) :] if not line.startswith("list")]
    assert len(acted) == 1


async def test_twenty_five_jobs_that_start_around_the_act_are_all_finished(own_host: Host) -> None:
    """Each either begins before the last look, and nothing is done, or after the restart."""
    await races(own_host, 25)


async def races(host: Host, times: int) -> None:
    for number in range(times):
        begun = asyncio.create_task(ordered(host, *order(host)))
        await asyncio.sleep(0.02 * (number % 25))
        begin_job(host.runner)
        frames = await begun
        done = any(frame.word == "did" for frame in frames)
        assert done or refused(frames) in {"busy", "locked"}, frames
        await until(lambda: host.machine.pids("Runner.Worker"), 30)
        host.runner.order_worker(do="end", result="Succeeded")
        await until(lambda: not host.machine.pids("Runner.Worker"))
        async with asyncio.timeout(15):
            while _ended(host) <= number:
                await asyncio.sleep(0.05)


def _ended(host: Host) -> int:
    diary = [
        line for path in sorted(host.runner.home.glob("_diag/Runner_2*")) for line in path.read_text().splitlines()
    ]
    assert not [line for line in diary if "completed with result: " in line and "Succeeded" not in line]
    return sum("completed with result: Succeeded" in line and "WRITE LINE" in line for line in diary)
