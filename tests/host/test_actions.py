"""Services are acted on where a real systemd keeps them, by a real sudo; and no job is lost by it."""

import asyncio

import pytest

from console.errors import HostError
from console.fleet.models import plain
from console.fleet.plans import Refusal
from console.operations.run_plan import FRESH
from console.operations.undertaking import Said, Undertaking
from tests.host.acting import PretendGitHub, carried_out, gate_on, plan, refusal
from tests.host.acts import acting, acts, drop_in, invocation, listening, notes, order, refused, told
from tests.host.conftest import Host
from tests.host.operator import begin_job, logged, until
from tests.host.runners import StandIn


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
    assert acts(own_host) == [f"/usr/bin/systemctl restart -- {own_host.runner.unit}"]


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
    assert refused(await told(own_host, *order(own_host))) == "busy"
    assert refused(await told(own_host, *order(own_host, "stop"))) == "busy"
    own_host.runner.order_worker(do="end", result="Succeeded")
    await until(lambda: logged(own_host, "completed with result: Succeeded"))
    assert invocation(own_host) == before


async def test_a_job_that_begins_between_the_question_and_the_consent_is_finished(own_host: Host) -> None:
    before = invocation(own_host)
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        begin_job(own_host.runner)
        await until(lambda: own_host.machine.pids("Runner.Worker"))
        ended = await carried_out(gate, proposal)
    assert ended.outcome == "refused"
    assert plain(ended.words).startswith("It is busy with a job since ")
    own_host.runner.order_worker(do="end", result="Succeeded")
    await until(lambda: logged(own_host, "completed with result: Succeeded"))
    assert (acts(own_host), invocation(own_host)) == ([], before)


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
    assert refused(await told(host, *order(host, **other))) == reason
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
    assert refused(await told(own_host, *crossed)) == "other-directory"


async def test_a_masked_a_missing_and_a_failing_unit_are_told_as_systemd_has_them(own_host: Host) -> None:
    machine, unit = own_host.machine, own_host.runner.unit
    own_host.runner.write_program("runsvc.sh", "#!/bin/sh\nexit 3\n")
    async with gate_on(own_host) as gate:
        failed = await carried_out(gate, await plan(gate, own_host.runner))
        assert failed.outcome == "failed"
        assert "failed, exit-code" in plain(failed.words)
    place = machine.root / "etc/systemd/system" / unit
    kept = place.read_text()
    place.unlink()
    place.symlink_to("/dev/null")
    machine.run("systemctl", "daemon-reload")
    assert refused(await told(own_host, *order(own_host, "start"))) == "masked"
    place.unlink()
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "reset-failed")
    assert refused(await told(own_host, *order(own_host, "start"))) == "no-unit"
    place.write_text(kept)


async def test_where_processes_are_hidden_nothing_is_done_on_a_guess(own_host: Host) -> None:
    own_host.machine.run("mount", "-o", "remount,hidepid=2", "/proc")
    before = invocation(own_host)
    async with gate_on(own_host) as gate:
        assert "could not be looked at" in await refusal(gate, own_host.runner)
    assert refused(await told(own_host, *order(own_host))) == "unreadable"
    assert invocation(own_host) == before


async def test_a_connection_cut_after_the_act_ends_in_a_look_and_not_in_a_second_restart(own_host: Host) -> None:
    """The listener takes seconds to end, and the wire is cut meanwhile."""
    await slow_to_stop(own_host, 4)
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        ending = asyncio.create_task(carried_out(gate, proposal))
        await until(lambda: acts(own_host))
        own_host.wire.cut()
        await asyncio.sleep(25)
        own_host.wire.mend()
        ended = await asyncio.wait_for(ending, 60)
    assert ended.outcome == "proved", plain(ended.words)
    assert len(acts(own_host)) == 1


async def test_a_long_stop_is_told_as_it_goes_on_and_its_end_is_proved_whoever_looks_on(own_host: Host) -> None:
    await slow_to_stop(own_host, 4)
    async with gate_on(own_host) as gate:
        begun = await gate.carry_out(await plan(gate, own_host.runner))
        assert isinstance(begun, Undertaking)
        await until(lambda: "deactivating stop-sigterm" in told_so_far(begun))
        assert begun.ended is None
        ended = await asyncio.wait_for(begun.end(), 30)
    assert ended.outcome == "proved"


async def test_a_console_that_ends_during_a_long_stop_leaves_one_whole_restart_and_no_lock(own_host: Host) -> None:
    await slow_to_stop(own_host, 4)
    before = invocation(own_host)
    async with own_host.ssh.hosts() as hosts, acting(hosts, *order(own_host)) as frames:
        async for frame in frames:
            if frame.word == "state":
                break
    await until(lambda: not own_host.machine.processes_of("ops"), 15)
    assert invocation(own_host) != before
    await listening(own_host, 3)
    assert len(own_host.machine.pids("Runner.Listener")) == len(acts(own_host)) == 1
    assert notes(own_host) == []
    assert refused(await told(own_host, *order(own_host, "start"))) == "running"


async def test_a_stop_that_systemd_cuts_short_leaves_two_listeners_and_is_not_called_proved(own_host: Host) -> None:
    await slow_to_stop(own_host, 30)
    drop_in(own_host, "[Service]\nTimeoutStopSec=2")
    async with gate_on(own_host) as gate:
        begun = await gate.carry_out(await plan(gate, own_host.runner))
        assert isinstance(begun, Undertaking)
        await until(lambda: "2 listeners run there instead of one" in told_so_far(begun))
        begun.stop()
        ended = await begun.end()
    assert ended.outcome == "not-proved"
    assert "2 listeners run there instead of one" in plain(ended.words)
    assert len(acts(own_host)) == 1


async def test_a_service_that_was_started_too_often_is_told_in_systemds_words_and_not_started_again(
    own_host: Host,
) -> None:
    drop_in(own_host, "[Unit]\nStartLimitIntervalSec=300\nStartLimitBurst=2")
    own_host.runner.write_program("runsvc.sh", "#!/bin/sh\nexit 0\n")
    await told(own_host, *order(own_host))
    await told(own_host, *order(own_host, "start"))
    before = len(acts(own_host))
    async with gate_on(own_host) as gate:
        ended = await carried_out(gate, await plan(gate, own_host.runner, "start-service"))
    assert ended.outcome == "failed"
    assert "attempted too often" in plain(ended.words)
    assert len(acts(own_host)) == before + 1
    assert own_host.machine.run("systemctl", "show", "-P", "Result", own_host.runner.unit) == "start-limit-hit"


async def test_hostile_words_in_a_runners_directory_do_nothing_and_match_nothing(own_host: Host) -> None:
    before, settings = invocation(own_host), own_host.runner.home / ".runner"
    hostile = (
        '{"agentId": 22, "agentName": "x\\", \\"agentId\\": 21, \\"", "gitHubUrl": "https://github.com/acme/web"}',
        '{"agentId": 21, "agentId": 22, "gitHubUrl": "https://github.com/acme/web"}',
        '{"agentId": "21; touch /tmp/pwned", "gitHubUrl": "https://github.com/acme/web"}',
        '{"agentId": 21, "gitHubUrl": "https://github.com/acme/web/$(touch /tmp/pwned)"}',
        '{"agentId": 21, "gitHubUrl": "https://github.com/acme/web`touch /tmp/pwned`"}',
        '{"agentId": 21, "gitHubUrl": "https://github.com/acme/web\\u0000x"}',
        "\x1b]52;c;aGk=\x07" * 100,
        "",
    )
    for text in hostile:
        settings.write_text(text)
        assert refused(await told(own_host, *order(own_host))) in {"other-runner", "other-address", "no-settings"}, text
    settings.unlink()
    settings.symlink_to("/etc/shadow")
    assert refused(await told(own_host, *order(own_host))) == "no-settings"
    for unit in ("ssh.service", "actions.runner.x;id.service", "actions.runner.$(id).service", "-H.service", "x\ny"):
        with pytest.raises(HostError):
            await told(own_host, *order(own_host, unit=unit))
    assert invocation(own_host) == before
    assert acts(own_host) == []
    assert not own_host.machine.run("find", "/", "-xdev", "-name", "pwned")


async def test_a_name_that_leads_to_another_machine_by_then_is_refused(own_host: Host, hidden_host: Host) -> None:
    """A copy of the host, down to the runner: only the machine's id is another."""
    own_host.ssh.reach("first", own_host.wire.far, "User ops")
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        own_host.ssh.reach("web", hidden_host.wire.far, "User ops", "ProxyJump first")
        own_host.machine.run("kill", "-KILL", *own_host.machine.pids("sshd")[1:])
        await asyncio.sleep(FRESH + 0.5)
        found = await gate.carry_out(proposal)
        assert isinstance(found, Refusal)
        assert plain(found.reason) == "What it rests on has changed since it was asked."
    assert acts(own_host) == acts(hidden_host) == []


async def test_a_host_key_that_changes_between_the_question_and_the_consent_stops_it(own_host: Host) -> None:
    async with gate_on(own_host) as gate:
        proposal = await plan(gate, own_host.runner)
        own_host.machine.make_host_key()
        own_host.machine.run("kill", "-KILL", *own_host.machine.pids("sshd")[1:])
        own_host.machine.run("systemctl", "restart", "ssh.service")
        found = await gate.carry_out(proposal)
        words = plain(found.reason if isinstance(found, Refusal) else (await found.end()).words)
    assert "another host key" in words
    assert acts(own_host) == []


async def slow_to_stop(host: Host, seconds: int) -> None:
    host.runner.write_runsvc(f"sleep {seconds}; ")
    host.machine.run("systemctl", "restart", host.runner.unit)
    await listening(host, 2)


def told_so_far(undertaking: Undertaking) -> str:
    return " ".join(plain(event.words) for event in undertaking.events if isinstance(event, Said))
