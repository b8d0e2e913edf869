"""A walk as Markdown: the record of an incident, with times, for whoever comes after. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from console.fleet.history import STATE_WORDS, Entry
from console.fleet.models import Age, Name, Phrase
from console.fleet.runbook_checks import RUNBOOK_CHECKS
from console.fleet.runbook_leads import Lead
from console.fleet.runbooks import Step
from console.fleet.walks import Note, Past, Standing, Walk

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])")
_BY = {"check": "held, as the console saw", "person": "ticked by hand", "action": "done and proved"}


def record(walk: Walk, now: datetime, deeds: Sequence[Entry] = (), who: str = "") -> str:
    """All of it. `deeds` are what was done meanwhile, newest first; `who` walks."""
    return "\n".join((*_head(walk, now, who), *_steps(walk), *_meanwhile(deeds))) + "\n"


def _head(walk: Walk, now: datetime, who: str) -> Iterator[str]:
    yield f"# {_quiet(walk.runbook.title)}"
    yield ""
    if walk.demo:
        yield f"- A drill on a pretend fleet: {_code(walk.demo)}"
    yield f"- Runbook: {_code(walk.runbook.name)}{', your own' if walk.runbook.own else ''}"
    yield f"- Context: {_code(walk.context)}"
    if who:
        yield f"- Walked by: {_code(who)}"
    yield f"- Began: {_time(walk.began)}"
    yield from (f"- About, until {_time(each.until)}: {_about(each.lead)}" for each in walk.before)
    if walk.lead is not None:
        yield f"- About{', then' if walk.before else ''}: {_about(walk.lead)}"
    yield from (f"- Gone on with: {_time(each)}" for each in walk.again)
    yield f"- Ended: {_time(walk.ended)}" if walk.ended else f"- Not ended; last written {_time(now)}"
    yield f"- Steps done: {walk.done} of {len(walk.standings)}"
    yield from (f"- {_time(each.at)} {_quiet(each.text)}" for each in walk.remarks)
    yield ""


def _steps(walk: Walk) -> Iterator[str]:
    for number, (step, standing) in enumerate(zip(walk.runbook.steps, walk.standings, strict=True), 1):
        sign = "?" if standing.unsure is not None else "x" if standing.done else " "
        yield f"## {number}. [{sign}] {_quiet(step.title)}"
        yield ""
        yield from (f"- {each}" for each in _standing(step, standing))
        yield from (_note(each) for each in standing.notes)
        yield ""


def _standing(step: Step, standing: Standing) -> Iterator[str]:
    if step.check:
        yield f"Looked for: {_quiet(RUNBOOK_CHECKS[step.check].says)}"
    yield from (f"{_time(each.since)} until {_time(each.until)} {_past(each)}" for each in standing.past)
    if standing.times > len(standing.past) + 1:
        yield f"Ticked {standing.times} times in all"
    if standing.unsure is not None and standing.since is not None:
        yield f"{_time(standing.since)} until {_time(standing.unsure)} {_BY[standing.by]}"
        yield f"{_time(standing.unsure)} could not be told any more{_seen(standing.found)}"
    elif standing.done and standing.since is not None:
        yield f"{_time(standing.since)} {_BY[standing.by]}{_seen(standing.found)}"
    elif standing.since is not None:
        yield f"{_time(standing.since)} not so any more{_seen(standing.found)}"
    else:
        yield "Not done for what it is about now." if standing.past else "Not done."


def _past(each: Past) -> str:
    return f"{_BY[each.by]}{_seen(each.found)}{f' (about {_said(each.about)})' if each.about else ''}"


def _seen(found: Phrase) -> str:
    return f": {_said(found)}" if found else ""


def _about(lead: Lead) -> str:
    """What it was, and since when it was found."""
    since = f" (found since {_time(lead.since)})" if lead.since is not None else ""
    return f"{_said(lead.subject)}{_seen(lead.summary)}{since}"


def _note(note: Note) -> str:
    return f"- {_time(note.at)} Note: {_quiet(note.text)}"


def _meanwhile(deeds: Sequence[Entry]) -> Iterator[str]:
    if not deeds:
        return
    yield "## What was done meanwhile"
    yield ""
    for entry in reversed(deeds):
        deed = entry.deed
        words = f": {_quiet(entry.end.words)}" if entry.end is not None and entry.end.words else ""
        who = f" by {_code(deed.operator.login)}" if deed.operator.login else ""
        where = f" in {_code(deed.target.place)}" if deed.target.kind != "runner" else ""
        until = f" until {_time(entry.ended_at)}" if entry.ended_at is not None else ""
        yield f"- {_time(deed.at)}{until} {_quiet(deed.title)}{where}{who}: {STATE_WORDS[entry.state]}{words}"
    yield ""


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _said(phrase: Phrase) -> str:
    """Our own words as they are, foreign text as code: nothing in it is a heading or a link."""
    return "".join(map(_part, phrase))


def _part(part: str | Name | Age) -> str:
    if isinstance(part, Name):
        return _code(part.text)
    return _quiet(part if isinstance(part, str) else part.text())


def _code(text: str) -> str:
    """Between as many backticks as it needs."""
    ticks = "`" * (max((len(each) for each in re.findall(r"`+", text)), default=0) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{room}{' '.join(text.split())}{room}{ticks}" if text.strip() else "?"


def _quiet(text: str) -> str:
    """Text that means nothing to Markdown, on one line."""
    return _MARKUP.sub(r"\\\1", re.sub(r"\s", " ", text))
