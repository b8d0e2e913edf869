"""The time: ours, handed in, and the server's as its answers tell it."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol

FIRST_TIME, LAST_TIME = 946_684_800, 4_102_444_800
"""The years 2000 to 2099: what a header says beyond them is no time, and could not be reckoned with."""


class Clock(Protocol):
    """Time, handed in, so that a test or a scenario owns it."""

    def wall(self) -> datetime: ...

    def elapsed(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class ServerClock:
    """The server's time: its last `Date` and what has elapsed since. This machine's clock may be wrong."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ahead: float | None = None
        """The server's epoch seconds minus our elapsed ones."""

    def heard(self, date: str) -> None:
        """Take over a `Date` header; one that cannot be read changes nothing."""
        at = epoch(date)
        if at is None:
            return
        ahead = at - self._clock.elapsed()
        # The header counts whole seconds: a smaller difference is not news, and ages must not step back and forth.
        if self._ahead is None or abs(ahead - self._ahead) > 1.0:
            self._ahead = ahead

    def now(self) -> datetime:
        if self._ahead is None:
            return self._clock.wall()
        return datetime.fromtimestamp(self._ahead + self._clock.elapsed(), UTC)


def epoch(date: str) -> float | None:
    """The seconds of an HTTP date; None for what is none, or is beyond reckoning."""
    try:
        at = parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
    return at if FIRST_TIME <= at <= LAST_TIME else None
