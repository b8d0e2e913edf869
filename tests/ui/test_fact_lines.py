"""Lines of a word and what it says."""

import pytest

from console.ui.columns import Part
from console.ui.widgets.fact_lines import FactLine, wrapped


@pytest.mark.parametrize("width", range(23, 40))
def test_no_line_ends_between_a_number_and_its_unit(width: int) -> None:
    said = (Part("It waits for 14 min, "), Part("acme/web", "foreign"), Part(" for 3 h 05, 90 % of 4 812 within 2 d."))
    lines = wrapped([FactLine((Part("seen"),), said)], width)
    assert " ".join(str(line).strip() for line in lines) == f"seen  {''.join(part.text for part in said)}"
    for line in lines:
        assert str(line).split()[-1] not in {"14", "3", "h", "90", "4", "2"}
    assert [line.plain[span.start : span.end] for line in lines for span in line.spans] == ["acme/web"]


def test_a_long_word_takes_no_more_than_half_the_line_and_goes_on_under_itself() -> None:
    lines = (
        FactLine((Part("+ "), Part("it is online")), (Part("status online"),)),
        FactLine(
            (Part("+ "), Part("both have waited longer than GitHub may need")), (Part("grace 90 s; idle 14 min"),)
        ),
    )
    assert [line.plain.rstrip() for line in wrapped(lines, 60)] == [
        "+ it is online                status online",
        "+ both have waited longer     grace 90 s; idle 14 min",
        "  than GitHub may need",
    ]
    assert [line.plain.rstrip() for line in wrapped(lines, 30)] == [
        "+ it is online",
        "  status online",
        "+ both have waited longer than",
        "GitHub may need",
        "  grace 90 s; idle 14 min",
    ]
