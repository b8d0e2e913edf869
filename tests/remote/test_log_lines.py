"""Lines of a log: what reaches the screen of what a log contains."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.log_lines import Colour
from console.remote.log_lines import LONGEST_LINE, MOST_COLOURS, log_line


def test_a_line_of_githubs_log_is_told_apart_from_its_time() -> None:
    line = log_line(7, b"2025-07-04T14:32:09.5031758Z make: nothing to be done\r")
    assert line.number == 7
    assert line.stamp == "2025-07-04T14:32:09.5031758Z"
    assert line.at == datetime(2025, 7, 4, 14, 32, 9, 503175, UTC)
    assert line.text == "make: nothing to be done"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"[2026-09-02 04:58:12Z ERR  Terminal] WRITE ERROR: x", "[ERR  Terminal] WRITE ERROR: x"),
        (b"[RUNNER 2026-09-02 04:58:12Z INFO Terminal] y", "[RUNNER INFO Terminal] y"),
        (b"2026-09-02 04:58:12Z: Listening for Jobs", "Listening for Jobs"),
        (b"\xef\xbb\xbf2026-09-02T04:58:12+00:00 first", "first"),
    ],
)
def test_the_times_of_runners_and_their_services_are_read(raw: bytes, text: str) -> None:
    line = log_line(0, raw)
    assert (line.at, line.text) == (datetime(2026, 9, 2, 4, 58, 12, tzinfo=UTC), text)


@pytest.mark.parametrize("raw", [b"2026-99-02T04:58:12Z x", b"0001-01-01T00:00:00+23:00 x", b"99 bottles", b"[x] y"])
def test_a_time_that_is_none_is_no_error(raw: bytes) -> None:
    assert log_line(0, raw).at is None


def test_a_marker_says_what_a_line_is_and_is_no_text() -> None:
    error = log_line(0, b"##[error]\x1b[1mProcess completed with exit code 1.")
    assert (error.kind, error.text) == ("error", "Process completed with exit code 1.")
    assert error.colours == (Colour(0, len(error.text), bold=True),)
    coloured = log_line(0, b"\x1b[31m##[group]Build\x1b[0m")
    assert (coloured.kind, coloured.colours) == ("group", (Colour(0, 5, "red"),))


def test_colours_go_through_an_allow_list() -> None:
    line = log_line(0, b"a\x1b[1;31mb\x1b[38;5;208mc\x1b[48;2;1;2;300md\x1b[0me\x1b[999;77;38mf")
    assert line.text == "abcdef"
    assert line.colours == (
        Colour(1, 2, "red", bold=True),
        Colour(2, 3, "color(208)", bold=True),
        Colour(3, 4, "color(208)", "#0102ff", bold=True),
    )


@pytest.mark.parametrize(
    "escape",
    [b"\x1b]0;title\x07", b"\x1b]52;c;eA==\x1b\\", b"\x1b[2J", b"\x1b[?1049l", b"\x1bc", b"\x9b31m", b"\x1b[1;31"],
)
def test_other_codes_stay_as_marks(escape: bytes) -> None:
    line = log_line(0, b"before" + escape + b"after")
    assert line.text.isprintable()
    assert line.text.startswith("before")
    assert line.text.endswith("after")
    assert len(line.text) > len("beforeafter")
    assert line.colours == ()


def test_a_secret_is_masked_even_with_a_colour_in_its_middle() -> None:
    line = log_line(0, b"token ghp_abcdefghijkl\x1b[31mmnopqrstuvwxyz0123456789")
    assert line.text == "token ***"


def test_a_long_line_is_cut_with_a_count_and_no_broken_character() -> None:
    line = log_line(0, "é".encode() * LONGEST_LINE, beyond=5)
    assert line.cut == LONGEST_LINE + 5
    assert line.text == "é" * (LONGEST_LINE // 2)
    odd = log_line(0, b"x" + "é".encode() * LONGEST_LINE)
    assert odd.text.endswith("é")


def test_of_very_many_colours_only_the_first_are_obeyed() -> None:
    line = log_line(0, b"\x1b[31mr\x1b[32mg" * (MOST_COLOURS // 2 + 3))
    assert line.text == "rg" * (MOST_COLOURS // 2 + 3)
    assert len(line.colours) == MOST_COLOURS
    assert line.colours[-1].end == len(line.text)


def test_tabs_keep_columns_apart() -> None:
    assert log_line(0, b"a\tb\x1b[31m\tc").text == "a       b       c"


@given(st.binary(max_size=300))
def test_no_byte_of_a_log_reaches_the_terminal_as_a_code(raw: bytes) -> None:
    line = log_line(0, raw)
    hidden = [char for char in line.text + line.stamp if ord(char) < 32 or 0x7F <= ord(char) < 0xA0]
    assert hidden == []
    assert all(0 <= colour.start < colour.end <= len(line.text) for colour in line.colours)
