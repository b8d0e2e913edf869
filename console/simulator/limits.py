"""How much each user of the pretend GitHub has asked for: the hourly limit and the one by the minute."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

POINTS_PER_MINUTE = 900
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Bucket:
    """What one user has used. All tokens of a user share it."""

    resets_at: datetime
    used: int = 0
    recent: deque[datetime] = field(default_factory=deque)


@dataclass(frozen=True, slots=True)
class Standing:
    """As the `x-ratelimit-*` headers tell it."""

    limit: int
    used: int
    resets_at: datetime

    @property
    def remaining(self) -> int:
        return max(self.limit - self.used, 0)


class Limits:
    """The buckets of all users, by login."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}

    def standing(self, login: str, limit: int, now: datetime) -> Standing:
        """Without asking for anything."""
        bucket = self._bucket(login, now)
        return Standing(limit, bucket.used, bucket.resets_at)

    def count(self, login: str, now: datetime) -> None:
        """One request that is charged."""
        self._bucket(login, now).used += 1

    def too_fast(self, login: str, now: datetime, points: int = 1) -> bool:
        """Take note of one request; whether it is one too many for this minute. Changes count for five."""
        recent = self._bucket(login, now).recent
        while recent and recent[0] <= now - MINUTE:
            recent.popleft()
        if len(recent) >= POINTS_PER_MINUTE:
            return True
        recent.extend([now] * points)
        return False

    def _bucket(self, login: str, now: datetime) -> Bucket:
        bucket = self._buckets.get(login)
        if bucket is None or bucket.resets_at <= now:
            recent = bucket.recent if bucket else deque[datetime]()
            bucket = self._buckets[login] = Bucket(now.replace(microsecond=0) + HOUR, recent=recent)
        return bucket
