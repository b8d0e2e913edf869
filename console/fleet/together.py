"""What has one cause and began within minutes, told as one finding with its spread. Pure."""

from collections.abc import Collection, Iterable, Sequence
from itertools import chain

from msgspec.structs import replace

from console.fleet.diagnosis import worst_first
from console.fleet.findings import Certainty, Finding
from console.fleet.github_incident import INCIDENT, whose
from console.fleet.host_rules import HOST_RULES
from console.fleet.idle import FOR_ONE_JOB, helps_of, remedied_of, suspicion_of
from console.fleet.models import FleetSnapshot, Phrase, RunnerKey
from console.fleet.offline import OFFLINE
from console.fleet.rule import IDLE_WHILE_QUEUED
from console.fleet.sightings import SAME_ON_SEVERAL, WITHIN
from console.fleet.spread import Places, spread_of
from console.fleet.spread_words import spread_words
from console.fleet.words import sentence, several

ONE_FAULT = frozenset(
    {IDLE_WHILE_QUEUED, INCIDENT, "outdated-runner", "only-offline-runners", "phantom-busy", "no-autoscaled-runner"}
) | {rule.cause for rule in HOST_RULES}
"""Whatever they say of each runner or set of labels, they are one; others are one where they say the same."""
_OF_ONE_KIND = frozenset({"version-ends"})
"""What they are about is what they have in common."""
_MOST_TOLD = 3
_MOST_EVIDENCE = 2
_SURE: tuple[Certainty, ...] = ("proved", "likely", "possible", "unknown")


def told_together(
    findings: Iterable[Finding],
    snapshot: FleetSnapshot,
    looked_into: Collection[RunnerKey] = (),
    places: Places | None = None,
) -> tuple[Finding, ...]:
    """One finding for each cause that began within minutes; `looked_into` are those of which logs can tell.

    `places` are those of the snapshot.
    """
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        alike.setdefault(_said(finding), []).append(finding)
    merged = [_as_one(some) for each in alike.values() for some in _within_minutes(each)]
    if all(len(finding.runners) < 2 for finding in merged):
        return worst_first(merged)
    places = places or Places(snapshot)
    return worst_first(_with_spread(finding, snapshot, places, looked_into) for finding in merged)


def _said(finding: Finding) -> tuple[object, ...]:
    """What must be the same of those that are one."""
    if finding.runs or finding.cause == SAME_ON_SEVERAL:
        return (finding.key,)
    if finding.cause in ONE_FAULT:
        return (finding.cause, finding.waits)
    return (finding.cause, finding.waits, finding.summary, finding.suspicion, finding.helps)


def _within_minutes(findings: list[Finding]) -> list[list[Finding]]:
    """Oldest first; what begins later than that after the first is another matter."""
    clusters: list[list[Finding]] = []
    for finding in sorted(findings, key=lambda each: (each.since, each.key)):
        if clusters and finding.since - clusters[-1][0].since <= WITHIN:
            clusters[-1].append(finding)
        else:
            clusters.append([finding])
    return clusters


def _as_one(parts: Sequence[Finding]) -> Finding:
    """It goes by the key of the oldest."""
    oldest = parts[0]
    if len(parts) == 1:
        return oldest
    worst = worst_first(parts)[0]
    runners = tuple(dict.fromkeys(chain.from_iterable(part.runners for part in parts)))
    jobs = tuple(dict.fromkeys(chain.from_iterable(part.jobs for part in parts)))
    idle = oldest.cause == IDLE_WHILE_QUEUED
    suspicion = suspicion_of(len(runners)) if idle else oldest.suspicion
    one_job = all(part.remedied == FOR_ONE_JOB for part in parts)
    helps = helps_of(len(runners), one_job=one_job) if idle and not oldest.waits else oldest.helps
    return replace(
        oldest,
        severity=worst.severity,
        certainty=max((part.certainty for part in parts), key=_SURE.index),
        subject=_subject(len(runners), len(jobs), len(parts)),
        summary=_summary(parts, len(jobs)),
        evidence=_evidence(parts),
        suspicion=suspicion if all(part.suspicion for part in parts) else (),
        helps=helps,
        remedied=remedied_of(len(runners), one_job=one_job) if idle else oldest.remedied,
        runners=runners,
        jobs=jobs,
        suspect=next((part.suspect for part in parts if part.suspect is not None), None),
        about=oldest.key.partition(" ")[2],
        parts=tuple(parts),
    )


def _subject(runners: int, jobs: int, parts: int) -> Phrase:
    if runners:
        return (several(runners, "runner"),)
    return (f"{several(jobs, 'job')} of {several(parts, 'kind')}",)


def _summary(parts: Sequence[Finding], jobs: int) -> Phrase:
    if any(part.runners for part in parts) and jobs:
        return (f"idle, {several(jobs, 'matching job waits', 'matching jobs wait')}",)
    if len({part.summary for part in parts}) == 1:
        return parts[0].summary
    return (*parts[0].summary, " and the like")


def _evidence(parts: Sequence[Finding]) -> tuple[Phrase, ...]:
    """What all say; then who the first few are, and a little of what each says."""
    common = [said for said in parts[0].evidence if all(said in part.evidence for part in parts[1:])]
    told: list[Phrase] = []
    for part in parts[:_MOST_TOLD]:
        told.append(sentence(part.subject, ": ", part.summary, "."))
        told += [said for said in part.evidence if said not in common][:_MOST_EVIDENCE]
    if len(parts) > _MOST_TOLD:
        told.append((f"{several(len(parts) - _MOST_TOLD, 'more finding')} like these.",))
    return (*common, *dict.fromkeys(told))


def _with_spread(
    finding: Finding, snapshot: FleetSnapshot, places: Places, looked_into: Collection[RunnerKey]
) -> Finding:
    """With how it lies in the fleet, and whether it is us or GitHub; behind what GitHub itself says."""
    in_logs = finding.cause == SAME_ON_SEVERAL
    were_online = OFFLINE in {finding.cause, finding.found_as}
    comparable = places.of(looked_into) if in_logs else places.everyone if were_online else places.online
    spread = spread_of(finding.runners, places, comparable) if finding.cause not in _OF_ONE_KIND else None
    if spread is None:
        return finding
    words, side = spread_words(spread, finding.since, snapshot.taken_at, looked_into=in_logs), whose(finding, snapshot)
    at = 1 if finding.waits else 0
    said = (sentence("It is ", words, "."), *((side.words,) if side is not None else ()))
    evidence = (*finding.evidence[:at], *said, *finding.evidence[at:])
    return replace(finding, evidence=evidence, spread=words, whose=side)
