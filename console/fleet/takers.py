"""What the runners that could take a job are doing instead, and what else of its kind is at work."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from console.fleet.at_work import ran_by
from console.fleet.findings import Certainty
from console.fleet.inquiry import Case
from console.fleet.labels import COMMON_LABELS
from console.fleet.models import Job, Name, Phrase, Runner, RunnerKey
from console.fleet.runner_sets import places_of
from console.fleet.versions import FLOOR, version_of
from console.fleet.words import count, job_name, named, sentence

PHANTOM_AFTER = timedelta(minutes=10)
"""GitHub itself takes so long to notice that a runner was lost with its job."""
_MOST = 50
"""More takers than that are not looked at one by one."""


class Taken(NamedTuple):
    """A runner that could take a job, and another job that it works on."""

    runner: Runner
    job: Job


class Found(NamedTuple):
    """Runners of which something is suspected, and how sure that is."""

    runners: tuple[Runner, ...]
    certainty: Certainty


class Seen(NamedTuple):
    """A sentence about something that was seen, and how sure what follows from it is."""

    words: Phrase
    certainty: Certainty
    suspect: RunnerKey | None = None
    lately: bool = False
    """It was otherwise a moment ago, and may be so again."""


NOBODY = Found((), "unknown")


def matrix_of(job: Job) -> str:
    """The name that the jobs of one matrix share; empty where it is of none."""
    base, bracket, rest = job.name.rpartition(" (")
    return base if bracket and rest.endswith(")") else ""


def siblings_at_work(case: Case) -> tuple[Job, ...]:
    """Jobs of its matrix that run."""
    at_work = case.inquiry.at_work_of(case.job)
    matrix = matrix_of(case.job) if at_work else ""
    return tuple(job for job in at_work if matrix and matrix_of(job) == matrix)


def handed_out_meanwhile(case: Case, siblings: tuple[Job, ...]) -> bool:
    """Whether GitHub gave one of them to somebody while this one waited and the runners that could take it idled."""
    since = case.job.waits_since
    for place in places_of(case.inquiry.idlers(case.request), _MOST):
        since = max(since, case.inquiry.idling(place).since or case.inquiry.snapshot.taken_at)
    return any(job.started_at is not None and job.started_at > since for job in siblings)


def taken_by_lesser(case: Case) -> tuple[Taken, ...]:
    """All takers with their jobs, where each works on one that asks for less than they have and this one wants."""
    inquiry, takers = case.inquiry, places_of(case.match.admitted, _MOST + 1)
    telling = case.request.labels - COMMON_LABELS
    if not telling or len(takers) > _MOST:
        return ()
    found = []
    for place in takers:
        job = inquiry.working.get(place)
        if job is None or not _asks_for_less(job, case.request.labels, telling):
            return ()
        found.append(Taken(inquiry.pool.runners[place], job))
    return tuple(found)


def _asks_for_less(job: Job, labels: frozenset[str], telling: frozenset[str]) -> bool:
    asked = {label.casefold() for label in job.labels}
    return asked < labels and not telling <= asked


def phantoms(case: Case) -> Found:
    """Takers that GitHub calls busy and that no job names; none where jobs could have them that are not watched."""
    inquiry = case.inquiry
    takers = places_of(case.match.admitted & inquiry.pool.busy, _MOST)
    found = [inquiry.pool.runners[place] for place in takers if place not in inquiry.working]
    watched = [runner for runner in found if inquiry.sources.all_jobs_of(runner.scope) and _long_busy(case, runner)]
    own = all(runner.scope.startswith("repo:") for runner in watched)
    return Found(tuple(watched), "likely" if own else "possible")


def _long_busy(case: Case, runner: Runner) -> bool:
    snapshot = case.inquiry.snapshot
    since = snapshot.busy_since.get(runner.key)
    if since is None or case.inquiry.sources.as_of("runners", runner.scope) - since < PHANTOM_AFTER:
        return False
    ended = (job for job in snapshot.jobs.values() if job.runner_id == runner.id and job.completed_at is not None)
    return not any(ran_by(job, runner) and job.completed_at and job.completed_at > since for job in ended)


def outdated_idlers(case: Case) -> Found:
    """All that idle and could take it, where GitHub may give none of them a job for their age.

    GitHub Enterprise Server gives jobs to whatever it has registered.
    """
    inquiry, server = case.inquiry, case.inquiry.snapshot.server
    idlers = inquiry.idlers(case.request)
    if not idlers or idlers & ~inquiry.outdated or (server is not None and server.version is not None):
        return NOBODY
    runners = tuple(inquiry.pool.members(idlers, _MOST))
    below = server is not None and all((version_of(each.version) or FLOOR) < FLOOR for each in runners)
    refused = below or all(each.version in inquiry.ended for each in runners)
    return Found(runners, "likely" if refused else "possible")


def lacking_defaults(case: Case) -> Seen | None:
    """Runners for one job that lack nothing of its labels but those which other runners get by themselves."""
    telling = case.request.labels - COMMON_LABELS
    if case.match.labelled or not telling:
        return None
    near = case.inquiry.pool.members(case.inquiry.pool.having(telling, case.match.covered), _MOST)
    runners = [runner for runner in near if runner.ephemeral]
    if not runners:
        return None
    has = {label.casefold() for label in runners[0].labels}
    lacking = named([label for label in case.job.labels if label.casefold() not in has])
    names = named([runner.name for runner in runners])
    words = sentence("Runners for one job have its other labels, but not ", lacking, ": ", names, ".")
    return Seen(words, "likely", runners[0].key)


def made_for_one_job(case: Case) -> Seen | None:
    """That all which has or had its labels is made for one job each; None where that is not seen."""
    pool, match = case.inquiry.pool, case.match
    if match.admitted or match.uncertain or match.shut_out:
        return None
    if not match.labelled:
        return _gone_since(case)
    runners = pool.members(match.would_take)
    if not all(runner.ephemeral for runner in runners):
        return None
    many = f"{count(len(runners))} runners have the labels, were made for one job each and are offline or gone: "
    have = "1 runner has the labels, was made for one job and is offline or gone: " if len(runners) == 1 else many
    names = named([runner.name for runner in runners])
    return Seen(sentence(have, names, "."), "likely", runners[0].key, went_lately(case, runners))


def went_lately(case: Case, runners: Iterable[Runner]) -> bool:
    """Whether one of these was online a moment ago: it may be back in another, or one in its place."""
    went, now = case.inquiry.snapshot.went_offline, case.inquiry.snapshot.taken_at
    grace = case.inquiry.thresholds.queued_watch
    return any(runner.key in went and now - went[runner.key] < grace for runner in runners)


def _gone_since(case: Case) -> Seen | None:
    """Jobs that wanted the same ran lately, on runners that are not there any more."""
    job = case.inquiry.ran_elsewhere.get((case.request.owner, case.request.labels))
    if job is None:
        return None
    words = sentence("The same was wanted by ", job_name(job), ", which ran on ", Name(job.runner_name or "a runner"))
    ended = job.completed_at or job.created_at
    lately = case.inquiry.snapshot.taken_at - ended < case.inquiry.thresholds.queued_watch
    return Seen((*words, ", and that is not listed any more."), "possible", lately=lately)
