"""Runbooks and their steps, as lines of a table."""

from typing import NamedTuple

import msgspec

from console.fleet.findings import Severity
from console.fleet.models import Phrase, plain
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import NOTHING, Lead
from console.fleet.runbooks import Runbook, Step
from console.fleet.walks import Standing, Walk
from console.ui import signs
from console.ui.cells import severity_part
from console.ui.columns import Cell, Column, Fields, Part, SortKey, cell, phrase_parts
from console.ui.signs import Sign

RUNBOOK_COLUMNS = (
    Column("Runbook", 46, 24, 0, grow=2),
    Column("Leads here now", 46, 20, 0, grow=3),
    Column("Walk", 12, 8, 1),
    Column("For", 26, 16, 2, grow=1),
    Column("Whose", 8, 8, 3),
)
STEP_COLUMNS = (
    Column("Step", 40, 24, 0, grow=2),
    Column("What is seen", 30, 20, 0, grow=3),
    Column("Offers", 20, 16, 1),
)
_SEEN: dict[bool | None, tuple[Sign, str]] = {
    True: ("proved", "success"),
    False: ("queued", "muted"),
    None: ("unproved", "warning"),
}

_BY_RANK: tuple[Severity, ...] = ("alert", "watch", "watch", "info", "info")
"""Of what leads to a runbook; jobs that failed are worth a look."""


class WalkNow(NamedTuple):
    """A walk, and how it stands by the last look."""

    walk: Walk
    lead: Lead | None = None
    """What it is about, as it is by now."""
    results: tuple[Checked | None, ...] = ()
    """What came of each step's check; none before the first."""


class RunbookRow(msgspec.Struct, frozen=True):
    """One runbook; what fits a present finding comes first."""

    runbook: Runbook
    leads: tuple[Lead, ...]
    walk: Walk | None
    left: Phrase = ()
    """Another console has left that walk without an end: since when, and what it was about."""

    def cells(self) -> tuple[Cell, ...]:
        return (
            Cell((self._sign(), Part(f" {self.runbook.title}"))),
            Cell(self._leads()),
            cell(progress(self.walk) if self.walk is not None else "", "accent"),
            cell(self.runbook.audience, "muted"),
            cell("your own" if self.runbook.own else "shipped", "muted"),
        )

    def _sign(self) -> Part:
        """Of the worst that leads there, as Now has it."""
        sign = severity_part(_BY_RANK[min((each.rank for each in self.leads), default=NOTHING)])
        return sign if self.leads else Part(" " * len(sign.text))

    def _leads(self) -> tuple[Part, ...]:
        if self.left:
            return phrase_parts(self.left, "accent")
        if not self.leads:
            return ()
        first = self.leads[0]
        more = f" and {len(self.leads) - 1} more" if len(self.leads) > 1 else ""
        return (*phrase_parts((*first.subject, ": ", *first.summary)), Part(more, "muted"))

    @property
    def urgency(self) -> tuple[bool, int]:
        """What is under way comes before what leads here, and that from the worst."""
        under_way = self.walk is not None and self.walk.ended is None
        return not under_way, min((each.rank for each in self.leads), default=NOTHING)

    def sort_key(self, column: int) -> SortKey:
        words = (self.runbook.title, plain(self.leads[0].subject) if self.leads else "~", "", self.runbook.audience, "")
        return words[column].casefold()

    def fields(self) -> Fields:
        found = " ".join(plain((*each.subject, " ", *each.summary)) for each in self.leads)
        return {"text": f"{self.runbook.title} {self.runbook.name} {self.runbook.audience} {found}"}


class StepRow(msgspec.Struct, frozen=True):
    """One step of a walk. Number 0 is what stands before the first."""

    number: int
    step: Step
    standing: Standing
    result: Checked | None
    offers: str = ""
    """The title of its action."""
    when: str = ""
    """It was ticked."""
    over: bool = False
    """The walk has ended."""
    settled: bool = False
    """It was done, and an action after it too: what is seen now says nothing of it any more."""

    def cells(self) -> tuple[Cell, ...]:
        if not self.number:
            return Cell((Part(f"{signs.sign('info')} "), Part(self.step.title))), Cell(), Cell()
        return (
            Cell((self._sign(), Part(f" {self.number} {self.step.title}"))),
            Cell(phrase_parts(self.seen(), "muted" if self.standing.done else "")),
            cell(self.offers, "accent"),
        )

    def _sign(self) -> Part:
        """Done, waited for, or not known."""
        unsure = self.result is not None and self.result.met is None
        name, style = _SEEN[True if self.standing.done else None if unsure else False]
        return Part(signs.sign(name), style)

    def seen(self) -> Phrase:
        """What the console sees; of a step that it does not look for, who ticked it."""
        if self.standing.by == "action":
            return (f"Done, and proved {self.when}",)
        if self.settled and self.standing.found:
            return self.standing.found
        if self.result is not None:
            return self.result.found
        if self.standing.done:
            return (f"Ticked by hand {self.when}",)
        if self.over:
            return ("Not done.",)
        return (f"a offers: {self.offers}",) if self.offers else ("t ticks it.",)

    def sort_key(self, column: int) -> SortKey:
        return self.number

    def fields(self) -> Fields:
        return {"text": self.step.title}


def progress(walk: Walk) -> str:
    """How far it has come."""
    return f"{walk.done} of {len(walk.standings)}{' ended' if walk.ended is not None else ''}"
