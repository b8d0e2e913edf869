"""A walk through a runbook: what was done when, and what was noted. Values; each change makes another one. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from console.fleet.history import Entry, Subject
from console.fleet.kept import KeptTime
from console.fleet.models import Phrase, RunnerKey
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import Lead, goes_on
from console.fleet.runbooks import Runbook, Step

By = Literal["", "check", "person", "action"]
_MOST_BEFORE = 50
_MOST_PAST = 20
_BLINK = timedelta(minutes=5)


class Note(msgspec.Struct, frozen=True):
    """What a person wrote to a step."""

    at: KeptTime
    text: str


class Past(msgspec.Struct, frozen=True):
    """A tick that is no more."""

    since: KeptTime
    until: KeptTime
    by: By
    found: Phrase = ()
    about: Phrase = ()
    """What the walk was about then, where it is about something else now."""


class Standing(msgspec.Struct, frozen=True):
    """How one step stands."""

    by: By = ""
    """Who ticked it; empty: it is not ticked."""
    since: datetime | None = None
    """Ticked since then; of one that is not, when it was un-ticked."""
    times: int = 0
    """How often it was ticked."""
    found: Phrase = ()
    """What the check saw then; of what cannot be told any more, why."""
    unsure: datetime | None = None
    """Since then nobody knows whether what it was ticked for still holds."""
    past: tuple[Past, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def done(self) -> bool:
        return bool(self.by) and self.unsure is None


class Before(msgspec.Struct, frozen=True):
    """What a walk was about until it went on with the next of its kind."""

    lead: Lead
    until: KeptTime


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
    before: tuple[Before, ...] = ()

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


def led(walk: Walk, lead: Lead) -> Walk:
    """It is about this: something that has grown, or the first thing. What held before that is no part of it; what a
    person did is."""
    if walk.lead is not None:
        return replace(walk, lead=lead)
    standings = tuple(Standing(notes=each.notes) if each.by != "person" else each for each in walk.standings)
    return replace(walk, lead=lead, standings=standings)


def gone_over(walk: Walk, lead: Lead, now: datetime) -> Walk:
    """About the next of its kind. A tick is about one of them, unless the runbook acts on none."""
    if walk.lead is None or goes_on(walk.lead, lead):
        return led(walk, lead)
    over = replace(walk, lead=lead, before=(*walk.before, Before(walk.lead, now))[-_MOST_BEFORE:])
    if not any(step.action for step in walk.runbook.steps):
        return over
    standings = tuple(_left(each, walk.lead.subject, now) for each in walk.standings)
    return replace(over, standings=standings, looked_into=False)


def _left(standing: Standing, about: Phrase, now: datetime) -> Standing:
    past = tuple(each if each.about else replace(each, about=about) for each in _outlived(standing, now).past)
    return Standing(past=past, notes=standing.notes)


def _outlived(standing: Standing, now: datetime) -> Standing:
    """The tick that it has is one of the past."""
    if not standing.by or standing.since is None:
        return standing
    until = standing.unsure or now
    past = (*standing.past, Past(standing.since, until, standing.by, standing.found if standing.done else ()))
    # The first tells when it began, the last ones how it went on.
    return replace(standing, past=past if len(past) <= _MOST_PAST else (past[0], *past[-_MOST_PAST + 1 :]))


def checked(walk: Walk, results: Sequence[Checked | None], now: datetime) -> Walk:
    """Steps tick themselves while their checks hold; what cannot be told any more is no tick. What comes of an action
    that was done since leaves them as they are.

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
    if result is None:
        return standing
    if result.met:
        return _holds(standing, now, result.found)
    if result.met is None:
        held = standing.by == "check" and standing.done
        return replace(standing, unsure=now, found=result.found) if held else standing
    return _untick(standing, now, result.found) if standing.by else standing


def _holds(standing: Standing, now: datetime, found: Phrase) -> Standing:
    """What was not seen for a moment has held all the same."""
    if standing.by != "check" or (standing.unsure is not None and now - standing.unsure > _BLINK):
        return _tick(standing, "check", now, found)
    return standing if standing.done else replace(standing, unsure=None, found=found)


def _tick(standing: Standing, by: By, now: datetime, found: Phrase = ()) -> Standing:
    before = _outlived(standing, now)
    return replace(before, by=by, since=now, times=standing.times + 1, found=found, unsure=None)


def _untick(standing: Standing, now: datetime, found: Phrase = ()) -> Standing:
    return replace(_outlived(standing, now), by="", since=now, found=found, unsure=None)


def acted(walk: Walk, deeds: Iterable[Entry], lead: Lead | None = None) -> Walk:
    """A step without a check is done once its action was carried out and proved, on what the walk is about: `lead` is
    that as it is by now."""
    since = walk.before[-1].until if walk.before else walk.began
    about = (*_subjects(walk.lead), *_subjects(lead))
    proved = {
        entry.deed.action: entry
        for entry in deeds
        if entry.state == "proved" and entry.deed.context == walk.context and entry.deed.at >= since
        if _is_about(entry.deed.target, about)
    }

    def follow(step: Step, standing: Standing) -> Standing:
        entry = proved.get(step.action)
        if entry is None or step.check or standing.done or entry.ended_at is None:
            return standing
        seen = standing.since is not None and standing.since >= entry.ended_at  # a person has un-ticked it since
        return standing if seen else _tick(standing, "action", entry.ended_at, (entry.deed.title,))

    standings = tuple(map(follow, walk.runbook.steps, walk.standings))
    return walk if walk.ended is not None or standings == walk.standings else replace(walk, standings=standings)


def _subjects(lead: Lead | None) -> Iterator[tuple[str, str, int | str]]:
    """What it is about, as a deed names it. A runner goes by its name, too; of jobs and runs their repository counts,
    for run again they are others."""
    if lead is None:
        return
    if lead.runner is not None and lead.runner_name:
        yield "runner", lead.runner.scope, lead.runner_name
    for each in lead.targets:
        yield ("runner", each.scope, each.id) if isinstance(each, RunnerKey) else ("run", each.repository, 0)


def _is_about(target: Subject, about: Collection[tuple[str, str, int | str]]) -> bool:
    """Where nothing of its kind is known, it may be."""
    kind = "runner" if target.kind == "runner" else "run"
    ids = (target.id, target.name) if kind == "runner" else (0,)
    return not any(each[0] == kind for each in about) or any((kind, target.place, each) in about for each in ids)


def may_tick(result: Checked | None) -> bool:
    """A person may tick what the console does not look for, or could not tell."""
    return result is None or result.met is None


def ticked(walk: Walk, index: int, now: datetime) -> Walk:
    """The person ticks a step, or takes the tick away."""

    def turned(standing: Standing) -> Standing:
        return _untick(standing, now) if standing.done else _tick(standing, "person", now)

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
