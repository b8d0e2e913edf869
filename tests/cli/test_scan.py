import errno
import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from console.fleet.log_kind import kind_by_name
from tests.cli.commands import Terminal

DISK = "2026-01-01T00:00:01.0000000Z cp: cannot create 'x': No space left on device"
RESERVE = "Failed to save: Unable to reserve cache with key linux-9, another job may be creating this cache."
LISTENS = "2026-01-01 00:09:00Z: Listening for Jobs"
CONFLICT = "2026-01-01 00:00:00Z: A session for this runner already exists."
SAYS_WHEN_IT_READS = """import console.cli.scan as scan, sys
from console.__main__ import main
class Progress(scan.Progress):
    def tell(self, *read):
        print("read", file=sys.stderr, flush=True)
scan.Progress = Progress
"""


def log(folder: Path, *lines: str, name: str = "job.log") -> str:
    file = folder / name
    file.write_text("".join(f"{line}\n" for line in lines))
    return str(file)


def objects(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def piped(text: bytes, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "console", "scan", *arguments],
        input=text, capture_output=True, timeout=60, check=False, env={**os.environ, **(environ or {})},
    )  # fmt: skip


def test_an_error_is_shown_with_its_line_its_meaning_and_what_helps_and_ends_with_1(
    terminal: Terminal, tmp_path: Path
) -> None:
    ended = terminal("scan", log(tmp_path, "all well", DISK, "more", DISK))
    assert ended.code == 1
    assert "4 lines, 2 known: 2 error" in ended.out
    assert "!! error  line 2: " in ended.out
    assert DISK in ended.out
    for said in ("means", "harmless  No.", "helps", "found     2 times"):
        assert ended.out.count(said) == 1


def test_what_is_harmless_as_a_rule_is_info_and_ends_with_0(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal("scan", log(tmp_path, RESERVE))
    assert ended.code == 0
    assert ". info" in ended.out.replace(".  info", ". info")
    assert "harmless  Usually." in ended.out


def test_a_condition_that_a_later_line_ended_is_shown_as_over_and_is_not_serious(
    terminal: Terminal, tmp_path: Path
) -> None:
    assert "(over: a later line ended it)" not in terminal("scan", log(tmp_path, CONFLICT)).out
    ended = terminal("scan", log(tmp_path, CONFLICT, LISTENS))
    assert "(over: a later line ended it)" in ended.out
    assert ended.code == 0


def test_a_log_without_a_known_line_is_not_called_healthy(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal("scan", log(tmp_path, "all well"))
    assert ended.code == 0
    assert "1 line, none of them known. That alone does not say that all went well." in ended.out


def test_json_is_an_object_for_each_match_and_nothing_else(terminal: Terminal, tmp_path: Path) -> None:
    file = log(tmp_path, "", DISK, RESERVE)
    ended = terminal("scan", "--json", file)
    disk, reserve = objects(ended.out)
    assert (disk["file"], disk["line"], disk["severity"], disk["harmless"]) == (file, 1, "error", "never")
    assert disk["text"] == DISK
    assert (reserve["line"], reserve["signature"], reserve["severity"]) == (2, "cache.reserve-race", "info")
    assert (reserve["harmless"], reserve["cleared"]) == ("usually", False)
    assert terminal("scan", "--json", log(tmp_path, "all well")).out == ""


def test_a_match_far_into_a_long_line_is_shown_and_what_is_left_out_is_counted(
    terminal: Terminal, tmp_path: Path
) -> None:
    ended = terminal("scan", log(tmp_path, "x" * 5_000 + DISK + "y" * 5_000))
    assert "No space left on device" in ended.out
    (text,) = (line.strip() for line in ended.out.splitlines() if "No space" in line)
    assert text.startswith("(+4")
    assert text.endswith(")")
    assert len(text) < 1_100


def test_a_line_that_is_too_long_to_be_looked_at_as_a_whole_is_told_of(terminal: Terminal, tmp_path: Path) -> None:
    told = "lines longer than 64 KB were looked at no further than that"
    assert told not in terminal("scan", log(tmp_path, "x" * 60_000 + DISK)).out
    for longer in (70_000, 1_000_000):
        assert told in terminal("scan", log(tmp_path, "x" * longer + DISK)).out


@pytest.mark.parametrize(
    ("text", "what", "command"),
    [
        (gzip.compress(DISK.encode(), mtime=0), "packed with gzip", "zcat"),
        (b"PK\x03\x04...", "a zip archive", "unzip -p"),
        (DISK.encode("utf-16"), "UTF-16 text", "iconv -f UTF-16"),
    ],
)
def test_a_packed_log_is_refused_and_how_to_unpack_it_is_said(
    terminal: Terminal, tmp_path: Path, text: bytes, what: str, command: str
) -> None:
    file = tmp_path / "job.log"
    file.write_bytes(text)
    ended = terminal("scan", str(file))
    assert (ended.code, ended.out) == (3, "")
    assert f"job.log is {what}" in ended.err
    assert f"hint: Scan the lines in it: `{command}" in ended.err


def test_of_an_empty_log_nothing_is_said_but_that(terminal: Terminal, tmp_path: Path) -> None:
    (line,) = terminal("scan", log(tmp_path)).out.splitlines()
    assert line.endswith("job.log: no lines. That does not say that all went well.")


def test_a_file_of_the_name_of_standard_input_is_read_as_a_file(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(tmp_path, DISK, name="-")
    monkeypatch.chdir(tmp_path)
    assert "./-: 1 line, 1 known: 1 error" in terminal("scan", "./-").out


def test_of_a_signature_that_is_found_all_the_time_people_get_a_thousand_lines_and_programs_all(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = log(tmp_path, *[DISK] * 1_200)
    assert "1 200 known: 1 000 error, 200 not listed" in terminal("scan", file).out
    assert [each["line"] for each in objects(terminal("scan", "--json", file).out)] == list(range(1_200))


def test_matches_that_even_programs_do_not_get_are_counted(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.cli.scan.KEPT_FOR_PROGRAMS", 1_000)
    *listed, more = objects(terminal("scan", "--json", log(tmp_path, *[DISK] * 1_200)).out)
    assert len(listed) == 1_000
    assert (more["signature"], more["more"]) == (listed[0]["signature"], 200)


def test_ctrl_c_ends_a_scan_with_what_was_found_so_far() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", f"{SAYS_WHEN_IT_READS}main()", "scan", "--json", "-"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as scanning:  # fmt: skip
        assert scanning.stdin is not None
        assert scanning.stderr is not None
        scanning.stdin.write(f"{DISK}\nall well\n".encode())
        scanning.stdin.flush()
        while scanning.stderr.readline() != b"read\n":
            pass
        scanning.send_signal(signal.SIGINT)
        out, err = scanning.communicate(timeout=60)
    assert scanning.returncode == 130
    assert [each["line"] for each in objects(out.decode())] == [0]
    assert err.endswith(b"Interrupted.\n")


def test_standard_input_may_hold_any_bytes_and_none_of_them_steers_the_terminal() -> None:
    text = b"\x00\xff\n\x1b]52;c;aGk=\x07No space left\x1b[2J on device \x9b1m \xe2\x80\xae[/x] ghp_" + b"a" * 36
    ended = piped(text, "-")
    assert ended.returncode == 1
    assert b"standard input: 2 lines" in ended.stdout
    assert b"No space left on device" in ended.stdout
    assert not {*range(0x20), 0x7F} - {0x0A} & {*ended.stdout}
    assert b"ghp_a" not in ended.stdout
    assert "\u202e" not in ended.stdout.decode()


def test_files_that_cannot_be_read_are_told_of_and_the_others_are_scanned(terminal: Terminal, tmp_path: Path) -> None:
    well = log(tmp_path, "all well")
    ended = terminal("scan", str(tmp_path / "none.log"), str(tmp_path), well)
    assert ended.code == 3
    assert "none.log cannot be read: No such file or directory" in ended.err
    assert "cannot be read: Is a directory" in ended.err
    assert ended.err.count("hint: ") == 2
    assert "none of them known" in ended.out
    assert terminal("scan", str(tmp_path / "none.log"), log(tmp_path, DISK)).code == 1


def test_what_kind_of_log_it_is_is_asked_or_known_by_a_name_that_only_the_runner_gives(
    terminal: Terminal, tmp_path: Path
) -> None:
    file = log(tmp_path, RESERVE)
    assert "1 known" in terminal("scan", "--source", "job-log", file).out
    assert "none of them known" in terminal("scan", "--source", "kernel-log", file).out
    assert terminal("scan", "--source", "nonsense", file).code == 2
    assert kind_by_name("Runner_20261120-101500-utc.log") == "runner-diag"
    assert kind_by_name("Worker_20261120-101500-utc.log") == "worker-diag"
    assert kind_by_name("Worker.log") == "unknown"


DNS = "2026-01-01T00:00:01.0000000Z curl: (6) Could not resolve host: example.com"


def test_the_kind_of_a_log_is_told_by_its_lines_and_said(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal("scan", log(tmp_path, DNS))
    assert ended.out.splitlines()[1] == "read as a job's log; --source says otherwise"
    assert "!  warning  line 1" in ended.out
    assert ended.code == 0
    journal = "Nov 20 10:00:00 build-07 runsvc.sh[811]: Runner connect error: Could not resolve host: example.com"
    ended = terminal("scan", log(tmp_path, journal))
    assert "read as the journal of a runner's service; " in ended.out
    assert terminal("scan", log(tmp_path, LISTENS)).out.count("read as the journal of a runner's service") == 1
    assert "cannot be told from its lines; --source says it" in terminal("scan", log(tmp_path, "all well")).out


def test_what_was_said_of_the_kind_of_a_log_is_not_said_back(terminal: Terminal, tmp_path: Path) -> None:
    assert "--source" not in terminal("scan", "--source", "service-log", log(tmp_path, DNS)).out


def test_a_pipe_that_gives_a_few_bytes_at_a_time_is_told_by_its_lines_all_the_same(tmp_path: Path) -> None:
    writer = f"import time; [(print({DNS!r}[at], end='', flush=True)) for at in range({len(DNS)})]"
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE) as slow:
        ended = subprocess.run(
            [sys.executable, "-m", "console", "scan", "-"],
            stdin=slow.stdout, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    assert b"read as a job's log" in ended.stdout


def test_what_was_found_before_a_log_could_not_be_read_on_is_shown(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = log(tmp_path, "2026-01-01T00:00:01.0000000Z x", RESERVE, name="known.log")
    serious = log(tmp_path, DISK, name="serious.log")
    nothing = log(tmp_path, name="nothing.log")

    def breaks(file: int, size: int) -> bytes:
        if chunk := read(file, size):
            return chunk
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    read = os.read
    monkeypatch.setattr("console.cli.scan.os.read", breaks)
    ended = terminal("scan", known)
    assert ended.code == 3
    assert "2 lines as far as it could be read, 1 known: 1 info" in ended.out
    assert "known.log could not be read on after 2 lines: Input/output error" in ended.err
    assert "hint: What was found up to there is shown" in ended.err
    assert [each["line"] for each in objects(terminal("scan", "--json", known).out)] == [1]
    assert terminal("scan", serious).code == 1
    ended = terminal("scan", nothing)
    assert (ended.code, ended.out) == (3, "")
    assert "nothing.log cannot be read: Input/output error" in ended.err


OWN = """
[[signature]]
id = "house.proxy"
title = "The proxy is closed"
pattern = 'house proxy says'
where = ["job-log"]
severity = "error"
harmless = "never"
meaning = "It is night."
remedy = "Wait."
source = "our own proxy"
examples = ["house proxy says: closed"]
near_misses = []
"""


@pytest.fixture
def own(config: Path) -> Path:
    folder = config.parent / "signatures"
    folder.mkdir()
    return folder


def test_signatures_of_ones_own_are_found_and_broken_ones_stop_nothing(
    terminal: Terminal, own: Path, tmp_path: Path
) -> None:
    (own / "house.toml").write_text(OWN)
    (own / "broken.toml").write_text("[[signature]]\nid = 'a.b'\n")
    (own / "folder.toml").mkdir()
    ended = terminal("scan", log(tmp_path, "house proxy says: closed"))
    assert ended.code == 1
    assert "The proxy is closed" in ended.out
    (line,) = ended.err.splitlines()
    assert "faults in 2 files of your own signatures: `runner-console signatures check`" in line
    (own / "broken.toml").unlink()
    ended = terminal("scan", log(tmp_path, "house proxy says: closed"))
    assert "folder.toml: is no file" in ended.err


def test_progress_is_told_on_a_terminal_and_wiped_when_it_is_over(tmp_path: Path) -> None:
    main, other = pty.openpty()
    program = "import console.cli.scan as scan; scan.TELL_EVERY = 0; from console.__main__ import main; main()"
    subprocess.run(
        [sys.executable, "-c", program, "scan", log(tmp_path, "all well")],
        stdout=subprocess.PIPE, stderr=other, timeout=60, check=True,
    )  # fmt: skip
    told = os.read(main, 10_000).decode()
    os.close(other)
    os.close(main)
    assert "0 MB, 1 line, 0 known" in told
    assert told.endswith(" \r")
