"""Versions of the runner: which of two is newer, and from when on GitHub gives one no jobs."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec

_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,5})\.(\d{1,5})")


class Version(NamedTuple):
    """Compares as it should."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


class RunnerRelease(msgspec.Struct, frozen=True):
    """The newest version of the runner there is, as GitHub said at some time: since then there may be a newer one."""

    version: str
    looked_at: datetime
    published_at: datetime | None = None
    """None: GitHub Enterprise Server only says which version it hands out."""
    ends: Mapping[str, datetime] = {}
    """Until when older versions of the fleet get jobs, of which GitHub says so."""


FLOOR = Version(2, 329, 0)
"""github.com registers no older one, and gives such a one no jobs."""
BEHIND = 2
"""Minor versions behind the newest that is seen: by itself a runner is so far behind for a few days only."""
FAR_BEHIND = 3
"""The same where GitHub may have stopped giving it jobs: each version must be installed within 30 days."""


def version_of(text: str | None) -> Version | None:
    """None: it is not told, or is no version that could be compared."""
    found = _VERSION.match(text or "")
    return None if found is None else Version(*map(int, found.groups()))


def newest_of(versions: Iterable[str]) -> Version | None:
    """None: none could be compared."""
    known = (version_of(text) for text in versions)
    return max((version for version in known if version is not None), default=None)


def outdated(versions: Iterable[str], newest: Version) -> frozenset[str]:
    """Those so old that GitHub may have stopped giving them jobs."""
    known = ((text, version_of(text)) for text in versions)
    return frozenset(text for text, version in known if version is not None and is_outdated(version, newest))


def is_outdated(version: Version, newest: Version) -> bool:
    """GitHub may have stopped giving it jobs."""
    return version < FLOOR or is_behind(version, newest, FAR_BEHIND)


def is_behind(version: Version, newest: Version, minors: int = BEHIND) -> bool:
    """By so many minor versions, or by a major one."""
    return version.major < newest.major or newest.minor - version.minor >= minors
