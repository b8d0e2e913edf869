"""What tokens have used of their limits, as one process leaves it to the next and to those beside it.

Times are this machine's, in seconds since 1970: what else counts seconds begins anew with each process.
"""

from collections.abc import Mapping

import msgspec

PER_SECOND = 11.0
"""GitHub allows 900 points a minute, and a read costs one: a minute that begins with a burst stays below."""
BURST = 200
LONGEST_HOLD = 3_700.0
LONGEST_LINE = 120.0
"""Nobody stands in line for longer: what says so was written by a clock that was wrong."""


class Standing(msgspec.Struct, frozen=True):
    """How one token stands with GitHub."""

    line: float = 0.0
    """When the requests made so far would be over, had they gone out one by one."""
    held_until: float = 0.0
    held_because: str = ""
    strikes: int = 0
    struck_at: float = 0.0
    limit: int | None = None
    remaining: int | None = None
    resets: float = 0.0
    """By the server's clock."""

    def over(self, now: float) -> bool:
        """Nothing in it matters any more."""
        return max(self.line + BURST / PER_SECOND, self.held_until, self.struck_at + 600, self.resets) < now


class News(msgspec.Struct, frozen=True):
    """What one process has to tell of a token."""

    standing: Standing
    requests: float
    """How many it has made since it told last."""


def read(kept: bytes | None) -> dict[str, Standing]:
    """By the fingerprint of the token. What cannot be understood is not there."""
    if kept is None:
        return {}
    try:
        return msgspec.msgpack.decode(kept, type=dict[str, Standing])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def written(kept: bytes | None, news: Mapping[str, News], now: float) -> bytes:
    """What is to be kept from now on: what others have told, and ours."""
    standings = {token: standing for token, standing in read(kept).items() if not standing.over(now)}
    for token, each in news.items():
        standings[token] = merged(standings.get(token, Standing()), each, now)
    return msgspec.msgpack.encode(standings)


def merged(kept: Standing, news: News, now: float) -> Standing:
    """Requests add up; of all else the stricter or the newer counts."""
    mine = news.standing
    line = max(min(kept.line, now + LONGEST_LINE), now - BURST / PER_SECOND) + news.requests / PER_SECOND
    hold = max(kept, mine, key=lambda each: min(each.held_until, now + LONGEST_HOLD))
    struck = max(kept, mine, key=lambda each: min(each.struck_at, now))
    hour = max(kept, mine, key=lambda each: (each.resets, -(each.remaining or 0)))
    return Standing(
        line,
        min(hold.held_until, now + LONGEST_HOLD),
        hold.held_because,
        struck.strikes,
        struck.struck_at,
        hour.limit,
        hour.remaining,
        hour.resets,
    )
