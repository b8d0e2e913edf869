"""A runner's service on its host at one moment, as an action needs to know it before and after."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from console.fleet.hosts import UNIT_ENDED, HostProcess, Located

Sudo = Literal["allowed", "root", "password", "tty", "not-allowed", "missing", "unknown"]
"""What `sudo -n -l` says to the exact command line. `root`: the user is root, and no sudo is needed."""
Lock = Literal["free", "held", "none"]
"""`none`: this host has no `flock`, or the file `.service` cannot be read: a second operator would not be seen."""


class AtWork(msgspec.Struct, frozen=True):
    """Who holds the lock, as the note beside it says."""

    who: str
    doing: str
    since: datetime | None = None
    """By the host's clock."""


class ServiceState(msgspec.Struct, frozen=True):
    """Text that came from the host is harmless to draw. None, or empty: it could not be told."""

    located: Located
    machine: str = ""
    """`/etc/machine-id`."""
    host_time: datetime | None = None
    load: str = ""
    """`loaded`, `not-found`, `masked`, …: systemd's words."""
    active: str = ""
    """`active`, `inactive`, `failed`, `activating`, `deactivating`, …"""
    sub: str = ""
    result: str = ""
    user: str = ""
    """Who the service runs as."""
    invocation: str = ""
    """systemd's InvocationID: another one after each start."""
    listeners: tuple[HostProcess, ...] = ()
    """Every listener with this root, those outside the unit's control group included."""
    workers: tuple[HostProcess, ...] = ()
    unreadable: int = 0
    """Processes of the unit that could not be looked at: any of them may be a worker."""
    group_known: bool = True
    """False: the unit's control group could not be listed."""
    updating: bool = False
    listening_since: datetime | None = None
    """The newest "Listening for Jobs" that its logs hold, by the host's clock."""
    agent_id: int | None = None
    """As `.runner` says now."""
    address: str = ""
    """GitHub's, as `.runner` says now; empty on JIT runners."""
    sudo: tuple[tuple[str, Sudo], ...] = ()
    """For each verb (`start`, `restart`, `stop`)."""
    lock: Lock = "none"
    at_work: AtWork | None = None

    def may(self, verb: str) -> Sudo:
        """What sudo says to that verb."""
        return dict(self.sudo).get(verb, "unknown")

    @property
    def ended(self) -> bool:
        """systemd does not run it."""
        return self.active in UNIT_ENDED

    @property
    def of_another(self) -> bool:
        """Whether the settings are no longer those of the runner that was found there: ids count from 1 everywhere."""
        located = self.located
        return self.agent_id != located.agent_id or located.address not in {"", self.address}

    @property
    def words(self) -> str:
        """For the record: its state, and which run of it that is."""
        return f"{self.active or '?'} ({self.sub or '?'}), InvocationID {self.invocation or '?'}"

    @property
    def age(self) -> timedelta | None:
        """Of its oldest worker."""
        ages = [worker.age for worker in self.workers if worker.age is not None]
        return max(ages, default=None)


class DirectoryState(msgspec.Struct, frozen=True):
    """A directory on a host, as far as something is to be done in it or beside it."""

    owner: str = ""
    """Empty: nothing has that name."""
    as_owner: Sudo = "unknown"
    """What sudo says to doing something as its owner."""
