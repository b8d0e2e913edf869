"""What was done, as one line of a table."""

from collections.abc import Callable
from datetime import date, datetime

import msgspec

from console.fleet.history import STATE_WORDS, STATES, Entry, PartOutcome, State
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Cell, Column, Fields, Part, SortKey, cell
from console.ui.runner_row import known
from console.ui.signs import Sign

DEED_COLUMNS = (
    Column("When", 12, 12, 0, cut="never"),
    Column("Outcome", 12, 12, 0, cut="never"),
    Column("Action", 18, 14, 0, grow=1),
    Column("Target", 22, 14, 0, cut="middle", grow=3),
    Column("Who", 12, 8, 1, cut="middle", grow=1),
    Column("Host", 22, 14, 2, cut="middle", grow=2),
    Column("From", 15, 10, 3),
    Column("Context", 14, 8, 4, cut="middle", grow=1),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STATES: dict[State, tuple[Sign, str]] = {
    "unfinished": ("watch", "error"),
    "under-way": ("running", "accent"),
    "elsewhere": ("unknown", "warning"),
    "unknown": ("unknown", "warning"),
    "not-proved": ("unproved", "warning"),
    "failed": ("failed", "error"),
    "stopped": ("waiting", ""),
    "refused": ("offline", "muted"),
    "proved": ("proved", "success"),
}
_PARTS: dict[PartOutcome, tuple[Sign, str]] = {
    "done": ("proved", ""),
    "refused": ("offline", ""),
    "failed": ("failed", "error"),
    "unknown": ("unknown", "warning"),
    "not-sent": ("offline", "muted"),
}


def state_part(state: State) -> Part:
    """Sign and word."""
    name, style = _STATES[state]
    return Part(f"{signs.sign(name)} {STATE_WORDS[state]}", style)


def outcome_part(outcome: PartOutcome) -> Part:
    """Sign and word of one part."""
    name, style = _PARTS[outcome]
    return Part(f"{signs.sign(name)} {outcome.replace('-', ' ')}", style)


def moment_text(moment: datetime, today: date) -> str:
    """`10:38:05` of today, `20 Nov 10:38` of this year, `2025-11-20` before: in the operator's zone, `Z` for UTC."""
    here = moment.astimezone()
    utc = "" if here.utcoffset() else "Z"
    if here.date() == today:
        return f"{here:%H:%M:%S}{utc}"
    if here.year == today.year:
        return f"{here.day:2} {_MONTHS[here.month - 1]} {here:%H:%M}"
    return f"{here:%Y-%m-%d}"


def action_name(action: str) -> str:
    """What the action with this id is called; an id that there is no more stands for itself."""
    from console.fleet.guided_actions import GUIDED_ACTIONS  # the first paint does not wait for it

    return GUIDED_ACTIONS[action].title if action in GUIDED_ACTIONS else action


def today(now: datetime) -> date:
    """In the operator's zone."""
    return now.astimezone().date()


def target_of(entry: Entry, look: Look | None) -> RunnerKey | JobKey | RunKey | None:
    """What it was done to, as the screen knows it; None where that belongs to another context."""
    if look is None or look.snapshot.context != entry.deed.context:
        return None
    target = entry.deed.target
    if target.kind == "runner":
        return RunnerKey(target.place, target.id)
    return JobKey(target.place, target.id) if target.kind == "job" else RunKey(target.place, target.id)


class DeedRow(msgspec.Struct, frozen=True):
    """One deed."""

    entry: Entry
    today: date

    def cells(self) -> tuple[Cell, ...]:
        deed = self.entry.deed
        return (
            cell(moment_text(deed.at, self.today), "muted"),
            Cell((state_part(self.entry.state),)),
            cell(action_name(deed.action)),
            cell(self._target(), "foreign"),
            known(deed.operator.login or None),
            cell(deed.host, "foreign") if deed.host else cell("GitHub", "muted"),
            cell(deed.operator.address, "muted"),
            cell(deed.context, "muted"),
        )

    def _target(self) -> str:
        """A runner's name says enough."""
        target = self.entry.deed.target
        return target.name if target.kind == "runner" else f"{target.place} {target.name}"

    def sort_key(self, column: int) -> SortKey:
        return _SORT_KEYS[column](self.entry)

    def fields(self) -> Fields:
        deed, state = self.entry.deed, self.entry.state
        who = (deed.operator.login, deed.operator.address, deed.operator.github)
        place = deed.target.place
        words = (
            deed.title,
            deed.action,
            action_name(deed.action),
            deed.target.name,
            place,
            *who,
            deed.host,
            deed.context,
            STATE_WORDS[state],
        )
        return {
            "text": " ".join(words),
            "status": (state, STATE_WORDS[state]),
            "repo": place.removeprefix("repo:") if "/" in place else "",
            "host": deed.host,
        }


_SORT_KEYS: tuple[Callable[[Entry], SortKey], ...] = (
    lambda entry: -entry.deed.at.timestamp(),
    lambda entry: (STATES.index(entry.state), -entry.deed.at.timestamp()),
    lambda entry: action_name(entry.deed.action),
    lambda entry: entry.deed.target.name.casefold(),
    lambda entry: entry.deed.operator.login.casefold(),
    lambda entry: entry.deed.host.casefold(),
    lambda entry: entry.deed.operator.address,
    lambda entry: entry.deed.context.casefold(),
)
"""One for each column."""
