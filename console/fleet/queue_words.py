"""What is said of a set of labels and how long its jobs wait, in sentences."""

from console.fleet.models import Age, Phrase
from console.fleet.queue_levels import ENOUGH_BEFORE, ENOUGH_NOW, HOURS_BEFORE, MORE, Line
from console.fleet.queue_waits import Level
from console.fleet.words import sentence, several

WELL_ABOVE: Phrase = (
    f"Slow is said of a p90 that is at least twice the usual one and {MORE.seconds // 60} min longer, from "
    f"{ENOUGH_NOW} jobs on, and from {ENOUGH_BEFORE} within {HOURS_BEFORE:.0f} h before.",
)
COUNTED: Phrase = (
    "A job counts when it begins, from its creation on; one that was run again, or held back first, does not.",
)


def last_hour(line: Line) -> Phrase:
    """Of the jobs that have begun."""
    if line.hour is None:
        return ("In the last hour no job of them has begun.",)
    return sentence(f"In the last hour {_began(line.hour)}: ", _levels(line.hour), ".")


def day_before(line: Line) -> Phrase:
    """What is usual, and on what that rests."""
    looked = f"{line.usual_hours:.0f} h" if line.usual_hours >= 1 else "less than an hour"
    span = f"In the 24 h before, of which somebody looked {looked}, "
    if line.usual is None:
        return (f"{span}no job of them has begun: what is usual is not known.",)
    return sentence(f"{span}{_began(line.usual)}: ", _levels(line.usual), ".")


def waiting_now(line: Line) -> Phrase:
    """Of those that nobody has begun."""
    if line.longest is None:
        return ("None of them waits now.",)
    waits = several(len(line.waiting), "of them waits", "of them wait")
    return sentence(f"Now {waits}, longest ", Age(line.longest), ".")


def _began(level: Level) -> str:
    return several(level.jobs, "job began", "jobs began")


def _levels(level: Level) -> Phrase:
    return ("half within ", Age(level.p50), ", 90 % within ", Age(level.p90), ", 99 % within ", Age(level.p99))
