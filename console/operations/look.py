"""Look: one state of knowledge and what follows from it; what the watch yields and everything draws."""

from collections.abc import Mapping

import msgspec

from console.fleet.failure import Failure
from console.fleet.findings import Finding, Reason
from console.fleet.host_evidence import HostEvidence
from console.fleet.lives import Life, Lives
from console.fleet.models import FleetSnapshot, JobKey, RunnerKey, Thresholds
from console.fleet.past import Past
from console.fleet.sightings import Sighting


class Look(msgspec.Struct, frozen=True):
    """One state of knowledge, and what follows from it."""

    snapshot: FleetSnapshot
    findings: tuple[Finding, ...] = ()
    """Worst first. Empty until the first look is whole."""
    reasons: Mapping[JobKey, Reason] = {}
    """Why each waiting job waits, in a few words."""
    takers: Mapping[JobKey, int | None] = {}
    """How many runners could take each queued job; None where it could not be told."""
    wedged: frozenset[RunnerKey] = frozenset()
    """Runners that idle while jobs which they could take stay queued."""
    drained: frozenset[RunnerKey] = frozenset()
    """Runners that were stopped with the console, on purpose."""
    failures: Mapping[JobKey, Failure] = {}
    """Why jobs failed, as far as their logs have been read."""
    sightings: Mapping[RunnerKey, Sighting] = {}
    """What was seen last in the logs of runners that were opened here."""
    hosts: Mapping[RunnerKey, HostEvidence] = {}
    """What the hosts of suspected runners said lately, without being asked by anybody."""
    past: Past = Past()
    """What is kept of earlier looks."""
    lives: Mapping[str, Life] = {}
    """What has become of each finding so far, by its key."""
    cleared: Lives = ()
    """What has cleared lately, the last first."""
    lives_kept: bool = True
    """What is said of findings outlives this process."""
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
