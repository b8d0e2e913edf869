"""What is known of the server itself: which it is, and what is left of its limits."""

from datetime import datetime

import msgspec


class Meta(msgspec.Struct, frozen=True):
    """What is at the other end: `version` is None on github.com, else GitHub Enterprise Server's."""

    version: str | None
    api_version: str | None = None
    """The API version that the server selected."""


class Budget(msgspec.Struct, frozen=True):
    """What is left of the API budget. `limit` None means the server sets none, or has not said yet."""

    limit: int | None = None
    remaining: int | None = None
    resets_at: datetime | None = None
    held_until: datetime | None = None
    """Requests are held back until then."""
    held_because: str = ""
