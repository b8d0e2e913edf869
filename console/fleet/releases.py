"""Release trouble that leaves no error line: every run is green, and the release is a draft, or there twice."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from console.fleet.findings import Certainty, Finding, Severity
from console.fleet.models import FleetSnapshot, Name, Phrase, Run
from console.fleet.release import Release, Releases
from console.fleet.words import named, sentence, several

State = Literal["well", "draft", "twice", "unfinished", "running", "failed", "none", "unread"]
SETTLED_AFTER = timedelta(seconds=30)
"""So long after its last run ended, a release is what it is."""
_BEFORE = timedelta(minutes=10)
"""A workflow that writes the same release may have begun so long before the one of the tag."""
_NO_FAILURE = frozenset({"success", "skipped", "neutral"})
_VERSION = re.compile(r"(?:.*[-_/@])?v?\d+(?:\.\d+)+[\w.+-]*")
_WRITES = re.compile(r"releas|draft|publish", re.IGNORECASE)


class Comparison(msgspec.Struct, frozen=True):
    """One tag: the runs that were to release it, and what there is of it."""

    repository: str
    tag: str
    runs: tuple[Run, ...]
    """Those of the tag, and those that write releases and ran meanwhile; the last to end is the last."""
    releases: tuple[Release, ...]
    state: State
    unread: str = ""
    shows_drafts: bool = False

    @property
    def settled_at(self) -> datetime:
        return max(run.updated_at for run in self.runs)

    @property
    def trouble(self) -> State | None:
        """What is wrong with the release although a run of it went well; another may have failed since."""
        wrong = self.state
        if wrong == "failed" and any(run.conclusion == "success" for run in self.runs):
            wrong = standing(self.releases)
        return wrong if wrong in _SAID else None

    @property
    def failed(self) -> tuple[Run, ...]:
        """Those of its runs that ended, and not well."""
        return tuple(run for run in self.runs if run.conclusion not in {None, *_NO_FAILURE})


def of_a_tag(run: Run) -> bool:
    """It runs for a version's tag, as far as its name tells, or for a release."""
    return run.event == "release" or (run.event == "push" and _VERSION.fullmatch(run.branch) is not None)


def releasing(runs: Iterable[Run]) -> dict[str, datetime]:
    """Repositories that release, and when something last happened to a run that may write a release."""
    found: dict[str, datetime] = {}
    every = [*runs]
    tagged = {run.repository for run in every if of_a_tag(run)}
    for run in every:
        if run.repository in tagged and (of_a_tag(run) or writes_releases(run)):
            found[run.repository] = max(found.get(run.repository, run.updated_at), run.updated_at)
    return found


def compare(snapshot: FleetSnapshot) -> tuple[Comparison, ...]:
    """Every tag that was pushed lately, in repositories whose releases were asked for."""
    if not snapshot.releases:
        return ()
    tags: dict[tuple[str, str], list[Run]] = {}
    writers: dict[str, list[Run]] = {}
    for run in snapshot.runs.values():
        if run.repository in snapshot.releases:
            if of_a_tag(run):
                tags.setdefault((run.repository, run.branch), []).append(run)
            elif writes_releases(run):
                writers.setdefault(run.repository, []).append(run)
    return tuple(
        _compared(snapshot.releases[repository], tag, runs, writers.get(repository, []))
        for (repository, tag), runs in tags.items()
    )


def _compared(known: Releases, tag: str, tagged: list[Run], writers: list[Run]) -> Comparison:
    tagged = [run for run in tagged if writes_releases(run)] or tagged
    begun = min(run.created_at for run in tagged) - _BEFORE
    ended = max(run.updated_at for run in tagged)
    beside = [run for run in writers if begun < run.created_at < ended]
    runs = tuple(sorted([*tagged, *beside], key=lambda run: run.updated_at))
    releases = tuple(release for release in known.releases if release.tag == tag)
    compared = Comparison(tagged[0].repository, tag, runs, releases, "well", known.unread, known.shows_drafts)
    return msgspec.structs.replace(compared, state=_state(compared, known.looked_at))


def writes_releases(run: Run) -> bool:
    """By the name of its workflow."""
    return _WRITES.search(f"{run.workflow} {run.path}") is not None


def _state(compared: Comparison, looked_at: datetime) -> State:
    running = any(run.status != "completed" for run in compared.runs)
    states: tuple[tuple[State, bool], ...] = (
        ("unread", bool(compared.unread)),
        ("running", running or looked_at < compared.settled_at + SETTLED_AFTER),
        ("failed", bool(compared.failed)),
    )
    return next((state for state, holds in states if holds), standing(compared.releases))


def standing(releases: Sequence[Release]) -> State:
    """What there is of a tag, whatever became of its runs."""
    states: tuple[tuple[State, bool], ...] = (
        ("none", not releases),
        ("twice", len(releases) > 1),
        ("draft", any(release.draft for release in releases)),
        ("unfinished", any(release.unfinished for release in releases)),
    )
    return next((state for state, holds in states if holds), "well")


def release_findings(snapshot: FleetSnapshot) -> list[Finding]:
    """What no log says."""
    return [_finding(each, each.trouble) for each in compare(snapshot) if each.trouble is not None]


def said_of(compared: Comparison) -> Phrase:
    """`release v2.4 is still a draft, both runs green`."""
    many, bad = len(compared.runs), len(compared.failed)
    runs = {1: "its run is green", 2: "both runs green"}.get(many, f"all {many} runs green")
    runs = f"{bad} of {many} runs failed" if bad else runs
    return sentence("release ", Name(compared.tag), f" {_SAID[compared.trouble or compared.state]}, {runs}")


_SAID: dict[State, str] = {
    "draft": "is still a draft",
    "twice": "is there twice",
    "unfinished": "lacks files whose upload did not end",
}
_HELPS: dict[State, str] = {
    "draft": "Publish the draft, unless somebody is meant to look at it first: “Re-run release” does.",
    "twice": "Keep the one that has the files and delete the other: “Re-run release” does, where it can be told.",
    "unfinished": "Upload the files again: re-run the workflow that publishes.",
}
_ONE_WRITER = "Then let one workflow write releases, or put both into one concurrency group."


def _finding(compared: Comparison, trouble: State) -> Finding:
    sure, severity = certainty_of(compared)
    tagged = next(run for run in compared.runs if of_a_tag(run))
    return Finding(
        cause=f"release-{trouble}",
        severity=severity,
        certainty=sure,
        subject=(Name(compared.repository), f" #{tagged.number}"),
        summary=said_of(compared),
        since=compared.settled_at,
        evidence=evidence_of(compared),
        suspicion=suspicion_of(compared),
        helps=helps_of(compared),
        about=f"{compared.repository} {compared.tag}",
        runs=tuple(run.key for run in compared.runs),
    )


def helps_of(compared: Comparison) -> Phrase:
    """What mends the release, and what keeps it from happening again."""
    helps = _HELPS.get(compared.trouble or compared.state, "")
    drafts = sum(release.draft for release in compared.releases)
    if compared.trouble == "twice" and drafts == len(compared.releases) - 1:
        helps = "Delete the draft, once you have seen that the published one has its files: “Re-run release” does."
    again = _ONE_WRITER if _raced(compared) and compared.trouble != "unfinished" else ""
    return (f"{helps} {again}".strip(),)


def _raced(compared: Comparison) -> bool:
    """Another workflow had the last word."""
    return len(compared.runs) > 1 and (compared.trouble == "twice" or not of_a_tag(compared.runs[-1]))


def certainty_of(compared: Comparison) -> tuple[Certainty, Severity]:
    """A workflow that leaves a draft as its last word may well be meant to."""
    if _raced(compared) or compared.failed:
        return "likely", "watch"
    return "possible", "info" if compared.trouble == "draft" else "watch"


def suspicion_of(compared: Comparison) -> Phrase:
    """Two workflows that write one release get into each other's way: the last to end has the last word."""
    if compared.failed:
        return sentence(Name(compared.failed[-1].workflow), f" #{compared.failed[-1].number} did not end well")
    if not _raced(compared):
        return ("somebody may be meant to publish it by hand",) if compared.trouble == "draft" else ()
    last = compared.runs[-1]
    others = named(list(dict.fromkeys(run.workflow for run in compared.runs[:-1])))
    ended = sentence(Name(last.workflow), f" #{last.number} ended last, and may have ")
    if compared.trouble == "twice":
        return (*ended, "made the second one")
    return sentence(ended, "written over what ", others, " did")


def evidence_of(compared: Comparison) -> tuple[Phrase, ...]:
    """The runs by when they ended, then what there is."""
    runs = tuple(
        sentence(Name(run.workflow), f" #{run.number} {_ended(run)}, begun {_clock(run.created_at)}")
        for run in compared.runs
    )
    return (*runs, *map(release_words, compared.releases))


def _ended(run: Run) -> str:
    if run.status != "completed":
        return "has not ended"
    return f"ended {_clock(run.updated_at)}, {'green' if run.conclusion == 'success' else 'not green'}"


def release_words(release: Release) -> Phrase:
    """Which it is, and what there is of it."""
    published = f"published {_clock(release.published_at)}" if release.published_at and not release.draft else "a draft"
    changed = f", changed {_clock(release.updated_at)}" if release.updated_at else ""
    files = several(release.files, "file")
    lacking = f", {release.unfinished} of them not whole" if release.unfinished else ""
    return sentence(
        "release ", Name(release.tag), f" ({release.id}): {published}, made {_clock(release.created_at)}",
        f"{changed}, {files}{lacking}",
    )  # fmt: skip


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%SZ}"
