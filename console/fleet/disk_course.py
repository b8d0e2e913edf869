"""Whether a disk has little room left, and how fast it goes. Pure."""

import itertools
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.host_rules import LITTLE_ROOM
from console.fleet.past import Disk

LOW = 5_000_000_000
"""Bytes; of a small disk it is a twentieth."""
SHORTEST = timedelta(minutes=10)
FEWEST = 4
MOSTLY = 0.75
"""So many of the steps must lead down: what jobs take and give back is no trend."""
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
    """None: it does not, not for long enough to tell, or not so fast that it would be full within a day."""
    rooms = disk.rooms
    span = rooms[-1].at - rooms[0].at
    if len(rooms) < FEWEST or span < SHORTEST:
        return None
    steps = [later.free - before.free for before, later in itertools.pairwise(rooms)]
    lost, down = rooms[0].free - rooms[-1].free, sum(step < 0 for step in steps)
    if lost <= 0 or down < MOSTLY * len(steps) or rooms[-1].free > min(room.free for room in rooms):
        return None
    full_in = span * (rooms[-1].free / lost)
    return Fall(lost / (span / timedelta(hours=1)), full_in, span) if full_in <= NEAR else None


def since_when(disk: Disk, less: int) -> datetime:
    """From when on there was less room than that at every measurement."""
    since = disk.rooms[-1].at
    for room in reversed(disk.rooms):
        if room.free >= less:
            break
        since = room.at
    return since
