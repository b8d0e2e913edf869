"""A run as a whole: what it waits for, how it ended, and what became of the release that it was to make."""

from collections.abc import Mapping

from console.fleet.failure import Failure, failed, failure_of
from console.fleet.failure_words import failure_reason
from console.fleet.findings import Condition, Explanation
from console.fleet.held import APPROVE_RUN
from console.fleet.models import Age, FleetSnapshot, Job, JobKey, Name, Phrase, Run, RunKey
from console.fleet.releases import (
    Comparison,
    certainty_of,
    compare,
    evidence_of,
    helps_of,
    said_of,
    suspicion_of,
)
from console.fleet.words import named, run_name, sentence, several

_UNLISTED: Phrase = ("Jobs that need others are not listed before those are done: of them nothing can be told yet.",)
_NO_DRAFTS = "Drafts are only shown to tokens that may write; this one has shown none."


def explain_run(snapshot: FleetSnapshot, key: RunKey, failures: Mapping[JobKey, Failure] | None = None) -> Explanation:
    """A run that is not known is explained as such."""
    run = snapshot.runs.get(key)
    if run is None:
        return _not_known(key)
    if run.conclusion == "action_required":
        return _held(snapshot, run)
    compared = comparison_of(snapshot, key)
    of_its_jobs = _of_its_jobs(snapshot, run, failures or {})
    if compared is None or (compared.state == "failed" and compared.trouble is None):
        return of_its_jobs
    return _released(run, compared, of_its_jobs.notes if compared.failed else ())


def comparison_of(snapshot: FleetSnapshot, key: RunKey) -> Comparison | None:
    """The release that this run was to write, or may have."""
    return next((each for each in compare(snapshot) if key in {run.key for run in each.runs}), None)


def _until_now(snapshot: FleetSnapshot, run: Run) -> Age:
    return Age(snapshot.taken_at - run.created_at, snapshot.taken_at)


def _not_known(key: RunKey) -> Explanation:
    listed = Condition("it is among the watched runs", ("not there",), None)
    said: Phrase = ("I could not tell: this run is not among those that are watched.",)
    return Explanation((Name(key.repository), f" run {key.id}"), (listed,), "unknown", "unknown", said)


def _held(snapshot: FleetSnapshot, run: Run) -> Explanation:
    """GitHub gives it no jobs before somebody lets it go, so there is nothing else to explain."""
    return Explanation(
        subject=run_name(run),
        conditions=(Condition("somebody let it start", ("GitHub calls it ", Name(run.conclusion or "")), False),),
        cause="waiting-for-approval",
        certainty="proved",
        conclusion=("It waits for an approval before it has any job, for ", _until_now(snapshot, run), " now."),
        helps=APPROVE_RUN,
    )


def _released(run: Run, compared: Comparison, jobs: tuple[Phrase, ...]) -> Explanation:
    """The runs beside what there is on GitHub."""
    trouble = compared.trouble is not None
    return Explanation(
        subject=run_name(run),
        conditions=tuple(_conditions(compared)),
        cause=f"release-{compared.trouble or compared.state}" if compared.state != "well" else "",
        certainty=certainty_of(compared)[0] if trouble else "proved" if compared.state == "well" else "unknown",
        conclusion=_conclusion(compared),
        helps=helps_of(compared) if trouble else (),
        notes=(*evidence_of(compared), *jobs),
        suspicion=suspicion_of(compared) if trouble else (),
    )


def _conditions(compared: Comparison) -> list[Condition]:
    """None: it could not be told."""
    ended = all(run.status == "completed" for run in compared.runs)
    workflows = named(list(dict.fromkeys(run.workflow for run in compared.runs)))
    number, drafts = len(compared.releases), [release.draft for release in compared.releases]
    unsure = bool(compared.unread) or compared.state == "running" or not number
    whole = None if unsure else not any(release.unfinished for release in compared.releases)
    published = None if unsure else not any(drafts)
    return [
        Condition("every run that writes it is green", workflows, not compared.failed if ended else None),
        Condition("there is one release of its tag", (several(number, "release"),), None if unsure else number == 1),
        Condition("it is published", (several(sum(drafts), "draft"),), published),
        Condition("its files are whole", (several(sum(each.files for each in compared.releases), "file"),), whole),
    ]


def _conclusion(compared: Comparison) -> Phrase:
    tag = Name(compared.tag)
    if compared.state == "unread":
        return ("I could not tell what became of release ", tag, f": {compared.unread}.")
    if compared.state == "running":
        return ("I could not tell yet: something that writes release ", tag, " runs, or has only just ended.")
    if compared.state == "none":
        drafts = "" if compared.shows_drafts else f" {_NO_DRAFTS}"
        return ("There is no release of ", tag, f" to be seen.{drafts}")
    if compared.state == "well":
        return ("Release ", tag, " is published, once.")
    said = said_of(compared)
    first = said[0]
    return sentence(first[:1].upper() + first[1:] if isinstance(first, str) else first, said[1:], ".")


def _of_its_jobs(snapshot: FleetSnapshot, run: Run, failures: Mapping[JobKey, Failure]) -> Explanation:
    """How it stands, and why each of its jobs failed that did."""
    jobs = sorted((job for job in snapshot.jobs.values() if job.run_key == run.key), key=lambda job: job.created_at)
    bad = [job for job in jobs if failed(job)]
    over = run.status == "completed"
    links = (
        Condition("it has ended", (Name(run.status),), over),
        Condition("no job of it failed", (f"{len(bad)} of {several(len(jobs), 'job')}",), not bad),
    )
    how: Phrase = ("It ended as ", Name(run.conclusion or "?"), ".") if over else ("It has not ended.",)
    cause, notes = "failed-jobs" if bad else "", tuple(_why(job, failures) for job in bad)
    if not over:
        notes = (*notes, _UNLISTED)
    helps: Phrase = ("Explain one of its jobs for more.",) if bad else ()
    return Explanation(run_name(run), links, cause, "proved", how, helps, notes=notes)


def _why(job: Job, failures: Mapping[JobKey, Failure]) -> Phrase:
    failure = failure_of(job, failures)
    return sentence(Name(job.name), f" ({job.id}): ", failure_reason(failure or Failure(job.attempt)))
