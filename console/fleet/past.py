"""What is kept of a fleet's past, because nobody else does: since when runners are offline, the room on disks, waits.

Pure: `noted` makes what is known now part of it. Doing so twice changes nothing, so that several processes may each
note what they know in what they keep together.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import DiskSpace
from console.fleet.kept import KeptTime
from console.fleet.models import FleetSnapshot, RunnerKey
from console.fleet.queue_waits import Waits, with_looked

RETURNS_FOR = timedelta(hours=1)
MOST_RETURNS = 8
MOST_DAYS = 31
POINTS = 24
POINTS_FOR = timedelta(days=2)
BETWEEN_POINTS = timedelta(seconds=90)
MOST_DISKS = 200


class Absence(msgspec.Struct, frozen=True):
    """A runner that is offline, or was a moment ago."""

    since: KeptTime | None = None
    """It was first seen offline then, and never online after. None: it is online."""
    days: tuple[int, ...] = ()
    """Days since 1970 on which it was seen offline."""
    returns: tuple[KeptTime, ...] = ()
    """When it was seen to be online again, of the hour before the last of them."""

    def back_lately(self, now: datetime) -> int:
        """How often that was within the last hour."""
        return sum(timedelta() <= now - at <= RETURNS_FOR for at in self.returns)


class Room(msgspec.Struct, frozen=True):
    """What was free at one moment."""

    at: KeptTime
    """By GitHub's clock: those of hosts differ from one another."""
    free: int


class Disk(msgspec.Struct, frozen=True):
    """The file system of one directory of a runner, over time."""

    runner: RunnerKey
    host: str
    directory: str
    size: int
    rooms: Annotated[tuple[Room, ...], msgspec.Meta(min_length=1)]
    """The oldest first."""


class Past(msgspec.Struct, frozen=True):
    """Of one context."""

    absences: Mapping[RunnerKey, Absence] = {}
    disks: Mapping[str, Disk] = {}
    waits: Waits = Waits()


def noted(past: Past, snapshot: FleetSnapshot, hosts: Iterable[HostEvidence] = ()) -> Past:
    """With what is known now; the very same if that is no news. A look that is not whole says nothing."""
    if not snapshot.whole:
        return past
    absences = _absences(past.absences, snapshot)
    disks = _disks(past.disks, hosts)
    fresh = any(source.kind == "jobs" and not source.late(snapshot.taken_at) for source in snapshot.freshness)
    waits = with_looked(past.waits, snapshot.jobs.values(), snapshot.taken_at) if fresh else past.waits
    if absences is past.absences and disks is past.disks and waits is past.waits:
        return past
    return Past(absences, disks, waits)


def _absences(known: Mapping[RunnerKey, Absence], snapshot: FleetSnapshot) -> Mapping[RunnerKey, Absence]:
    now = snapshot.taken_at
    fresh = {
        source.place: source.looked_at
        for source in snapshot.freshness
        if source.kind == "runners" and source.looked_at is not None and not source.late(now)
    }
    offline = {key for key, runner in snapshot.runners.items() if runner.status != "online" and key.scope in fresh}
    changed = {}
    for key in offline:
        before = known.get(key, Absence())
        at = min(fresh[key.scope] or now, now)
        after = _offline(before, at)
        if after is not before:
            changed[key] = after
    gone = set()
    for key, absence in known.items():
        if key in offline or key.scope not in fresh:
            continue
        runner = snapshot.runners.get(key)
        after = _online(absence, now) if runner is not None else Absence()
        if after == Absence():
            gone.add(key)
        elif after != absence:
            changed[key] = after
    if not changed and not gone:
        return known
    return {**{key: each for key, each in known.items() if key not in gone}, **changed}


def _offline(before: Absence, at: datetime) -> Absence:
    """A time that is yet to come is of a clock that was wrong."""
    day = int(at.timestamp() // 86_400)
    if before.since is not None and before.since <= at and before.days[-1:] == (day,):
        return before
    since = at if before.since is None or before.since > at else before.since
    first = int(since.timestamp() // 86_400)
    days = sorted(each for each in {*before.days, day} if first <= each <= day)
    return Absence(since, tuple(days[-MOST_DAYS:]), before.returns)


def _online(before: Absence, now: datetime) -> Absence:
    back = (now,) if before.since is not None else ()
    returns = tuple(at for at in (*before.returns, *back) if timedelta() <= now - at <= RETURNS_FOR)
    return Absence(returns=returns[-MOST_RETURNS:])


def _disks(known: Mapping[str, Disk], hosts: Iterable[HostEvidence]) -> Mapping[str, Disk]:
    changed = {}
    for evidence in hosts:
        if evidence.facts is None:
            continue
        for space in evidence.facts.disks:
            key = f"{evidence.host} {space.directory}"
            before = known.get(key)
            after = _measured(before, evidence, space, evidence.facts.taken_at)
            if after is not before:
                changed[key] = after
    if not changed:
        return known
    newest = max(disk.rooms[-1].at for disk in changed.values())
    kept = {key: disk for key, disk in known.items() if newest - disk.rooms[-1].at <= POINTS_FOR}
    both = {**kept, **changed}
    return {key: both[key] for key in sorted(both, key=lambda key: both[key].rooms[-1].at)[-MOST_DISKS:]}


def _measured(before: Disk | None, evidence: HostEvidence, space: DiskSpace, at: datetime) -> Disk:
    """A disk of another size is another disk; a clock that went back begins anew."""
    room = Room(at, space.free)
    fits = before is not None and before.size == space.size and before.runner == evidence.runner
    if before is None or not fits or at < before.rooms[-1].at - BETWEEN_POINTS:
        return Disk(evidence.runner, evidence.host, space.directory, space.size, (room,))
    if at - before.rooms[-1].at < BETWEEN_POINTS:
        return before
    rooms = [each for each in (*before.rooms, room) if at - each.at <= POINTS_FOR]
    return Disk(evidence.runner, evidence.host, space.directory, space.size, tuple(rooms[-POINTS:]))
