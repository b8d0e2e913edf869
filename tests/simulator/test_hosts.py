"""The pretend hosts, reached by the real ssh: what they answer, what grows, and what they refuse."""

import json
import subprocess
from datetime import timedelta

import pytest

from console.fleet.frames import Frame
from console.fleet.scripts import SCRIPTS, sent
from console.simulator import host_session
from console.simulator.clock import WorldClock
from console.simulator.guids import guid
from console.simulator.inhabitants import Job, Runner
from console.simulator.job_logs import log_of
from console.simulator.scenarios import scenario_named
from console.simulator.world import World
from tests.needs import needs
from tests.simulator.over_ssh import MARK, WEB, ask, command, follow, hosts_of, run

pytestmark = needs("ssh")
STUCK = "prod-linux-03"
UNIT = f"actions.runner.acme.{STUCK}.service"
ROOT = "/opt/actions-runner"


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_session, "LOOKS_EVERY", 0.05)


def facts_of(frames: list[Frame]) -> dict[str, str]:
    return {frame.fields[0]: frame.data.decode() for frame in frames}


def words_of(frames: list[Frame]) -> list[str]:
    return [frame.word for frame in frames]


def settings(frames: list[Frame]) -> list[dict[str, object]]:
    found = [frame.data for frame in frames if frame.word == "file" and frame.fields == (".runner",)]
    return [json.loads(data.decode("utf-8-sig")) for data in found]


def busy(world: World) -> tuple[Runner, Job]:
    """The one that has just begun."""
    running = [job for job in world.runs.jobs.values() if job.status == "in_progress" and "linux" in job.labels]
    job = max(running, key=lambda job: job.started_at or world.opens_at)
    assert job.machine is not None
    return job.machine, job


def test_a_runner_is_found_by_its_unit_and_known_by_its_id_and_address(world: World) -> None:
    with hosts_of(world) as access:
        frames = ask(access, STUCK, "find-runners")
    unit = next(frame for frame in frames if frame.word == "unit")
    assert unit.fields[:3] == (UNIT, "active", "running")
    assert frames[frames.index(unit) + 1].fields == (ROOT,)
    assert settings(frames)[0]["agentId"] == world.runner(STUCK).id
    assert settings(frames)[0]["gitHubUrl"] == f"{WEB}/acme"
    assert next(frame for frame in frames if frame.word == "file").data.startswith(b"\xef\xbb\xbf")


def test_jit_runners_share_a_host_have_no_unit_and_name_no_address(world: World) -> None:
    with hosts_of(world) as access:
        frames = ask(access, "arc-node", "find-runners")
    assert "unit" not in words_of(frames)
    assert words_of(frames).count("process") == 4
    assert {each["GitHubUrl"] for each in settings(frames)} == {""}
    ids = {str(runner.id) for runner in world.runners["org:acme"].values() if runner.ephemeral}
    assert {each["AgentId"] for each in settings(frames)} == ids


def test_every_online_runner_has_a_host(world: World) -> None:
    with hosts_of(world) as access:
        named = {line.split()[1] for line in access.config.read_text().splitlines() if line.startswith("Host ")}
    for fleet in world.runners.values():
        assert {runner.host or runner.name for runner in fleet.values()} <= named


def test_the_stuck_runners_journal_tells_why_and_goes_on_after_a_cursor(world: World, clock: WorldClock) -> None:
    with hosts_of(world) as access:
        with follow(access, STUCK, "journal", UNIT, "-", "200") as journal:
            journal.until(lambda _: journal.text().endswith(b"\n"))
            assert journal.end() == 143
        entries = [json.loads(line) for line in journal.text().splitlines()]
        assert "failed with status: ServiceUnavailable" in entries[-1]["MESSAGE"]
        assert {entry["SYSLOG_IDENTIFIER"] for entry in entries} == {"systemd", "runsvc.sh"}
        world.restart(world.runner(STUCK))
        clock.move(timedelta(seconds=5))
        with follow(access, STUCK, "journal", UNIT, entries[-2]["__CURSOR"], "0") as resumed:
            resumed.until(lambda _: b"Listening for Jobs" in resumed.text())
        assert json.loads(resumed.text().splitlines()[0]) == entries[-1]


def test_the_listeners_log_goes_on_in_the_next_file(world: World, clock: WorldClock) -> None:
    with hosts_of(world) as access, follow(access, STUCK, "diag-log", ROOT, "Runner", "-", "0", "0") as log:
        log.until(lambda _: b"Back off" in log.text())
        world.restart(world.runner(STUCK))
        clock.move(timedelta(seconds=5))
        ready = b"IPC timeout to 30 seconds.\n"
        frames = log.until(lambda frames: "next" in words_of(frames) and log.text().count(ready) == 2)
        parts = [frame.fields for frame in frames if frame.word == "part"]
        name, inode, offset = parts[0][0], parts[0][1], 4096
        with follow(access, STUCK, "diag-log", ROOT, "Runner", name, inode, str(offset)) as resumed:
            resumed.until(lambda _: len(resumed.text()) >= len(log.text()) - offset)
    assert resumed.text().startswith(log.text()[offset:])
    assert parts[-1][0] == "Runner_20261120-090000-utc.log"


def test_what_a_running_job_prints_is_on_the_host_what_github_shows_in_the_end(world: World, clock: WorldClock) -> None:
    runner, job = busy(world)
    with (
        hosts_of(world) as access,
        follow(access, runner.name, "job-output", ROOT, guid("job", job.id), "-", "0", "0") as output,
    ):
        clock.move(timedelta(seconds=job.steps[-2].begins))
        output.until(lambda _: len(output.text()) >= 4096)
        assert job.status == "in_progress"
        so_far = output.text()
        assert len(so_far) % 4096 == 0
        with world.lock:
            while job.status != "completed":
                clock.move(timedelta(seconds=1))
                world.advance()
        output.until(lambda _: output.text() == log_of(job))
        assert output.text().startswith(so_far)
        clock.move(timedelta(seconds=3))
        left = ask(access, runner.name, "leftovers", ROOT)
        assert not [frame for frame in left if guid("job", job.id) in frame.fields[0]]


def test_the_worker_of_a_crashed_job_leaves_its_output_behind(clock: WorldClock) -> None:
    world = scenario_named("disk-full").build(clock)
    with hosts_of(world) as access:
        left = ask(access, "build-linux-05", "leftovers", ROOT)
        pages = [frame.fields for frame in left if frame.fields[0].endswith(".log")]
        assert len(left) == 2 * len(pages) > 10
        name, size, _ = next(page for page in pages if int(page[1]) > 1000)
        (saved,) = ask(access, "build-linux-05", "leftover", ROOT, name, "0")
        facts = facts_of(ask(access, "build-linux-05", "host-facts", "-", ROOT))
    assert len(saved.data) == int(size)
    assert b"Complete job name: " in saved.data
    assert facts["disk"].endswith(" 0 100% /\n")


def test_facts_of_a_service_that_gave_up_show_a_unit_as_if_all_were_well(clock: WorldClock) -> None:
    world = scenario_named("session-conflict").build(clock)
    with hosts_of(world) as access:
        facts = facts_of(ask(access, STUCK, "host-facts", UNIT, ROOT))
    assert "ActiveState=inactive\nSubState=dead\nResult=success\n" in facts["unit"]
    assert (
        facts["exit-line"] == "Runner listener exit with Session Conflict error, stop the service, no retry needed.\n"
    )
    assert facts["processes"] == ""


def test_a_mac_has_an_agent_and_a_file_in_the_journals_place(world: World) -> None:
    with hosts_of(world) as access:
        agent = next(frame for frame in ask(access, "mac-mini-01", "find-runners") if frame.word == "agent")
        with follow(access, "mac-mini-01", "service-output", agent.fields[1], "0", "0") as output:
            output.until(lambda _: b"Listening for Jobs\n" in output.text())
            assert b"Started running service\n" in output.text()
            assert b"systemd" not in output.text()
        with follow(access, "mac-mini-01", "journal", "-", "-", "10") as journal:
            assert journal.until(bool)[0].fields == ("no-journal",)
            assert journal.wait() == 127


def test_only_the_consoles_own_scripts_are_known(world: World) -> None:
    script = SCRIPTS["find-runners"]
    with hosts_of(world) as access:
        for ended in (
            subprocess.run([access.program, STUCK, "id"], capture_output=True, timeout=60, check=False),
            subprocess.run([access.program, STUCK], input=b"id\n", capture_output=True, timeout=60, check=False),
            run(access, STUCK, sent(script, MARK).replace(b"say ready", b"id; say ready")),
            run(access, STUCK, sent(script, MARK), "one too many"),
            run(access, STUCK, sent(SCRIPTS["leftovers"], MARK), "/opt/$(id)"),
        ):
            assert (ended.returncode, ended.stdout) == (126, b"")
            assert b"a pretend host" in ended.stderr


def test_who_lacks_the_key_or_names_no_host_is_not_let_in(world: World) -> None:
    with hosts_of(world) as access, hosts_of(world) as other:
        stranger = command(access, STUCK)
        stranger[1:1] = ["-i", str(other.config.parent / "key"), "-o", "IdentitiesOnly=yes"]
        words = access.config.read_text().replace(str(access.config.parent / "key"), str(other.config.parent / "key"))
        access.config.write_text(words)
        assert b"Permission denied" in run(access, STUCK).stderr
        assert b"Permission denied" in run(other, "nobody").stderr


def test_a_machine_that_is_cut_off_does_not_answer(world: World) -> None:
    runner, job = busy(world)
    with hosts_of(world) as access:
        with world.lock:
            world.lose(job)
        ended = run(access, runner.name)
        assert (ended.returncode, b"Connection" in ended.stderr) == (255, True)
        world.restart(runner)
        assert "process" in words_of(ask(access, runner.name, "find-runners"))


def test_a_windows_host_speaks_no_shell(world: World) -> None:
    with hosts_of(world) as access:
        ended = run(access, "win-build-01", sent(SCRIPTS["find-runners"], MARK))
    assert b"not recognized as an internal or external command" in ended.stderr


def test_a_script_that_hears_nothing_ends_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_session, "PATIENCE", 1.0)
    with hosts_of(world) as access, follow(access, STUCK, "journal", UNIT, "-", "1") as journal:
        journal.until(bool)
        journal.beat()
        assert journal.wait() == 143


def test_nothing_is_left_when_it_ends(world: World) -> None:
    with hosts_of(world) as access:
        place = access.config.parent
        assert {path.name for path in place.iterdir()} == {"config", "key", "known_hosts", "ssh"}
        assert place.stat().st_mode & 0o077 == 0
        assert (place / "key").stat().st_mode & 0o777 == 0o600
        with follow(access, STUCK, "journal", UNIT, "-", "1") as journal:
            journal.until(bool)
    assert not place.exists()
