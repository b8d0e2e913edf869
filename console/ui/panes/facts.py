"""The facts of one runner or one job, as lines of a word and what it says."""

from datetime import datetime

from console.fleet.failure import Cause, Failure
from console.fleet.failure_words import KIND_WORDS, NOT_READ, evidence_of
from console.fleet.labels import telling_first
from console.fleet.models import FleetSnapshot, Job, RunnerGroup, counted
from console.fleet.sightings import Sighting
from console.fleet.words import several
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.job_row import JobRow, state_of
from console.ui.runner_row import RunnerRow
from console.ui.widgets.fact_lines import FactLine


def fact(word: str, *parts: Part) -> FactLine:
    """One line; a fact that is not known is a question mark."""
    said = tuple(part for part in parts if part.text) or (Part(signs.sign("unknown"), "muted"),)
    return FactLine((Part(word, "muted"),), said)


def runner_facts(row: RunnerRow, look: Look, now: datetime) -> list[FactLine]:
    """State, what was found and what helps; then place, labels, group, version."""
    runner, state = row.runner, row.state
    age = [Part(f" for {row.lasted(now)}")] if row.since is not None else []
    lines = [
        fact("runner", Part(runner.name, "foreign")),
        fact("state", Part(f"{signs.sign(state.sign)} {state.word}", state.style), *age),
    ]
    if row.missing:
        lines.append(fact("", Part("It is missing from the last list of its scope; it may be gone.", "warning")))
    for finding in look.findings:
        if runner.key in finding.runners:
            sign = cells.severity_part(finding.severity)
            # Of its own finding it is the subject; of one about several it is seen that it is not alone.
            subject = (*finding.subject, ": ") if len(finding.runners) > 1 else ()
            said = cells.phrase_parts((*subject, *counted(finding.summary, now)))
            lines.append(fact("finding", sign, Part(" "), *said))
            if finding.suspicion:
                sure = cells.certainty_part(finding.certainty)
                lines.append(fact("cause", *cells.phrase_parts(finding.suspicion), sure))
            if finding.helps:
                lines.append(fact("helps", *cells.phrase_parts(finding.helps)))
    return [
        *lines,
        *([sighting_line(row.sighting, now)] if row.sighting is not None else []),
        fact("labels", Part(" ".join(telling_first(runner.labels)), "foreign")),
        fact("group", *_group_parts(look.snapshot.group_of(runner))),
        fact("version", Part(runner.version or "", "foreign")),
        fact("os", Part(runner.os, "foreign")),
        fact("id", Part(str(runner.id)), Part(" in ", "muted"), Part(runner.scope, "foreign")),
    ]


def sighting_line(seen: Sighting, now: datetime, *, named: bool = False) -> FactLine:
    """What was seen last in a runner's logs, as far as they were opened here. `named`: it is said whose."""
    whose = [Part(seen.name, "foreign"), Part(": ")] if named else []
    style = "error" if seen.severity == "error" else "warning"
    ago = Part(f"  {signs.age(now - seen.at)} ago", "muted")
    return fact("in its log", *whose, Part(seen.title, style), ago)


def runner_owner_facts(row: RunnerRow, now: datetime) -> list[FactLine]:
    """Whose log it is, while there is no log to see: runner, state, place."""
    runner, state = row.runner, row.state
    age = [Part(f" for {row.lasted(now)}")] if row.since is not None else []
    return [
        fact("runner", Part(runner.name, "foreign"), Part(f"  id {runner.id} in {runner.scope}", "muted")),
        fact("state", Part(f"{signs.sign(state.sign)} {state.word}", state.style), *age),
    ]


def _group_parts(group: RunnerGroup | None) -> list[Part]:
    if group is None:
        return []
    if group.organizations:
        return [
            Part(group.name, "foreign"),
            Part("  serves organizations ", "muted"),
            Part(", ".join(sorted(group.organizations)), "foreign"),
        ]
    what = "organizations" if group.scope.startswith("enterprise:") else "repositories"
    return [Part(group.name, "foreign"), Part(f"  serves {group.visibility} {what}", "muted")]


def job_facts(row: JobRow, look: Look, now: datetime) -> list[FactLine]:
    """State, why it waits or failed and what helps; then run, labels, runner, times."""
    job = row.job
    lines = _job_and_state(row, now)
    if row.kind:
        lines += _failure_lines(row.failure)
    return [
        *lines,
        *_reason_lines(row),
        fact("run", *_run_parts(job, look.snapshot)),
        fact("asks for", Part(" ".join(telling_first(job.labels)), "foreign")),
        _who_line(row),
        fact("times", *_times(job)),
        fact("id", Part(str(job.id)), Part("  attempt ", "muted"), Part(str(job.attempt))),
    ]


def owner_facts(row: JobRow, look: Look, now: datetime) -> list[FactLine]:
    """Whose log it is, while there is no log to see: job, state, why it waits, run, runner; times of one that ended."""
    return [
        *_job_and_state(row, now),
        *_reason_lines(row),
        fact("run", *_run_parts(row.job, look.snapshot)),
        _who_line(row),
        *([fact("times", *_times(row.job))] if row.job.status == "completed" else []),
    ]


def _job_and_state(row: JobRow, now: datetime) -> list[FactLine]:
    job = row.job
    word, name, style = state_of(job.status, job.conclusion)
    age = [Part(f" for {row.lasted(now)}")] if row.since and job.status != "completed" else []
    return [
        fact("job", Part(job.repository, "foreign"), Part(" "), Part(job.name, "foreign")),
        fact("state", Part(f"{signs.sign(name)} ", style), Part(word, style or "foreign"), *age),
    ]


def _reason_lines(row: JobRow) -> list[FactLine]:
    return [fact("reason", *cells.phrase_parts(row.reason))] if row.reason else []


def _who_line(row: JobRow) -> FactLine:
    """Who has it, or how many could take it."""
    if row.job.queued:
        return fact("takers", Part("" if row.takers is None else several(row.takers, "online runner")))
    return fact("runner", *_runner_parts(row.job))


def _failure_lines(failure: Failure | None) -> list[FactLine]:
    """Its class, how sure that is, the line that says so, and what helps."""
    if failure is None or not failure.causes:
        why = NOT_READ if failure is None else failure.unknown
        return [fact("class", Part(""), Part(f"unknown: {why}", "muted"))]
    first = failure.causes[0]
    said = Part(f"{KIND_WORDS[first.kind]}: {first.title}", "strong")
    also = "; ".join(dict.fromkeys(_also(cause, first) for cause in failure.causes[1:]))
    return [
        fact("class", said, cells.certainty_part(first.certainty)),
        fact("", *cells.phrase_parts(evidence_of(first))),
        fact("helps", Part(first.helps)),
        *([fact("also", Part(also))] if also else []),
    ]


def _also(cause: Cause, first: Cause) -> str:
    """A class that stands above is not said again."""
    return cause.title if cause.kind == first.kind else f"{KIND_WORDS[cause.kind]}: {cause.title}"


def _runner_parts(job: Job) -> list[Part]:
    """One that waits for people or for others has none yet; of one at work it is not known where GitHub names none."""
    if job.runner_name:
        group = [Part("  group ", "muted"), Part(job.group_name, "foreign")] if job.group_name else []
        return [Part(job.runner_name, "foreign"), *group]
    if job.status == "completed":
        return [Part("GitHub names none", "muted")]
    return [] if job.status == "in_progress" else [Part("none yet", "muted")]


def _run_parts(job: Job, snapshot: FleetSnapshot) -> list[Part]:
    run = snapshot.runs.get(job.run_key)
    number = [Part(f"#{run.number} ", "muted"), Part(run.title, "foreign"), Part("  ")] if run is not None else []
    return [*number, Part(job.workflow, "foreign"), Part("  on ", "muted"), Part(job.branch, "foreign")]


def _times(job: Job) -> list[Part]:
    """In the operator's own zone."""
    named = (("created", job.created_at), ("started", job.started_at), ("completed", job.completed_at))
    return [
        part
        for word, moment in named
        if moment is not None
        for part in (Part(f"{word} ", "muted"), Part(f"{clock_time(moment)}  "))
    ]


def clock_time(moment: datetime) -> str:
    """`14:03:07`, with `Z` where the operator's zone is UTC."""
    here = moment.astimezone()
    return f"{here:%H:%M:%S}" + ("" if here.utcoffset() else "Z")
