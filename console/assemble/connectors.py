"""How a context is opened, a configured one and a pretend one."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from console.assemble.actions import gate_for
from console.assemble.hosts import client_for, host_logs_for, hosts_for, pretend_client, suspects_for
from console.assemble.parts import (
    NamingTokens,
    PretendTokens,
    beside_for,
    facts_for,
    github_for,
    history_in,
    lives_for,
    load_what_looks,
    logs_for,
    plan_for,
)
from console.errors import ConsoleError, SettingsError
from console.fleet.paths import scope_of
from console.operations.connection import Connection, ContextFacts
from console.operations.interfaces import Clock
from console.operations.remember import LastTime, Memory

if TYPE_CHECKING:
    from console.credentials.tokens import Tokens
    from console.operations.history import History
    from console.operations.host_logs import RunnerHostLogs
    from console.operations.job_log import JobLogs
    from console.operations.keeping import Keeping
    from console.operations.run_plan import Gate
    from console.operations.runbooks import WalkKeeper
    from console.operations.watch import Watch
    from console.remote.github import GitHubApi
    from console.remote.ssh_arguments import Client
    from console.settings.schema import Context, Settings
    from console.simulator.clock import WorldClock
    from console.simulator.hosts import Access
    from console.simulator.scenarios import Scenario
    from console.simulator.world import World


class OpenContext:
    """A context at work. What it remembers is kept until it is closed; a pretend fleet remembers nothing."""

    def __init__(
        self,
        facts: ContextFacts,
        watch: "Watch",
        github: "GitHubApi",
        *,
        logs: "JobLogs",
        host_logs: "RunnerHostLogs",
        history: "History",
        walks: "WalkKeeper",
        gate: "Gate",
        keeping: "Keeping | None",
        at_end: Callable[[], None],
    ) -> None:
        self.facts = facts
        self.watch = watch
        self.logs = logs
        self.host_logs = host_logs
        self.history = history
        self.walks = walks
        self.gate = gate
        self._github = github
        self._keeping = keeping
        self._at_end = at_end

    async def close(self) -> None:
        """Let go of what is under way, close connections, remember what is known, end the pretend GitHub."""
        with contextlib.ExitStack() as at_end:
            at_end.callback(self._at_end)
            await self.gate.close()
            await self.host_logs.close()
            await self._github.close()
            if self._keeping is not None:
                await self._keeping.stop()


class Ground(NamedTuple):
    """What logs, hosts and actions of a context stand on."""

    facts: ContextFacts
    watch: "Watch"
    github: "GitHubApi"
    client: "Client"
    patterns: Mapping[str, str]
    """Names of runners, and their hosts."""
    history: "History"
    owners: tuple[str, ...]
    clock: Clock
    memory: Memory
    """Of what is said of findings."""

    def opened(self, keeping: "Keeping | None", at_end: Callable[[], None]) -> OpenContext:
        """With one connection for each host, whoever asks it."""
        from console.operations.drained import Drained
        from console.operations.runbooks import walks_beside

        hosts = hosts_for(self.client)
        host_logs = host_logs_for(hosts, self.facts, self.patterns, self.watch, self.clock, now=self.github.now)
        gate = gate_for(
            self.facts,
            self.github,
            hosts,
            watch=self.watch,
            host_logs=host_logs,
            history=self.history,
            owners=self.owners,
            clock=self.clock,
        )
        self.watch.lives = lives_for(self.facts.name, self.facts.api_url, self.memory, lambda: self.history)
        self.watch.drained = Drained(self.history, self.facts.name)
        self.watch.ask_hosts(suspects_for(host_logs, self.clock))
        return OpenContext(
            self.facts,
            self.watch,
            self.github,
            logs=logs_for(self.github, self.clock),
            host_logs=host_logs,
            history=self.history,
            walks=walks_beside(self.history, self.clock),
            gate=gate,
            keeping=keeping,
            at_end=at_end,
        )


class RealConnector:
    """Opens configured contexts. Settings, HTTP and keyring are loaded in a thread, when the first is opened."""

    def __init__(
        self,
        load: Callable[[str | None], "Settings"],
        tokens: Callable[["Settings", "Context"], "Tokens"],
        memory: Memory,
        clock: Clock,
        *,
        history: Callable[[], "History"],
        read_only: bool | None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """`say` is for commands: it is told, in words, on what a look waits. The screen shows that by itself."""
        self._say = say
        self._load = load
        self._tokens = tokens
        self._memory = memory
        self._history = history
        self._clock = clock
        self._read_only = read_only
        self._names: tuple[str, ...] = ()

    def contexts(self) -> tuple[str, ...]:
        """Known once the settings have been read."""
        return self._names

    async def open(self, name: str | None) -> Connection:
        """Raises SettingsError and NoContextError; what GitHub says comes with the looks."""
        settings = await asyncio.to_thread(self._load, name)
        chosen, context = settings.context(name)
        self._names = (settings.default_name, *(each for each in settings.contexts if each != settings.default_name))
        if not context.owners:
            raise SettingsError(
                f"The context “{chosen}” names neither scopes nor repositories: there is nothing to look at",
                'Give it some in the configuration file, such as scopes = ["org:NAME"].',
            )
        await asyncio.to_thread(load_what_looks)
        tokens = self._tokens(settings, context)
        from console.operations.annals import Annals
        from console.operations.keeping import Keeping, share_limits
        from console.operations.watch import Watch

        github = github_for(context.api_url, NamingTokens(tokens), self._clock, self._say)
        await share_limits(github, self._memory, context.api_url)
        facts = facts_for(settings, chosen, context, tokens, read_only=self._read_only)
        remembered = await asyncio.to_thread(self._memory.snapshot, chosen, context.api_url)
        plan = plan_for(settings, chosen, context)
        failures = await asyncio.to_thread(self._memory.failures, chosen)
        beside = beside_for(github, plan.scopes, settings.status_url_of(context), self._clock, failures)
        watch = Watch(plan, github, self._clock, remembered, beside=beside)
        watch.annals = Annals(f"{chosen} {context.api_url}", self._memory)
        await watch.annals.load()
        if self._say is not None:
            watch.relies = await _has_tokens(tokens, context.owners)
        last = LastTime(chosen, facts.theme, facts.read_only, settings.mouse)
        await asyncio.to_thread(self._memory.note, last)
        ground = Ground(
            facts,
            watch,
            github,
            client_for(settings, context),
            context.ssh.hosts,
            self._history(),
            tuple(context.owners),
            self._clock,
            self._memory,
        )
        return ground.opened(Keeping(watch, github, self._memory, context.api_url), lambda: None)


async def _has_tokens(tokens: "Tokens", owners: Iterable[str]) -> bool:
    """Whether GitHub could be asked at all: a command without a token answers nothing out of what others have read."""
    try:
        return all([await tokens.token(owner) is not None for owner in owners])
    except ConsoleError:
        return False


class Served(NamedTuple):
    """A pretend world that listens."""

    address: str
    """Of its GitHub."""
    status_page: str
    access: "Access | None"
    """To its hosts; None without an ssh client."""
    history: "History"
    stop: Callable[[], None]


class DemoConnector:
    """Opens scenarios as if they were contexts: real HTTP to a pretend GitHub on loopback, real SSH to its hosts."""

    def __init__(
        self,
        scenario: "Scenario",
        clock: Clock,
        world_clock: "Callable[[], WorldClock]",
        *,
        read_only: bool = False,
    ) -> None:
        """What is done to a pretend fleet hurts nobody: only who wants to see it is read-only."""
        self._read_only = read_only
        self._first = scenario
        self._clock = clock
        self._world_clock = world_clock
        self._world: World | None = None

    def contexts(self) -> tuple[str, ...]:
        """Every scenario, the one that was asked for first."""
        from console.simulator.scenarios import scenarios

        return (self._first.id, *(name for name in scenarios() if name != self._first.id))

    def solved(self) -> bool:
        """Whether what was wrong with the pretend fleet is mended; it waits for who is at work in it."""
        if self._world is None:
            return False
        with self._world.lock:
            return self._first.solved(self._world)

    async def open(self, name: str | None) -> Connection:
        """Builds the world anew each time. Raises UsageError for a scenario that does not exist."""
        from console.simulator.scenarios import scenario_named

        await asyncio.to_thread(load_what_looks)
        scenario = self._first if name is None else scenario_named(name)
        serving = asyncio.ensure_future(asyncio.to_thread(self._serve, scenario))
        try:
            return self._connect(scenario, await asyncio.shield(serving))
        except asyncio.CancelledError:
            # Nothing else ends what a thread has begun.
            (await serving).stop()
            raise

    def _serve(self, scenario: "Scenario") -> Served:
        from tempfile import TemporaryDirectory

        from console.remote.sanitize import redact
        from console.simulator.hosts import pretend_hosts
        from console.simulator.server import SimulatedGitHub

        world = self._world = scenario.build(self._world_clock())
        server = SimulatedGitHub(world)
        address = server.start()
        hosts = pretend_hosts(world, address)
        access = None if hosts is None else hosts.start()

        kept = TemporaryDirectory(prefix="runner-console-demo-", ignore_cleanup_errors=True)

        def stop() -> None:
            kept.cleanup()
            if hosts is not None:
                hosts.stop()
            server.stop()

        return Served(address, server.status_page, access, history_in(Path(kept.name), redact, self._clock), stop)

    def _connect(self, scenario: "Scenario", served: Served) -> Connection:
        from console.credentials.secret import Secret
        from console.operations.annals import Annals
        from console.operations.schedule import WatchPlan
        from console.operations.watch import Watch
        from console.simulator.tokens import DEMO_TOKEN

        plan = WatchPlan(
            context=scenario.id,
            scopes=tuple(scope_of(scope) for scope in scenario.context.scopes),
            repositories=scenario.context.repositories,
            hosts=scenario.context.hosts,
        )
        github = github_for(served.address, PretendTokens(Secret(DEMO_TOKEN)), self._clock)
        facts = ContextFacts(
            name=scenario.id,
            api_url=served.address,
            scopes=scenario.context.scopes,
            read_only=self._read_only,
            token_source="pretend",  # noqa: S106 - where it comes from, not the token
            demo=scenario.id,
        )
        beside = beside_for(github, plan.scopes, served.status_page, self._clock)
        watch = Watch(plan, github, self._clock, beside=beside)
        if scenario.past is not None and self._world is not None:
            watch.annals = Annals(past=scenario.past(self._world))
        owners = tuple(dict.fromkeys(scope_of(scope).owner for scope in scenario.context.scopes))
        client, patterns = pretend_client(served.access), scenario.context.hosts
        kept = Memory(served.history.path.parent)
        ground = Ground(facts, watch, github, client, patterns, served.history, owners, self._clock, kept)
        return ground.opened(None, served.stop)
