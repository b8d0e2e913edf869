"""The gate to a runner on a test host: the real host over the real ssh, and a GitHub that knows what the host shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.history import Operator
from console.fleet.models import FleetSnapshot, Job, JobKey, Run, RunKey, Runner, RunnerKey, plain
from console.fleet.plans import Call, Refusal, Reply
from console.fleet.release import Release
from console.operations.gather import Gatherer
from console.operations.history import History
from console.operations.interfaces import GitHub, SystemClock
from console.operations.locate import HostNames, Locator
from console.operations.plan_parts import PartRunner
from console.operations.plan_record import Recorder
from console.operations.run_plan import Gate, Proposal
from console.operations.undertaking import Ended, Undertaking
from console.remote.sanitize import text as harmless
from tests.host.conftest import Host
from tests.host.runners import StandIn


class PretendGitHub:
    """Lists the runners of a host as what runs there would have it; `busy` is what it says of them, however old."""

    def __init__(self, *runners: StandIn) -> None:
        self.busy = False
        self.scopes = {key_of(each): each for each in runners}

    def snapshot(self) -> FleetSnapshot:
        return FleetSnapshot(self.now(), runners={key: self._listed(key) for key in self.scopes})

    facts = snapshot

    def changed(self, target: object) -> None:
        """It is looked at each time anyway."""

    async def runner(self, key: RunnerKey) -> Runner | None:
        return self._listed(key) if key in self.scopes else None

    async def job(self, key: JobKey) -> Job | None:
        return None

    async def run(self, key: RunKey) -> Run | None:
        return None

    async def releases(self, repository: str) -> tuple[Release, ...]:
        return ()

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def login(self) -> str:
        return "ops-dev"

    async def send(self, call: Call) -> Reply:
        raise AssertionError("GitHub is not asked for anything here")

    def _listed(self, key: RunnerKey) -> Runner:
        stand_in = self.scopes[key]
        listens = any(stand_in.root in words for words in stand_in.machine.processes_of("runner"))
        status = "online" if listens else "offline"
        return Runner(key.scope, key.id, stand_in.name, "Linux", status, busy=self.busy, labels=())


def key_of(stand_in: StandIn) -> RunnerKey:
    return RunnerKey(f"{'repo' if '/' in stand_in.owner else 'org'}:{stand_in.owner}", stand_in.agent_id)


async def _no_failure(job: JobKey) -> None:
    """No job failed here."""


@asynccontextmanager
async def gate_on(
    host: Host, *more: StandIn, user: str = "ops", name: str = "web", github: PretendGitHub | None = None
) -> AsyncIterator[Gate]:
    """For the runner of this host, and more there."""
    github = github or PretendGitHub(host.runner, *more)
    clock = SystemClock()
    async with host.ssh.hosts(user) as hosts:
        locator = Locator(
            hosts,
            HostNames("prod", {"*": name}, "https://github.com"),
            lambda key: github.snapshot().runners.get(key),  # noqa: PLW0108 - as it is then
            clock,
        )
        gatherer = Gatherer(
            cast(GitHub, github), hosts, watch=github, locate=locator.locate, failure=_no_failure, clean=harmless
        )
        with TemporaryDirectory() as place:
            history = History(Path(place) / "history.jsonl", clock, clean=str, harmless=harmless)
            recorder = Recorder(
                history, "prod", Operator(user), login=github.login, snapshot=github.snapshot, now=github.now
            )
            parts = PartRunner(github, hosts, gatherer, recorder, snapshot=github.snapshot, clean=harmless, clock=clock)
            gate = Gate(
                gatherer,
                parts,
                recorder,
                watch=github,
                clock=clock,
                read_only=False,
                now=github.now,
                operator=f"{user}@192.0.2.1",
            )
            try:
                yield gate
            finally:
                await gate.close()


async def plan(gate: Gate, stand_in: StandIn, action: str = "restart-service") -> Proposal:
    found = await gate.propose(GUIDED_ACTIONS[action], key_of(stand_in))
    assert isinstance(found, Proposal), plain(found.reason)
    return found


async def refusal(gate: Gate, stand_in: StandIn, action: str = "restart-service") -> str:
    found = await gate.propose(GUIDED_ACTIONS[action], key_of(stand_in))
    assert isinstance(found, Refusal), found
    return plain(found.reason)


async def carried_out(gate: Gate, proposal: Proposal) -> Ended:
    begun = await gate.carry_out(proposal, proposal.plan.typed)
    assert isinstance(begun, Undertaking), plain(begun.reason)
    try:
        return await begun.end()
    except BaseException:
        print(*begun.events, sep="\n")
        raise
