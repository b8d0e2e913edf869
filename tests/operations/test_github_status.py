"""GitHub's status page beside the looks: how often it is asked, what is known of it; its failure hurts nobody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.errors import ServerTroubleError, StatusPageError
from console.fleet.github_status import GithubStatus, Incident
from console.fleet.models import FleetSnapshot
from console.operations.beside import Beside
from console.operations.github_status import StatusReader
from console.operations.remember import Memory
from console.operations.watch import Watch
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher
from tests.virtual_clock import START

WELL = GithubStatus("operational")
DEGRADED = GithubStatus("degraded_performance", (Incident("Incident with Actions", "minor", "investigating", START),))
DOWN = StatusPageError("GitHub's status page could not be read: it answered 503", "do without")


class PretendPage:
    """Says what the test wants."""

    place = "www.githubstatus.com"

    def __init__(self) -> None:
        self.says: GithubStatus | StatusPageError = WELL
        self.asked = 0
        self.slow: asyncio.Event | None = None

    async def status(self) -> GithubStatus:
        self.asked += 1
        if self.slow is not None:
            await self.slow.wait()
        if isinstance(self.says, StatusPageError):
            raise self.says
        return self.says


class PageWatcher(Watcher):
    """Two kinds of idle runners, and a job for each; and the page."""

    def __init__(self, old: FleetSnapshot | None = None) -> None:
        super().__init__()
        self.page = PretendPage()
        self.github.runner_list = [a_runner(1), a_runner(2, labels=("self-hosted", "gpu"))]
        self.github.run_list = [a_run(7)]
        self.github.job_list = [a_job(70, 7), replace(a_job(71, 7), labels=("self-hosted", "gpu"))]
        status = StatusReader(self.page, self.github.now, self.clock)
        self.watch = Watch(PLAN, self.github, self.clock, old, beside=Beside(status=status))

    @property
    def snapshot(self) -> FleetSnapshot:
        return self.last.snapshot


@pytest.fixture
async def watcher() -> AsyncIterator[PageWatcher]:
    watcher = PageWatcher()
    yield watcher
    await watcher.stop()


async def test_the_page_is_asked_every_five_minutes_while_all_is_well(watcher: PageWatcher) -> None:
    await watcher.start()
    assert watcher.snapshot.github_says(watcher.snapshot.taken_at) is WELL
    await watcher.clock.advance(297)
    assert watcher.page.asked == 1
    await watcher.clock.advance(10)
    assert watcher.page.asked == 2


async def test_the_page_is_asked_every_two_minutes_while_it_tells_of_trouble(watcher: PageWatcher) -> None:
    watcher.page.says = DEGRADED
    await watcher.start()
    await watcher.clock.advance(600)
    assert watcher.page.asked == 6


async def test_the_page_is_asked_every_two_minutes_while_github_s_answers_fail(watcher: PageWatcher) -> None:
    watcher.github.broken = {"everything": ServerTroubleError("502", wait=20.0)}
    await watcher.start()
    await watcher.clock.advance(600)
    assert watcher.page.asked == 6


async def test_a_page_that_fails_is_late_and_is_no_trouble_of_the_fleet(watcher: PageWatcher) -> None:
    watcher.page.says = DOWN
    await watcher.start()
    await watcher.clock.advance(240)
    assert watcher.snapshot.whole
    assert all(source.problem is None for source in watcher.snapshot.freshness)
    page = watcher.snapshot.status_page
    assert page is not None
    assert page.problem is not None
    assert page.problem.kind == "status-page"
    assert watcher.snapshot.github_says(watcher.snapshot.taken_at) is None


async def test_what_the_page_said_holds_until_that_is_old(watcher: PageWatcher) -> None:
    watcher.page.says = DEGRADED
    await watcher.start()
    watcher.page.says = DOWN
    await watcher.clock.advance(200)
    assert watcher.snapshot.github_says(watcher.snapshot.taken_at) is DEGRADED
    await watcher.clock.advance(100)
    assert watcher.snapshot.github_says(watcher.snapshot.taken_at) is None


async def test_a_page_that_does_not_answer_holds_nothing_up(watcher: PageWatcher) -> None:
    watcher.page.slow = asyncio.Event()
    await watcher.start()
    assert watcher.snapshot.whole
    assert watcher.last.findings
    assert watcher.snapshot.github_says(watcher.snapshot.taken_at) is None


async def test_the_operator_may_ask_again_but_not_more_than_once_a_minute(watcher: PageWatcher) -> None:
    await watcher.start()
    watcher.watch.look_again()
    await watcher.clock.advance(70)
    assert watcher.page.asked == 1
    watcher.watch.look_again()
    await watcher.clock.advance(1)
    assert watcher.page.asked == 2


async def test_while_github_is_in_trouble_nobody_is_told_to_restart_runners(watcher: PageWatcher) -> None:
    await watcher.start()
    assert {finding.cause for finding in watcher.last.findings} == {"idle-while-queued"}
    watcher.page.says = DEGRADED
    await watcher.clock.advance(310)
    assert {finding.cause for finding in watcher.last.findings} == {"github-incident"}
    assert len(watcher.last.wedged) == 2
    watcher.page.says = WELL
    await watcher.clock.advance(130)
    assert {finding.cause for finding in watcher.last.findings} == {"idle-while-queued"}


async def test_a_command_knows_what_the_page_says(watcher: PageWatcher) -> None:
    watcher.page.says = DEGRADED
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    assert (await looking).snapshot.github_status is DEGRADED


async def test_a_command_waits_a_moment_for_a_slow_page(watcher: PageWatcher) -> None:
    watcher.page.says, watcher.page.slow = DEGRADED, asyncio.Event()
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    watcher.page.slow.set()
    await watcher.clock.advance(5)
    assert (await looking).snapshot.github_status is DEGRADED


async def test_a_command_does_not_wait_long_for_a_page_that_hangs(
    watcher: PageWatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.operations.github_status.PATIENCE", 0.05)
    watcher.page.slow = asyncio.Event()
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    assert (await asyncio.wait_for(looking, 60)).snapshot.whole


async def test_a_command_does_not_ask_again_what_was_read_a_moment_ago(tmp_path: Path) -> None:
    first = PageWatcher()
    first.page.says = DEGRADED
    await first.start()
    await first.stop()
    memory = Memory(tmp_path)
    memory.keep(first.snapshot)
    second = PageWatcher(memory.snapshot("acme-prod"))
    second.clock.jump(30)
    looking = asyncio.create_task(second.watch.first_whole_look())
    await second.clock.advance(5)
    snapshot = (await looking).snapshot
    assert second.page.asked == 0
    assert snapshot.github_says(snapshot.taken_at) == DEGRADED


async def test_what_was_remembered_of_another_page_is_not_believed() -> None:
    first = PageWatcher()
    await first.start()
    await first.stop()
    second = PageWatcher()
    second.page.place = "status.example.net"
    reader = StatusReader(second.page, second.github.now, second.clock)
    reader.seed(first.snapshot)
    assert reader.with_status(first.snapshot).github_says(START + timedelta(seconds=2)) is None
