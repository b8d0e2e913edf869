"""Runners whose hosts are asked although nothing is found of them yet: what is listed of them is odd. A few only."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import chain, islice

from console.fleet.at_work import jobs_at_work, runner_of
from console.fleet.disk_course import falling, low
from console.fleet.models import FleetSnapshot, Job, RunnerKey
from console.fleet.past import Past
from console.fleet.sources import Sources
from console.fleet.takers import PHANTOM_AFTER
from console.fleet.versions import FLOOR, version_of

OF_EACH = 2
"""So many for one reason."""
RETURNED = 2
"""So often in an hour: it comes and goes."""
MANY = 5
"""More that are busy without a job which is seen do jobs that this token does not see."""
LATELY = timedelta(hours=1)


def worth_asking(snapshot: FleetSnapshot, past: Past) -> tuple[RunnerKey, ...]:
    """In the order of how much their hosts may tell."""
    if not snapshot.whole:
        return ()
    kinds = (
        (disk.runner for disk in past.disks.values() if low(disk) or falling(disk)),
        (key for key, absence in past.absences.items() if absence.back_lately(snapshot.taken_at) >= RETURNED),
        busy_without_job(snapshot),
        _cut_short(snapshot),
        _refused(snapshot),
    )
    found = chain.from_iterable(islice(dict.fromkeys(_listed(kind, snapshot)), OF_EACH) for kind in kinds)
    return tuple(dict.fromkeys(found))


def _listed(keys: Iterable[RunnerKey], snapshot: FleetSnapshot) -> Iterator[RunnerKey]:
    return (key for key in keys if key in snapshot.runners and not snapshot.runners[key].ephemeral)


def busy_without_job(snapshot: FleetSnapshot) -> tuple[RunnerKey, ...]:
    """For more than ten minutes, where all jobs that it could have are watched."""
    if not snapshot.busy_since:
        return ()
    sources, at_work = Sources(snapshot), jobs_at_work(snapshot)
    seen = {scope: sources.all_jobs_of(scope) for scope in sources.scopes}
    as_of = {scope: sources.as_of("runners", scope) for scope in sources.scopes}
    found = [
        key
        for key, since in snapshot.busy_since.items()
        if as_of[key.scope] - since >= PHANTOM_AFTER and seen[key.scope] and key not in at_work
    ]
    if len(found) > MANY:
        return ()
    return tuple(key for key in found if not _worked_since(snapshot, key))


def _worked_since(snapshot: FleetSnapshot, key: RunnerKey) -> bool:
    """A job that has ended meanwhile says that it is not one lost job which keeps it busy."""
    since = snapshot.busy_since[key]
    ended = (job.completed_at for job in snapshot.jobs.values() if job.runner_id == key.id)
    return any(at is not None and at > since for at in ended)


def _cut_short(snapshot: FleetSnapshot) -> Iterator[RunnerKey]:
    """They had a job that ended in the middle of a step: its worker may not have."""
    sources = Sources(snapshot)
    for job in snapshot.jobs.values():
        if job.completed_at is not None and snapshot.taken_at - job.completed_at <= LATELY and _in_the_middle(job):
            key = runner_of(snapshot, job.key, sources)
            if key is not None:
                yield key


def _in_the_middle(job: Job) -> bool:
    return job.conclusion != "success" and any(step.status == "in_progress" for step in job.steps)


def _refused(snapshot: FleetSnapshot) -> Iterator[RunnerKey]:
    """Of a version that GitHub gives no jobs: its host says whether that is so."""
    refused = {text for text in {runner.version for runner in snapshot.runners.values()} if text and _too_old(text)}
    return (key for key, runner in snapshot.runners.items() if runner.version in refused) if refused else iter(())


def _too_old(text: str) -> bool:
    return (version_of(text) or FLOOR) < FLOOR
