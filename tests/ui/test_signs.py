"""Signs and numbers: one cell wide, each with an ASCII twin, and `?` for what is not known."""

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

import pytest
from rich.cells import cell_len

from console.ui import signs
from console.ui.signs import Sign


@pytest.fixture(autouse=True)
def _unicode_afterwards() -> Iterator[None]:
    yield
    signs.choose("utf-8")


@pytest.mark.parametrize("encoding", ["UTF-8", "utf8", "utf_8"])
def test_a_terminal_with_utf_8_gets_the_signs(encoding: str) -> None:
    signs.choose(encoding)
    assert signs.sign("wedged") == "◆"
    assert all(cell_len(signs.sign(name)) == 1 for name in get_args(Sign))


@pytest.mark.parametrize("encoding", ["ascii", "iso-8859-1", "", None, "no-such-encoding"])
def test_any_other_terminal_gets_their_ascii_twins(encoding: str | None) -> None:
    signs.choose(encoding)
    assert signs.sign("wedged") == "#"
    assert all(signs.sign(name).isascii() for name in get_args(Sign))
    assert signs.sparkline([0, 1, 2], 3).isascii()


def test_states_of_a_runner_and_severities_can_be_told_apart_in_ascii_too() -> None:
    signs.choose("ascii")
    states: tuple[Sign, ...] = ("idle", "busy", "offline", "wedged", "draining", "outdated", "unknown")
    assert len({signs.sign(name) for name in states}) == len(states)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (11_100, "3 h 05"), (200_000, "2 d")],
)
def test_ages_are_short(seconds: float, text: str) -> None:
    assert signs.age(timedelta(seconds=seconds)) == text


def test_what_is_not_known_is_a_question_mark() -> None:
    assert signs.age(None) == "?"
    assert signs.count(None) == "?"
    assert signs.count(0) == "0"
    assert signs.count(4812) == "4 812"


def test_a_sparkline_shows_the_last_values_between_nothing_and_the_greatest() -> None:
    assert signs.sparkline([9, 0, 2, 4, 7], 4) == "▁▃▅█"
    assert signs.sparkline([0, 0], 5) == "▁▁"
    assert signs.sparkline([0.5, 1.0, 2.0], 3, top=1.0)[1:] == "██"
    assert signs.sparkline([], 5) == ""
    assert signs.sparkline([1, 2], 0) == ""
