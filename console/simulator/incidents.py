"""What the pretend GitHub says of itself on its status page: the state of Actions, and its incidents."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(slots=True)
class Incident:
    """Something that GitHub says is wrong with Actions."""

    name: str
    impact: str
    began: datetime
    status: str = "investigating"
    updated: datetime | None = None


class Standing:
    """The state of Actions, as GitHub itself tells it."""

    def __init__(self) -> None:
        self.actions = "operational"
        self.open: list[Incident] = []

    def begin(self, now: datetime, actions: str, name: str, impact: str) -> None:
        """From now on Actions is in that state, for an incident of that name."""
        self.actions = actions
        self.open.append(Incident(name, impact, now))

    def update(self, now: datetime, status: str) -> None:
        """The incidents go on: `identified`, `monitoring`."""
        for incident in self.open:
            incident.status, incident.updated = status, now

    def end(self) -> None:
        """All is well again; what is resolved is not in the summary any more."""
        self.actions = "operational"
        self.open.clear()
