"""What listeners, services and workers of the pretend hosts write: in the real ones' form, and known where it tells."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from console.fleet.log_kind import kind_by_name
from console.fleet.log_lines import Where
from console.fleet.scanner import Scanner
from console.fleet.signatures import shipped_catalogue
from console.simulator.clock import WorldClock
from console.simulator.diag import listener_files, worker_files
from console.simulator.inhabitants import Runner
from console.simulator.job_logs import BOM, annotations_of
from console.simulator.job_output import PAGE, Page, pages_of
from console.simulator.scenarios import scenario_named, scenarios
from console.simulator.world import World

SMALL = [name for name in scenarios() if name != "big-fleet"]
DIAG = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ (?:CRIT|ERR |WARN|INFO|VERB) [^\]]+\] .*")


def members(world: World) -> Iterator[Runner]:
    for fleet in world.runners.values():
        yield from fleet.values()


def known(text: bytes, where: Where) -> set[str]:
    scanner = Scanner(shipped_catalogue(), where)
    return {match.signature.id for match in (*scanner.feed(text), *scanner.end())}


def journal(world: World, name: str) -> bytes:
    runner = world.runner(name)
    return "".join(f"{line.text}\n" for line in runner.diary.journal(runner, world.timeline.now)).encode()


def listener(world: World, name: str) -> bytes:
    return b"".join(file.text for file in listener_files(world.runner(name), world.timeline.now))


@pytest.mark.parametrize("name", SMALL)
def test_every_error_that_is_written_is_known(name: str, clock: WorldClock) -> None:
    world = scenario_named(name).build(clock)
    lines = [
        line
        for runner in members(world)
        for log in runner.diary.logs
        for line in runner.diary.lines(runner, log, world.timeline.now)
    ]
    errors = sorted({line.text.splitlines()[0] for line in lines if line.level == "ERR "})
    scanner = Scanner(shipped_catalogue(), "runner-diag")
    told = {match.line for match in (*scanner.feed("\n".join(errors).encode()), *scanner.end())}
    assert [text for number, text in enumerate(errors) if number not in told] == []


@pytest.mark.parametrize("name", SMALL)
def test_files_have_the_names_and_lines_of_the_real_ones(name: str, clock: WorldClock) -> None:
    world = scenario_named(name).build(clock)
    for runner in list(members(world))[::6]:
        for file in (*listener_files(runner, world.timeline.now), *worker_files(world, runner, world.timeline.now)):
            assert kind_by_name(file.name) != "unknown"
            assert DIAG.match(file.text)


def test_what_is_written_only_grows(world: World, clock: WorldClock) -> None:
    before: dict[tuple[int, str], bytes] = {}
    watched = list(members(world))[::9]
    for number in range(30):
        clock.move(timedelta(seconds=31))
        world.advance()
        if number in {10, 20}:
            world.restart(next(runner for runner in watched if not runner.busy))
        for runner in watched:
            now = world.timeline.now
            said = "".join(f"{pid} {line.text}\n" for pid, line in runner.diary.entries(runner, now))
            files = (*listener_files(runner, now), *worker_files(world, runner, now))
            for name, text in (("journal", said.encode()), *((file.name, file.text) for file in files)):
                assert text.startswith(before.get((runner.id, name), b""))
                before[runner.id, name] = text


def test_the_stuck_runner_has_said_once_that_it_gets_no_work(world: World) -> None:
    assert "broker.message-5xx" in known(journal(world, "prod-linux-03"), "service-log")
    assert journal(world, "prod-linux-03").count(b"Runner connect error: ") == 1
    assert listener(world, "prod-linux-03").count(b"Catch exception during get next message.") > 10


def test_a_session_conflict_ends_with_exit_code_5(clock: WorldClock) -> None:
    world = scenario_named("session-conflict").build(clock)
    said = journal(world, "prod-linux-03")
    assert known(said, "service-log") >= {"listener.session-conflict-gave-up", "listener.service-exit-session-conflict"}
    assert said.count(b"A session for this runner already exists.") == 9
    assert world.runner("prod-linux-03").status == "offline"


def test_a_lost_registration_is_told_in_the_listeners_log_and_the_journal(clock: WorldClock) -> None:
    world = scenario_named("registration-lost").build(clock)
    assert "registration.not-found" in known(listener(world, "prod-linux-03"), "runner-diag")
    told = known(journal(world, "prod-linux-03"), "service-log")
    assert told >= {"registration.deleted", "listener.service-exit-terminated"}


def test_refused_jit_runners_are_idle_on_github_and_say_why(clock: WorldClock) -> None:
    world = scenario_named("jit-broker-badrequest").build(clock)
    refused = [runner for runner in members(world) if runner.ephemeral]
    assert len(refused) == 4
    for runner in refused:
        assert (runner.status, runner.busy) == ("online", False)
        assert "broker.message-bad-request" in known(listener(world, runner.name), "runner-diag")
    waiting = [job for job in world.queued() if "arc-linux" in job.labels]
    assert max(world.timeline.now - job.created_at for job in waiting) > timedelta(minutes=15)


def test_after_an_acknowledgement_comes_nothing_and_github_gives_up_after_ten_minutes(clock: WorldClock) -> None:
    world = scenario_named("silent-hang-after-acknowledge").build(clock)
    hung = [runner for runner in members(world) if runner.stuck]
    assert len(hung) == 2
    for runner in hung:
        assert (runner.status, runner.busy, runner.version) == ("online", False, "2.337.0")
        assert b"Acknowledging runner request" in listener(world, runner.name).splitlines()[-1]
    (given_up,) = [job for job in world.runs.jobs.values() if job.lost]
    assert (given_up.conclusion, given_up.started_at, given_up.runner_name) == ("failure", None, hung[0].name)
    assert given_up.completed_at is not None
    assert timedelta(minutes=10) <= given_up.completed_at - given_up.created_at < timedelta(minutes=11)
    assert annotations_of(given_up)


def test_a_full_disk_crashes_every_worker_and_github_shows_what_it_threw(clock: WorldClock) -> None:
    world = scenario_named("disk-full").build(clock)
    runner = world.runner("build-linux-05")
    crashed = [job for job in world.runs.jobs.values() if job.crashed]
    assert {(job.conclusion, job.machine) for job in crashed} == {("failure", runner)}
    (annotation,) = annotations_of(crashed[-1])
    worker = worker_files(world, runner, world.timeline.now)[-1]
    assert annotation.message.encode() in worker.text
    assert "host.disk-full" in known(worker.text, "worker-diag")
    assert {"worker.crash", "worker.finished-badly"} <= known(listener(world, runner.name), "runner-diag")


def test_a_chatty_job_prints_five_megabytes_in_a_second_and_its_pages_follow_one_another(clock: WorldClock) -> None:
    world = scenario_named("chatty-job").build(clock)
    (job,) = [job for job in world.runs.jobs.values() if job.name == "simulate"]
    assert job.machine is not None
    pages: dict[str, Page] = {}
    seen = 0
    for _ in range(8):
        for page in pages_of(job.machine, job, world.timeline.now):
            seen += page.size - (pages[page.name].size if page.name in pages else 0)
            pages[page.name] = page
        clock.move(timedelta(seconds=0.5))
        world.advance()
    first, *whole, last = pages.values()
    assert abs(seen - first.size - 3.5 * 5_000_000) < PAGE
    assert all(PAGE <= page.size < PAGE + 200 for page in whole)
    ends, begins = whole[-1].read(whole[-1].size - 100, whole[-1].size), last.read(0, 103)
    assert begins.startswith(BOM)
    assert int(begins.split()[2]) == int(ends.split()[2]) + 1
    assert last.read(250, 777) == last.read(0, last.size)[250:777]
