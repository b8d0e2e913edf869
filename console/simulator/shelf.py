"""What jobs leave behind on the pretend GitHub: entries of the cache, and releases."""

from collections import defaultdict
from datetime import datetime, timedelta

from console.simulator.inhabitants import Account, Cache, Release, Repository
from console.simulator.timeline import Timeline

KEPT = 12
"""Entries and releases of one repository that are remembered, the newest."""
LOGS_KEPT = timedelta(minutes=50)
"""Logs expire before their runs are forgotten, as they do on GitHub, only sooner."""


class Shelf:
    """Of all repositories."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._caches: dict[int, list[Cache]] = defaultdict(list)
        self._releases: dict[int, list[Release]] = defaultdict(list)
        self._tags: dict[int, dict[str, datetime]] = defaultdict(dict)
        self._id = 5_000_000

    def caches(self, repository: Repository) -> list[Cache]:
        """Those that can be used, the oldest first. One that was never finished is not among them."""
        return [cache for cache in self.everything(repository) if cache.finished]

    def everything(self, repository: Repository) -> list[Cache]:
        """What holds a key, usable or not."""
        return self._caches[repository.id]

    def has_cache(self, repository: Repository, key: str) -> bool:
        """Whether a job would find it."""
        return any(cache.key == key for cache in self.caches(repository))

    def save_cache(
        self, repository: Repository, key: str, size: int, ref: str = "refs/heads/main", *, finished: bool = True
    ) -> bool:
        """False: the key is taken, if only by an entry that was never finished."""
        mine = self._caches[repository.id]
        if any((cache.key, cache.ref) == (key, ref) for cache in mine):
            return False
        mine.append(Cache(self._next_id(), key, ref, self._timeline.now, size, finished))
        del mine[:-KEPT]
        return True

    def delete_cache(self, repository: Repository, key: str, ref: str | None = None) -> list[Cache]:
        """What it has deleted: on every ref unless one is named, as GitHub does it, unfinished entries too."""
        mine = self._caches[repository.id]
        gone = [cache for cache in mine if cache.key == key and ref in {None, cache.ref}]
        self._caches[repository.id] = [cache for cache in mine if cache not in gone]
        return gone

    def delete_cache_entry(self, repository: Repository, identity: int) -> bool:
        """One entry. False: there is none of that id, or it cannot be seen because it was never finished."""
        gone = [cache for cache in self.caches(repository) if cache.id == identity]
        self._caches[repository.id] = [cache for cache in self._caches[repository.id] if cache not in gone]
        return bool(gone)

    def releases(self, repository: Repository) -> list[Release]:
        """The oldest first, drafts among them."""
        return self._releases[repository.id]

    def of_tag(self, repository: Repository, tag: str) -> list[Release]:
        """There should be one; nothing keeps drafts of the same tag from being made."""
        return [release for release in self._releases[repository.id] if release.tag == tag]

    def push_tag(self, repository: Repository, tag: str) -> None:
        """Somebody wants a release of it."""
        self._tags[repository.id][tag] = self._timeline.now
        for forgotten in list(self._tags[repository.id])[:-KEPT]:
            del self._tags[repository.id][forgotten]

    def tags(self, repository: Repository) -> dict[str, datetime]:
        """Since when there is each, the oldest first."""
        return self._tags[repository.id]

    def add_release(self, repository: Repository, tag: str, author: Account, *assets: tuple[str, int]) -> Release:
        """A draft at first."""
        now = self._timeline.now
        release = Release(self._next_id(), tag, author, now, now, assets=assets)
        self._releases[repository.id].append(release)
        del self._releases[repository.id][:-KEPT]
        return release

    def publish(self, release: Release) -> None:
        """Everybody sees it from now on."""
        release.published_at = release.updated_at = self._timeline.now

    def withdraw(self, release: Release) -> None:
        """Make a draft of it again."""
        release.published_at, release.updated_at = None, self._timeline.now

    def delete_release(self, repository: Repository, release: Release) -> None:
        """It is gone; its tag stays."""
        self._releases[repository.id].remove(release)

    def _next_id(self) -> int:
        self._id += 7
        return self._id
