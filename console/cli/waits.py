"""`waits`: how long jobs wait for a runner, by what they ask for; the last hour beside what is usual."""

import sys
from collections.abc import Iterator
from typing import Any

import click

from console.cli.facts import CODES, Answer, as_json_option, report
from console.cli.json_values import as_seconds
from console.cli.output import width_of
from console.cli.parts import Called
from console.cli.table import Column, table
from console.cli.verdict import exit_code
from console.fleet.ages import age
from console.fleet.labels import telling_first
from console.fleet.models import plain
from console.fleet.queue_levels import Line, lines
from console.fleet.queue_waits import Level
from console.fleet.queue_words import COUNTED, WELL_ABOVE, day_before
from console.fleet.words import count
from console.operations.look import Look

COLUMNS = (
    Column("LABELS", 16),
    Column("JOBS"),
    Column("P50"),
    Column("P90"),
    Column("USUAL P90"),
    Column("P99", 0, 3),
    Column("QUEUED", 0, 2),
    Column("LONGEST", 0, 1),
    Column("OWNER", 8, 4),
)
NONE = "-"


@click.command(epilog=CODES)
@as_json_option
@click.pass_obj
def waits(called: Called, as_json: bool) -> int:
    """How long jobs wait for a runner, by the labels they ask for: the last hour, and what is usual.

    What is usual is known as far as this command or the console has looked within the day before.
    """

    def answer(look: Look) -> Answer:
        known = lines(look.past.waits, look.snapshot.jobs.values(), look.snapshot.taken_at)
        return Answer(exit_code(look), {"waits": [as_dict(line) for line in known]}, text(known, width_of(sys.stdout)))

    return report(called, answer, as_json=as_json)


def as_dict(line: Line) -> dict[str, Any]:
    """Null where no job has begun; an hour of which nothing is known and nobody looked is told from one without."""
    return {
        "labels": list(line.labels),
        "owner": line.owner,
        "slow": line.slow,
        "last_hour": _level(line.hour),
        "usual": _level(line.usual),
        "usual_looked_hours": line.usual_hours,
        "queued": len(line.waiting),
        "longest_wait_seconds": as_seconds(line.longest),
        "hours": [{"p90_seconds": as_seconds(hour.p90), "looked": hour.looked} for hour in line.course],
    }


def _level(level: Level | None) -> dict[str, Any] | None:
    if level is None:
        return None
    return {
        "jobs": level.jobs,
        "p50_seconds": as_seconds(level.p50),
        "p90_seconds": as_seconds(level.p90),
        "p99_seconds": as_seconds(level.p99),
    }


def text(known: tuple[Line, ...], width: int | None) -> Iterator[str]:
    """A table, and what its words mean."""
    yield ""
    if not known:
        yield "No job has begun since anybody looks, and none waits."
        return
    yield from table(COLUMNS, [_row(line) for line in known], width)
    yield ""
    for line in known:
        if line.slow:
            yield f"!! {' '.join(telling_first(line.labels))}: slow. {plain(day_before(line))}"
    yield plain(WELL_ABOVE)
    yield plain(COUNTED)


def _row(line: Line) -> tuple[str, ...]:
    hour, usual = line.hour, line.usual
    return (
        ("! " if line.slow else "") + (" ".join(telling_first(line.labels)) or "no labels"),
        count(hour.jobs if hour else 0),
        age(hour.p50) if hour else NONE,
        age(hour.p90) if hour else NONE,
        age(usual.p90) if usual else NONE,
        age(hour.p99) if hour else NONE,
        count(len(line.waiting)),
        age(line.longest) if line.longest is not None else NONE,
        line.owner,
    )
