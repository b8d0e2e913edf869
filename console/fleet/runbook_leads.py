"""What leads to a runbook: findings, and jobs that failed lately; and whom such a walk is about. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from msgspec.structs import replace

from console.fleet.at_work import runner_of as had_by
from console.fleet.cache_trouble import LATELY
from console.fleet.failure import Failure, Kind, failure_of
from console.fleet.failure_words import KIND_WORDS
from console.fleet.findings import Finding, Reason, Severity
from console.fleet.github_incident import INCIDENT
from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot, Job, JobKey, Name, Phrase, RunKey, Runner, RunnerKey, Thresholds
from console.fleet.newest_runs import of_newest_runs
from console.fleet.runbooks import Runbook
from console.fleet.sightings import Sighting
from console.fleet.words import job_name, several

Target = RunnerKey | JobKey | RunKey
_RANK: dict[Severity, int] = {"alert": 0, "watch": 1, "info": 3}
_FAILED = 2
NOTHING = 4
"""The rank of what nothing leads to."""


class Seen(Protocol):
    """What a check may look at: one state of knowledge."""

    @property
    def snapshot(self) -> FleetSnapshot: ...

    @property
    def findings(self) -> Sequence[Finding]: ...

    @property
    def failures(self) -> Mapping[JobKey, Failure]: ...

    @property
    def sightings(self) -> Mapping[RunnerKey, Sighting]: ...

    @property
    def hosts(self) -> Mapping[RunnerKey, HostEvidence]: ...

    @property
    def reasons(self) -> Mapping[JobKey, Reason]: ...

    @property
    def wedged(self) -> frozenset[RunnerKey]: ...

    @property
    def drained(self) -> frozenset[RunnerKey]: ...

    @property
    def thresholds(self) -> Thresholds: ...

    @property
    def remembered(self) -> bool: ...


_MENDED_BY_THE_NEXT: frozenset[Kind] = frozenset({"cache", "remote-cache"})
"""These are over once the next run goes well; the machine that failed a job may still be as it was."""


class Lead(msgspec.Struct, frozen=True):
    """What a walk is about: what was found, and the runners, jobs and runs that it was found of."""

    cause: str
    key: str
    """The same from look to look."""
    subject: Phrase
    summary: Phrase
    since: datetime | None = None
    targets: tuple[Target, ...] = ()
    """What matters most first."""
    runner_name: str = ""
    """Of the first runner: registered again, it has another id."""
    rank: int = NOTHING
    """How soon it wants a person, 0 first: an alert before a watch, that before jobs that failed."""

    @property
    def runner(self) -> RunnerKey | None:
        return next((each for each in self.targets if isinstance(each, RunnerKey)), None)


def leads(runbook: Runbook, seen: Seen) -> tuple[Lead, ...]:
    """What leads to it now, worst first."""
    return tuple(each for each in all_leads(seen) if each.cause in runbook.findings)


def all_leads(seen: Seen) -> tuple[Lead, ...]:
    """Every finding; where none says so, that GitHub calls itself in trouble, and jobs that failed lately, by why."""
    known = {each.cause for each in seen.findings}
    more = (each for each in (*_of_github(seen), *_failed_lately(seen)) if each.cause not in known)
    return (*(lead_of(each, seen.snapshot) for each in seen.findings), *more)


def leads_called(key: str, seen: Seen) -> tuple[Lead, ...]:
    """What has that key now, by itself or as a part of what is told as one."""
    parts = (part for finding in seen.findings for part in finding.parts)
    return tuple(
        each for each in (*all_leads(seen), *(lead_of(part, seen.snapshot) for part in parts)) if each.key == key
    )


def lead_of(finding: Finding, snapshot: FleetSnapshot) -> Lead:
    """A finding as the beginning of a walk."""
    suspect = (finding.suspect,) if finding.suspect is not None else ()
    targets = (*finding.runners, *suspect, *finding.jobs, *finding.runs)
    rank = _RANK[finding.severity]
    found = Lead(finding.cause, finding.key, finding.subject, finding.summary, finding.since, targets, rank=rank)
    return _named(found, snapshot)


def lead_to(target: Target, snapshot: FleetSnapshot) -> Lead:
    """A walk about something of which nothing was found."""
    subject: Phrase
    if isinstance(target, RunnerKey):
        runner = snapshot.runners.get(target)
        subject = (Name(runner.name if runner is not None else str(target.id)),)
    elif isinstance(target, JobKey) and target in snapshot.jobs:
        subject = job_name(snapshot.jobs[target])
    else:
        subject = (Name(target.repository), f" run {target.id}")
    return _named(Lead("", "", subject, (), None, (target,)), snapshot)


def of_the_same_runner(lead: Lead, seen: Seen) -> tuple[Lead, ...]:
    """What else is found of its runner that is worse than a remark: one trouble may have become another."""
    runner = runner_of(lead, seen.snapshot)
    serious = (each for each in seen.findings if each.severity != "info")
    found = (lead_of(each, seen.snapshot) for each in serious)
    return tuple(each for each in found if runner is not None and runner.key in each.targets)


def goes_on(lead: Lead, other: Lead) -> bool:
    """The other is the same incident, which may have grown: of a runner of it, or of some of its jobs and runs."""
    runners = [{each for each in one.targets if isinstance(each, RunnerKey)} for one in (lead, other)]
    if any(runners):
        return bool(runners[0] & runners[1])
    return lead.key == other.key or (lead.cause == other.cause and bool({*lead.targets} & {*other.targets}))


def as_of(lead: Lead, seen: Seen) -> Lead:
    """The same with whom it is about by now: jobs run again have new ids, and so have runners registered again."""
    now = leads_called(lead.key, seen) if lead.key else ()
    runner = runner_of(lead, seen.snapshot)
    if now and runner is not None and not runner.online and all(runner.key not in each.targets for each in now):
        return replace(lead, subject=(Name(runner.name),), summary=(runner.status,))  # somebody is at work on it
    if now:  # what began about one runner stays so, though it is told as one with others by now
        return min(now, key=lambda each: abs(len(each.targets) - len(lead.targets)))
    lead = _no_longer(lead, seen)
    if runner is None or lead.runner is None or runner.key == lead.runner:
        return lead
    return replace(lead, targets=tuple(runner.key if each == lead.runner else each for each in lead.targets))


def _no_longer(lead: Lead, seen: Seen) -> Lead:
    """Not what it said when it was found last: what is found of its runner instead, if anything."""
    if not lead.key or seen.remembered or not seen.snapshot.whole:
        return lead
    other = next(iter(of_the_same_runner(lead, seen)), None)
    if other is not None:
        return replace(lead, subject=other.subject, summary=other.summary, since=other.since)
    return replace(lead, summary=("not found any more",))


def runner_of(lead: Lead, snapshot: FleetSnapshot) -> Runner | None:
    """Its runner, or the one that was registered in its place under the same name."""
    key = lead.runner
    if key is None or key in snapshot.runners:
        return None if key is None else snapshot.runners[key]
    same = (each for each in snapshot.runners.values() if (each.scope, each.name) == (key.scope, lead.runner_name))
    return next(same, None)


def _named(lead: Lead, snapshot: FleetSnapshot) -> Lead:
    runner = snapshot.runners.get(lead.runner) if lead.runner is not None else None
    return replace(lead, runner_name=runner.name) if runner is not None else lead


def _of_github(seen: Seen) -> tuple[Lead, ...]:
    """What its status page tells of may be felt here soon."""
    status = seen.snapshot.github_says(seen.snapshot.taken_at)
    if status is None or not status.troubled:
        return ()
    summary: Phrase = (f"its status page says of Actions: {status.words}",)
    return (Lead(INCIDENT, "github-status-page", ("GitHub",), summary, rank=_RANK["watch"]),)


def _failed_lately(seen: Seen) -> list[Lead]:
    """One for each class of failure, its newest job first."""
    now, by_kind = seen.snapshot.taken_at, dict[Kind, list[Job]]()
    newest = {job.key for job in of_newest_runs(seen.snapshot.jobs.values(), now, LATELY)}
    for key in seen.failures:
        job = seen.snapshot.jobs.get(key)
        if job is None or job.completed_at is None or now - job.completed_at > LATELY:
            continue
        failure = failure_of(job, seen.failures)
        if failure is not None and (failure.kind not in _MENDED_BY_THE_NEXT or key in newest):
            by_kind.setdefault(failure.kind, []).append(job)
    return [_failures(kind, jobs, seen.snapshot) for kind, jobs in by_kind.items()]


def _failures(kind: Kind, jobs: list[Job], snapshot: FleetSnapshot) -> Lead:
    jobs.sort(key=lambda job: (job.completed_at or job.created_at, job.id), reverse=True)
    cause, newest = f"failed-{kind}", jobs[0]
    more: Phrase = (f" and {several(len(jobs) - 1, 'other job')}",) if len(jobs) > 1 else ()
    words: Phrase = (f"failed ({KIND_WORDS[kind]})",)
    targets: tuple[Target, ...] = tuple(job.key for job in jobs)
    if kind == "infrastructure":  # its runner is what is looked at
        had = Counter(job.runner_id for job in jobs if job.runner_id is not None)
        most = next((job for job in jobs if had and job.runner_id == had.most_common(1)[0][0]), None)
        runner = had_by(snapshot, most.key) if most is not None else None
        targets = (runner, *targets) if runner is not None else targets
    since = min(job.completed_at or job.created_at for job in jobs)
    return _named(Lead(cause, cause, (*job_name(newest), *more), words, since, targets, rank=_FAILED), snapshot)
