"""What single jobs wait for, asked beside the looks: only where it matters, seldom, and not for hundreds of jobs."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.errors import LimitReachedError, ServerTroubleError
from console.fleet.models import FleetSnapshot, JobKey, Run, RunKey, plain
from console.fleet.particulars import ActionsPolicy, Environment, Holder, NamedGroup, Unread, WorkflowText
from console.fleet.server import Budget
from console.operations.beside import Beside
from console.operations.particulars import ParticularsReader
from console.operations.remember import Memory
from console.operations.watch import Watch
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher


class CuriousWatcher(Watcher):
    """A fleet of one idle runner, a job for it, one that waits for an approval and one for its turn."""

    def __init__(self, old: FleetSnapshot | None = None) -> None:
        super().__init__()
        self.github.runner_list = [a_runner(1)]
        runs = [a_run(7), a_run(8, "waiting"), a_run(9, "pending")]
        self.github.run_list = [replace(run, sha="3f2a1c9") for run in runs]
        self.github.job_list = [a_job(70, 7), a_job(80, 8, "waiting"), a_job(90, 9, "pending")]
        self.asked: list[str] = []
        self.on: bool | None = True
        self.fails: Exception | None = None
        reader = ParticularsReader(self, lambda: self.github.budget, self.github.now, self.clock)
        self.watch = Watch(PLAN, self.github, self.clock, old, beside=Beside(particulars=reader))

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fails is not None:
            raise self.fails

    async def environments(self, run: RunKey) -> tuple[Environment, ...] | Unread:
        self._ask(f"environments {run.id}")
        return (Environment("prod", reviewers=("mona",)),)

    async def holders(self, run: RunKey) -> tuple[Holder, ...] | Unread:
        self._ask(f"holders {run.id}")
        return Unread("repository permission Actions: read")

    async def policy(self, repository: str) -> ActionsPolicy:
        self._ask(f"policy {repository}")
        return ActionsPolicy(self.on)

    async def workflow(self, run: Run) -> WorkflowText | Unread:
        self._ask(f"workflow {run.id}")
        return WorkflowText("ci.yml", run.sha, (NamedGroup("Default", 4),))

    def cause(self, number: int) -> str:
        return self.last.reasons[JobKey("acme/web", number)].cause


@pytest.fixture
async def watcher() -> AsyncIterator[CuriousWatcher]:
    watcher = CuriousWatcher()
    yield watcher
    await watcher.stop()


async def test_only_what_a_wait_hangs_on_is_asked_and_once(watcher: CuriousWatcher) -> None:
    await watcher.start(90)
    assert sorted(watcher.asked) == ["environments 8", "holders 9", "policy acme/web", "workflow 7"]
    await watcher.clock.advance(130)
    assert sorted(watcher.asked[4:]) == ["environments 8", "holders 9"]


async def test_what_was_asked_changes_the_verdict_and_is_asked_again_until_it_changes_back(
    watcher: CuriousWatcher,
) -> None:
    watcher.on = False
    await watcher.start(60)
    assert watcher.cause(70) == "actions-disabled"
    watcher.on = True
    for _ in range(5):
        await watcher.clock.advance(130)
    assert watcher.cause(70) == "idle-while-queued"


async def test_what_no_job_waits_for_any_more_is_forgotten(watcher: CuriousWatcher) -> None:
    await watcher.start(60)
    assert watcher.last.snapshot.particulars.environments
    watcher.github.run_list = [run for run in watcher.github.run_list if run.id != 8]
    watcher.github.job_list = [job for job in watcher.github.job_list if job.run_id != 8]
    await watcher.clock.advance(130)
    assert not watcher.last.snapshot.particulars.environments


async def test_a_little_budget_is_left_for_the_watch(watcher: CuriousWatcher) -> None:
    watcher.github.budget = Budget(limit=5000, remaining=100)
    await watcher.start(60)
    assert watcher.asked == []
    assert watcher.cause(70) == "idle-while-queued"


@pytest.mark.parametrize("error", [ServerTroubleError("502"), LimitReachedError("no more")])
async def test_what_cannot_be_asked_is_no_trouble_of_the_fleet(watcher: CuriousWatcher, error: Exception) -> None:
    watcher.fails = error
    await watcher.start(60)
    assert watcher.asked
    assert all(source.problem is None for source in watcher.last.snapshot.freshness)
    assert watcher.cause(70) == "idle-while-queued"


async def test_why_something_could_not_be_asked_is_told_until_it_is_known(watcher: CuriousWatcher) -> None:
    watcher.fails = ServerTroubleError("GitHub answered 502")
    await watcher.start(60)
    known = watcher.last.snapshot.particulars
    assert known.environments[RunKey("acme/web", 8)] == Unread(why="GitHub answered 502")
    assert known.workflows[RunKey("acme/web", 7)] == Unread(why="GitHub answered 502")
    assert known.policies["acme/web"] == ActionsPolicy(why="GitHub answered 502")
    text = [plain(each) for finding in watcher.last.findings for each in finding.evidence]
    assert "Which environment it waits for is not known: GitHub answered 502." in text
    watcher.fails = None
    await watcher.clock.advance(130)
    watcher.fails = ServerTroubleError("GitHub answered 502")
    await watcher.clock.advance(600)
    known = watcher.last.snapshot.particulars
    assert known.environments[RunKey("acme/web", 8)] == (Environment("prod", reviewers=("mona",)),)
    assert known.policies["acme/web"].enabled is True


async def test_what_was_not_answered_is_asked_again_soon(watcher: CuriousWatcher) -> None:
    watcher.fails = ServerTroubleError("502")
    await watcher.start(60)
    watcher.asked.clear()
    watcher.fails = None
    await watcher.clock.advance(130)
    assert sorted(watcher.asked) == ["environments 8", "holders 9", "policy acme/web", "workflow 7"]


async def test_a_command_knows_it_too(watcher: CuriousWatcher) -> None:
    watcher.on = False
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(60)
    assert (await looking).reasons[JobKey("acme/web", 70)].cause == "actions-disabled"


async def test_of_many_runs_only_those_that_wait_longest_are_asked_about(watcher: CuriousWatcher) -> None:
    watcher.github.run_list = [replace(a_run(number, "waiting"), sha="3") for number in range(100, 140)]
    watcher.github.job_list = [a_job(run.id * 10, run.id, "waiting", ago=run.id) for run in watcher.github.run_list]
    await watcher.start(60)
    assert [words for words in watcher.asked if words.startswith("environments")] == [
        f"environments {number}" for number in (139, 138, 137, 136, 135)
    ]


async def test_a_command_does_not_ask_for_what_another_has_asked_a_moment_ago(tmp_path: Path) -> None:
    first = CuriousWatcher()
    await first.start(60)
    await first.stop()
    memory = Memory(tmp_path)
    memory.keep(first.last.snapshot)
    second = CuriousWatcher(memory.snapshot("acme-prod"))
    second.clock.jump(200)
    looking = asyncio.create_task(second.watch.first_whole_look())
    await second.clock.advance(60)
    snapshot = (await looking).snapshot
    assert sorted(second.asked) == ["environments 8", "holders 9"]
    assert snapshot.particulars.policies == {"acme/web": ActionsPolicy(enabled=True)}
    assert snapshot.particulars.workflows[RunKey("acme/web", 7)] == WorkflowText(
        "ci.yml", "3f2a1c9", (NamedGroup("Default", 4),)
    )
