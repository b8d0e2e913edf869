"""What operations need from outside. Anything of this shape fits: the real thing or a pretend one."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from console.fleet.frames import Answer, Frame
from console.fleet.github_status import GithubStatus
from console.fleet.log_lines import LogExtent, LogLine, Search
from console.fleet.models import Job, JobKey, Repository, Run, RunKey, Runner, RunnerGroup, RunnerKey, Scope
from console.fleet.page import Page
from console.fleet.release import Release
from console.fleet.server import Budget, Meta

if TYPE_CHECKING:
    # The first paint does not wait for plans and scripts.
    from console.fleet.evidence import Cache
    from console.fleet.plans import Call, Reply
    from console.fleet.scripts import Script


class Clock(Protocol):
    """Time, handed in, so that a test or a scenario owns it."""

    def wall(self) -> datetime:
        """This machine's idea of the time (UTC); only for what the server's clock cannot say."""
        ...

    def elapsed(self) -> float:
        """Seconds that only ever grow, the sleep of the machine included."""
        ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's clocks."""

    # CLOCK_BOOTTIME counts a suspended laptop's sleep; macOS counts it in CLOCK_MONOTONIC.
    _clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

    def wall(self) -> datetime:
        """UTC by this machine."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Seconds since boot, sleep included."""
        return time.clock_gettime(self._clock)

    async def sleep(self, seconds: float) -> None:
        """Give the loop away for that long."""
        await asyncio.sleep(seconds)


class GitHub(Protocol):
    """GitHub's REST API, one method for each question. Every method raises `ConsoleError` kinds and nothing else.

    Lists come page by page; the caller merges by key. A single runner or job is the operator's own question and may use
    the reserve.
    """

    def runners(self, scope: Scope) -> AsyncIterator[Page[Runner]]: ...

    def repositories(self, owner: str) -> AsyncIterator[Page[Repository]]:
        """An owner's repositories, most recently pushed first."""
        ...

    def runs(self, repository: str, status: str) -> AsyncIterator[Page[Run]]: ...

    def finished_runs(self, repository: str) -> AsyncIterator[Page[Run]]:
        """The most recent completed runs: one page."""
        ...

    def jobs(self, run: RunKey) -> AsyncIterator[Page[Job]]:
        """The jobs of a run's latest attempt."""
        ...

    async def groups(self, scope: Scope) -> tuple[RunnerGroup, ...]:
        """Groups of an organisation, with the repositories of `selected` ones where they can be read."""
        ...

    async def repository(self, name: str) -> Repository: ...

    async def runner(self, key: RunnerKey) -> Runner | None:
        """None: GitHub says 404, it is gone."""
        ...

    async def runner_named(self, scope: str, name: str) -> Runner | None:
        """The one of exactly that name in `org:acme` or `repo:acme/web`; None: there is none."""
        ...

    async def run(self, key: RunKey) -> Run | None:
        """None: GitHub says 404."""
        ...

    async def job(self, key: JobKey) -> Job | None:
        """None: GitHub says 404."""
        ...

    async def releases(self, repository: str) -> tuple[Release, ...]:
        """The newest of a repository, with drafts where the token may write."""
        ...

    async def caches(self, repository: str, key: str) -> "tuple[Cache, ...]":
        """The cache entries whose key begins so, of every ref."""
        ...

    async def login(self, owner: str) -> str:
        """Who the owner's token belongs to; empty for an installation, which is nobody."""
        ...

    async def send(self, call: "Call") -> "Reply":
        """What GitHub answered to a request that changes something. It is sent once, and never again by itself.

        Raises UnknownOutcomeError when it may or may not have been done; after every other error it was not.
        """
        ...

    async def meta(self) -> Meta: ...

    @property
    def budget(self) -> Budget: ...

    def now(self) -> datetime:
        """The server's time: its last `Date` header plus what has elapsed since; this machine's before the first."""
        ...

    def try_again(self) -> None:
        """The operator wants to know now: refused tokens' sources are asked again, and a pause for trouble ends."""
        ...

    async def reset_connections(self) -> None:
        """Drop idle connections, after the machine slept."""
        ...

    async def close(self) -> None: ...


class StatusPage(Protocol):
    """GitHub's own status page, which is another place than the API."""

    @property
    def place(self) -> str:
        """What is asked, as its address names it."""
        ...

    async def status(self) -> GithubStatus:
        """Raises `ConsoleError` kinds."""
        ...


Told = Callable[[int], None]
"""Hears, from a thread, of the byte that is being looked at."""


class LogText(Protocol):
    """A log of any size, of which only the lines in view are ever made: a file, or what has arrived of a stream.

    Lines count from 0. What takes long runs in a thread; `lines` reads a few blocks and may be called while drawing.
    """

    def extent(self) -> LogExtent: ...

    def lines(self, first: int, count: int) -> list[LogLine]:
        """Fewer where the log ends earlier."""
        ...

    async def grown(self) -> LogExtent:
        """Waits until there is more than at the last call, or until it has ended."""
        ...

    async def find(self, search: Search, start: int, *, backward: bool = False, told: Told | None = None) -> int | None:
        """The nearest line from `start` on that has it. Raises UsageError for a pattern that cannot be used."""
        ...

    def find_all(self, search: Search, start: int = 0, *, told: Told | None = None) -> AsyncIterator[Sequence[int]]:
        """All such lines, in batches. Raises UsageError as `find` does."""
        ...

    async def line_at(self, moment: datetime) -> int | None:
        """The first line at or after that time; None where the lines carry no times."""
        ...

    def words(self, raw: bytes) -> str:
        """A part of the log as harmless text."""
        ...

    def bytes_from(self, start: int) -> bytes:
        """Some of what is there from that offset on; empty at its end. Reads the disk: for a thread."""
        ...

    async def close(self) -> None: ...


class Hosts(Protocol):
    """Machines reached over SSH. Only scripts of `fleet/scripts.py` run there. Raises `HostError` kinds."""

    async def ask(self, host: str, script: "Script", *values: str) -> Answer:
        """Runs it to its end, under a deadline."""
        ...

    def stream(self, host: str, script: "Script", *values: str) -> AbstractAsyncContextManager[AsyncIterator[Frame]]:
        """What it says as it says it. Left, it has ended on the host within seconds; a lost host raises."""
        ...

    def act(
        self, host: str, script: "Script", *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AbstractAsyncContextManager[AsyncIterator[Frame]]:
        """A script that does something, once: what it says as it says it, to its end whatever its status.

        The first frame is `sent`: from then on it may have been done; what raises before it has done nothing. Secrets
        go to its standard input, a line each, once it is ready. It raises for a lost host too, and `within` seconds
        after it began.
        """
        ...

    async def way(self, host: str) -> str:
        """Where ssh goes for that host, in words."""
        ...

    async def authenticate(self, host: str) -> None:
        """Hands the terminal to ssh until it is let in. The caller has left the screen."""
        ...

    async def close(self) -> None: ...
