"""Why a job failed, as values: the causes that were found in its log and in GitHub's notes on it."""

from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from console.fleet.findings import Certainty
from console.fleet.models import Job, JobKey

FailureClass = Literal[
    "infrastructure", "cache", "remote-cache", "artifact", "release", "permission", "network", "github", "tests"
]
Kind = FailureClass | Literal["unknown"]
KINDS: tuple[Kind, ...] = (*get_args(FailureClass), "unknown")
FAILED = frozenset({"failure", "timed_out", "startup_failure"})
FAILED_FOR_CACHE, FAILED_FOR_REMOTE = "failed-cache", "failed-remote-cache"
FAILED_FOR_CACHES = frozenset({FAILED_FOR_CACHE, FAILED_FOR_REMOTE})
"""The causes of findings about caches."""


class Cause(msgspec.Struct, frozen=True):
    """One reason, and the line that says so."""

    kind: Kind
    certainty: Certainty
    signature: str
    """Its id."""
    title: str
    helps: str
    words: str
    """The line, or GitHub's note. Foreign text."""
    line: int | None = None
    """From 0; None: GitHub says it beside the log."""
    meaning: str = ""
    """What the line means here, where what else is in the log, or its place in it, says more than its title."""
    key: str = ""
    """Of the cache entry that the line names. Foreign text."""


class Failure(msgspec.Struct, frozen=True):
    """What is known of why one job failed; the first cause comes first."""

    attempt: int
    causes: tuple[Cause, ...] = ()
    unknown: str = ""
    """Why no cause is known; empty where one is."""
    settled: bool = True
    """False: reading the log again may tell more."""

    @property
    def kind(self) -> Kind:
        return self.causes[0].kind if self.causes else "unknown"


def failed(job: Job) -> bool:
    """It ended, and not well. One that was cancelled has not failed."""
    return job.status == "completed" and job.conclusion in FAILED


def failure_of(job: Job, failures: Mapping[JobKey, Failure]) -> Failure | None:
    """Why it failed, once that was read of this attempt; None for a job that has not failed."""
    known = failures.get(job.key)
    return known if failed(job) and known is not None and known.attempt == job.attempt else None
