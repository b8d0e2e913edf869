"""Reads the facts that plans and proofs ask for: one reader for each kind of fact."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from console.errors import ConsoleError
from console.fleet.disk_reading import disk_use
from console.fleet.evidence import (
    CachesOf,
    DirectoryOf,
    DirectorySizesOf,
    Fact,
    FailureOf,
    GroupsOf,
    JobNow,
    JobsOf,
    PlaceOf,
    ReleasesOf,
    RouteTo,
    RunnerNamed,
    RunnerNow,
    RunNow,
    ServiceOf,
)
from console.fleet.failure import Failure
from console.fleet.hosts import DiskUse, Located
from console.fleet.models import Job, JobKey, Run, RunKey, Runner, RunnerKey
from console.fleet.release import Release
from console.fleet.scripts import SCRIPTS
from console.fleet.service_reading import directory_state, service_state
from console.fleet.service_state import DirectoryState, ServiceState
from console.operations.interfaces import GitHub, Hosts

Reader = Callable[[Any], Awaitable[object]]


class Reads(Protocol):
    """Reads one thing anew; what it read is part of the next look, too."""

    async def runner(self, key: RunnerKey) -> Runner | None: ...

    async def job(self, key: JobKey) -> Job | None: ...

    async def run(self, key: RunKey) -> Run | None: ...

    async def releases(self, repository: str) -> tuple[Release, ...]: ...


class Gatherer:
    """Asks GitHub and the hosts of one context. Nothing is remembered: whoever asks wants it as it is now."""

    def __init__(
        self,
        github: GitHub,
        hosts: Hosts,
        *,
        watch: Reads,
        locate: Callable[[RunnerKey], Awaitable[Located]],
        failure: Callable[[JobKey], Awaitable[Failure | None]],
        clean: Callable[[str], str],
    ) -> None:
        """`locate` proves where a runner lives; `failure` reads why a job failed; `clean` makes text harmless."""
        self._github = github
        self._hosts = hosts
        self._clean = clean
        self._readers: Mapping[type[Fact[Any]], Reader] = {
            RunnerNow: lambda fact: watch.runner(fact.key),
            RunnerNamed: lambda fact: github.runner_named(fact.scope, fact.name),
            JobNow: lambda fact: watch.job(fact.key),
            RunNow: lambda fact: watch.run(fact.key),
            JobsOf: self._jobs,
            PlaceOf: lambda fact: locate(fact.runner),
            ServiceOf: self._service,
            DirectoryOf: self._directory,
            DirectorySizesOf: self._sizes,
            RouteTo: lambda fact: hosts.way(fact.host),
            GroupsOf: lambda fact: github.groups(fact.scope),
            FailureOf: lambda fact: failure(fact.job),
            CachesOf: lambda fact: github.caches(fact.repository, fact.key),
            ReleasesOf: lambda fact: watch.releases(fact.repository),
        }

    async def gather(self, fact: Fact[Any]) -> object:
        """What it is; the ConsoleError of what could not be read is an answer, too."""
        try:
            return await self._readers[type(fact)](fact)
        except ConsoleError as error:
            return error

    async def _jobs(self, fact: JobsOf) -> tuple[Job, ...]:
        found: list[Job] = []
        async for page in self._github.jobs(fact.run):
            found += page.items
        return tuple(found)

    async def _service(self, fact: ServiceOf) -> ServiceState:
        located = fact.located
        answer = await self._hosts.ask(located.host, SCRIPTS["service-state"], located.unit or "-", located.directory)
        return service_state(answer.frames, located, self._clean)

    async def _directory(self, fact: DirectoryOf) -> DirectoryState:
        answer = await self._hosts.ask(fact.host, SCRIPTS["directory-state"], fact.directory)
        return directory_state(answer.frames, self._clean)

    async def _sizes(self, fact: DirectorySizesOf) -> DiskUse:
        located = fact.located
        answer = await self._hosts.ask(located.host, SCRIPTS["directory-sizes"], located.directory)
        return disk_use(answer.frames, located)
