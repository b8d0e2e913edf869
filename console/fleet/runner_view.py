"""One runner held against the queue: the jobs it could take, and why not the others."""

from collections import Counter
from typing import NamedTuple

from console.fleet.inquiry import Inquiry
from console.fleet.matching import Request
from console.fleet.models import Job, Name, Phrase, Runner
from console.fleet.scopes import covers
from console.fleet.words import named, sentence, several

_MOST = 3


class Prospects(NamedTuple):
    """What the queue holds for one runner."""

    jobs: tuple[Job, ...]
    """Queued jobs that it could take, oldest first."""
    requests: tuple[Request, ...]
    """What these jobs ask for."""
    misses: tuple[Phrase, ...]
    """Why it could not take others, a sentence for each kind of near miss."""


def prospects(inquiry: Inquiry, runner: Runner) -> Prospects:
    """Hold the runner against everything that is queued."""
    folded = {label.casefold(): label for label in runner.labels}
    fits: dict[Request, list[Job]] = {}
    lacking: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    unsure = elsewhere = 0
    for job in (job for job in inquiry.snapshot.jobs.values() if job.queued):
        request = inquiry.pool.request(job)
        missing = request.labels - folded.keys()
        if not covers(runner.scope, request.repository):
            elsewhere += not missing
        elif missing:
            lacking.update(missing if len(missing) == 1 else ())
        else:
            admits = inquiry.pool.admission(runner, request).admits
            if admits and request.labels:
                fits.setdefault(request, []).append(job)
            elif admits is False:
                refused[job.repository] += 1
            else:
                unsure += 1
    jobs = sorted((job for some in fits.values() for job in some), key=lambda job: (job.created_at, job.key))
    return Prospects(tuple(jobs), tuple(fits), _misses(lacking, refused, unsure, elsewhere))


def _misses(lacking: Counter[str], refused: Counter[str], unsure: int, elsewhere: int) -> tuple[Phrase, ...]:
    sentences: list[Phrase] = []
    for label, number in lacking.most_common(_MOST):
        wants = several(number, "queued job would fit", "queued jobs would fit")
        sentences.append((f"{wants} if it had the label ", Name(label), "."))
    if refused:
        jobs = several(refused.total(), "queued job has", "queued jobs have")
        repositories = named([name for name, _ in refused.most_common()])
        sentences.append(sentence(f"{jobs} its labels, but its group does not admit them: ", repositories, "."))
    if unsure:
        jobs = several(unsure, "queued job has", "queued jobs have")
        sentences.append((f"{jobs} its labels; whether its group admits them could not be told.",))
    if elsewhere:
        jobs = several(elsewhere, "queued job has", "queued jobs have")
        sentences.append((f"{jobs} its labels, but in repositories that its scope does not serve.",))
    return tuple(sentences)
