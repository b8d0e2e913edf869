"""What a suspected runner's host says of it at one moment: its facts, and the known lines of its listener's log."""

from datetime import datetime, timedelta

import msgspec

from console.fleet.hosts import HostFacts
from console.fleet.models import RunnerKey

_HEARTBEAT = "listener.idle-heartbeat"


class SeenLine(msgspec.Struct, frozen=True):
    """One signature in a listener's log, as it was last seen there and nothing has ended it."""

    signature: str
    title: str
    remedy: str
    text: str
    """The line, harmless to draw."""
    at: datetime | None = None
    """By the host's clock."""
    times: int = 1
    """How often since the listener last listened or worked."""
    followed: bool | None = None
    """Whether what must follow came in time; None: it may still come, or nothing must."""


class ListenerLog(msgspec.Struct, frozen=True):
    """What the end of a listener's log says."""

    lines: tuple[SeenLine, ...] = ()
    """Of each signature one, the last one written last."""
    alive_at: datetime | None = None
    """The last time that it listened for jobs or began one, by the host's clock."""
    written_at: datetime | None = None
    """Of its last line with a time."""
    updates: int = 0
    """How often it has ended for an update."""

    @property
    def unanswered(self) -> tuple[SeenLine, ...]:
        """Those that are not over by what V1 says after half an hour in which nothing has come: GitHub did answer."""
        answered = max((each.at for each in self.lines if each.signature == _HEARTBEAT and each.at), default=None)
        rest = (each for each in self.lines if each.signature != _HEARTBEAT)
        return tuple(each for each in rest if answered is None or each.at is None or each.at > answered)


class HostEvidence(msgspec.Struct, frozen=True):
    """Nothing here was asked for; nothing was changed to get it."""

    runner: RunnerKey
    host: str = ""
    facts: HostFacts | None = None
    log: ListenerLog = ListenerLog()
    unknown: str = ""
    """Why nothing is known; empty where something is."""

    @property
    def now(self) -> datetime | None:
        """By the host's clock, when its facts were taken."""
        if self.facts is None:
            return None
        return self.facts.taken_at + (self.facts.clock_ahead or timedelta())
