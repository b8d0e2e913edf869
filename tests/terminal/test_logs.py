"""A log on the whole screen of a real terminal: hostile ones, changing ones, and how it is left."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terminal.terminal import COMMAND, Terminal
from tests.terminal.test_bytes import PAYLOADS, POINTER_SHAPE
from tests.terminal.test_leaving import assert_it_goes_on_where_it_stopped, assert_terminal_is_restored

ERROR = "Failed to save: write /x: no space left on device"


def opened(tmp_path: Path, data: bytes, **more: object) -> Terminal:
    path = tmp_path / "job.log"
    path.write_bytes(data)
    terminal = Terminal([COMMAND, "logs", str(path)], tmp_path, **more)  # type: ignore[arg-type]
    terminal.wait_for("job.log")
    return terminal


def test_the_known_line_of_a_file_is_gone_to_and_explained(tmp_path: Path) -> None:
    with opened(tmp_path, b"fine\n" * 300 + ERROR.encode() + b"\n") as terminal:
        terminal.wait_for("‼ 1")
        terminal.send("e")
        terminal.wait_for("harmless")
        terminal.send("g/fine\rq")
        assert terminal.exit_code() == 0
        assert b"Warning" not in terminal.written
        assert_terminal_is_restored(terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_search_leaves_the_terminal_as_it_was(
    tmp_path: Path, number: signal.Signals
) -> None:
    with opened(tmp_path, b"a line without it\n" * 3_000_000) as terminal:
        terminal.wait_for("3 000 000")
        terminal.send("//(?:not|no) here/\r")
        terminal.wait_for("searching")
        computed = terminal.computed()
        terminal.signal(number)
        assert terminal.exit_code() == 128 + number
        assert terminal.computed() - computed < 2
        assert_terminal_is_restored(terminal)


def test_stopped_and_continued_it_draws_itself_again(tmp_path: Path) -> None:
    with opened(tmp_path, b"prod-linux-03 is in every log\n") as terminal:
        terminal.wait_for("prod-linux-03")
        terminal.signal(signal.SIGSTOP)
        assert_it_goes_on_where_it_stopped(terminal)


def test_no_byte_of_a_log_steers_the_terminal(tmp_path: Path) -> None:
    hostile = b"\n".join((*PAYLOADS, b"\x9b2J", b"\0", b"\xff\xfe", b"\x1b]0;x\x9c", b"e" + "\u0301".encode() * 5000))
    with opened(tmp_path, hostile + b"\nthe last line\n", columns=120, rows=40) as terminal:
        terminal.wait_for("the last line")
        for key in ("G", "z", "t", "o", "o", "/e\r", "?"):
            terminal.send(key)
            terminal.rest(most=0.5)
        terminal.send("\x1b")
        terminal.rest(most=0.5)
        assert terminal.left() == 0
        written = POINTER_SHAPE.sub(b"", terminal.written)
    assert [payload for payload in PAYLOADS if payload in written] == []
    assert not re.search("[\x80-\x9f]", written.decode("utf-8"))


def test_of_one_line_of_many_megabytes_the_beginning_is_shown_and_the_rest_counted(tmp_path: Path) -> None:
    with opened(tmp_path, b"x" * 40_000_000) as terminal:
        terminal.wait_for("39 999 9")
        terminal.send("z")
        terminal.send("q")
        assert terminal.exit_code() == 0


def emptied(path: Path) -> None:
    os.truncate(path, 0)


def replaced(path: Path) -> None:
    path.rename(path.with_name("job.log.1"))
    path.write_bytes(b"new\n")


@pytest.mark.parametrize(("change", "said"), [(emptied, "Emptied"), (replaced, "Replaced"), (Path.unlink, "Deleted")])
def test_what_becomes_of_the_file_is_said(tmp_path: Path, change: Callable[[Path], None], said: str) -> None:
    with opened(tmp_path, b"a line\n" * 20_000) as terminal:
        terminal.wait_for("20 000")
        terminal.send("G")
        change(tmp_path / "job.log")
        terminal.wait_for(said)
        terminal.send("kkgG")
        terminal.send("q")
        assert terminal.exit_code() == 0


def test_a_storm_of_sizes_ends_with_a_log_that_fits(tmp_path: Path) -> None:
    with opened(tmp_path, b"a line\n" * 1_000) as terminal:
        for number in range(40):
            terminal.resize(10 + number * 5, 3 + number)
            terminal.read(0.01)
        terminal.resize(40, 10)
        terminal.read(0.3)
        before = len(terminal.written)
        terminal.send("G")
        terminal.wait_for(lambda: b"000" in terminal.written[before:])
        terminal.send("q")
        assert terminal.exit_code() == 0
        assert_terminal_is_restored(terminal)


def test_without_colours_and_without_utf_8_a_mark_is_still_seen(tmp_path: Path) -> None:
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    with opened(tmp_path, f"{ERROR}\n##[group]é\n".encode(), env=plain | {"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("! ")
        terminal.wait_for("harmless")
        terminal.send("q")
        assert terminal.exit_code() == 0
        assert terminal.written.isascii()
        assert b"[38;" not in terminal.written


def test_on_a_dumb_terminal_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "job.log").touch()
    with Terminal([COMMAND, "logs", "job.log"], tmp_path, env={"TERM": "dumb"}) as terminal:
        assert terminal.exit_code() == 2
        assert "TERM=dumb" in terminal.text
        assert b"\x1b" not in terminal.written
