"""What a terminal says by itself, typed into the real console while it asks for consent."""

import time
from pathlib import Path

import pytest

from tests.needs import needs
from tests.terminal.terminal import COMMAND, Terminal
from tests.ui.test_actions import REPLIES

pytestmark = needs("ssh")
ASKED = "does it, once."


def question(tmp_path: Path, env: dict[str, str] | None = None) -> Terminal:
    """On the stuck runner of the demo."""
    terminal = Terminal([COMMAND, "demo"], tmp_path, env=env)
    terminal.wait_for("prod-linux-03")
    terminal.wait_for("actions")
    terminal.send("a")
    terminal.wait_for("helps here")
    terminal.send("\r")
    terminal.wait_for(ASKED)
    terminal.rest()
    return terminal


def agreed(terminal: Terminal) -> bool:
    """Something was begun."""
    return any(words in terminal.text for words in ("looked at once more", "is being changed", "Proved"))


def test_replies_and_pastes_confirm_nothing(tmp_path: Path) -> None:
    with question(tmp_path) as terminal:
        for reply in REPLIES:
            time.sleep(0.35)
            terminal.send(reply)
            terminal.read(0.25)
        assert not agreed(terminal)


def test_one_enter_in_peace_is_consent(tmp_path: Path) -> None:
    with question(tmp_path) as terminal:
        time.sleep(3.0)
        terminal.send("\r")
        terminal.wait_for("Proved")
        assert terminal.left() == 0


@pytest.mark.parametrize("ahead", ["\r\r", "\r\r\r\r\r\r"])
def test_enters_that_were_typed_ahead_are_no_consent(tmp_path: Path, ahead: str) -> None:
    terminal = Terminal([COMMAND, "demo"], tmp_path)
    with terminal:
        terminal.wait_for("prod-linux-03")
        terminal.wait_for("actions")
        terminal.send(f"a{ahead}")
        terminal.wait_for(ASKED)
        terminal.read(1.0)
        assert not agreed(terminal)


def test_a_terminal_without_utf_8_gets_the_question_in_what_it_can_show(tmp_path: Path) -> None:
    plain = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    with question(tmp_path, plain) as terminal:
        assert terminal.written.isascii()
