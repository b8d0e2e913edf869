"""The watch: what is looked at when, what is yielded, and what failures do to it."""

import asyncio
import gc
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from console.errors import LimitReachedError, PermissionMissingError, UnreachableError
from console.fleet.models import JobKey, Repository, RunKey, RunnerKey, Scope
from console.fleet.release import Release
from console.fleet.server import Budget
from console.operations.beside import Beside
from console.operations.look import Look
from console.operations.releases import ReleaseReader
from console.operations.schedule import WatchPlan
from console.operations.watch import Watch
from tests.operations.pretend_github import PretendGitHub, a_job, a_run, a_runner
from tests.virtual_clock import START, VirtualClock, settle

ACME = Scope("org", "acme")
PLAN = WatchPlan("acme-prod", (ACME,), ("acme/web",))


class Watcher:
    """Consumes the looks of a watch as the screen would."""

    def __init__(self, plan: WatchPlan = PLAN) -> None:
        self.clock = VirtualClock()
        self.github = PretendGitHub(self.clock)
        self.plan = plan
        self.watch = Watch(plan, self.github, self.clock)
        self.seen: list[Look] = []
        self.task: asyncio.Task[None] | None = None

    @property
    def last(self) -> Look:
        return self.seen[-1]

    async def start(self, seconds: float = 2.0) -> None:
        self.task = asyncio.create_task(self._consume())
        await self.clock.advance(seconds)

    async def _consume(self) -> None:
        async for look in self.watch.looks():
            self.seen.append(look)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    """A fleet of two runners and one queued job."""
    watcher = Watcher()
    watcher.github.runner_list = [a_runner(1), a_runner(2, busy=True)]
    watcher.github.run_list = [a_run(7)]
    watcher.github.job_list = [a_job(70, 7)]
    yield watcher
    await watcher.stop()


async def test_the_first_look_is_whole_when_every_source_has_been_read(watcher: Watcher) -> None:
    await watcher.start()
    assert watcher.last.snapshot.whole
    assert len(watcher.last.snapshot.runners) == 2
    assert JobKey("acme/web", 70) in watcher.last.snapshot.jobs


async def test_what_is_read_first_is_as_old_by_the_servers_clock_as_what_is_read_last(
    watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    github, ours = watcher.github, watcher.clock.wall

    def now() -> datetime:
        return ours() + (timedelta(minutes=20) if github.asked else timedelta())

    monkeypatch.setattr(github, "now", now)
    await watcher.start()
    snapshot = watcher.last.snapshot
    ages = [each.age(snapshot.taken_at) for each in snapshot.freshness]
    assert all(age is not None and age < timedelta(seconds=10) for age in ages)


async def test_facts_are_no_work_for_the_garbage_collector(watcher: Watcher) -> None:
    await watcher.start()
    known = watcher.last.snapshot
    facts = [*known.runners.values(), *known.runs.values(), *known.jobs.values(), *known.repositories.values()]
    assert len(facts) >= 5
    assert not [fact for fact in facts if gc.is_tracked(fact)]


async def test_runners_appear_before_the_look_is_whole_and_nothing_is_judged_until_then(watcher: Watcher) -> None:
    watcher.github.slow = {"queued acme/web": 5}
    await watcher.start()
    assert len(watcher.last.snapshot.runners) == 2
    assert not watcher.last.snapshot.whole
    assert watcher.last.findings == ()
    await watcher.clock.advance(10)
    assert watcher.last.snapshot.whole


async def test_a_runner_that_idles_while_its_job_waits_is_found(watcher: Watcher) -> None:
    await watcher.start()
    assert RunnerKey("org:acme", 1) in watcher.last.wedged
    assert "idle-while-queued" in {finding.cause for finding in watcher.last.findings}


async def test_runners_and_active_repositories_are_looked_at_each_interval(watcher: Watcher) -> None:
    await watcher.start(1)
    before = watcher.github.asked["runners org:acme"]
    await watcher.clock.advance(60)
    assert watcher.github.asked["runners org:acme"] == before + 4
    assert watcher.github.asked["queued acme/web"] == watcher.github.asked["in_progress acme/web"] == before + 4


async def test_what_was_changed_from_here_is_looked_at_at_once_and_nothing_else(watcher: Watcher) -> None:
    await watcher.start(1)
    before = watcher.github.asked.copy()
    watcher.watch.changed(JobKey("acme/web", 70))
    await watcher.clock.advance(0.5)
    assert watcher.github.asked["queued acme/web"] == before["queued acme/web"] + 1
    assert watcher.github.asked["runners org:acme"] == before["runners org:acme"]


async def test_quiet_repositories_are_looked_at_slowly() -> None:
    watcher = Watcher(WatchPlan("acme-prod", (ACME,), ("acme/*",)))
    old = START - timedelta(days=90)
    watcher.github.repository_list = [Repository(f"acme/r{n:02}", True, old + timedelta(days=n)) for n in range(30)]
    await watcher.start(5)
    await watcher.clock.advance(115)
    await watcher.stop()
    assert watcher.github.asked["queued acme/r29"] >= 7
    assert watcher.github.asked["queued acme/r00"] == 1


async def test_archived_repositories_and_those_no_pattern_names_are_not_watched() -> None:
    watcher = Watcher(WatchPlan("acme-prod", (ACME,), ("acme/*-Service",)))
    names = [("acme/pay-service", False), ("acme/old-service", True), ("acme/web", False)]
    watcher.github.repository_list = [Repository(name, True, None, archived) for name, archived in names]
    await watcher.start(5)
    await watcher.stop()
    assert {place for place in watcher.github.asked if place.startswith("queued")} == {"queued acme/pay-service"}


async def test_a_failed_look_keeps_the_facts_and_their_age_and_says_why(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.broken["runners"] = UnreachableError("no answer", "look at the proxy")
    await watcher.clock.advance(60)
    runners = next(each for each in watcher.last.snapshot.freshness if each.kind == "runners")
    assert len(watcher.last.snapshot.runners) == 2
    assert runners.problem is not None
    assert runners.problem.kind == "unreachable"
    assert runners.late(watcher.last.snapshot.taken_at)
    age = runners.age(watcher.last.snapshot.taken_at)
    assert age is not None
    assert age >= timedelta(seconds=45)
    assert watcher.last.snapshot.missing == frozenset()


async def test_a_list_that_github_says_is_partial_lets_nobody_go_and_is_shown_as_partial(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.runner_list = [a_runner(3)]
    watcher.github.partial = "single sign-on hides some"
    await watcher.clock.advance(60)
    assert {key.id for key in watcher.last.snapshot.runners} == {1, 2, 3}
    assert watcher.last.snapshot.missing == frozenset()
    runners = next(each for each in watcher.last.snapshot.freshness if each.kind == "runners")
    assert runners.problem is not None
    assert runners.problem.kind == "partial"


async def test_a_source_that_keeps_failing_is_asked_less_and_less(watcher: Watcher) -> None:
    watcher.github.broken["runners"] = UnreachableError("no answer")
    await watcher.start()
    await watcher.clock.advance(600)
    assert watcher.github.asked["runners org:acme"] <= 7
    del watcher.github.broken["runners"]
    await watcher.clock.advance(310)
    assert len(watcher.last.snapshot.runners) == 2


async def test_a_limit_is_waited_out_before_the_source_is_asked_again(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.broken["runners"] = LimitReachedError("limit", wait=100)
    await watcher.clock.advance(15)
    asked = watcher.github.asked["runners org:acme"]
    await watcher.clock.advance(95)
    assert watcher.github.asked["runners org:acme"] == asked
    await watcher.clock.advance(10)
    assert watcher.github.asked["runners org:acme"] == asked + 1


async def test_a_missing_permission_for_groups_does_not_keep_the_rest_away(watcher: Watcher) -> None:
    watcher.github.broken["groups"] = PermissionMissingError("may not", "needs Self-hosted runners read")
    await watcher.start()
    assert watcher.last.snapshot.whole
    assert len(watcher.last.snapshot.runners) == 2


async def test_beside_an_enterprise_the_groups_of_every_watched_organization_are_read() -> None:
    """They alone tell how an organization shares what it has from its enterprise."""
    watcher = Watcher(WatchPlan("corp", (Scope("enterprise", "acme-corp"), ACME), ("acme/web", "labs/*")))
    await watcher.start()
    groups = {what for what in watcher.github.asked if what.startswith("groups")}
    assert groups == {"groups enterprise:acme-corp", "groups org:acme", "groups org:labs"}
    await watcher.stop()


async def test_a_run_that_left_the_lists_is_read_once_more_and_shown_as_it_ended(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.run_list = [a_run(7, "completed", conclusion="success", ago=0)]
    watcher.github.job_list = [a_job(70, 7, "completed", runner=a_runner(1), ended=-10)]
    await watcher.clock.advance(20)
    assert watcher.last.snapshot.jobs[JobKey("acme/web", 70)].status == "completed"
    assert watcher.last.wedged == frozenset()


async def test_a_run_of_which_github_says_nothing_more_is_dropped(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.run_list = []
    await watcher.clock.advance(20)
    assert watcher.last.snapshot.jobs == {}


async def test_waiting_runs_are_kept_between_their_slower_looks(watcher: Watcher) -> None:
    watcher.github.run_list.append(a_run(8, "waiting"))
    watcher.github.job_list.append(a_job(80, 8, "waiting"))
    await watcher.start()
    await watcher.clock.advance(50)
    assert JobKey("acme/web", 80) in watcher.last.snapshot.jobs


async def test_a_waiting_run_that_was_approved_is_followed_into_the_queue(watcher: Watcher) -> None:
    watcher.github.run_list.append(a_run(8, "waiting"))
    watcher.github.job_list.append(a_job(80, 8, "waiting"))
    await watcher.start()
    watcher.github.run_list[-1] = a_run(8, "queued")
    watcher.github.job_list[-1] = a_job(80, 8, "queued")
    await watcher.clock.advance(20)
    assert watcher.last.snapshot.jobs[JobKey("acme/web", 80)].queued


async def test_paused_nothing_is_asked_and_resumed_it_looks_at_once(watcher: Watcher) -> None:
    await watcher.start()
    watcher.watch.pause(True)
    await watcher.clock.advance(1)
    asked = watcher.github.asked.total()
    await watcher.clock.advance(120)
    assert watcher.github.asked.total() == asked
    assert watcher.last.paused
    watcher.watch.pause(False)
    await watcher.clock.advance(2)
    assert watcher.github.asked.total() > asked


async def test_look_again_asks_without_waiting_for_the_interval(watcher: Watcher) -> None:
    await watcher.start()
    asked = watcher.github.asked["runners org:acme"]
    watcher.watch.look_again()
    await watcher.clock.advance(1)
    assert watcher.github.asked["runners org:acme"] == asked + 1


async def test_after_the_machine_slept_connections_are_dropped_and_everything_is_looked_at_anew(
    watcher: Watcher,
) -> None:
    await watcher.start()
    watcher.github.slow = {"runners org:acme": 20}
    await watcher.clock.advance(15)
    asked = watcher.github.asked["queued acme/web"]
    watcher.clock.jump(8 * 3600)
    await watcher.clock.advance(2)
    assert watcher.github.resets == 1
    assert watcher.github.asked["queued acme/web"] == asked + 1


async def test_one_job_read_out_of_turn_is_in_the_next_look(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.job_list = [a_job(70, 7, "in_progress", runner=a_runner(1))]
    await watcher.watch.job(JobKey("acme/web", 70))
    await watcher.clock.advance(1)
    assert watcher.last.snapshot.jobs[JobKey("acme/web", 70)].status == "in_progress"


async def test_one_run_and_releases_read_out_of_turn_are_in_the_next_look(watcher: Watcher) -> None:
    reader = ReleaseReader(watcher.github, watcher.clock)
    watcher.watch = Watch(PLAN, watcher.github, watcher.clock, beside=Beside(releases=reader))
    run = replace(a_run(7), branch="v1.0")
    watcher.github.run_list = [run]
    await watcher.start()
    await watcher.clock.advance(10)
    assert not watcher.last.snapshot.releases["acme/web"].releases
    watcher.github.run_list = [replace(run, attempt=2)]
    watcher.github.release_list = [Release(5, "v1.0", "v1.0", True, START)]
    await watcher.watch.run(run.key)
    await watcher.watch.releases("acme/web")
    await watcher.clock.advance(1)
    assert watcher.last.snapshot.runs[run.key].attempt == 2
    (release,) = watcher.last.snapshot.releases["acme/web"].releases
    assert release.id == 5


async def test_what_is_not_watched_is_read_and_not_kept(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.run_list = [replace(watcher.github.run_list[0], id=9_999)]
    assert await watcher.watch.run(watcher.github.run_list[0].key) is not None
    assert await watcher.watch.run(RunKey("acme/web", 5)) is None
    await watcher.watch.releases("acme/web")
    await watcher.clock.advance(1)
    assert 9_999 not in {key.id for key in watcher.last.snapshot.runs}
    assert not watcher.last.snapshot.releases


async def test_a_runner_that_github_answers_404_for_is_gone_at_once(watcher: Watcher) -> None:
    await watcher.start()
    watcher.github.runner_list = []
    assert await watcher.watch.runner(RunnerKey("org:acme", 1)) is None
    await watcher.clock.advance(1)
    assert RunnerKey("org:acme", 1) not in watcher.last.snapshot.runners


async def test_a_look_with_nothing_changed_hands_down_the_same_facts(watcher: Watcher) -> None:
    await watcher.start()
    before = watcher.last.snapshot
    await watcher.clock.advance(30)
    after = watcher.last.snapshot
    assert after.taken_at > before.taken_at
    assert after.runners is before.runners
    assert after.jobs is before.jobs


async def test_what_was_remembered_is_there_at_once_and_looks_as_old_as_it_is(watcher: Watcher) -> None:
    await watcher.start()
    old = watcher.last.snapshot
    fresh = Watcher()
    fresh.clock.jump(3 * 3600)
    fresh.github.slow = {"runners org:acme": 30, "queued acme/web": 30}
    fresh.watch = Watch(PLAN, fresh.github, fresh.clock, old)
    await fresh.start()
    await fresh.stop()
    assert fresh.last.remembered
    assert not fresh.last.snapshot.whole
    assert len(fresh.last.snapshot.runners) == 2
    runners = next(each for each in fresh.last.snapshot.freshness if each.kind == "runners")
    assert runners.late(fresh.last.snapshot.taken_at)
    assert fresh.last.snapshot.idle_since == old.idle_since


async def test_a_fault_of_our_own_ends_the_looks_and_they_can_be_started_again(watcher: Watcher) -> None:
    await watcher.start()
    fault = ZeroDivisionError("a fault of ours")
    watcher.github.broken["runners"] = fault  # type: ignore[assignment]  # deliberately not a ConsoleError
    await watcher.clock.advance(20)
    assert watcher.task is not None
    with pytest.raises(ZeroDivisionError):
        watcher.task.result()
    watcher.github.broken.clear()
    watcher.seen.clear()
    await watcher.start(20)
    assert watcher.last.snapshot.whole


async def test_a_large_fleet_is_looked_at_less_often() -> None:
    watcher = Watcher(WatchPlan("big", (ACME,), ("acme/web",)))
    watcher.github.page_size = 10
    watcher.github.runner_list = [a_runner(number) for number in range(60000)]
    watcher.github.budget = Budget(5000, 4000, START + timedelta(hours=1))
    await watcher.start(1)
    await settle()
    await watcher.clock.advance(5)
    await watcher.stop()
    runners = next(each for each in watcher.last.snapshot.freshness if each.kind == "runners")
    assert runners.every > timedelta(seconds=45)


async def test_closing_ends_every_request_under_way(watcher: Watcher) -> None:
    watcher.github.slow = {"runners org:acme": 500}
    await watcher.start()
    others = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    assert len(others) > 1
    await watcher.stop()
    await settle()
    assert {task for task in asyncio.all_tasks() if task is not asyncio.current_task()} == set()


async def test_the_look_of_a_command_without_a_screen_knows_what_waits_and_what_ended(watcher: Watcher) -> None:
    watcher.github.run_list += [a_run(8, "waiting"), a_run(9, "completed", conclusion="success", ago=60)]
    watcher.github.job_list += [a_job(80, 8, "waiting"), a_job(90, 9, "completed", runner=a_runner(1), ended=60)]
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(3)
    assert {key.id for key in (await looking).snapshot.jobs} == {70, 80, 90}
