"""The rows of runners and jobs that several panes show, made from a look; a row that says the same stays the same."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from console.fleet.at_work import jobs_at_work
from console.fleet.failure import failure_of
from console.fleet.findings import Finding, Severity, one_by_one
from console.fleet.models import Job, JobKey, Phrase, Run, RunKey, RunnerKey
from console.fleet.sources import known_until
from console.fleet.unstarted import runs_to_approve
from console.operations.look import Look
from console.ui.job_row import JobRow, job_row
from console.ui.runner_row import RunnerRow, runner_row

K = TypeVar("K")
V = TypeVar("V")

_HELD: Phrase = ("needs an approval before it has jobs",)
_RANK: dict[Severity, int] = {"alert": 0, "watch": 1, "info": 2}


def keeping(old: Mapping[K, V], new: dict[K, V]) -> Mapping[K, V]:
    """The new rows, with the old ones in place of those that say the same; all of the old when nothing changed."""
    changed = len(old) != len(new)
    for key, row in new.items():
        before = old.get(key)
        if before is row:
            continue
        if before is not None and before == row:
            new[key] = before
        else:
            changed = True
    return new if changed or list(old) != list(new) else old


def waiting_for(findings: Iterable[Finding]) -> dict[RunnerKey, int]:
    """How many queued jobs each idle runner leaves lying."""
    return {key: len(finding.jobs) for finding in one_by_one(findings) for key in finding.runners}


def runner_rows(
    look: Look, keys: Iterable[RunnerKey], old: Mapping[RunnerKey, RunnerRow] | None = None
) -> dict[RunnerKey, RunnerRow]:
    """These runners, as far as they are known. Where nothing is new the old row is taken, so that ten thousand of them
    hold the loop for as short a time as can be."""
    snapshot, wedged, before = look.snapshot, look.wedged, old or {}
    late = known_until(snapshot, "runners", all_old=look.remembered)
    jobs, waiting = jobs_at_work(snapshot), waiting_for(look.findings)
    names: dict[tuple[str, int | None], str] = {key: group.name for key, group in snapshot.groups.items()}
    rows = {}
    for key in keys:
        if (runner := snapshot.runners.get(key)) is None:
            continue
        job, since, group = jobs.get(key), snapshot.idle_since.get(key), names.get((runner.scope, runner.group_id))
        longer, until = key in snapshot.idle_longer, late.get(key.scope.lower()) if late else None
        row = before.get(key)
        if (
            row is None
            or row.runner is not runner
            or row.job is not job
            or row.idle_since is not since
            or row.group is not group
            or row.wedged is not (key in wedged)
            or row.missing is not (key in snapshot.missing)
            or row.waiting != waiting.get(key, 0)
            or row.idle_longer is not longer
            or row.until != until
            or row.sighting is not look.sightings.get(key)
            or row.drained is not (key in look.drained)
        ):
            row = runner_row(
                runner,
                group=group,
                job=job,
                waiting=waiting.get(key, 0),
                wedged=key in wedged,
                missing=key in snapshot.missing,
                idle_since=since,
                idle_longer=longer,
                until=until,
                sighting=look.sightings.get(key),
                drained=key in look.drained,
            )
        rows[key] = row
    return rows


def job_rows(look: Look, keys: Iterable[JobKey]) -> dict[JobKey, JobRow]:
    """These jobs, as far as they are known."""
    severity: dict[JobKey, Severity] = {}
    stuck: set[JobKey] = set()
    for finding in one_by_one(look.findings):
        for key in finding.jobs:
            if _RANK[finding.severity] < _RANK[severity.get(key, "info")]:
                severity[key] = finding.severity
        if look.wedged.intersection(finding.runners):
            stuck |= set(finding.jobs)
    late = known_until(look.snapshot, "jobs", all_old=look.remembered)
    rows = {}
    for key in keys:
        job = look.snapshot.jobs.get(key)
        if job is not None:
            open_ended = late and job.status != "completed"
            rows[key] = job_row(
                job,
                reason=look.reasons.get(key),
                takers=look.takers.get(key),
                severity=severity.get(key),
                wedged=key in stuck,
                failure=failure_of(job, look.failures),
                until=late.get(job.repository.lower()) if open_ended else None,
            )
    return rows


def held_run_rows(look: Look) -> dict[RunKey, JobRow]:
    """Runs that wait for an approval and have no jobs before: each has the line of a job that waits."""
    late = known_until(look.snapshot, "waiting", all_old=look.remembered)
    return {
        run.key: JobRow(_as_job(run), _HELD, until=late.get(run.repository.lower()))
        for run in runs_to_approve(look.snapshot)
    }


def _as_job(run: Run) -> Job:
    return Job(
        repository=run.repository,
        id=run.id,
        run_id=run.id,
        attempt=run.attempt,
        name=f"#{run.number} {run.title}",
        workflow=run.workflow,
        branch=run.branch,
        labels=(),
        status="waiting",
        conclusion=None,
        created_at=run.created_at,
        url=run.url,
    )
