"""Rows and lines of a log of which stretches are hidden."""

from hypothesis import given
from hypothesis import strategies as st

from console.ui.widgets.log_rows import LogRows, all_but

STRETCHES = st.lists(st.tuples(st.integers(-3, 40), st.integers(-3, 40)), max_size=6)


@given(st.integers(0, 30), STRETCHES)
def test_rows_are_the_lines_that_are_not_hidden(lines: int, hidden: list[tuple[int, int]]) -> None:
    rows = LogRows(lines, hidden)
    shown = [line for line in range(lines) if not any(start <= line < end for start, end in hidden)]
    assert rows.count == len(shown)
    assert [rows.line(row) for row in range(rows.count)] == shown
    assert [rows.row(line) for line in shown] == list(range(len(shown)))
    assert [line for line in range(lines) if not rows.hides(line)] == shown


@given(st.integers(1, 30), STRETCHES, st.integers(0, 29))
def test_a_hidden_line_leads_to_the_one_shown_before_it(lines: int, hidden: list[tuple[int, int]], line: int) -> None:
    rows = LogRows(lines, hidden)
    before = [shown for shown in range(min(line + 1, lines)) if not rows.hides(shown)]
    if line < lines and before:
        assert rows.line(rows.row(line)) == before[-1]


@given(st.sets(st.integers(0, 29)), st.integers(0, 3))
def test_matches_stay_with_what_is_around_them(matches: set[int], context: int) -> None:
    rows = LogRows(30, all_but(sorted(matches), 30, context))
    near = {line for line in range(30) if any(abs(line - match) <= context for match in matches)}
    alone = {line for line in range(30) if {line - 1, line + 1} <= near | {-1, 30}}
    assert [rows.line(row) for row in range(rows.count)] == sorted(near | alone)


@given(st.integers(1, 30), STRETCHES)
def test_what_is_hidden_before_a_line_is_known(lines: int, hidden: list[tuple[int, int]]) -> None:
    rows = LogRows(lines, hidden)
    for line in [*(rows.line(row) for row in range(rows.count)), lines]:
        start, end = rows.hidden_before(line)
        assert end == line
        assert all(rows.hides(each) for each in range(start, end))
        assert not start or not rows.hides(start - 1)


@given(st.integers(0, 30), STRETCHES, st.integers(0, 30), st.integers(0, 30))
def test_what_is_shown_of_a_part_is_what_is_saved_of_it(
    lines: int, hidden: list[tuple[int, int]], a: int, b: int
) -> None:
    rows = LogRows(lines, hidden)
    first, end = sorted((min(a, lines), min(b, lines)))
    saved = [line for start, stop in rows.runs(first, end) for line in range(start, stop)]
    assert saved == [line for line in range(first, end) if not rows.hides(line)]
