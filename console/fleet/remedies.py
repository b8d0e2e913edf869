"""Which guided action helps against a cause, if any, and which must not be offered because it cannot."""

from collections.abc import Mapping
from typing import NamedTuple

RESTARTS = frozenset({"restart-service", "restart-when-idle"})
STARTS = RESTARTS | {"start-service", "return"}


class Remedy(NamedTuple):
    """Of one cause."""

    action: str = ""
    """Its id; empty: nothing that this console does helps."""
    forbidden: frozenset[str] = STARTS
    """They cannot help, or do harm."""


NONE = Remedy()
REMEDIES: Mapping[str, Remedy] = {
    "idle-while-queued": Remedy("restart-service", frozenset()),
    "session-stuck": Remedy("restart-service", frozenset({"start-service"})),
    "hung-after-acknowledge": Remedy("restart-service", frozenset({"start-service"})),
    "only-offline-runners": Remedy("start-service", RESTARTS),
    "runners-offline": Remedy("", RESTARTS),
    "service-stopped": Remedy("start-service", RESTARTS),
    "session-conflict": Remedy("start-service", RESTARTS),
    "drained": Remedy("return", RESTARTS),
    "registration-lost": Remedy("reregister"),
    "disk-full": Remedy("free-disk"),
    "disk-filling": Remedy("free-disk"),
    "disk-low": Remedy("free-disk"),
    "near-removal": Remedy("start-service", RESTARTS),
    "no-autoscaled-runner": Remedy("regenerate-jit"),
    "jit-used-up": Remedy("regenerate-jit"),
    "jit-refused": Remedy("regenerate-jit"),
    "jit-without-default-labels": Remedy("regenerate-jit-labels"),
    "no-runner-has-labels": Remedy("adjust-labels"),
    "failed-cache": Remedy("rerun-cache-failed"),
    "failed-remote-cache": Remedy("rerun-cache-failed"),
    "failed-release": Remedy("rerun-release"),
    "release-draft": Remedy("rerun-release"),
    "release-twice": Remedy("rerun-release"),
    "release-unfinished": Remedy("rerun-release"),
}
"""By cause. A restart is only for what it can help against: of every other cause it is forbidden."""


def remedy_of(cause: str) -> Remedy:
    """Of a cause that is not listed nothing helps that this console does."""
    return REMEDIES.get(cause, NONE)
