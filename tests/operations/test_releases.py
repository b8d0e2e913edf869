"""Which repositories are asked for their releases, and when."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from console.errors import ConsoleError, LimitReachedError, PermissionMissingError
from console.fleet.models import Run
from console.fleet.release import Release
from console.fleet.server import Budget
from console.operations.known import Known
from console.operations.releases import EVERY, MOST, ReleaseReader
from tests.fleet.fleets import run as any_run
from tests.virtual_clock import START, VirtualClock, settle


class ReleasesInMemory:
    """Counts what it is asked."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.budget = Budget()
        self.asked: Counter[str] = Counter()
        self.broken: ConsoleError | None = None

    async def releases(self, repository: str) -> tuple[Release, ...]:
        self.asked[repository] += 1
        if self.broken is not None:
            raise self.broken
        return (Release(1, "v1.0", "v1.0", True, START),)

    def now(self) -> datetime:
        return self.clock.wall()


class Reading:
    """Releases being asked for as time goes by."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.github = ReleasesInMemory(self.clock)
        self.known = Known()
        self.reader = ReleaseReader(self.github, self.clock)

    def add(
        self, repository: str = "acme/web", *, seconds_ago: float = 600, branch: str = "v1.0", number: int = 1
    ) -> Run:
        at = self.clock.wall() - timedelta(seconds=seconds_ago)
        run = any_run(
            number, repository=repository, branch=branch, status="completed", conclusion="success", updated_at=at
        )  # fmt: skip
        self.known.add_runs((run,))
        return run

    async def go_on(self, seconds: float = 6) -> None:
        for _ in range(round(seconds)):
            self.reader.start_due(self.known)
            await settle()
            await self.clock.advance(1.0)


@pytest.fixture
async def reading() -> AsyncIterator[Reading]:
    reading = Reading()
    yield reading
    await reading.reader.stop()


async def test_only_repositories_that_release_are_asked_and_then_seldom(reading: Reading) -> None:
    reading.add()
    reading.add("acme/api", branch="main", number=2)
    await reading.go_on(60)
    assert reading.github.asked == {"acme/web": 1}
    assert reading.known.releases.frozen()["acme/web"].releases[0].draft
    await reading.go_on(EVERY)
    assert reading.github.asked == {"acme/web": 2}


async def test_once_a_run_that_may_have_written_it_has_settled_the_release_is_read_again(reading: Reading) -> None:
    reading.add(seconds_ago=0)
    await reading.go_on(20)
    assert reading.github.asked["acme/web"] == 1
    await reading.go_on(40)
    assert reading.github.asked["acme/web"] == 2
    await reading.go_on(60)
    assert reading.github.asked["acme/web"] == 2


async def test_of_many_repositories_those_that_released_last_are_asked(reading: Reading) -> None:
    for number in range(MOST + 5):
        reading.add(f"acme/r{number:02}", seconds_ago=600 + number, number=number + 1)
    await reading.go_on()
    assert sorted(reading.github.asked) == [f"acme/r{number:02}" for number in range(MOST)]


async def test_what_may_not_be_read_is_unknown_and_why_and_not_asked_for_again_at_once(reading: Reading) -> None:
    reading.add()
    reading.github.broken = PermissionMissingError("This token may not read them", "")
    await reading.go_on(60)
    assert reading.known.releases.frozen()["acme/web"].unread == "This token may not read them"
    assert reading.github.asked["acme/web"] == 1


async def test_at_a_limit_or_with_little_left_nothing_is_asked_and_nothing_said(reading: Reading) -> None:
    reading.add()
    reading.github.budget = Budget(5000, 1000)
    await reading.go_on()
    assert not reading.github.asked
    reading.github.budget = Budget(5000, 4000)
    reading.github.broken = LimitReachedError("Held", "")
    await reading.go_on()
    assert not reading.known.releases.frozen()


async def test_a_repository_whose_last_release_is_long_over_is_forgotten(reading: Reading) -> None:
    run = reading.add()
    await reading.go_on()
    reading.known.runs.drop(run.key)
    await reading.go_on(12)
    assert not reading.known.releases.frozen()
