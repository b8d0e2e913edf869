"""What is said where there is nothing to list: healthy, still looking, in trouble, or only remembered."""

from collections.abc import Sequence
from datetime import datetime

from console.fleet.models import FleetSnapshot, Phrase, Progress, SourceKind, plain
from console.fleet.sources import not_read_yet
from console.fleet.totals import Totals
from console.fleet.words import count, several
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part
from console.ui.trouble import Trouble, troubles
from console.ui.widgets.fact_lines import FactLine
from console.ui.widgets.header import ever_read, worst_source

_MANY_REQUESTS = 400


def calm_lines(look: Look, counts: Totals, now: datetime, failure: Trouble | None = None) -> list[FactLine]:
    """The state of the fleet in words. `failure` is why no context is open."""
    not_open = _trouble_lines((failure,)) if failure is not None else []
    if look.remembered and not _begun(look.snapshot.progress):
        return [*not_open, *_remembered_lines(counts)]
    if not_open and not look.snapshot.freshness:
        return not_open
    known = troubles(look.snapshot)
    if not look.snapshot.whole:
        return _first_look_lines(look.snapshot, known)
    return [_said(_headline(look.snapshot, counts, now, known), "strong"), *_trouble_lines(known)]


def none_listed(
    look: Look, what: str, kinds: tuple[SourceKind, ...], none: str, failure: Trouble | None = None
) -> Phrase:
    """What a list says that has no rows: `none` only once everything it comes from has been read."""
    snapshot = look.snapshot
    unread = any(source.looked_at is None for source in snapshot.freshness if source.kind in kinds)
    if snapshot.whole and not unread and not look.remembered:
        return (none,)
    known = (failure,) if failure is not None else troubles(snapshot)
    if known:
        why = f"{known[0].message.rstrip('.')}."
    elif (look.remembered and not _begun(snapshot.progress)) or not snapshot.freshness:
        why = "Nothing has been looked at yet."
    elif snapshot.whole:
        why = "Not everything has been read yet."
    else:
        why = "The first look is under way."
    return (f"No {what} has been seen yet. {why}",)


def _begun(progress: Progress) -> bool:
    """Something has been read, so that what is shown is no longer that of the last time."""
    return progress.runners + progress.repositories > 0


def _remembered_lines(counts: Totals) -> list[FactLine]:
    runners, queued = several(counts.runners, "runner"), several(counts.queued, "job")
    last = f"Last time there were {runners}, {count(counts.busy)} of them busy, and {queued} queued."
    return [_said("Nothing has been looked at yet.", "strong"), _said(last)]


def _first_look_lines(snapshot: FleetSnapshot, known: Sequence[Trouble]) -> list[FactLine]:
    first = "The first look is not whole yet." if known else "The first look is under way."
    lines = [_said(first, "strong"), _said(progress_words(snapshot.progress))]
    if _requests(snapshot.progress) > _MANY_REQUESTS:
        lines.append(_said("So large a fleet takes a minute or more: GitHub allows 900 requests a minute."))
    lines += _trouble_lines(known)
    return [*lines, _said("Nothing is called healthy or stuck before the look is whole.", "muted")]


def _headline(snapshot: FleetSnapshot, counts: Totals, now: datetime, known: Sequence[Trouble]) -> str:
    """Healthy is said only of what was read as a whole, and lately."""
    if not ever_read(snapshot):
        return "Nothing could be looked at yet."
    worst = worst_source(snapshot, now)
    age = worst.age(now) if worst is not None else None
    if worst is not None and age is not None and worst.late(now):
        return f"Nothing was wrong when it was last looked at; the oldest source is {signs.age(age)} old."
    if known:
        return "Nothing is wrong in what could be read."
    if unread := plain(not_read_yet(snapshot)):
        return f"Nothing is wrong in what has been read. Not read yet: {unread}."
    return healthy_words(counts)


def progress_words(progress: Progress) -> str:
    """`1 200 of 10 000 runners, 40 of 300 repositories looked at`."""
    if progress == Progress():
        return "Nothing has been looked at yet."
    runners = _of(progress.runners, progress.runners_total, "runner")
    repositories = _of(progress.repositories, progress.repositories_total, "repository", "repositories")
    return f"{runners}, {repositories} looked at"


def _requests(progress: Progress) -> int:
    """So many the first look takes at least: a hundred runners a page, two lists of runs for each repository."""
    return (progress.runners_total or 0) // 100 + 2 * (progress.repositories_total or 0)


def _of(number: int, total: int | None, one: str, many: str = "") -> str:
    if total is None:
        return several(number, one, many) if number else f"no {one} yet"
    return f"{count(number)} of {several(total, one, many)}"


def healthy_words(counts: Totals) -> str:
    """`All 48 runners are doing their work. 21 busy, 27 idle, nothing waits longer than 38 s.`"""
    if not counts.runners:
        return "No runner is registered in these scopes, and no job waits for one."
    offline = f", {count(counts.offline)} offline" if counts.offline else ""
    if counts.offline:
        first = f"{several(counts.online, 'runner is', 'runners are')} online and doing their work."
    else:
        first = f"All {several(counts.runners, 'runner')} are doing their work."
    if counts.longest_wait is None:
        waits = "no job waits"
    else:
        waits = f"nothing waits longer than {signs.age(counts.longest_wait)}"
    return f"{first} {count(counts.busy)} busy, {count(counts.idle)} idle{offline}, {waits}."


def _said(text: str, style: str = "") -> FactLine:
    return FactLine((), (Part(text, style),))


def _trouble_lines(known: Sequence[Trouble]) -> list[FactLine]:
    lines = []
    for trouble in known:
        lines += [_said(line, "warning") for line in trouble.message.splitlines()]
        lines += [_said(line) for line in trouble.hint.splitlines()]
    return lines
