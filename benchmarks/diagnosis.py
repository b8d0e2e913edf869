"""How judging a fleet grows with it, and how long the loop is held by one slice of it."""

import gc
import time
from datetime import UTC, datetime, timedelta

import msgspec

from console.fleet.diagnosis import diagnosing
from console.fleet.models import FleetSnapshot, GroupKey, Job, Runner, RunnerGroup

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REPOSITORIES = 300
POOLS = 40
ROUNDS = 9


def fleet(runners: int, jobs: int, *, own_labels: bool = False) -> FleetSnapshot:
    """A fleet in an outage: a tenth offline, all others idle, and every job waits."""
    pools = runners if own_labels else POOLS
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


def decoded(runners: bytes, jobs: bytes) -> float:
    """CPU seconds for decoding the same runners and jobs from JSON."""
    begun = time.process_time()
    msgspec.json.decode(runners, type=list[Runner])
    msgspec.json.decode(jobs, type=list[Job])
    return time.process_time() - begun


def measure() -> list[tuple[str, float, float]]:
    """The best of some rounds without the collector's pauses; noise hits all alike, as each round measures all."""
    once, twice, own = fleet(10_000, 2_000), fleet(20_000, 4_000), fleet(10_000, 2_000, own_labels=True)
    runners = msgspec.json.encode(list(once.runners.values()))
    jobs = msgspec.json.encode(list(once.jobs.values()))
    gc.collect()
    gc.disable()
    rounds = [(decoded(runners, jobs), *judged(once), *judged(twice), *judged(own)) for _ in range(ROUNDS)]
    gc.enable()
    floor, took, slice_of_it, took_twice, _, took_own, slice_of_own = (
        min(spans) for spans in zip(*rounds, strict=True)
    )
    return [
        ("diagnosis of 10,000 runners and 2,000 queued jobs / decoding them with msgspec", took / floor, 12),
        ("diagnosis of twice the runners and twice the jobs / once", took_twice / took, 3.5),
        ("diagnosis where each runner has a label of its own / where 40 pools have", took_own / took, 4),
        ("longest slice of the diagnosis, ms", slice_of_it * 1000, 16),
        ("longest slice of the diagnosis with labels of their own, ms", slice_of_own * 1000, 16),
    ]
