"""Jobs that count: of each workflow and branch those of the newest run that has ended. It has mended those before."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from console.fleet.failure import FAILED
from console.fleet.models import FleetSnapshot, Job, JobKey, RunKey

TELLING = FAILED | {"success"}
"""A job that was cancelled or skipped says nothing of what it would have met."""

Line = tuple[str, str, str]


def of_newest_runs(jobs: Iterable[Job], now: datetime, within: timedelta) -> Iterator[Job]:
    """Those that ended so lately, in their latest attempts.

    While a run is run again, none of the runs before it counts instead of it: it had mended, or repeated, those.
    """
    latest: dict[tuple[str, int, str], Job] = {}
    for job in jobs:
        same = latest.get((job.repository, job.run_id, job.name))
        if same is None or same.attempt < job.attempt:
            latest[job.repository, job.run_id, job.name] = job
    lines: dict[Line, list[Job]] = defaultdict(list)
    again: dict[Line, int] = defaultdict(int)
    for job in latest.values():
        line = (job.repository, job.workflow, job.branch)
        if job.attempt > 1 and job.completed_at is None:
            again[line] = max(again[line], job.run_id)
        if job.completed_at is not None and now - job.completed_at <= within and job.conclusion in TELLING:
            lines[line].append(job)
    for line, same_line in lines.items():
        newest = max(again[line], *(job.run_id for job in same_line))
        yield from (job for job in same_line if job.run_id == newest)


def one_of_each_run(keys: Iterable[JobKey], snapshot: FleetSnapshot) -> tuple[JobKey, ...]:
    """The first of each."""
    found: dict[RunKey, JobKey] = {}
    for key in keys:
        if key in snapshot.jobs:
            found.setdefault(snapshot.jobs[key].run_key, key)
    return tuple(found.values())
