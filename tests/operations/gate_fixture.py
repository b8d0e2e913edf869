"""The real gate and the real client, over real HTTP, to a pretend world whose time passes only while somebody waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from console.fleet.failure import Failure
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.history import Entry, Operator
from console.fleet.models import FleetSnapshot, Job, JobKey, Run, RunKey, Runner, RunnerKey, Scope, plain
from console.fleet.plans import Refusal, Target
from console.fleet.release import Release
from console.fleet.signatures import shipped_catalogue
from console.operations.failures import Failures
from console.operations.gather import Gatherer
from console.operations.history import History
from console.operations.plan_parts import PartRunner
from console.operations.plan_record import Recorder
from console.operations.run_plan import Gate, Proposal
from console.operations.undertaking import Ended, Undertaking
from console.remote.github import GitHubApi
from console.remote.sanitize import text
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.remote.fault_server import FixedTokens
from tests.virtual_clock import threads

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
LONG = timedelta(days=1)


class PassingTime:
    """The world's time, for the console too; whoever sleeps moves it, and everything that is due happens."""

    def __init__(self, world: World, clock: WorldClock) -> None:
        self._world = world
        self._clock = clock

    def wall(self) -> datetime:
        return self._clock.now()

    def elapsed(self) -> float:
        return 1_000.0 + (self._clock.now() - NINE).total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        await threads()
        self.move(seconds)

    def move(self, seconds: float) -> None:
        self._clock.move(timedelta(seconds=seconds))
        with self._world.lock:
            self._world.advance()


class Seen:
    """What was seen of the fleet when it was looked at last."""

    def __init__(self, api: GitHubApi, failures: Failures) -> None:
        self._api = api
        self._failures = failures
        self.snapshot = FleetSnapshot(NINE)

    def facts(self) -> FleetSnapshot:
        return self.snapshot

    def changed(self, target: object) -> None:
        """It is looked at when a test wants it."""

    async def runner(self, key: RunnerKey) -> Runner | None:
        return await self._api.runner(key)

    async def job(self, key: JobKey) -> Job | None:
        return await self._api.job(key)

    async def run(self, key: RunKey) -> Run | None:
        return await self._api.run(key)

    async def releases(self, repository: str) -> tuple[Release, ...]:
        return await self._api.releases(repository)

    async def failure(self, key: JobKey) -> Failure | None:
        job = await self._api.job(key)
        if job is None:
            return None
        await self._failures.read([job], 10)
        return self._failures.frozen().get(key)

    async def look(self, scope: str, *repositories: str) -> None:
        """At the runners of an organisation, and at the newest runs of some repositories and their jobs."""
        runners = [each async for page in self._api.runners(Scope("org", scope)) for each in page.items]
        runs: list[Run] = []
        for name in repositories:
            for pages in (self._api.runs(name, "queued"), self._api.runs(name, "in_progress")):
                runs += [each async for page in pages for each in page.items]
            runs += [each async for page in self._api.finished_runs(name) for each in page.items]
        jobs = [each for run in runs async for page in self._api.jobs(run.key) for each in page.items]
        self.snapshot = FleetSnapshot(
            self._api.now(),
            runners={each.key: each for each in runners},
            runs={each.key: each for each in runs},
            jobs={each.key: each for each in jobs},
            whole=True,
        )


class NoHosts:
    """Nothing is done on a host here."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a host was wanted: {name}")


class Acting:
    """A pretend world, the console's gate to it, and what an operator does with both."""

    def __init__(
        self, world: World, time: PassingTime, api: GitHubApi, gate: Gate, seen: Seen, history: History
    ) -> None:
        self.world, self.time, self.api, self.gate, self.seen = world, time, api, gate, seen
        self.history = history

    async def look(self, *repositories: str) -> None:
        """All that the screen would show."""
        await self.seen.look("acme", *repositories)

    async def asked(self, action: str, target: Target, given: str = "") -> Proposal | Refusal:
        return await self.gate.propose(GUIDED_ACTIONS[action], target, given)

    async def refused(self, action: str, target: Target, given: str = "") -> str:
        """Why it is not even proposed."""
        found = await self.asked(action, target, given)
        assert isinstance(found, Refusal), found
        return f"{plain(found.reason)} {plain(found.helps)}"

    async def proposed(self, action: str, target: Target, given: str = "") -> Proposal:
        found = await self.asked(action, target, given)
        assert isinstance(found, Proposal), plain(found.reason)
        return found

    async def carried_out(self, proposal: Proposal) -> Ended:
        """Agreed to, with what has to be typed, and followed to its end."""
        begun = await self.gate.carry_out(proposal, proposal.plan.typed)
        assert isinstance(begun, Undertaking), plain(begun.reason)
        return await asyncio.wait_for(begun.end(), 60)

    async def turned_down(self, proposal: Proposal, typed: str = "") -> str:
        """Why it is not begun, though it was proposed."""
        found = await self.gate.carry_out(proposal, typed)
        assert isinstance(found, Refusal), found
        return plain(found.reason)

    async def done(self, action: str, target: Target, given: str = "") -> Ended:
        """All of it."""
        return await self.carried_out(await self.proposed(action, target, given))

    def lose(self, path: str) -> None:
        """What is asked there is done, and its answer is lost."""
        self.world.faults.lose_answers(self.world.timeline.now, LONG, path=path)

    def entries(self) -> tuple[Entry, ...]:
        """The history, newest first."""
        return self.history.entries()


def run_key(run: Any) -> RunKey:
    """Of a run in the world."""
    return RunKey(run.repository.full_name, run.id)


def job_key(job: Any) -> JobKey:
    """Of a job in the world."""
    return JobKey(job.run.repository.full_name, job.id)


@asynccontextmanager
async def acting_in(place: Path, scenario: str = "", *, read_only: bool = False) -> AsyncIterator[Acting]:
    """`place` is for the history. Without a scenario: acme with one repository, acme/web, and two idle runners."""
    clock = WorldClock(NINE, frozen=True)
    world = scenario_named(scenario).build(clock) if scenario else _small(clock)
    time = PassingTime(world, clock)
    server = SimulatedGitHub(world)
    api = GitHubApi(server.start(), FixedTokens(DEMO_TOKEN), time, user_agent="runner-console/0")
    failures = Failures(api, shipped_catalogue, lambda raw: text(raw.decode("utf-8", "replace").strip()), time)
    seen = Seen(api, failures)
    history = History(place / "history.jsonl", time, clean=str, harmless=text)
    hosts: Any = NoHosts()
    gatherer = Gatherer(api, hosts, watch=seen, locate=hosts, failure=seen.failure, clean=text)
    recorder = Recorder(
        history,
        "pretend",
        Operator("alice"),
        login=lambda: api.login("acme"),
        snapshot=seen.facts,
        now=time.wall,
    )
    runner = PartRunner(api, hosts, gatherer, recorder, snapshot=seen.facts, clean=text, clock=time)
    gate = Gate(
        gatherer, runner, recorder, watch=seen, clock=time, read_only=read_only, now=api.now, operator="alice@192.0.2.7"
    )
    try:
        yield Acting(world, time, api, gate, seen, history)
    finally:
        await gate.close()
        await failures.stop()
        await api.close()
        server.stop()


def _small(clock: WorldClock) -> World:
    world = World(clock, warm_up=timedelta())
    world.add_account("acme")
    world.add_repository("acme/web")
    for name in ("linux-1", "linux-2"):
        world.add_runner(name, "Linux", ["self-hosted", "Linux"], group=world.groups["acme"][1])
    return world
