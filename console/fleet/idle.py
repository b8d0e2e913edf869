"""Runners that idle while jobs which they could take stay queued, as findings: one for each set of equal runners."""

from collections.abc import Generator, Iterable, Mapping
from datetime import datetime, timedelta
from heapq import nsmallest
from operator import attrgetter
from typing import NamedTuple

from console.fleet.doubts import doubts
from console.fleet.findings import Certainty, Finding, Severity
from console.fleet.inquiry import SEEN, Idling, Inquiry
from console.fleet.matching import Request
from console.fleet.models import Job, JobKey, Name, Phrase, Runner, RunnerKey
from console.fleet.rule import IDLE_WHILE_QUEUED
from console.fleet.runner_sets import places_of
from console.fleet.waiting import queued_sentences
from console.fleet.words import named, sentence, several

_SLICE = 500
_MOST_PARTS = 20
_NAMED = 3
FOR_ONE_JOB = "hung-for-one-job"
"""What helps is the same as where it hangs."""
# So many at once are rather no fault of theirs.
_SEVERAL = 3


class Part(NamedTuple):
    """Idle runners, as a set, which all could take the same requests."""

    runners: int
    requests: tuple[Request, ...]


class Unmet(NamedTuple):
    """A job that such runners leave lying. Sorted, the oldest comes first."""

    created_at: datetime
    key: JobKey
    job: Job
    waited: timedelta
    """As far as is known."""
    request: int
    """Its number among all that are unmet."""


class _Idle(NamedTuple):
    """A runner and how long it has idled."""

    runner: Runner
    idling: Idling


class _Stuck(NamedTuple):
    """The runners of a part."""

    longest: tuple[_Idle, ...]
    """Those few that have idled longest."""
    keys: tuple[RunnerKey, ...]
    """All of them, these few first."""
    starts_seen: bool
    """All were seen to become idle."""

    @property
    def one_job(self) -> bool:
        """Each is for one job, as far as these few tell: such a one has seldom a service that could be restarted."""
        return all(each.runner.ephemeral for each in self.longest)


def idle_findings(inquiry: Inquiry, unmet: Mapping[Request, list[Job]]) -> Generator[None, None, list[Finding]]:
    """One finding for each set of runners that idle while the same jobs wait."""
    parts = yield from _parts(inquiry, unmet)
    if len(parts) > _MOST_PARTS:
        parts = [_together(parts)]
    yield
    numbers, jobs = {request: number for number, request in enumerate(unmet)}, oldest_first(inquiry, unmet.values())
    findings = []
    for part in parts:
        yield
        requests = {numbers[request] for request in part.requests}
        finding = yield from idle_finding(inquiry, part, [each for each in jobs if each.request in requests])
        findings.append(finding)
    return findings


def oldest_first(inquiry: Inquiry, unmet: Iterable[Iterable[Job]]) -> list[Unmet]:
    """The jobs of each request that is not met, all in one list."""
    numbered = enumerate(unmet)
    return sorted(
        Unmet(job.waits_since, job.key, job, inquiry.waited(job), number) for number, jobs in numbered for job in jobs
    )


def _parts(inquiry: Inquiry, unmet: Mapping[Request, list[Job]]) -> Generator[None, None, list[Part]]:
    """Split the idle runners by what they could take: equal runners stay together, however many there are."""
    alike: dict[int, list[Request]] = {}
    for number, request in enumerate(unmet):
        if number % _SLICE == _SLICE - 1:
            yield
        alike.setdefault(inquiry.idlers(request), []).append(request)
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


def idle_finding(inquiry: Inquiry, part: Part, unmet: list[Unmet]) -> Generator[None, None, Finding]:
    """What is to be said of these runners; the jobs are those that wait for them, oldest first."""
    stuck = yield from _stuck(inquiry, part)
    first, jobs = stuck.longest[0], [each.job for each in unmet]
    oldest = max(unmet, key=attrgetter("waited")).job
    seen_until = inquiry.seen_until(oldest.repository)
    waited = oldest.waited(seen_until)
    idled = seen_until - (first.idling.since or seen_until)
    repositories = dict.fromkeys(each.key.repository for each in unmet)
    warnings = tuple(dict.fromkeys(warning for name in repositories for warning in inquiry.sources.warnings(name)))
    unread = doubts(inquiry, jobs)
    doubtful = bool(warnings or unread)
    return Finding(
        cause=IDLE_WHILE_QUEUED,
        # Counted from when both wait. Where the start of the idling was not seen, it may be as old as the job.
        severity=_severity(inquiry, min(waited, idled) if stuck.starts_seen else waited),
        certainty=_certainty(inquiry, part, first.idling, doubtful=doubtful, alone=len(jobs) == 1),
        subject=_subject(stuck),
        summary=(
            *_idle_words(inquiry, first, waited),
            f", {several(len(jobs), 'matching job waits', 'matching jobs wait')}",
        ),
        since=_since(oldest, stuck),
        evidence=_evidence(inquiry, stuck, jobs) + unread + warnings,
        suspicion=suspicion_of(len(stuck.keys)),
        helps=helps_of(len(stuck.keys), one_job=stuck.one_job),
        remedied=remedied_of(len(stuck.keys), one_job=stuck.one_job),
        runners=stuck.keys,
        jobs=tuple(each.key for each in unmet),
        about=first.runner.key.path,
    )


def _stuck(inquiry: Inquiry, part: Part) -> Generator[None, None, _Stuck]:
    pool, idled = inquiry.pool, inquiry.idled
    places = places_of(part.runners)
    ranked = []
    for number, place in enumerate(places):
        if number % _SLICE == _SLICE - 1:
            yield
        ranked.append((-idled[place], pool.runners[place].name, pool.keys[place], place))
    yield
    longest = [place for *_, place in nsmallest(_NAMED, ranked)]
    rest = set(longest)
    return _Stuck(
        longest=tuple(_Idle(pool.runners[place], inquiry.idling(place)) for place in longest),
        keys=tuple(pool.keys[place] for place in longest)
        + tuple(pool.keys[place] for place in places if place not in rest),
        starts_seen=not part.runners & inquiry.unseen_starts,
    )


def _severity(inquiry: Inquiry, span: timedelta) -> Severity:
    return "alert" if span >= inquiry.thresholds.queued_alert else "watch"


def _certainty(inquiry: Inquiry, part: Part, idling: Idling, *, doubtful: bool, alone: bool) -> Certainty:
    if doubtful or all(request.github_hosted for request in part.requests):
        return "possible"
    return "likely" if idling.seen >= inquiry.thresholds.queued_watch or not alone else "possible"


def _since(oldest: Job, stuck: _Stuck) -> datetime:
    since = stuck.longest[0].idling.since if stuck.starts_seen else None
    return oldest.waits_since if since is None else max(oldest.waits_since, since)


def _subject(stuck: _Stuck) -> Phrase:
    if len(stuck.keys) == 1:
        return (Name(stuck.longest[0].runner.name),)
    return (f"{several(len(stuck.keys), 'runner')} like ", Name(stuck.longest[0].runner.name))


def _idle_words(inquiry: Inquiry, idle: _Idle, waited: timedelta) -> Phrase:
    """What was seen of its idling for a shorter time than a job has waited is told beside the evidence alone."""
    known = idle.idling.whole or idle.idling.seen >= max(SEEN, waited)
    return ("idle ", inquiry.idleness_of(idle.runner.key, idle.idling)) if known else ("idle",)


def _idle_for(inquiry: Inquiry, idle: _Idle, jobs: list[Job]) -> Phrase:
    """Where the summary does not say it."""
    waited = max(map(inquiry.waited, jobs))
    if idle.idling.whole or not SEEN <= idle.idling.seen < waited:
        return ()
    return (" for ", inquiry.idleness_of(idle.runner.key, idle.idling))


def _evidence(inquiry: Inquiry, stuck: _Stuck, jobs: list[Job]) -> tuple[Phrase, ...]:
    names = named([each.runner.name for each in stuck.longest])
    more = f" and {several(len(stuck.keys) - _NAMED, 'other')}" if len(stuck.keys) > _NAMED else ""
    are = "is online and idle" if len(stuck.keys) == 1 else "are online and idle"
    span = _idle_for(inquiry, stuck.longest[0], jobs)
    return (sentence(names, f"{more} {are}", *span, ", and could take:"), *queued_sentences(inquiry, jobs))


def suspicion_of(runners: int) -> Phrase:
    """What is behind it where so many idle at once."""
    if runners >= _SEVERAL:
        return ("GitHub may hand out no jobs, or the network may keep them away",)
    return ("its session with GitHub may be stuck" if runners == 1 else "their sessions may be stuck",)


def helps_of(runners: int, *, one_job: bool) -> Phrase:
    """What helps then."""
    if runners >= _SEVERAL:
        return ("Several at once point to GitHub or the network: look at GitHub's status before any single runner.",)
    if one_job:
        return ("It is for one job: make it anew, or delete its pod, after making sure that no job runs there.",)
    return ("Restart the runner's service, after making sure on its host that no job runs there.",)


def remedied_of(runners: int, *, one_job: bool) -> str:
    """What decides then which action helps."""
    if runners >= _SEVERAL:
        return "several-idle"
    return FOR_ONE_JOB if one_job else ""
