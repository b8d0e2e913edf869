"""What has become of findings, as rows and lines of the screen. Pure."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from console.fleet.findings import Finding
from console.fleet.lives import Life, returned_lately
from console.fleet.models import plain
from console.fleet.words import several
from console.operations.look import Look
from console.ui import signs
from console.ui.cells import finding_row, severity_part
from console.ui.columns import Cell, Fields, Part, Row, SortKey, cell, phrase_parts
from console.ui.widgets.fact_lines import FactLine

MUTED = "muted findings"
"""The key of the line that stands for all of them: no cause is called so."""
LIFE_STATES = ("acknowledged", "muted")
"""What `status:` may ask for besides."""
_MOST_CLEARED = 2
_LAST = 9


class KnownRow(msgspec.Struct, frozen=True):
    """A finding that somebody has acknowledged or muted: dim, and behind the others."""

    finding: Finding
    life: Life
    sign: Part
    said: str

    def cells(self) -> tuple[Cell, ...]:
        subject = (self.sign, Part(" "), *_dim(phrase_parts(self.finding.subject)))
        what = (Part(f"{self.said}, ", "muted"), *_dim(phrase_parts(self.finding.summary)))
        return (Cell(subject), Cell(what), cell(self.finding.cause, "muted"), cell("", since=self.finding.since))

    def sort_key(self, column: int) -> SortKey:
        return finding_row(self.finding, self.finding.cause).sort_key(column)

    def fields(self) -> Fields:
        fields = finding_row(self.finding, self.finding.cause).fields()
        state = "muted" if self.life.mute is not None else "acknowledged"
        return {**fields, "text": f"{fields['text']} {self.said}", "status": (self.finding.severity, state)}


class FoldRow(msgspec.Struct, frozen=True):
    """The line of all that are muted."""

    number: int
    until: str
    unfolded: bool

    def cells(self) -> tuple[Cell, ...]:
        sign = signs.sign("open" if self.unfolded else "folded")
        does = "Enter hides them" if self.unfolded else "Enter shows them"
        return (
            Cell((Part(f"{sign} {self.number} muted", "muted"),)),
            Cell((Part(f"until {self.until}; {does}", "muted"),)),
            Cell(),
            Cell(),
        )

    def sort_key(self, column: int) -> SortKey:
        return ((_LAST, ""), "\uffff", "\uffff", float("inf"))[column]

    def fields(self) -> Fields:
        return {"text": f"{self.number} muted", "status": "muted"}


def _dim(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(Part(part.text, "muted") for part in parts)


def in_order(look: Look, now: datetime) -> tuple[list[Finding], list[Finding], list[Finding]]:
    """The new ones, the acknowledged ones and the muted ones, each worst first."""
    new: list[Finding] = []
    known: list[Finding] = []
    muted: list[Finding] = []
    for finding in look.findings:
        life = look.lives.get(finding.key)
        state = life.state(now) if life is not None else "new"
        (muted if state == "muted" else known if state == "acknowledged" else new).append(finding)
    return new, known, muted


def life_row(finding: Finding, life: Life | None, now: datetime) -> Row:
    """A line of Now."""
    if life is not None and life.muted(now) and life.mute is not None:
        sign = Part(signs.sign("muted").ljust(_width()), "muted")
        return KnownRow(finding, life, sign, f"muted until {at_time(life.mute.until, now)}")
    if life is not None and life.acknowledged_by:
        sign = Part(signs.sign("acknowledged").ljust(_width()), "muted")
        return KnownRow(finding, life, sign, f"known to {life.acknowledged_by}")
    return finding_row(finding, finding.cause)


def _width() -> int:
    return len(severity_part("alert").text)


def fold_row(muted: Sequence[Finding], look: Look, now: datetime, *, unfolded: bool) -> FoldRow:
    """`2 muted`, until the first of them comes back."""
    ends = [life.mute.until for each in muted if (life := look.lives.get(each.key)) and life.mute is not None]
    return FoldRow(len(muted), at_time(min(ends), now), unfolded)


def at_time(moment: datetime, now: datetime) -> str:
    """`04:00` in the operator's own zone, with its day where that is another."""
    here = moment.astimezone()
    zone = "" if here.utcoffset() else "Z"
    return f"{here:%H:%M}{zone}" if here.date() == now.astimezone().date() else f"{here:%a %H:%M}{zone}"


def life_lines(life: Life | None, now: datetime) -> list[FactLine]:
    """Who knows of it, until when it is muted, how often it came back."""
    words = list(_words(life, now)) if life is not None else []
    return [
        FactLine((Part("known" if not index else " ", "muted"),), (Part(each),)) for index, each in enumerate(words)
    ]


def _words(life: Life, now: datetime) -> list[str]:
    words = []
    if life.muted(now) and life.mute is not None:
        words.append(f"muted by {life.mute.by} until {at_time(life.mute.until, now)}, unless it gets worse")
    if life.acknowledged_by and life.acknowledged_at is not None:
        words.append(f"acknowledged by {life.acknowledged_by} {signs.age(now - life.acknowledged_at)} ago")
    if life.worse:
        words.append("it got worse after that was said of it")
    if back := returned_lately(life, now):
        words.append(f"it comes and goes: came back {several(back, 'time')} since {at_time(life.first_seen, now)}")
    return words


def muted_lines(muted: Sequence[Finding], look: Look, now: datetime) -> list[FactLine]:
    """What is behind the fold."""
    lines: list[FactLine] = []
    for finding in muted:
        life = look.lives.get(finding.key)
        until = at_time(life.mute.until, now) if life is not None and life.mute is not None else ""
        said = f"until {until}: {plain(finding.subject)}: {plain(finding.summary)}"
        lines.append(FactLine((Part("muted" if not lines else " ", "muted"),), (Part(said),)))
    return lines


def cleared_lines(look: Look, now: datetime) -> list[FactLine]:
    """What has cleared a moment ago, and by what."""
    lines: list[FactLine] = []
    for life in look.cleared[:_MOST_CLEARED]:
        ago = f"{signs.age(now - life.cleared_at)} ago: " if life.cleared_at is not None else ""
        said = (Part(ago, "muted"), Part(life.subject, "foreign"), Part(f": {life.cleared_by}"))
        lines.append(FactLine((Part("cleared" if not lines else " ", "muted"),), said))
    return lines
