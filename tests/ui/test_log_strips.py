"""A line of a log as it is drawn."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.console import Console
from rich.style import Style

from console.fleet.log_lines import Colour, LogLine, LogMark
from console.ui import signs
from console.ui.widgets.log_strips import Drawn, stamp_width, strips


@pytest.mark.parametrize("shift", [0, 40])
@pytest.mark.parametrize(("wrap", "rows"), [(False, 1), (True, 1), (True, 5), (True, 500)])
def test_of_a_cut_line_everything_behind_what_is_seen_is_counted(shift: int, wrap: bool, rows: int) -> None:
    line = LogLine(0, "x" * 8_192, cut=31_808)
    drawn = Drawn(80, times="none", wrap=wrap, shift=0 if wrap else shift, most_rows=rows)
    shown = "".join(strip.text for strip in strips(line, drawn, lambda name: Style(), Console()))
    left = 0 if wrap else shift
    [hidden] = [int(words.replace(" ", "").replace("\u202f", "")) for words in shown.split("+")[1:]]
    assert left + shown.count("x") + hidden == 40_000


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_an_error_is_told_from_a_warning_in_the_gutter(encoding: str) -> None:
    signs.choose(encoding)
    try:
        shown = [
            strip.text
            for severity in ("error", "warning", "info")
            for strip in strips(
                LogLine(0, "text"), Drawn(20, times="none", mark=LogMark(0, severity, "a.b", "")), _plain, Console()
            )
        ]
    finally:
        signs.choose("utf-8")
    assert len({text[:2] for text in shown}) == 3
    assert {text[2:] for text in shown} == {" text".ljust(18)}


def _plain(_name: str) -> Style:
    return Style()


NOW = datetime(2026, 11, 21, 20, 40).astimezone()
JOURNAL = (
    (NOW - timedelta(days=3, hours=16), "Started actions.runner.acme.prod-linux-03.service"),
    (NOW - timedelta(hours=21), "Current runner version: '2.336.0'"),
    (NOW - timedelta(minutes=1), "Running job: sign artifacts"),
)


def drawn_lines(**drawn: Any) -> list[str]:
    how = Drawn(80, now=NOW, **drawn)
    lines = (LogLine(number, text, stamp=at.isoformat(), at=at) for number, (at, text) in enumerate(JOURNAL))
    return [strips(line, how, _plain, Console())[0].text.rstrip() for line in lines]


def test_of_a_log_that_spans_days_each_line_of_another_day_says_which() -> None:
    assert drawn_lines(days=True) == [
        "   18 Nov 04:40:00 Started actions.runner.acme.prod-linux-03.service",
        "   20 Nov 23:40:00 Current runner version: '2.336.0'",
        "          20:39:00 Running job: sign artifacts",
    ]


def test_a_time_that_the_listener_prints_is_not_drawn_beside_the_same_of_its_journal() -> None:
    at = datetime(2026, 11, 21, 20, 38, 15, 900_000, tzinfo=UTC)

    def shown(text: str, **drawn: Any) -> str:
        line = LogLine(0, text, stamp="2026-11-21T20:38:15.9Z", at=at, colours=(Colour(22, 33, foreground="red"),))
        [strip] = strips(line, Drawn(120, now=at, **drawn), lambda name: Style(), Console(color_system="truecolor"))
        red = "".join(part.text for part in strip if part.style and part.style.color)
        assert red == "Running job"
        return strip.text.rstrip().split("  ")[-1]

    own = "2026-11-21 20:38:15Z: Running job: sign"
    assert shown(own).endswith(" Running job: sign")
    assert own not in shown(own)
    assert own in shown(own, times="ago"), "there it is the only clock"
    assert own in shown(own, times="none")
    late = "2026-11-21 20:31:15Z: Running job: sign"
    assert late in shown(late), "another time is another fact"


def test_a_log_of_days_has_room_for_them_once_such_a_line_was_read() -> None:
    assert stamp_width("clock") == 9
    assert stamp_width("clock", days=True) == 16
    assert stamp_width("ago", days=True) == stamp_width("ago")
