"""Which runner has a job, or had it; and which job a runner is doing. Pure."""

from collections.abc import Iterator

from console.fleet.models import FleetSnapshot, Job, JobKey, Runner, RunnerKey
from console.fleet.scopes import covers
from console.fleet.sources import Sources


def ran_by(job: Job, runner: Runner) -> bool:
    """Whether the job names this runner. Its id alone is not enough: ids are unique in a scope only."""
    return _names(job, runner) and covers(runner.scope, job.repository.lower())


def _names(job: Job, runner: Runner) -> bool:
    return job.runner_id == runner.id and job.runner_name in {None, runner.name}


def runner_of(snapshot: FleetSnapshot, job: JobKey, sources: Sources | None = None) -> RunnerKey | None:
    """The listed runner that has it or had it; `sources` are those of the snapshot."""
    named = snapshot.jobs.get(job)
    if named is None or named.runner_id is None:
        return None
    return next(_runners_of(snapshot, named, sources or Sources(snapshot)), None)


def _runners_of(snapshot: FleetSnapshot, job: Job, sources: Sources) -> Iterator[RunnerKey]:
    """Those that it names, by their ids: of a large fleet not every runner is looked at for each job."""
    for scope in sources.serving(job.repository.lower()):
        key = RunnerKey(scope, job.runner_id or 0)
        runner = snapshot.runners.get(key)
        if runner is not None and _names(job, runner):
            yield key


def job_at_work(snapshot: FleetSnapshot, key: RunnerKey) -> Job | None:
    """The job that this runner is doing, as far as it is in a watched repository."""
    runner = snapshot.runners.get(key)
    if runner is None:
        return None
    working = (job for job in snapshot.jobs.values() if job.runner_id == key.id and job.status == "in_progress")
    return next((job for job in working if ran_by(job, runner)), None)


def jobs_at_work(snapshot: FleetSnapshot) -> dict[RunnerKey, Job]:
    """The job that each busy runner is doing, as far as it is in a watched repository."""
    working = [job for job in snapshot.jobs.values() if job.status == "in_progress" and job.runner_id is not None]
    sources = Sources(snapshot)
    return {key: job for job in working for key in _runners_of(snapshot, job, sources)}
