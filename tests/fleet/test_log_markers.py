"""What GitHub's markers say of a log."""

from hypothesis import given
from hypothesis import strategies as st

from console.fleet.log_lines import LogGroup
from console.fleet.log_markers import MOST_GROUPS, Markers

LOG = b"""\
2025-07-04T14:32:09.5031758Z ##[group]Operating System
2025-07-04T14:32:09.5031758Z Ubuntu
2025-07-04T14:32:09.5031758Z ##[endgroup]
plain, with ##[group] in its middle
##[group]Run make
make
##[group]Never closed
2025-07-04T14:32:10.5031758Z ##[error]Process completed with exit code 2.
"""
FOUND = (LogGroup(0, 3), LogGroup(4, 6), LogGroup(6, 8))


@given(st.lists(st.integers(0, len(LOG)), max_size=6).map(sorted))
def test_groups_are_found_wherever_the_chunks_end(cuts: list[int]) -> None:
    markers = Markers()
    for start, end in zip([0, *cuts], [*cuts, len(LOG)], strict=True):
        markers.feed(LOG[start:end])
    assert markers.groups(8) == FOUND
    assert markers.errors == [7]


def test_an_end_without_a_beginning_is_nothing() -> None:
    markers = Markers()
    markers.feed(b"##[endgroup]\n" * 3)
    assert markers.groups(3) == ()


def test_a_line_without_end_costs_no_memory() -> None:
    markers = Markers()
    for _ in range(100):
        markers.feed(b"x" * 100_000)
    assert len(markers._rest) < 1_000
    markers.feed(b"\n##[group]after\n")
    assert markers.groups(2) == (LogGroup(1, 2),)


def test_of_very_many_groups_only_the_first_are_remembered() -> None:
    markers = Markers()
    markers.feed(b"##[group]again\n" * 100_000)
    assert len(markers.groups(100_000)) == MOST_GROUPS
