"""Jobs that wait long, as several checks look at them."""

from collections.abc import Iterable

from console.fleet.ages import age
from console.fleet.models import Job, Phrase, Runner
from console.fleet.runbook_leads import Seen
from console.fleet.words import job_name, several


def those_waiting(seen: Seen) -> list[Job]:
    """Those that wait for a runner of this fleet, longer than is usual."""
    now, long = seen.snapshot.taken_at, seen.thresholds.queued_watch
    return [
        job
        for job in seen.snapshot.jobs.values()
        if job.queued and job.waited(now) >= long and not _for_githubs_own(seen, job)
    ]


def _for_githubs_own(seen: Seen, job: Job) -> bool:
    return job.key in seen.reasons and seen.reasons[job.key].cause == "github-hosted"


def could_take(runner: Runner, job: Job) -> bool:
    """By its labels."""
    return {label.casefold() for label in job.labels} <= {label.casefold() for label in runner.labels}


def oldest(seen: Seen, jobs: Iterable[Job]) -> Phrase:
    """How many, and which of them for how long."""
    ordered = sorted(jobs, key=lambda job: job.created_at)
    first = ordered[0]
    waited = age(first.waited(seen.snapshot.taken_at))
    waits = f"{several(len(ordered), 'job waits', 'jobs wait')}, the longest for {waited}: "
    return (waits, *job_name(first), ".")
