"""A run that failed at noon with two of its jobs, as facts that an action can rest on."""

from collections.abc import Iterable, Mapping
from typing import Any

from console.fleet.evidence import Evidence, Fact, JobNow, JobsOf, RunNow
from console.fleet.models import FleetSnapshot, Job, Run
from tests.fleet.fleets import NOON, ago, fleet, job, run


def failed_run(**changes: Any) -> Run:
    return run(**{"status": "completed", "conclusion": "failure", "number": 42, **changes})


def ended_job(number: int = 1, **changes: Any) -> Job:
    given: dict[str, Any] = {
        "run_id": 101,
        "status": "completed",
        "conclusion": "failure",
        "started_at": ago(8),
        "completed_at": ago(4),
    }
    return job(number, **{**given, **changes})


FAILED = ended_job(1, name="build")
GREEN = ended_job(2, name="lint", conclusion="success")
SKIPPED = ended_job(3, name="notify", conclusion="skipped", started_at=ago(4))
JOBS = (FAILED, GREEN, SKIPPED)


def evidence(
    the_run: Run | None = None,
    jobs: Iterable[Job] = JOBS,
    *,
    snapshot: FleetSnapshot | None = None,
    more: Mapping[Any, object] | None = None,
) -> Evidence:
    """Everything that is known of a run."""
    one, listed = the_run or failed_run(), tuple(jobs)
    known: dict[Fact[Any], object] = {
        RunNow(one.key): one,
        JobsOf(one.key): listed,
        **{JobNow(each.key): each for each in listed},
        **(more or {}),
    }
    return Evidence(snapshot or fleet(runs=(one,), jobs=listed), known, now=NOON, operator="alice")
