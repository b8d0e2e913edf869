"""Whether a disk has little room left, and how fast it goes. Pure."""

import itertools
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.host_rules import LITTLE_ROOM
from console.fleet.past import Disk, Room

LOW = 5_000_000_000
"""Bytes; of a small disk it is a twentieth."""
SHORTEST = timedelta(minutes=10)
FEWEST = 4
MOSTLY = 0.75
"""So many of the steps must lead down."""
GIVES_BACK = 0.5
"""Of what was lost: then a job has ended, or somebody has tidied up, and another fall begins."""
DEEPER = 1.5
"""Than any before: so much more is lost than what is given back as a rule."""
PEAKS = 3
NEAR = timedelta(hours=24)


class Fall(NamedTuple):
    """Room that goes, at an even pace."""

    per_hour: float
    """Bytes."""
    full_in: timedelta
    seen_for: timedelta


def low(disk: Disk) -> bool:
    """Little room, and more than so little that it counts as full."""
    free = disk.rooms[-1].free
    return min(LITTLE_ROOM, disk.size // 100) <= free < min(LOW, disk.size // 20)


def falling(disk: Disk) -> Fall | None:
    """None: it does not, not for long enough to tell, or not so fast that it would be full within a day.

    What jobs take and give back again counts only where less and less of it is given back, or more is taken than ever.
    """
    falls = _falls(disk.rooms)
    peaks, depths = [max(each, key=_free) for each in falls], [_depth(each) for each in falls]
    if len(peaks) >= PEAKS and all(later.free < before.free for before, later in itertools.pairwise(peaks)):
        return _pace(peaks, min(room.free for each in falls[-2:] for room in each))
    if len(depths) > 1 and depths[-1] < DEEPER * max(depths[:-1]):
        return None
    rooms = falls[-1]
    steps = [later.free - before.free for before, later in itertools.pairwise(rooms)]
    down = sum(step < 0 for step in steps)
    if len(rooms) < FEWEST or down < MOSTLY * len(steps) or rooms[-1].free > min(room.free for room in rooms):
        return None
    return _pace(rooms, rooms[-1].free)


def _falls(rooms: Sequence[Room]) -> list[list[Room]]:
    """Parted where much of what was lost is there again."""
    falls = [[rooms[0]]]
    for before, room in itertools.pairwise(rooms):
        lost = _depth(falls[-1])
        if lost and room.free - before.free >= GIVES_BACK * lost:
            falls.append([])
        falls[-1].append(room)
    return falls


def _free(room: Room) -> int:
    return room.free


def _depth(rooms: Sequence[Room]) -> int:
    return max(map(_free, rooms)) - rooms[-1].free


def _pace(rooms: Sequence[Room], left: int) -> Fall | None:
    """From the first of them to the last, and until nothing is left."""
    span, lost = rooms[-1].at - rooms[0].at, rooms[0].free - rooms[-1].free
    if span < SHORTEST or lost <= 0:
        return None
    full_in = span * (left / lost)
    return Fall(lost / (span / timedelta(hours=1)), full_in, span) if full_in <= NEAR else None


def since_when(disk: Disk, less: int) -> datetime:
    """From when on there was less room than that at every measurement."""
    since = disk.rooms[-1].at
    for room in reversed(disk.rooms):
        if room.free >= less:
            break
        since = room.at
    return since
