"""Warnings about runners, out of what GitHub lists of them and what is kept of their past."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.at_work import jobs_at_work
from console.fleet.findings import Certainty, Finding
from console.fleet.models import Age, Name, Phrase, Runner
from console.fleet.past import Absence
from console.fleet.warnings.registry import Signs, warning
from console.fleet.words import job_name, sentence, several

_MOST_NAMED = 5


class _Span(NamedTuple):
    """After how long GitHub removes a runner that does not connect, and from when on that is near."""

    limit: timedelta
    near: timedelta
    words: str


ORDINARY = _Span(timedelta(days=14), timedelta(days=10), "14 days")
FOR_ONE_JOB = _Span(timedelta(days=1), timedelta(hours=18), "a day")


class _Gone(NamedTuple):
    """A runner that is offline for long."""

    runner: Runner
    absence: Absence
    span: timedelta


@warning("near-removal")
def near_removal(signs: Signs) -> Iterator[Finding]:
    """GitHub does not say since when a runner is offline: only who has watched knows, and that at least."""
    now = signs.snapshot.taken_at
    for kind, one_job in ((ORDINARY, False), (FOR_ONE_JOB, True)):
        found = []
        for key, absence in signs.past.absences.items():
            runner = signs.snapshot.runners.get(key)
            if runner is None or runner.online or absence.since is None or bool(runner.ephemeral) is not one_job:
                continue
            if now - absence.since >= kind.near:
                found.append(_Gone(runner, absence, now - absence.since))
        if found:
            yield _near_removal(signs, kind, sorted(found, key=lambda each: (-each.span, each.runner.name)), one_job)


def _near_removal(signs: Signs, kind: _Span, found: list[_Gone], one_job: bool) -> Finding:
    longest, now = found[0], signs.snapshot.taken_at
    sure = all(_seen_daily(each) for each in found)
    certain: Certainty = "likely" if sure else "possible"
    one = len(found) == 1
    helps: Phrase = ("Start it, if it is still wanted: once removed it has to be registered again. Else remove it.",)
    if one_job:
        helps = ("Nothing, if its machine is gone: GitHub tidies up. Else make a new configuration for it.",)
    more = (f"{several(len(found) - _MOST_NAMED, 'runner')} more.",)
    return Finding(
        cause="near-removal",
        severity="info" if one_job else "watch",
        certainty=certain,
        subject=(Name(longest.runner.name),) if one else (several(len(found), "runner"),),
        summary=sentence(
            _since_when(longest, now, sure=sure), f"; GitHub removes {'it' if one else 'them'} after {kind.words}"
        ),
        since=longest.absence.since or now,
        evidence=(*(_sentence(each) for each in found[:_MOST_NAMED]), *((more,) if len(found) > _MOST_NAMED else ())),
        helps=helps,
        runners=tuple(each.runner.key for each in found),
        about="for one job" if one_job else "ordinary",
    )


def _seen_daily(gone: _Gone) -> bool:
    """On each of these days somebody looked, and it was offline."""
    return len(gone.absence.days) > gone.span.days


def _since_when(gone: _Gone, now: datetime, *, sure: bool) -> Phrase:
    """In between it may have been online, where nobody looked."""
    if sure:
        return ("offline for ", Age(gone.span, now, at_least=True))
    return ("offline now, and ", Age(gone.span, now), " ago")


def _sentence(gone: _Gone) -> Phrase:
    since, name = gone.absence.since, Name(gone.runner.name)
    first = f", first seen so {since:%Y-%m-%d}" if since is not None else ""
    if _seen_daily(gone):
        return sentence(name, " is offline for ", Age(gone.span, at_least=True), first, ", and on every day since.")
    days = several(len(gone.absence.days), "day")
    return sentence(name, f" is offline{first}; seen so on {days} since: it may have been online in between.")


@warning("lost-at-work")
def lost_at_work(signs: Signs) -> Iterator[Finding]:
    """GitHub waits some minutes for a runner that went silent with its job, and removes none that it calls busy."""
    runners, told = signs.snapshot.runners, {key for finding in signs.told for key in finding.runners}
    lost = [key for key, runner in runners.items() if not runner.online and runner.busy and key not in told]
    working = jobs_at_work(signs.snapshot) if lost else {}
    for key in lost:
        runner, at_work = runners[key], working.get(key)
        job: tuple[Phrase, ...] = (
            (sentence("GitHub waits for ", job_name(at_work), ", which it was given."),) if at_work is not None else ()
        )
        yield Finding(
            cause="lost-at-work",
            severity="info",
            certainty="possible",
            subject=(Name(runner.name),),
            summary=("offline and busy",),
            since=signs.snapshot.went_offline.get(key, signs.snapshot.taken_at),
            evidence=(sentence(Name(runner.name), " is offline, and GitHub calls it busy."), *job),
            suspicion=("its machine may be lost with its job",),
            helps=(
                "Look whether its machine is there. If it is gone: within minutes GitHub fails the job and calls the "
                "runner idle; then remove it. Before that GitHub refuses.",
            ),
            runners=(key,),
            about=key.path,
        )
