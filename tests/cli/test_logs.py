import errno
import gzip
import io
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
    assert first == "2026-01-01T00:00:01.0000000Z ##[error]it broke"
    assert "ghp_" not in second
    assert not [char for char in second if ord(char) < 32]
    assert third == "the end"


@pytest.mark.parametrize("kind", ["nothing", "directory", "pipe", "secret"])
@pytest.mark.parametrize("more", [["--print"], []])
def test_what_cannot_be_read_as_a_log_is_said(terminal: Terminal, tmp_path: Path, kind: str, more: list[str]) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "secret").touch(mode=0)
    if kind == "secret" and os.geteuid() == 0:
        pytest.skip("nothing is unreadable for root")
    ended = terminal("logs", str(tmp_path / kind), *more)
    assert ended.code not in {0, 70}
    assert kind in ended.err
    assert "terminal" not in ended.err
    assert ended.out == ""


def test_a_log_is_only_opened_on_a_terminal(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.touch()
    ended = terminal("logs", str(log))
    assert ended.code == 2
    assert "terminal" in ended.err
    assert "logs --print" in ended.err
    assert "scan" in ended.err


def test_a_printed_log_reads_as_it_was_written(terminal: Terminal, tmp_path: Path) -> None:
    written = (
        "2026-09-02 05:14:00Z: Running job: y\n"
        "[2026-09-02 05:14:01Z ERR  Terminal] WRITE ERROR: z\n"
        "2026-01-01T00:00:01.0000000Z ##[group]Run make\n"
        "##[endgroup]\n\nname\tage\n  größer\n"
    )
    log = tmp_path / "job.log"
    log.write_text(written, encoding="utf-8")
    assert terminal("logs", str(log), "--print").out == written


@pytest.mark.parametrize("size", [40_000, 1_000_000])
def test_a_long_line_is_printed_whole(terminal: Terminal, tmp_path: Path, size: int) -> None:
    log = tmp_path / "job.log"
    written = "ü€ \t" * (size // 7) + "\nthe end\n"
    log.write_text(written, encoding="utf-8")
    assert terminal("logs", str(log), "--print").out == written


@pytest.mark.parametrize("before", range(98_000, 98_400, 13))
def test_no_secret_of_a_long_line_is_printed_wherever_it_stands(
    terminal: Terminal, tmp_path: Path, before: int
) -> None:
    log = tmp_path / "job.log"
    secret = "Authorization: Bearer " + "v1abcdefgh" * 10
    log.write_text("x" * before + " " + secret + " " + "y" * 200_000)
    out = terminal("logs", str(log), "--print").out
    assert "abcdefgh" not in out
    assert out.endswith(" " + "y" * 200_000 + "\n")


def test_what_is_hidden_of_a_secret_without_an_end_is_counted(terminal: Terminal, tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("eyJ" + "a" * 500_000 + "\nthe end\n")
    assert terminal("logs", str(log), "--print").out == "…(+500003 bytes)\nthe end\n"


def test_what_stands_before_a_fault_of_the_disk_is_printed(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "job.log"
    log.write_bytes(b"one line\n" * 20_000)
    sound = io.FileIO.read

    class Failing(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 100_000:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return sound(self, size)

    monkeypatch.setattr(os, "fdopen", lambda descriptor, *_args, **_more: Failing(descriptor))
    ended = terminal("logs", str(log), "--print")
    assert ended.code == 3
    assert ended.out.startswith("one line\n" * 11_000)
    assert set(ended.out.splitlines()) <= {"one line", "one l", "one"}
    assert "job.log cannot be read beyond byte 131 072: Input/output error" in ended.err
    assert "dmesg" in ended.err


@pytest.mark.parametrize("more", [["--print"], []])
@pytest.mark.parametrize(
    ("data", "said", "helps"),
    [
        (gzip.compress(b"a line\n", mtime=0), "packed with gzip", "zcat"),
        ("a line\n".encode("utf-16"), "UTF-16", "iconv -f UTF-16"),
    ],
)
def test_what_is_no_text_is_called_what_it_is(
    terminal: Terminal, tmp_path: Path, data: bytes, said: str, helps: str, more: list[str]
) -> None:
    log = tmp_path / "job log"
    log.write_bytes(data)
    ended = terminal("logs", str(log), *more)
    assert ended.code == 3
    assert said in ended.err
    assert f"{helps} " in ended.err
    assert f"'{log}' | runner-console scan -" in " ".join(ended.err.split())
    assert ended.out == ""
