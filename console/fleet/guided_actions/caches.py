"""A job that failed for a cache: whether a re-run helps, and what has to be deleted before it does."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from console.fleet.ages import age
from console.fleet.cache_conditions import CachesGone
from console.fleet.cache_trouble import CacheTrouble, cache_cause, key_of, ref_of, trouble_of
from console.fleet.calls import delete_cache, delete_cache_of_key, rerun_failed, sendable
from console.fleet.evidence import Cache, CachesOf, Evidence, FailureOf, JobsOf
from console.fleet.failure import Cause, Failure
from console.fleet.failure_words import KIND_WORDS, evidence_of
from console.fleet.guided_actions.action import on_job
from console.fleet.guided_actions.reruns import Again, failed_job, job_again, plan_again
from console.fleet.guided_actions.runs import typed_job
from console.fleet.models import Job, JobKey, Name, Phrase, Run
from console.fleet.plans import Part, Plan, Refusal, Until
from console.fleet.run_conditions import NOT_WELL
from console.fleet.words import named, sentence, several

T = TypeVar("T")
_MOST_OTHERS = 8
"""So many other failed jobs of the run are looked into: each costs a log."""
_HALFWAY = "What was deleted stays deleted. If no new attempt of the run has begun, “Re-run job” does the rest."
_BY_HAND = "Delete it on GitHub under Actions, Caches; then “Re-run job”."


class At(NamedTuple):
    """The job that failed, its run, and what its log says."""

    evidence: Evidence
    job: Job
    run: Run
    failure: Failure
    cause: Cause


class Cure(NamedTuple):
    """What is done and said before the job runs again."""

    first: tuple[Part, ...] = ()
    hurts: tuple[Phrase, ...] = ()
    notes: tuple[Phrase, ...] = ()
    rests_on: tuple[str, ...] = ()


@on_job(
    "rerun-cache-failed",
    "Re-run cache-failed",
    causes=("failed-cache", "failed-cache-service", "failed-remote-cache", "failed-remote-cache-again"),
)
def rerun_cache_failed(evidence: Evidence, key: JobKey) -> Plan | Refusal:
    """Runs a job again that failed for a cache, and first deletes the entry that is in its way."""
    job = failed_job(evidence, key)
    if isinstance(job, Refusal):
        return job
    again = job_again(evidence, job, action="rerun-cache-failed")
    if isinstance(again, Refusal):
        return again
    failure = evidence.of(FailureOf(key))
    if failure is None or cache_cause(failure) is None:
        return _not_a_cache(failure)
    trouble, cause = trouble_of(failure, again.run)
    at = At(evidence, job, again.run, failure, cause)
    cure = _CURES[trouble](at)
    return cure if isinstance(cure, Refusal) else _plan(at, *_together(at, again, cure))


def _plan(at: At, again: Again, cure: Cure) -> Plan:
    plan = plan_again(at.evidence, again, first=cure.first)
    return replace(
        plan,
        hurts=(*cure.hurts, *(plan.hurts if plan.typed or not cure.hurts else ())),
        notes=(evidence_of(at.cause), *cure.notes, *plan.notes),
        typed=typed_job(at.job) if cure.first else plan.typed,
        rests_on=(*plan.rests_on, *cure.rests_on),
        halfway=(_HALFWAY,) if cure.first else (),
    )


def _not_a_cache(failure: Failure | None) -> Refusal:
    helps: Phrase = ("“Re-run job” runs it again as it is.",)
    if failure is None or not failure.causes:
        said = f": {failure.unknown}" if failure is not None and failure.unknown else ""
        return Refusal((f"Why it failed is not known{said}.",), helps)
    first = failure.causes[0]
    return Refusal((f"It did not fail for a cache, but for {KIND_WORDS[first.kind]}: {first.title}.",), helps)


def _together(at: At, again: Again, cure: Cure) -> tuple[Again, Cure]:
    """Where every failed job of the run failed for the same, all run again: once one does, GitHub lets no other.

    What is in the way of each goes first, and is agreed to as one list.
    """
    jobs = at.evidence.of(JobsOf(at.run.key))
    bad = tuple(each for each in jobs if each.conclusion in NOT_WELL)
    others = [each for each in bad if each.key != at.job.key]
    if not others:
        return again, cure
    names = named([each.name for each in others])
    cures = [_cure_alike(at, other) for other in others[:_MOST_OTHERS]]
    alike = [each for each in cures if each is not None]
    if len(alike) < len(others):
        left: Phrase = ("The other failed jobs of the run are not run again by this: ", *names, ".")
        return again._replace(who=sentence(again.who, " ", left)), cure
    who = sentence("All failed jobs of the run failed for the same and run again, too: ", names, ".")
    title = sentence(again.title, f" and {several(len(others), 'other job')} of its run")
    return again._replace(title=title, call=rerun_failed(at.run.key), jobs=bad, who=who), _joined([cure, *alike])


def _cure_alike(at: At, other: Job) -> Cure | None:
    """Of another failed job of the run; None where it failed for something else, or would fail again."""
    failure = at.evidence.of(FailureOf(other.key))
    if failure is None or cache_cause(failure) is None:
        return None
    trouble, cause = trouble_of(failure, at.run)
    if trouble != trouble_of(at.failure, at.run)[0]:
        return None
    cure = _CURES[trouble](at._replace(job=other, failure=failure, cause=cause))
    return None if isinstance(cure, Refusal) else cure


def _joined(cures: list[Cure]) -> Cure:
    """Each thing once: jobs of a matrix may share a key."""
    return Cure(
        _once(part for cure in cures for part in cure.first),
        _once(hurt for cure in cures for hurt in cure.hurts),
        _once(note for cure in cures if cure.first or cure is cures[0] for note in cure.notes),
        _once(fact for cure in cures for fact in cure.rests_on),
    )


def _once(items: Iterable[T]) -> tuple[T, ...]:
    found: list[T] = []
    for item in items:
        if item not in found:
            found.append(item)
    return tuple(found)


def _read_only(at: At) -> Refusal:
    why = "Its token may only read caches" if at.cause.signature != "cache.read-denied" else "Its token reads no caches"
    return Refusal(
        (f"{why}, as in runs of forks, Dependabot and pull_request_target: it would fail again. ", *_line(at)),
        ("Save the entry in a run on push, then “Re-run job”. Deleting entries does not help.",),
    )


def _service(at: At) -> Cure:
    ended = at.job.completed_at
    ago = f" It failed {age(at.evidence.now - ended)} ago." if ended is not None else ""
    return Cure(
        notes=(
            (f"The cache service was in trouble.{ago} While it still is, the job fails again: wait until it is over.",),
            ("Nothing is deleted: no entry is in its way.",),
        )
    )


def _remote(at: At) -> Cure:
    notes: list[Phrase] = [("Nothing is deleted: the remote build cache is not GitHub's.",), (at.cause.helps,)]
    if at.cause.signature != "remote-build-cache.bazel" and _is_moon(at.failure):
        notes.append(
            (
                "Before moon 1.35.0 a refused upload failed its task. Newer ones can still fail when reading:"
                " a newer moon alone does not rule it out. Mend the cache server, or it fails again.",
            )
        )
    return Cure(notes=tuple(notes))


def _is_moon(failure: Failure) -> bool:
    moon = ("grpc-call", "transport", "upload-warning", "http", "flush-dropped", "missing-outputs")
    return any(cause.signature.removeprefix("remote-build-cache.") in moon for cause in failure.causes)


def _workflow(at: At) -> Refusal:
    return Refusal(("It would fail again. ", *_line(at)), (at.cause.helps,))


def _other(at: At) -> Cure:
    return Cure(notes=((f"{at.cause.helps} Nothing is deleted.",),))


def _missing(at: At) -> Cure | Refusal:
    """It needs an entry that was not there."""
    key = key_of(at.failure)
    if not sendable(key):
        return Cure(notes=(("Its line names no key: whether the entry is there now is not known.",), (at.cause.helps,)))
    found = [cache for cache in at.evidence.of(CachesOf(at.run.repository, key)) if cache.key == key]
    if not found:
        return Refusal(
            ("GitHub has no entry of the key it needs, so it would fail again: ", Name(key), "."),
            ("Re-run the job that saves it first. “Re-run all jobs” does, if that is one of this run.",),
        )
    refs = named(list(dict.fromkeys(cache.ref for cache in found)))
    return Cure(notes=(sentence("By now there is an entry of its key, on ", refs, ": ", Name(key), "."),))


def _held(at: At) -> Cure | Refusal:
    """Something holds the key, and yet the job found nothing under it."""
    key, ref = key_of(at.failure), ref_of(at.failure, at.run)
    if not sendable(key):
        return Refusal(("Its key cannot be read to the letter from the log. ", *_line(at)), (_BY_HAND,))
    if not sendable(ref):
        return Refusal(
            ("Under which ref its run saves cannot be told, and the key may be on others: ", Name(key), "."),
            (_BY_HAND,),
        )
    listed = at.evidence.of(CachesOf(at.run.repository, key))
    mine = [cache for cache in listed if (cache.key, cache.ref) == (key, ref)]
    begun = at.job.started_at or at.job.created_at
    if any(cache.created_at is not None and cache.created_at >= begun for cache in mine):
        saved = "Another job has saved the key since it began: nothing is deleted, and a re-run finds it."
        return Cure(notes=((saved,),), rests_on=tuple(str(cache.id) for cache in mine))
    kept = _kept([cache for cache in listed if cache not in mine])
    if not mine:
        return _unlisted(at, key, ref, kept)
    deletes = tuple(delete_cache(at.run.repository, cache.id, cache.key) for cache in mine)
    gone = CachesGone(at.run.repository, key, tuple(cache.id for cache in mine))
    return Cure(
        (*deletes, Until(gone, ("GitHub lists it no more: ", Name(key)))),
        tuple(_deletes(at, cache) for cache in mine),
        kept,
        tuple(str(cache.id) for cache in mine),
    )


def _unlisted(at: At, key: str, ref: str, kept: tuple[Phrase, ...]) -> Cure:
    return Cure(
        (delete_cache_of_key(at.run.repository, key, ref),),
        (
            sentence(
                "It deletes whatever there is of the key ", Name(key), " on ", Name(ref), ", which nobody can use."
            ),
        ),
        (
            ("GitHub lists no such entry: one whose upload never ended is not listed, and still holds its key.",),
            ("Where GitHub finds none to delete, it stops there: the hold has ended, and “Re-run job” will do.",),
            *kept,
        ),
        ("unlisted",),
    )


def _deletes(at: At, cache: Cache) -> Phrase:
    used = at.evidence.now - cache.last_used_at if cache.last_used_at is not None else None
    last = f", last used {age(used)} ago" if used is not None else ""
    size = f"{cache.size / 1_000_000:.1f} MB"
    return sentence("It deletes the entry ", Name(cache.key), " on ", Name(cache.ref), f": {size}{last}.")


def _kept(others: list[Cache]) -> tuple[Phrase, ...]:
    if not others:
        return ()
    where = named(list(dict.fromkeys(f"{cache.key} on {cache.ref}" for cache in others)))
    return (sentence(f"{several(len(others), 'other entry', 'other entries')} stay as they are: ", where, "."),)


def _line(at: At) -> Phrase:
    return sentence("Its log says: ", Name(at.cause.words))


_CURES: dict[CacheTrouble, Callable[[At], Cure | Refusal]] = {
    "read-only": _read_only,
    "service": _service,
    "held": _held,
    "workflow": _workflow,
    "missing": _missing,
    "remote": _remote,
    "other": _other,
}
