"""What can be folded in a log."""

from hypothesis import given
from hypothesis import strategies as st

from console.fleet.log_groups import Groups
from console.fleet.log_lines import LogGroup

LOG = b"""\
2025-07-04T14:32:09.5031758Z ##[group]Operating System
2025-07-04T14:32:09.5031758Z Ubuntu
2025-07-04T14:32:09.5031758Z ##[endgroup]
plain, with ##[group] in its middle
##[group]Run make
make
##[group]Never closed
  more
"""
FOUND = (LogGroup(0, 3), LogGroup(4, 6), LogGroup(6, 8))


@given(st.lists(st.integers(0, len(LOG)), max_size=6).map(sorted))
def test_groups_are_found_wherever_the_chunks_end(cuts: list[int]) -> None:
    groups = Groups()
    for start, end in zip([0, *cuts], [*cuts, len(LOG)], strict=True):
        groups.feed(LOG[start:end])
    assert groups.found(8) == FOUND


def test_an_end_without_a_beginning_is_nothing() -> None:
    groups = Groups()
    groups.feed(b"##[endgroup]\n" * 3)
    assert groups.found(3) == ()


def test_a_line_without_end_costs_no_memory() -> None:
    groups = Groups()
    for _ in range(100):
        groups.feed(b"x" * 100_000)
    assert len(groups._rest) < 1_000
    groups.feed(b"\n##[group]after\n")
    assert groups.found(2) == (LogGroup(1, 2),)
