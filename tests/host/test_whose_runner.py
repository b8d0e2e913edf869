"""Which runner is which on a host, and what the host is like."""

import shutil
from functools import partial

import pytest
from msgspec.structs import replace

from console.errors import NotLocatedError
from console.fleet.models import plain
from console.operations.logs import OpenLog
from tests.host.conftest import Host
from tests.host.operator import RUNNER, begin_job, closing, logged, logs_of, registered, said, state, until
from tests.host.runners import StandIn


def put(host: Host, name: str, agent_id: int, owner: str, place: str = "") -> StandIn:
    """Another runner there, started."""
    made = StandIn(host.machine, name, agent_id, owner, place)
    made.install()
    host.machine.run("systemctl", "daemon-reload")
    host.machine.run("systemctl", "start", made.unit)
    return made


async def test_runners_of_one_name_and_one_id_are_told_apart_by_their_address(own_host: Host) -> None:
    """`acme-web` is the organisation as well as the repository acme/web."""
    twin = put(own_host, "web-1", 21, "acme/api", "/srv/twin")
    async with logs_of(own_host, registered(twin)) as logs:
        mine = (await logs.facts(RUNNER)).located
        other = (await logs.facts(registered(twin).key)).located
    assert (mine.directory, mine.unit, mine.certainty) == (own_host.runner.root, own_host.runner.unit, "proved")
    assert (other.directory, other.unit, other.certainty) == ("/srv/twin", twin.unit, "proved")
    assert str(other.pid) in own_host.machine.pids("Runner.Listener")


async def test_a_runner_that_is_not_there_is_not_taken_for_its_namesake(own_host: Host) -> None:
    stranger = replace(registered(own_host.runner), id=22)
    async with logs_of(own_host, stranger) as logs:
        with pytest.raises(NotLocatedError) as told:
            await logs.journal(stranger.key)
    assert "1 unit actions.runner.*.service" in told.value.hint
    assert own_host.runner.unit in told.value.hint
    assert "agent id 21" in told.value.hint


async def test_a_runner_that_was_set_up_just_in_time_is_only_likely(own_host: Host) -> None:
    file = own_host.runner.home / ".runner"
    file.write_text(
        '{"AgentId":"21","AgentName":"web-1","ServerUrl":"https://pipelines.actions.githubusercontent.com/x/"}'
    )
    async with logs_of(own_host) as logs:
        located = (await logs.facts(RUNNER)).located
        log = await logs.journal(RUNNER)
        async with closing(log):
            assert plain(log.name).endswith("(likely)")
    assert located.certainty == "likely"


async def test_newer_settings_from_the_server_come_first(own_host: Host) -> None:
    migrated = own_host.runner.home / ".runner_migrated"
    shutil.copy(own_host.runner.home / ".runner", migrated)
    own_host.runner.write_settings(agentId=99)
    async with logs_of(own_host) as logs:
        assert (await logs.facts(RUNNER)).located.certainty == "proved"


async def test_a_runner_without_a_unit_is_found_by_its_process(own_host: Host) -> None:
    machine, root = own_host.machine, own_host.runner.root
    machine.run("systemctl", "disable", "--now", own_host.runner.unit)
    (machine.root / "etc/systemd/system" / own_host.runner.unit).unlink()
    machine.run("systemctl", "daemon-reload")
    environment = "--setenv=PYTHONPATH=/srv/stand-in"
    here = (f"--working-directory={root}", environment)
    unit = "--unit=gha-runner@7.service"
    machine.run("systemd-run", "--quiet", unit, "--uid=runner", *here, f"{root}/bin/Runner.Listener", "run")
    await until(lambda: machine.pids("Runner.Listener"))
    async with logs_of(own_host) as logs:
        located = (await logs.facts(RUNNER)).located
        assert (located.unit, located.service) == (None, "gha-runner@7.service")
        assert (located.directory, located.certainty) == (root, "proved")
        assert [str(located.pid)] == machine.pids("Runner.Listener")
        for log in (await logs.journal(RUNNER), await logs.diag(RUNNER, "listener")):
            async with closing(log):
                await until(partial(any_line, log, "Listening for Jobs"))


def any_line(log: OpenLog, words: str) -> bool:
    return any(words in line for line in said(log))


async def test_hostile_names_of_units_and_directories_do_nothing(own_host: Host) -> None:
    units = own_host.machine.root / "etc/systemd/system"
    places = (
        "/srv/$(touch pwned)",
        "/srv/`touch pwned`",
        "/srv/a;touch pwned",
        "/srv/a b",
        "/srv/-rf",
        "/srv/" + "x" * 200,
    )
    for number, place in enumerate(places):
        directory = own_host.machine.root / place[1:]
        directory.mkdir()
        shutil.copy(own_host.runner.home / ".runner", directory / ".runner")
        unit = f"[Service]\nExecStart=/bin/sleep 1000\nWorkingDirectory={place.replace('%', '%%')}\n"
        (units / f"actions.runner.acme-web.{number}.service").write_text(unit)
    names = (r"x\x24\x28touch\x20pwned\x29", "-rf", "a@b:c", "y" * 200)
    for name in names:
        (units / f"actions.runner.{name}.service").write_text("[Service]\nExecStart=/bin/sleep 1000\n")
    own_host.machine.run("systemctl", "daemon-reload")
    stranger = replace(registered(own_host.runner), id=22)
    async with logs_of(own_host, stranger) as logs:
        assert (await logs.facts(RUNNER)).located.unit == own_host.runner.unit
        with pytest.raises(NotLocatedError) as told:
            await logs.journal(stranger.key)
    assert "not one that is sent back to a host" in told.value.hint
    assert not own_host.machine.run("find", "/", "-xdev", "-name", "pwned")


async def test_a_directory_that_may_not_be_entered_is_told(own_host: Host) -> None:
    own_host.runner.home.chmod(0o700)
    async with logs_of(own_host) as logs:
        with pytest.raises(NotLocatedError) as told:
            await logs.facts(RUNNER)
    assert "may not be entered by this user" in told.value.hint


async def test_a_host_is_described_while_its_runner_works_and_after_it_gave_up(own_host: Host) -> None:
    begin_job(own_host.runner)
    await until(lambda: own_host.machine.pids("Runner.Worker"))
    async with logs_of(own_host) as logs:
        facts = await logs.facts(RUNNER)
        assert (facts.unit_state, facts.version, facts.flow) == ("active (running)", "2.336.0", "V2")
        assert [str(each.pid) for each in facts.listeners] == own_host.machine.pids("Runner.Listener")
        assert [str(each.pid) for each in facts.workers] == own_host.machine.pids("Runner.Worker")
        assert facts.clock_ahead is not None
        assert abs(facts.clock_ahead) <= facts.clock_unsure
        assert facts.uptime is not None
        assert facts.disks
        assert facts.disks[0].free > 0
        assert facts.newest_worker_log is not None
        own_host.runner.order_worker(do="end", result="Succeeded")
        await until(lambda: logged(own_host, "completed with result: Succeeded"))
        own_host.runner.order(do="exit", code=5)
        await until(lambda: not own_host.machine.pids("Runner.Listener"))
        await until(
            lambda: own_host.machine.run("systemctl", "show", "-P", "ActiveState", own_host.runner.unit) == "inactive"
        )
        facts = await logs.facts(RUNNER, anew=True)
    assert facts.unit_state == "inactive (dead)"
    assert "Session Conflict" in facts.exit_line
    assert (facts.listeners, facts.workers) == ((), ())


async def test_without_rights_the_journal_is_not_called_empty(own_host: Host) -> None:
    async with logs_of(own_host, user="bystander") as logs:
        log = await logs.journal(RUNNER)
        async with closing(log):
            await until(lambda: log.state is not None and log.state.notes)
            assert log.state is not None
            assert "systemd-journal" in log.state.notes[0]
    async with logs_of(own_host) as logs:
        log = await logs.journal(RUNNER)
        async with closing(log):
            await until(lambda: state(log) == "connected" and said(log))
            assert log.state is not None
            assert log.state.notes == ()


async def test_a_journal_that_is_rotated_loses_nothing(own_host: Host) -> None:
    async with logs_of(own_host) as logs:
        log = await logs.journal(RUNNER)
        async with closing(log):
            for number in range(400):
                own_host.runner.order(do="say", text=f"line {number:03d}")
                if number % 100 == 50:
                    own_host.machine.run("journalctl", "--rotate")
            await until(lambda: "line 399" in said(log))
            assert [line for line in said(log) if line.startswith("line")] == [f"line {n:03d}" for n in range(400)]
