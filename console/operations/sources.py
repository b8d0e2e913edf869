"""What is asked of GitHub for each kind of fact, and how an answer becomes known."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import msgspec

from console.errors import ConsoleError, NotFoundError, NotJsonError, PartialError, ServerTroubleError, SettingsError
from console.fleet.lately import ENDED_WITHIN, RUNS_THAT_ENDED
from console.fleet.models import Freshness, Problem, Run, RunKey, RunnerKey, Scope, SourceKind
from console.operations.interfaces import GitHub
from console.operations.known import ASKED, ENDED, HELD, Known

APPROVAL_HORIZON = timedelta(days=3)
"""A run that nobody approved for longer than this is no longer news."""
LIVE = ("queued", "in_progress")


class Source:
    """One kind of fact about one place: when it is due, how old it is, and what went wrong last."""

    def __init__(self, kind: SourceKind, place: str, read: Callable[["Source"], Awaitable[None]]) -> None:
        self.kind = kind
        self.place = place
        self.read = read
        self.freshness = Freshness(kind, place, timedelta())
        self.due = 0.0
        self.began = 0.0
        """When it was last looked at, by `Clock.elapsed()`, as `due`."""
        self.wanted = False
        """Somebody has asked for it to be looked at now."""
        self.tried = False
        self.failures = 0
        self.failed_at = 0.0
        """By `Clock.elapsed()`."""
        self.set_aside = 0
        self.total: int | None = None
        self.seen = 0
        """Runners of the look under way or of the last one, whichever are more: progress does not run backwards."""

    def look_every(self, interval: timedelta) -> None:
        """Change how often it is looked at: from when it was last looked at, unless it is wanted sooner."""
        if self.freshness.every == interval:
            return
        if self.tried and not self.failures and not self.wanted:
            self.due = self.began + interval.total_seconds()
        self.freshness = msgspec.structs.replace(self.freshness, every=interval)

    def failed(self, error: ConsoleError, now: datetime) -> None:
        """Keep the facts and their age; remember since when it fails."""
        old = self.freshness.problem
        since = old.since if old is not None and old.kind == error.kind else now
        problem = Problem(error.kind, error.message, error.hint, since)
        self.freshness = msgspec.structs.replace(self.freshness, problem=problem)
        self.failures += 1

    def tries_again(self, at: datetime) -> None:
        """When it is read next after a failure, for the screen."""
        self.freshness = msgspec.structs.replace(self.freshness, next_try=at)

    def succeeded(self, began: datetime) -> None:
        """A whole look came to its end. What it says is as old as its first page."""
        self.freshness = Freshness(self.kind, self.place, self.freshness.every, looked_at=began)
        self.failures = 0


class Reader:
    """Reads one source at a time into `Known`. `arrived` is called whenever something new is there to be seen."""

    def __init__(self, github: GitHub, known: Known, arrived: Callable[[], None], globs: tuple[str, ...]) -> None:
        self.github = github
        self.known = known
        self.arrived = arrived
        self.globs = tuple(glob.casefold() for glob in globs)
        self.watched: set[str] = set()
        self._spelled: dict[str, str] = {}

    async def runners(self, source: Source, scope: Scope) -> None:
        """Every runner of one scope; rows appear page by page."""
        seen: set[RunnerKey] = set()
        began = self.github.now()
        set_aside = unknown = 0
        partial = ""
        async for page in self.github.runners(scope):
            partial = partial or page.partial
            self.known.add_runners(page.items, self.github.now())
            seen.update(runner.key for runner in page.items)
            seen.update(RunnerKey(str(scope), number) for number in page.unreadable)
            set_aside += page.set_aside
            unknown += page.set_aside - len(page.unreadable)
            source.seen, source.total = max(source.seen, len(seen)), page.total
            self.arrived()
        source.set_aside, source.seen = set_aside, len(seen)
        if partial:
            raise PartialError(f"The list of the runners of {scope} is not whole: {partial}")
        self.known.scope_is_whole(str(scope), seen, began, doubtful=unknown > 0)

    async def groups(self, source: Source, scope: Scope) -> None:
        """The groups of a scope and whom they admit."""
        self.known.set_groups(str(scope), await self.github.groups(scope))

    async def repositories(self, source: Source, owner: str) -> None:
        """An owner's repositories that the configured patterns name."""
        source.set_aside = 0
        partial = ""
        listed = set()
        async for page in self.github.repositories(owner):
            source.set_aside += page.set_aside
            partial = partial or page.partial
            for repository in page.items:
                if not repository.archived and self.wants(repository.name):
                    name = self.watch(repository.name)
                    self.known.repositories.put(name, msgspec.structs.replace(repository, name=name))
                    listed.add(name)
            self.arrived()
        if partial:
            raise PartialError(f"The list of the repositories of {owner} is not whole: {partial}")
        gone = {name for name in self.watched if name.casefold().startswith(f"{owner.casefold()}/")} - listed
        for name in gone:
            if name.casefold() not in self.globs:
                self.watched.discard(name)
                self.known.repositories.drop(name)

    async def repository(self, source: Source, name: str) -> None:
        """One repository that is named in the configuration."""
        repository = await self.github.repository(name)
        self.known.repositories.put(name, msgspec.structs.replace(repository, name=name))

    async def unlisted(self, source: Source) -> None:
        """Of an enterprise it cannot be told whose jobs its runners serve."""
        raise SettingsError(
            "GitHub lists no repositories of an enterprise: whose jobs to watch is not known",
            "Name them as `repositories` of the context, such as OWNER/*.",
        )

    async def server(self, source: Source) -> None:
        """Which GitHub this is, and which version of its API it speaks."""
        self.known.server = await self.github.meta()

    def watch(self, name: str) -> str:
        """Watch a repository, once however it is spelled; the spelling it is known by."""
        known = self._spelled.get(name.casefold())
        if known is None or known not in self.watched:
            known = self._spelled[name.casefold()] = name
            self.watched.add(name)
        return known

    def wants(self, name: str) -> bool:
        """One of the configured patterns matches `owner/name`, without case."""
        return any(fnmatchcase(name.casefold(), glob) for glob in self.globs)

    async def jobs(self, source: Source, repository: str) -> None:
        """Runs that are queued or in progress, and the jobs of each: a job can be queued inside a running run."""
        before = self.known.active_runs(repository)
        now = await self._runs(source, repository, LIVE)
        failure = await self._jobs_of_each(source, now.values())
        ended = before - now.keys() - self.known.held.get(repository, frozenset())
        if ended:
            await self._settle(source, repository, ended)
        if failure is not None:
            raise failure

    async def waiting(self, source: Source, repository: str) -> None:
        """Runs that wait for an approval or for their concurrency group."""
        held = await self._runs(source, repository, HELD)
        failure = await self._jobs_of_each(source, held.values())
        asked = await self._runs(source, repository, (ASKED,))
        horizon = self.github.now() - APPROVAL_HORIZON
        news = frozenset(key for key, run in asked.items() if run.created_at > horizon)
        for key in (asked.keys() | self.known.approvals.get(repository, frozenset())) - news:
            run = self.known.runs.get(key)
            # One that was approved meanwhile runs, and has been read among those that do.
            if run is not None and run.conclusion == ASKED:
                self.known.runs.drop(key)
        self.known.held[repository] = frozenset(held)
        self.known.approvals[repository] = news
        if failure is not None:
            raise failure

    async def finished(self, source: Source, repository: str) -> None:
        """Jobs of runs that ended lately and are not known yet, so that the screen has a past from the start."""
        latest = (await self._finished_runs(source, repository))[:RUNS_THAT_ENDED]
        failure = await self._jobs_of_each(source, [run for run in latest if self.known.lacks_jobs_of(run)])
        if failure is not None:
            raise failure

    async def _settle(self, source: Source, repository: str, ended: set[RunKey]) -> None:
        """Runs that left the lists: read how they ended, drop those of which GitHub says nothing more."""
        finished = {run.key: run for run in await self._finished_runs(source, repository)}
        for key in ended - finished.keys():
            self.known.runs.drop(key)
        failure = await self._jobs_of_each(source, [run for key, run in finished.items() if key in ended])
        if failure is not None:
            raise failure

    async def _finished_runs(self, source: Source, repository: str) -> list[Run]:
        horizon = self.github.now() - ENDED_WITHIN
        recent: list[Run] = []
        async for page in self.github.finished_runs(repository):
            source.set_aside += page.set_aside
            recent += [run for run in page.items if run.updated_at > horizon and run.status in ENDED]
        return recent

    async def _runs(self, source: Source, repository: str, statuses: tuple[str, ...]) -> dict[RunKey, Run]:
        source.set_aside = 0
        runs: dict[RunKey, Run] = {}
        for status in statuses:
            async for page in self.github.runs(repository, status):
                source.set_aside += page.set_aside
                runs.update((run.key, run) for run in page.items)
        self.known.add_runs(runs.values())
        return runs

    async def _jobs_of_each(self, source: Source, runs: Iterable[Run]) -> ConsoleError | None:
        """One run whose jobs GitHub cannot give must not keep those of the others away: it is told at the end."""
        failure: ConsoleError | None = None
        for run in runs:
            try:
                await self._jobs_of(source, run)
            except (ServerTroubleError, NotJsonError, NotFoundError) as error:
                failure = failure or error
        return failure

    async def _jobs_of(self, source: Source, run: Run) -> None:
        pages = []
        async for page in self.github.jobs(run.key):
            source.set_aside += page.set_aside
            pages.append(page.items)
        self.known.add_runs((run,))
        self.known.set_jobs(run.key, pages, self.github.now())
        self.arrived()
