"""Warnings about versions of the runner to which GitHub soon gives no jobs, one for each version."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from console.fleet.at_work import ran_by
from console.fleet.findings import Certainty, Finding, Severity
from console.fleet.models import FleetSnapshot, Name, Phrase, RunnerKey
from console.fleet.versions import FLOOR, Version, is_behind, is_outdated, newest_of, version_of
from console.fleet.warnings.registry import Signs, warning
from console.fleet.words import named, several

INSTALLED_WITHIN = timedelta(days=30)
"""After a newer one has come, GitHub wants it installed within so long."""
SOON = timedelta(days=7)
_SAID = frozenset({"outdated-runner", "version-refused"})
_HELPS: Phrase = ("Update the runner's software, or the image that it comes from. One that may update itself should.",)


class _End(NamedTuple):
    """Until when GitHub gives a version jobs. `at` None: nobody says."""

    at: datetime | None
    certainty: Certainty
    why: Phrase


@warning("version-ends")
def version_ends(signs: Signs) -> Iterator[Finding]:
    """GitHub Enterprise Server gives jobs to whatever it has registered."""
    snapshot = signs.snapshot
    if snapshot.server is not None and snapshot.server.version is not None:
        return
    fleet: dict[str, list[RunnerKey]] = {}
    for key, runner in snapshot.runners.items():
        if runner.version is not None:
            fleet.setdefault(runner.version, []).append(key)
    latest = snapshot.latest_runner
    newest = newest_of((*fleet, latest.version) if latest is not None else fleet)
    said = {key for each in signs.told if each.cause in _SAID for key in (*each.runners, each.suspect)}
    for text in sorted(fleet, key=lambda text: (version_of(text) or FLOOR, text)):
        version = version_of(text)
        if version is None or newest is None or version >= newest or not said.isdisjoint(fleet[text]):
            continue
        finding = _finding(snapshot, version, newest, fleet[text])
        if finding is not None:
            yield replace(finding, evidence=(*finding.evidence, *_replaced(signs, fleet[text])))


def _replaced(signs: Signs, keys: list[RunnerKey]) -> Iterator[Phrase]:
    """Those that only have to be started, as far as their hosts were asked."""
    said = {key: each.facts for key in keys if (each := signs.hosts.get(key)) is not None}
    names = [signs.snapshot.runners[key].name for key, facts in said.items() if facts is not None and facts.renewed]
    if names:
        yield ("Replaced on its host, and not started since: ", *named(names, most=5), ".")


def _finding(snapshot: FleetSnapshot, version: Version, newest: Version, keys: list[RunnerKey]) -> Finding | None:
    end, now = _end(snapshot, version, newest), snapshot.taken_at
    soon = end.at is not None and end.at - now <= SOON
    far = is_outdated(version, newest)
    if not (soon or far or is_behind(version, newest)):
        return None
    works = end.certainty != "proved" and _has_worked(snapshot, keys, end.at)
    severity: Severity = "watch" if soon or (far and end.at is None) else "info"
    names = [snapshot.runners[key].name for key in keys]
    newest_words = f"The newest version is {newest}."
    return Finding(
        cause="version-ends",
        severity=severity,
        certainty="possible" if works else end.certainty,
        subject=(Name(names[0]),) if len(keys) == 1 else (several(len(keys), "runner"),),
        summary=(f"version {version} is old, and still gets jobs",) if works else _summary(version, end, now),
        since=_since(snapshot),
        evidence=((f"Version {version}: ", *named(names, most=5), "."), end.why, (newest_words,)),
        helps=_HELPS,
        runners=tuple(keys),
        about=str(version),
    )


def _has_worked(snapshot: FleetSnapshot, keys: list[RunnerKey], end: datetime | None) -> bool:
    """Whether one of them was given a job though its time is over: whatever the rule of thumb says, GitHub does."""
    if end is not None and end > snapshot.taken_at:
        return False
    began = (job for job in snapshot.jobs.values() if job.started_at is not None and (not end or job.started_at > end))
    at_work = {job.runner_id: job for job in began}
    ran = (ran_by(at_work[key.id], snapshot.runners[key]) for key in keys if key.id in at_work)
    return any(snapshot.runners[key].busy for key in keys) or any(ran)


def _since(snapshot: FleetSnapshot) -> datetime:
    """It is old since the newest came, where that is known."""
    latest = snapshot.latest_runner
    came = latest.published_at if latest is not None else None
    return snapshot.taken_at if came is None else min(came, snapshot.taken_at)


def _summary(version: Version, end: _End, now: datetime) -> Phrase:
    if version < FLOOR:
        return (f"version {version} gets no jobs",)
    if end.at is None:
        return (f"version {version} is old; until when it gets jobs is unknown",)
    return (f"version {version} gets no jobs {'after' if end.at > now else 'since'} {_day(end.at, now)}",)


def _day(at: datetime, now: datetime) -> str:
    return f"{at.day} {at:%b}" if abs(at - now) < timedelta(days=300) else f"{at.day} {at:%b %Y}"


def _end(snapshot: FleetSnapshot, version: Version, newest: Version) -> _End:
    """What GitHub says of that very version; else what follows from the day on which the newest came."""
    latest, now = snapshot.latest_runner, snapshot.taken_at
    told = latest.ends.get(str(version)) if latest is not None else None
    if told is not None:
        return _End(told, "proved", (f"GitHub itself names that day: {told:%Y-%m-%d}.",))
    if version < FLOOR:
        return _End(None, "likely", (f"GitHub gives no version below {FLOOR} a job.",))
    if is_outdated(version, newest):
        return _End(None, "unknown", ("It is so far behind that GitHub may give it no jobs already.",))
    if latest is None or latest.published_at is None or version_of(latest.version) != newest:
        return _End(None, "unknown", ("When the newest version came is not known.",))
    at = latest.published_at + INSTALLED_WITHIN
    came = f"{newest} came on {_day(latest.published_at, now)}; GitHub wants it installed within 30 days."
    return _End(at, "likely", (f"{came} A rule of thumb: GitHub may stop earlier or later.",))
