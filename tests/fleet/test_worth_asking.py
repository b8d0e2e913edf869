"""Whose hosts are asked although nothing is found of them: a few, and only for what is odd in GitHub's own lists."""

from datetime import timedelta
from typing import Any

from console.fleet.models import FleetSnapshot, Freshness, Repository, RunnerKey, SourceKind, Step
from console.fleet.past import Absence, Disk, Past, Room
from console.fleet.warnings.worth_asking import MANY, OF_EACH, worth_asking
from tests.fleet.fleets import NOON, ago, fleet, job, runner

GIGABYTE = 1_000_000_000


def key(number: int) -> RunnerKey:
    return RunnerKey("org:acme", number)


def watched(**given: Any) -> FleetSnapshot:
    """All repositories of the organisation are watched."""
    kinds: tuple[tuple[SourceKind, str], ...] = (
        ("runners", "org:acme"),
        ("repositories", "acme"),
        ("jobs", "acme/web"),
    )
    sources = tuple(Freshness(kind, place, timedelta(seconds=15), NOON) for kind, place in kinds)
    return fleet(freshness=sources, repositories={"acme/web": Repository("acme/web", True)}, **given)


def busy(number: int, minutes: float = 30) -> FleetSnapshot:
    """So many are busy, and no job names them."""
    runners = [runner(each, busy=True) for each in range(1, number + 1)]
    return watched(runners=runners, busy_since={each.key: ago(minutes) for each in runners})


def ended(minutes: float, *steps: str, conclusion: str = "failure") -> FleetSnapshot:
    """The job of runner 1, whose steps were so when it ended."""
    known = tuple(Step(number, "Build", status) for number, status in enumerate(steps, 1))
    one = job(
        1,
        status="completed",
        conclusion=conclusion,
        runner_id=1,
        runner_name="linux-1",
        started_at=ago(minutes + 20),
        completed_at=ago(minutes),
        steps=known,
    )
    return watched(runners=[runner(1)], jobs=[one])


def test_a_runner_that_comes_and_goes_is_asked_about() -> None:
    returns = {key(1): Absence(returns=(ago(30), ago(10))), key(2): Absence(returns=(ago(10),))}
    assert worth_asking(watched(runners=[runner(1), runner(2)]), Past(returns)) == (key(1),)


def test_one_that_came_and_went_days_ago_and_is_off_since_is_not() -> None:
    gone = {key(1): Absence(ago(5000), returns=(ago(5030), ago(5010)))}
    assert worth_asking(watched(runners=[runner(1, status="offline")]), Past(gone)) == ()


def test_so_is_one_that_is_busy_for_long_without_a_job() -> None:
    assert worth_asking(busy(1), Past()) == (key(1),)
    assert worth_asking(busy(1, minutes=5), Past()) == ()


def test_many_that_are_busy_without_a_job_do_jobs_that_nobody_here_sees() -> None:
    assert worth_asking(busy(MANY + 1), Past()) == ()


def test_where_not_all_jobs_are_watched_a_busy_runner_is_no_wonder() -> None:
    seen = busy(1)
    assert worth_asking(fleet(runners=seen.runners.values(), busy_since=seen.busy_since), Past()) == ()


def test_one_that_ended_a_job_meanwhile_is_busy_with_the_next() -> None:
    one = job(
        1, status="completed", conclusion="success", runner_id=1, runner_name="linux-1", completed_at=ago(3), steps=()
    )
    seen = busy(1)
    assert worth_asking(watched(runners=seen.runners.values(), jobs=[one], busy_since=seen.busy_since), Past()) == ()


def test_one_whose_job_ended_in_the_middle_of_a_step_may_still_do_it() -> None:
    assert worth_asking(ended(10, "completed", "in_progress", "queued"), Past()) == (key(1),)
    assert worth_asking(ended(10, "completed", "completed"), Past()) == ()
    assert worth_asking(ended(90, "completed", "in_progress"), Past()) == ()


def test_a_disk_that_was_filling_is_looked_at_again_and_a_roomy_one_is_not() -> None:
    def disk(number: int, *gigabytes: float) -> Disk:
        rooms = tuple(Room(ago(50 - 10 * at), int(free * GIGABYTE)) for at, free in enumerate(gigabytes))
        return Disk(key(number), f"host-{number}", "/opt", 100 * GIGABYTE, rooms)

    disks = {"a": disk(1, 30, 28, 26, 24), "b": disk(2, 3), "c": disk(3, 60, 60, 60, 60), "d": disk(9, 3)}
    assert worth_asking(watched(runners=[runner(1), runner(2), runner(3)]), Past(disks=disks)) == (key(1), key(2))


def test_versions_that_get_no_jobs_are_asked_about() -> None:
    runners = [runner(1, version="2.320.0"), runner(2, version="2.336.0"), runner(3), runner(4, version="odd")]
    assert worth_asking(watched(runners=runners), Past()) == (key(1),)


def test_for_one_reason_only_a_few_are_asked_and_none_that_was_made_for_one_job() -> None:
    returns = {key(number): Absence(returns=(ago(30), ago(10))) for number in range(1, 9)}
    runners = [runner(1, ephemeral=True), *(runner(number) for number in range(2, 9))]
    assert worth_asking(watched(runners=runners), Past(returns)) == tuple(key(each) for each in range(2, 2 + OF_EACH))
    assert worth_asking(watched(runners=runners, whole=False), Past(returns)) == ()
