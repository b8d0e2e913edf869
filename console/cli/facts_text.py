"""The facts as lines of text, for a person without a screen or a mail from cron."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from console.fleet.ages import age
from console.fleet.findings import Explanation
from console.fleet.models import FleetSnapshot, Job, Runner, plain
from console.fleet.totals import totals
from console.fleet.words import several
from console.operations.connection import ContextFacts
from console.operations.look import Look

SIGNS = {"alert": "!!", "watch": "! ", "info": ". "}
MET = {True: "yes", False: "NO", None: "?"}


def heading(look: Look, facts: ContextFacts) -> Iterator[str]:
    """Of what, as of when, and what could not be read: an answer with holes in it says so first."""
    demo = " (DEMO, a pretend fleet)" if facts.demo else ""
    yield f"{facts.name}{demo}, as of {look.snapshot.taken_at:%Y-%m-%d %H:%M:%SZ}, token from {facts.token_source}"
    for source in look.snapshot.freshness:
        if source.problem is not None:
            old = f" (what is shown of it is of {source.looked_at:%Y-%m-%d %H:%M:%SZ})" if source.looked_at else ""
            yield f"could not read {source.kind} of {source.place}{old}: {source.problem.message}"
            if source.problem.hint:
                yield f"  hint: {source.problem.hint}"
    if look.snapshot.set_aside:
        yield f"{several(look.snapshot.set_aside, 'item')} of GitHub's answers could not be understood"


def now(look: Look) -> Iterator[str]:
    """Findings, worst first; or what is well, in numbers."""
    counts = totals(look.snapshot)
    yield (
        f"{several(counts.runners, 'runner')}: {counts.busy} busy, {counts.idle} idle, {counts.offline} offline. "
        f"{several(counts.queued, 'job')} queued, {counts.running} running, {counts.waiting} held."
    )
    if not look.findings:
        longest = f" Nothing waits longer than {age(counts.longest_wait)}." if counts.longest_wait else ""
        unread = look.snapshot.set_aside or any(source.problem is not None for source in look.snapshot.freshness)
        yield f"No findings{' in what could be read' if unread else ''}.{longest}"
    for finding in look.findings:
        yield ""
        since = age(look.snapshot.taken_at - finding.since)
        yield f"{SIGNS[finding.severity]} {plain(finding.subject)}: {plain(finding.summary)} ({finding.cause}, {since})"
        yield from (f"     {plain(line)}" for line in finding.evidence)
        if finding.helps:
            yield f"     helps: {plain(finding.helps)}"


def runners(look: Look) -> Iterator[str]:
    """A table by scope and name."""
    snapshot = look.snapshot
    ordered = sorted(snapshot.runners.values(), key=lambda runner: (runner.scope, runner.name.casefold()))
    rows = [
        (
            runner.name,
            runner_state(runner, look),
            ",".join(runner.labels),
            _group(runner, snapshot),
            runner.version or "?",
            runner.scope,
        )
        for runner in ordered
    ]
    yield from _table(("RUNNER", "STATE", "LABELS", "GROUP", "VERSION", "SCOPE"), rows)


def runner_state(runner: Runner, look: Look) -> str:
    """GitHub's words, and ours where GitHub has none."""
    if runner.key in look.wedged:
        return "idle while jobs wait"
    if runner.key in look.snapshot.missing:
        return "not in the last list"
    if not runner.online:
        return runner.status or "?"
    return "online, busy" if runner.busy else "online, idle"


def _group(runner: Runner, snapshot: FleetSnapshot) -> str:
    group = snapshot.group_of(runner)
    if group is not None:
        return group.name
    return "?" if runner.scope.startswith("org:") else "-"


def jobs(look: Look) -> Iterator[str]:
    """A table, the oldest first."""
    ordered = sorted(look.snapshot.jobs.values(), key=lambda job: (job.created_at, job.key))
    rows = [
        (
            str(job.id),
            f"{job.repository} {job.name}",
            job.conclusion or job.status,
            age(_span(job, look.snapshot.taken_at)),
            _why(job, look),
            ",".join(job.labels),
            job.runner_name or "-",
        )
        for job in ordered
    ]
    yield from _table(("ID", "JOB", "STATE", "AGE", "WHY", "WANTS", "RUNNER"), rows)


def _span(job: Job, at: datetime) -> timedelta:
    """How long it waits, runs, or has been over."""
    return at - (job.completed_at or (job.started_at if job.status == "in_progress" else None) or job.created_at)


def _why(job: Job, look: Look) -> str:
    reason = look.reasons.get(job.key)
    return plain(reason.text) if reason is not None else "-"


def explained(explanation: Explanation) -> Iterator[str]:
    """The chain, the match table, one sentence, and what helps."""
    yield plain(explanation.subject)
    yield ""
    yield from _table(
        ("CONDITION", "MET", "FOUND"),
        [(each.text, MET[each.met], plain(each.found)) for each in explanation.conditions],
    )
    if explanation.table is not None and explanation.table.rows:
        yield ""
        table = explanation.table
        heads = ("RUNNER", *(column.upper() for column in table.columns), "NOTE")
        yield from _table(
            heads, [(row.name, *(MET[check] for check in row.checks), plain(row.note)) for row in table.rows]
        )
        if table.more:
            yield f"and {several(table.more, 'more runner', 'more runners')}"
    yield ""
    yield plain(explanation.conclusion)
    yield from (f"  {plain(note)}" for note in explanation.notes)
    if explanation.helps:
        yield f"helps: {plain(explanation.helps)}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        cells = [text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)]
        yield "  ".join(cells).rstrip()
