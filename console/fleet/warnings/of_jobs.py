"""Warnings about jobs that wait: near the end of GitHub's patience, or much longer than they do as a rule."""

from collections.abc import Iterator
from datetime import timedelta

from console.fleet.findings import Finding
from console.fleet.labels import COMMON_LABELS
from console.fleet.matching import Request
from console.fleet.models import Age, FleetSnapshot, Job, Phrase
from console.fleet.queue_levels import Line, slow_lines
from console.fleet.queue_words import WELL_ABOVE, day_before, last_hour, waiting_now
from console.fleet.rules_of_jobs import LIMIT, LIMIT_WORDS
from console.fleet.sources import Sources
from console.fleet.warnings.registry import Signs, warning
from console.fleet.words import job_name, named, sentence, several

NEAR = timedelta(hours=20)
_MOST_NAMED = 3


@warning("queued-near-limit")
def queued_near_limit(signs: Signs) -> Iterator[Finding]:
    """Within hours GitHub gives them up. Those that are past it already have a finding of their own.

    What waits for GitHub's own machines waits for none of ours.
    """
    snapshot, sources = signs.snapshot, Sources(signs.snapshot)
    old = snapshot.taken_at - NEAR
    near: list[tuple[timedelta, Job]] = []
    for job in snapshot.jobs.values():
        if job.queued and job.created_at <= old:
            waited = job.waited(sources.as_of("jobs", job.repository))
            if NEAR <= waited < LIMIT and not _for_github(job, snapshot):
                near.append((waited, job))
    if not near:
        return
    near.sort(key=lambda each: (-each[0], each[1].key))
    longest, first = near[0]
    told = [
        sentence("queued ", job_name(job), " for ", Age(waited), "; 24 h are over in ", Age(LIMIT - waited), ".")
        for waited, job in near[:_MOST_NAMED]
    ]
    yield Finding(
        cause="queued-near-limit",
        severity="watch",
        certainty="proved",
        subject=job_name(first) if len(near) == 1 else (several(len(near), "job"),),
        summary=(
            "queued for ",
            Age(longest, snapshot.taken_at),
            f"; GitHub ends {'it' if len(near) == 1 else 'them'} after 24 h",
        ),
        since=first.waits_since,
        evidence=(*told, *_more(len(near)), LIMIT_WORDS),
        helps=("Find out what each of them waits for, before GitHub fails it; cancel those that nobody needs.",),
        jobs=tuple(job.key for _, job in near),
        about="all",
    )


def _for_github(job: Job, snapshot: FleetSnapshot) -> bool:
    labels = frozenset(map(str.casefold, job.labels))
    if not Request(job.repository.lower(), labels).github_hosted:
        return False
    return not any(labels <= {*map(str.casefold, runner.labels)} for runner in snapshot.runners.values())


def _more(number: int) -> tuple[Phrase, ...]:
    return ((f"{several(number - _MOST_NAMED, 'job')} more.",),) if number > _MOST_NAMED else ()


@warning("slow-queue")
def slow_queue(signs: Signs) -> Iterator[Finding]:
    """Nine of ten jobs wait at least twice as long as in the day before, and two minutes longer."""
    snapshot = signs.snapshot
    explained = {key for finding in signs.told if finding.severity == "alert" for key in finding.jobs}
    for line in slow_lines(signs.past.waits, snapshot.jobs.values(), snapshot.taken_at):
        if line.hosted or (line.waiting and explained.issuperset(line.waiting)):
            continue
        yield _slow(signs, line)


def _slow(signs: Signs, line: Line) -> Finding:
    now = signs.snapshot.taken_at
    assert line.usual is not None
    assert line.at_least is not None
    return Finding(
        cause="slow-queue",
        severity="watch",
        certainty="likely",
        subject=sentence("jobs that want ", named(_telling(line.labels), " ", most=4)),
        summary=("nine of ten wait ", Age(line.at_least), ", as a rule ", Age(line.usual.p90)),
        since=now - timedelta(hours=1),
        evidence=(last_hour(line), day_before(line), waiting_now(line), WELL_ABOVE),
        suspicion=("there may be too few runners for them now",),
        helps=("See whether runners of these labels are offline or idle; else wait, or add some.",),
        jobs=line.waiting,
        about=line.key,
    )


def _telling(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Without those that nearly all have, unless there are no others."""
    return tuple(label for label in labels if label.casefold() not in COMMON_LABELS) or labels
