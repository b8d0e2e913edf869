"""The facts as JSON. These names are a promise: they are documented in docs/json.md and only ever added to."""

from typing import Any

from console.cli.json_values import as_seconds, as_time
from console.cli.life_words import as_dict, cleared_as_dict
from console.cli.verdict import coverage
from console.fleet import failure as failing
from console.fleet.at_work import jobs_at_work
from console.fleet.failure_words import NOT_READ
from console.fleet.findings import Explanation, Finding
from console.fleet.job_order import job_order, run_order
from console.fleet.lives import told
from console.fleet.models import FleetSnapshot, Freshness, Job, JobKey, Run, RunKey, Runner, RunnerKey, plain
from console.fleet.remedies import remedy_of
from console.fleet.totals import totals
from console.fleet.unstarted import runs_to_approve
from console.operations.connection import ContextFacts
from console.operations.look import Look

Json = dict[str, Any]


def about(look: Look, facts: ContextFacts) -> Json:
    """What every answer begins with: of what, as of when, and what could not be read."""
    snapshot, known = look.snapshot, coverage(look.snapshot)
    return {
        "context": facts.name,
        "looked_at": as_time(snapshot.taken_at),
        "as_of": as_time(known.as_of),
        "complete": known.complete,
        "token_source": facts.token_source,
        "problems": [_problem(source) for source in snapshot.freshness if source.problem is not None],
        "set_aside": snapshot.set_aside,
        "budget": {
            "limit": snapshot.budget.limit,
            "remaining": snapshot.budget.remaining,
            "resets_at": as_time(snapshot.budget.resets_at),
        },
    }


def _problem(source: Freshness) -> Json:
    problem = source.problem
    if problem is None:
        return {}
    return {
        "source": source.kind,
        "place": source.place,
        "kind": problem.kind,
        "message": problem.message,
        "hint": problem.hint,
        "since": as_time(problem.since),
        "last_read": as_time(source.looked_at),
    }


def now(look: Look) -> Json:
    """The counts and the findings, worst first. What could never be read is unknown, not zero."""
    counts, known = totals(look.snapshot), coverage(look.snapshot)
    of_runners = {
        "runners": counts.runners,
        "online": counts.online,
        "busy": counts.busy,
        "idle": counts.idle,
        "offline": counts.offline,
    }
    of_jobs = {
        "queued": counts.queued,
        "running": counts.running,
        "waiting": counts.waiting,
        "longest_wait_seconds": as_seconds(counts.longest_wait),
    }
    return {
        "totals": {
            **(of_runners if known.runners else dict.fromkeys(of_runners)),
            **(of_jobs if known.jobs else dict.fromkeys(of_jobs)),
        },
        "findings": None if known.as_of is None else [_found(each, look) for each in look.findings],
        "muted": len(look.findings) - len(told(look.findings, look.lives, look.snapshot.taken_at)),
        "cleared": [cleared_as_dict(life) for life in look.cleared],
        "lives_kept": look.lives_kept,
        "github": _github(look.snapshot),
    }


def _github(snapshot: FleetSnapshot) -> Json:
    """What GitHub's own status page says of Actions, in its words; null where that is not known."""
    says = snapshot.github_says(snapshot.taken_at)
    if says is None:
        return {"status": None, "incidents": None}
    incidents = [
        {"name": each.name, "impact": each.impact, "status": each.status, "updated_at": as_time(each.updated_at)}
        for each in says.incidents
    ]
    return {"status": says.actions or None, "incidents": incidents}


def _found(finding: Finding, look: Look) -> Json:
    """A finding, with what has become of it so far."""
    life = as_dict(look.lives.get(finding.key), look.snapshot.taken_at)
    return {"key": finding.key, **life, **_finding(finding, look.snapshot)}


def _finding(finding: Finding, snapshot: FleetSnapshot) -> Json:
    return {
        "cause": finding.cause,
        "severity": finding.severity,
        "certainty": finding.certainty,
        "subject": plain(finding.subject),
        "summary": plain(finding.summary),
        "since": as_time(finding.since),
        "evidence": [plain(line) for line in finding.evidence],
        "suspicion": plain(finding.suspicion),
        "helps": plain(finding.helps),
        "remedy": plain(finding.helps),
        "action": remedy_of(finding.remedied_as).action or None,
        "found_as": finding.found_as or finding.cause,
        "spread": plain(finding.spread) or None,
        "whose": None
        if finding.whose is None
        else {
            "side": finding.whose.side,
            "certainty": finding.whose.certainty,
            "words": plain(finding.whose.words),
        },
        "runners": [_runner_reference(key, snapshot) for key in finding.runners],
        "suspect": _runner_reference(finding.suspect, snapshot) if finding.suspect is not None else None,
        "jobs": [_job_reference(key, snapshot) for key in finding.jobs],
        "runs": [_run_reference(key, snapshot) for key in finding.runs],
    }


def _runner_reference(key: RunnerKey, snapshot: FleetSnapshot) -> Json:
    runner = snapshot.runners.get(key)
    return {"scope": key.scope, "id": key.id, "name": runner.name if runner is not None else None}


def _run_reference(key: RunKey, snapshot: FleetSnapshot) -> Json:
    run = snapshot.runs.get(key)
    number, workflow = (run.number, run.workflow) if run is not None else (None, None)
    return {"repository": key.repository, "id": key.id, "number": number, "workflow": workflow}


def _job_reference(key: JobKey, snapshot: FleetSnapshot) -> Json:
    job = snapshot.jobs.get(key)
    name, url = (job.name, job.url) if job is not None else (None, None)
    return {"repository": key.repository, "id": key.id, "name": name, "url": url}


def runners(look: Look) -> Json:
    """Every runner, by scope and name."""
    if not look.snapshot.runners and not coverage(look.snapshot).runners:
        return {"runners": None}
    work = jobs_at_work(look.snapshot)
    ordered = sorted(look.snapshot.runners.values(), key=lambda runner: (runner.scope, runner.name.casefold()))
    return {"runners": [_runner(runner, look, work.get(runner.key)) for runner in ordered]}


def _runner(runner: Runner, look: Look, job: Job | None) -> Json:
    group, idle = look.snapshot.group_of(runner), as_time(look.snapshot.idle_since.get(runner.key))
    return {
        "scope": runner.scope,
        "id": runner.id,
        "name": runner.name,
        "os": runner.os,
        "status": runner.status,
        "busy": runner.busy,
        "idle_while_queued": runner.key in look.wedged,
        "missing": runner.key in look.snapshot.missing,
        "idle_since": None if runner.key in look.snapshot.idle_longer else idle,
        "idle_at_least_since": idle,
        "labels": list(runner.labels),
        "group": group.name if group is not None else None,
        "version": runner.version,
        "ephemeral": runner.ephemeral,
        "job": None if job is None else _job_reference(job.key, look.snapshot),
    }


def jobs(look: Look) -> Json:
    """Every job that is queued, held, running or ended lately, in the order of the screen; and runs without jobs."""
    snapshot = look.snapshot
    if not snapshot.jobs and not coverage(snapshot).jobs:
        return {"jobs": None, "runs_waiting_for_approval": None}
    return {
        "jobs": [_job(job, look) for job in sorted(snapshot.jobs.values(), key=job_order)],
        "runs_waiting_for_approval": [_held_run(run) for run in sorted(runs_to_approve(snapshot), key=run_order)],
    }


def _held_run(run: Run) -> Json:
    return {
        "repository": run.repository,
        "id": run.id,
        "number": run.number,
        "title": run.title,
        "workflow": run.workflow,
        "branch": run.branch,
        "event": run.event,
        "created_at": as_time(run.created_at),
        "url": run.url,
    }


def _job(job: Job, look: Look) -> Json:
    reason = look.reasons.get(job.key)
    return {
        "repository": job.repository,
        "id": job.id,
        "run_id": job.run_id,
        "attempt": job.attempt,
        "name": job.name,
        "workflow": job.workflow,
        "branch": job.branch,
        "labels": list(job.labels),
        "status": job.status,
        "conclusion": job.conclusion,
        "created_at": as_time(job.created_at),
        "started_at": as_time(job.started_at),
        "completed_at": as_time(job.completed_at),
        "runner": None if job.runner_id is None else {"id": job.runner_id, "name": job.runner_name},
        "cause": reason.cause if reason is not None else None,
        "reason": plain(reason.text) if reason is not None else None,
        "failure": _failure(job, look),
        "runners_that_could_take_it": look.takers.get(job.key),
        "url": job.url,
    }


def _failure(job: Job, look: Look) -> Json | None:
    """Why it failed, the first cause first; null for a job that has not failed."""
    if not failing.failed(job):
        return None
    failure = failing.failure_of(job, look.failures) or failing.Failure(job.attempt, unknown=NOT_READ)
    return {
        "class": failure.kind,
        "why_unknown": failure.unknown or None,
        "causes": [
            {
                "class": cause.kind,
                "certainty": cause.certainty,
                "signature": cause.signature,
                "title": cause.title,
                "meaning": cause.meaning or None,
                "line": cause.line,
                "text": cause.words,
                "helps": cause.helps,
            }
            for cause in failure.causes
        ],
    }


def explained(explanation: Explanation, look: Look, job: Job | None) -> Json:
    """The whole chain: every condition, met, not met, or null where it could not be told. `job`: what it is about."""
    table, snapshot = explanation.table, look.snapshot
    return {
        "subject": plain(explanation.subject),
        "cause": explanation.cause or None,
        "certainty": explanation.certainty,
        "conclusion": plain(explanation.conclusion),
        "suspicion": plain(explanation.suspicion),
        "helps": plain(explanation.helps),
        "notes": [plain(note) for note in explanation.notes],
        "evidence": [plain(note) for note in explanation.notes],
        "remedy": plain(explanation.helps),
        "action": remedy_of(explanation.remedied_as).action or None,
        "first_unmet": explanation.first_unmet.text if explanation.first_unmet is not None else None,
        "conditions": [
            {"condition": each.text, "found": plain(each.found), "met": each.met, "asked": each.asked}
            for each in explanation.conditions
        ],
        "runners": []
        if table is None
        else [
            {
                **_runner_reference(row.runner, snapshot),
                "checks": dict(zip(table.columns, row.checks, strict=True)),
                "note": plain(row.note),
            }
            for row in table.rows
        ],
        "runners_left_out": 0 if table is None else table.more,
        "jobs": [_job_reference(key, snapshot) for key in explanation.jobs],
        "failure": None if job is None else _failure(job, look),
    }
