"""A pretend world with its hosts, without ssh: the console's gate, and a time that passes only while somebody waits."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

from msgspec.structs import replace

from console.errors import HostUnreachableError
from console.fleet.frames import Answer, Frame
from console.fleet.history import Operator
from console.fleet.models import RunnerKey, Scope
from console.fleet.scripts import Script
from console.operations.gather import Gatherer
from console.operations.locate import HostNames, Locator
from console.operations.plan_parts import PartRunner
from console.operations.plan_record import Recorder
from console.operations.run_plan import Gate
from console.remote.sanitize import redact, text
from console.simulator.host_acts import ACTS, LOOKS
from console.simulator.host_answers import ANSWERS, Host
from console.simulator.host_guards import Act
from console.simulator.scenarios import HOSTS, scenario_named
from console.simulator.world import World
from tests.operations.gate_fixture import Acting, PassingTime, acting_in

WEB = "http://127.0.0.1:8080"


class WorldHosts:
    """Answers the scripts out of the world, and keeps what was sent to it."""

    def __init__(self, world: World, time: PassingTime) -> None:
        self._world, self._time = world, time
        self.asked: list[tuple[str, ...]] = []
        self.acted: list[tuple[str, ...]] = []
        self.secrets: list[bytes] = []
        self.cut: Literal["", "before", "after"] = ""
        """When the connection to a host is lost: before what is done there has begun, or once it is done."""

    async def ask(self, host: str, script: Script, *values: str) -> Answer:
        self.asked.append((host, script.id, *values))
        with self._world.lock:
            frames = tuple({**ANSWERS, **LOOKS}[script.id](self._host(host), *script.words(*values)))
        return Answer(frames, 0)

    @asynccontextmanager
    async def act(
        self, host: str, script: Script, *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AsyncIterator[AsyncIterator[Frame]]:
        self.acted.append((host, script.id, *values))
        self.secrets += secrets
        yield self._acting(host, script, values, [line.decode() for line in secrets])

    async def _acting(
        self, host: str, script: Script, values: tuple[str, ...], heard: list[str]
    ) -> AsyncIterator[Frame]:
        act = ACTS[script.id](self._host(host), *script.words(*values))
        act.heard = heard or [""]
        assert len(act.heard) == act.takes
        if self.cut == "before":
            raise HostUnreachableError("The host cannot be reached", "Look whether it is up.")
        yield Frame("sent")
        while not act.ended:
            for frame in self._look(act):
                if self.cut == "after" and frame.word == "did":
                    raise HostUnreachableError("The connection was lost", "Look whether it is up.")
                yield frame
            await self._time.sleep(0.5)
        yield Frame("end", (str(act.status),))

    def _look(self, act: Act) -> Iterator[Frame]:
        with self._world.lock:
            return iter(list(act.look()))

    async def way(self, host: str) -> str:
        return f"{host}@127.0.0.1"

    def _host(self, name: str) -> Host:
        return Host(self._world, name, WEB)


class ActingOnHosts(Acting):
    """With hosts, and names for what is in the world."""

    hosts: WorldHosts

    async def look(self, *repositories: str) -> None:
        """With the groups and the repositories, which say whom runners are for."""
        await super().look(*repositories)
        groups = {each.key: each for each in await self.api.groups(Scope("org", "acme"))}
        known = {name: await self.api.repository(name) for name in repositories}
        self.seen.snapshot = replace(self.seen.snapshot, groups=groups, repositories=known)

    def key(self, name: str) -> RunnerKey:
        runner = self.world.runner(name)
        return RunnerKey(runner.scope, runner.id)


@asynccontextmanager
async def acting_on_hosts(place: Path, scenario: str) -> AsyncIterator[ActingOnHosts]:
    """`place` is for the history."""
    async with acting_in(place, scenario) as made:
        seen, time, history = made.seen, made.time, made.history
        hosts: Any = WorldHosts(made.world, time)
        locator = Locator(hosts, HostNames("pretend", HOSTS, WEB), lambda key: seen.snapshot.runners.get(key), time)  # noqa: PLW0108 (the newest)

        def clean(words: str) -> str:
            return text(redact(words))

        gatherer = Gatherer(made.api, hosts, watch=seen, locate=locator.locate, failure=seen.failure, clean=clean)
        recorder = Recorder(
            history, "pretend", Operator("alice"), login=lambda: made.api.login("acme"), snapshot=seen.facts,
            now=time.wall,
        )  # fmt: skip
        parts = PartRunner(made.api, hosts, gatherer, recorder, snapshot=seen.facts, clean=clean, clock=time)
        gate = Gate(
            gatherer, parts, recorder, watch=seen, clock=time, read_only=False, now=made.api.now, operator="alice"
        )
        acting = ActingOnHosts(made.world, time, made.api, gate, seen, history)
        acting.hosts = hosts
        try:
            yield acting
        finally:
            await gate.close()


async def solved(acting: ActingOnHosts, scenario: str, within: float = 600) -> bool:
    """Whether the scenario calls it so, now or soon."""
    found = scenario_named(scenario)
    for _ in range(int(within / 5)):
        if found.solved(acting.world):
            return True
        await acting.time.sleep(5)
    return False
