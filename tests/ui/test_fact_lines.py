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
