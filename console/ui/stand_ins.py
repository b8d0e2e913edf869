"""What of a finding an action is offered on, where that is not all that it is about; and why."""

from collections.abc import Iterable

from console.fleet.failure import FAILED_FOR_CACHES
from console.fleet.findings import Finding, one_by_one
from console.fleet.models import JobKey, Phrase, RunnerKey
from console.fleet.newest_runs import one_of_each_run
from console.fleet.sightings import jobs_behind
from console.fleet.words import count, several
from console.operations.look import Look
from console.ui.panes.base import Target


def acted_on(findings: Iterable[Finding], look: Look | None) -> tuple[Target, ...]:
    """Of each finding its first runner, else the one that is to blame, else its first job or run.

    Where logs of failed jobs say the same it is the last of these jobs: their runners are not to blame. Where several
    are told as one it is something of each; of jobs that failed for a cache it is one of each run.
    """
    return tuple(dict.fromkeys(target for each in one_by_one(findings) for target in _of(each, look)))


def why_these(finding: Finding, look: Look) -> Phrase:
    """How many of how many, and why or how to come to the others. Empty where there are no others."""
    parts, meant = [*one_by_one([finding])], acted_on([finding], look)
    jobs = {key for each in parts for key in each.jobs}
    runners = {key for each in parts for key in each.runners}
    if all(each.cause in FAILED_FOR_CACHES for each in parts):
        why = "one of each run: while a job runs again, GitHub lets no other of its run."
        return _some(len(meant), len(jobs), "job", why)
    if all(isinstance(each, RunnerKey) for each in meant):
        return _some(len(meant), len(runners), "runner", "2 lists all of them, and space selects several.")
    if all(isinstance(each, JobKey) for each in meant) and not runners:
        return _some(len(meant), len(jobs), "job", "Enter on the finding lists them, and space selects several.")
    return ()


def _some(meant: int, number: int, what: str, why: str) -> Phrase:
    return (f"{count(meant)} of {several(number, what)}; {why}",) if 0 < meant < number else ()


def _of(finding: Finding, look: Look | None) -> tuple[Target, ...]:
    if finding.cause in FAILED_FOR_CACHES and look is not None:
        return one_of_each_run(finding.jobs, look.snapshot)
    behind = jobs_behind(finding, look.failures, look.snapshot) if look is not None else ()
    suspect = (finding.suspect,) if finding.suspect is not None else ()
    return (*behind, *finding.runners, *suspect, *finding.jobs, *finding.runs)[:1]
