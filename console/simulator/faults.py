"""What is wrong with the pretend GitHub itself, and when: outages, limits, slowness, sign-on, cut and lost answers."""

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal["outage", "secondary-limit", "primary-limit", "slow", "sso", "cut-body", "lost-answer"]
FOREVER = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with requests from `begins` to `ends`, in the world's time."""

    kind: Kind
    begins: datetime
    ends: datetime
    path: str = ""
    """A regular expression found in the paths that are struck; empty: all of them."""
    share: float = 1.0
    """How many of the requests are struck."""
    status: int = 502
    retry_after: bool = True
    """Whether a secondary limit says for how long it holds."""
    delay: float = 0.0
    """Real seconds, for slow answers."""

    def strikes(self, path: str, now: datetime, request: int) -> bool:
        if not self.begins <= now < self.ends or not re.search(self.path, path):
            return False
        return self.share >= 1.0 or zlib.crc32(b"%d" % request) % 1000 < self.share * 1000


class Faults:
    """The faults that a scenario or a test has planned. Every one can be limited to some paths."""

    def __init__(self) -> None:
        self._planned: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Let it go wrong."""
        self._planned.append(fault)

    def clear(self) -> None:
        """All is well again."""
        self._planned.clear()

    def striking(self, path: str, now: datetime, request: int) -> dict[Kind, Fault]:
        """What is wrong with this request."""
        self._planned = [fault for fault in self._planned if fault.ends > now]
        return {fault.kind: fault for fault in self._planned if fault.strikes(path, now, request)}

    def outage(self, begins: datetime, lasts: timedelta, status: int = 502, path: str = "", share: float = 1.0) -> None:
        """Answers 5xx with a page of HTML."""
        self.plan(Fault("outage", begins, begins + lasts, path, share, status))

    def secondary_limit(
        self, begins: datetime, lasts: timedelta, status: int = 403, retry_after: bool = True, path: str = ""
    ) -> None:
        """Answers that the secondary limit is exceeded (403 or 429)."""
        self.plan(Fault("secondary-limit", begins, begins + lasts, path, status=status, retry_after=retry_after))

    def primary_limit(self, begins: datetime, lasts: timedelta, status: int = 403) -> None:
        """Answers that nothing remains of the hourly limit until then (403 or 429)."""
        self.plan(Fault("primary-limit", begins, begins + lasts, status=status))

    def slow(self, begins: datetime, lasts: timedelta, delay: float, path: str = "") -> None:
        """Answers `delay` real seconds late."""
        self.plan(Fault("slow", begins, begins + lasts, path, delay=delay))

    def single_sign_on(self, organization: str, begins: datetime, lasts: timedelta = FOREVER) -> None:
        """Asks that the token be authorised for the organisation's single sign-on."""
        path = rf"^/(orgs|repos)/{re.escape(organization)}(/|$)"
        self.plan(Fault("sso", begins, begins + lasts, path, status=403))

    def lose_answers(self, begins: datetime, lasts: timedelta, path: str = "") -> None:
        """Does what a request wants to be changed, and breaks the connection off before saying so."""
        self.plan(Fault("lost-answer", begins, begins + lasts, path))

    def cut_bodies(self, begins: datetime, lasts: timedelta, path: str = "") -> None:
        """Breaks the connection off in the middle of the body."""
        self.plan(Fault("cut-body", begins, begins + lasts, path))
