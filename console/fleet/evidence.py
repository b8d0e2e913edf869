"""The facts that plans and proofs rest on. Each is asked for by a value; others gather it, and ask again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

import msgspec

from console.errors import ConsoleError
from console.fleet.failure import Failure
from console.fleet.hosts import DiskUse, Located
from console.fleet.models import FleetSnapshot, Job, JobKey, Run, RunKey, Runner, RunnerGroup, RunnerKey, Scope
from console.fleet.release import Release
from console.fleet.service_state import DirectoryState, ServiceState

T = TypeVar("T")


class Fact(msgspec.Struct, Generic[T], frozen=True):
    """Something that can be found out, of type T. Equal ones are the same fact."""


class RunnerNow(Fact[Runner | None], frozen=True):
    """What GitHub says of a runner. None: it is gone."""

    key: RunnerKey


class RunnerNamed(Fact[Runner | None], frozen=True):
    """The runner of that exact name in a scope. None: there is none."""

    scope: str
    name: str


class JobNow(Fact[Job | None], frozen=True):
    """What GitHub says of a job. None: it is gone."""

    key: JobKey


class RunNow(Fact[Run | None], frozen=True):
    """What GitHub says of a run. None: it is gone."""

    key: RunKey


class JobsOf(Fact[tuple[Job, ...]], frozen=True):
    """The jobs of a run's latest attempt."""

    run: RunKey


class PlaceOf(Fact[Located], frozen=True):
    """Where a runner lives, proved there."""

    runner: RunnerKey


class ServiceOf(Fact[ServiceState], frozen=True):
    """A runner's service on its host."""

    located: Located


class DirectoryOf(Fact[DirectoryState], frozen=True):
    """A directory on a host: whose it is, and whether there is one of that name."""

    host: str
    directory: str


class DirectorySizesOf(Fact[DiskUse], frozen=True):
    """The room on a runner's disk, and what takes it."""

    located: Located


class RouteTo(Fact[str], frozen=True):
    """Where ssh goes for a host, in words: user, address, port, jump host."""

    host: str


class GroupsOf(Fact[tuple[RunnerGroup, ...]], frozen=True):
    """The runner groups of a scope; empty for a repository."""

    scope: Scope


class FailureOf(Fact[Failure | None], frozen=True):
    """Why a job failed, as its log says. None: nothing known was found in it."""

    job: JobKey


class Cache(msgspec.Struct, frozen=True):
    """One entry of a repository's cache."""

    id: int
    key: str
    ref: str
    version: str
    size: int
    """Bytes."""
    created_at: datetime | None = None
    last_used_at: datetime | None = None


class CachesOf(Fact[tuple[Cache, ...]], frozen=True):
    """The entries of a repository whose key begins with `key`, of every ref."""

    repository: str
    key: str


class ReleasesOf(Fact[tuple[Release, ...]], frozen=True):
    """The newest releases of a repository, drafts included where the token may see them."""

    repository: str


class Ungathered(Exception):  # noqa: N818 (it is a question, not an error)
    """This fact is wanted next."""

    def __init__(self, fact: Fact[Any]) -> None:
        super().__init__(fact)
        self.fact = fact


class Evidence:
    """What is known at one moment: the snapshot, and the facts that were gathered for the question at hand."""

    def __init__(
        self,
        snapshot: FleetSnapshot,
        known: Mapping[Fact[Any], object],
        *,
        now: datetime,
        given: str = "",
        operator: str = "",
    ) -> None:
        """`known` holds the ConsoleError of what could not be read. `now` is the server's time.

        `given` is what was written where an action asks for something; `operator` who is at work, in plain characters.
        """
        self.snapshot = snapshot
        self.now = now
        self.given = given
        self.operator = operator
        self._known = known

    def of(self, fact: Fact[T]) -> T:
        """Raises `Ungathered` where it was not looked up yet, and the error of what could not be read."""
        if fact not in self._known:
            raise Ungathered(fact)
        found = self._known[fact]
        if isinstance(found, ConsoleError):
            raise found
        return cast(T, found)
