"""A walk as it is kept beside its record, so that it can go on after its console has ended. Pure.

Sentences are kept as they were said: their ages stand still.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from console.fleet.history import Process
from console.fleet.kept import KeptTime
from console.fleet.models import JobKey, Name, Phrase, RunKey, RunnerKey
from console.fleet.runbook_leads import Lead, Target
from console.fleet.runbooks import Runbook
from console.fleet.shapes import ready
from console.fleet.walks import Before, By, Note, Past, Standing, Walk

Clean = Callable[[str], str]
Said = tuple[str | tuple[str], ...]
"""A sentence; what came from outside stands in a list of its own."""
_KINDS: dict[str, type[RunnerKey] | type[JobKey] | type[RunKey]] = {"runner": RunnerKey, "job": JobKey, "run": RunKey}


class KeptPast(msgspec.Struct, frozen=True):
    """A tick that is no more."""

    since: KeptTime
    until: KeptTime
    by: By
    found: Said
    about: Said


class KeptStanding(msgspec.Struct, frozen=True):
    """How one step stands."""

    by: By
    since: KeptTime | None
    times: int
    found: Said
    unsure: KeptTime | None
    past: tuple[KeptPast, ...]
    notes: tuple[Note, ...]


class KeptLead(msgspec.Struct, frozen=True):
    """What it is about."""

    cause: str
    key: str
    subject: Said
    summary: Said
    since: KeptTime | None
    targets: tuple[tuple[Literal["runner", "job", "run"], str, int], ...]
    runner_name: str


class KeptWalk(msgspec.Struct, frozen=True):
    """All of it, but for what its runbook says."""

    runbook: str
    steps: tuple[str, ...]
    """Their titles: in a runbook that has changed since, nobody knows which step was meant."""
    context: str
    began: KeptTime
    again: tuple[KeptTime, ...]
    standings: tuple[KeptStanding, ...]
    lead: KeptLead | None
    before: tuple[tuple[KeptLead, KeptTime], ...]
    remarks: tuple[Note, ...]
    process: Process


class Unfinished(NamedTuple):
    """A walk that has no end, and whose console has none either or is gone."""

    walk: Walk
    changed_at: datetime


def cleaned(walk: Walk, clean: Clean) -> Walk:
    """The same as it may be kept: `clean` takes secrets out of all that was written or came from outside."""
    return replace(
        walk,
        standings=tuple(_cleaned_standing(each, clean) for each in walk.standings),
        lead=_cleaned_lead(walk.lead, clean) if walk.lead is not None else None,
        before=tuple(replace(each, lead=_cleaned_lead(each.lead, clean)) for each in walk.before),
        remarks=_notes(walk.remarks, clean),
    )


def state_of(walk: Walk, process: Process) -> bytes:
    """Of a walk that was cleaned."""
    kept = KeptWalk(
        walk.runbook.name,
        tuple(step.title for step in walk.runbook.steps),
        walk.context,
        walk.began,
        walk.again,
        tuple(map(_standing, walk.standings)),
        _lead(walk.lead) if walk.lead is not None else None,
        tuple((_lead(each.lead), each.until) for each in walk.before),
        walk.remarks,
        process,
    )
    return msgspec.json.encode(kept)


def kept_walk(raw: bytes) -> KeptWalk | None:
    """None: it is not to be understood."""
    ready(KeptWalk)
    try:
        return msgspec.json.decode(raw, type=KeptWalk)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def walk_of(kept: KeptWalk, runbooks: Mapping[str, Runbook]) -> Walk | None:
    """None: its runbook is gone, or has other steps by now."""
    runbook = runbooks.get(kept.runbook)
    if runbook is None or kept.steps != tuple(step.title for step in runbook.steps):
        return None
    if len(kept.standings) != len(kept.steps):
        return None
    return Walk(
        runbook,
        kept.context,
        kept.began,
        tuple(map(_standing_again, kept.standings)),
        lead=_lead_again(kept.lead) if kept.lead is not None else None,
        before=tuple(Before(_lead_again(lead), until) for lead, until in kept.before),
        remarks=kept.remarks,
        again=kept.again,
    )


def _standing(each: Standing) -> KeptStanding:
    past = tuple(KeptPast(one.since, one.until, one.by, _said(one.found), _said(one.about)) for one in each.past)
    return KeptStanding(each.by, each.since, each.times, _said(each.found), each.unsure, past, each.notes)


def _standing_again(each: KeptStanding) -> Standing:
    past = tuple(Past(one.since, one.until, one.by, _heard(one.found), _heard(one.about)) for one in each.past)
    return Standing(each.by, each.since, each.times, _heard(each.found), each.unsure, past, each.notes)


def _cleaned_standing(each: Standing, clean: Clean) -> Standing:
    past = tuple(replace(one, found=_cleaned(one.found, clean), about=_cleaned(one.about, clean)) for one in each.past)
    return replace(each, found=_cleaned(each.found, clean), past=past, notes=_notes(each.notes, clean))


def _cleaned_lead(lead: Lead, clean: Clean) -> Lead:
    return replace(
        lead,
        key=clean(lead.key),
        subject=_cleaned(lead.subject, clean),
        summary=_cleaned(lead.summary, clean),
        runner_name=clean(lead.runner_name),
    )


def _notes(notes: tuple[Note, ...], clean: Clean) -> tuple[Note, ...]:
    return tuple(Note(each.at, clean(each.text)) for each in notes)


def _lead(lead: Lead) -> KeptLead:
    return KeptLead(
        lead.cause,
        lead.key,
        _said(lead.subject),
        _said(lead.summary),
        lead.since,
        tuple((_kind(each), each[0], each.id) for each in lead.targets),
        lead.runner_name,
    )


def _lead_again(kept: KeptLead) -> Lead:
    targets: tuple[Target, ...] = tuple(_KINDS[kind](place, number) for kind, place, number in kept.targets)
    subject, summary = _heard(kept.subject), _heard(kept.summary)
    return Lead(kept.cause, kept.key, subject, summary, kept.since, targets, kept.runner_name)


def _kind(target: Target) -> Literal["runner", "job", "run"]:
    if isinstance(target, RunnerKey):
        return "runner"
    return "job" if isinstance(target, JobKey) else "run"


def _cleaned(phrase: Phrase, clean: Clean) -> Phrase:
    return tuple(
        Name(clean(part.text)) if isinstance(part, Name) else clean(part) if isinstance(part, str) else part
        for part in phrase
    )


def _said(phrase: Phrase) -> Said:
    return tuple(
        (part.text,) if isinstance(part, Name) else part if isinstance(part, str) else part.text() for part in phrase
    )


def _heard(said: Said) -> Phrase:
    return tuple(part if isinstance(part, str) else Name(part[0]) for part in said)
