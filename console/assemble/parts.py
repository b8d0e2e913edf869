"""The parts of one context: tokens, GitHub, what is watched, logs."""

import importlib
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from console.fleet.models import Scope, Thresholds
from console.fleet.paths import scope_of
from console.operations.connection import ContextFacts
from console.operations.interfaces import Clock, SystemClock
from console.operations.remember import Memory

if TYPE_CHECKING:
    from pathlib import Path

    from console.credentials.secret import Secret
    from console.credentials.tokens import Tokens
    from console.fleet.access import TokenReport
    from console.fleet.failure import Failure
    from console.fleet.models import JobKey
    from console.operations.beside import Beside
    from console.operations.failures import Failures
    from console.operations.finding_lives import FindingLives
    from console.operations.history import History
    from console.operations.job_log import JobLogs
    from console.operations.schedule import WatchPlan
    from console.remote.github import GitHubApi
    from console.settings.schema import Context, Settings


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


def load_what_looks() -> None:
    """The slow imports, for a thread: the screen is drawn while they are under way."""
    for name in (
        "console.remote.github",
        "console.operations.watch",
        "console.remote.ssh",
        "console.operations.host_logs",
        "console.operations.history",
    ):
        importlib.import_module(name)


def user_agent() -> str:
    """GitHub refuses requests without one."""
    from importlib.metadata import version

    return f"runner-console/{version('runner-console')}"


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


def beside_for(
    github: "GitHubApi",
    scopes: Sequence[Scope],
    status_url: str,
    clock: Clock,
    failures: "Mapping[JobKey, Failure] | None" = None,
) -> "Beside":
    """What is read beside the fleet. `status_url` empty: there is no status page; `failures` are remembered ones."""
    from console.operations.beside import Beside
    from console.operations.github_status import StatusReader
    from console.operations.latest_runner import LatestRunner
    from console.operations.particulars import ParticularsReader
    from console.operations.releases import ReleaseReader
    from console.remote.github_status import StatusPage

    page = StatusPage(status_url, user_agent=user_agent()) if status_url else None
    return Beside(
        failures_for(github, clock, failures),
        ReleaseReader(github, clock),
        StatusReader(page, github.now, clock) if page is not None else None,
        LatestRunner(github.particulars, scopes, lambda: github.budget, clock),
        ParticularsReader(github.particulars, lambda: github.budget, github.now, clock),
    )


def plan_for(settings: "Settings", name: str, context: "Context") -> "WatchPlan":
    """What the settings want watched."""
    from console.operations.schedule import WatchPlan

    return WatchPlan(
        context=name,
        scopes=tuple(scope_of(scope) for scope in context.scopes),
        repositories=context.repositories,
        look_every=settings.look_every,
        quiet_every=settings.quiet_every,
        thresholds=Thresholds(settings.thresholds.queued_watch, settings.thresholds.queued_alert),
        hosts=context.ssh.hosts,
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
    named = [name for name in context.repositories if name.partition("/")[0].lower() == owner.lower()]
    try:
        return await github.access(owner, [*map(scope_of, context.scopes)], named)
    finally:
        await github.close()


def logs_for(github: "GitHubApi", clock: Clock) -> "JobLogs":
    """The logs of a context. What is fetched is kept in the cache directory, in files without names."""
    from console.operations.catalogue import whole_catalogue
    from console.operations.job_log import JobLogs
    from console.remote.log_text import MergedSpool, Spool
    from console.settings.paths import paths, private_directory

    return JobLogs(
        github,
        spool=lambda: Spool(private_directory(paths().cache_dir)),
        catalogue=lambda: whole_catalogue()[0],
        clock=clock,
        merged=lambda: MergedSpool(private_directory(paths().cache_dir)),
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


def lives_for(name: str, api_url: str, memory: Memory, history: "Callable[[], History]") -> "FindingLives":
    """What has become of the findings of one context of one server."""
    from console.operations.at_work import operator_here
    from console.operations.finding_lives import FindingLives

    who = operator_here(os.environ, "").login
    return FindingLives(f"{name} {api_url}", memory, who=who, deeds=lambda: history().entries())


def history_in(directory: "Path", clean: Callable[[str], str], clock: Clock | None = None) -> "History":
    """What was done, kept in that directory. `clean` takes secrets out of it."""
    from console.operations.history import FILE_NAME, History
    from console.remote.sanitize import harmless

    return History(directory / FILE_NAME, clock or SystemClock(), clean=clean, harmless=harmless)
