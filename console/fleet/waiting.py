"""Waiting jobs made into findings: one for each cause, set of labels and owner, however many jobs there are."""

from collections.abc import Generator, Iterable
from datetime import timedelta
from typing import NamedTuple

from console.fleet.findings import Finding
from console.fleet.inquiry import Inquiry, Judgement, Verdict
from console.fleet.models import Job, Name, Phrase
from console.fleet.words import age, named, sentence, several

# A deployment rule or a concurrency group asks nothing of labels.
_WITHOUT_LABELS = frozenset({"waiting-for-approval", "held-by-concurrency"})
_MOST_EVIDENCE = 6
_MOST_JOBS = 3
_SLICE = 400


class Waiting(NamedTuple):
    """A job that waits, and why."""

    job: Job
    judgement: Judgement


class _Kind(NamedTuple):
    cause: str
    owner: str
    labels: tuple[str, ...]


def waiting_findings(inquiry: Inquiry, waiting: Iterable[Waiting]) -> Generator[None, None, list[Finding]]:
    """The findings about jobs that wait; those that only explain a wait are left out."""
    kinds: dict[_Kind, list[Waiting]] = {}
    for number, each in enumerate(waiting):
        if number % _SLICE == _SLICE - 1:
            yield
        if each.judgement.verdict.severity is not None:
            kinds.setdefault(_kind(each), []).append(each)
    findings = []
    for kind, members in kinds.items():
        yield
        findings.append(_finding(inquiry, kind, members))
    return findings


def _kind(each: Waiting) -> _Kind:
    cause, job = each.judgement.cause, each.job
    labels = () if cause in _WITHOUT_LABELS else tuple(sorted({label.casefold() for label in job.labels}))
    return _Kind(cause, job.repository.partition("/")[0].lower(), labels)


def _finding(inquiry: Inquiry, kind: _Kind, members: list[Waiting]) -> Finding:
    members.sort(key=lambda each: (each.job.created_at, each.job.key))
    oldest = members[0].job
    waited = max(inquiry.waited(each.job) for each in members)
    verdicts = tuple({id(each.judgement.verdict): each.judgement.verdict for each in members}.values())
    verdict = verdicts[0]
    severity = verdict.severity or "info"
    if verdict.grows is not None and waited >= verdict.grows[0]:
        severity = verdict.grows[1]
    warnings = inquiry.sources.warnings(oldest.repository)
    return Finding(
        cause=kind.cause,
        severity=severity,
        certainty="possible" if warnings and verdict.certainty in {"proved", "likely"} else verdict.certainty,
        subject=_subject(kind, [each.job for each in members]),
        summary=_summary(verdict, waited),
        since=oldest.created_at,
        evidence=_evidence(inquiry, members, verdicts) + warnings,
        helps=verdict.helps,
        jobs=tuple(each.job.key for each in members),
        about=" ".join((kind.owner, *kind.labels)),
    )


def _subject(kind: _Kind, jobs: list[Job]) -> Phrase:
    if len(jobs) == 1:
        return job_name(jobs[0])
    repositories = list(dict.fromkeys(job.repository for job in jobs))
    whose: Phrase = (Name(repositories[0]),) if len(repositories) == 1 else (Name(kind.owner),)
    if not kind.labels:
        return sentence(several(len(jobs), "job"), " of ", whose)
    return sentence(several(len(jobs), "job"), " of ", whose, " that want ", named(jobs[0].labels, " ", most=6))


def _summary(verdict: Verdict, waited: timedelta) -> Phrase:
    return sentence(verdict.text, f", waits {age(waited)}")


def _evidence(inquiry: Inquiry, members: list[Waiting], verdicts: tuple[Verdict, ...]) -> tuple[Phrase, ...]:
    said = dict.fromkeys(phrase for verdict in verdicts for phrase in verdict.evidence)
    return (*tuple(said)[:_MOST_EVIDENCE], *queued_sentences(inquiry, [each.job for each in members]))


def queued_sentences(inquiry: Inquiry, jobs: list[Job]) -> tuple[Phrase, ...]:
    """The jobs that waited longest, a sentence each, and how many more there are."""
    sentences = [
        sentence(job.status, " ", job_name(job), f" for {age(inquiry.waited(job))}", _wants(job))
        for job in jobs[:_MOST_JOBS]
    ]
    if len(jobs) > _MOST_JOBS:
        sentences.append((f"{several(len(jobs) - _MOST_JOBS, 'job')} more.",))
    return tuple(sentences)


def job_name(job: Job) -> Phrase:
    """`acme/web build (3.12)`."""
    return (Name(job.repository), " ", Name(job.name))


def _wants(job: Job) -> Phrase:
    return sentence(", wants ", named(job.labels, " ", most=6)) if job.labels else ()
