"""Runners that went offline within minutes of one another: one finding, however many there are. Pure."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta

from console.fleet.findings import Finding, Severity
from console.fleet.models import FleetSnapshot, Phrase, RunnerKey
from console.fleet.spread import Places, spread_of
from console.fleet.words import named, sentence, several

OFFLINE = "runners-offline"
WITHIN = timedelta(minutes=15)
"""Between the first and the last of them."""
LASTING = timedelta(minutes=1)
"""A runner that updates itself is back before that."""
_SEVERAL = 3
_SHARE = 0.1
"""Of all, where nothing tells them from the others: in a large fleet there are always a few."""
TOGETHER_FIRST: Phrase = (
    "Look at what they have in common before any single one: power, network, an image or update rolled out. ",
)
_HELPS: Phrase = (*TOGETHER_FIRST, "To start a service helps only where its host answers.")


def offline_together(
    snapshot: FleetSnapshot,
    drained: AbstractSet[RunnerKey] = frozenset(),
    places: Places | None = None,
) -> tuple[Finding, ...]:
    """Those that were seen to go, and not stopped on purpose; runners for one job come and go.

    `places` are those of the snapshot.
    """
    now = snapshot.taken_at
    gone = sorted(
        (at, key)
        for key, at in snapshot.went_offline.items()
        if key not in drained and now - at >= LASTING and not snapshot.runners[key].ephemeral
    )
    last = [(at, key) for at, key in gone if gone[-1][0] - at <= WITHIN]
    if len(last) < _SEVERAL:
        return ()
    keys = tuple(key for _, key in last)
    places = places or Places(snapshot)
    spread = spread_of(keys, places, places.everyone)
    if spread is None or (spread.trait is None and spread.affected < _SHARE * spread.comparable):
        return ()
    having = spread.having if spread.trait is not None else spread.comparable
    severity: Severity = "alert" if 2 * len(keys) >= having else "watch"
    return (_finding(snapshot, keys, severity),)


def _finding(snapshot: FleetSnapshot, keys: tuple[RunnerKey, ...], severity: Severity) -> Finding:
    since, last = (snapshot.went_offline[key] for key in (keys[0], keys[-1]))
    # Each went at some time since it was last seen online: no closer together than that is known.
    first = min(snapshot.last_online.get(key, since) for key in keys)
    minutes = max(-((first - last) // timedelta(minutes=1)), 1)
    names = named([snapshot.runners[key].name for key in keys], most=6)
    return Finding(
        cause=OFFLINE,
        severity=severity,
        certainty="proved",
        subject=(several(len(keys), "runner"),),
        summary=(f"went offline within {minutes} min",),
        since=since,
        evidence=(sentence("Seen online before, and then offline: ", names, "."), *_unseen(first, since)),
        helps=_HELPS,
        runners=keys,
        about=keys[0].path,
    )


def _unseen(online: datetime, offline: datetime) -> tuple[Phrase, ...]:
    """Of a time in which nobody looked."""
    if offline - online <= 2 * LASTING:
        return ()
    when = f"{online.astimezone(UTC):%H:%MZ} and {offline.astimezone(UTC):%H:%MZ}"
    return ((f"Nobody looked between {when}: when in between they went is not known.",),)
