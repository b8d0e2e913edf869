"""Finds the runner or job that somebody names: by id, address, name, or run number and job name."""

import re
from collections.abc import Iterable

from console.fleet.models import FleetSnapshot, Job, JobKey, RunnerKey

_JOB_ADDRESS = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/(?:actions/)?runs/(\d+)(?:/attempts/\d+)?(?:/jobs?/(\d+))?")
_RUNNER_ADDRESS = re.compile(r"https?://[^/]+/(?:organizations/)?(.+)/settings/actions/runners/(\d+)")
_JOB_OF_RUN = re.compile(r"([^/\s]+/[^/#\s]+)\s*#(\d+)(?:[/ ](.*))?", re.DOTALL)
_RUNNER_OF_SCOPE = re.compile(r"((?:org|repo):.+)/(\d+)")


def find(snapshot: FleetSnapshot, text: str) -> tuple[RunnerKey | JobKey, ...]:
    """Everything that `text` may mean: none, the one, or the candidates when it is ambiguous.

    Understood are the address of a job, run or runner, `owner/name#RUN`, `owner/name#RUN/JOB NAME`, a job or runner
    id, `SCOPE/ID`, and the name of a runner or job without regard to case.
    """
    wanted = text.strip()
    for look in (_by_job_address, _by_runner_address, _by_scope, _by_run_number, _by_id, _by_runner_name, _by_job_name):
        found = tuple(look(snapshot, wanted))
        if found:
            return found
    return ()


def _by_job_address(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    address = _JOB_ADDRESS.match(wanted)
    if address is None:
        return []
    repository, run, job = address[1].lower(), int(address[2]), address[3]
    of_run = [each for each in _jobs_of(snapshot, repository) if each.run_id == run]
    return [each.key for each in of_run if job is None or each.id == int(job)]


def _by_runner_address(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    address = _RUNNER_ADDRESS.match(wanted)
    if address is None:
        return []
    place, number = address[1].lower(), int(address[2])
    return [key for key in snapshot.runners if key.id == number and key.scope.lower().partition(":")[2] == place]


def _by_scope(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    named = _RUNNER_OF_SCOPE.fullmatch(wanted)
    if named is None:
        return []
    scope, number = named[1].lower(), int(named[2])
    return [key for key in snapshot.runners if key.id == number and key.scope.lower() == scope]


def _by_run_number(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    named = _JOB_OF_RUN.fullmatch(wanted)
    if named is None:
        return []
    repository, number, name = named[1].lower(), int(named[2]), (named[3] or "").strip().casefold()
    runs = {key for key, run in snapshot.runs.items() if run.number == number and key.repository.lower() == repository}
    of_run = [job for job in _jobs_of(snapshot, repository) if job.run_key in runs]
    return [job.key for job in of_run if not name or job.name.casefold() == name]


def _by_id(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 20):
        return []
    number = int(wanted)
    jobs = [key for key in snapshot.jobs if key.id == number]
    return [*jobs, *(key for key in snapshot.runners if key.id == number)]


def _by_runner_name(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    name = wanted.casefold()
    return [key for key, runner in snapshot.runners.items() if runner.name.casefold() == name]


def _by_job_name(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    name = wanted.casefold()
    return [key for key, job in snapshot.jobs.items() if name in _spellings(job)]


def _spellings(job: Job) -> tuple[str, ...]:
    name, repository = job.name.casefold(), job.repository.casefold()
    return name, f"{repository}/{name}", f"{repository} {name}"


def _jobs_of(snapshot: FleetSnapshot, repository: str) -> Iterable[Job]:
    return (job for job in snapshot.jobs.values() if job.repository.lower() == repository)
