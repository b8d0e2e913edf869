"""The newest version of the runner beside the looks: how often it is asked for; its failure hurts nobody."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from console.errors import ServerTroubleError
from console.fleet.models import FleetSnapshot, Scope
from console.fleet.versions import RunnerRelease
from console.operations.beside import Beside
from console.operations.latest_runner import LatestRunner
from console.operations.remember import Memory
from console.operations.watch import Watch
from tests.operations.pretend_github import a_runner
from tests.operations.test_watch import PLAN, Watcher


class LatestWatcher(Watcher):
    """A fleet of one runner; and what GitHub says of the newest version."""

    def __init__(self, old: FleetSnapshot | None = None) -> None:
        super().__init__()
        self.github.runner_list = [a_runner(1)]
        self.asked = 0
        self.asked_about: list[list[str]] = []
        self.fails = False
        self.fails_on_ends = False
        self.slow: asyncio.Event | None = None
        latest = LatestRunner(self, PLAN.scopes, lambda: self.github.budget, self.clock)
        self.watch = Watch(PLAN, self.github, self.clock, old, beside=Beside(latest=latest))

    async def latest_runner(self, scopes: Sequence[Scope]) -> RunnerRelease:
        self.asked += 1
        if self.slow is not None:
            await self.slow.wait()
        if self.fails:
            raise ServerTroubleError("502")
        return RunnerRelease(f"2.33{6 + self.asked}.0", self.github.now())

    async def version_ends(self, _scopes: Sequence[Scope], versions: Sequence[str]) -> dict[str, datetime]:
        self.asked_about.append(list(versions))
        if self.fails_on_ends:
            raise ServerTroubleError("502")
        return {version: self.github.now() for version in versions}

    @property
    def newest(self) -> str | None:
        found = self.last.snapshot.latest_runner
        return None if found is None else found.version


@pytest.fixture
async def watcher() -> AsyncIterator[LatestWatcher]:
    watcher = LatestWatcher()
    yield watcher
    await watcher.stop()


async def test_the_newest_version_is_asked_for_every_four_hours(watcher: LatestWatcher) -> None:
    await watcher.start()
    assert watcher.newest == "2.337.0"
    for _ in range(60):
        await watcher.clock.advance(200)
    assert watcher.asked == 1
    for _ in range(14):
        await watcher.clock.advance(200)
    assert (watcher.asked, watcher.newest) == (2, "2.338.0")


async def test_a_version_that_cannot_be_read_is_asked_for_again_and_troubles_nobody(watcher: LatestWatcher) -> None:
    watcher.fails = True
    await watcher.start()
    assert watcher.last.snapshot.whole
    assert not watcher.newest
    assert all(source.problem is None for source in watcher.last.snapshot.freshness)
    watcher.fails = False
    for _ in range(5):
        await watcher.clock.advance(200)
    assert (watcher.asked, watcher.newest) == (2, "2.338.0")


async def test_the_newest_version_is_known_even_where_the_end_of_older_ones_could_not_be_read(
    watcher: LatestWatcher,
) -> None:
    watcher.fails_on_ends = True
    await watcher.start()
    assert watcher.newest == "2.337.0"
    watcher.fails_on_ends = False
    for _ in range(5):
        await watcher.clock.advance(200)
    assert (watcher.asked, watcher.newest, len(watcher.asked_about)) == (2, "2.338.0", 2)


async def test_a_command_waits_a_moment_for_the_newest_version_and_not_longer(
    watcher: LatestWatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.operations.beside.PATIENCE_FOR_VERSION", 0.05)
    watcher.slow = asyncio.Event()
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    assert (await asyncio.wait_for(looking, 60)).snapshot.latest_runner is None


async def test_what_another_process_has_read_is_not_asked_for_again(tmp_path: Path) -> None:
    first = LatestWatcher()
    await first.start()
    await first.stop()
    memory = Memory(tmp_path)
    memory.keep(first.last.snapshot)
    second = LatestWatcher(memory.snapshot("acme-prod"))
    second.clock.jump(timedelta(hours=3).total_seconds())
    looking = asyncio.create_task(second.watch.first_whole_look())
    await second.clock.advance(5)
    found = (await looking).snapshot.latest_runner
    assert found is not None
    assert (second.asked, found.version) == (0, "2.337.0")


async def test_the_older_versions_of_the_fleet_are_asked_about_and_kept(watcher: LatestWatcher) -> None:
    versions = ("2.336.0", "2.335.0", "2.334.0", "2.335.0", "2.320.0", "2.337.0", "odd", None)
    watcher.github.runner_list = [
        msgspec.structs.replace(a_runner(number), version=version) for number, version in enumerate(versions, 1)
    ]
    await watcher.start()
    await watcher.clock.advance(30)
    assert watcher.asked_about == [["2.334.0", "2.335.0", "2.336.0"]]
    assert watcher.last.snapshot.latest_runner is not None
    assert set(watcher.last.snapshot.latest_runner.ends) == {"2.334.0", "2.335.0", "2.336.0"}
