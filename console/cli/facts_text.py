"""The facts as lines of text, for a person without a screen or a mail from cron."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.cli.life_words import SHOWN, told_last, words_of
from console.cli.remedy_commands import commands
from console.cli.table import Column, table
from console.cli.verdict import coverage
from console.fleet.ages import age
from console.fleet.at_work import jobs_at_work
from console.fleet.chain import in_short
from console.fleet.failure import failed, failure_of
from console.fleet.failure_words import failure_reason
from console.fleet.findings import CERTAINTY, Explanation
from console.fleet.job_order import in_state_since, job_order, run_order
from console.fleet.labels import telling_first
from console.fleet.lives import told
from console.fleet.models import FleetSnapshot, Freshness, Job, Run, Runner, SourceKind, plain
from console.fleet.sources import Sources
from console.fleet.totals import totals
from console.fleet.trouble import WIDE, alike
from console.fleet.unstarted import runs_to_approve
from console.fleet.words import count, named, several
from console.operations.connection import ContextFacts
from console.operations.look import Look

WORTH_SAYING = timedelta(seconds=5)
"""Facts that are older than this have their age beside their time."""
SIGNS = {"alert": "!!", "watch": "! ", "info": ". "}
MET = {True: "yes", False: "NO", None: "?"}
RUNNER_COLUMNS = (
    Column("RUNNER", 16, middle=True),
    Column("STATE", 17),
    Column("JOB", 14, 1, middle=True),
    Column("LABELS", 14, 2),
    Column("GROUP", 8, 3),
    Column("VERSION", 8, 4),
    Column("SCOPE", 10, 5),
)
JOB_COLUMNS = (
    Column("ID"),
    Column("JOB", 16, middle=True),
    Column("STATE", 11),
    Column("AGE"),
    Column("WHY", 14, 1),
    Column("WANTS", 14, 3),
    Column("RUNNER", 10, 2, middle=True),
)
CONDITION_COLUMNS = (Column("CONDITION", 20), Column("MET"), Column("FOUND", 20))
KINDS: dict[SourceKind, str] = {
    "runners": "runners of",
    "groups": "runner groups of",
    "repositories": "the repository list of",
    "jobs": "jobs of",
    "waiting": "held jobs of",
    "finished": "ended jobs of",
    "server": "the version of",
}


def heading(look: Look, facts: ContextFacts) -> Iterator[str]:
    """Of what, as of when, and what could not be read: an answer with holes in it says so first."""
    snapshot, known = look.snapshot, coverage(look.snapshot)
    token = f"token from {facts.token_source}"
    if known.as_of is None:
        yield f"{facts.name}: COULD NOT LOOK, and nothing is known from before; {token}"
    elif known.nothing:
        old = f"{_moment(known.as_of)}, {age(snapshot.taken_at - known.as_of)} ago"
        yield f"{facts.name}: COULD NOT LOOK. What follows is old: as of {old}; {token}"
    else:
        part = "" if known.complete else ", READ IN PART"
        span = snapshot.taken_at - known.as_of
        ago = f" ({age(span)} ago)" if span >= WORTH_SAYING else ""
        yield f"{facts.name}{part}, as of {_moment(known.as_of)}{ago}, {token}"
    yield from _problems(snapshot)
    if known.outdated:
        oldest = age(max(snapshot.taken_at - source.looked_at for source in known.outdated if source.looked_at))
        yield f"read up to {oldest} before the rest, and may not fit it: {_places(list(known.outdated))}"
    if snapshot.set_aside:
        yield f"{several(snapshot.set_aside, 'item')} of GitHub's answers could not be understood"


def _problems(snapshot: FleetSnapshot) -> Iterator[str]:
    """A line for each trouble, however many places have it; then what helps, each hint once."""
    hints: dict[str, None] = {}
    for problem, sources in alike(snapshot):
        hints.setdefault(problem.hint)
        times = [source.looked_at for source in sources if source.looked_at is not None]
        # Then the first line has said how old all of it is.
        everything = problem.kind in WIDE and len(sources) == len(snapshot.freshness)
        old = f" (what is shown of it is of {_moment(min(times))})" if times and not everything else ""
        what = "anything" if everything else _places(sources)
        yield f"could not read {what}{old}: {problem.message}"
    for hint in filter(None, hints):
        first, *more = hint.splitlines()
        yield f"  hint: {first}"
        yield from (f"    {line}" for line in more)


def _places(sources: list[Freshness]) -> str:
    kinds: dict[SourceKind, list[str]] = {}
    for source in sources:
        kinds.setdefault(source.kind, []).append(source.place)
    return "; ".join(f"{KINDS[kind]} {plain(named(places))}" for kind, places in kinds.items())


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%SZ}"


def now(look: Look, _width: int | None) -> Iterator[str]:
    """Findings, worst first; or what is well, in numbers."""
    known, counts = coverage(look.snapshot), totals(look.snapshot)
    runners, jobs = "Runners: unknown.", "Jobs: unknown."
    if known.runners:
        runners = f"{several(counts.runners, 'runner')}: {count(counts.busy)} busy{_elsewhere(look.snapshot)}, "
        runners += f"{count(counts.idle)} idle, {count(counts.offline)} offline."
    if known.jobs:
        jobs = f"{several(counts.queued, 'job')} queued, {count(counts.running)} running, {count(counts.waiting)} held."
    yield f"{runners} {jobs}"
    says = look.snapshot.github_says(look.snapshot.taken_at)
    if says is not None and says.troubled:
        yield f"GitHub's own status page says of Actions: {says.words}."
    if not look.findings:
        yield _without_findings(look, counts.longest_wait)
    at = look.snapshot.taken_at
    for finding in told(look.findings, look.lives, at):
        yield ""
        since, life = age(at - finding.since), look.lives.get(finding.key)
        called = f" [{life.id[:SHOWN]}]" if life is not None else ""
        said = f"{plain(finding.subject)}: {plain(finding.summary)} ({finding.cause}, {since})"
        yield f"{SIGNS[finding.severity]} {said}{called}"
        if life is not None:
            yield from (f"     {words}" for words in words_of(life, at))
        if finding.suspicion:
            yield f"     cause: {plain(finding.suspicion)} ({CERTAINTY[finding.certainty]})"
        yield from (f"     {plain(line)}" for line in finding.evidence)
        if finding.helps:
            yield f"     helps: {plain(finding.helps)}"
        yield from (f"     {command}" for command in commands(finding, look.snapshot))
    yield from told_last(look)


def _elsewhere(snapshot: FleetSnapshot) -> str:
    """Busy runners may be at work for repositories that are not watched, or whose jobs could not be read."""
    working = jobs_at_work(snapshot)
    busy = (key for key, runner in snapshot.runners.items() if runner.online and runner.busy)
    number = sum(key not in working and key not in snapshot.missing for key in busy)
    return f" ({count(number)} without a known job)" if number else ""


def _without_findings(look: Look, longest: timedelta | None) -> str:
    known = coverage(look.snapshot)
    if known.nothing:
        return "Whether anything is wrong is not known."
    waits = f" Nothing waits longer than {age(longest)}." if longest else ""
    return f"No findings{'' if known.complete else ' in what could be read'}.{waits}"


def runners(look: Look, width: int | None) -> Iterator[str]:
    """A table by scope and name."""
    snapshot, work = look.snapshot, jobs_at_work(look.snapshot)
    if not snapshot.runners:
        yield "No runners are registered." if coverage(snapshot).runners else "Runners: unknown."
        return
    ordered = sorted(snapshot.runners.values(), key=lambda runner: (runner.scope, runner.name.casefold()))
    rows = [
        (
            runner.name,
            runner_state(runner, look),
            _work(runner, work.get(runner.key)),
            ",".join(telling_first(runner.labels)),
            _group(runner, snapshot),
            runner.version or "?",
            runner.scope,
        )
        for runner in ordered
    ]
    yield from table(RUNNER_COLUMNS, rows, width)


def runner_state(runner: Runner, look: Look) -> str:
    """In the words of the screen: GitHub's two as one, and our own judgement."""
    if runner.key in look.snapshot.missing:
        return "missing"
    if runner.key in look.wedged:
        return "idle while queued"
    if runner.key in look.drained and runner.status == "offline" and not runner.busy:
        return "drained"
    if not runner.online:
        return f"{runner.status or '?'}{' busy' if runner.busy else ''}"
    return "busy" if runner.busy else "idle"


def _work(runner: Runner, job: Job | None) -> str:
    """A busy runner may be at work for a repository that is not watched."""
    if job is not None:
        return f"{job.repository} {job.name}"
    return "?" if runner.busy else "-"


def _group(runner: Runner, snapshot: FleetSnapshot) -> str:
    group = snapshot.group_of(runner)
    if group is not None:
        return group.name
    return "-" if runner.scope.startswith("repo:") else "?"


def jobs(look: Look, width: int | None) -> Iterator[str]:
    """A table in the order of the screen: what waits, what runs, what failed, the rest."""
    snapshot, sources = look.snapshot, Sources(look.snapshot)
    held = runs_to_approve(snapshot)
    if not snapshot.jobs and not held:
        yield "No job waits, runs or ended lately." if coverage(snapshot).jobs else "Jobs: unknown."
        return
    lines = [(job_order(job), _job(job, look, sources)) for job in snapshot.jobs.values()]
    lines += [(run_order(run), _held_run(run, snapshot.taken_at)) for run in held]
    yield from table(JOB_COLUMNS, [row for _, row in sorted(lines)], width)


def _job(job: Job, look: Look, sources: Sources) -> tuple[str, ...]:
    since = in_state_since(job)
    return (
        str(job.id),
        f"{job.repository} {job.name}",
        job.conclusion or job.status,
        "?" if since is None else age(sources.as_of("jobs", job.repository) - since),
        _why(job, look),
        ",".join(telling_first(job.labels)) or "-",
        job.runner_name or "-",
    )


def _why(job: Job, look: Look) -> str:
    """Why it waits, or why it failed."""
    reason, failure = look.reasons.get(job.key), failure_of(job, look.failures)
    if failed(job):
        return "?" if failure is None else plain(failure_reason(failure))
    return "-" if reason is None else plain(reason.text)


def _held_run(run: Run, at: datetime) -> tuple[str, ...]:
    """A run that GitHub holds back before it has any job."""
    name = f"{run.repository} #{run.number} {run.title}"
    why = "needs an approval before it has jobs"
    return (str(run.id), name, run.conclusion or run.status, age(at - run.created_at), why, "-", "-")


def explained(explanation: Explanation, width: int | None) -> Iterator[str]:
    """The chain, the match table, one sentence, and what helps."""
    yield plain(explanation.subject)
    yield ""
    yield from table(
        CONDITION_COLUMNS,
        [
            (each.text, MET[each.met] if each.asked else "-", plain(each.found))
            for each in in_short(explanation.conditions)
        ],
        width,
    )
    if explanation.table is not None and explanation.table.rows:
        yield ""
        matches = explanation.table
        columns = (
            Column("RUNNER", 12, middle=True),
            *(Column(column.upper()) for column in matches.columns),
            Column("NOTE", 12),
        )
        rows = [(row.name, *(MET[check] for check in row.checks), plain(row.note)) for row in matches.rows]
        yield from table(columns, rows, width)
        if matches.more:
            yield f"and {several(matches.more, 'more runner', 'more runners')}"
    yield ""
    yield plain(explanation.conclusion)
    if explanation.suspicion:
        yield f"cause: {plain(explanation.suspicion)} ({CERTAINTY[explanation.certainty]})"
    yield from (f"  {plain(note)}" for note in explanation.notes)
    if explanation.helps:
        yield f"helps: {plain(explanation.helps)}"
