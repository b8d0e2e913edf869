"""What a look without a screen is worth: as of when it holds, what is missing from it, and the exit code."""

from datetime import datetime, timedelta
from typing import NamedTuple

from console.errors import EXIT_COULD_NOT_LOOK, EXIT_FINDINGS, EXIT_HEALTHY
from console.fleet.failure import failed
from console.fleet.findings import Finding
from console.fleet.lives import told
from console.fleet.models import FleetSnapshot, Freshness, JobKey, RunKey, RunnerKey, SourceKind
from console.fleet.scopes import covers
from console.fleet.sources import Sources
from console.operations.look import Look

NEEDED = frozenset({"runners", "repositories", "jobs"})
"""Kinds of sources without which nothing is called healthy."""


OUT_OF_STEP = timedelta(minutes=2)
"""What a look has read so long before its end may not be so any more."""


class Coverage(NamedTuple):
    """What of the fleet could be read, now or ever."""

    as_of: datetime | None
    """The oldest of the facts is of then; None: there are none."""
    complete: bool
    """Everything that a verdict needs was read in this look, and not long before its end."""
    outdated: tuple[Freshness, ...]
    """What was read so long before its end that it may not fit the rest."""
    nothing: bool
    """Nothing of that could be read in this look: what is known is from an earlier one."""
    runners: bool
    """How many runners there are is known, at least as of an earlier look."""
    jobs: bool
    """The same of the jobs."""


def coverage(snapshot: FleetSnapshot) -> Coverage:
    """Each source has a time of its own; the oldest is the one that a reader may rely on.

    Lists of repositories change slowly and are read seldom: their age counts where nothing else was read.
    """
    needed = _needed(snapshot)
    often = [source for source in needed if source.kind != "repositories"]
    times = [source.looked_at for source in often if source.looked_at is not None]
    times = times or [source.looked_at for source in needed if source.looked_at is not None]
    unread = [source for source in needed if source.problem is not None]
    outdated = tuple(source for source in needed if _outdated(source, snapshot.taken_at))
    return Coverage(
        as_of=min(times, default=None),
        complete=not unread and not outdated and not snapshot.set_aside,
        outdated=outdated,
        nothing=len(unread) == len(needed) or _neither_runners_nor_jobs(unread, needed),
        runners=_ever_read(needed, "runners"),
        jobs=_ever_read(needed, "jobs"),
    )


def _needed(snapshot: FleetSnapshot) -> list[Freshness]:
    return [source for source in snapshot.freshness if source.kind in NEEDED]


def _neither_runners_nor_jobs(unread: list[Freshness], needed: list[Freshness]) -> bool:
    """Lists of repositories alone, which a command need not even ask for, say nothing of the fleet."""
    left = {source.kind for source in needed} - {"repositories"}
    return left == {"runners", "jobs"} and all(source in unread for source in needed if source.kind in left)


def _outdated(source: Freshness, now: datetime) -> bool:
    """Lists of repositories change slowly; what has a problem is told of as such."""
    age = source.age(now)
    return source.kind != "repositories" and source.problem is None and age is not None and age > OUT_OF_STEP


def _ever_read(needed: list[Freshness], kind: SourceKind) -> bool:
    """Where no repository is watched there are no jobs, but only if it is known that none is."""
    sources = [source for source in needed if source.kind == kind]
    if not sources and kind == "jobs":
        return all(source.looked_at is not None for source in needed)
    return any(source.looked_at is not None for source in sources)


def serious(look: Look) -> list[Finding]:
    """Findings that are more than a remark."""
    return [finding for finding in look.findings if finding.severity != "info"]


def _counting(look: Look, about: RunnerKey | JobKey | RunKey | None) -> list[Finding]:
    """What is muted is not told of; whoever asks about something is told."""
    found = serious(look)
    return found if about is not None else list(told(found, look.lives, look.snapshot.taken_at))


def exit_code(look: Look, about: RunnerKey | JobKey | RunKey | None = None) -> int:
    """Of the whole fleet, or of one runner, job or run and what its explanation rests on.

    Findings count even where the rest could not be read, if they rest on something that was read just now; healthy is
    said only where all was. Findings out of what is only remembered are those of the last time. A failed job is no
    finding of the fleet, but whoever asks about it, or about its run, has something to act on.
    """
    snapshot = look.snapshot
    needed = [source for source in _needed(snapshot) if about is None or _bears_on(source, about)]
    unread = {(source.kind, source.place.lower()) for source in needed if source.problem is not None}
    if needed and len(unread) == len(needed):
        return EXIT_COULD_NOT_LOOK
    sources = Sources(snapshot)
    for finding in _counting(look, about):
        concerns = about is None or about in {*finding.jobs, *finding.runners, *finding.runs}
        if concerns and _stands(finding, unread, sources):
            return EXIT_FINDINGS
    if about is not None and _has_failed(about, snapshot, unread):
        return EXIT_FINDINGS
    outdated = any(_outdated(source, snapshot.taken_at) for source in needed)
    return EXIT_COULD_NOT_LOOK if unread or outdated or snapshot.set_aside else EXIT_HEALTHY


def _has_failed(
    about: RunnerKey | JobKey | RunKey, snapshot: FleetSnapshot, unread: set[tuple[SourceKind, str]]
) -> bool:
    """The job, or a job of the run, and that was read just now."""
    if isinstance(about, RunnerKey) or ("jobs", about.repository.lower()) in unread:
        return False
    return any(failed(job) for job in snapshot.jobs.values() if about in {job.key, job.run_key})


def _bears_on(source: Freshness, about: RunnerKey | JobKey | RunKey) -> bool:
    """An explanation of the runner, job or run rests on this source."""
    place = source.place.lower()
    if not isinstance(about, RunnerKey):
        repository = about.repository.lower()
        return covers(place, repository) if source.kind == "runners" else source.kind == "jobs" and place == repository
    if source.kind == "runners":
        return place == about.scope.lower()
    owner = about.scope.lower().partition(":")[2].partition("/")[0]
    return covers(about.scope, place) or (source.kind == "repositories" and place == owner)


def _stands(finding: Finding, unread: set[tuple[SourceKind, str]], sources: Sources) -> bool:
    """At least one of its jobs, and of the scopes that could run them, was read just now."""
    repositories = {key.repository.lower() for key in finding.jobs}
    scopes = {key.scope for key in finding.runners} or {
        scope for repository in repositories for scope in sources.serving(repository)
    }
    places = [{("jobs", name) for name in repositories}, {("runners", scope.lower()) for scope in scopes}]
    return all(not some or some - unread for some in places)
