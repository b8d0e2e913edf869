"""What tokens have used of their limits, as one process leaves it to the next and to those beside it.

Times are this machine's, in seconds since 1970: what else counts seconds begins anew with each process.
"""

from collections import Counter
from collections.abc import Mapping

import msgspec

from console.fleet.shapes import ready

MOST_A_MINUTE = 860
"""GitHub allows 900 points, and a read costs one. Processes learn of one another's a moment late."""
MINUTE = 60
LONGEST_HOLD = 3_700.0


class Standing(msgspec.Struct, frozen=True):
    """How one token stands with GitHub."""

    minute: dict[int, int] = {}
    """How many requests were made in each second of the last minute."""
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
        return max(*self.minute, self.held_until, self.struck_at + 600, self.resets, 0) < now - MINUTE


def lately(minute: Mapping[int, int], now: float) -> dict[int, int]:
    """Without what is longer ago than a minute, or yet to come: then a clock was set back."""
    return {second: number for second, number in minute.items() if now - MINUTE - 1 < second <= now}


def read(kept: bytes | None) -> dict[str, Standing]:
    """By the fingerprint of the token. What cannot be understood is not there."""
    if kept is None:
        return {}
    ready(dict[str, Standing])
    try:
        return msgspec.msgpack.decode(kept, type=dict[str, Standing])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def written(kept: bytes | None, news: Mapping[str, Standing], now: float) -> bytes:
    """What is to be kept from now on: what others have told, and ours."""
    standings = {token: standing for token, standing in read(kept).items() if not standing.over(now)}
    for token, each in news.items():
        standings[token] = merged(standings.get(token, Standing()), each, now)
    return msgspec.msgpack.encode(standings)


def merged(kept: Standing, mine: Standing, now: float) -> Standing:
    """Requests add up; of all else the stricter or the newer counts."""
    minute = Counter(lately(kept.minute, now)) + Counter(mine.minute)
    hold = max(kept, mine, key=lambda each: min(each.held_until, now + LONGEST_HOLD))
    struck = max(kept, mine, key=lambda each: min(each.struck_at, now))
    hour = max(kept, mine, key=lambda each: (each.resets, -(each.remaining or 0)))
    return Standing(
        dict(minute),
        min(hold.held_until, now + LONGEST_HOLD),
        hold.held_because,
        struck.strikes,
        struck.struck_at,
        hour.limit,
        hour.remaining,
        hour.resets,
    )
