"""What outlives the program: the last snapshot, the limits, what the first paint needs. SQLite in the state directory.

A memory that cannot be used only costs speed: it is left as it is, and the console goes on without one.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from console.fleet.failure import Failure
from console.fleet.github_status import GithubStatus
from console.fleet.models import FleetSnapshot, Freshness, Job, JobKey, Repository, Run, Runner, RunnerGroup
from console.fleet.particulars import Particulars
from console.fleet.server import Meta
from console.fleet.shapes import ready
from console.fleet.versions import RunnerRelease

VERSION = 1
FILE_NAME = "memory.sqlite3"
T = TypeVar("T", bound=msgspec.Struct)
log = logging.getLogger("console.remember")


class Remembered(msgspec.Struct, frozen=True):
    """A snapshot as it is kept: without findings, and without the steps of jobs that have not ended."""

    taken_at: datetime
    runners: tuple[Runner, ...]
    groups: tuple[RunnerGroup, ...]
    repositories: tuple[Repository, ...]
    runs: tuple[Run, ...]
    jobs: tuple[Job, ...]
    freshness: tuple[Freshness, ...]
    idle_since: tuple[datetime | None, ...] = ()
    """One for each runner, in their order."""
    idle_longer: tuple[bool, ...] = ()
    went_offline: tuple[datetime | None, ...] = ()
    last_online: tuple[datetime | None, ...] = ()
    """One for each runner, in their order."""
    server: Meta | None = None
    github_status: GithubStatus | None = None
    status_page: Freshness | None = None
    latest_runner: RunnerRelease | None = None
    particulars: Particulars = Particulars()
    api_url: str = ""
    """Whose fleet it is."""

    def as_snapshot(self, context: str) -> FleetSnapshot:
        keys = [runner.key for runner in self.runners]
        return FleetSnapshot(
            taken_at=self.taken_at,
            context=context,
            runners=dict(zip(keys, self.runners, strict=True)),
            idle_since={key: since for key, since in zip(keys, self.idle_since, strict=False) if since is not None},
            idle_longer=frozenset(key for key, longer in zip(keys, self.idle_longer, strict=False) if longer),
            went_offline={key: at for key, at in zip(keys, self.went_offline, strict=False) if at is not None},
            last_online={key: at for key, at in zip(keys, self.last_online, strict=False) if at is not None},
            groups={group.key: group for group in self.groups},
            repositories={repository.name: repository for repository in self.repositories},
            runs={run.key: run for run in self.runs},
            jobs={job.key: job for job in self.jobs},
            server=self.server,
            github_status=self.github_status,
            status_page=self.status_page,
            latest_runner=self.latest_runner,
            particulars=self.particulars,
            freshness=self.freshness,
        )


class KnownFailure(msgspec.Struct, frozen=True):
    """Why one job failed."""

    repository: str
    id: int
    failure: Failure


class KnownFailures(msgspec.Struct, frozen=True):
    """Why jobs failed: their logs never change."""

    jobs: tuple[KnownFailure, ...]


class LastTime(msgspec.Struct, frozen=True):
    """What the first paint shows before anything has been read."""

    context: str = ""
    theme: str = "dark"
    read_only: bool = True
    mouse: bool = True


class Memory:
    """One file. Nothing raises: what cannot be read is not there, what cannot be written is logged."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / FILE_NAME

    @property
    def place(self) -> str:
        """For a message."""
        return str(self.path)

    def last_time(self) -> LastTime:
        """Read-only and without a context when nothing is remembered."""
        return self._load("last", "", LastTime) or LastTime()

    def note(self, last: LastTime) -> None:
        """For the next start."""
        self._save("last", "", last)

    def snapshot(self, context: str, api_url: str | None = None) -> FleetSnapshot | None:
        """The last fleet of this context. With `api_url`: if it is that server's, for a context may be pointed anew."""
        kept = self._load("snapshot", context, Remembered)
        if kept is None or (api_url is not None and kept.api_url != api_url):
            return None
        return kept.as_snapshot(context)

    def keep(self, snapshot: FleetSnapshot, api_url: str = "") -> None:
        """Replace what is remembered of this context."""
        kept = Remembered(
            taken_at=snapshot.taken_at,
            runners=tuple(snapshot.runners.values()),
            groups=tuple(snapshot.groups.values()),
            repositories=tuple(snapshot.repositories.values()),
            runs=tuple(snapshot.runs.values()),
            jobs=tuple(
                job if job.completed_at else msgspec.structs.replace(job, steps=()) for job in snapshot.jobs.values()
            ),
            freshness=snapshot.freshness,
            idle_since=tuple(snapshot.idle_since.get(key) for key in snapshot.runners),
            idle_longer=tuple(key in snapshot.idle_longer for key in snapshot.runners),
            went_offline=tuple(snapshot.went_offline.get(key) for key in snapshot.runners),
            last_online=tuple(snapshot.last_online.get(key) for key in snapshot.runners),
            server=snapshot.server,
            github_status=snapshot.github_status,
            status_page=snapshot.status_page,
            latest_runner=snapshot.latest_runner,
            particulars=snapshot.particulars,
            api_url=api_url,
        )
        self._save("snapshot", snapshot.context, kept)

    def failures(self, context: str) -> dict[JobKey, Failure]:
        """Why jobs of this context failed, as far as their logs were read."""
        kept = self._load("failures", context, KnownFailures)
        return {JobKey(each.repository, each.id): each.failure for each in kept.jobs} if kept is not None else {}

    def keep_failures(self, context: str, failures: Mapping[JobKey, Failure]) -> None:
        """Replace what is remembered of them."""
        kept = tuple(KnownFailure(*key, failure) for key, failure in failures.items())
        self._save("failures", context, KnownFailures(kept))

    def exchange(self, name: str, change: Callable[[bytes | None], bytes], kind: str) -> bytes | None:
        """Change what all processes keep together; what is kept then.

        None where there is no memory.
        """
        try:
            with self._written() as database:
                database.execute("BEGIN IMMEDIATE")
                row = database.execute("SELECT value FROM memory WHERE kind = ? AND name = ?", (kind, name)).fetchone()
                kept = change(row[0] if row is not None and isinstance(row[0], bytes) else None)
                if row is None or kept != row[0]:
                    database.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", (kind, name, kept))
                return kept
        except BROKEN as error:
            log.warning("%s could not be written: %s", self.path, error)
            return None

    def _load(self, kind: str, name: str, shape: type[T]) -> T | None:
        try:
            if not self.path.exists():
                return None
            with self._open() as database:
                row = database.execute("SELECT value FROM memory WHERE kind = ? AND name = ?", (kind, name)).fetchone()
            if row is None:
                return None
            if not isinstance(row[0], bytes):
                raise UnusableMemoryError("what is kept in it is not ours")
            ready(shape)
            return msgspec.msgpack.decode(row[0], type=shape)
        except BROKEN as error:
            log.warning("%s is not used: %s", self.path, error)
            return None

    def _save(self, kind: str, name: str, value: msgspec.Struct) -> None:
        try:
            with self._written() as database:
                row = (kind, name, msgspec.msgpack.encode(value, enc_hook=_plain))
                database.execute("INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", row)
        except BROKEN as error:
            log.warning("%s could not be written: %s", self.path, error)

    @contextmanager
    def _written(self) -> Iterator[sqlite3.Connection]:
        """The file, made where it is missing."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600))
        with self._open() as database:
            yield database

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Commits at the end. A file of another version is nobody's to change."""
        with closing(sqlite3.connect(self.path, timeout=1.0)) as database, database:
            version = database.execute("PRAGMA user_version").fetchone()[0]
            if version not in {0, VERSION}:
                raise UnusableMemoryError(f"it was written by another version of runner-console ({version})")
            if version == 0:
                database.execute("CREATE TABLE IF NOT EXISTS memory (kind, name, value, PRIMARY KEY (kind, name))")
                database.execute(f"PRAGMA user_version = {VERSION}")
            yield database


class UnusableMemoryError(Exception):
    """The file belongs to a newer or an older version."""


BROKEN = (OSError, sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnusableMemoryError)
"""What a damaged file can lead to: SQLite's own messages, too, may be no UTF-8 then."""


def _plain(value: object) -> object:
    """What is handed out so that nobody changes it, as it can be written."""
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is nothing that is kept")
