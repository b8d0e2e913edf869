"""What is kept of findings from look to look: since when, who knows of them, until when they are muted. Values only."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from console.fleet.findings import Finding, Severity
from console.fleet.kept import KeptTime
from console.fleet.models import JobKey, RunKey, RunnerKey

TOLD_FOR = timedelta(minutes=10)
"""So long it is told what has cleared."""
RESTLESS_FOR = timedelta(hours=1)
"""So long after it has come back it is told that it comes and goes."""
LONGEST_MUTE = timedelta(days=7)

State = Literal["new", "acknowledged", "muted", "cleared"]


class Mute(msgspec.Struct, frozen=True):
    """It is not told of until then, unless it gets worse than it was: more severe, or of many more runners."""

    until: KeptTime
    by: str
    severity: Severity
    runners: int


class Life(msgspec.Struct, frozen=True):
    """What has become of one finding so far. Its texts are as they were when it was last found."""

    id: str
    """A few characters to call it by."""
    keys: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    cause: str
    severity: Severity
    subject: str
    summary: str
    first_seen: KeptTime
    last_seen: KeptTime
    """Give or take a minute."""
    runners: tuple[RunnerKey, ...] = ()
    """The first of them."""
    jobs: tuple[JobKey, ...] = ()
    runs: tuple[RunKey, ...] = ()
    suspect: RunnerKey | None = None
    """The runner that is to blame, where it is none of them."""
    number: int = 0
    """Of all its runners."""
    acknowledged_by: str = ""
    acknowledged_at: KeptTime | None = None
    acknowledged_as: Severity | None = None
    """How bad it was then: what comes and goes between a watch and an alert is no news to who knew of the alert."""
    mute: Mute | None = None
    worse: bool = False
    """It was muted or acknowledged, and is back because it got worse."""
    missed_since: KeptTime | None = None
    cleared_at: KeptTime | None = None
    cleared_by: str = ""
    returns: tuple[KeptTime, ...] = ()
    """When it came back, each time soon after it had cleared."""

    def muted(self, now: datetime) -> bool:
        """Whether it is to be told of later. A time beyond all that can be asked for is a clock's mistake."""
        return self.mute is not None and timedelta() < self.mute.until - now <= LONGEST_MUTE

    def state(self, now: datetime) -> State:
        """What it is now."""
        if self.cleared_at is not None:
            return "cleared"
        if self.muted(now):
            return "muted"
        return "acknowledged" if self.acknowledged_by else "new"

    @property
    def kind(self) -> str:
        """The cause as it was found first: hosts and GitHub's page may have told more since."""
        return self.keys[0].partition(" ")[0]


Lives = tuple[Life, ...]


def cleared_lately(lives: Lives, now: datetime) -> Lives:
    """What is worth telling, the last first. Of what is muted nothing is."""
    ended = [(each.cleared_at, each) for each in lives if each.cleared_at is not None and not each.muted(now)]
    told = [(at, life) for at, life in ended if abs(now - at) <= TOLD_FOR and life.severity != "info"]
    return tuple(life for _, life in sorted(told, key=lambda each: each[0], reverse=True))


def told(findings: Iterable[Finding], lives: Mapping[str, Life], now: datetime) -> tuple[Finding, ...]:
    """Those that are not muted; `lives` by the key of the finding."""
    return tuple(each for each in findings if (life := lives.get(each.key)) is None or not life.muted(now))


def returned_lately(life: Life, now: datetime) -> int:
    """How often it has come and gone, as long as that is worth telling."""
    return len(life.returns) if life.returns and abs(now - life.returns[-1]) <= RESTLESS_FOR else 0
