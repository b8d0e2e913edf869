"""What outlives the program, and what happens when it cannot."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from console.fleet.models import FleetSnapshot, Step
from console.operations.known import Known
from console.operations.remember import LastTime, Memory
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.virtual_clock import START


def a_snapshot() -> FleetSnapshot:
    known = Known()
    known.add_runners([a_runner(1), a_runner(2, busy=True)], START)
    run = a_run(7)
    known.runs.put(run.key, run)
    known.set_jobs(run.key, [(msgspec.structs.replace(a_job(70, 7), steps=(Step(1, "Set up", "completed"),)),)])
    return msgspec.structs.replace(known.snapshot(START), context="acme", whole=True)


def test_a_fleet_is_remembered_without_counting_as_looked_at(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state")
    memory.keep(a_snapshot())
    remembered = Memory(tmp_path / "state").snapshot("acme")
    assert remembered is not None
    assert remembered.runners == a_snapshot().runners
    assert [job.steps for job in remembered.jobs.values()] == [()]
    assert remembered.taken_at == START
    assert not remembered.whole
    assert remembered.idle_since == a_snapshot().idle_since


def test_the_fleet_of_one_context_is_not_shown_for_another(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.keep(a_snapshot())
    assert memory.snapshot("other") is None


def test_without_a_memory_the_console_starts_read_only_and_writes_nothing(tmp_path: Path) -> None:
    assert Memory(tmp_path / "state").last_time() == LastTime("", "dark", True)
    assert list(tmp_path.iterdir()) == []


def test_what_the_first_paint_needs_is_remembered(tmp_path: Path) -> None:
    Memory(tmp_path).note(LastTime("acme-prod", "production", False))
    assert Memory(tmp_path).last_time() == LastTime("acme-prod", "production", False)


def test_only_the_operator_can_read_the_memory(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state")
    memory.note(LastTime())
    assert stat.S_IMODE(memory.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(memory.path.parent.stat().st_mode) == 0o700


def test_a_damaged_memory_is_left_as_it_is_and_costs_nothing_else(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.path.write_bytes(b"this is no database" * 100)
    assert memory.last_time() == LastTime()
    memory.keep(a_snapshot())
    assert memory.path.read_bytes() == b"this is no database" * 100


def test_the_memory_of_a_newer_version_is_neither_used_nor_changed(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.note(LastTime("acme"))
    with closing(sqlite3.connect(memory.path)) as database, database:
        database.execute("PRAGMA user_version = 99")
    before = memory.path.read_bytes()
    assert memory.last_time() == LastTime()
    memory.note(LastTime("other"))
    assert memory.path.read_bytes() == before


@pytest.mark.parametrize("value", [b"", b"\xff\xff", b"\x93\x01\x02\x03"])
def test_an_entry_that_cannot_be_understood_counts_as_forgotten(tmp_path: Path, value: bytes) -> None:
    memory = Memory(tmp_path)
    memory.keep(a_snapshot())
    with closing(sqlite3.connect(memory.path)) as database, database:
        database.execute("UPDATE memory SET value = ?", (value,))
    assert memory.snapshot("acme") is None


def test_a_link_planted_in_the_place_of_the_memory_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    memory = Memory(tmp_path / "state")
    memory.path.parent.mkdir()
    memory.path.symlink_to(target)
    memory.note(LastTime("acme"))
    assert not target.exists()


@pytest.mark.parametrize("value", [None, 5, "text"])
def test_an_entry_of_another_kind_counts_as_forgotten(tmp_path: Path, value: object) -> None:
    memory = Memory(tmp_path)
    memory.note(LastTime("acme"))
    with closing(sqlite3.connect(memory.path)) as database, database:
        database.execute("UPDATE memory SET value = ?", (value,))
    assert memory.last_time() == LastTime()


def test_whichever_byte_of_the_memory_is_damaged_the_console_starts(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.note(LastTime("acme"))
    memory.keep(a_snapshot())
    whole = memory.path.read_bytes()
    used = [place for place, byte in enumerate(whole) if byte]
    for place in used[:: max(len(used) // 400, 1)]:
        memory.path.write_bytes(whole[:place] + b"\xff" + whole[place + 1 :])
        assert isinstance(memory.last_time(), LastTime)
        assert isinstance(memory.snapshot("acme"), FleetSnapshot | None)
        memory.note(LastTime("acme"))


def test_what_all_processes_keep_of_the_limits_is_changed_by_one_at_a_time(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state")
    seen: list[bytes | None] = []

    def change(kept: bytes | None) -> bytes:
        seen.append(kept)
        return (kept or b"") + b"x"

    assert memory.exchange("https://api.github.com", change, "limits") == b"x"
    assert Memory(tmp_path / "state").exchange("https://api.github.com", change, "limits") == b"xx"
    assert memory.exchange("https://ghe.example.com/api/v3", change, "limits") == b"x"
    assert seen == [None, b"x", None]


def test_without_a_usable_memory_there_is_nothing_to_share(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    memory.path.write_bytes(b"this is no database" * 100)
    assert memory.exchange("https://api.github.com", lambda kept: b"x", "limits") is None
