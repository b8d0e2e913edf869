"""The header: one line that says which fleet this is, how old what is shown is, and what is left of the API budget.

Every part has its place and its width, so that nothing jumps while ages count; what does not fit is left out from the
least important part on.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.fleet.models import FleetSnapshot, Freshness, SourceKind
from console.operations.connection import ContextFacts
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Part, fit, width_of

_LOW_BUDGET = 0.2
_KINDS: tuple[SourceKind, ...] = ("runners", "jobs", "waiting", "finished", "groups")
_NARROW = 60
"""Below that badges and ages are as short as can be."""
_AGE_WIDTH = 18
_SHORT_AGE_WIDTH = 12
_KIND_AGE_WIDTH = 7
_BUDGET_WIDTH = 17
_SHORT_BUDGET_WIDTH = 10
_GITHUB_WIDTH = 22
_SHORT_GITHUB_WIDTH = 10
_ROOM_FOR_GITHUB = 80
"""Where it is narrower, GitHub's status is left to Now."""
_LEAST_NAME = 8
_AROUND_NAME = 2
"""The spaces on both its sides."""


_GITHUB: dict[str, tuple[str, str]] = {
    "operational": ("GitHub ok", ""),
    "degraded_performance": ("GH trouble", "warning"),
    "partial_outage": ("GH outage", "error"),
    "major_outage": ("GH outage", "error"),
    "under_maintenance": ("GH upkeep", "warning"),
}
"""What its status page says of Actions where there is little room, and its colour."""


class Slot(NamedTuple):
    """A part of the line with a place of its own: as wide as the widest that it will ever say."""

    parts: tuple[Part, ...]
    width: int


def live_sources(snapshot: FleetSnapshot) -> tuple[Freshness, ...]:
    """The sources that are looked at most often; the slow tiers are meant to be older."""
    shortest = min((source.every for source in snapshot.freshness), default=timedelta())
    return tuple(source for source in snapshot.freshness if source.every <= shortest * 2)


def worst_source(snapshot: FleetSnapshot, now: datetime) -> Freshness | None:
    """The source that the header warns of: the oldest of those that are late, else the oldest of the live ones."""
    sources = tuple(source for source in snapshot.freshness if source.late(now)) or live_sources(snapshot)
    return max(sources, key=lambda source: source.age(now) or timedelta.max, default=None)


def remembered_age(snapshot: FleetSnapshot, now: datetime) -> timedelta:
    """How old facts from last time are: as old as the oldest of their sources."""
    ages = [source.age(now) for source in snapshot.freshness]
    return max((age for age in ages if age is not None), default=now - snapshot.taken_at)


def age_parts(look: Look | None, now: datetime, as_of: str = "as of ") -> tuple[Part, ...]:
    """How old what is shown is."""
    if look is not None and look.remembered:
        return (Part(f"{as_of}{signs.age(remembered_age(look.snapshot, now))} ago", "warning"),)
    if look is None or not look.snapshot.freshness:
        return (Part("not seen yet", "muted"),)
    worst = worst_source(look.snapshot, now)
    age = worst.age(now) if worst else None
    if worst is not None and age is not None:
        return (Part(f"{as_of}{signs.age(age)} ago", "warning" if worst.late(now) else ""),)
    if not look.snapshot.whole:
        return (Part("first look", "muted"),)
    read = [known for source in live_sources(look.snapshot) if (known := source.age(now)) is not None]
    # What cannot be read at all is told below; of the rest it is said how old it is, as ever.
    partly = "partly " if as_of else ""
    return (Part(f"{partly}{signs.age(max(read))} ago" if read else "nothing read", "warning"),)


def ever_read(snapshot: FleetSnapshot) -> bool:
    """Something has been read of this fleet, now or last time."""
    return any(source.looked_at is not None for source in snapshot.freshness)


def budget_slot(snapshot: FleetSnapshot, now: datetime, *, short: bool = False) -> Slot:
    """What is left of the API budget, and of how much; or for how long requests are held back."""
    parts = _budget_parts(snapshot, now, short=short)
    return Slot(parts, _SHORT_BUDGET_WIDTH if short else _BUDGET_WIDTH)


def _budget_parts(snapshot: FleetSnapshot, now: datetime, *, short: bool) -> tuple[Part, ...]:
    budget = snapshot.budget
    if budget.held_until is not None and budget.held_until > now:
        return (Part(f"{'' if short else 'API '}held {signs.age(budget.held_until - now)}", "warning"),)
    if budget.limit is None or budget.remaining is None:
        without = budget.remaining is None and ever_read(snapshot)
        return (Part("API ", "muted"), Part("no limit" if without else signs.sign("unknown"), "muted"))
    low = budget.remaining < budget.limit * _LOW_BUDGET
    left = signs.count(budget.remaining)
    return (
        Part("API ", "muted"),
        Part(left if short else f"{left}/{signs.count(budget.limit)}", "warning" if low else ""),
    )


def github_slot(snapshot: FleetSnapshot, now: datetime, *, short: bool) -> Slot:
    """What GitHub's own status page says of Actions; what it does not say, or said too long ago, is not known."""
    says = snapshot.github_says(now)
    word = says.words if says is not None else ""
    brief, style = _GITHUB.get(says.actions if says is not None else "", ("", "foreign" if word else "muted"))
    if short:
        parts = (Part(brief, style),) if brief else (Part("GitHub ", "muted"), Part(signs.sign("unknown"), "muted"))
        return Slot(parts, _SHORT_GITHUB_WIDTH)
    return Slot((Part("GitHub: ", "muted"), Part(word or signs.sign("unknown"), style)), _GITHUB_WIDTH)


def kind_slots(snapshot: FleetSnapshot, now: datetime) -> list[Slot]:
    """When each kind of source was read, the oldest of its kind."""
    slots = [Slot((Part("read:", "muted"),), len("read:"))]
    for kind in _KINDS:
        word = cells.kind_word(kind)
        sources = [source for source in snapshot.freshness if source.kind == kind]
        if not sources:
            continue
        ages = [source.age(now) for source in sources]
        known = [age for age in ages if age is not None]
        text = signs.age(max(known)) if len(known) == len(ages) else signs.sign("unknown")
        late = any(source.late(now) for source in sources)
        parts = (Part(f"{word} ", "muted"), Part(text, "warning" if late else "muted"))
        slots.append(Slot(parts, len(word) + 1 + _KIND_AGE_WIDTH))
    return slots


class HeaderLine(Widget):
    """Context, badges, age of the worst source, ages of each kind where there is room, API budget, GitHub."""

    look: reactive[Look | None] = reactive(None)
    now: reactive[datetime | None] = reactive(None)
    facts: reactive[ContextFacts | None] = reactive(None)

    def watch_facts(self, facts: ContextFacts | None) -> None:
        """A demo has a band of its own; production's comes with its theme."""
        self.set_class(bool(facts and facts.demo), "demo")

    def render(self) -> Content:
        """The whole line."""
        width = self.size.width
        if self.facts is None:
            return cells.content([Part(" no context", "muted")])
        badges = self._badges(self.facts, narrow=width < _NARROW)
        room = width - width_of(badges)
        right = self._right(room - width_of((Part(self.facts.name),)) - _AROUND_NAME)
        left = [*self._named(self.facts, room - width_of(right)), *badges]
        gap = Part(" " * max(width - width_of(left) - width_of(right), 0))
        parts, _ = fit([*left, gap, *right], width, "end", signs.sign("cut"))
        return cells.content(parts)

    def _named(self, facts: ContextFacts, room: int) -> list[Part]:
        least = max(room - _AROUND_NAME, _LEAST_NAME)
        shown, _ = fit([Part(facts.name, "strong")], least, "middle", signs.sign("cut"))
        return [Part(" "), *shown, Part(" ")]

    def _badges(self, facts: ContextFacts, *, narrow: bool) -> list[Part]:
        parts = [Part(" DEMO ", "badge"), Part(" ")] if facts.demo else []
        left, right = signs.sign("badge left"), signs.sign("badge right")
        locked = Part(f"{left}{'RO' if narrow else 'READ-ONLY'}{right}")
        parts += [locked if facts.read_only else Part(" WRITE ", "badge-write"), Part(" ")]
        if self.look is not None and self.look.paused:
            parts += [Part(" PAUSED ", "badge-write"), Part(" ")]
        return parts

    def _right(self, room: int) -> list[Part]:
        """The most that leaves the context its whole name, else the least."""
        if self.now is None:
            return []
        if self.size.width < _NARROW:
            return [Part(" "), *age_parts(self.look, self.now, "")]
        layouts = list(_layouts(self.look, self.now, self.size.width))
        slots = next((slots for slots in layouts if _room_for(slots) <= room), layouts[-1])
        return [part for slot in slots for part in _placed(slot)]


def _layouts(look: Look | None, now: datetime, width: int) -> Iterator[list[Slot]]:
    """What may stand on the right, the most first."""
    age = Slot(age_parts(look, now), _AGE_WIDTH)
    if look is None or look.remembered:
        yield [age]
        return
    snapshot, brief = look.snapshot, Slot(age_parts(look, now, ""), _SHORT_AGE_WIDTH)
    budget, short = budget_slot(snapshot, now), budget_slot(snapshot, now, short=True)
    kinds = kind_slots(snapshot, now)
    if snapshot.status_page is not None and width >= _ROOM_FOR_GITHUB:
        github, word = github_slot(snapshot, now, short=False), github_slot(snapshot, now, short=True)
        yield from ([age, *kinds, budget, github], [age, budget, github], [brief, budget, word], [brief, short, word])
        return
    yield from ([age, *kinds, budget], [age, budget], [brief, short])


def _room_for(slots: list[Slot]) -> int:
    return sum(slot.width + 2 for slot in slots)


def _placed(slot: Slot) -> list[Part]:
    parts, used = fit(slot.parts, slot.width, "end", signs.sign("cut"))
    return [Part("  "), *parts, Part(" " * (slot.width - used))]
