"""Runners that were stopped on purpose, as the history tells it."""

from collections.abc import Iterable

from console.fleet.history import Entry
from console.fleet.models import RunnerKey

DRAIN = "drain"
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
