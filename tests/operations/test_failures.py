"""Why jobs failed: which logs are read when, what of them is kept, and what it costs."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.errors import ConsoleError, LimitReachedError, LogError, NotFoundError, PermissionMissingError
from console.fleet.models import Annotation, Job, JobKey, Scope, Step
from console.fleet.server import Budget
from console.fleet.signatures import Catalogue, shipped_catalogue
from console.operations import failures as module
from console.operations.beside import Beside
from console.operations.failures import AGAIN, AT_FIRST, AT_ONCE, ONE_EVERY, Failures
from console.operations.look import Look
from console.operations.remember import Memory
from console.operations.schedule import WatchPlan
from console.operations.watch import Watch
from tests.fleet.fleets import job as any_job
from tests.operations.pretend_github import PretendGitHub, a_run
from tests.virtual_clock import START, VirtualClock, settle

DISK = b"2026-11-21T02:50:01.0000000Z cp: error writing 'a.bin': No space left on device\n"
END = b"2026-11-21T02:50:02.0000000Z ##[error]Process completed with exit code 1.\n"


class LogsInMemory:
    """Serves logs; counts what it is asked; fails where it is told to."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.budget = Budget()
        self.log: list[bytes] = [DISK, END]
        self.notes: tuple[Annotation, ...] = ()
        self.asked: Counter[str] = Counter()
        self.read: list[int] = []
        self.own: list[bool] = []
        self.broken: dict[str, ConsoleError] = {}
        self.closed = 0
        self.held = asyncio.Event()
        self.held.set()

    async def job_log(self, key: JobKey, *, own: bool = True) -> AsyncGenerator[bytes]:
        self.asked["log"] += 1
        self.own.append(own)
        self.read.append(key.id)
        await self.held.wait()
        if "log" in self.broken:
            raise self.broken["log"]
        return self._chunks()

    async def _chunks(self) -> AsyncGenerator[bytes]:
        try:
            for chunk in self.log:
                yield chunk
        finally:
            self.closed += 1

    async def annotations(self, key: JobKey, *, own: bool = True) -> tuple[Annotation, ...]:
        self.asked["notes"] += 1
        if "notes" in self.broken:
            raise self.broken["notes"]
        return self.notes

    def now(self) -> datetime:
        return self.clock.wall()


def a_failure(number: int = 1, minutes: float = 5, **changes: Any) -> Job:
    """A job that failed so long ago."""
    ended = START - timedelta(minutes=minutes)
    steps = (Step(1, "test", "completed", "failure"),)
    given = {"status": "completed", "conclusion": "failure", "completed_at": ended, "steps": steps, "runner_id": 1}
    return any_job(number, **{**given, **changes})


class Reading:
    """The logs of some jobs being read as time goes by."""

    def __init__(self, *jobs: Job, catalogue: Callable[[], Catalogue] = shipped_catalogue, **given: Any) -> None:
        self.clock = VirtualClock()
        self.github = LogsInMemory(self.clock)
        self.jobs = list(jobs)
        self.failures = Failures(
            self.github, catalogue, lambda raw: raw.decode().strip(), self.clock, **given
        )  # fmt: skip

    async def go_on(self, seconds: float = 1.0) -> None:
        for _ in range(round(seconds)):
            self.failures.start_due(lambda: self.jobs)
            await rest()
            await self.clock.advance(1.0)

    def kinds(self) -> dict[int, str]:
        return {key.id: failure.kind for key, failure in self.failures.frozen().items()}


async def rest() -> None:
    """As often as one thing leads to the next."""
    for _ in range(20):
        await settle()


@pytest.fixture
async def reading() -> AsyncIterator[Reading]:
    reading = Reading(a_failure())
    yield reading
    await reading.failures.stop()


async def test_the_log_of_a_failed_job_is_read_once_and_nothing_of_it_is_kept_but_the_line_that_says_why(
    reading: Reading,
) -> None:
    told: list[int] = []
    reading.failures.arrived = lambda: told.append(1)
    await reading.go_on(5)
    ((key, failure),) = reading.failures.frozen().items()
    assert (key.id, failure.kind, failure.causes[0].line) == (1, "infrastructure", 0)
    assert "No space left" in failure.causes[0].words
    assert reading.github.asked == {"log": 1, "notes": 1}
    assert (reading.github.own, reading.github.closed, told) == ([False], 1, [1])


async def test_only_jobs_that_failed_lately_are_read_the_newest_first_and_a_few_at_a_time(reading: Reading) -> None:
    well = a_failure(90, conclusion="success")
    cancelled = a_failure(91, conclusion="cancelled")
    old = a_failure(92, minutes=60 * 3)
    reading.jobs = [well, cancelled, old, *(a_failure(number, minutes=number) for number in (4, 2, 3))]
    reading.github.held.clear()
    await reading.go_on(3)
    assert sorted(reading.github.read) == [2, 3]
    reading.github.held.set()
    await reading.go_on(3)
    assert reading.github.read[2:] == [4]


async def test_the_newest_are_first_however_long_the_catalogue_takes_which_is_loaded_once() -> None:
    loads: list[float] = []

    def slowly() -> Catalogue:
        loads.append(0.2 if not loads else 0)
        time.sleep(loads[-1])
        return shipped_catalogue()

    reading = Reading(*(a_failure(number, minutes=number) for number in (4, 2, 3)), catalogue=slowly)
    await reading.go_on(3)
    assert (reading.github.read[2:], len(loads)) == ([4], 1)
    await reading.failures.stop()


async def test_where_jobs_fail_without_end_their_logs_are_read_at_a_pace(reading: Reading) -> None:
    reading.jobs = [a_failure(number, minutes=number / 10) for number in range(1, 100)]
    await reading.go_on(15)
    assert len(reading.github.read) == AT_FIRST
    await reading.go_on(ONE_EVERY * 3)
    assert len(reading.github.read) == AT_FIRST + 3


@pytest.mark.parametrize(
    "budget", [Budget(5000, 1400), Budget(5000, 4000, held_until=START + timedelta(minutes=1))]
)  # fmt: skip
async def test_what_is_left_of_the_limit_is_for_the_fleet_when_it_is_little(reading: Reading, budget: Budget) -> None:
    reading.github.budget = budget
    await reading.go_on(3)
    assert not reading.github.asked
    reading.github.budget = Budget(5000, 4000)
    await reading.go_on(2)
    assert reading.kinds() == {1: "infrastructure"}


async def test_a_log_that_cannot_be_read_is_unknown_and_why_and_asked_for_again_later(reading: Reading) -> None:
    reading.github.broken["log"] = LogError("The store has no log of this job (404)", "")
    await reading.go_on(3)
    (failure,) = reading.failures.frozen().values()
    assert (failure.kind, failure.unknown, failure.settled) == (
        "unknown",
        "The store has no log of this job (404)",
        False,
    )
    assert reading.github.asked["log"] == 1
    del reading.github.broken["log"]
    await reading.go_on(AGAIN[0])
    assert reading.kinds() == {1: "infrastructure"}


async def test_a_log_that_never_comes_is_given_up_and_not_remembered(reading: Reading) -> None:
    reading.github.broken["log"] = LogError("The store is silent", "")
    await reading.go_on(1)
    for seconds in (*AGAIN, *AGAIN):
        await reading.clock.advance(seconds)
        await reading.go_on(2)
    assert reading.github.asked["log"] == 1 + len(AGAIN)
    assert reading.failures.settled() == {}


async def test_a_log_that_is_gone_is_not_asked_for_again(reading: Reading) -> None:
    reading.github.broken["log"] = NotFoundError("GitHub no longer has the log (410)", "")
    await reading.go_on(3)
    await reading.clock.advance(AGAIN[0])
    await reading.go_on(3)
    assert reading.github.asked["log"] == 1
    assert reading.failures.frozen()[JobKey("acme/web", 1)].unknown == "GitHub no longer has the log (410)"


async def test_where_githubs_notes_may_not_be_read_they_are_not_asked_for_again(reading: Reading) -> None:
    reading.github.broken["notes"] = PermissionMissingError("No", "")
    reading.jobs.append(a_failure(2))
    await reading.go_on(3)
    assert reading.kinds() == {1: "infrastructure", 2: "infrastructure"}
    assert reading.github.asked["notes"] <= AT_ONCE
    reading.github.log = [b"nothing that is known\n"]
    reading.jobs.append(a_failure(4))
    await reading.go_on(3)
    unknown = reading.failures.frozen()[JobKey("acme/web", 4)].unknown
    assert unknown == "no line of the step that failed is known; GitHub's notes on it, too, could not be read"
    assert JobKey("acme/web", 4) not in reading.failures.settled()
    reading.failures.look_again()
    assert JobKey("acme/web", 4) not in reading.failures.frozen()
    reading.jobs = []
    del reading.github.broken["notes"]
    reading.jobs.append(a_failure(3))
    before = reading.github.asked["notes"]
    await reading.go_on(3)
    assert reading.github.asked["notes"] == before + 1


async def test_a_lost_runner_is_known_even_where_the_log_is_missing(reading: Reading) -> None:
    reading.github.broken["log"] = LogError("The store has no log of this job (404)", "")
    reading.github.notes = (Annotation("failure", "The self-hosted runner lost communication with the server."),)
    await reading.go_on(2)
    assert reading.kinds() == {1: "infrastructure"}


async def test_at_a_limit_nothing_is_said_of_the_job_and_it_is_tried_again(reading: Reading) -> None:
    reading.github.broken["notes"] = LimitReachedError("Held", "", wait=60)
    await reading.go_on(2)
    assert not reading.failures.frozen()
    reading.github.broken.clear()
    await reading.clock.advance(60)
    await reading.go_on(2)
    assert reading.kinds() == {1: "infrastructure"}


async def test_a_job_that_never_ran_has_no_log_to_ask_for(reading: Reading) -> None:
    reading.jobs = [a_failure(1, steps=(), runner_id=None)]
    await reading.go_on(2)
    assert (reading.github.asked["log"], reading.kinds()) == (0, {1: "unknown"})


async def test_of_a_log_without_end_the_beginning_is_read(reading: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 5_000_000)
    reading.github.log = [b"2026-11-21T02:50:01.0000000Z all is well here\n" * 20_000] * 1_000
    await reading.go_on(8)
    (failure,) = reading.failures.frozen().values()
    assert failure.unknown == "only the first 5 MB of its log were read"
    assert reading.github.closed == 1


async def test_whoever_asks_why_gets_the_log_at_once_whatever_is_left(reading: Reading) -> None:
    reading.github.budget = Budget(5000, 0)
    reading.failures.want(reading.jobs[0])
    reading.failures.want(reading.jobs[0])
    await rest()
    assert (reading.github.own, reading.kinds()) == ([True], {1: "infrastructure"})


async def test_why_a_job_failed_is_remembered_across_starts_and_read_anew_for_another_attempt(
    reading: Reading, tmp_path: Path
) -> None:
    await reading.go_on(3)
    memory = Memory(tmp_path)
    memory.keep_failures("acme", reading.failures.settled())
    again = Reading(reading.jobs[0], remembered=memory.failures("acme"))
    await again.go_on(3)
    assert (again.kinds(), again.github.asked["log"]) == ({1: "infrastructure"}, 0)
    again.jobs = [a_failure(1, attempt=2)]
    await again.go_on(3)
    assert again.github.asked["log"] == 1


async def test_a_command_waits_for_the_logs_it_needs_and_says_why_where_it_asks_for_none(reading: Reading) -> None:
    await reading.failures.read(reading.jobs, within=5)
    assert reading.kinds() == {1: "infrastructure"}
    reading.github.budget = Budget(5000, 10)
    await reading.failures.read([a_failure(2)], within=5)
    assert "limit" in reading.failures.frozen()[JobKey("acme/web", 2)].unknown


async def test_a_look_says_why_its_jobs_failed_and_paused_nothing_is_read() -> None:
    clock = VirtualClock()
    github, logs = PretendGitHub(clock), LogsInMemory(clock)
    ended = a_run(7, "completed", conclusion="failure", ago=200)
    github.run_list, github.job_list = [ended], [a_failure(70, run_id=7)]
    failures = Failures(logs, shipped_catalogue, bytes.decode, clock)
    watch = Watch(
        WatchPlan("acme", (Scope("org", "acme"),), ("acme/web",)), github, clock, beside=Beside(failures=failures)
    )
    seen: list[Look] = []

    async def consume() -> None:
        async for look in watch.looks():
            seen[:] = [look]

    watch.pause(True)
    task = asyncio.create_task(consume())
    await clock.advance(3)
    assert not logs.asked
    watch.pause(False)
    for _ in range(80):
        await clock.advance(1)
        await rest()
    assert seen[-1].failures[JobKey("acme/web", 70)].kind == "infrastructure"
    assert watch.settled_failures().keys() == {JobKey("acme/web", 70)}
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
