"""What is in the way of looking: the problems of the sources and of the connection, grouped by what they are."""

from datetime import datetime
from typing import NamedTuple

from console.errors import ConsoleError
from console.fleet.models import FleetSnapshot, Freshness, Problem
from console.fleet.trouble import alike, wording

PASSING = frozenset({"server", "unreachable", "not-json", "dns", "limit"})
GOES_ON = "The console keeps trying; what is known stays, with its age."


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
    def key(self) -> tuple[str, ...]:
        """The same problem has the same key from look to look, however long its countdown still is."""
        return (self.kind, *wording(self.kind, self.message, self.hint))


def troubles(snapshot: FleetSnapshot) -> tuple[Trouble, ...]:
    """Problems of the sources; the one with most places first."""
    found = [_of(newest, sources) for newest, sources in alike(snapshot)]
    return tuple(sorted(found, key=lambda trouble: -len(trouble.places)))


def _of(newest: Problem, sources: list[Freshness]) -> Trouble:
    since = min(source.problem.since for source in sources if source.problem is not None)
    places = tuple(sorted({source.place for source in sources}))
    hint = f"{newest.hint} {GOES_ON}".lstrip() if newest.kind in PASSING else newest.hint
    tries = [source.next_try for source in sources if source.next_try is not None]
    return Trouble(newest.kind, newest.message, hint, since, places, min(tries, default=None))


def trouble_of(error: ConsoleError, now: datetime, again_at: datetime | None) -> Trouble:
    """A context that could not be opened."""
    return Trouble(error.kind, error.message, error.hint, now, (), again_at)


def told(error: BaseException) -> ConsoleError:
    """What to say of an error: its own words, or that it is a fault of ours."""
    if isinstance(error, ConsoleError):
        return error
    return ConsoleError(f"A fault of the console's own: {type(error).__name__}.")
