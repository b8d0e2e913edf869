"""The pulse of the fleet: how many jobs were queued and what share of the runners was busy, at the last whole looks."""

from collections import deque
from datetime import datetime, timedelta

from console.fleet.models import FleetSnapshot

HISTORY = 120
SAMPLE_AFTER = 0.8
"""Of the interval: a look that comes a little early is not passed over."""


class Pulse:
    """Of one context; the values of each list are oldest first."""

    def __init__(self, every: timedelta) -> None:
        self._every = every.total_seconds()
        self._queue_depth: deque[int] = deque(maxlen=HISTORY)
        self._busy_share: deque[float] = deque(maxlen=HISTORY)
        self._at = float("-inf")
        self._reads: tuple[datetime | None, ...] = ()

    @property
    def queue_depth(self) -> tuple[int, ...]:
        return tuple(self._queue_depth)

    @property
    def busy_share(self) -> tuple[float, ...]:
        return tuple(self._busy_share)

    def sample(self, snapshot: FleetSnapshot, now: float) -> bool:
        """At most one point in each interval of a look; `now` in seconds that only grow. Whether there was one.

        Where nothing was read since the last point there is nothing to draw: an outage leaves no flat line.
        """
        reads = tuple(_last_read(snapshot, kind) for kind in ("runners", "jobs"))
        too_soon = now - self._at < SAMPLE_AFTER * self._every
        same = any(read is not None and read == last for read, last in zip(reads, self._reads, strict=False))
        if too_soon or same or not any(reads):
            return False
        self._at, self._reads = now, reads
        online = [runner for runner in snapshot.runners.values() if runner.online]
        busy = sum(1 for runner in online if runner.busy)
        self._busy_share.append(busy / len(online) if online else 0.0)
        self._queue_depth.append(sum(1 for job in snapshot.jobs.values() if job.queued))
        return True


def _last_read(snapshot: FleetSnapshot, kind: str) -> datetime | None:
    """When any source of this kind was last read whole; None where there is none, or none was."""
    return max((each.looked_at for each in snapshot.freshness if each.kind == kind and each.looked_at), default=None)
