"""GithubStatus: what GitHub's own status page says of Actions, and of what is wrong at the moment."""

from datetime import datetime

import msgspec

IN_WORDS = {
    "operational": "operational",
    "degraded_performance": "degraded",
    "partial_outage": "partial outage",
    "major_outage": "major outage",
    "under_maintenance": "maintenance",
}
"""The words of the page that are known, in ours."""


class Incident(msgspec.Struct, frozen=True):
    """Something that GitHub itself says is wrong, and not over."""

    name: str
    impact: str
    """`none`, `minor`, `major` or `critical` so far."""
    status: str
    """`investigating`, `identified` or `monitoring` so far."""
    updated_at: datetime
    of_actions: bool = False
    """The page counts Actions among what it touches."""


class GithubStatus(msgspec.Struct, frozen=True):
    """One reading of the page."""

    actions: str
    """GitHub's word for the state of Actions, known or not; empty where the page does not name it."""
    incidents: tuple[Incident, ...] = ()
    """Those that are open; those that touch Actions first."""

    @property
    def troubled(self) -> bool:
        """GitHub says that Actions does not work as it should. A word that is not known says nothing."""
        return self.actions in IN_WORDS and self.actions != "operational"

    @property
    def words(self) -> str:
        """The state of Actions in a word or two; empty where it is not told."""
        return IN_WORDS.get(self.actions, self.actions)
