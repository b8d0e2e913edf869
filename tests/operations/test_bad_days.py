"""The watch where something is slow, broken, huge, or changes while it is being read."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.errors import ConsoleError, ServerTroubleError
from console.fleet.models import JobKey, Repository, Run, RunKey
from console.operations.known import Known
from console.operations.pace import quiet_cycle
from console.operations.schedule import Schedule, WatchPlan
from console.operations.watch import LONGEST_LOOK
from tests.operations.pretend_github import PretendGitHub, a_job, a_run, a_runner
from tests.operations.test_watch import ACME, PLAN, Watcher
from tests.virtual_clock import START, VirtualClock


async def test_a_run_whose_jobs_cannot_be_read_does_not_keep_those_of_the_others_away() -> None:
    watcher = Watcher()
    watcher.github.run_list = [a_run(7), a_run(8)]
    watcher.github.job_list = [a_job(70, 7), a_job(80, 8)]
    watcher.github.broken["jobs 7"] = ServerTroubleError("GitHub answered 502 for the jobs of run 7")
    await watcher.start()
    await watcher.stop()
    assert set(watcher.last.snapshot.jobs) == {JobKey("acme/web", 80)}
    assert [each.kind for each in watcher.last.snapshot.freshness if each.problem is not None] == ["jobs"]


async def test_an_approved_run_stays_where_it_was_found_in_the_queue() -> None:
    watcher = Watcher()
    watcher.github.run_list = [a_run(7, "completed", conclusion="action_required", ago=600)]
    await watcher.start()
    watcher.github.run_list = [a_run(7, "queued", ago=0)]
    watcher.github.job_list = [a_job(70, 7)]
    there = []
    for _ in range(60):
        await watcher.clock.advance(2)
        there.append(JobKey("acme/web", 70) in watcher.last.snapshot.jobs)
    await watcher.stop()
    first = there.index(True)
    assert all(there[first:])


def test_an_older_list_of_runs_does_not_undo_a_newer_one() -> None:
    known = Known()
    began = replace(a_run(7, "in_progress"), updated_at=START)
    waited = replace(a_run(7, "waiting"), updated_at=START - timedelta(seconds=30))
    known.add_runs([began])
    known.add_runs([waited])
    assert known.runs.get(RunKey("acme/web", 7)) == began
    again: Run = replace(waited, attempt=2)
    known.add_runs([again])
    assert known.runs.get(RunKey("acme/web", 7)) == again


async def test_a_command_ends_in_time_on_a_server_that_answers_ever_so_slowly() -> None:
    watcher = Watcher(WatchPlan("slow", (ACME,), ("acme/*",)))
    watcher.github.repository_list = [Repository(f"acme/r{n}", private=True) for n in range(400)]
    watcher.github.slow = {f"{status} acme/r{n}": 14 for n in range(400) for status in ("queued", "in_progress")}
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(LONGEST_LOOK - 10)
    assert not looking.done()
    await watcher.clock.advance(12)
    look = await looking
    unread = [each for each in look.snapshot.freshness if each.kind == "jobs" and each.looked_at is None]
    assert unread
    assert all(each.problem is not None and "not read within 5 min" in each.problem.message for each in unread)
    await watcher.stop()


async def test_a_long_line_of_quiet_repositories_does_not_hold_up_the_runners() -> None:
    clock = VirtualClock()
    github = PretendGitHub(clock)
    old = START - timedelta(days=90)
    github.repository_list = [Repository(f"acme/r{n:03}", True, old) for n in range(400)]
    schedule = Schedule(WatchPlan("big", (ACME,), ("acme/*",)), github, clock, lambda: None)

    async def look() -> list[str]:
        schedule.start_due()
        started = [f"{source.kind} {source.place}" for source in schedule.running.values()]
        await asyncio.wait(schedule.running)
        schedule.collect()
        return started

    await look()
    schedule._follow_repositories()
    while not all(source.tried for source in schedule._sources.values()):
        await look()
    schedule.all_due()
    assert "runners org:acme" in await look()
    await look()
    for _ in range(5):
        clock.jump(20)
        for _ in range(2):
            await look()
    assert github.asked["runners org:acme"] == 7


def test_a_thousand_quiet_repositories_are_read_with_half_of_the_requests_that_may_be_sent() -> None:
    assert quiet_cycle(0) == timedelta()
    assert quiet_cycle(1000) == timedelta(minutes=20)


@pytest.mark.parametrize("error", [ServerTroubleError("502"), ConsoleError("418")])
async def test_everything_refused_the_look_of_a_command_ends_at_once_and_says_so(error: ConsoleError) -> None:
    watcher = Watcher(PLAN)
    watcher.github.runner_list = [a_runner(1)]
    watcher.github.broken["everything"] = error
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    assert all(each.problem is not None for each in (await looking).snapshot.freshness if each.kind != "server")


async def test_what_comes_and_goes_all_day_leaves_nothing_behind() -> None:
    watcher = Watcher(WatchPlan("churn", (ACME,), ("acme/*",)))
    github, known = watcher.github, watcher.watch._known
    for day in range(12):
        github.repository_list = [Repository("acme/web", private=True), Repository(f"acme/r{day}", private=True)]
        github.runner_list = [a_runner(day)]
        github.run_list = [a_run(100 + day), replace(a_run(200 + day), repository=f"acme/r{day}")]
        github.job_list = [a_job(1000 + day, 100 + day)]
        await watcher.start(1) if watcher.task is None else await watcher.clock.advance(700)
    await watcher.stop()
    assert set(known.repositories) == watcher.watch._schedule.reader.watched == {"acme/web", "acme/r11"}
    assert set(known.runs) == set(known._jobs_of_run) == set(known._read_attempt)
    assert len(known.runs) == 2
    assert len(known.approvals) == len(known.held) == 2
    assert len(known.runners) == len(known._idle_since) == 1
