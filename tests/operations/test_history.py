"""The history on the disk: what is kept survives, what cannot be kept is refused, and nobody else has a hand in it."""

import errno
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from console.errors import HistoryError
from console.fleet.history import Deed, DeedPart, Operator, Process, Subject
from console.operations import history as history_module
from console.operations.at_work import operator_here, still_there, this_process
from console.operations.history import History
from console.remote.sanitize import harmless, redact
from tests.virtual_clock import START, VirtualClock


def a_history(directory: Path) -> History:
    return History(directory / "history.jsonl", VirtualClock(), clean=redact, harmless=harmless)


def a_deed(number: str = "1", process: Process | None = None) -> Deed:
    return Deed(
        id=number,
        at=START,
        operator=Operator("ops"),
        context="acme",
        action="restart-service",
        title="Restart service on mac",
        target=Subject("runner", "org:acme", 1, "mac"),
        parts=(DeedPart("script", "true"),),
        process=process or this_process(),
    )


def test_only_the_operator_can_read_the_history_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        a_history(tmp_path / "deep" / "state").begin(a_deed())
    finally:
        os.umask(before)
    path = tmp_path / "deep" / "state" / "history.jsonl"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_intent_is_on_the_disk_before_begin_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noting(file: int) -> None:
        synced.append(f"{Path(f'/proc/self/fd/{file}').readlink()} {os.fstat(file).st_size > 0}")
        sync(file)

    monkeypatch.setattr(os, "fsync", noting)
    history = a_history(tmp_path)
    history.begin(a_deed())
    assert synced == [f"{tmp_path} True", f"{history.path} True"]


def test_a_deed_its_parts_and_its_end_are_there_at_the_next_start(tmp_path: Path) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed())
    history.part("1", 0, "done", "restarted")
    history.end("1", "proved", after="online")
    (entry,) = a_history(tmp_path).entries()
    assert entry.state == "proved"
    assert [result and result.words for result in entry.results] == ["restarted"]
    assert entry.end is not None
    assert entry.end.after == "online"
    assert a_history(tmp_path).unfinished() == ()


def test_where_nothing_was_ever_done_nothing_is_written(tmp_path: Path) -> None:
    assert a_history(tmp_path / "state").entries() == ()
    assert list(tmp_path.iterdir()) == []


def test_what_another_console_adds_is_seen_and_nothing_is_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history, other = a_history(tmp_path), a_history(tmp_path)
    history.begin(a_deed("1"))
    first = history.read()
    other.end("1", "failed")
    assert [entry.state for entry in history.entries()] == ["failed"]
    assert [entry.state for entry in first.entries] == ["under-way"]
    monkeypatch.setattr(history_module, "_all_of", lambda _file: pytest.fail("it is read again"))
    assert history.read() is history.read()


def test_a_line_that_was_cut_off_spoils_neither_those_before_nor_those_after(tmp_path: Path) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed("1"))
    whole = history.path.read_bytes()
    history.path.write_bytes(whole + whole[:100])
    history.begin(a_deed("2"))
    known = history.read()
    assert [entry.deed.id for entry in known.entries] == ["2", "1"]
    assert known.unread == 1
    assert history.path.read_bytes().startswith(whole + whole[:100] + b"\n")


def test_a_link_planted_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    history = a_history(tmp_path)
    history.path.symlink_to(target)
    with pytest.raises(HistoryError, match="cannot be written") as caught:
        history.begin(a_deed())
    assert "link" in caught.value.hint
    assert not target.exists()
    target.write_text("{}")
    with pytest.raises(HistoryError, match="cannot be read"):
        history.entries()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_a_history_that_others_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed())
    history.path.chmod(mode)
    before = history.path.read_bytes()
    for use in (lambda: history.end("1", "proved"), history.entries):
        with pytest.raises(HistoryError, match="Others may") as caught:
            use()
        assert f"chmod 600 {history.path}" in caught.value.hint
    assert history.path.read_bytes() == before


def test_another_users_history_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed())
    me = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: me + 1)
    with pytest.raises(HistoryError, match="belongs to another user"):
        history.entries()
    with pytest.raises(HistoryError, match="belongs to another user"):
        history.begin(a_deed("2"))


@pytest.mark.parametrize("kind", ["pipe", "directory"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    history = a_history(tmp_path)
    if kind == "pipe":
        os.mkfifo(history.path, 0o600)
    else:
        history.path.mkdir(0o700)
    with pytest.raises(HistoryError):
        history.begin(a_deed())
    with pytest.raises(HistoryError, match="is no file"):
        history.entries()


@pytest.mark.parametrize(
    ("number", "helps"), [(errno.ENOSPC, "Make room"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only")]
)
def test_where_nothing_can_be_written_the_reason_is_told_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, helps: str
) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed())

    def full(_file: int, _raw: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(HistoryError, match="cannot be written") as caught:
        history.begin(a_deed("2"))
    assert helps in caught.value.hint
    assert "Actions are refused" in caught.value.hint
    assert [entry.deed.id for entry in history.entries()] == ["1"]


def test_a_disk_that_becomes_full_within_a_line_refuses_the_intent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = a_history(tmp_path)
    write = os.write
    room = [50]

    def filling(file: int, raw: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = write(file, raw[: room[0]])
        room[0] -= written
        return written

    with monkeypatch.context() as full:
        full.setattr(os, "write", filling)
        with pytest.raises(HistoryError, match="No space left"):
            history.begin(a_deed("1"))
    history.begin(a_deed("2"))
    known = history.read()
    assert ([entry.deed.id for entry in known.entries], known.unread) == (["2"], 1)


def test_a_directory_that_cannot_be_made_refuses_the_intent(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("in the way")
    with pytest.raises(HistoryError, match="is no directory") as caught:
        a_history(tmp_path / "state").begin(a_deed())
    assert "Actions are refused" in caught.value.hint


def test_a_console_that_was_stopped_while_it_wrote_holds_nobody_up_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_module, "_LOCKED_SECONDS", 0.1)
    history = a_history(tmp_path)
    history.begin(a_deed())
    with history.path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(HistoryError, match="Another console"):
            history.end("1", "proved")
        assert len(history.entries()) == 1
    history.end("1", "proved")


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
import msgspec
from console.fleet.history import Deed, DeedPart, Operator, Subject
from console.operations.at_work import this_process
from console.operations.history import History
from console.operations.interfaces import SystemClock
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
history = History(path, SystemClock(), clean=lambda text: text, harmless=lambda text: text)
deed = Deed(id="", at=datetime.now(UTC), operator=Operator("ops"), context="acme", action="a", title="t",
            target=Subject("runner", "org:acme", 1, "mac"), parts=(DeedPart("script", name * 5000),),
            process=this_process())
for number in range(count):
    history.begin(msgspec.structs.replace(deed, id=f"{name}{number}"))
    history.part(f"{name}{number}", 0, "done", name * 5000)
    if sys.argv[4] == "end":
        history.end(f"{name}{number}", "proved")
print("written", flush=True)
sys.stdin.read()
"""


def writer(path: Path, name: str, count: int, end: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count), end],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_the_lines_of_two_consoles_at_work_do_not_interleave(tmp_path: Path) -> None:
    history = a_history(tmp_path)
    writers = [writer(history.path, name, 30, "end") for name in "ab"]
    for each in writers:
        each.communicate(timeout=60)
    known = history.read()
    assert known.unread == 0
    assert sorted(entry.deed.id for entry in known.entries) == sorted(f"{name}{n}" for name in "ab" for n in range(30))
    assert {entry.state for entry in known.entries} == {"proved"}
    assert len(history.path.read_bytes().splitlines()) == 180


def test_what_a_killed_console_left_is_unfinished_at_the_next_start(tmp_path: Path) -> None:
    history = a_history(tmp_path)
    with writer(history.path, "a", 1, "cut") as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"written\n"
        assert [entry.state for entry in history.entries()] == ["under-way"]
        assert history.unfinished() == ()
        other.send_signal(signal.SIGKILL)
        other.wait(10)
    (entry,) = history.unfinished()
    assert entry.deed.id == "a0"
    assert [result and result.outcome for result in entry.results] == ["done"]


def test_a_console_is_not_taken_for_another_process_with_its_number() -> None:
    me = this_process()
    assert still_there(me) is True
    assert still_there(msgspec.structs.replace(me, started="1")) is False
    assert still_there(msgspec.structs.replace(me, boot="before")) is False
    assert still_there(msgspec.structs.replace(me, pid=2**22 + 1)) is False
    assert still_there(msgspec.structs.replace(me, pid=-1)) is False
    assert still_there(msgspec.structs.replace(me, pid=10**30)) is False


def test_of_a_console_on_another_machine_it_cannot_be_told() -> None:
    assert still_there(msgspec.structs.replace(this_process(), machine="elsewhere")) is None


def test_without_proc_a_console_is_known_by_the_time_it_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.operations.at_work._BOOT_ID", Path("/nowhere/boot_id"))
    me = this_process()
    assert me.started
    assert still_there(me) is True
    assert still_there(msgspec.structs.replace(me, started="Mon Mar  2 12:00:00 2026")) is False
    assert still_there(msgspec.structs.replace(me, pid=2**22 + 1)) is False


@pytest.mark.parametrize(
    ("connection", "address"),
    [("192.0.2.7 50000 192.0.2.1 22", "192.0.2.7"), ("2001:db8::1 1 ::1 22", "2001:db8::1"), ("", ""), ("a\nb c", "")],
)
def test_from_where_the_operator_has_come_is_kept(connection: str, address: str) -> None:
    operator = operator_here({"SSH_CONNECTION": connection}, "octocat")
    assert operator.login
    assert (operator.address, operator.github) == (address, "octocat")


def test_each_line_is_json_by_itself(tmp_path: Path) -> None:
    history = a_history(tmp_path)
    history.begin(a_deed())
    history.end("1", "not-proved", "still offline")
    intent, end = map(json.loads, history.path.read_text(encoding="ascii").splitlines())
    assert (intent["what"], intent["v"], intent["process"]["pid"]) == ("intent", 1, os.getpid())
    assert (end["what"], end["outcome"], end["words"]) == ("end", "not-proved", "still offline")
