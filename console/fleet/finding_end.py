"""By what a finding has cleared, as far as the history and the fleet tell. Pure."""

from collections.abc import Iterable
from datetime import UTC, timedelta

from console.fleet.finding_life import MOST_TARGETS
from console.fleet.history import Entry
from console.fleet.lives import Life
from console.fleet.models import FleetSnapshot
from console.fleet.offline import OFFLINE
from console.fleet.rule import IDLE_WHILE_QUEUED
from console.fleet.words import count

LATELY = timedelta(minutes=30)
"""What was done longer ago has not cleared it now."""
_OFFLINE = frozenset({OFFLINE, "near-removal", "lost-at-work"})
"""Causes of findings about runners that are offline: over when these are online."""


def how_it_ended(life: Life, snapshot: FleetSnapshot, deeds: Iterable[Entry]) -> str:
    """In a few words; empty where nothing tells."""
    return _deed(life, snapshot, deeds) or _presence(life, snapshot) or _jobs(life, snapshot) or _work(life, snapshot)


def _deed(life: Life, snapshot: FleetSnapshot, deeds: Iterable[Entry]) -> str:
    """The newest that was proved, of this context, and done to what the finding is about."""
    runs = {(snapshot.jobs[key].repository, snapshot.jobs[key].run_id) for key in life.jobs if key in snapshot.jobs}
    about = {*(("runner", *key) for key in life.runners), *(("job", *key) for key in life.jobs)}
    about |= {("run", *run) for run in (*runs, *life.runs)}
    about |= {("runner", *life.suspect)} if life.suspect is not None else set()
    for entry in deeds:
        deed, ended = entry.deed, entry.ended_at
        if entry.state != "proved" or ended is None or deed.context != snapshot.context:
            continue
        lately = life.first_seen <= ended and abs(snapshot.taken_at - ended) <= LATELY
        if lately and (deed.target.kind, deed.target.place, deed.target.id) in about:
            return f"{_called(deed.action)} done by {deed.operator.login} at {ended.astimezone(UTC):%H:%MZ}"
    return ""


def _called(action: str) -> str:
    from console.fleet.guided_actions import GUIDED_ACTIONS  # the first paint does not wait for it

    return f"“{GUIDED_ACTIONS[action].title}”" if action in GUIDED_ACTIONS else action


def _presence(life: Life, snapshot: FleetSnapshot) -> str:
    """Runners that came back, went, or were taken off the list."""
    if not life.runners:
        return ""
    listed = [snapshot.runners[key] for key in life.runners if key in snapshot.runners]
    one = life.number == 1
    if not listed:
        return "the runner is gone from GitHub's list" if one else "its runners are gone from GitHub's list"
    if life.kind in _OFFLINE:
        if all(runner.online for runner in listed):
            return "the runner is online again" if one else "its runners are online again"
        return ""
    if not any(runner.online for runner in listed):
        return "the runner went offline" if one else "its runners went offline"
    return ""


def _jobs(life: Life, snapshot: FleetSnapshot) -> str:
    """Jobs that do not wait any more."""
    jobs = [snapshot.jobs[key] for key in life.jobs if key in snapshot.jobs]
    if not jobs or any(job.status not in {"in_progress", "completed"} for job in jobs):
        return ""
    one = len(life.jobs) == 1
    every = (
        f"all {count(len(jobs))} jobs" if len(jobs) == len(life.jobs) < MOST_TARGETS else "its jobs, as far as known,"
    )
    if all(job.runner_id is not None for job in jobs):
        return "the job was taken" if one else f"{every} were taken"
    if all(job.conclusion == "cancelled" for job in jobs):
        return "the job was cancelled" if one else f"{every} were cancelled"
    return "the job does not wait any more" if one else "none of its jobs waits any more"


def _work(life: Life, snapshot: FleetSnapshot) -> str:
    runners = [snapshot.runners[key] for key in life.runners if key in snapshot.runners]
    if life.kind == IDLE_WHILE_QUEUED and runners and all(runner.busy for runner in runners):
        return "the runner is at work" if len(runners) == 1 else "its runners are at work"
    return ""
