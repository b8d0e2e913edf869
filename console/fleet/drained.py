"""Runners that were stopped on purpose, as the history tells it."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from console.fleet.findings import Finding
from console.fleet.history import Entry
from console.fleet.models import FleetSnapshot, Name, RunnerKey
from console.fleet.words import sentence

DRAIN = "drain"
_TO_START = frozenset({"only-offline-runners", "service-stopped"})
"""What decides that a start is offered."""
_STARTS = frozenset({"return", "start-service", "restart-service", "restart-when-idle"})


def drained(entries: Iterable[Entry], context: str) -> frozenset[RunnerKey]:
    """Those whose last deed that stopped or started them, newest first, was a drain that was proved.

    Of one context: in another the same id may be another server's runner.
    """
    decided: dict[RunnerKey, bool] = {}
    for entry in entries:
        deed, target = entry.deed, entry.deed.target
        if entry.state != "proved" or deed.context != context or target.kind != "runner":
            continue
        if deed.action == DRAIN or deed.action in _STARTS:
            decided.setdefault(RunnerKey(target.place, target.id), deed.action == DRAIN)
    return frozenset(key for key, stopped in decided.items() if stopped)


def in_view_of_drains(
    findings: Iterable[Finding], stopped: AbstractSet[RunnerKey], snapshot: FleetSnapshot
) -> Iterator[Finding]:
    """The same findings. Whose service was stopped on purpose is not just to be started."""
    for finding in findings:
        key = finding.suspect
        if key is None or key not in stopped or finding.remedied_as not in _TO_START:
            yield finding
            continue
        name = Name(snapshot.runners[key].name)
        why = sentence(name, " was drained from here: its service was stopped on purpose. History tells by whom.")
        helps = sentence("Return ", name, " to work once that is over, or start another runner with these labels.")
        yield replace(finding, evidence=(*finding.evidence, why), helps=helps, remedied="drained")
