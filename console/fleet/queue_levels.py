"""How long jobs wait now, beside how long they do as a rule: one line for each set of labels. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
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
    class_of,
    key_of,
    level,
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
    """Those that are slow first, then those that have the most jobs."""
    made = [_line(known, waits.looked, now) for known in _known(waits, jobs)]
    return tuple(sorted(made, key=lambda line: (not line.slow, -_busy(line), line.key)))


def slow_lines(waits: Waits, jobs: Iterable[Job], now: datetime) -> Iterator[Line]:
    """Those that are slow: the day of the others need not be gone through."""
    quarter = quarter_of(now)
    hours = _usual_hours(waits.looked, quarter)
    for known in _known(waits, jobs):
        hour = known.each.counts(quarter - HOUR + 1, quarter)
        if sum(hour.values()) + len(known.queued) < ENOUGH_NOW:
            continue
        least = _at_least(hour, [job.waited(now) for job in known.queued])
        if least is not None and least >= MORE and _well_above(least, _usual(known.each, quarter), hours):
            yield _line(known, waits.looked, now)


def _usual(each: SetWaits, quarter: int) -> Level | None:
    return level(each.counts(quarter - HOUR - DAY + 1, quarter - HOUR))


def _usual_hours(looked: frozenset[int], quarter: int) -> float:
    return len([one for one in looked if quarter - HOUR - DAY < one <= quarter - HOUR]) / HOUR


class _Known(NamedTuple):
    """A set of labels and the jobs that wait now."""

    key: str
    each: SetWaits
    queued: list[Job]


def _known(waits: Waits, jobs: Iterable[Job]) -> Iterator[_Known]:
    queued: dict[str, list[Job]] = {}
    for job in jobs:
        if job.queued and job.attempt == 1:
            queued.setdefault(key_of(job), []).append(job)
    for key, each in waits.sets.items():
        yield _Known(key, each, queued.pop(key, []))
    for key, waiting in queued.items():
        owner = waiting[0].repository.partition("/")[0].lower()
        yield _Known(key, SetWaits(owner, waiting[0].labels), waiting)


def _busy(line: Line) -> int:
    return (line.hour.jobs if line.hour else 0) + len(line.waiting)


def _line(known: _Known, looked: frozenset[int], now: datetime) -> Line:
    key, each, queued = known
    quarter = quarter_of(now)
    hour = each.counts(quarter - HOUR + 1, quarter)
    queued.sort(key=lambda job: (job.created_at, job.key))
    return Line(
        key,
        each.owner,
        each.labels,
        level(hour),
        _usual(each, quarter),
        _usual_hours(looked, quarter),
        _course(each, looked, quarter),
        tuple(job.key for job in queued),
        queued[0].waited(now) if queued else None,
        _at_least(hour, [job.waited(now) for job in queued]),
        _github_hosted(each),
    )


def _github_hosted(waits: SetWaits) -> bool:
    """They ask for GitHub's own machines."""
    return Request(f"{waits.owner}/", frozenset(map(str.casefold, waits.labels))).github_hosted


def _course(each: SetWaits, looked: frozenset[int], quarter: int) -> tuple[Hour, ...]:
    told = []
    for ago in reversed(range(DAY // HOUR)):
        first = quarter - ago * HOUR - HOUR + 1
        known = level(each.counts(first, first + HOUR - 1))
        told.append(Hour(known.p90 if known else None, all(first + step in looked for step in range(HOUR))))
    return tuple(told)


def _at_least(hour: Mapping[int, int], waits: list[timedelta]) -> timedelta | None:
    """Whoever still waits will have waited at least as long as now."""
    both = Counter(hour)
    both.update(class_of(wait) for wait in waits)
    known = [each.p90 for each in (level(hour), level(both)) if each is not None]
    return max(known, default=None)
