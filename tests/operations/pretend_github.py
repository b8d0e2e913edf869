"""GitHub as a few lists in memory, for tests of what the watch makes of its answers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from console.errors import ConsoleError
from console.fleet.evidence import Cache
from console.fleet.models import Job, JobKey, Repository, Run, RunKey, Runner, RunnerGroup, RunnerKey, Scope
from console.fleet.page import Page
from console.fleet.plans import Call, GivenOnce, Reply
from console.fleet.release import Release
from console.fleet.server import Budget, Meta
from tests.virtual_clock import START, VirtualClock

T = TypeVar("T")


class PretendGitHub:
    """Answers from its lists; counts what it is asked; fails where `broken` says so."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.runner_list: list[Runner] = []
        self.repository_list: list[Repository] = [Repository("acme/web", private=True)]
        self.run_list: list[Run] = []
        self.job_list: list[Job] = []
        self.group_list = (RunnerGroup("org:acme", 1, "Default", "all", default=True, allows_public_repositories=True),)
        self.release_list: list[Release] = []
        self.cache_list: list[Cache] = []
        self.sent: list[Call] = []
        self.asked: Counter[str] = Counter()
        self.broken: dict[str, ConsoleError] = {}
        self.slow: dict[str, float] = {}
        self.budget = Budget()
        self.resets = 0
        self.tried_again = 0
        self.unreadable: tuple[int, ...] = ()
        self.set_aside = 0
        self.page_size = 100
        self.partial = ""

    async def _ask(self, what: str) -> None:
        self.asked[what] += 1
        if what in self.slow:
            await self.clock.sleep(self.slow[what])
        await asyncio.sleep(0)
        for broken in (what, what.partition(" ")[0], "everything"):
            if broken in self.broken:
                raise self.broken[broken]

    async def _pages(self, what: str, items: Sequence[T]) -> AsyncIterator[Page[T]]:
        for start in range(0, max(len(items), 1), self.page_size):
            await self._ask(what)
            page = tuple(items[start : start + self.page_size])
            yield Page(page, len(items), self.set_aside, self.unreadable, self.partial)

    def runners(self, scope: Scope) -> AsyncIterator[Page[Runner]]:
        return self._pages(f"runners {scope}", [each for each in self.runner_list if each.scope == str(scope)])

    def repositories(self, owner: str) -> AsyncIterator[Page[Repository]]:
        return self._pages(f"repositories {owner}", [each for each in self.repository_list if each.owner == owner])

    def runs(self, repository: str, status: str) -> AsyncIterator[Page[Run]]:
        wanted = [each for each in self.run_list if status in {each.status, each.conclusion}]
        return self._pages(f"{status} {repository}", [each for each in wanted if each.repository == repository])

    def finished_runs(self, repository: str) -> AsyncIterator[Page[Run]]:
        return self.runs(repository, "completed")

    def jobs(self, run: RunKey) -> AsyncIterator[Page[Job]]:
        return self._pages(f"jobs {run.id}", [each for each in self.job_list if each.run_key == run])

    async def groups(self, scope: Scope) -> tuple[RunnerGroup, ...]:
        await self._ask(f"groups {scope}")
        return self.group_list

    async def repository(self, name: str) -> Repository:
        await self._ask(f"repository {name}")
        return next(each for each in self.repository_list if each.name == name)

    async def runner(self, key: RunnerKey) -> Runner | None:
        await self._ask(f"runner {key.id}")
        return next((each for each in self.runner_list if each.key == key), None)

    async def runner_named(self, scope: str, name: str) -> Runner | None:
        await self._ask(f"runner {name}")
        return next((each for each in self.runner_list if (each.scope, each.name) == (scope, name)), None)

    async def run(self, key: RunKey) -> Run | None:
        await self._ask(f"run {key.id}")
        return next((each for each in self.run_list if each.key == key), None)

    async def releases(self, repository: str) -> tuple[Release, ...]:
        await self._ask(f"releases {repository}")
        return tuple(self.release_list)

    async def caches(self, repository: str, key: str) -> tuple[Cache, ...]:
        await self._ask(f"caches {repository}")
        return tuple(each for each in self.cache_list if each.key.startswith(key))

    async def login(self, owner: str) -> str:
        await self._ask(f"login {owner}")
        return "mona-dev"

    async def send(self, call: Call) -> Reply:
        self.sent.append(call)
        await self._ask(f"send {call.path}")
        return Reply(201, GivenOnce(b"given-once") if call.gives else None)

    async def job(self, key: JobKey) -> Job | None:
        await self._ask(f"job {key.id}")
        return next((each for each in self.job_list if each.key == key), None)

    async def meta(self) -> Meta:
        return Meta(None)

    def now(self) -> datetime:
        return self.clock.wall()

    def try_again(self) -> None:
        self.tried_again += 1

    async def reset_connections(self) -> None:
        self.resets += 1

    async def close(self) -> None:
        self.resets += 1


def a_runner(
    number: int, *, busy: bool = False, status: str = "online", labels: tuple[str, ...] = ("linux",)
) -> Runner:
    return Runner("org:acme", number, f"runner-{number:02}", "linux", status, busy, ("self-hosted", *labels), 1)


def a_run(number: int, status: str = "queued", *, conclusion: str | None = None, ago: float = 300) -> Run:
    at = START - timedelta(seconds=ago)
    return Run(
        "acme/web",
        number,
        number,
        1,
        "Fix",
        "ci",
        ".github/workflows/ci.yml",
        "main",
        "push",
        status,
        conclusion,
        at,
        at,
        "",
    )


def a_job(
    number: int,
    run: int,
    status: str = "queued",
    *,
    runner: Runner | None = None,
    ago: float = 300,
    ended: float | None = None,
) -> Job:
    return Job(
        "acme/web",
        number,
        run,
        1,
        f"build {number}",
        "ci",
        "main",
        ("self-hosted", "linux"),
        status,
        "success" if ended is not None else None,
        START - timedelta(seconds=ago),
        completed_at=None if ended is None else START - timedelta(seconds=ended),
        runner_id=runner.id if runner else None,
        runner_name=runner.name if runner else None,
    )
