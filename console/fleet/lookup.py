"""Finds the runner or job that somebody names: by id, address, name, or run number and job name."""

import difflib
import re
from collections.abc import Iterable

from console.fleet.models import FleetSnapshot, Job, JobKey, RunKey, RunnerKey
from console.fleet.paths import scope_of, web_path

_JOB_ADDRESS = re.compile(r"https?://[^/]+/([^/]+/[^/]+)/(?:actions/)?runs/(\d+)(?:/attempts/\d+)?(?:/jobs?/(\d+))?")
_RUNNER_ADDRESS = re.compile(r"https?://[^/]+/(?:organizations/)?(.+)/settings/actions/runners/(\d+)")
_JOB_OF_RUN = re.compile(r"([^/\s]+/[^/#\s]+)\s*#(\d+)(?:[/ ](.*))?", re.DOTALL)
_LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_ALIKE = 0.6
_MOST_ALIKE = 5
_RUNNER_OF_SCOPE = re.compile(r"((?:enterprise|org|repo):.+)/(\d+)")


def find(snapshot: FleetSnapshot, text: str) -> tuple[RunnerKey | JobKey, ...]:
    """Everything that `text` may mean: none, the one, or the candidates when it is ambiguous.

    Understood are the address of a job, run or runner, `owner/name#RUN`, `owner/name#RUN/JOB NAME`, a job or runner
    id, `SCOPE/ID`, the name of a runner or job without regard to case, `owner/name JOB NAME`, and `owner/name`.
    """
    wanted = text.strip()
    for look in _LOOKS:
        found = tuple(look(snapshot, wanted))
        if found:
            return found
    return ()


def find_runs(snapshot: FleetSnapshot, text: str) -> tuple[RunKey, ...]:
    """The run of that address, `owner/name#NUMBER`, `owner/name ID` or id, whether it has jobs or not."""
    wanted = text.strip()
    address, numbered = _JOB_ADDRESS.match(wanted), _JOB_OF_RUN.fullmatch(wanted)
    if address is not None:
        if address[3] is not None:
            return ()
        return tuple(k for k in snapshot.runs if k.id == int(address[2]) and k.repository.lower() == address[1].lower())
    if numbered is not None:
        if numbered[3] and any(_by_run_number(snapshot, wanted)):
            return ()
        repository, number = numbered[1].lower(), int(numbered[2])
        runs = ((key, run) for key, run in snapshot.runs.items() if run.number == number)
        return tuple(key for key, _ in runs if key.repository.lower() == repository)
    place, _, identity = wanted.rpartition(" ")
    return tuple(k for k in snapshot.runs if str(k.id) == identity and place.lower() in {"", k.repository.lower()})


def nearest(snapshot: FleetSnapshot, text: str) -> tuple[str, ...]:
    """Names that somebody may have meant who named nothing: those that hold it, else those that look like it.

    First of all `linux-03` for `linux-3`: zeros before a number do not count.
    """
    wanted = text.strip().casefold()
    if not wanted:
        return ()
    names = dict.fromkeys(runner.name for runner in snapshot.runners.values())
    names |= dict.fromkeys(f"{job.repository} {job.name}" for job in snapshot.jobs.values())
    meant = _without_zeros(wanted)
    same = [name for name in names if _without_zeros(name.casefold()) == meant]
    holding = sorted((name for name in names if wanted in name.casefold()), key=lambda name: _place(name, wanted))
    return tuple(dict.fromkeys([*same, *(holding or _alike(meant, names))]))


def _place(name: str, wanted: str) -> tuple[bool, str]:
    folded = name.casefold()
    return not folded.startswith(wanted), folded


def _alike(meant: str, names: Iterable[str]) -> list[str]:
    """The most alike first, and then by name: `difflib` itself would turn those round that are equally alike."""
    matcher = difflib.SequenceMatcher(b=meant)
    scored = []
    for name in names:
        matcher.set_seq1(_without_zeros(name.casefold()))
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            scored.append((-matcher.ratio(), name))
    return [name for ratio, name in sorted(scored)[:_MOST_ALIKE] if -ratio >= _ALIKE]


def _without_zeros(text: str) -> str:
    return _LEADING_ZEROS.sub("", text)


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
    return [key for key in snapshot.runners if key.id == number and web_path(scope_of(key.scope)).lower() == place]


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


def _by_repository(snapshot: FleetSnapshot, wanted: str) -> Iterable[RunnerKey | JobKey]:
    return [job.key for job in _jobs_of(snapshot, wanted.lower())]


_LOOKS = (
    _by_job_address,
    _by_runner_address,
    _by_scope,
    _by_run_number,
    _by_id,
    _by_runner_name,
    _by_job_name,
    _by_repository,
)
"""The first that finds something is what was meant."""
