"""The counts of a healthy fleet: what Now says when there is nothing to find."""

from datetime import timedelta

import msgspec

from console.fleet.models import FleetSnapshot


class Totals(msgspec.Struct, frozen=True):
    """How many runners and jobs are in which state. Every runner is either busy, idle or offline."""

    runners: int = 0
    """Without those for one job that are no longer listed: they have ended, as they should."""
    online: int = 0
    busy: int = 0
    """Online and busy."""
    idle: int = 0
    offline: int = 0
    """Not online, whatever else GitHub calls it, or missing from the last list."""
    queued: int = 0
    running: int = 0
    waiting: int = 0
    """Waiting for an approval, held by concurrency, or not yet queued."""
    longest_wait: timedelta | None = None
    """Of the queued jobs; None when there are none."""


def totals(snapshot: FleetSnapshot) -> Totals:
    """Count the fleet."""
    online = [runner for key, runner in snapshot.runners.items() if runner.online and key not in snapshot.missing]
    ended = sum(snapshot.runners[key].ephemeral is True for key in snapshot.missing if key in snapshot.runners)
    busy = sum(runner.busy for runner in online)
    queued = [job for job in snapshot.jobs.values() if job.queued]
    statuses = [job.status for job in snapshot.jobs.values()]
    return Totals(
        runners=len(snapshot.runners) - ended,
        online=len(online),
        busy=busy,
        idle=len(online) - busy,
        offline=len(snapshot.runners) - ended - len(online),
        queued=len(queued),
        running=statuses.count("in_progress"),
        waiting=sum(status in {"waiting", "pending", "requested"} for status in statuses),
        longest_wait=max((job.waited(snapshot.taken_at) for job in queued), default=None),
    )
