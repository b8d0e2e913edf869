"""A gate to one runner's host and to GitHub, both made of what a test puts there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from console.errors import ConsoleError, UnknownOutcomeError
from console.fleet.evidence import Fact, JobNow, PlaceOf, RouteTo, RunnerNow, ServiceOf
from console.fleet.frames import Frame
from console.fleet.history import Operator
from console.fleet.models import FleetSnapshot
from console.fleet.plans import Call, Reply
from console.fleet.scripts import Script
from console.operations.history import History
from console.operations.plan_parts import PartRunner
from console.operations.plan_record import Recorder
from console.operations.run_plan import Gate
from tests.fleet.fleets import fleet, runner
from tests.fleet.services import PLACE, service
from tests.virtual_clock import VirtualClock

KEY = runner().key
DONE = (
    Frame("ready"),
    Frame("checked", ("idle",)),
    Frame("doing", ("restart",)),
    Frame("did", ("0",)),
    Frame("end", ("0",)),
)


class World:
    """What is true: facts, what hosts say to scripts, what GitHub says to calls; and what was asked of them."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.snapshot: FleetSnapshot = fleet(runners=(runner(),))
        self.facts_now: dict[Fact[Any], object] = {
            RunnerNow(KEY): runner(),
            PlaceOf(KEY): PLACE,
            ServiceOf(PLACE): service(),
            RouteTo(PLACE.host): "ops@10.0.0.7",
        }
        self.says: Sequence[Frame | ConsoleError] = DONE
        self.answer: Reply | ConsoleError = Reply(201)
        self.sent: list[tuple[str, ...]] = []
        self.calls: list[Call] = []
        self.asked: list[Fact[Any]] = []
        self.told: list[object] = []
        """What was said to have changed."""

    async def gather(self, fact: Fact[Any]) -> object:
        self.asked.append(fact)
        if isinstance(fact, JobNow):
            return self.snapshot.jobs.get(fact.key)
        return self.facts_now[fact]

    def facts(self) -> FleetSnapshot:
        return self.snapshot

    def changed(self, target: object) -> None:
        self.told.append(target)

    def now(self) -> datetime:
        return self.clock.wall()

    @asynccontextmanager
    async def act(
        self, host: str, script: Script, *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AsyncIterator[AsyncIterator[Frame]]:
        self.sent.append((host, script.id, *values))
        yield self._saying()

    async def _saying(self) -> AsyncIterator[Frame]:
        for each in self.says:
            if isinstance(each, ConsoleError):
                raise each
            yield each
        self.facts_now[ServiceOf(PLACE)] = service(
            invocation="b" * 32, host_time=self.clock.wall(), listening_since=self.clock.wall()
        )

    async def login(self) -> str:
        return "alice-dev"

    async def send(self, call: Call) -> Reply:
        self.calls.append(call)
        if isinstance(self.answer, ConsoleError):
            raise self.answer
        return self.answer


LOST = UnknownOutcomeError("The connection broke", "Look.")


def gate_to(world: World, place: Path, *, read_only: bool = False) -> tuple[Gate, History]:
    """The real gate, with a real history in that directory."""
    history = History(place / "history.jsonl", world.clock, clean=str, harmless=str)
    recorder = Recorder(
        history, "acme-prod", Operator("alice", "192.0.2.7"), login=world.login, snapshot=world.facts, now=world.now
    )
    parts = PartRunner(world, world, world, recorder, snapshot=world.facts, clean=str, clock=world.clock)
    gate = Gate(
        world,
        parts,
        recorder,
        watch=world,
        clock=world.clock,
        read_only=read_only,
        now=world.now,
        operator="alice@192.0.2.7",
    )
    return gate, history
