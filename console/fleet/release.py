"""A release on GitHub, and what is known of those of one repository."""

from datetime import datetime

import msgspec


class Release(msgspec.Struct, frozen=True, gc=False):
    """One release, published or not."""

    id: int
    tag: str
    name: str
    draft: bool
    created_at: datetime
    updated_at: datetime | None = None
    published_at: datetime | None = None
    author: str = ""
    files: int = 0
    unfinished: int = 0
    """Files whose upload did not come to its end."""
    url: str = ""


class Releases(msgspec.Struct, frozen=True):
    """The newest releases of a repository, as of one moment. Drafts are only there for who may push."""

    looked_at: datetime
    releases: tuple[Release, ...] = ()
    unread: str = ""
    """Why they could not be read; empty where they were."""

    @property
    def shows_drafts(self) -> bool:
        """Certain only where there is one: GitHub leaves them out for everybody else, and does not say so."""
        return any(release.draft for release in self.releases)
