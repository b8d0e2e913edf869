"""The only place that chooses real or simulated parts and joins them."""

import asyncio
import contextlib
import gc
import importlib
import logging
import logging.handlers
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console.errors import SettingsError, UsageError
from console.fleet.models import Name, Scope, Thresholds
from console.operations.connection import Connection, Connector, ContextFacts, FirstPaint
from console.operations.interfaces import Clock, SystemClock
from console.operations.remember import LastTime, Memory

if TYPE_CHECKING:
    from pathlib import Path

    from console.credentials.secret import Secret
    from console.credentials.tokens import Tokens
    from console.fleet.access import TokenReport
    from console.fleet.failure import Failure
    from console.fleet.log_lines import Where
    from console.fleet.models import JobKey
    from console.operations.failures import Failures
    from console.operations.job_log import JobLogs
    from console.operations.keeping import Keeping
    from console.operations.schedule import WatchPlan
    from console.operations.watch import Watch
    from console.remote.github import GitHubApi
    from console.settings.schema import Context, Settings
    from console.simulator.clock import WorldClock
    from console.simulator.scenarios import Scenario
    from console.simulator.server import SimulatedGitHub

LOG_BYTES = 5_000_000
log = logging.getLogger("console.assemble")
# Without --debug nobody keeps a log; what goes nowhere else would be written across the screen.
logging.getLogger("console").addHandler(logging.NullHandler())


def load_what_looks() -> None:
    """The slow imports, for a thread: the screen is drawn while they are under way."""
    for name in ("console.remote.github", "console.operations.watch"):
        importlib.import_module(name)


def user_agent() -> str:
    """GitHub refuses requests without one."""
    from importlib.metadata import version

    return f"runner-console/{version('runner-console')}"


def scope_from(spelled: str) -> Scope:
    """`org:NAME` or `repo:OWNER/NAME`, as the settings have checked it."""
    kind, _, name = spelled.partition(":")
    return Scope("org" if kind == "org" else "repo", name)


def tokens_for(
    settings: "Settings", context: "Context", environ: Mapping[str, str], given: "Secret | None" = None
) -> "Tokens":
    """The tokens of one context. `environ` is the environment before its tokens were taken out."""
    from console.credentials.keyrings import Keyring
    from console.credentials.tokens import TokenRules, Tokens
    from console.remote.sanitize import redact, text

    _, default = settings.context(settings.default_name) if settings.contexts else ("", context)
    rules = TokenRules(
        api_url=context.api_url,
        owners=context.owners,
        token_from=context.token_from,
        default_api_url=default.api_url,
        command_for=context.command_for,
        distrust=settings.distrust,
        given=given,
    )
    return Tokens(
        rules, environ=environ, keyring=Keyring(context.api_url, environ), clean=lambda words: text(redact(words))
    )


def github_for(
    api_url: str, tokens: "NamingTokens | PretendTokens", clock: Clock, say: Callable[[str], None] | None = None
) -> "GitHubApi":
    """The real client; httpx is loaded here and not before."""
    from console.remote.github import GitHubApi

    return GitHubApi(api_url, tokens, clock, user_agent=user_agent(), say=say)


def plan_for(settings: "Settings", name: str, context: "Context") -> "WatchPlan":
    """What the settings want watched."""
    from console.operations.schedule import WatchPlan

    return WatchPlan(
        context=name,
        scopes=tuple(scope_from(scope) for scope in context.scopes),
        repositories=context.repositories,
        look_every=settings.look_every,
        quiet_every=settings.quiet_every,
        thresholds=Thresholds(settings.thresholds.queued_watch, settings.thresholds.queued_alert),
    )


def facts_for(
    settings: "Settings", name: str, context: "Context", tokens: "Tokens", *, read_only: bool | None
) -> ContextFacts:
    """What the header says. `read_only` is the command line's word, which goes before the context's."""
    from console.remote.surroundings import proxy_in_words

    sources = dict.fromkeys(tokens.source(owner) for owner in context.owners)
    return ContextFacts(
        name=name,
        api_url=context.api_url,
        theme=settings.theme_of(context),
        read_only=context.read_only if read_only is None else read_only,
        scopes=context.scopes,
        token_source=", ".join(sources),
        proxy=proxy_in_words(context.api_url),
        bell=settings.bell,
    )


async def access_of(context: "Context", tokens: "Tokens", owner: str) -> "TokenReport":
    """What the token for this owner may do: one cheap read for each feature."""
    github = github_for(context.api_url, NamingTokens(tokens), SystemClock())
    own = [scope for scope in map(scope_from, context.scopes) if scope.owner.lower() == owner.lower()]
    named = [name for name in context.repositories if name.partition("/")[0].lower() == owner.lower()]
    try:
        return await github.access(owner, own, named)
    finally:
        await github.close()


def logs_for(github: "GitHubApi", clock: Clock) -> "JobLogs":
    """The logs of a context. What is fetched is kept in the cache directory, in files without names."""
    from console.operations.catalogue import whole_catalogue
    from console.operations.job_log import JobLogs
    from console.remote.log_text import Spool
    from console.settings.paths import paths, private_directory

    return JobLogs(
        github,
        spool=lambda: Spool(private_directory(paths().cache_dir)),
        catalogue=lambda: whole_catalogue()[0],
        clock=clock,
    )


def failures_for(github: "GitHubApi", clock: Clock, remembered: "Mapping[JobKey, Failure] | None" = None) -> "Failures":
    """Why the jobs of a context failed. Nothing of their logs is kept but the lines that say so."""
    from console.operations.catalogue import whole_catalogue
    from console.operations.failures import Failures
    from console.remote.log_lines import log_line
    from console.remote.sanitize import text

    return Failures(
        github,
        catalogue=lambda: whole_catalogue().catalogue,
        words=lambda raw: text(log_line(0, raw).text.strip()),
        clock=clock,
        remembered=remembered,
    )


def memory() -> Memory:
    """What the console remembers, in the state directory."""
    from console.settings.paths import paths

    return Memory(paths().state_dir)


def start_log(clean: Callable[[str], str]) -> None:
    """The console's own log, in the file that `info` names. Nothing reaches it before `clean` has been over it."""
    from console.settings.paths import paths, private_directory

    root = logging.getLogger("console")
    if root.level == logging.DEBUG:
        return
    path = paths().log_file
    private_directory(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, 0o600))
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"The log {path} cannot be written: {error.strerror}", "Move it away.") from None
    handler.setFormatter(CleanFormatter(clean))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    root.propagate = False


class CleanFormatter(logging.Formatter):
    """One line for each record, tracebacks included, without secrets and without control characters."""

    converter = staticmethod(time.gmtime)

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s %(message)s")
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        from console.remote.sanitize import text

        return " | ".join(text(line) for line in self._clean(super().format(record)).splitlines())


def check_terminal() -> None:
    """Raises UsageError where there is nothing to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError(
            "The console needs a terminal", "Without one, use `runner-console now` or `runner-console now --json`."
        )
    if os.environ.get("TERM", "") in {"", "dumb"}:
        raise UsageError(
            "The console cannot draw on this terminal (TERM=dumb)",
            "Set TERM to what the terminal is, or use `runner-console now`.",
        )


def run_demo(scenario: str | None, *, mouse: bool, clean: Callable[[str], str]) -> int:
    """The console on a pretend fleet."""
    check_terminal()
    from console.simulator.clock import WorldClock
    from console.simulator.scenarios import DEFAULT, scenario_named
    from console.ui.app import run
    from console.ui.signs import choose
    from console.ui.terminal_app import Options

    choose(sys.stdout.encoding)
    chosen = scenario_named(scenario or DEFAULT)
    clock = SystemClock()
    first = FirstPaint(context=chosen.id, demo=chosen.id)
    connector = DemoConnector(chosen, clock, lambda: WorldClock(datetime.now(UTC)))
    return run(first, connector, clock, Options(mouse=mouse, redact=clean))


def stop_token_commands() -> None:
    """Those that run, if any was ever begun: the first paint does not wait for what begins them."""
    if "console.credentials.token_command" in sys.modules:
        from console.credentials.token_command import stop_all

        stop_all()


def run_console(
    connector: Connector, context: str | None, read_only: bool | None, mouse: bool | None, clean: Callable[[str], str]
) -> int:
    """The console on a configured context. The first paint is from memory; settings are read after it."""
    check_terminal()
    # Until the first paint nothing becomes garbage; `run` turns the collector on again.
    gc.disable()
    from console.ui.app import run
    from console.ui.signs import choose
    from console.ui.terminal_app import Options

    choose(sys.stdout.encoding)
    remembered = memory()
    last = remembered.last_time()
    name = context or last.context
    first = FirstPaint(
        context=name,
        theme=last.theme,
        read_only=last.read_only if read_only is None else read_only,
        recall=lambda: remembered.snapshot(name) if name else None,
    )
    shown = last.mouse if mouse is None else mouse
    return run(first, connector, SystemClock(), Options(mouse=shown, redact=clean, stop_all=stop_token_commands))


def run_log(path: "Path", where: "Where", *, mouse: bool, clean: Callable[[str], str]) -> int:
    """One file of this machine on the whole screen. Raises LogError when it cannot be read."""
    check_terminal()
    from console.operations.catalogue import whole_catalogue
    from console.operations.logs import OpenLog
    from console.remote.log_text import LogFile, readable
    from console.remote.sanitize import text
    from console.ui.log_app import run
    from console.ui.signs import choose
    from console.ui.terminal_app import Options

    readable(path)
    choose(sys.stdout.encoding)
    clock = SystemClock()
    catalogue = whole_catalogue().catalogue

    def opening() -> OpenLog:
        return OpenLog((Name(text(path.name)),), where, LogFile(path), catalogue, clock)

    return run(opening, clock, memory().last_time().theme, Options(mouse=mouse, redact=clean))


def print_log(path: "Path", write: Callable[[str], None]) -> None:
    """A file as the screen would show it, line by line. Raises LogError."""
    from console.remote.log_text import lines_of

    for line in lines_of(path):
        write(f"{line.stamp} {line.text}" if line.stamp else line.text)


class OpenContext:
    """A context at work. What it remembers is kept until it is closed; a pretend fleet remembers nothing."""

    def __init__(
        self,
        facts: ContextFacts,
        watch: "Watch",
        github: "GitHubApi",
        *,
        logs: "JobLogs",
        keeping: "Keeping | None",
        at_end: Callable[[], None],
    ) -> None:
        self.facts = facts
        self.watch = watch
        self.logs = logs
        self._github = github
        self._keeping = keeping
        self._at_end = at_end

    async def close(self) -> None:
        """Close connections, remember what is known, end the pretend GitHub."""
        with contextlib.ExitStack() as at_end:
            at_end.callback(self._at_end)
            await self._github.close()
            if self._keeping is not None:
                await self._keeping.stop()


class RealConnector:
    """Opens configured contexts. Settings, HTTP and keyring are loaded in a thread, when the first is opened."""

    def __init__(
        self,
        load: Callable[[str | None], "Settings"],
        tokens: Callable[["Settings", "Context"], "Tokens"],
        memory: Memory,
        clock: Clock,
        *,
        read_only: bool | None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        """`say` is for commands: it is told, in words, on what a look waits. The screen shows that by itself."""
        self._say = say
        self._load = load
        self._tokens = tokens
        self._memory = memory
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
        from console.operations.keeping import Keeping, share_limits
        from console.operations.releases import ReleaseReader
        from console.operations.watch import Watch

        github = github_for(context.api_url, NamingTokens(tokens), self._clock, self._say)
        await share_limits(github, self._memory, context.api_url)
        facts = facts_for(settings, chosen, context, tokens, read_only=self._read_only)
        remembered = await asyncio.to_thread(self._memory.snapshot, chosen)
        releases = ReleaseReader(github, self._clock)
        failures = failures_for(github, self._clock, await asyncio.to_thread(self._memory.failures, chosen))
        plan = plan_for(settings, chosen, context)
        watch = Watch(plan, github, self._clock, remembered, failures=failures, releases=releases)
        last = LastTime(chosen, facts.theme, facts.read_only, settings.mouse)
        await asyncio.to_thread(self._memory.note, last)
        keeping = Keeping(watch, github, self._memory, context.api_url)
        return OpenContext(
            facts, watch, github, keeping=keeping, logs=logs_for(github, self._clock), at_end=lambda: None
        )


class NamingTokens:
    """The tokens of a context, which say what helps where there is none: only they know where it should have been."""

    def __init__(self, tokens: "Tokens") -> None:
        self._tokens = tokens

    async def token(self, owner: str) -> "Secret":
        """Raises NoTokenError, and what a failing source raises."""
        secret = await self._tokens.token(owner)
        if secret is None:
            raise self._tokens.missing(owner)
        return secret

    async def renew(self, owner: str) -> bool:
        """Ask the source again, once GitHub has refused the token."""
        return await self._tokens.renew(owner)


class PretendTokens:
    """The pretend GitHub's own token, which is worth nothing anywhere else."""

    def __init__(self, secret: "Secret") -> None:
        self._secret = secret

    async def token(self, owner: str) -> "Secret | None":
        """One for everybody."""
        return self._secret

    async def renew(self, owner: str) -> bool:
        """There is no other."""
        return False


class DemoConnector:
    """Opens scenarios as if they were contexts: real HTTP to a pretend GitHub on loopback."""

    def __init__(self, scenario: "Scenario", clock: Clock, world_clock: "Callable[[], WorldClock]") -> None:
        self._first = scenario
        self._clock = clock
        self._world_clock = world_clock

    def contexts(self) -> tuple[str, ...]:
        """Every scenario, the one that was asked for first."""
        from console.simulator.scenarios import scenarios

        return (self._first.id, *(name for name in scenarios() if name != self._first.id))

    async def open(self, name: str | None) -> Connection:
        """Builds the world anew each time. Raises UsageError for a scenario that does not exist."""
        from console.simulator.scenarios import scenario_named

        await asyncio.to_thread(load_what_looks)
        scenario = self._first if name is None else scenario_named(name)
        server, address = await asyncio.to_thread(self._serve, scenario)
        return self._connect(scenario, server, address)

    def _serve(self, scenario: "Scenario") -> "tuple[SimulatedGitHub, str]":
        from console.simulator.server import SimulatedGitHub

        server = SimulatedGitHub(scenario.build(self._world_clock()))
        return server, server.start()

    def _connect(self, scenario: "Scenario", server: "SimulatedGitHub", address: str) -> Connection:
        from console.credentials.secret import Secret
        from console.operations.releases import ReleaseReader
        from console.operations.schedule import WatchPlan
        from console.operations.watch import Watch
        from console.simulator.tokens import DEMO_TOKEN

        plan = WatchPlan(
            context=scenario.id,
            scopes=tuple(scope_from(scope) for scope in scenario.context.scopes),
            repositories=scenario.context.repositories,
        )
        github = github_for(address, PretendTokens(Secret(DEMO_TOKEN)), self._clock)
        facts = ContextFacts(
            name=scenario.id,
            api_url=address,
            scopes=scenario.context.scopes,
            token_source="the pretend GitHub's own",  # noqa: S106 - where it comes from, not the token
            demo=scenario.id,
        )
        failures, releases = failures_for(github, self._clock), ReleaseReader(github, self._clock)
        watch = Watch(plan, github, self._clock, failures=failures, releases=releases)
        return OpenContext(facts, watch, github, keeping=None, logs=logs_for(github, self._clock), at_end=server.stop)
