"""What follows from what is known: the diagnosis of the last whole look, with what logs, hosts and GitHub say."""

import asyncio
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from console.fleet.cache_findings import cache_findings
from console.fleet.diagnosis import diagnosing
from console.fleet.drained import in_view_of_drains
from console.fleet.failure import Failure
from console.fleet.findings import Diagnosis, Finding
from console.fleet.github_incident import in_view_of_github
from console.fleet.host_causes import Hosts, suspects_of, told_by_hosts
from console.fleet.hosts import homes_of
from console.fleet.inquiry import drained
from console.fleet.models import FleetSnapshot, JobKey, RunnerKey, Thresholds
from console.fleet.offline import offline_together
from console.fleet.past import Past
from console.fleet.sightings import (
    Sighting,
    Sightings,
    kept,
    last_of_each,
    looked_into,
    of_failures,
    the_same_on_several,
)
from console.fleet.spread import Places
from console.fleet.together import told_together
from console.fleet.warnings import Signs, warning_findings, worth_asking
from console.operations.interfaces import Clock

BREATH = 0.01
"""Between two pieces of work on a large fleet: a key that was pressed meanwhile is drawn before the next one."""
LARGE = 1_000
"""Runners."""


class Conclusions:
    """Of one context. Everything here is judged by pure functions; this only keeps what they are given."""

    def __init__(self, thresholds: Thresholds, clock: Clock, patterns: Mapping[str, str] | None = None) -> None:
        """`patterns` of runners' names, with their hosts."""
        self.judged = Diagnosis()
        """Of the last whole look."""
        self._thresholds = thresholds
        self._clock = clock
        self._sightings: Sightings = {}
        self._failures_seen: Mapping[JobKey, Failure] = {}
        self._worth_asking: tuple[RunnerKey, ...] = ()
        self._patterns = patterns or {}
        self._homes: Mapping[RunnerKey, str] = {}

    async def judge(self, snapshot: FleetSnapshot) -> None:
        """In slices, so that a key press never waits for it."""
        slices = diagnosing(snapshot, self._thresholds)
        while True:
            await self._clock.sleep(BREATH)
            try:
                next(slices)
            except StopIteration as end:
                self.judged = end.value
                return

    def note_sightings(self, sightings: Sequence[Sighting]) -> bool:
        """A log of a runner that was opened here has these known lines. Whether that is news."""
        known = kept(self._sightings, sightings)
        news, self._sightings = known != self._sightings, known
        return news

    def note_failures(self, failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> None:
        """What the logs of failed jobs say of the runners that had them."""
        if failures is not self._failures_seen:
            self._failures_seen = failures
            self._sightings = kept(self._sightings, of_failures(failures, snapshot))

    @property
    def sightings(self) -> dict[RunnerKey, Sighting]:
        """Of each runner the last."""
        return last_of_each(self._sightings.values())

    @property
    def suspects(self) -> tuple[RunnerKey, ...]:
        """Runners whose hosts may tell more."""
        return tuple(dict.fromkeys((*suspects_of(self.judged.findings), *self._worth_asking)))

    async def findings(
        self, snapshot: FleetSnapshot, hosts: Hosts, past: Past, stopped: AbstractSet[RunnerKey] = frozenset()
    ) -> tuple[Finding, ...]:
        """What was judged, with what hosts, logs and GitHub's own status page say, and what is to come; what has one
        cause is one. `stopped` are those that were stopped on purpose.

        Of a large fleet in a thread: how it lies there takes longer than a key press may wait.
        """
        sightings = tuple(self._sightings.values())
        known = _Known(self.judged.findings, snapshot, hosts, sightings, past, stopped, self._failures_seen)
        if len(snapshot.runners) > LARGE:
            return await asyncio.to_thread(self._concluded, known)
        return self._concluded(known)

    def _concluded(self, known: "_Known") -> tuple[Finding, ...]:
        if self._patterns:
            self._homes = homes_of(known.snapshot.runners, self._patterns, self._homes)
        found, self._worth_asking = _conclude(known, self._homes)
        return found


class _Known(NamedTuple):
    """What findings rest on."""

    judged: Sequence[Finding]
    snapshot: FleetSnapshot
    hosts: Hosts
    sightings: Sequence[Sighting]
    past: Past
    stopped: AbstractSet[RunnerKey]
    failures: Mapping[JobKey, Failure]


def _conclude(known: _Known, homes: Mapping[RunnerKey, str]) -> tuple[tuple[Finding, ...], tuple[RunnerKey, ...]]:
    """The findings; and whose hosts are worth asking besides: those that were warned of stay so."""
    judged, snapshot, hosts, sightings, past, stopped, failures = known
    told = tuple(in_view_of_drains(told_by_hosts(judged, snapshot, hosts) if hosts else judged, stopped, snapshot))
    warned = drained(warning_findings(Signs(snapshot, past, hosts, told)))
    same = the_same_on_several(sightings, snapshot.taken_at) if snapshot.whole else ()
    places = Places(snapshot, homes)
    gone = offline_together(snapshot, stopped, places) if snapshot.whole else ()
    caches = cache_findings(snapshot, failures) if snapshot.whole else ()
    read = looked_into(sightings, hosts, snapshot) if same else ()
    lost = told_by_hosts(gone, snapshot, hosts)
    found = told_together(in_view_of_github((*told, *same, *lost, *caches, *warned), snapshot), snapshot, read, places)
    asked = (key for finding in warned for key in finding.runners if key in hosts)
    return found, tuple(dict.fromkeys((*suspects_of(gone), *asked, *worth_asking(snapshot, past))))
