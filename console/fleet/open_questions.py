"""Of which runs and repositories more must be asked than the lists say, because the wait of a job hangs on it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.fleet.findings import Reason
from console.fleet.models import FleetSnapshot, Job, JobKey, RunKey
from console.fleet.rule import GROUP_NAMED, IDLE_WHILE_QUEUED

UNEXPLAINED = frozenset({IDLE_WHILE_QUEUED, "actions-disabled"})
"""Nothing that GitHub's lists say keeps the job waiting, or Actions was off when it was last asked."""
_OF_ITS_FILE = frozenset({IDLE_WHILE_QUEUED, GROUP_NAMED, "matrix-limit"})
_MOST = 5
"""Of each kind, those of the jobs that wait longest."""


class OpenQuestions(NamedTuple):
    """What there is to ask, the most urgent first."""

    environments: tuple[RunKey, ...] = ()
    holders: tuple[RunKey, ...] = ()
    policies: tuple[str, ...] = ()
    workflows: tuple[RunKey, ...] = ()


def open_questions(snapshot: FleetSnapshot, reasons: Mapping[JobKey, Reason]) -> OpenQuestions:
    """After a look was judged. A job whose run is not known has nothing that could be asked."""
    waiting = [snapshot.jobs[key] for key in reasons if key in snapshot.jobs]
    waiting.sort(key=lambda job: (job.created_at, job.key))
    unexplained = [job for job in waiting if reasons[job.key].cause in UNEXPLAINED]
    of_files = [job for job in waiting if reasons[job.key].cause in _OF_ITS_FILE]
    return OpenQuestions(
        environments=_runs(snapshot, (job for job in waiting if job.status == "waiting")),
        holders=_runs(snapshot, (job for job in waiting if job.status == "pending")),
        policies=tuple(dict.fromkeys(job.repository for job in unexplained))[:_MOST],
        workflows=_files(snapshot, of_files),
    )


def _runs(snapshot: FleetSnapshot, jobs: Iterable[Job]) -> tuple[RunKey, ...]:
    return tuple(key for key in dict.fromkeys(job.run_key for job in jobs) if key in snapshot.runs)[:_MOST]


def _files(snapshot: FleetSnapshot, jobs: list[Job]) -> tuple[RunKey, ...]:
    """Of each workflow the run that waits longest and the one that came last: what both say those between say, too."""
    files: dict[tuple[str, str], list[RunKey]] = {}
    for key in dict.fromkeys(job.run_key for job in jobs):
        run = snapshot.runs.get(key)
        # Some workflows are GitHub's own, and are in no file.
        if run is not None and run.sha and run.path.startswith(".github/workflows/"):
            files.setdefault((run.repository, run.path), []).append(key)
    return tuple(key for runs in files.values() for key in dict.fromkeys((runs[0], runs[-1])))[:_MOST]
