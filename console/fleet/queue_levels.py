"""How long jobs wait now, beside how long they do as a rule: one line for each set of labels. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.matching import Request
from console.fleet.models import Job, JobKey
from console.fleet.queue_waits import (
    DAY,
    HOUR,
    Level,
    SetWaits,
    Waits,
    added,
    class_of,
    key_of,
    level,
    nine_of_ten,
    quarter_of,
)

TWICE = 2
MORE = timedelta(minutes=2)
"""So much longer than as a rule, and at least twice as long: that is well above it."""
ENOUGH_NOW = 10
ENOUGH_BEFORE = 30
HOURS_BEFORE = 3.0
"""On fewer jobs, or fewer hours, nobody can say what the rule is."""


class Hour(NamedTuple):
    """One hour of the course of a day."""

    p90: timedelta | None
    """None: no job of the set has begun."""
    looked: bool
    """Somebody looked in each of its quarters; else there may have been more jobs."""


class Line(NamedTuple):
    """One set of labels."""

    key: str
    owner: str
    labels: tuple[str, ...]
    hour: Level | None
    """Of the jobs that began in the last hour; None: none has."""
    usual: Level | None
    """Of those in the day before it."""
    usual_hours: float
    """Of that day somebody looked for so long."""
    course: tuple[Hour, ...]
    """The last 24 hours, the oldest first."""
    waiting: tuple[JobKey, ...]
    """Those that wait now, the longest first."""
    longest: timedelta | None
    """How long that one has waited."""
    at_least: timedelta | None
    """The p90 that the last hour's jobs will have at least, with those that still wait, whatever becomes of these."""
    hosted: bool
    """These ask for GitHub's own machines."""

    @property
    def slow(self) -> bool:
        """They wait well longer than as a rule, and there are enough jobs to say so."""
        if (self.hour.jobs if self.hour else 0) + len(self.waiting) < ENOUGH_NOW or self.at_least is None:
            return False
        return _well_above(self.at_least, self.usual, self.usual_hours)

    @property
    def peak(self) -> tuple[int, timedelta] | None:
        """How many hours ago it was worst, and how bad."""
        known = [(hour.p90, place) for place, hour in enumerate(self.course) if hour.p90 is not None]
        if not known:
            return None
        worst, place = max(known)
        return len(self.course) - 1 - place, worst


def _well_above(at_least: timedelta, usual: Level | None, hours: float) -> bool:
    if usual is None or usual.jobs < ENOUGH_BEFORE or hours < HOURS_BEFORE:
        return False
    return at_least >= TWICE * usual.p90 and at_least - usual.p90 >= MORE


def lines(waits: Waits, jobs: Iterable[Job], now: datetime) -> tuple[Line, ...]:
    """Those that are slow first, then those whose jobs wait for long now, then those that have the most jobs."""
    quarter = quarter_of(now)
    made = [_line(known, _hours(known.each, quarter), waits.looked, now) for known in _known(waits, jobs)]
    return tuple(sorted(made, key=lambda line: (not line.slow, -_stuck(line), -_busy(line), line.key)))


def _stuck(line: Line) -> timedelta:
    """How long the longest of them has waited, where that is long: few may be all that ever asks for these labels."""
    return line.longest if line.longest is not None and line.longest >= MORE else timedelta()


def slow_lines(waits: Waits, jobs: Iterable[Job], now: datetime) -> Iterator[Line]:
    """Those that are slow: the day of most others need not be gone through."""
    quarter = quarter_of(now)
    looked_for = _usual_hours(waits.looked, quarter)
    for known in _known(waits, jobs):
        hour = known.each.counts(quarter - HOUR + 1, quarter)
        if sum(hour.values()) + len(known.queued) < ENOUGH_NOW:
            continue
        least = _at_least(hour, [job.waited(now) for job in known.queued])
        if least is not None and least >= MORE:
            hours = _hours(known.each, quarter)
            if _well_above(least, level(added(hours[:-1])), looked_for):
                yield _line(known, hours, waits.looked, now)


def _hours(each: SetWaits, quarter: int) -> list[dict[int, int]]:
    """How many waits of each class there were in the last hour, and in each of the day before: the oldest first."""
    ends = range(quarter - DAY, quarter + 1, HOUR)
    return [each.counts(last - HOUR + 1, last) for last in ends]


def _usual_hours(looked: frozenset[int], quarter: int) -> float:
    return len([one for one in looked if quarter - HOUR - DAY < one <= quarter - HOUR]) / HOUR


class _Known(NamedTuple):
    """A set of labels and the jobs that wait now."""

    key: str
    each: SetWaits
    queued: list[Job]


def _known(waits: Waits, jobs: Iterable[Job]) -> Iterator[_Known]:
    alike: dict[tuple[str, tuple[str, ...]], list[Job]] = {}
    for job in jobs:
        if job.queued and job.attempt == 1:
            alike.setdefault((job.repository, job.labels), []).append(job)
    queued: dict[str, list[Job]] = {}
    for some in alike.values():
        queued.setdefault(key_of(some[0]), []).extend(some)
    for key, each in waits.sets.items():
        yield _Known(key, each, queued.pop(key, []))
    for key, waiting in queued.items():
        owner = waiting[0].repository.partition("/")[0].lower()
        yield _Known(key, SetWaits(owner, waiting[0].labels), waiting)


def _busy(line: Line) -> int:
    return (line.hour.jobs if line.hour else 0) + len(line.waiting)


def _line(known: _Known, hours: Sequence[Mapping[int, int]], looked: frozenset[int], now: datetime) -> Line:
    key, each, queued = known
    quarter = quarter_of(now)
    queued.sort(key=lambda job: (job.created_at, job.key))
    return Line(
        key,
        each.owner,
        each.labels,
        level(hours[-1]),
        level(added(hours[:-1])),
        _usual_hours(looked, quarter),
        _course(hours[1:], looked, quarter),
        tuple(job.key for job in queued),
        queued[0].waited(now) if queued else None,
        _at_least(hours[-1], [job.waited(now) for job in queued]),
        _github_hosted(each),
    )


def _github_hosted(waits: SetWaits) -> bool:
    """They ask for GitHub's own machines."""
    return Request(f"{waits.owner}/", frozenset(map(str.casefold, waits.labels))).github_hosted


def _course(hours: Sequence[Mapping[int, int]], looked: frozenset[int], quarter: int) -> tuple[Hour, ...]:
    """`quarter` is the last of the last of these hours."""
    first = quarter - len(hours) * HOUR + 1
    starts = range(first, quarter, HOUR)
    return tuple(
        Hour(nine_of_ten(counts), looked.issuperset(range(start, start + HOUR)))
        for counts, start in zip(hours, starts, strict=True)
    )


def _at_least(hour: Mapping[int, int], waits: list[timedelta]) -> timedelta | None:
    """Whoever still waits will have waited at least as long as now."""
    both = Counter(hour)
    both.update(class_of(wait) for wait in waits)
    known = [each for each in (nine_of_ten(hour), nine_of_ten(both)) if each is not None]
    return max(known, default=None)
