"""What was the matter with a cache when a job failed for it, and what that calls for."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal

from console.fleet.failure import Cause, Failure, failed, failure_of
from console.fleet.models import FleetSnapshot, Job, JobKey, Run
from console.fleet.releases import of_a_tag

CacheTrouble = Literal["read-only", "service", "held", "workflow", "missing", "remote", "other"]
LATELY = timedelta(hours=1)

SIGNATURES: tuple[tuple[CacheTrouble, frozenset[str]], ...] = (
    ("read-only", frozenset({"cache.reserve-read-only", "cache.write-denied", "cache.read-denied"})),
    (
        "service",
        frozenset(
            {
                "cache.create-404",
                "cache.service-refused",
                "cache.twirp-exhausted",
                "cache.v1-status",
                "cache.rate-limited",
                "cache.call-failed",
                "cache.download-stuck",
            }
        ),
    ),
    (
        "held",
        frozenset(
            {
                "cache.create-409",
                "cache.reserve-race",
                "cache.reserve-locked",
                "cache.finalize",
                "cache.upload-blob",
            }
        ),
    ),
    ("workflow", frozenset({"cache.path-missing", "cache.too-large", "cache.quota"})),
    ("missing", frozenset({"cache.fail-on-miss"})),
)
"""The first that is among a job's causes counts: one that may not save fails whatever holds the key."""
_MAY_ONLY_READ = frozenset({"pull_request_target", "issue_comment", "workflow_run"})
"""Runs for these may be given a token that cannot save; the line in the log is then the same as for a held key."""
_SAME_LINE = frozenset({"cache.reserve-race"})
_OF_A_BRANCH = frozenset({"push", "schedule", "workflow_dispatch", "repository_dispatch"})
_REMEDIED: Mapping[CacheTrouble, str] = {
    "service": "failed-cache-service",
    "read-only": "failed-cache-for-good",
    "workflow": "failed-cache-for-good",
}
_SCOPE = re.compile(r"\bScope: (refs/(?:heads|tags|pull)/[^\s,]+), Key: ")


def cache_cause(failure: Failure) -> Cause | None:
    """What its cache has to do with it, where that comes first."""
    first = failure.causes[0] if failure.causes else None
    return first if first is not None and first.kind in {"cache", "remote-cache"} else None


def trouble_of(failure: Failure, run: Run) -> tuple[CacheTrouble, Cause]:
    """Of a failure that has a cache for its first cause; and the line that says so."""
    first = failure.causes[0]
    if first.kind == "remote-cache":
        return "remote", first
    for trouble, signatures in SIGNATURES:
        said = next((cause for cause in failure.causes if cause.signature in signatures), None)
        if said is not None:
            reads = trouble == "held" and said.signature in _SAME_LINE and run.event in _MAY_ONLY_READ
            return "read-only" if reads else trouble, said
    return "other", first


def remedied_as(trouble: CacheTrouble) -> str:
    """What decides which action helps a job that failed so: as its kind, unless the trouble says more."""
    return _REMEDIED.get(trouble, "")


def failed_as(jobs: Iterable[JobKey], failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> tuple[str, ...]:
    """Why these failed, as actions name what they help against: `failed-tests`."""
    return tuple(dict.fromkeys(_failed_as(failures[key], key, snapshot) for key in jobs if key in failures))


def _failed_as(failure: Failure, key: JobKey, snapshot: FleetSnapshot) -> str:
    job = snapshot.jobs.get(key)
    run = snapshot.runs.get(job.run_key) if job is not None else None
    known = run is not None and cache_cause(failure) is not None
    trouble = trouble_of(failure, run)[0] if run is not None and known else "other"
    return remedied_as(trouble) or f"failed-{failure.kind}"


def key_of(failure: Failure) -> str:
    """The key that its lines name; empty: none does."""
    return next((cause.key for cause in failure.causes if cause.key), "")


def ref_of(failure: Failure, run: Run) -> str:
    """Under which ref its run saves; empty: that cannot be told, as for pull requests, which have one each."""
    scopes = (_SCOPE.search(cause.words) for cause in failure.causes)
    said = next((found[1] for found in scopes if found), "")
    if said or run.event not in _OF_A_BRANCH or not run.branch:
        return said
    return f"refs/tags/{run.branch}" if of_a_tag(run) else f"refs/heads/{run.branch}"


def cache_failed_lately(
    snapshot: FleetSnapshot, failures: Mapping[JobKey, Failure], now: datetime
) -> tuple[JobKey, ...]:
    """Jobs that failed for a cache within the last hour, the newest first; of each run one that stands for it.

    Those that need an entry deleted come last: each of them is asked for by its name.
    Of the runs of one workflow and branch only the newest: two of them beside one another might cancel each other.
    """
    found = [job for job in snapshot.jobs.values() if _lately(job, now) and _for_a_cache(job, failures, snapshot)]
    found.sort(key=lambda job: (job.run_id, job.completed_at or now, job.id), reverse=True)
    newest: dict[tuple[str, str, str], Job] = {}
    for job in found:
        newest.setdefault((job.repository, job.workflow, job.branch), job)
    ranked = sorted(newest.values(), key=lambda job: job.completed_at or now, reverse=True)
    return tuple(job.key for job in sorted(ranked, key=lambda job: _is_held(job, failures, snapshot)))


def _is_held(job: Job, failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> bool:
    failure, run = failure_of(job, failures), snapshot.runs.get(job.run_key)
    return failure is not None and run is not None and trouble_of(failure, run)[0] == "held"


def _lately(job: Job, now: datetime) -> bool:
    return failed(job) and job.completed_at is not None and now - job.completed_at <= LATELY


def _for_a_cache(job: Job, failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> bool:
    failure, run = failure_of(job, failures), snapshot.runs.get(job.run_key)
    ended = run is None or run.status == "completed"
    return ended and failure is not None and cache_cause(failure) is not None
