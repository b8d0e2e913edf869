"""A release that did not come out well: publish the draft, delete the half one, run again, or why that cannot help."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from msgspec.structs import replace

from console.fleet.calls import delete_release, publish_release, rerun_failed, rerun_run, sendable
from console.fleet.evidence import Evidence, FailureOf, JobsOf, ReleasesOf
from console.fleet.failure import Cause
from console.fleet.failure_words import evidence_of
from console.fleet.guided_actions.action import on_run
from console.fleet.guided_actions.reruns import Again, plan_again
from console.fleet.guided_actions.runs import about_run, before_of, ended_of, no_more, run_now, run_words, typed_text
from console.fleet.models import Job, Name, Phrase, Run, RunKey
from console.fleet.plans import Call, Part, Plan, Refusal, Until
from console.fleet.release import Release, Releases
from console.fleet.release_conditions import Released, ReleasePublished, ReleasesGone
from console.fleet.releases import Comparison, State, compare, of_a_tag, release_words, standing, writes_releases
from console.fleet.run_conditions import NOT_WELL, WELL
from console.fleet.words import named, sentence

_CAUSES = ("failed-release", "release-draft", "release-twice", "release-unfinished")
_ID = "rerun-release"
_IN_THE_REGISTRY = frozenset({"publish.pypi-exists", "publish.npm-exists", "publish.exists"})
_NEVER = _IN_THE_REGISTRY | {"release.immutable"}
"""What was published once is never replaced: a re-run meets the same."""
_IN_THE_WAY = frozenset({"release.already-exists", "release.gave-up"})
"""GitHub refused to make the release, because there is one."""
_HALFWAY: Phrase = (
    "What was deleted stays deleted. If no new attempt of the run has begun, “Re-run failed jobs” or “Re-run all jobs”"
    " does the rest.",
)
_MOST_JOBS = 8
_RUNS_FOR = timedelta(hours=2)


class At(NamedTuple):
    """A run that was to release a tag, and what there is of that."""

    evidence: Evidence
    run: Run
    compared: Comparison
    jobs: tuple[Job, ...]

    @property
    def releases(self) -> tuple[Release, ...]:
        return self.compared.releases


@on_run(_ID, "Re-run release", causes=_CAUSES)
def rerun_release(evidence: Evidence, key: RunKey) -> Plan | Refusal:
    """Does what a release lacks: publishes its draft, deletes what is half or double, or runs its run again."""
    run = run_now(evidence, key)
    if isinstance(run, Refusal):
        return run
    if not of_a_tag(run) and not writes_releases(run):
        return Refusal(("It writes no release: it is not for a tag, nor is that its workflow's name.",))
    refusal = ended_of(run, "Re-run failed jobs when finished")
    if refusal is not None:
        return refusal
    compared = _compared(evidence, run)
    if compared is None:
        return Refusal(("Which tag it was to release is not known: none was pushed lately.",))
    if not sendable(compared.tag):
        return Refusal(("Its tag has characters that cannot be told for certain: ", Name(compared.tag), "."))
    return _BY_STATE[compared.state](At(evidence, run, compared, evidence.of(JobsOf(key))))


def _compared(evidence: Evidence, run: Run) -> Comparison | None:
    """With the releases as they are now."""
    releases = Releases(evidence.now, evidence.of(ReleasesOf(run.repository)))
    snapshot = replace(
        evidence.snapshot,
        runs={**evidence.snapshot.runs, run.key: run},
        releases={run.repository: releases},
    )
    found = [each for each in compare(snapshot) if run in each.runs]
    return next((each for each in found if each.tag == run.branch), found[-1] if found else None)


def _well(at: At) -> Refusal:
    return Refusal(("There is nothing to do: ", *release_words(at.releases[0]), "."))


def _running(at: At) -> Refusal:
    others = [each for each in at.compared.runs if each.status != "completed"]
    which = sentence(run_words(others[0]), " is still under way") if others else ("its last run has only just ended",)
    return Refusal(sentence("What becomes of the release is not settled: ", which, "."), ("Wait for its end.",))


def _unread(at: At) -> Refusal:
    return Refusal((f"Its releases could not be read: {at.compared.unread}.",))


def _none(at: At) -> Plan | Refusal:
    if not at.compared.shows_drafts:
        return Refusal(
            ("GitHub shows no release of ", Name(at.compared.tag), " to this token, and drafts only to who may write."),
            ("Look at the releases on GitHub: there may be a draft of it.",),
        )
    return _again(at, (("All its runs ended well, and there is no release of ", Name(at.compared.tag), "."),))


def _unfinished(at: At) -> Plan | Refusal:
    return _again(at, (release_words(at.releases[0]), ("Its files are uploaded again by the run.",)))


def _draft(at: At) -> Plan | Refusal:
    draft = at.releases[0]
    if draft.unfinished:
        return _again(at, (release_words(draft),), delete=(draft,))
    return _plan(at, "publish its draft", _publishing(at, draft), (_everybody(draft),), (release_words(draft),))


def _twice(at: At) -> Plan | Refusal:
    """The one that is kept is the published one, or the draft with the most files."""
    published = [each for each in at.releases if not each.draft]
    ranked = sorted(at.releases, key=lambda each: (not each.draft, not each.unfinished, each.files, each.id))
    kept, others = ranked[-1], tuple(ranked[:-1])
    if len(published) > 1 or kept.unfinished or any(other.files > kept.files for other in others):
        return Refusal(
            sentence("Which one is right cannot be told. ", *(sentence(release_words(each), ". ") for each in ranked)),
            ("Look at them on GitHub, and delete the wrong one there.",),
        )
    first = () if not kept.draft else _publishing(at, kept)
    hurts = (*((_everybody(kept),) if kept.draft else ()), *map(_deletion, others))
    parts = (*first, *_deleting(at, others))
    return _plan(at, "keep one of them", parts, hurts, (sentence("It keeps ", release_words(kept), "."),))


def _failed(at: At) -> Plan | Refusal:
    """Where another of its runs failed, what there is of the release counts."""
    if at.run.conclusion in WELL:
        return _BY_STATE[standing(at.releases)](at)
    causes = _causes(at)
    final = next((cause for cause in causes if cause.signature in _NEVER), None)
    whole_draft = standing(at.releases) == "draft" and not at.releases[0].unfinished
    if final is not None and final.signature in _IN_THE_REGISTRY and whole_draft:
        return _draft(at)  # the package is out; what lacks is the release of it
    if final is not None:
        return Refusal(sentence("A re-run cannot succeed: ", final.title, ". ", evidence_of(final)), (final.helps,))
    right = next((cause for cause in causes if cause.kind == "permission"), None)
    if right is not None:
        helps = f"{right.helps} Once that is done: “Re-run failed jobs”."
        return Refusal(sentence("A re-run fails again: ", right.title, ". ", evidence_of(right)), (helps,))
    taken = next((cause for cause in causes if cause.signature in _IN_THE_WAY), None)
    notes = tuple(evidence_of(cause) for cause in causes[:1])
    whole = [each for each in at.releases if not each.draft and not each.unfinished]
    if taken is not None and whole:
        return Refusal(
            sentence(
                "It failed because there is a release already: ", release_words(whole[0]), ". It would fail again."
            ),
            ("If it has all its files, there is nothing to do. Else delete it on GitHub; then “Re-run failed jobs”.",),
        )
    half = tuple(each for each in at.releases if each.unfinished or (taken is not None and each.draft))
    return _again(at, (*notes, *(release_words(each) for each in at.releases)), delete=half)


def _causes(at: At) -> list[Cause]:
    """Of the jobs that failed, the first of each job first."""
    bad = [job for job in at.jobs if job.conclusion in NOT_WELL][:_MOST_JOBS]
    failures = [at.evidence.of(FailureOf(job.key)) for job in bad]
    return [cause for failure in failures if failure is not None for cause in failure.causes]


def _again(at: At, notes: tuple[Phrase, ...], delete: tuple[Release, ...] = ()) -> Plan | Refusal:
    """Its failed jobs, or all of them where none failed; the release is the proof."""
    refusal = no_more(at.evidence, at.run)
    if refusal is not None:
        return refusal
    bad = tuple(job for job in at.jobs if job.conclusion in NOT_WELL)
    call: Call = rerun_failed(at.run.key) if bad else rerun_run(at.run.key)
    which = named([job.name for job in bad or at.jobs])
    who = sentence("The failed jobs run again: " if bad else "All its jobs run again: ", which, ".")
    title = sentence("Re-run release ", Name(at.compared.tag))
    plan = plan_again(at.evidence, Again(_ID, title, at.run, call, bad or at.jobs, who), first=_deleting(at, delete))
    proof = Released(at.run.repository, at.compared.tag, at.run.key, at.run.attempt + 1)
    until = Until(proof, ("The run ends well, and its release is published, whole and there once.",), _RUNS_FOR)
    return replace(
        plan,
        parts=(*plan.parts, until),
        hurts=(*map(_deletion, delete), *(plan.hurts if plan.typed or not delete else ())),
        notes=(*notes, *plan.notes),
        typed=_typed(at),
        rests_on=(*plan.rests_on, *_standing(at)),
        halfway=_HALFWAY if delete else (),
    )


def _plan(at: At, how: str, parts: tuple[Part, ...], hurts: tuple[Phrase, ...], notes: tuple[Phrase, ...]) -> Plan:
    """What is done to releases alone: `how` says that it is no run."""
    return Plan(
        _ID,
        at.run.key,
        sentence("Re-run release ", Name(at.compared.tag), f": {how}"),
        parts,
        hurts=hurts,
        about=about_run(at.run),
        notes=(*notes, ("Nothing runs again.",)),
        typed=_typed(at),
        rests_on=(str(at.run.attempt), "ended", *_standing(at)),
        before=f"{before_of(at.run)}, release {at.compared.state}",
    )


def _publishing(at: At, draft: Release) -> tuple[Part, ...]:
    shown = Until(ReleasePublished(at.run.repository, draft.id), ("GitHub shows it published.",))
    return (publish_release(at.run.repository, draft.id), shown)


def _deleting(at: At, releases: tuple[Release, ...]) -> tuple[Part, ...]:
    if not releases:
        return ()
    gone = ReleasesGone(at.run.repository, tuple(each.id for each in releases))
    calls = (delete_release(at.run.repository, each.id) for each in releases)
    return (*calls, Until(gone, ("GitHub does not show it any more.",)))


def _typed(at: At) -> str:
    return typed_text(at.compared.tag, f"#{at.run.number}")


def _standing(at: At) -> tuple[str, ...]:
    """What was there when it was asked: what somebody else has done since is not done twice."""
    return tuple(
        f"{each.id} {'draft' if each.draft else 'published'} {each.files} {each.unfinished}" for each in at.releases
    )


def _everybody(draft: Release) -> Phrase:
    return ("Everybody who sees the repository sees it from then on: ", *release_words(draft), ".")


def _deletion(release: Release) -> Phrase:
    seen = "" if release.draft else " Until the run has ended, nobody finds it."
    return sentence("It deletes with all its files: ", release_words(release), f".{seen}")


_BY_STATE: dict[State, Callable[[At], Plan | Refusal]] = {
    "well": _well,
    "running": _running,
    "unread": _unread,
    "none": _none,
    "unfinished": _unfinished,
    "draft": _draft,
    "twice": _twice,
    "failed": _failed,
}
