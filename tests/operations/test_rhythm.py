"""When sources are looked at: each interval, after trouble, and when somebody asks."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.errors import PermissionMissingError, ServerTroubleError, UnreachableError
from console.fleet.models import Freshness, Repository, Scope
from console.operations.schedule import WatchPlan
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import Watcher

MANY = WatchPlan("acme-prod", (Scope("org", "acme"),), tuple(f"acme/r{number}" for number in range(10)))
OUTAGE = ServerTroubleError("GitHub answered 502", "It mends itself.")


@pytest.fixture
async def watcher() -> AsyncIterator[Watcher]:
    """Ten repositories, of which each request takes a moment."""
    watcher = Watcher(MANY)
    watcher.github.repository_list = [Repository(name, private=True) for name in MANY.repositories]
    watcher.github.runner_list = [a_runner(1)]
    watcher.github.run_list, watcher.github.job_list = [a_run(7)], [a_job(70, 7)]
    watcher.github.slow = {f"queued {name}": 0.4 for name in MANY.repositories}
    yield watcher
    await watcher.stop()


def sources(watcher: Watcher, kind: str) -> list[Freshness]:
    return [each for each in watcher.last.snapshot.freshness if each.kind == kind]


async def test_a_small_fleet_is_looked_at_in_each_interval_and_never_seems_older(watcher: Watcher) -> None:
    await watcher.start(14)
    for minute in range(1, 11):
        await watcher.clock.advance(60)
        assert watcher.github.asked["queued acme/r3"] == 1 + 4 * minute
        assert watcher.github.asked["runners org:acme"] == 1 + 4 * minute
    for look in watcher.seen[20:]:
        ages = [each.age(look.snapshot.taken_at) for each in look.snapshot.freshness if each.kind == "jobs"]
        assert all(age is not None and age <= timedelta(seconds=18) for age in ages)


async def test_an_outage_adds_no_points_to_the_sparklines(watcher: Watcher) -> None:
    await watcher.start(35)
    points = len(watcher.last.queue_depth)
    assert points >= 2
    watcher.github.broken["everything"] = OUTAGE
    await watcher.clock.advance(15)
    points = len(watcher.last.queue_depth)
    await watcher.clock.advance(300)
    assert len(watcher.last.queue_depth) == len(watcher.last.busy_share) == points
    watcher.github.broken.clear()
    await watcher.clock.advance(400)
    assert len(watcher.last.queue_depth) > points


async def test_where_only_the_jobs_cannot_be_read_the_queue_is_not_drawn_on(watcher: Watcher) -> None:
    await watcher.start(35)
    watcher.github.broken |= {"queued": OUTAGE, "in_progress": OUTAGE}
    await watcher.clock.advance(15)
    points = len(watcher.last.queue_depth)
    await watcher.clock.advance(120)
    assert len(watcher.last.queue_depth) == points


async def test_once_one_source_is_read_again_the_others_are_tried_soon(watcher: Watcher) -> None:
    await watcher.start(5)
    watcher.github.broken["everything"] = UnreachableError("no answer")
    await watcher.clock.advance(1200)
    assert all(each.problem is not None for each in sources(watcher, "jobs"))
    watcher.github.broken.clear()
    while all(each.problem is not None for each in watcher.last.snapshot.freshness if each.kind != "server"):
        await watcher.clock.advance(1)
    await watcher.clock.advance(18)
    assert [each.place for each in watcher.last.snapshot.freshness if each.problem is not None] == []


async def test_what_one_place_lacks_is_not_asked_for_again_because_another_was_read(watcher: Watcher) -> None:
    watcher.github.broken["queued acme/r3"] = PermissionMissingError("may not")
    watcher.github.broken["queued acme/r4"] = OUTAGE
    await watcher.start(600)
    asked = watcher.github.asked["queued acme/r3"]
    del watcher.github.broken["queued acme/r4"]
    await watcher.clock.advance(320)
    assert watcher.github.asked["queued acme/r3"] <= asked + 2


async def test_a_source_that_failed_says_when_it_is_tried_next(watcher: Watcher) -> None:
    await watcher.start(5)
    watcher.github.broken["runners"] = OUTAGE
    await watcher.clock.advance(60)
    (runners,) = sources(watcher, "runners")
    now = watcher.last.snapshot.taken_at
    assert runners.next_try is not None
    assert runners.next_try > now
    asked = watcher.github.asked["runners org:acme"]
    await watcher.clock.advance((runners.next_try - watcher.clock.wall()).total_seconds() + 1)
    assert watcher.github.asked["runners org:acme"] == asked + 1
    watcher.github.broken.clear()
    await watcher.clock.advance(300)
    assert sources(watcher, "runners")[0].next_try is None


async def test_while_all_requests_are_held_back_nothing_is_tried_before_their_time(watcher: Watcher) -> None:
    await watcher.start(5)
    watcher.github.broken["everything"] = ServerTroubleError("GitHub answered 502", wait=120)
    await watcher.clock.advance(20)
    asked = watcher.github.asked.total()
    await watcher.clock.advance(90)
    assert watcher.github.asked.total() == asked
    watcher.github.broken.clear()
    await watcher.clock.advance(30)
    assert [each for each in watcher.last.snapshot.freshness if each.problem is not None] == []


async def test_look_again_asks_for_a_new_token_too(watcher: Watcher) -> None:
    await watcher.start(5)
    watcher.watch.look_again()
    assert watcher.github.tried_again == 1


async def test_what_somebody_asked_for_is_not_put_off_by_a_longer_interval(watcher: Watcher) -> None:
    await watcher.start(5)
    source = next(iter(watcher.watch._schedule._sources.values()))
    watcher.watch.look_again()
    source.look_every(timedelta(hours=1))
    assert source.due <= watcher.clock.elapsed()


async def test_what_was_changed_while_it_was_being_read_is_read_once_more_and_not_shown_as_fresh_before(
    watcher: Watcher,
) -> None:
    await watcher.start(5)
    watcher.github.slow["runners org:acme"] = 2.0
    watcher.watch.look_again()
    await watcher.clock.advance(1)
    before = watcher.github.asked["runners org:acme"]
    watcher.watch.changed(a_runner(1).key)
    await watcher.clock.advance(2.5)
    assert watcher.github.asked["runners org:acme"] == before + 1
    assert [each.overtaken for each in watcher.watch._schedule.freshness() if each.kind == "runners"] == [True]
    await watcher.clock.advance(2.5)
    assert watcher.github.asked["runners org:acme"] == before + 1
    assert [each.overtaken for each in sources(watcher, "runners")] == [False]
