"""What was read before, so that what has not changed is neither decoded nor compared again."""

from collections import OrderedDict
from hashlib import blake2b
from typing import Any

import msgspec

MOST_PAGES = 6_000
MOST_BYTES = 96 * 1024 * 1024
"""Of JSON, as it was received. The models made of it take a good deal less."""


class Kept(msgspec.Struct, frozen=True):
    """One answer as it was last seen, and what was made of it."""

    tag: str
    """The entity tag, exactly as it came; empty when there was none."""
    digest: bytes
    size: int
    fingerprint: str
    """A tag is only good for the token that it was given to."""
    value: Any
    """The decoded page: the very same object for as long as the answer is the same."""
    next_url: str | None


def digest_of(body: bytes) -> bytes:
    """Equal for equal bodies."""
    return blake2b(body, digest_size=16).digest()


class SeenBefore:
    """Answers by method, address and Accept; the longest unused ones make room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Kept] = OrderedDict()
        self._bytes = 0

    def find(self, method: str, url: str, accept: str) -> Kept | None:
        """What was last read there, with whatever token."""
        key = (method, url, accept)
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, method: str, url: str, accept: str, kept: Kept) -> None:
        """Remember this answer instead of the one before."""
        key = (method, url, accept)
        before = self._kept.pop(key, None)
        self._bytes += kept.size - (before.size if before else 0)
        self._kept[key] = kept
        while len(self._kept) > 1 and (len(self._kept) > MOST_PAGES or self._bytes > MOST_BYTES):
            self._bytes -= self._kept.popitem(last=False)[1].size
