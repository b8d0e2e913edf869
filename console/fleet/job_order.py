"""In which order jobs are listed, on the screen and by the command line."""

from datetime import datetime

from console.fleet.models import Job, Run

FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_QUEUED, _HELD, _RUNNING, _FAILED, _OVER = range(5)
_RANKS = {"queued": _QUEUED, "in_progress": _RUNNING}


def in_state_since(job: Job) -> datetime | None:
    """Since when the job waits, runs or is over; None where GitHub does not say."""
    if job.status == "completed":
        return job.completed_at
    return job.started_at if job.status == "in_progress" else job.waits_since


def job_order(job: Job) -> tuple[int, float, str, int]:
    """Sorts jobs: queued, held back, running, failed, the rest. What waits or runs longest comes first; of what is
    over, the latest."""
    since = in_state_since(job)
    moment = since.timestamp() if since is not None else 0.0
    return _rank(job), -moment if job.status == "completed" else moment, job.repository, job.id


def run_order(run: Run) -> tuple[int, float, str, int]:
    """Sorts a run that waits for an approval, and so has no jobs yet, among the jobs that are held back."""
    return _HELD, run.created_at.timestamp(), run.repository, run.id


def _rank(job: Job) -> int:
    if job.status == "completed":
        return _HELD if job.conclusion == "action_required" else _FAILED if job.conclusion in FAILED else _OVER
    return _RANKS.get(job.status, _HELD)
