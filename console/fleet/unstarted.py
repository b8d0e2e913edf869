"""Jobs that have not started, and runs that have no job yet because nobody let them go. Pure."""

from datetime import timedelta

from console.fleet.models import FleetSnapshot, Job, Run

# A run that nobody let go for longer is no news.
_APPROVALS_FOR = timedelta(days=1)


def not_started(job: Job) -> bool:
    """It waits: for a runner, an approval, its turn, or something that the console does not know."""
    return job.status not in {"in_progress", "completed"}


def runs_to_approve(snapshot: FleetSnapshot) -> list[Run]:
    """Runs of first-time contributors that GitHub holds back before they have any job."""
    held = [run for run in snapshot.runs.values() if run.conclusion == "action_required"]
    recent = [run for run in held if snapshot.taken_at - run.created_at <= _APPROVALS_FOR]
    with_jobs = {job.run_key for job in snapshot.jobs.values() if not_started(job)} if recent else set()
    return [run for run in recent if run.key not in with_jobs]
