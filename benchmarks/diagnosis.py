"""How long judging a fleet takes, how that grows with it, and how long the loop is held by one slice of it."""

import asyncio
import gc
import time
from datetime import UTC, datetime, timedelta

import msgspec

from console.fleet.diagnosis import diagnosing
from console.fleet.finding_life import lived
from console.fleet.models import FleetSnapshot, Freshness, GroupKey, Job, Runner, RunnerGroup, Thresholds
from console.fleet.past import Absence, Past, noted
from console.fleet.queue_waits import DAY, MOST_SETS, SetWaits, Waits, quarter_of
from console.fleet.sightings import Sighting
from console.fleet.versions import RunnerRelease
from console.fleet.warnings import Signs, warning_findings, worth_asking
from console.operations.conclusions import Conclusions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REPOSITORIES = 300
POOLS = 40
ROUNDS = 9


CALIBRATION = 5.0
"""Milliseconds that decoding takes on a machine for which the limits in milliseconds are meant."""


def fleet(runners: int, jobs: int, pools: int = POOLS) -> FleetSnapshot:
    """A fleet in an outage: a tenth offline, all others idle, and every job waits. Each pool has labels of its own."""
    known = [
        Runner(
            "org:acme",
            number,
            f"runner-{number}",
            "linux",
            "online" if number % 10 else "offline",
            False,
            ("self-hosted", "Linux", "X64", f"pool-{number % pools}"),
            number % 20,
        )
        for number in range(runners)
    ]
    queued = [
        Job(
            repository=f"acme/repository-{number % REPOSITORIES}",
            id=number,
            run_id=number,
            attempt=1,
            name=f"build ({number})",
            workflow="ci",
            branch="main",
            labels=("self-hosted", "linux", f"pool-{number % pools}")[: 2 + number % 3 % 2],
            status="queued",
            conclusion=None,
            created_at=NOON - timedelta(minutes=number % 50),
        )
        for number in range(jobs)
    ]
    groups = [
        RunnerGroup("org:acme", number, f"group-{number}", "all", allows_public_repositories=True)
        for number in range(20)
    ]
    return FleetSnapshot(
        taken_at=NOON,
        runners={each.key: each for each in known},
        jobs={each.key: each for each in queued},
        groups={GroupKey(each.scope, each.id): each for each in groups},
        idle_since={each.key: NOON - timedelta(minutes=30) for each in known},
        whole=True,
    )


def judged(snapshot: FleetSnapshot) -> tuple[float, float]:
    """CPU seconds for all of its diagnosis, and for the longest slice of that."""
    spans = []
    slices = diagnosing(snapshot)
    more = True
    while more:
        begun = time.process_time()
        more = next(slices, "end") != "end"
        spans.append(time.process_time() - begun)
    return sum(spans), max(spans)


def with_a_past(snapshot: FleetSnapshot) -> tuple[FleetSnapshot, Past]:
    """A third of the runners is busy, versions differ, a tenth is offline for days and went minutes ago; waits of 50
    sets of labels.
    """
    runners = {
        key: msgspec.structs.replace(each, busy=place % 3 == 0 and each.online, version=f"2.33{place % 7}.0")
        for place, (key, each) in enumerate(snapshot.runners.items())
    }
    now, minute = quarter_of(NOON), timedelta(minutes=1)
    sources = (
        Freshness("runners", "org:acme", minute, NOON),
        Freshness("repositories", "acme", minute, NOON),
        *(Freshness("jobs", f"acme/repository-{number}", minute, NOON) for number in range(REPOSITORIES)),
    )
    sets = {
        f"acme:linux,pool-{number},self-hosted": SetWaits(
            "acme",
            ("self-hosted", "linux", f"pool-{number}"),
            {quarter: dict.fromkeys(range(20, 70, 5), 3) for quarter in range(now - DAY * 2 + 1, now + 1)},
        )
        for number in range(MOST_SETS)
    }
    days = tuple(range(20_500, 20_512))
    offline = [key for key, each in runners.items() if not each.online]
    past = Past(
        absences={key: Absence(NOON - timedelta(days=11), days) for key in offline},
        waits=Waits(sets, frozenset(range(now - DAY * 2 + 1, now + 1))),
    )
    busy_since = {key: NOON - timedelta(minutes=place % 60) for place, key in enumerate(runners) if runners[key].busy}
    latest = RunnerRelease("2.336.0", NOON, NOON - timedelta(days=26))
    changes = {
        "runners": runners,
        "freshness": sources,
        "busy_since": busy_since,
        "latest_runner": latest,
        "went_offline": {key: NOON - timedelta(minutes=5, seconds=key.id % 60) for key in offline},
    }
    return msgspec.structs.replace(snapshot, **changes), past


class Breaths:
    """A clock on which no time passes: what is measured is the work between two breaths."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.last = 0.0

    def elapsed(self) -> float:
        return 0.0

    def wall(self) -> datetime:
        return NOON

    def begin(self) -> None:
        self.longest, self.last = 0.0, time.process_time()

    async def sleep(self, seconds: float) -> None:
        """Whatever else is to be done on the loop is done now."""
        now = time.process_time()
        self.longest, self.last = max(self.longest, now - self.last), now
        await asyncio.sleep(0)


class Looks:
    """One context, as its watch judges it look by look. Hosts are known, and many logs have the same known line."""

    def __init__(self, snapshot: FleetSnapshot, past: Past) -> None:
        self.snapshot, self.past = snapshot, past
        self.breaths = Breaths()
        self.conclusions = Conclusions(Thresholds(), self.breaths, {f"runner-{n}*": f"host-{n}" for n in range(1, 10)})
        some = list(snapshot.runners.values())[::7]
        at = NOON - timedelta(minutes=3)
        self.conclusions.note_sightings(
            [Sighting(each.key, each.name, "", "network.dns", "No such name", "Look", "error", at) for each in some]
        )

    async def judged(self) -> tuple[float, float]:
        """CPU seconds of a look's judgement, and the longest of them in which nothing else could be done."""
        begun = time.process_time()
        self.breaths.begin()
        await self.conclusions.judge(self.snapshot)
        await self.breaths.sleep(0)
        past = noted(self.past, self.snapshot)
        await self.breaths.sleep(0)
        ticking = asyncio.create_task(self._tick())
        found = await self.conclusions.findings(self.snapshot, {}, past)
        ticking.cancel()
        await self.breaths.sleep(0)
        lived((), found, NOON)
        await self.breaths.sleep(0)
        return time.process_time() - begun, self.breaths.longest

    async def _tick(self) -> None:
        """While a thread works, the loop gets its turns."""
        while True:
            await asyncio.sleep(0.001)
            await self.breaths.sleep(0)


def warned(snapshot: FleetSnapshot, past: Past) -> tuple[float, float]:
    """CPU seconds for keeping what is known and for all early warnings, and for the longest of these steps."""
    spans = []
    begun = time.process_time()
    past = noted(past, snapshot)
    spans.append(time.process_time() - begun)
    rules, more = warning_findings(Signs(snapshot, past)), True
    while more:
        begun = time.process_time()
        more = next(rules, "end") != "end"
        spans.append(time.process_time() - begun)
    begun = time.process_time()
    worth_asking(snapshot, past)
    spans.append(time.process_time() - begun)
    return sum(spans), max(spans)


def decoded(runners: bytes, jobs: bytes) -> float:
    """CPU seconds for decoding the same runners and jobs from JSON."""
    begun = time.process_time()
    msgspec.json.decode(runners, type=list[Runner])
    msgspec.json.decode(jobs, type=list[Job])
    return time.process_time() - begun


def measure() -> list[tuple[str, float, float]]:
    """The best of some rounds without the collector's pauses; noise hits all alike, as each round measures all."""
    once, twice, own = fleet(10_000, 2_000), fleet(20_000, 4_000, 2 * POOLS), fleet(10_000, 2_000, 10_000)
    watched = with_a_past(once)
    looks = Looks(*watched)
    runners = msgspec.json.encode(list(once.runners.values()))
    jobs = msgspec.json.encode(list(once.jobs.values()))
    gc.collect()
    gc.disable()
    rounds = [
        (
            decoded(runners, jobs),
            *asyncio.run(looks.judged()),
            *judged(once),
            *judged(twice),
            *judged(own),
            *warned(*watched),
        )
        for _ in range(ROUNDS)
    ]
    gc.enable()
    floor, look, hold, took, slice_of_it, took_twice, _, took_own, slice_of_own, _, longest = (
        min(spans) for spans in zip(*rounds, strict=True)
    )
    as_calibrated = CALIBRATION / floor
    product = 2 * 2
    return [
        ("judging a look at 10,000 runners and 2,000 queued jobs, all that is found, ms", look * as_calibrated, 100),
        ("the longest time in it in which nothing else could be done, ms", hold * as_calibrated, 16),
        ("of it the diagnosis, ms", took * as_calibrated, 70),
        ("its longest slice, ms", slice_of_it * as_calibrated, 16),
        ("its growth with the fleet / that of runners x label sets", took_twice / took / product, 1),
        ("diagnosis where each runner has a label of its own / where 40 pools have", took_own / took, 4),
        ("its longest slice, ms", slice_of_own * as_calibrated, 16),
        ("the longest step of early warnings and of what is kept for them, ms", longest * as_calibrated, 16),
    ]
