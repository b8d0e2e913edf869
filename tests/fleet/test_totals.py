from datetime import timedelta

from msgspec.structs import replace

from console.fleet.totals import Totals, totals
from tests.fleet.fleets import fleet, job, runner


def test_every_runner_is_either_busy_idle_or_offline() -> None:
    runners = [
        runner(1),
        runner(2, busy=True),
        runner(3, status="offline"),
        runner(4, status="offline", busy=True),
        runner(5),
    ]
    counted = totals(fleet(runners=runners, missing=frozenset({runner(5).key})))
    assert (counted.runners, counted.online, counted.busy, counted.idle, counted.offline) == (5, 2, 1, 1, 3)


def test_a_runner_for_one_job_that_is_no_longer_listed_has_ended_and_is_not_offline() -> None:
    ended, gone, broken = runner(3), runner(4), runner(5, status="offline")
    runners = [runner(1), replace(ended, ephemeral=True), gone, replace(broken, ephemeral=True)]
    counted = totals(fleet(runners=runners, missing=frozenset({ended.key, gone.key})))
    assert (counted.runners, counted.online, counted.offline) == (3, 1, 2)


def test_jobs_are_counted_by_what_they_wait_for() -> None:
    jobs = [
        job(1, minutes=4),
        job(2, minutes=7),
        job(3, status="in_progress"),
        job(4, status="pending"),
        job(5, status="waiting"),
        job(6, status="completed"),
        job(7, runner_id=1, minutes=90),
    ]
    counted = totals(fleet(jobs=jobs))
    assert (counted.queued, counted.running, counted.waiting) == (2, 1, 2)
    assert counted.longest_wait == timedelta(minutes=7)


def test_an_empty_fleet_has_no_longest_wait() -> None:
    assert totals(fleet()) == Totals()
