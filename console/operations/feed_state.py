"""How a log that comes from a host stands: connected or not, since when, and what is to be known of it."""

from datetime import datetime
from typing import Literal

import msgspec


class FeedState(msgspec.Struct, frozen=True):
    """As of now; another one takes its place when that changes."""

    word: Literal["connecting", "connected", "disconnected", "ended"]
    since: datetime
    next_try: datetime | None = None
    """When it is tried again, of a lost connection that is."""
    reason: str = ""
    """Why it is not connected, in our words."""
    hint: str = ""
    """What helps."""
    notes: tuple[str, ...] = ()
    """What is to be known of these lines all the while: `buffered, may lag by 5 KB`."""
    step: str = ""
    """The step that a running job is in, in its worker's words: foreign text. Empty: between two, or not known."""

    @property
    def given_up(self) -> bool:
        """Only a person can mend why it is lost, and it is not tried again by itself."""
        return self.word == "disconnected" and self.next_try is None

    def words(self, now: datetime) -> str:
        """`disconnected at 02:41:07, tries again in 8 s`; the time of day in the zone of `now`."""
        if self.word != "disconnected":
            return self.word
        at = f"disconnected at {self.since.astimezone(now.tzinfo):%H:%M:%S}"
        if self.next_try is None:
            return at
        return f"{at}, tries again in {max(round((self.next_try - now).total_seconds()), 0)} s"
