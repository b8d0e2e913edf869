"""What was done, as lines of a word and what it says: who, from where, what exactly, and how each part ended."""

from collections.abc import Iterable, Iterator
from datetime import date

from console.fleet.history import DeedPart, Entry, Operator, Result
from console.ui import signs
from console.ui.columns import Part
from console.ui.deed_row import moment_text, outcome_part, state_part
from console.ui.panes.facts import fact
from console.ui.widgets.fact_lines import FactLine

_STANDS = {
    "unfinished": "The console that did it went away before the end. What became of the last part is not known.",
    "under-way": "It is being done now.",
    "elsewhere": "It has no end. Its console is on another machine: whether it is still at work cannot be told here.",
}


def deed_lines(entry: Entry, today: date) -> list[FactLine]:
    """All that was kept of it."""
    deed, end = entry.deed, entry.end
    words = end.words if end is not None else _STANDS[entry.state]
    return [
        fact("action", Part(deed.title, "strong"), Part(f"  {deed.action}", "muted")),
        fact("outcome", state_part(entry.state), Part(f"  {words}" if words else "")),
        fact("when", *_times(entry, today)),
        fact("who", *_who(deed.operator)),
        fact("target", Part(deed.target.name, "foreign"), Part(f"  {deed.target.kind} {deed.target.id} in ", "muted"),
             Part(deed.target.place, "foreign")),
        *_where(entry),
        fact("before", Part(deed.before, "foreign")),
        *([fact("after", Part(end.after, "foreign"))] if end is not None else []),
        fact("console", Part(deed.console), Part(f"  process {deed.process.pid} on ", "muted"),
             Part(deed.process.machine, "foreign"), Part("  context ", "muted"), Part(deed.context)),
        *_outcomes(entry, today),
        *_texts(deed.parts),
    ]  # fmt: skip


def _times(entry: Entry, today: date) -> list[Part]:
    begun = entry.deed.at
    parts = [Part(moment_text(begun, today))]
    if entry.ended_at is not None:
        parts += [Part(" to ", "muted"), Part(moment_text(entry.ended_at, today))]
        if entry.ended_at >= begun:  # the clock may have been set meanwhile
            parts.append(Part(f"  {signs.age(entry.ended_at - begun)}", "muted"))
    return parts


def _who(operator: Operator) -> list[Part]:
    parts = [Part(operator.login, "foreign")]
    parts += (
        [Part(" from ", "muted"), Part(operator.address, "foreign")] if operator.address else [Part(" here", "muted")]
    )
    if operator.github:
        parts += [Part("  at GitHub ", "muted"), Part(operator.github, "foreign")]
    return parts


def _where(entry: Entry) -> Iterator[FactLine]:
    """Of what is done at GitHub alone there is no host."""
    deed = entry.deed
    if deed.host:
        machine = [Part("  machine ", "muted"), Part(deed.machine, "foreign")] if deed.machine else []
        yield fact("host", Part(deed.host, "foreign"), *machine)
    named = (("unit", deed.unit), ("directory", deed.directory), ("runner id", str(deed.agent_id or "")))
    yield from (fact(word, Part(said, "foreign")) for word, said in named if said)


def _outcomes(entry: Entry, today: date) -> Iterator[FactLine]:
    """How each part ended, in few lines: what was sent may be long."""
    for number, (part, result) in enumerate(zip(entry.deed.parts, entry.results, strict=True), 1):
        yield fact(f"{number} {part.kind}", *_outcome(result, today))


def _outcome(result: Result | None, today: date) -> Iterator[Part]:
    if result is None:
        yield Part("its end is not known, or it was not begun", "muted")
        return
    yield from (outcome_part(result.outcome), Part(f"  {moment_text(result.at, today)}", "muted"))
    if result.words:
        yield Part(f"  {result.words}", "foreign")


def _texts(parts: Iterable[DeedPart]) -> Iterator[FactLine]:
    """Exactly what was sent."""
    for number, part in enumerate(parts, 1):
        yield FactLine((), ())
        yield FactLine((), (Part(f"{number} {part.kind}", "strong"), Part(", word for word", "muted")))
        yield from (FactLine((), (Part(f"  {line}", "foreign"),)) for line in part.text.split("\n"))
