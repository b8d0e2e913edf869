"""Looks at the fleet again and again; yields what is known as pages arrive and when a look is whole."""

from collections.abc import AsyncIterator

import msgspec

from console.fleet.findings import Finding
from console.fleet.models import FleetSnapshot, Job, JobKey, Runner, RunnerKey, Thresholds


class Look(msgspec.Struct, frozen=True):
    """One state of knowledge, and what follows from it."""

    snapshot: FleetSnapshot
    findings: tuple[Finding, ...] = ()
    """Worst first. Empty until the first look is whole."""
    wedged: frozenset[RunnerKey] = frozenset()
    """Runners that idle while jobs which they could take stay queued."""
    thresholds: Thresholds = Thresholds()
    at: float = 0.0
    """`Clock.elapsed()` when it was made: the screen counts ages on from here."""
    remembered: bool = False
    """It comes from the last session; nothing has been looked at yet."""
    paused: bool = False
    queue_depth: tuple[int, ...] = ()
    """Queued jobs at the last whole looks, oldest first."""
    busy_share: tuple[float, ...] = ()
    """Share of online runners that were busy at the last whole looks (0 to 1), oldest first."""


class Watch:
    """Looks at one context. Made by `assemble.py`; `looks()` is consumed by one worker of the screen."""

    def looks(self) -> AsyncIterator[Look]:
        """Never ends by itself and never raises for what GitHub or the network do: problems are in the freshness."""
        raise NotImplementedError

    def look_again(self) -> None:
        """Make every source due now."""
        raise NotImplementedError

    def pause(self, paused: bool) -> None:
        """Paused: no request is sent until it is resumed; ages go on counting."""
        raise NotImplementedError

    async def job(self, key: JobKey) -> Job | None:
        """Read one job anew, out of turn, and merge it into the next look. None: it is gone."""
        raise NotImplementedError

    async def runner(self, key: RunnerKey) -> Runner | None:
        """Read one runner anew, out of turn, and merge it into the next look. None: it is gone."""
        raise NotImplementedError
