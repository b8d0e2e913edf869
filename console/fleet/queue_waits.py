"""How long jobs wait for a runner: counted for each set of labels, by quarters of an hour and classes of waits. Pure.

A job counts once, when it has begun. One that was run again does not: GitHub does not say since when that one waits.
Nor does one that was held back first, by an approval or its concurrency group: that was no wait for a runner.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import msgspec

from console.fleet.models import Job

QUARTER = timedelta(minutes=15)
HOUR = 4
"""Quarters. What is called the last hour is the running one and the three before."""
DAY = 96
KEPT = 2 * DAY
MOST_SETS = 50
COUNTED_WITHIN = timedelta(hours=1)
"""What began longer ago is not counted any more: nobody needs to know for longer which jobs were."""
NOTED_FOR = 2 * COUNTED_WITHIN
_STEP = math.log(1.1)
"""Of the classes of waits: each is ten percent longer than the one before."""
_HELD = frozenset({"waiting", "pending", "requested"})
_BEGUN = frozenset({"in_progress", "completed"})
_NOTE_AGAIN = timedelta(minutes=10)
_AHEAD = timedelta(minutes=1)
"""Between two clocks."""


_Class = Annotated[int, msgspec.Meta(ge=0, le=500)]
"""What was kept is believed only as far as it can be reckoned with."""


class SetWaits(msgspec.Struct, frozen=True):
    """One set of labels that jobs of one owner ask for."""

    owner: str
    labels: tuple[str, ...]
    """As the first of these jobs spelled them."""
    quarters: Mapping[int, Mapping[_Class, int]] = {}
    """By quarter since 1970 and class of waits: how many jobs began then."""

    @property
    def jobs(self) -> int:
        """All that are counted."""
        return sum(sum(classes.values()) for classes in self.quarters.values())

    def counts(self, first: int, last: int) -> dict[int, int]:
        """Of these quarters, by class."""
        return added(self.quarters.get(quarter, {}) for quarter in range(first, last + 1))


class Waits(msgspec.Struct, frozen=True):
    """All sets of labels. Never changed: what follows from new facts is a new one."""

    sets: Mapping[str, SetWaits] = {}
    looked: frozenset[int] = frozenset()
    """Quarters in which somebody looked: of others nothing is known, or not all."""
    noted: Mapping[int, int] = {}
    """Jobs that were counted, or are not to be, by id; and when that was noted, in seconds since 1970."""


class Level(NamedTuple):
    """Half, nine tenths and ninety-nine hundredths of these jobs waited no longer; right within five percent."""

    jobs: int
    p50: timedelta
    p90: timedelta
    p99: timedelta


def quarter_of(at: datetime) -> int:
    """The running quarter of an hour."""
    return int(at.timestamp() // QUARTER.total_seconds())


def begins(quarter: int) -> datetime:
    """When that quarter begins."""
    return datetime.fromtimestamp(quarter * QUARTER.total_seconds(), UTC)


def class_of(wait: timedelta) -> int:
    """The class of a wait."""
    return round(math.log(max(wait.total_seconds(), 1.0)) / _STEP)


def wait_of(number: int) -> timedelta:
    """The wait in the middle of a class."""
    return timedelta(seconds=round(math.exp(number * _STEP), 1))


def added(counts: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """All of these as one."""
    found: defaultdict[int, int] = defaultdict(int)
    for each in counts:
        for number, jobs in each.items():
            found[number] += jobs
    return found


def nine_of_ten(counts: Mapping[int, int]) -> timedelta | None:
    """So long these waited at most. None where there are no jobs."""
    jobs = sum(counts.values())
    return _within(counts, jobs * 0.9) if jobs else None


def level(counts: Mapping[int, int]) -> Level | None:
    """None where there are no jobs."""
    jobs = sum(counts.values())
    if not jobs:
        return None
    return Level(jobs, _within(counts, jobs * 0.5), _within(counts, jobs * 0.9), _within(counts, jobs * 0.99))


def _within(counts: Mapping[int, int], jobs: float) -> timedelta:
    """So long the one waited that is the last of so many, when the quickest come first."""
    seen = 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= jobs:
            break
    return wait_of(number)


def key_of(job: Job) -> str:
    """Of its set of labels. No label has a comma in it."""
    return f"{_owner(job)}:{','.join(sorted({label.casefold() for label in job.labels}))}"


def _owner(job: Job) -> str:
    return job.repository.partition("/")[0].lower()


def with_looked(waits: Waits, jobs: Iterable[Job], now: datetime) -> Waits:
    """With these jobs, as they are known now, counted where they have not been. The very same if nothing is new."""
    quarter = quarter_of(now)
    if quarter not in waits.looked:
        waits = _pruned(waits, quarter, now)
    noted: dict[int, int] = {}
    added: dict[str, dict[int, Counter[int]]] = {}
    labels: dict[str, Job] = {}
    stamp, again = int(now.timestamp()), int((now - _NOTE_AGAIN).timestamp())
    earliest, latest = now - COUNTED_WITHIN, now + _AHEAD
    for job in jobs:
        if job.status in _HELD:
            if waits.noted.get(job.id, 0) < again:
                noted[job.id] = stamp
        elif _counts(job) and job.started_at and earliest < job.started_at <= latest and job.id not in waits.noted:
            noted[job.id] = stamp
            key = key_of(job)
            labels.setdefault(key, job)
            classes = added.setdefault(key, {}).setdefault(quarter_of(job.started_at), Counter())
            classes[class_of(job.started_at - job.created_at)] += 1
    if not noted:
        return waits
    sets = dict(waits.sets)
    for key, quarters in added.items():
        sets[key] = _added(sets.get(key) or SetWaits(_owner(labels[key]), labels[key].labels), quarters)
    return Waits(_most_used(sets), waits.looked, {**waits.noted, **noted})


def _counts(job: Job) -> bool:
    """A runner has begun it, the first time that anybody asked for it. Others have times that were made up."""
    began = job.started_at is not None and job.started_at >= job.created_at
    return job.status in _BEGUN and job.attempt == 1 and job.runner_id is not None and began


def _added(known: SetWaits, quarters: Mapping[int, Mapping[int, int]]) -> SetWaits:
    merged = dict(known.quarters)
    for quarter, classes in quarters.items():
        merged[quarter] = dict(Counter(merged.get(quarter, {})) + Counter(classes))
    return SetWaits(known.owner, known.labels, merged)


def _most_used(sets: dict[str, SetWaits]) -> Mapping[str, SetWaits]:
    if len(sets) <= MOST_SETS:
        return sets
    kept = sorted(sets, key=lambda key: (-sets[key].jobs, key))[:MOST_SETS]
    return {key: sets[key] for key in sets if key in kept}


def _pruned(waits: Waits, quarter: int, now: datetime) -> Waits:
    """Without what is too old, and without what a wrong clock has put into a time that is yet to come."""

    def keeps(each: int) -> bool:
        return quarter - KEPT < each <= quarter

    sets = {
        key: SetWaits(each.owner, each.labels, {at: counts for at, counts in each.quarters.items() if keeps(at)})
        for key, each in waits.sets.items()
    }
    oldest, newest = (now - NOTED_FOR).timestamp(), (now + _AHEAD).timestamp()
    return Waits(
        {key: each for key, each in sets.items() if each.quarters},
        frozenset(each for each in waits.looked if keeps(each)) | {quarter},
        {job: at for job, at in waits.noted.items() if oldest <= at <= newest},
    )
