"""What has become of a finding, as `now` prints it and as JSON."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from console.cli.json_values import as_time
from console.fleet.ages import age
from console.fleet.findings import Finding
from console.fleet.lives import Life, returned_lately
from console.fleet.models import plain
from console.fleet.words import several
from console.operations.finding_lives import NOT_KEPT
from console.operations.look import Look

SHOWN = 6
"""Characters of an id: enough to tell findings apart, and any that are enough will do."""


def as_dict(life: Life | None, now: datetime) -> dict[str, Any]:
    """The names that each finding has for it."""
    mute = life.mute if life is not None and life.muted(now) else None
    return {
        "id": life.id[:SHOWN] if life is not None else None,
        "state": life.state(now) if life is not None else "new",
        "first_seen": as_time(life.first_seen if life is not None else None),
        "acknowledged_by": (life.acknowledged_by or None) if life is not None else None,
        "muted_until": as_time(mute.until if mute is not None else None),
        "muted_by": mute.by if mute is not None else None,
        "came_back": len(life.returns) if life is not None else 0,
    }


def cleared_as_dict(life: Life) -> dict[str, Any]:
    """What is not found any more."""
    return {
        "id": life.id[:SHOWN],
        "key": life.keys[0],
        "cause": life.cause,
        "subject": life.subject,
        "first_seen": as_time(life.first_seen),
        "cleared_at": as_time(life.cleared_at),
        "cleared_by": life.cleared_by,
    }


def words_of(life: Life, now: datetime) -> Iterator[str]:
    """Each a few words."""
    if life.muted(now) and life.mute is not None:
        yield f"muted until {moment(life.mute.until, now)} by {life.mute.by}"
    if life.acknowledged_by and life.acknowledged_at is not None:
        yield f"acknowledged by {life.acknowledged_by} {age(now - life.acknowledged_at)} ago"
    if life.worse:
        yield "it got worse after that was said of it"
    back = returned_lately(life, now)
    if back:
        yield f"came back {several(back, 'time')} since {moment(life.first_seen, now)}"


def moment(at: datetime, now: datetime) -> str:
    """`04:00Z`, with its day where that is another."""
    there = at.astimezone(UTC)
    return f"{there:%H:%MZ}" if there.date() == now.astimezone(UTC).date() else f"{there:%Y-%m-%d %H:%MZ}"


def told_last(look: Look) -> Iterator[str]:
    """What is muted, what has cleared, and where nothing of that can be kept."""
    now = look.snapshot.taken_at
    muted = [(each, life) for each in look.findings if (life := look.lives.get(each.key)) and life.muted(now)]
    if muted:
        yield ""
        yield f"{several(len(muted), 'finding is', 'findings are')} muted:"
    for finding, life in muted:
        until = moment(life.mute.until, now) if life.mute is not None else ""
        yield f"   until {until}: {_named(finding)} [{life.id[:SHOWN]}]"
    if look.cleared:
        yield ""
    for life in look.cleared:
        ago = age(now - life.cleared_at) if life.cleared_at is not None else ""
        yield f"cleared {ago} ago: {life.subject} ({life.cause}): {life.cleared_by}"
    if not look.lives_kept:
        yield ""
        yield f"{NOT_KEPT}: the state directory cannot be used. Every finding is shown as new."


def _named(finding: Finding) -> str:
    return f"{plain(finding.subject)}: {plain(finding.summary)} ({finding.cause})"
