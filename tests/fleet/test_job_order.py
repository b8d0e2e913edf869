"""The order in which the screen and the command line list jobs."""

import random

from console.fleet.job_order import in_state_since, job_order
from console.fleet.models import Job
from tests.fleet.fleets import ago, job


def ended(number: int, minutes: float, conclusion: str = "success") -> Job:
    return job(number, minutes + 5, status="completed", conclusion=conclusion, completed_at=ago(minutes))


def running(number: int, minutes: float) -> Job:
    return job(number, minutes + 30, status="in_progress", started_at=ago(minutes))


def test_what_waits_comes_first_then_what_runs_then_failures_then_the_rest() -> None:
    wanted = [
        job(1, minutes=20),
        job(2, minutes=4),
        job(3, minutes=90, status="waiting"),
        job(4, minutes=45, status="pending"),
        running(5, 50),
        running(6, 2),
        ended(7, 1, "failure"),
        ended(8, 70, "timed_out"),
        ended(9, 3),
        ended(10, 4, "cancelled"),
        ended(11, 6, "skipped"),
        ended(12, 60),
    ]
    for seed in range(20):
        mixed = random.Random(seed).sample(wanted, len(wanted))
        assert [each.id for each in sorted(mixed, key=job_order)] == list(range(1, 13))


def test_a_status_that_is_not_known_is_listed_with_what_is_held_back() -> None:
    jobs = [running(1, 5), job(2, 9, status="hibernating"), job(3, 1)]
    assert [each.id for each in sorted(jobs, key=job_order)] == [3, 2, 1]


def test_equal_jobs_keep_their_order_from_look_to_look() -> None:
    twins = [ended(2, 3), ended(1, 3)]
    assert [each.id for each in sorted(twins, key=job_order)] == [1, 2]


def test_a_job_that_runs_is_in_its_state_since_it_started() -> None:
    assert in_state_since(running(1, 5)) == ago(5)
    assert in_state_since(ended(1, 7)) == ago(7)
    assert in_state_since(job(1, 10)) == ago(10)
    assert in_state_since(job(1, 10, status="in_progress")) is None
