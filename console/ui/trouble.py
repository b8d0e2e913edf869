"""What is in the way of looking: the problems of the sources and of the connection, grouped by what they are."""

from datetime import datetime
from typing import NamedTuple

from console.errors import ConsoleError
from console.fleet.models import FleetSnapshot


class Trouble(NamedTuple):
    """One problem, and the places that have it."""

    kind: str
    message: str
    hint: str
    since: datetime
    places: tuple[str, ...] = ()
    again_at: datetime | None = None
    """When it is tried again, where that is known."""

    @property
    def key(self) -> tuple[str, str]:
        """The same problem has the same key from look to look, however long its countdown still is."""
        return (self.kind, self.message)


def troubles(snapshot: FleetSnapshot) -> tuple[Trouble, ...]:
    """Problems of the sources; the one with most places first."""
    grouped: dict[tuple[str, str, str], list[tuple[datetime, str]]] = {}
    for source in snapshot.freshness:
        if source.problem is not None:
            problem = source.problem
            grouped.setdefault((problem.kind, problem.message, problem.hint), []).append((problem.since, source.place))
    found = [
        Trouble(kind, message, hint, min(since for since, _ in places), tuple(sorted({place for _, place in places})))
        for (kind, message, hint), places in grouped.items()
    ]
    return tuple(sorted(found, key=lambda trouble: -len(trouble.places)))


def trouble_of(error: ConsoleError, now: datetime, again_at: datetime | None) -> Trouble:
    """A context that could not be opened."""
    return Trouble(error.kind, error.message, error.hint, now, (), again_at)


def told(error: BaseException) -> ConsoleError:
    """What to say of an error: its own words, or that it is a fault of ours."""
    if isinstance(error, ConsoleError):
        return error
    return ConsoleError(f"A fault of the console's own: {type(error).__name__}.")
