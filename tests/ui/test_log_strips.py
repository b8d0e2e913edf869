"""A line of a log as it is drawn."""

import pytest
from rich.console import Console
from rich.style import Style

from console.fleet.log_lines import LogLine, LogMark
from console.ui import signs
from console.ui.widgets.log_strips import Drawn, strips


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
