"""The life of a finding: new, acknowledged, muted, cleared, and back again; from look to look. Pure.

Several processes look at one fleet and keep its lives together: `lived` is what each does with what is kept then.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from msgspec.structs import replace

from console.fleet.findings import Finding, Severity
from console.fleet.lives import Life, Lives, Mute
from console.fleet.models import plain
from console.fleet.rules import RULES

FLAPS_WITHIN = timedelta(minutes=15)
"""What comes back so soon after it has cleared was never gone."""
UNSEEN_FOR = timedelta(seconds=45)
"""What is not found any more has cleared after that, where nothing says by what."""
UNSEEN_HERE_FOR = timedelta(minutes=15)
"""The same of what rests on logs or hosts, which another process may know better."""
KEPT_FOR = timedelta(days=1)
MOST = 300
MOST_TARGETS = 50
MOST_RETURNS = 20
SEEN_EVERY = timedelta(minutes=1)
_RANK: tuple[Severity, ...] = ("info", "watch", "alert")
_OF_THE_LISTS = frozenset(rule.cause for rule in RULES)
"""Causes that everybody sees who looks at GitHub's lists."""

HowItEnded = Callable[[Life], str]
"""By what something cleared, in a few words; empty: nobody knows."""


class _Taken(NamedTuple):
    """Lives that go on in this look, and the keys of all that is found in it."""

    lives: dict[str, Life]
    found: frozenset[str]


def lived(kept: Lives, findings: Iterable[Finding], now: datetime, how_it_ended: HowItEnded = lambda _: "") -> Lives:
    """The lives after a look that was whole; the very same ones if nothing is news."""
    findings = tuple(findings)
    taken = _Taken({}, frozenset(key for finding in findings for key in finding.keys))
    for finding in findings:
        before = _life_before(kept, finding, now)
        life = _born(finding, now) if before is None else _gone_on(before, finding, now)
        if life.id in taken.lives:  # what was told as one has come apart
            life = replace(life, id=id_of(finding.key))
        taken.lives.setdefault(life.id, life)
    rest = (_missed(life, now, how_it_ended) for life in kept if not _goes_on(life, taken))
    after = (*taken.lives.values(), *(life for life in rest if life is not None))
    ordered = tuple(sorted(_worth_keeping(after, now), key=lambda life: (life.first_seen, life.id)))
    return kept if ordered == kept else ordered


def _worth_keeping(lives: Iterable[Life], now: datetime) -> list[Life]:
    """Of too many first of all what somebody has said something of, then what is not over: the newest of these."""

    def worth(life: Life) -> tuple[bool, bool, datetime, str]:
        goes_on = life.cleared_at is None
        return life.muted(now) or (goes_on and bool(life.acknowledged_by)), goes_on, life.first_seen, life.id

    return sorted(lives, key=worth)[-MOST:]


def life_of(lives: Lives, finding: Finding) -> Life | None:
    """The life that a finding has now."""
    keys = finding.keys
    here = (life for life in lives if life.cleared_at is None and not keys.isdisjoint(life.keys))
    return min(here, key=lambda life: finding.key not in life.keys, default=None)


def id_of(key: str) -> str:
    """The same for the same finding, wherever it is found."""
    return sha256(key.encode()).hexdigest()[:12]


def _life_before(kept: Lives, finding: Finding, now: datetime) -> Life | None:
    """By its key, else by that of a part, else by the same cause at one of the same runners."""
    keys, kind = finding.keys, finding.key.partition(" ")[0]
    runners = frozenset(finding.runners)
    ranked = []
    for life in kept:
        same = not keys.isdisjoint(life.keys)
        alike = life.kind == kind and not runners.isdisjoint(life.runners)
        if (same or alike) and _may_go_on(life, now):
            ranked.append((life.cleared_at is not None, not same, finding.key not in life.keys, life.first_seen, life))
    return min(ranked, key=lambda each: each[:-1])[-1] if ranked else None


def _may_go_on(life: Life, now: datetime) -> bool:
    """What cleared long ago is another one when it is found again; but whoever muted it until four meant until four."""
    return life.cleared_at is None or abs(now - life.cleared_at) <= FLAPS_WITHIN or life.muted(now)


def _goes_on(life: Life, taken: _Taken) -> bool:
    """In its own finding, or as a part of another."""
    return life.id in taken.lives or (life.cleared_at is None and not taken.found.isdisjoint(life.keys))


def _born(finding: Finding, now: datetime) -> Life:
    life = Life(id_of(finding.key), (finding.key,), finding.cause, finding.severity, "", "", now, now)
    return _described(life, finding)


def _described(life: Life, finding: Finding) -> Life:
    return replace(
        life,
        keys=(finding.key, *sorted(finding.keys - {finding.key})),
        cause=finding.cause,
        severity=finding.severity,
        subject=plain(finding.subject),
        runners=finding.runners[:MOST_TARGETS],
        jobs=finding.jobs[:MOST_TARGETS],
        runs=finding.runs[:MOST_TARGETS],
        suspect=finding.suspect or life.suspect,
        number=len(finding.runners),
        # An age in it would be news each second.
        summary=life.summary or plain(finding.summary),
    )


def _gone_on(before: Life, finding: Finding, now: datetime) -> Life:
    life = _described(before, finding)
    if before.cleared_at is not None:
        returns = (*before.returns, now)[-MOST_RETURNS:]
        life = replace(life, cleared_at=None, cleared_by="", returns=returns, summary=plain(finding.summary))
    seen = before.last_seen if abs(now - before.last_seen) < SEEN_EVERY else now
    life = replace(life, last_seen=seen, missed_since=None, first_seen=min(before.first_seen, now))
    if life.mute is not None and not life.muted(now):
        life = replace(life, mute=None)
    return replace(unmuted(life), worse=True) if _is_worse(before, life) else life


def _is_worse(before: Life, life: Life) -> bool:
    """Than when it was muted, or acknowledged: then it is new again."""
    mute = life.mute
    if mute is not None:
        return _RANK.index(life.severity) > _RANK.index(mute.severity) or _many_more(life.number, mute.runners)
    known = life.acknowledged_as or before.severity
    return bool(life.acknowledged_by) and _RANK.index(life.severity) > _RANK.index(known)


def _many_more(number: int, before: int) -> bool:
    """Half as many again: of many at once there is always one more or one less."""
    return number > before + before // 2


def _missed(life: Life, now: datetime, how_it_ended: HowItEnded) -> Life | None:
    """What is not found any more has cleared at once where it is known by what, else after a while."""
    if life.cleared_at is not None:
        return life if abs(now - life.cleared_at) <= KEPT_FOR or life.muted(now) else None
    by = how_it_ended(life)
    missed = life.missed_since or now
    patience = UNSEEN_FOR if life.kind in _OF_THE_LISTS else UNSEEN_HERE_FOR
    if not by and abs(now - missed) < patience:
        return replace(life, missed_since=missed)
    return replace(life, missed_since=None, cleared_at=now, cleared_by=by or "not seen any more")


# What the operator says to it.


def acknowledged(life: Life, by: str, now: datetime) -> Life:
    """Somebody knows of it."""
    return replace(life, acknowledged_by=by, acknowledged_at=now, acknowledged_as=life.severity, worse=False)


def muted(life: Life, by: str, until: datetime) -> Life:
    """Not to be told of until then."""
    return replace(life, mute=Mute(until, by, life.severity, life.number), worse=False)


def unmuted(life: Life) -> Life:
    """As if nobody had said anything."""
    return replace(life, mute=None, worse=False, acknowledged_by="", acknowledged_at=None, acknowledged_as=None)
