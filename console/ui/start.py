"""What the screen shows of a context before it is open: what is remembered from last time, or that nothing is."""

from datetime import datetime

from console.fleet.models import FleetSnapshot
from console.operations.connection import ContextFacts, FirstPaint
from console.operations.interfaces import Clock
from console.operations.look import Look


def remembered_facts(first: FirstPaint) -> ContextFacts | None:
    """What the header says before the settings are read."""
    if not first.context:
        return None
    return ContextFacts(first.context, "", first.theme, first.read_only, demo=first.demo)


def remembered_look(snapshot: FleetSnapshot, clock: Clock) -> Look:
    """What was last known, as old as it is by now."""
    old = (clock.wall() - snapshot.taken_at).total_seconds()
    return Look(snapshot, at=clock.elapsed() - max(old, 0), remembered=True)


def unopened_facts(name: str, theme: str) -> ContextFacts:
    """A context that is about to be opened: nothing may be changed before its settings are read."""
    return ContextFacts(name, "", theme, read_only=True)


def nothing_yet(context: str, clock: Clock) -> Look:
    """Nothing has been seen of a context."""
    now: datetime = clock.wall()
    return Look(FleetSnapshot(now, context), at=clock.elapsed())
