import os
from pathlib import Path

import pytest

from tests.cli.commands import Terminal


def test_a_log_is_printed_line_by_line_harmless_and_without_secrets(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(
        b"2026-01-01T00:00:01.0000000Z ##[error]it \x1b[31mbroke\x1b[0m\r\n"
        b"\x1b]0;title\x07 \xff \x00 ghp_abcdefghijklmnopqrstuvwxyz0123456789\n"
        b"the end"
    )
    ended = terminal("logs", str(log), "--print")
    assert ended.code == 0
    first, second, third = ended.out.splitlines()
    assert first == "2026-01-01T00:00:01.0000000Z it broke"
    assert "ghp_" not in second
    assert not [char for char in second if ord(char) < 32]
    assert third == "the end"


@pytest.mark.parametrize("kind", ["nothing", "directory", "pipe", "secret"])
@pytest.mark.parametrize("more", [["--print"], []])
def test_what_cannot_be_read_as_a_log_is_said(
    terminal: Terminal, tmp_path: Path, kind: str, more: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "secret").touch(mode=0)
    if kind == "secret" and os.geteuid() == 0:
        pytest.skip("nothing is unreadable for root")
    monkeypatch.setattr("console.assemble.running.check_terminal", lambda: None)
    ended = terminal("logs", str(tmp_path / kind), *more)
    assert ended.code not in {0, 70}
    assert kind in ended.err
    assert ended.out == ""


def test_a_log_is_only_opened_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.touch()
    ended = terminal("logs", str(log))
    assert ended.code == 2
    assert "terminal" in ended.err
