"""A walk through a runbook: what was done when, and what was noted. Values; each change makes another one. Pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec.structs import replace

from console.fleet.history import Entry
from console.fleet.models import Phrase
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import Lead
from console.fleet.runbooks import Runbook, Step

By = Literal["", "check", "person", "action"]


class Note(msgspec.Struct, frozen=True):
    """What a person wrote to a step."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    text: str


class Standing(msgspec.Struct, frozen=True):
    """How one step stands."""

    by: By = ""
    """Who ticked it; empty: it is not ticked."""
    since: datetime | None = None
    """Ticked since then; of one that is not, when it was un-ticked."""
    first: datetime | None = None
    """When it was ticked for the first time."""
    times: int = 0
    found: Phrase = ()
    """What the check saw then."""
    notes: tuple[Note, ...] = ()

    @property
    def done(self) -> bool:
        return bool(self.by)


class Walk(msgspec.Struct, frozen=True):
    """One runbook, walked by one person."""

    runbook: Runbook
    context: str
    began: datetime
    standings: tuple[Standing, ...]
    lead: Lead | None = None
    """What it is about; None: nothing led here so far."""
    demo: str = ""
    """Of a pretend fleet: its scenario."""
    ended: datetime | None = None
    remarks: tuple[Note, ...] = ()
    """What the console adds: of a drill, how long it took."""
    looked_into: bool = False
    """An explanation or a log was opened since something led here."""
    again: tuple[datetime, ...] = ()
    """When it was gone on with, its console having ended meanwhile."""

    @property
    def done(self) -> int:
        """How many steps are ticked."""
        return sum(each.done for each in self.standings)

    @property
    def whole(self) -> bool:
        return self.done == len(self.standings)


def begun(runbook: Runbook, lead: Lead | None, context: str, now: datetime, demo: str = "") -> Walk:
    """Nothing is ticked."""
    return Walk(runbook, context, now, tuple(Standing() for _ in runbook.steps), lead, demo)


def gone_on_with(walk: Walk, now: datetime) -> Walk:
    """By another console than the one in which it began."""
    return replace(walk, again=(*walk.again, now))


def checked(walk: Walk, results: Sequence[Checked | None], now: datetime) -> Walk:
    """Steps tick themselves while their checks hold. What could not be told leaves them as they are, and so does what
    comes of an action that was done since.

    The very same walk where nothing has changed. None stands for a step without a check.
    """
    if walk.ended is not None:
        return walk
    standings = tuple(
        each if settled(walk, index) else _follow(each, results[index], now)
        for index, each in enumerate(walk.standings)
    )
    return walk if standings == walk.standings else replace(walk, standings=standings)


def settled(walk: Walk, index: int) -> bool:
    """It was done before the action of a later step was: an idle runner may have a job once it was restarted."""
    later = zip(walk.runbook.steps[index + 1 :], walk.standings[index + 1 :], strict=True)
    return walk.standings[index].done and any(step.action and standing.done for step, standing in later)


def _follow(standing: Standing, result: Checked | None, now: datetime) -> Standing:
    if result is None or result.met is None:
        return standing
    if result.met:
        return standing if standing.by == "check" else _tick(standing, "check", now, result.found)
    return replace(standing, by="", since=now, found=result.found) if standing.done else standing


def _tick(standing: Standing, by: By, now: datetime, found: Phrase = ()) -> Standing:
    if standing.done:
        return replace(standing, by=by, found=found)
    return replace(standing, by=by, since=now, first=standing.first or now, times=standing.times + 1, found=found)


def acted(walk: Walk, deeds: Iterable[Entry]) -> Walk:
    """A step without a check is done once its action was carried out and proved during the walk."""
    proved = {
        entry.deed.action: entry
        for entry in deeds
        if entry.state == "proved" and entry.deed.context == walk.context and entry.deed.at >= walk.began
    }

    def follow(step: Step, standing: Standing) -> Standing:
        entry = proved.get(step.action)
        if entry is None or step.check or standing.done or entry.ended_at is None:
            return standing
        seen = standing.since is not None and standing.since >= entry.ended_at  # a person has un-ticked it since
        return standing if seen else _tick(standing, "action", entry.ended_at, (entry.deed.title,))

    standings = tuple(map(follow, walk.runbook.steps, walk.standings))
    return walk if walk.ended is not None or standings == walk.standings else replace(walk, standings=standings)


def may_tick(result: Checked | None) -> bool:
    """A person may tick what the console does not look for, or could not tell."""
    return result is None or result.met is None


def ticked(walk: Walk, index: int, now: datetime) -> Walk:
    """The person ticks a step, or takes the tick away."""

    def turned(standing: Standing) -> Standing:
        return replace(standing, by="", since=now) if standing.done else _tick(standing, "person", now)

    return _changed(walk, index, turned)


def noted(walk: Walk, index: int, text: str, now: datetime) -> Walk:
    """One more note to a step."""
    return _changed(walk, index, lambda standing: replace(standing, notes=(*standing.notes, Note(now, text))))


def _changed(walk: Walk, index: int, change: Callable[[Standing], Standing]) -> Walk:
    if walk.ended is not None:
        return walk
    standings = [*walk.standings]
    standings[index] = change(standings[index])
    return replace(walk, standings=tuple(standings))
