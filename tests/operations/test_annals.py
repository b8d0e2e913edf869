"""What is kept of the past, by several processes at once, over restarts, and where the memory is no good."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from console.fleet.models import RunnerKey
from console.fleet.past import Past
from console.operations.annals import KIND, Annals
from console.operations.remember import Memory
from tests.fleet.fleets import NOON, runner
from tests.fleet.test_past import DAY, look, offline
from tests.fleet.test_queue_waits import begun, number_of
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher

NAME = "acme https://api.github.com"
KEY = RunnerKey("org:acme", 1)


def of(directory: Path, name: str = NAME) -> Annals:
    return Annals(name, Memory(directory))


async def kept(directory: Path, name: str = NAME) -> Past:
    annals = of(directory, name)
    await annals.load()
    return annals.past


def since(past: Past) -> datetime | None:
    return past.absences[KEY].since


async def test_what_one_session_has_seen_the_next_one_knows(tmp_path: Path) -> None:
    first = of(tmp_path)
    first.note(look(NOON, offline(), jobs=[begun(1)]), ())
    await first.save()
    second = of(tmp_path)
    await second.load()
    second.note(look(NOON + DAY, offline()), ())
    await second.save()
    past = await kept(tmp_path)
    assert since(past) == NOON
    assert number_of(past.waits) == 1


async def test_contexts_and_servers_have_pasts_of_their_own(tmp_path: Path) -> None:
    annals = of(tmp_path)
    annals.note(look(NOON, offline()), ())
    await annals.save()
    assert await kept(tmp_path, "acme https://github.example.com/api/v3") == Past()


async def test_processes_that_see_the_same_jobs_count_them_once(tmp_path: Path) -> None:
    several = [of(tmp_path) for _ in range(4)]
    for number, annals in enumerate(several):
        annals.note(look(NOON, jobs=[begun(1), begun(2), begun(10 + number)]), ())
    await asyncio.gather(*(annals.save() for annals in several))
    await asyncio.gather(*(annals.save() for annals in several))
    assert number_of((await kept(tmp_path)).waits) == 2 + 4
    await several[0].save()
    assert number_of(several[0].past.waits) == 2 + 4


async def test_one_process_knows_soon_what_another_has_kept(tmp_path: Path) -> None:
    early, late = of(tmp_path), of(tmp_path)
    early.note(look(NOON, offline()), ())
    await early.save()
    late.note(look(NOON + DAY, offline()), ())
    assert since(late.past) == NOON + DAY
    await late.save()
    assert since(late.past) == NOON


async def test_a_runner_that_came_back_for_one_process_has_come_back_for_all(tmp_path: Path) -> None:
    early, late = of(tmp_path), of(tmp_path)
    early.note(look(NOON, offline()), ())
    await early.save()
    late.note(look(NOON + DAY, runner(1)), ())
    await late.save()
    assert since(await kept(tmp_path)) is None


async def test_a_memory_that_is_broken_or_of_another_kind_is_no_past_and_is_made_good(tmp_path: Path) -> None:
    Memory(tmp_path).exchange(NAME, lambda _old: b"\xc1 nonsense", KIND)
    assert await kept(tmp_path) == Past()
    annals = of(tmp_path)
    annals.note(look(NOON, offline()), ())
    await annals.save()
    assert since(await kept(tmp_path)) == NOON


@pytest.mark.parametrize(
    "damaged",
    [
        {"disks": {"h /d": {"runner": ["org:acme", 1], "host": "h", "directory": "/d", "size": 1, "rooms": []}}},
        {"waits": {"sets": {"acme:x": {"owner": "acme", "labels": ["x"], "quarters": {7: {2**60: 1}}}}}},
        {"absences": {"org:acme": 7}},
        {"absences": {("org:acme", 1): {"since": "2026-11-21T15:00:00"}}},
    ],
    ids=["no-room", "endless-wait", "wrong-type", "no-zone"],
)
async def test_a_past_that_was_damaged_is_begun_anew(tmp_path: Path, damaged: object) -> None:
    Memory(tmp_path).exchange(NAME, lambda _old: msgspec.msgpack.encode(damaged), KIND)
    assert await kept(tmp_path) == Past()


async def test_where_nothing_can_be_kept_the_past_is_as_long_as_the_session(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite3").mkdir()
    annals = of(tmp_path)
    await annals.load()
    annals.note(look(NOON, offline()), ())
    await annals.save()
    assert since(annals.past) == NOON


async def test_a_watch_counts_waits_and_its_look_has_them() -> None:
    watcher = Watcher(PLAN)
    at = watcher.github.now()
    watcher.github.runner_list = [a_runner(1)]
    watcher.github.run_list = [a_run(7)]
    times = {"created_at": at - timedelta(seconds=40), "started_at": at - timedelta(seconds=10)}
    watcher.github.job_list = [replace(a_job(70, 7), status="in_progress", runner_id=1, **times)]
    await watcher.start()
    past = watcher.last.past
    await watcher.stop()
    assert number_of(past.waits) == 1
