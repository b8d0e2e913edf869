"""Which host, directory and unit a runner lives in, and what is known of that host. Pure: others ask the host."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from console.fleet.models import Phrase, Runner, RunnerKey

Certainty = Literal["proved", "likely"]
"""`proved`: agent id and GitHub address are the runner's. `likely`: the address is empty there, as on JIT runners."""


class Registered(msgspec.Struct, frozen=True):
    """A registration with which a service runs."""

    agent_id: int
    address: str
    """GitHub's, as its settings say, folded."""


class Located(msgspec.Struct, frozen=True):
    """Where a runner lives."""

    runner: RunnerKey
    host: str
    directory: str
    unit: str | None
    """None: no unit of a runner's name was found, only its directory or its process."""
    pid: int | None
    """The listener's; None: none was seen."""
    certainty: Certainty
    agent_id: int
    looked: tuple[Phrase, ...] = ()
    """What was looked at to find it."""
    output: str = ""
    """macOS: the file that its service writes to."""
    address: str = ""
    """GitHub's, as its settings said when it was proved."""
    twins: tuple[str, ...] = ()
    """Other directories, whose units run as its own does or do not either, with the settings of the same runner."""
    at_work: frozenset[Registered] = frozenset()
    """All with which services run on that host, whoever's they are."""
    service: str = ""
    """Without a unit of its own: the one in whose control group its listener is. It may be there for other things too:
    it is read, and nothing is done to it."""


def host_for(runner: str, patterns: Mapping[str, str]) -> str | None:
    """The host of the first pattern that the runner's name fits, without regard to case. None: none fits."""
    name = runner.lower()
    host = next((host for glob, host in patterns.items() if fnmatchcase(name, glob.lower())), None)
    return None if host is None else host.replace("{name}", runner)


def homes_of(
    runners: Mapping[RunnerKey, Runner], patterns: Mapping[str, str], before: Mapping[RunnerKey, str]
) -> dict[RunnerKey, str]:
    """The hosts of all runners, empty where no pattern fits. What was worked out `before` is not worked out again."""
    return {
        key: before[key] if key in before else host_for(runner.name, patterns) or "" for key, runner in runners.items()
    }


class DiskSpace(msgspec.Struct, frozen=True):
    """Room on the file system of a directory."""

    directory: str
    free: int
    size: int
    """Bytes, both."""


class DirectorySize(msgspec.Struct, frozen=True):
    """What a directory of a runner takes."""

    name: str
    """Below the runner's own: `_work/web`."""
    size: int
    """Bytes."""


class DiskUse(msgspec.Struct, frozen=True):
    """The room that a runner has, and what takes it."""

    disks: tuple[DiskSpace, ...]
    """That of its directory, and that of `_work`."""
    largest: tuple[DirectorySize, ...]
    """Those that can be removed, the largest first."""

    def free_for(self, name: str) -> int | None:
        """Bytes where that directory is; None: it could not be told."""
        if not self.disks:
            return None
        return self.disks[-1 if name.startswith("_work/") else 0].free


class HostProcess(msgspec.Struct, frozen=True):
    """A listener or a worker."""

    pid: int
    age: timedelta | None = None


class LogFileFact(msgspec.Struct, frozen=True):
    """The newest log of its kind."""

    name: str
    written_at: datetime
    """By the host's clock."""
    size: int


class KernelKill(msgspec.Struct, frozen=True):
    """A line of the kernel's log: it killed a process for want of memory."""

    text: str
    at: datetime
    """By the host's clock."""


UNIT_ENDED = frozenset({"inactive", "failed"})
"""systemd's words for a unit that has ended."""


class HostFacts(msgspec.Struct, frozen=True):
    """One runner's host at one moment. None, or empty: unknown; `unknown` says why where that is known."""

    located: Located
    taken_at: datetime
    """By GitHub's clock."""
    system: str = ""
    """`Linux 6.1.0 x86_64`, as the host says."""
    unit_state: str = ""
    """`active (running)`, in systemd's words."""
    unit_since: datetime | None = None
    """When the unit came into that state."""
    exit_line: str = ""
    """How its last process ended, in systemd's words."""
    listeners: tuple[HostProcess, ...] = ()
    workers: tuple[HostProcess, ...] = ()
    version: str = ""
    flow: Literal["V1", "V2"] | None = None
    """Which way of talking to GitHub its settings name."""
    renewed: bool = False
    """Its program was put there after its listener last wrote: that was another one."""
    updates_itself: bool | None = None
    """As its settings say."""
    disks: tuple[DiskSpace, ...] = ()
    clock_ahead: timedelta | None = None
    """The host's clock less GitHub's; about half a round trip is unsure."""
    clock_unsure: timedelta = timedelta()
    uptime: timedelta | None = None
    load: float | None = None
    """Of the last five minutes."""
    cores: int | None = None
    memory: int | None = None
    """In bytes, as `memory_free`: what programs may still have."""
    memory_free: int | None = None
    kills: tuple[KernelKill, ...] = ()
    """What the kernel has killed for want of memory lately, as far as this user may read that."""
    starts: tuple[datetime, ...] = ()
    """Its listener's last 20 starts, by the host's clock, the oldest first: each begins a log."""
    newest_listener_log: LogFileFact | None = None
    newest_worker_log: LogFileFact | None = None
    unknown: tuple[str, ...] = ()

    @property
    def down(self) -> bool:
        """Its service has ended, and no listener tries anything any more."""
        return self.unit_state.partition(" ")[0] in UNIT_ENDED and not self.listeners


class Leftover(msgspec.Struct, frozen=True):
    """A file of job output that a worker left behind."""

    name: str
    size: int
    written_at: datetime
