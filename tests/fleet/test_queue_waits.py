"""How long jobs wait: what counts and what does not, once, by quarters and labels, and what is slow."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from console.fleet.models import Job
from console.fleet.queue_levels import ENOUGH_BEFORE, ENOUGH_NOW, Line, lines
from console.fleet.queue_waits import (
    COUNTED_WITHIN,
    DAY,
    HOUR,
    KEPT,
    MOST_SETS,
    Level,
    SetWaits,
    Waits,
    class_of,
    level,
    quarter_of,
    wait_of,
    with_looked,
)
from tests.fleet.fleets import NOON, ago, job

GPU = "acme:gpu,self-hosted"


def begun(number: int, waited: float = 30, minutes: float = 5, **changes: Any) -> Job:
    """A job that began so many minutes ago, and had waited so many seconds."""
    started = ago(minutes)
    given: dict[str, Any] = {
        "labels": ("self-hosted", "GPU"),
        "status": "in_progress",
        "runner_id": 1,
        "started_at": started,
        "created_at": started - timedelta(seconds=waited),
        **changes,
    }
    return job(number, **given)


def counted(jobs: Iterable[Job], waits: Waits | None = None, minutes: float = 0) -> Waits:
    return with_looked(waits or Waits(), jobs, ago(minutes))


def number_of(waits: Waits) -> int:
    return sum(each.jobs for each in waits.sets.values())


def test_a_job_counts_once_however_often_it_is_seen_and_by_whomever() -> None:
    first = counted([begun(1)], minutes=2)
    again = counted([begun(1), begun(2)], first)
    assert (number_of(first), number_of(again)) == (1, 2)
    ended = begun(1, status="completed", conclusion="success", completed_at=NOON)
    assert number_of(counted([ended], again, -20)) == 2


def test_where_nothing_is_new_nothing_is_made_anew() -> None:
    first = counted([begun(1)])
    assert counted([begun(1)], first) is first


@pytest.mark.parametrize(
    "changes",
    [
        {"attempt": 2},
        {"status": "queued", "runner_id": None, "started_at": None},
        {"status": "completed", "conclusion": "cancelled", "runner_id": None},
        {"created_at": NOON},
        {"minutes": COUNTED_WITHIN / timedelta(minutes=1) + 1},
        {"minutes": -5},
    ],
    ids=[
        "run again",
        "still waits",
        "no runner ever had it",
        "began before it was made",
        "began long ago",
        "begins later",
    ],
)
def test_what_tells_no_wait_for_a_runner_is_left_out(changes: dict[str, Any]) -> None:
    assert number_of(counted([begun(1, **changes)])) == 0


@pytest.mark.parametrize("status", ["waiting", "pending", "requested"])
def test_a_job_that_was_held_back_first_does_not_count_when_it_begins(status: str) -> None:
    held = counted([begun(1, status=status, runner_id=None, started_at=None)], minutes=30)
    assert number_of(counted([begun(1, waited=3600)], held)) == 0


def test_labels_are_one_set_in_whatever_case_and_order_and_of_one_owner() -> None:
    jobs = [
        begun(1),
        begun(2, labels=("gpu", "Self-Hosted")),
        begun(3, repository="acme/api"),
        begun(4, repository="other/api"),
        begun(5, labels=("self-hosted",)),
    ]
    waits = counted(jobs)
    assert {key: each.jobs for key, each in waits.sets.items()} == {
        GPU: 3,
        "other:gpu,self-hosted": 1,
        "acme:self-hosted": 1,
    }


def test_only_the_sets_with_the_most_jobs_are_kept() -> None:
    many = [begun(number, labels=(f"run-{number}",)) for number in range(MOST_SETS + 20)]
    waits = counted([*many, *(begun(1000 + number) for number in range(3))])
    assert len(waits.sets) == MOST_SETS
    assert waits.sets[GPU].jobs == 3


def test_what_is_older_than_two_days_is_forgotten_and_so_are_jobs_after_two_hours() -> None:
    waits = counted([begun(1)])
    assert waits.noted
    later = counted([], waits, -60 * 3)
    assert (number_of(later), dict(later.noted)) == (1, {})
    assert number_of(counted([], later, -15 * (KEPT + 1))) == 0


def test_what_a_wrong_clock_put_into_the_future_goes_when_the_time_is_right_again() -> None:
    ahead = with_looked(Waits(), [], NOON + timedelta(days=30))
    right = counted([begun(1)], ahead)
    assert right.looked == {quarter_of(NOON)}
    assert number_of(right) == 1


@pytest.mark.parametrize("seconds", [1, 7, 61, 300, 3600, 80_000])
def test_a_wait_is_right_within_five_percent(seconds: float) -> None:
    told = wait_of(class_of(timedelta(seconds=seconds))).total_seconds()
    assert told == pytest.approx(seconds, rel=0.05)


def test_levels_are_those_of_the_jobs() -> None:
    assert level({}) is None
    known = level({class_of(timedelta(seconds=second)): 1 for second in (1, 10, 100)})
    assert known is not None
    assert known.jobs == 3
    assert known.p50.total_seconds() == pytest.approx(10, rel=0.05)
    assert known.p90 == known.p99
    assert known.p99.total_seconds() == pytest.approx(100, rel=0.05)


# What is slow.


def a_day(seconds: float = 10, each: int = 2, hours: float = 23) -> Waits:
    """So many jobs in each quarter of the day before, all alike."""
    now = quarter_of(NOON)
    quarters = range(now - HOUR - int(hours * HOUR) + 1, now - HOUR + 1)
    counts = {quarter: {class_of(timedelta(seconds=seconds)): each} for quarter in quarters}
    return Waits({GPU: SetWaits("acme", ("self-hosted", "GPU"), counts)}, frozenset(quarters))


def line(jobs: Iterable[Job], past: Waits) -> Line:
    jobs = list(jobs)
    (found,) = lines(counted(jobs, past), jobs, NOON)
    return found


def test_jobs_that_wait_much_longer_than_the_day_before_are_slow() -> None:
    slow = line([begun(number, waited=300) for number in range(ENOUGH_NOW)], a_day())
    assert slow.slow
    assert slow.at_least is not None
    assert slow.hour == Level(10, wait_of(class_of(timedelta(seconds=300))), slow.at_least, slow.at_least)
    assert slow.usual is not None
    assert slow.usual.jobs == 23 * HOUR * 2


@pytest.mark.parametrize(
    ("waited", "number", "past"),
    [
        (300, ENOUGH_NOW - 1, a_day()),
        (100, ENOUGH_NOW, a_day()),
        (300, ENOUGH_NOW, a_day(seconds=200)),
        (300, ENOUGH_NOW, a_day(hours=2, each=20)),
        (300, ENOUGH_NOW, a_day(hours=5, each=1)),
        (300, ENOUGH_NOW, Waits()),
    ],
    ids=["too few now", "not two minutes more", "not twice", "too short a past", "too few before", "no past"],
)
def test_nothing_is_called_slow_on_little_or_for_little(waited: float, number: int, past: Waits) -> None:
    assert not line([begun(each, waited=waited) for each in range(number)], past).slow
    assert ENOUGH_BEFORE > 5 * HOUR


def test_jobs_that_only_wait_and_never_begin_are_slow_too() -> None:
    queued = [job(number, minutes=20, labels=("self-hosted", "gpu")) for number in range(ENOUGH_NOW)]
    found = line(queued, a_day())
    assert found.slow
    assert found.hour is None
    assert (len(found.waiting), found.longest) == (ENOUGH_NOW, timedelta(minutes=20))


def test_one_old_job_among_many_quick_ones_is_not_slow() -> None:
    jobs = [begun(number, waited=10) for number in range(30)]
    assert not line([*jobs, job(99, minutes=600, labels=("self-hosted", "gpu"))], a_day()).slow


def test_the_course_tells_hours_without_a_job_from_hours_in_which_nobody_looked() -> None:
    past = a_day(hours=6)
    found = line([], past)
    told = [(hour.p90 is not None, hour.looked) for hour in found.course]
    assert told[:17] == [(False, False)] * 17
    assert told[17:23] == [(True, True)] * 6
    assert len(told) == DAY // HOUR
    assert found.usual_hours == 6


def test_a_set_whose_few_jobs_wait_for_long_stands_before_those_with_many() -> None:
    many = [begun(number) for number in range(1, 30)]

    def order(minutes: float) -> list[tuple[str, ...]]:
        few = [job(number, minutes=minutes, labels=("signing",)) for number in (50, 51)]
        return [each.labels for each in lines(counted(many), [*many, *few], NOON)]

    assert order(14) == [("signing",), ("self-hosted", "GPU")]
    assert order(0.5) == [("self-hosted", "GPU"), ("signing",)]
