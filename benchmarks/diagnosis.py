"""How judging a fleet grows with it, and how long the loop is held by one slice of it."""

import gc
import time
from datetime import UTC, datetime, timedelta

import msgspec

from console.fleet.diagnosis import diagnosing
from console.fleet.models import FleetSnapshot, Freshness, GroupKey, Job, Runner, RunnerGroup
from console.fleet.past import Absence, Past, noted
from console.fleet.queue_waits import DAY, MOST_SETS, SetWaits, Waits, quarter_of
from console.fleet.versions import RunnerRelease
from console.fleet.warnings import Signs, warning_findings, worth_asking

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
    """CPU seconds for all of it, and for its longest slice."""
    spans = []
    slices = diagnosing(snapshot)
    more = True
    while more:
        begun = time.process_time()
        more = next(slices, "end") != "end"
        spans.append(time.process_time() - begun)
    return sum(spans), max(spans)


def with_a_past(snapshot: FleetSnapshot) -> tuple[FleetSnapshot, Past]:
    """A third of the runners is busy, versions differ, a tenth is offline for days; waits of 50 sets of labels."""
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
    changes = {"runners": runners, "freshness": sources, "busy_since": busy_since, "latest_runner": latest}
    return msgspec.structs.replace(snapshot, **changes), past


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
    runners = msgspec.json.encode(list(once.runners.values()))
    jobs = msgspec.json.encode(list(once.jobs.values()))
    gc.collect()
    gc.disable()
    rounds = [
        (decoded(runners, jobs), *judged(once), *judged(twice), *judged(own), *warned(*watched)) for _ in range(ROUNDS)
    ]
    gc.enable()
    floor, took, slice_of_it, took_twice, _, took_own, slice_of_own, warning, longest = (
        min(spans) for spans in zip(*rounds, strict=True)
    )
    as_calibrated = CALIBRATION / floor
    product = 2 * 2
    return [
        ("diagnosis of 10,000 runners and 2,000 queued jobs, ms in all", took * as_calibrated, 100),
        ("its longest slice, ms", slice_of_it * as_calibrated, 16),
        ("its growth with the fleet / that of runners x label sets", took_twice / took / product, 1),
        ("diagnosis where each runner has a label of its own / where 40 pools have", took_own / took, 4),
        ("its longest slice, ms", slice_of_own * as_calibrated, 16),
        ("early warnings, with what is kept for them / the diagnosis of the same fleet", warning / took, 0.5),
        ("their longest step, ms", longest * as_calibrated, 16),
    ]
