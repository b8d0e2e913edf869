"""Waiting jobs made into findings: one for each cause, set of labels and owner, however many jobs there are."""

from collections import Counter
from collections.abc import Generator, Iterable
from typing import NamedTuple

from console.fleet.findings import Finding, at_most_possible
from console.fleet.held import APPROVE_RUN
from console.fleet.inquiry import Inquiry, Judgement, Verdict
from console.fleet.labels import telling_first
from console.fleet.models import FleetSnapshot, Job, Name, Phrase, Run
from console.fleet.unstarted import runs_to_approve
from console.fleet.words import job_name, named, run_name, sentence, several

# A deployment rule or a concurrency group asks nothing of labels.
_WITHOUT_LABELS = frozenset({"waiting-for-approval", "held-by-concurrency"})
_MOST_EVIDENCE = 6
_MOST_JOBS = 3
# So many of the oldest jobs are asked for evidence.
_ASKED = 50
_MOST_KINDS = 20
_SLICE = 400


class Waiting(NamedTuple):
    """A job that waits, and why."""

    job: Job
    judgement: Judgement


class _Kind(NamedTuple):
    cause: str
    owner: str
    labels: tuple[str, ...] | None
    """None: too many different ones to have a finding for each."""


def waiting_findings(inquiry: Inquiry, waiting: Iterable[Waiting]) -> Generator[None, None, list[Finding]]:
    """The findings about jobs that wait; those that only explain a wait are left out."""
    kinds: dict[_Kind, list[Waiting]] = {}
    for number, each in enumerate(waiting):
        if number % _SLICE == _SLICE - 1:
            yield
        if each.judgement.verdict.severity is not None:
            kinds.setdefault(_kind(each), []).append(each)
    findings = []
    kinds = _together(kinds)
    for kind, members in kinds.items():
        yield
        findings.append(_finding(inquiry, kind, members))
    return findings


def _together(kinds: dict[_Kind, list[Waiting]]) -> dict[_Kind, list[Waiting]]:
    """Where each run has labels of its own, a fault of the fleet must not become hundreds of findings."""
    numbers = Counter((kind.cause, kind.owner) for kind in kinds)
    fewer: dict[_Kind, list[Waiting]] = {}
    for kind, members in kinds.items():
        many = numbers[kind.cause, kind.owner] > _MOST_KINDS
        fewer.setdefault(kind._replace(labels=None) if many else kind, []).extend(members)
    return fewer


def _kind(each: Waiting) -> _Kind:
    cause, job = each.judgement.cause, each.job
    labels = () if cause in _WITHOUT_LABELS else tuple(sorted({label.casefold() for label in job.labels}))
    return _Kind(cause, job.repository.partition("/")[0].lower(), labels)


def _finding(inquiry: Inquiry, kind: _Kind, members: list[Waiting]) -> Finding:
    members.sort(key=lambda each: (each.job.waits_since, each.job.key))
    oldest = members[0].job
    longest = max((each.job for each in members), key=inquiry.waited)
    verdicts = tuple({id(each.judgement.verdict): each.judgement.verdict for each in members[:_ASKED]}.values())
    verdict = verdicts[0]
    severity = verdict.severity or "info"
    if verdict.grows is not None and inquiry.waited(longest) >= verdict.grows[0]:
        severity = verdict.grows[1]
    warnings = inquiry.sources.warnings(oldest.repository)
    return Finding(
        cause=kind.cause,
        severity=severity,
        certainty=at_most_possible(verdict.certainty) if warnings else verdict.certainty,
        subject=_subject(kind, [each.job for each in members]),
        summary=(*verdict.text, *((" and the like",) if kind.labels is None else ())),
        since=oldest.waits_since,
        evidence=_evidence(inquiry, members, verdicts) + warnings,
        suspicion=verdict.suspicion if len({each.suspicion for each in verdicts}) == 1 else (),
        helps=verdict.helps,
        jobs=tuple(each.job.key for each in members),
        suspect=verdict.suspect,
        remedied=verdict.remedied,
        about=" ".join((kind.owner, *(kind.labels or ()))),
    )


def _subject(kind: _Kind, jobs: list[Job]) -> Phrase:
    if len(jobs) == 1:
        return job_name(jobs[0])
    repositories = list(dict.fromkeys(job.repository for job in jobs))
    whose: Phrase = (Name(repositories[0]),) if len(repositories) == 1 else (Name(kind.owner),)
    if kind.labels is None:
        return sentence(several(len(jobs), "job"), " of ", whose, " that want many different labels")
    if not kind.labels:
        return sentence(several(len(jobs), "job"), " of ", whose)
    return sentence(
        several(len(jobs), "job"), " of ", whose, " that want ", named(telling_first(jobs[0].labels), " ", most=6)
    )


def _evidence(inquiry: Inquiry, members: list[Waiting], verdicts: tuple[Verdict, ...]) -> tuple[Phrase, ...]:
    said = dict.fromkeys(phrase for verdict in verdicts for phrase in verdict.evidence)
    return (*tuple(said)[:_MOST_EVIDENCE], *queued_sentences(inquiry, [each.job for each in members]))


def approval_findings(snapshot: FleetSnapshot) -> list[Finding]:
    """Runs that nobody has let go: one finding for each owner."""
    owners: dict[str, list[Run]] = {}
    for run in runs_to_approve(snapshot):
        owners.setdefault(run.repository.partition("/")[0].lower(), []).append(run)
    return [_approval(snapshot, owner, runs) for owner, runs in owners.items()]


def _approval(snapshot: FleetSnapshot, owner: str, runs: list[Run]) -> Finding:
    runs.sort(key=lambda run: (run.created_at, run.key))
    names = [run_name(run) for run in runs[:_MOST_JOBS]]
    return Finding(
        cause="waiting-for-approval",
        severity="info",
        certainty="proved",
        subject=names[0] if len(runs) == 1 else (f"{several(len(runs), 'run')} of ", Name(owner)),
        summary=("needs an approval to start" if len(runs) == 1 else "need an approval to start",),
        since=runs[0].created_at,
        evidence=tuple(sentence("held back ", name) for name in names),
        helps=APPROVE_RUN,
        runs=tuple(run.key for run in runs),
        about=f"{owner} runs",
    )


def queued_sentences(inquiry: Inquiry, jobs: list[Job]) -> tuple[Phrase, ...]:
    """The jobs that waited longest, a sentence each, and how many more there are."""
    sentences = [
        sentence(job.status, " ", job_name(job), " for ", inquiry.wait_of(job), _wants(job))
        for job in jobs[:_MOST_JOBS]
    ]
    if len(jobs) > _MOST_JOBS:
        sentences.append((f"{several(len(jobs) - _MOST_JOBS, 'job')} more.",))
    return tuple(sentences)


def _wants(job: Job) -> Phrase:
    return sentence(", wants ", named(telling_first(job.labels), " ", most=6)) if job.labels else ()
