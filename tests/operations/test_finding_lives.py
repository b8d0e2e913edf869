"""The lives of findings in the memory that all consoles of one user share."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from console.errors import HistoryError, MemoryUnusableError, UsageError
from console.fleet.findings import Finding
from console.fleet.history import Entry
from console.fleet.lives import LONGEST_MUTE
from console.operations.finding_lives import KIND, FindingLives
from console.operations.look import Look
from console.operations.remember import Memory
from tests.fleet.fleets import NOON, fleet, runner
from tests.fleet.test_finding_life import found
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import Watcher

HOUR = timedelta(hours=1)


def a_look(*findings: Finding, at: datetime = NOON, whole: bool = True) -> Look:
    return Look(fleet(runners=[runner(1)], taken_at=at, whole=whole), findings=findings)


async def only_state(lives: FindingLives, look: Look) -> str:
    seen = await lives.followed(look)
    (life,) = seen.lives.values()
    return life.state(look.snapshot.taken_at)


async def test_what_one_process_says_another_hears_and_a_third_after_both_have_ended(tmp_path: Path) -> None:
    screen, cron = (FindingLives("acme", Memory(tmp_path), who=who) for who in ("ops", "cron"))
    await screen.followed(a_look(found()))
    await cron.followed(a_look(found(), at=NOON + timedelta(seconds=5)))
    await screen.mute([life.id for life in screen.known], NOON, HOUR)
    assert await only_state(cron, a_look(found(), at=NOON + timedelta(seconds=10))) == "muted"
    await cron.unmute([life.id for life in cron.known])
    await cron.acknowledge([life.id for life in cron.known], NOON)
    assert await only_state(screen, a_look(found(), at=NOON + timedelta(seconds=20))) == "acknowledged"
    later = FindingLives("acme", Memory(tmp_path))
    (life,) = (await later.followed(a_look(found(), at=NOON + HOUR))).lives.values()
    assert (life.acknowledged_by, life.first_seen) == ("cron", NOON)


async def test_two_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    both = [FindingLives("acme", Memory(tmp_path), who=f"who-{number}") for number in range(2)]
    findings = [found(about=f"org:acme/{number}", runners=()) for number in range(10)]
    await both[0].followed(a_look(*findings))
    ids = [life.id for life in both[0].known]
    await asyncio.gather(*(both[number % 2].acknowledge([each], NOON) for number, each in enumerate(ids)))
    await both[0].load()
    assert sorted(life.acknowledged_by for life in both[0].known) == ["who-0"] * 5 + ["who-1"] * 5


class SlowAtFirst:
    """A memory whose first answer comes after the second one, where that does not wait for it."""

    place = "memory"

    def __init__(self) -> None:
        self.kept: bytes | None = None
        self.calls = 0
        self.second = threading.Event()

    def exchange(self, name: str, change: Callable[[bytes | None], bytes], kind: str) -> bytes | None:
        self.calls += 1
        mine, self.kept = self.calls, change(self.kept)
        if mine == 1:
            self.second.wait(0.5)
        else:
            self.second.set()
        return self.kept


async def test_what_is_said_in_quick_succession_is_known_to_the_last(tmp_path: Path) -> None:
    lives, memory = FindingLives("acme", Memory(tmp_path), who="ops"), SlowAtFirst()
    await lives.followed(a_look(*(found(about=f"org:acme/{number}", runners=()) for number in range(2))))
    memory.kept = msgspec.msgpack.encode(lives.known)
    one, other = (life.id for life in lives.known)
    quick = FindingLives("acme", memory, who="ops")
    await asyncio.gather(quick.acknowledge([one], NOON), quick.acknowledge([other], NOON))
    assert [life.acknowledged_by for life in quick.known] == ["ops", "ops"]


async def test_a_real_second_process_is_heard(tmp_path: Path) -> None:
    lives = FindingLives("acme", Memory(tmp_path), who="ops")
    await lives.followed(a_look(found()))
    said = (
        "import asyncio, sys; from pathlib import Path; from datetime import datetime, timedelta, UTC\n"
        "from console.operations.finding_lives import FindingLives\n"
        "from console.operations.remember import Memory\n"
        "async def main():\n"
        "    lives = FindingLives('acme', Memory(Path(sys.argv[1])), who='other')\n"
        "    await lives.load()\n"
        "    await lives.acknowledge([life.id for life in lives.known], datetime.now(UTC))\n"
        "asyncio.run(main())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", said, str(tmp_path)], check=True, timeout=60)
    assert await only_state(lives, a_look(found(), at=NOON + timedelta(seconds=9))) == "acknowledged"


async def test_a_look_that_is_not_whole_clears_nothing_and_says_nothing(tmp_path: Path) -> None:
    lives = FindingLives("acme", Memory(tmp_path))
    await lives.followed(a_look(found()))
    seen = await lives.followed(a_look(at=NOON + HOUR, whole=False))
    assert (seen.cleared, [life.missed_since for life in lives.known]) == ((), [None])


async def test_what_cannot_be_kept_holds_for_as_long_as_the_process_lasts_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "memory.sqlite3").mkdir()
    lives = FindingLives("acme", Memory(tmp_path), who="ops")
    look = await lives.followed(a_look(found()))
    assert look.lives_kept is False
    with pytest.raises(MemoryUnusableError, match=r"memory\.sqlite3 cannot be written") as caught:
        await lives.mute([life.id for life in lives.known], NOON, HOUR)
    assert caught.value.hint.startswith("It holds until this program ends. Check the rights and the room there.")
    assert await only_state(lives, a_look(found(), at=NOON + timedelta(minutes=5))) == "muted"


async def test_without_a_memory_nothing_is_missed() -> None:
    lives = FindingLives()
    look = await lives.followed(a_look(found()))
    await lives.acknowledge([life.id for life in look.lives.values()], NOON)
    assert look.lives_kept


async def test_what_is_kept_by_another_version_is_begun_anew(tmp_path: Path) -> None:
    Memory(tmp_path).exchange("acme", lambda _: b"\x93nonsense", KIND)
    assert await only_state(FindingLives("acme", Memory(tmp_path)), a_look(found())) == "new"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("keys", ()),
        ("subject", b"\xff\xfe"),
        ("first_seen", "2026-11-21T15:00:00"),
        ("acknowledged_at", "2026-11-21T15:00:00"),
        ("missed_since", "2026-11-21T15:00:00"),
        ("returns", ["2026-11-21T15:00:00"]),
    ],
)
async def test_lives_that_were_damaged_are_begun_anew_and_kept_again(tmp_path: Path, field: str, value: object) -> None:
    memory = Memory(tmp_path)
    await FindingLives("acme", memory).followed(a_look(found()))

    def damaged(raw: bytes | None) -> bytes:
        (life,) = msgspec.msgpack.decode(raw or b"")
        # Bytes are written as a text that is no UTF-8.
        return msgspec.msgpack.encode([{**life, field: value}]).replace(b"\xc4\x02\xff\xfe", b"\xa2\xff\xfe")

    memory.exchange("acme", damaged, KIND)
    lives = FindingLives("acme", memory, who="ops")
    assert await only_state(lives, a_look(found())) == "new"
    await lives.acknowledge([life.id for life in lives.known], NOON)
    assert await only_state(FindingLives("acme", memory), a_look(found())) == "acknowledged"


async def test_a_history_that_cannot_be_read_keeps_nothing_from_clearing(tmp_path: Path) -> None:
    def deeds() -> tuple[Entry, ...]:
        raise HistoryError("no", "no")

    lives = FindingLives("acme", Memory(tmp_path), deeds=deeds)
    await lives.followed(a_look(found()))
    for minutes in (1, 5):
        look = await lives.followed(a_look(at=NOON + timedelta(minutes=minutes)))
    assert [life.cleared_by for life in look.cleared] == ["not seen any more"]


async def test_a_mute_has_a_length_that_can_be_meant() -> None:
    lives = FindingLives()
    await lives.followed(a_look(found()))
    for span in (timedelta(), -HOUR, LONGEST_MUTE + HOUR):
        with pytest.raises(UsageError):
            await lives.mute([lives.known[0].id], NOON, span)


async def test_where_nothing_is_news_the_disk_is_left_alone(tmp_path: Path) -> None:
    memory = Memory(tmp_path)
    lives = FindingLives("acme", memory)
    await lives.followed(a_look(found()))
    before = memory.path.stat().st_mtime_ns
    for seconds in range(1, 40):
        await lives.followed(a_look(found(), at=NOON + timedelta(seconds=seconds)))
    assert memory.path.stat().st_mtime_ns == before


async def test_a_watched_finding_clears_with_the_words_of_what_cleared_it() -> None:
    watcher = Watcher()
    watcher.github.runner_list, watcher.github.run_list = [a_runner(1)], [a_run(7)]
    watcher.github.job_list = [a_job(70, 7)]
    await watcher.start()
    await watcher.clock.advance(200)
    (life,) = watcher.last.lives.values()
    assert life.state(watcher.last.snapshot.taken_at) == "new"
    watcher.github.runner_list = [replace(a_runner(1), busy=True)]
    watcher.github.job_list = [replace(a_job(70, 7), status="in_progress", runner_id=1, runner_name="linux-1")]
    await watcher.clock.advance(60)
    assert watcher.last.findings == ()
    assert watcher.last.cleared[0].cleared_by in {"the job was taken", "the runner is at work"}, (
        "whichever is read first"
    )
    await watcher.stop()


async def test_the_history_is_read_once_however_many_findings_are_missed() -> None:
    read: list[int] = []

    def deeds() -> tuple[Entry, ...]:
        read.append(1)
        return ()

    lives = FindingLives(deeds=deeds)
    await lives.followed(a_look(*(found(about=f"org:acme/{number}", runners=()) for number in range(10))))
    assert not read
    await lives.followed(a_look(at=NOON + timedelta(seconds=5)))
    assert len(read) == 1
