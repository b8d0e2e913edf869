"""What reaches a real terminal: no byte from outside steers it, colours are left out where they are not wanted."""

import re
from pathlib import Path

import pytest

from tests.terminal.terminal import COMMAND, Terminal

PAYLOADS = (
    b"\x1b]0;",
    b"\x1b]52;",
    b"\x1b]8;",
    b"\x1b]777;",
    b"\x1b[6n",
    b"\x1b[2J\x1b",
    b"\x1bc",
    b"\x07",
    b"\x1b_",
    b"\x1b^",
)
C1 = re.compile("[\x80-\x9f]")
DECEIVING = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z-]+\x07")
"""The one thing with a BEL in it that Textual itself sends."""


def test_hostile_names_reach_no_terminal_as_anything_but_text(tmp_path: Path) -> None:
    with Terminal([COMMAND, "demo", "hostile-names"], tmp_path, columns=160, rows=50) as terminal:
        terminal.wait_for("hostile")
        for keys in ("", "2", "j", "\r", "\x1b", "3", "j", "x", "\x1b", "\r", "\x1b", "1", "?", "\x1b", " "):
            if keys:
                terminal.send(keys)
            terminal.rest()
        terminal.left()
        written = POINTER_SHAPE.sub(b"", terminal.written)
    assert "click" in terminal.text, "the names with markup were on the screen"
    assert [payload for payload in PAYLOADS if payload in written] == []
    shown = written.decode("utf-8")
    assert C1.search(shown) is None
    assert DECEIVING.search(shown) is None


def test_without_colours_none_are_sent_and_the_stuck_runner_still_has_its_sign(tmp_path: Path) -> None:
    with Terminal([COMMAND, "demo"], tmp_path, env={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("prod-linux-03")
        terminal.send("2")
        terminal.wait_for("◆")
        terminal.send("q")
        terminal.exit_code()
    sequences = {match[1] for match in re.finditer(rb"\x1b\[([0-9;]*)m", terminal.written)}
    attributes = {int(number) for each in sequences for number in each.split(b";") if number}
    assert 7 in attributes, "the cursor is seen by being reversed"
    assert attributes <= set(range(10)) | set(range(21, 30)), "nothing but bold, dim, underline, reverse and their ends"


def test_a_terminal_without_utf_8_gets_signs_that_it_can_show(tmp_path: Path) -> None:
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    with Terminal([COMMAND, "demo"], tmp_path, env=plain) as terminal:
        terminal.wait_for("prod-linux-03")
        terminal.send("2")
        terminal.wait_for("# prod-linux-03")
        terminal.send("q")
        terminal.exit_code()
    assert terminal.written.isascii()
    assert b"\\u" not in terminal.written, "the console's own words have signs that every terminal has"


@pytest.mark.parametrize("locale", [{"LANG": "C", "LC_ALL": ""}, {"LC_ALL": "C"}, {"LANG": "", "LC_ALL": ""}])
def test_a_locale_that_is_not_utf_8_is_taken_at_its_word(tmp_path: Path, locale: dict[str, str]) -> None:
    with Terminal([COMMAND, "demo"], tmp_path, env=locale) as terminal:
        terminal.wait_for("prod-linux-03")
        terminal.send("2")
        terminal.wait_for("# prod-linux-03")
        terminal.send("q")
        terminal.exit_code()
    assert terminal.written.isascii()


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (80, 24), (200, 50), (500, 200)])
def test_the_console_draws_on_every_size_and_survives_a_storm_of_them(tmp_path: Path, size: tuple[int, int]) -> None:
    with Terminal([COMMAND, "demo"], tmp_path, columns=size[0], rows=size[1]) as terminal:
        terminal.wait_for(lambda: b"\x1b[?1049h" in terminal.written)
        terminal.rest()
        for step in range(100):
            terminal.resize(10 + step * 2, 5 + step % 50)
            terminal.read(0.005)
        terminal.resize(100, 30)
        terminal.wait_for("prod-linux-03")
        terminal.send("q")
        assert terminal.exit_code() == 0
