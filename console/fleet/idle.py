"""Runners that idle while jobs which they could take stay queued, as findings: one for each set of equal runners."""

from collections.abc import Generator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.findings import Certainty, Finding, Severity
from console.fleet.inquiry import Idling, Inquiry
from console.fleet.matching import Request
from console.fleet.models import Job, Name, Phrase, Runner
from console.fleet.waiting import queued_sentences
from console.fleet.words import age, named, sentence, several

_SLICE = 500
_MOST_PARTS = 20


class Part(NamedTuple):
    """Idle runners, as a set, which all could take the same requests."""

    runners: int
    requests: tuple[Request, ...]


class _Stuck(NamedTuple):
    """A runner of a part, and how long it has idled."""

    runner: Runner
    idling: Idling


def idle_findings(inquiry: Inquiry, unmet: Mapping[Request, list[Job]]) -> Generator[None, None, list[Finding]]:
    """One finding for each set of runners that idle while the same jobs wait."""
    parts = yield from _parts(inquiry, unmet)
    if len(parts) > _MOST_PARTS:
        parts = [_together(parts)]
    findings = []
    for part in parts:
        yield
        jobs = [job for request in part.requests for job in unmet[request]]
        jobs.sort(key=lambda job: (job.created_at, job.key))
        yield
        findings.append(idle_finding(inquiry, part, jobs))
    return findings


def _parts(inquiry: Inquiry, unmet: Mapping[Request, list[Job]]) -> Generator[None, None, list[Part]]:
    """Split the idle runners by what they could take: equal runners stay together, however many there are."""
    alike: dict[int, list[Request]] = {}
    for number, request in enumerate(unmet):
        if number % _SLICE == _SLICE - 1:
            yield
        alike.setdefault(inquiry.pool.match(request).idle & inquiry.settled, []).append(request)
    parts: list[Part] = []
    spent = 0
    for runners, requests in alike.items():
        rest, split = runners, []
        for part in parts:
            both = part.runners & runners
            rest &= ~both
            if both == 0:
                split.append(part)
                continue
            split.append(Part(both, (*part.requests, *requests)))
            if both != part.runners:
                split.append(Part(part.runners & ~both, part.requests))
        if rest:
            split.append(Part(rest, tuple(requests)))
        parts = split
        spent += len(parts)
        if spent >= _SLICE:
            spent = 0
            yield
    return parts


def _together(parts: list[Part]) -> Part:
    """So many kinds of runners at once are one incident, and not a screen full of alerts."""
    runners = 0
    for part in parts:
        runners |= part.runners
    return Part(runners, tuple(dict.fromkeys(request for part in parts for request in part.requests)))


def idle_finding(inquiry: Inquiry, part: Part, jobs: list[Job]) -> Finding:
    """What is to be said of these runners; the jobs are those that wait for them, oldest first."""
    stuck = [_Stuck(runner, inquiry.idling(runner)) for runner in inquiry.pool.members(part.runners)]
    stuck.sort(key=lambda each: (-each.idling.seen, each.runner.name, each.runner.key))
    first = stuck[0]
    oldest = max(jobs, key=inquiry.waited)
    age_of_it = max(_since_both(inquiry.waited(oldest), each.idling) for each in stuck)
    repositories = dict.fromkeys(job.repository for job in jobs)
    warnings = tuple(dict.fromkeys(warning for name in repositories for warning in inquiry.sources.warnings(name)))
    return Finding(
        cause="idle-while-queued",
        severity=_severity(inquiry, age_of_it),
        certainty=_certainty(inquiry, part, first.idling, doubtful=bool(warnings), alone=len(jobs) == 1),
        subject=_subject(stuck),
        summary=(f"{_idle_words(first.idling)}, {several(len(jobs), 'matching job waits', 'matching jobs wait')}",),
        since=_since(oldest, first.idling),
        evidence=_evidence(inquiry, stuck, jobs) + warnings,
        helps=_helps(stuck),
        runners=tuple(each.runner.key for each in stuck),
        jobs=tuple(job.key for job in jobs),
        about=f"{first.runner.scope}/{first.runner.id}",
    )


def _since_both(waited: timedelta, idling: Idling) -> timedelta:
    """Since the job waits and the runner idles, whichever came later. An unseen start may be as old as the job."""
    return min(waited, idling.seen) if idling.whole else waited


def _severity(inquiry: Inquiry, span: timedelta) -> Severity:
    return "alert" if span >= inquiry.thresholds.queued_alert else "watch"


def _certainty(inquiry: Inquiry, part: Part, idling: Idling, *, doubtful: bool, alone: bool) -> Certainty:
    if doubtful or all(request.github_hosted for request in part.requests):
        return "possible"
    return "likely" if idling.seen >= inquiry.thresholds.queued_watch or not alone else "possible"


def _since(oldest: Job, idling: Idling) -> datetime:
    if idling.whole and idling.since is not None:
        return max(oldest.created_at, idling.since)
    return oldest.created_at


def _subject(stuck: list[_Stuck]) -> Phrase:
    if len(stuck) == 1:
        return (Name(stuck[0].runner.name),)
    return (f"{several(len(stuck), 'runner')} like ", Name(stuck[0].runner.name))


def _idle_words(idling: Idling) -> str:
    if idling.whole:
        return f"idle {age(idling.seen)}"
    return f"idle at least {age(idling.seen)}" if idling.seen >= timedelta(seconds=1) else "idle"


def _evidence(inquiry: Inquiry, stuck: list[_Stuck], jobs: list[Job]) -> tuple[Phrase, ...]:
    names = named([each.runner.name for each in stuck], most=5)
    are = "is online and idle, and could take:" if len(stuck) == 1 else "are online and idle, and could take:"
    return (sentence(names, f" {are}"), *queued_sentences(inquiry, jobs))


def _helps(stuck: list[_Stuck]) -> Phrase:
    if len(stuck) >= 3:
        return ("Several at once point to GitHub or the network: look at GitHub's status before any single runner.",)
    return ("Restart the runner's service, after making sure on its host that no job runs there.",)
