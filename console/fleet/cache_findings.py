"""Jobs that failed for a cache, as findings: one for each trouble, as a cache serves many; or for each run it holds up.

A line about a cache in a job that went well is none: caches are there to be missed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from console.fleet.cache_trouble import LATELY, CacheTrouble, cache_cause, remedied_as, trouble_of
from console.fleet.failure import FAILED_FOR_CACHE, FAILED_FOR_REMOTE, Cause, Failure, failure_of
from console.fleet.failure_words import evidence_of
from console.fleet.findings import Finding
from console.fleet.models import Age, FleetSnapshot, Job, JobKey, Name, Phrase, Run
from console.fleet.newest_runs import of_newest_runs
from console.fleet.words import job_name, sentence, several

SHARED: frozenset[CacheTrouble] = frozenset({"service", "remote"})
"""Whoever uses the cache has it: all of them are one."""
_MOST_TOLD = 4
_SUMMARY: Mapping[CacheTrouble, str] = {
    "service": "failed, GitHub's cache is in trouble",
    "held": "failed, its key in GitHub's cache is held",
    "read-only": "failed, it may only read GitHub's cache",
    "missing": "failed, its entry in GitHub's cache is missing",
    "remote": "failed, the remote build cache refuses",
}
_SUSPICION: Mapping[CacheTrouble, Phrase] = {
    "service": ("GitHub's cache service is in trouble, or was",),
    "held": ("an entry that nobody can use holds the key: it is missed, and cannot be saved either",),
    "read-only": ("the token of such a run may only read caches",),
    "missing": ("nothing has saved the entry that the job needs",),
    "remote": ("the remote build cache refuses what is sent to it; the builds themselves went well",),
}
_WAIT_FOR_IT = "Wait until it answers again: a re-run before that fails again. Then run the jobs again; "
_NO_RESTART = "a restart of runners cannot help."
_IT_ANSWERS: Phrase = (f"It seems to answer again: run the jobs again; {_NO_RESTART}",)
_ANSWERS: Mapping[CacheTrouble, str] = {"remote": "failed-remote-cache-again"}
_HELPS: Mapping[CacheTrouble, Phrase] = {
    "service": (f"{_WAIT_FOR_IT}{_NO_RESTART}",),
    "held": (f"Delete the entry and run the job again: “Re-run cache-failed” does both; {_NO_RESTART}",),
    "remote": (
        "Ask who runs the cache, or let the build go on without it. Once it takes uploads again, run the jobs again: "
        f"only a build that goes well shows here that it is mended; {_NO_RESTART}",
    ),
}


class _Failed(NamedTuple):
    """A job that failed for a cache, and the line that tells which trouble it is."""

    job: Job
    run: Run
    trouble: CacheTrouble
    said: Cause

    @property
    def ended(self) -> datetime:
        return self.job.completed_at or self.job.created_at


def cache_findings(snapshot: FleetSnapshot, failures: Mapping[JobKey, Failure]) -> tuple[Finding, ...]:
    """Of the newest runs alone."""
    if not any(cache_cause(failure) for failure in failures.values()):
        return ()
    newest = [*of_newest_runs(snapshot.jobs.values(), snapshot.taken_at, LATELY)]
    groups: dict[tuple[str, ...], list[_Failed]] = defaultdict(list)
    for each in _for_a_cache(newest, snapshot, failures):
        where = () if each.trouble in SHARED else (each.job.repository, each.job.workflow, each.job.branch)
        groups[each.trouble, *where].append(each)
    every = [*_for_a_cache(snapshot.jobs.values(), snapshot, failures)] if groups else []
    found = []
    for about, alike in groups.items():
        alike.sort(key=lambda each: (each.ended, each.job.id), reverse=True)
        again = _well_again(alike[0], every, newest) if alike[0].trouble in SHARED else None
        found.append(_finding(" ".join(about), alike, again, snapshot.taken_at))
    return tuple(found)


def _for_a_cache(jobs: Iterable[Job], snapshot: FleetSnapshot, failures: Mapping[JobKey, Failure]) -> Iterator[_Failed]:
    for job in jobs:
        failure, run = failure_of(job, failures), snapshot.runs.get(job.run_key)
        if failure is not None and run is not None and cache_cause(failure) is not None:
            yield _Failed(job, run, *trouble_of(failure, run))


def _well_again(last: _Failed, every: Iterable[_Failed], newest: Iterable[Job]) -> Job | None:
    """A job that had failed for the same and went well, begun after the last one that failed.

    One that finds its key held was answered by GitHub's cache, too.
    """
    every = [*every]
    had = {_same(each.job) for each in every if each.trouble == last.trouble}
    held = {each.job.key for each in every if each.trouble == "held" and last.trouble == "service"}
    well = (job for job in newest if job.key in held or (job.conclusion == "success" and _same(job) in had))
    begun = ((job.started_at, job) for job in well if job.started_at is not None and job.started_at >= last.ended)
    return max(begun, key=lambda each: each[0], default=(None, None))[1]


def _same(job: Job) -> tuple[str, str, str, str]:
    """In whichever run."""
    return (job.repository, job.workflow, job.branch, job.name)


def _finding(about: str, found: list[_Failed], again: Job | None, now: datetime) -> Finding:
    """`found` has the last one first."""
    last = found[0]
    return Finding(
        cause=FAILED_FOR_REMOTE if last.trouble == "remote" else FAILED_FOR_CACHE,
        severity="watch",
        certainty="likely" if last.trouble in _SUSPICION else last.said.certainty,
        subject=_subject([each.job for each in found]),
        summary=(_SUMMARY.get(last.trouble) or f"failed: {last.said.title}",),
        since=min(each.ended for each in found),
        evidence=(*_told_again(again, now), *_evidence(found, now)),
        suspicion=_SUSPICION.get(last.trouble, ()),
        helps=_HELPS.get(last.trouble, (last.said.helps,)) if again is None else _IT_ANSWERS,
        jobs=tuple(each.job.key for each in found),
        about=about,
        remedied=remedied_as(last.trouble) if again is None else _ANSWERS.get(last.trouble, ""),
    )


def _subject(jobs: Sequence[Job]) -> Phrase:
    first, places = jobs[0], {job.repository for job in jobs}
    if len(jobs) == 1:
        return job_name(first)
    if len(places) == 1:
        return (f"{several(len(jobs), 'job')} of ", Name(first.repository))
    return (f"{several(len(jobs), 'job')} of {several(len(places), 'repository', 'repositories')}",)


def _evidence(found: Sequence[_Failed], now: datetime) -> tuple[Phrase, ...]:
    """The line of each, the newest first."""
    told = [sentence(*_whose(each, now), *evidence_of(each.said)) for each in found[:_MOST_TOLD]]
    more = len(found) - len(told)
    return (*told, (f"and {several(more, 'more job')}",)) if more else tuple(told)


def _whose(each: _Failed, now: datetime) -> Phrase:
    return (*job_name(each.job), f" #{each.run.number}, ", Age(now - each.ended, now), " ago, ")


def _told_again(again: Job | None, now: datetime) -> tuple[Phrase, ...]:
    if again is None:
        return ()
    ago = Age(now - (again.completed_at or again.created_at), now)
    how = " had failed for it, too, and went well " if again.conclusion == "success" else " was answered by it "
    return ((*job_name(again), how, ago, " ago."),)
