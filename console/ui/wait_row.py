"""How long the jobs of one set of labels wait, as one line of a table and as a picture of its day."""

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from console.fleet.labels import telling_first
from console.fleet.queue_levels import Hour, Line
from console.fleet.queue_waits import Level
from console.fleet.queue_words import day_before, last_hour, waiting_now
from console.fleet.words import named
from console.ui import signs
from console.ui.cells import phrase_parts
from console.ui.columns import Cell, Column, Fields, Part, SortKey, cell
from console.ui.widgets.fact_lines import FactLine

WAIT_COLUMNS = (
    Column("Labels", 18, 14, 0, grow=3),
    Column("Jobs", 5, 5, 0, align="right", cut="never"),
    Column("p50", 7, 7, 0, align="right", cut="never"),
    Column("p90", 7, 7, 0, align="right", cut="never"),
    Column("Usual", 7, 7, 0, align="right", cut="never"),
    Column("Hour by hour", 24, 24, 2, cut="never"),
    Column("p99", 7, 7, 3, align="right", cut="never"),
    Column("Queued", 6, 6, 1, align="right", cut="never"),
    Column("Longest", 7, 7, 1, align="right", cut="never"),
    Column("Owner", 14, 8, 4, cut="middle", grow=1),
)
STATES = ("slow", "usual", "unknown")
"""What `status:` may ask for; unknown where too little is known to call it either."""
_GAP, _NONE = " ", {False: "·", True: "."}


class WaitRow(msgspec.Struct, frozen=True):
    """One set of labels."""

    line: Line

    def cells(self) -> tuple[Cell, ...]:
        line = self.line
        hour, usual = line.hour, line.usual
        sign = Part(f"{signs.sign('watch')} ", "warning") if line.slow else Part("  ")
        return (
            Cell((sign, *_labels(line))),
            cell(signs.count(hour.jobs if hour else 0)),
            cell(_level(hour, lambda level: level.p50)),
            cell(_level(hour, lambda level: level.p90), "warning" if line.slow else ""),
            cell(_level(usual, lambda level: level.p90), "muted"),
            Cell((Part(course_bars(line.course), "accent"),)),
            cell(_level(hour, lambda level: level.p99)),
            cell(signs.count(len(line.waiting))),
            cell(signs.age(line.longest) if line.longest is not None else _none()),
            cell(line.owner, "foreign"),
        )

    def sort_key(self, column: int) -> SortKey:
        return _SORT_KEYS[column](self.line)

    def fields(self) -> Fields:
        line = self.line
        return {
            "text": f"{' '.join(line.labels)} {line.owner}",
            "label": line.labels,
            "status": "slow" if line.slow else "usual" if line.usual is not None else "unknown",
        }


def _labels(line: Line) -> tuple[Part, ...]:
    if not line.labels:
        return (Part("no labels", "muted"),)
    # Here each line is another set: what nearly all have is the first to be cut.
    labels = sorted(telling_first(line.labels), key=lambda label: label.casefold() == "self-hosted")
    return phrase_parts(named(labels, " ", most=12))


def _none() -> str:
    """No job, so there is nothing to measure."""
    return _NONE[signs.ascii_only()]


def _level(level: Level | None, which: Callable[[Level], timedelta]) -> str:
    return _none() if level is None else signs.age(which(level))


def _seconds(level: Level | None, which: Callable[[Level], timedelta]) -> float:
    return -which(level).total_seconds() if level is not None else 1.0


_SORT_KEYS: tuple[Callable[[Line], SortKey], ...] = (
    lambda line: " ".join(telling_first(line.labels)).casefold(),
    lambda line: -line.hour.jobs if line.hour else 0,
    lambda line: _seconds(line.hour, lambda level: level.p50),
    lambda line: _seconds(line.hour, lambda level: level.p90),
    lambda line: _seconds(line.usual, lambda level: level.p90),
    lambda line: -line.peak[1].total_seconds() if line.peak else 1.0,
    lambda line: _seconds(line.hour, lambda level: level.p99),
    lambda line: -len(line.waiting),
    lambda line: -line.longest.total_seconds() if line.longest is not None else 1.0,
    lambda line: line.owner,
)


def course_bars(course: tuple[Hour, ...]) -> str:
    """A bar for each hour, against the worst of them; a dot where no job began, nothing where nobody looked."""
    top = max((hour.p90.total_seconds() for hour in course if hour.p90 is not None), default=0.0)
    return "".join(_bar(hour, top) for hour in course)


def _bar(hour: Hour, top: float) -> str:
    if hour.p90 is None:
        return _none() if hour.looked else _GAP
    return signs.sparkline((hour.p90.total_seconds(),), 1, top)


def wait_lines(line: Line, now: datetime) -> list[FactLine]:
    """All that is known of one set of labels."""
    lines = [
        FactLine((Part("labels", "strong"),), (*_labels(line), Part(f"  of {line.owner}", "muted"))),
        FactLine((Part("hour", "muted"),), phrase_parts(last_hour(line))),
        FactLine((Part("usual", "muted"),), phrase_parts(day_before(line))),
        FactLine((Part("queued", "muted"),), phrase_parts(waiting_now(line))),
    ]
    if line.peak is not None:
        ago, worst = line.peak
        when = "in the last hour" if ago == 0 else f"around {(now - timedelta(hours=ago)).astimezone():%H:%M}"
        bars = (Part(course_bars(line.course), "accent"), Part(f"  the highest bar is {signs.age(worst)}, {when}"))
        lines.append(FactLine((Part("course", "muted"),), bars))
    gaps = sum(not hour.looked for hour in line.course)
    if gaps:
        words = (
            f"In {gaps} of these 24 hours nobody looked, or not all the time: there a bar may be too short or missing."
        )
        lines.append(FactLine((Part("gaps", "muted"),), (Part(words),)))
    return lines
