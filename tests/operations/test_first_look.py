"""The first look: what goes before what, how its progress is told, and what becomes of what was remembered."""

import asyncio

import pytest
from msgspec.structs import replace

from console.errors import ServerTroubleError
from console.fleet.models import FleetSnapshot, JobKey, Repository, RunnerKey, Step, plain
from console.fleet.totals import totals
from console.operations.schedule import WatchPlan
from console.operations.watch import Watch
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import ACME, PLAN, Watcher

OUTAGE = ServerTroubleError("GitHub answered 502")
EVERYTHING = WatchPlan("acme-prod", (ACME,), ("acme/*",))


def a_slow_fleet(repositories: int = 80) -> Watcher:
    """Its first look takes minutes."""
    watcher = Watcher(EVERYTHING)
    watcher.github.repository_list = [Repository(f"acme/r{number}", private=True) for number in range(repositories)]
    watcher.github.runner_list = [a_runner(number) for number in range(300)]
    watcher.github.slow = {f"queued acme/r{number}": 8.0 for number in range(repositories)} | {"runners org:acme": 1.0}
    return watcher


async def test_nothing_is_read_twice_before_everything_was_read_once() -> None:
    watcher = a_slow_fleet()
    await watcher.start(60)
    assert any(each.looked_at is None for each in watcher.last.snapshot.freshness if each.kind == "jobs")
    assert watcher.github.asked["runners org:acme"] == 3
    await watcher.clock.advance(60)
    await watcher.stop()
    assert watcher.last.snapshot.whole
    assert watcher.github.asked["runners org:acme"] > 3


async def test_progress_does_not_run_backwards() -> None:
    watcher = a_slow_fleet(20)
    await watcher.start(2)
    for _ in range(40):
        await watcher.clock.advance(1)
        watcher.watch.look_again()
    await watcher.stop()
    runners = [look.snapshot.progress.runners for look in watcher.seen]
    repositories = [look.snapshot.progress.repositories for look in watcher.seen]
    assert runners == sorted(runners)
    assert repositories == sorted(repositories)
    assert (runners[-1], repositories[-1]) == (300, 20)


async def remembered() -> FleetSnapshot:
    """Two runners and a queued job, as an earlier session has left them."""
    watcher = Watcher(EVERYTHING)
    watcher.github.runner_list = [a_runner(1), a_runner(2, busy=True)]
    watcher.github.run_list, watcher.github.job_list = [a_run(7)], [a_job(70, 7)]
    await watcher.start()
    await watcher.stop()
    return replace(watcher.last.snapshot, idle_since={}, idle_longer=frozenset())


def started_with(old: FleetSnapshot, plan: WatchPlan = EVERYTHING) -> Watcher:
    watcher = Watcher(plan)
    watcher.clock.jump(600)
    watcher.watch = Watch(plan, watcher.github, watcher.clock, old)
    return watcher


async def test_a_remembered_runner_that_the_first_whole_list_lacks_is_neither_shown_nor_counted() -> None:
    watcher = started_with(await remembered())
    watcher.github.runner_list = [a_runner(2)]
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    snapshot = (await looking).snapshot
    assert set(snapshot.runners) == {RunnerKey("org:acme", 2)}
    assert snapshot.missing == frozenset()
    assert totals(snapshot).runners == 1


async def test_remembered_jobs_stay_until_their_repository_has_been_read() -> None:
    watcher = started_with(await remembered())
    watcher.github.slow = {"repositories acme": 60, "queued acme/web": 30}
    await watcher.start(10)
    assert JobKey("acme/web", 70) in watcher.last.snapshot.jobs
    jobs = next(each for each in watcher.last.snapshot.freshness if each.kind == "jobs")
    assert jobs.late(watcher.last.snapshot.taken_at)
    await watcher.clock.advance(60)
    await watcher.stop()
    assert watcher.last.snapshot.jobs == {}


async def test_a_remembered_job_and_a_runner_that_idles_now_raise_nothing() -> None:
    watcher = started_with(await remembered(), PLAN)
    watcher.github.runner_list = [a_runner(1)]
    watcher.github.broken["queued"] = watcher.github.broken["in_progress"] = OUTAGE
    await watcher.start(10)
    await watcher.stop()
    assert watcher.last.snapshot.whole
    assert JobKey("acme/web", 70) in watcher.last.snapshot.jobs
    assert watcher.last.wedged == frozenset()


@pytest.mark.parametrize("spellings", [("acme/web", "Acme/Web"), ("ACME/WEB", "acme/*"), ("acme/*", "acme/W*")])
async def test_a_repository_is_watched_once_however_it_is_spelled(spellings: tuple[str, ...]) -> None:
    watcher = Watcher(WatchPlan("acme-prod", (ACME,), spellings))
    watcher.github.repository_list.append(Repository("ACME/WEB", private=True))
    await watcher.start(5)
    await watcher.stop()
    places = [each.place for each in watcher.last.snapshot.freshness if each.kind == "jobs"]
    assert len(places) == len(watcher.last.snapshot.repositories) == 1


async def test_a_runner_whose_entry_cannot_be_read_is_there_all_the_same() -> None:
    watcher = Watcher()
    watcher.github.runner_list = [a_runner(1), a_runner(2)]
    await watcher.start()
    watcher.github.runner_list = [a_runner(2)]
    watcher.github.set_aside, watcher.github.unreadable = 1, (1,)
    await watcher.clock.advance(60)
    assert RunnerKey("org:acme", 1) in watcher.last.snapshot.runners
    assert watcher.last.snapshot.missing == frozenset()
    watcher.github.unreadable = ()
    await watcher.clock.advance(60)
    assert watcher.last.snapshot.missing == {RunnerKey("org:acme", 1)}
    watcher.github.set_aside = 0
    await watcher.clock.advance(20)
    await watcher.stop()
    assert RunnerKey("org:acme", 1) not in watcher.last.snapshot.runners


async def test_the_first_look_does_not_claim_to_have_seen_a_runner_become_idle() -> None:
    watcher = Watcher()
    watcher.github.runner_list = [a_runner(1), a_runner(2, busy=True)]
    await watcher.start()
    assert watcher.last.snapshot.idle_longer == {RunnerKey("org:acme", 1)}
    watcher.github.runner_list = [a_runner(1), a_runner(2)]
    await watcher.clock.advance(20)
    assert RunnerKey("org:acme", 2) in watcher.last.snapshot.idle_since
    assert watcher.last.snapshot.idle_longer == {RunnerKey("org:acme", 1)}
    watcher.github.runner_list = [a_runner(1, busy=True), a_runner(2)]
    await watcher.clock.advance(20)
    await watcher.stop()
    assert watcher.last.snapshot.idle_longer == frozenset()


def a_command(old: FleetSnapshot, seconds_later: float) -> Watcher:
    """The next command, so long after the last one; GitHub and the fleet are those of the last one."""
    watcher = Watcher(EVERYTHING)
    watcher.clock.jump((old.taken_at - watcher.clock.wall()).total_seconds() + seconds_later)
    watcher.github.runner_list = [a_runner(1), a_runner(2, busy=True)]
    watcher.github.run_list, watcher.github.job_list = [a_run(7)], [a_job(70, 7)]
    watcher.watch = Watch(EVERYTHING, watcher.github, watcher.clock, old)
    return watcher


async def the_look_of(watcher: Watcher, seconds: float = 5) -> FleetSnapshot:
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(seconds)
    return (await looking).snapshot


async def test_a_command_does_not_ask_again_for_what_was_read_a_few_seconds_ago() -> None:
    old = await the_look_of(a_command(await remembered(), 600))
    command = a_command(old, 8)
    snapshot = await the_look_of(command)
    assert not command.github.asked
    assert snapshot.whole
    assert snapshot.runners == old.runners
    assert snapshot.idle_since == old.idle_since


async def test_a_command_asks_again_where_something_was_done_by_the_one_before() -> None:
    first = a_command(await remembered(), 600)
    await the_look_of(first)
    first.watch.changed(RunnerKey("org:acme", 1))
    again = a_command(first.watch.facts(), 8)
    old = await the_look_of(again)
    assert set(again.github.asked) == {"runners org:acme"}
    assert not any(each.overtaken for each in old.freshness)


async def test_a_command_half_a_minute_later_asks_for_runners_and_jobs_only() -> None:
    old = await the_look_of(a_command(await remembered(), 600))
    command = a_command(old, 30)
    await the_look_of(command)
    assert set(command.github.asked) == {"runners org:acme", "queued acme/web", "in_progress acme/web", "jobs 7"}


async def test_what_another_clock_says_was_read_in_the_future_is_asked_for_again() -> None:
    old = await the_look_of(a_command(await remembered(), 600))
    command = a_command(old, -300)
    await the_look_of(command)
    assert "runners org:acme" in command.github.asked


async def test_the_jobs_of_a_run_that_has_ended_are_read_once_and_not_by_each_session() -> None:
    watcher = a_command(await remembered(), 600)
    watcher.github.run_list = [a_run(7, "completed", conclusion="success")]
    job = replace(a_job(70, 7, "completed", ended=60), steps=(Step(1, "Build", "completed"),))
    watcher.github.job_list = [job]
    old = await the_look_of(watcher)
    later = a_command(old, 600)
    later.github.run_list = watcher.github.run_list
    await the_look_of(later)
    assert "jobs 7" not in later.github.asked
    assert later.github.asked["completed acme/web"] == 1


async def test_what_was_read_long_before_the_rest_of_a_look_is_read_again() -> None:
    watcher = a_command(await remembered(), 600)
    watcher.github.slow = {"queued acme/web": 80.0}
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(70)
    watcher.github.runner_list = [a_runner(1, busy=True), a_runner(2)]
    watcher.github.slow = {}
    await watcher.clock.advance(40)
    snapshot = (await looking).snapshot
    assert watcher.github.asked["runners org:acme"] == 2
    assert [runner.busy for runner in snapshot.runners.values()] == [True, False]


async def test_idle_times_go_on_in_the_next_session_only_if_it_begins_at_once() -> None:
    old = await the_look_of(a_command(await remembered(), 600))
    key = RunnerKey("org:acme", 1)
    soon, late = await the_look_of(a_command(old, 40)), await the_look_of(a_command(old, 400))
    assert soon.idle_since[key] == old.idle_since[key]
    assert late.idle_since[key] > old.idle_since[key]


async def test_while_github_cannot_be_reached_the_findings_of_the_last_look_are_told_as_of_then() -> None:
    first = a_command(await remembered(), 600)
    key = RunnerKey("org:acme", 1)
    await first.start()
    await first.clock.advance(300)
    await first.stop()
    assert [finding.cause for finding in first.last.findings] == ["idle-while-queued"]
    down = a_command(first.last.snapshot, 400)
    down.github.broken["everything"] = OUTAGE
    looking = asyncio.create_task(down.watch.first_whole_look())
    await down.clock.advance(5)
    look = await looking
    assert [(finding.cause, finding.runners) for finding in look.findings] == [("idle-while-queued", (key,))]
    assert "judged as of then" in plain(look.findings[0].evidence[-1])
    assert "online and idle for at least 5 min" in plain(look.findings[0].evidence[0])
