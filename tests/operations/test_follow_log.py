"""Following a log: what has been seen of it, as it is read and as it grows."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from console.fleet.log_lines import LogGroup, Where
from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue, Severity, Signature
from console.operations.follow_log import Reading, follow
from console.remote.log_file import LogFile
from console.remote.log_text import CHUNK, Spool
from tests.virtual_clock import START, VirtualClock, settle


def known(name: str, pattern: str, severity: Severity = "error", **more: object) -> Signature:
    given = {"harmless": "never", "where": ("job-log",), **more}
    return Signature(
        id=f"test.{name}", title=name, pattern=pattern, severity=severity, meaning=f"It is {name}.", remedy="Nothing.",
        source="a test", examples=("x",), near_misses=(), **given,  # type: ignore[arg-type]
    )  # fmt: skip


CATALOGUE = Catalogue(
    (
        known("disk", "[Nn]o space left"),
        known("lost", "connection lost", clears="connection is back"),
        known("race", "another job saves", "warning", harmless="usually", harmless_when="it does"),
        known("diag", "listener died", where=("runner-diag",)),
    )
)


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path)


def following(text: Spool | LogFile, clock: VirtualClock, where: Where = "job-log") -> AsyncIterator[Reading]:
    return follow(text, CATALOGUE, where, clock)


async def whole(text: Spool, where: Where = "job-log") -> Reading:
    """Of a log that has ended."""
    return [reading async for reading in following(text, VirtualClock(), where)][-1]


async def tell(readings: AsyncIterator[Reading], whom: Callable[[Reading], None]) -> None:
    async for reading in readings:
        whom(reading)


async def test_what_is_known_of_a_line_is_marked_with_what_became_of_it(spool: Spool) -> None:
    spool.append(b"one\nconnection lost\nno space left on it\nanother job saves it\nconnection is back\n")
    spool.end()
    reading = await whole(spool)
    assert reading.complete
    assert {line: (mark.signature, mark.severity) for line, mark in reading.marks.items()} == {
        1: ("test.lost", "error"),
        2: ("test.disk", "error"),
        3: ("test.race", "warning"),
    }
    assert [mark.cleared for mark in reading.marks.values()] == [True, False, False]
    assert [mark.harmless for mark in reading.marks.values()] == [False, False, True]
    assert reading.marks[2].words == "no space left"
    assert reading.counts == {"test.lost": 1, "test.disk": 1, "test.race": 1}


async def test_only_what_may_stand_in_such_a_log_is_marked(spool: Spool) -> None:
    spool.append(b"listener died\nno space left\n")
    spool.end()
    assert list((await whole(spool)).marks) == [1]
    assert list((await whole(spool, "runner-diag")).marks) == [0]


async def test_the_last_line_counts_although_it_has_no_end(spool: Spool) -> None:
    spool.append(b"one\nno space left")
    spool.end("The log ended early.")
    reading = await whole(spool)
    assert list(reading.marks) == [1]
    assert reading.extent.trouble == "The log ended early."


async def test_what_github_folds_and_calls_errors_is_told(spool: Spool) -> None:
    spool.append(
        b"##[group]Run a\nsh\n##[endgroup]\nout\n##[error]Process completed with exit code 1.\n##[group]Run b\n"
    )
    spool.end()
    reading = await whole(spool)
    assert reading.groups == (LogGroup(0, 3), LogGroup(5, 6))
    assert reading.errors == (4,)


async def test_words_of_a_line_are_harmless_before_they_are_shown(spool: Spool) -> None:
    escape = known("escape", r"steers (?P<what>.{1,40})", where=("job-log",))
    spool.append(b"it steers \x1b]0;title\x07 and \xe2\x80\xae\n")
    spool.end()
    readings = [reading async for reading in follow(spool, Catalogue((escape,)), "job-log", VirtualClock())]
    (mark,) = readings[-1].marks.values()
    assert mark.words.isprintable()


async def test_a_log_that_grows_is_told_of_ten_times_a_second_and_no_more(spool: Spool) -> None:
    clock = VirtualClock()
    seen: list[Reading] = []

    watching = asyncio.create_task(tell(following(spool, clock), seen.append))
    spool.append(b"one\n")
    await until(lambda: len(seen) == 1)
    assert not seen[0].complete
    assert seen[0].caught_up
    for _ in range(50):
        spool.append(b"no space left\n")
        await settle()
    assert len(seen) == 1
    await clock.advance(0.1)
    await until(lambda: len(seen) == 2)
    assert (seen[1].extent.lines, len(seen[1].marks)) == (51, 50)
    spool.end()
    await clock.advance(0.1)
    await asyncio.wait_for(watching, 60)
    assert seen[-1].complete


async def until(true: Callable[[], bool]) -> None:
    """What runs in threads needs real moments."""
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.002)


async def test_a_long_log_is_told_of_while_it_is_read(spool: Spool) -> None:
    line = b"x" * 99 + b"\n"
    for _ in range(6):
        spool.append(line * (CHUNK // 100))
    spool.end()

    class Hurried(VirtualClock):
        """A second for every look at it."""

        def elapsed(self) -> float:
            self.jump(1)
            return super().elapsed()

    readings = [reading async for reading in follow(spool, CATALOGUE, "job-log", Hurried())]
    scanned = [reading.scanned for reading in readings]
    assert len(readings) >= 6
    assert scanned == sorted(scanned)
    assert not readings[0].caught_up
    assert readings[-1].scanned == readings[-1].extent.size


async def test_what_computes_does_not_hold_up_the_loop(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    where = set()
    for name in ("feed", "verdicts", "end"):
        real = getattr(Scanner, name)

        def noting(*given: object, real: Callable[..., object] = real) -> object:
            where.add(threading.current_thread())
            return real(*given)

        monkeypatch.setattr(Scanner, name, noting)
    spool.append(b"no space left\n" * 1_000)
    spool.end()
    assert (await whole(spool)).counts == {"test.disk": 1_000}
    assert where
    assert threading.main_thread() not in where


async def test_a_file_that_is_emptied_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_bytes(b"no space left\n" * 3)
    clock = VirtualClock()
    file = LogFile(path)
    seen: list[Reading] = []

    watching = asyncio.create_task(tell(following(file, clock), seen.append))
    await until(lambda: bool(seen) and len(seen[-1].marks) == 3)
    path.write_bytes(b"one\n")

    async def seen_anew() -> None:
        while len(seen[-1].marks) or seen[-1].extent.lines != 1:
            await clock.advance(0.1)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(seen_anew(), 60)
    assert seen[-1].counts == {}
    assert seen[-1].extent.trouble.startswith("Emptied")
    watching.cancel()
    await file.close()


async def test_a_file_in_place_of_another_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "worker.log"
    path.write_bytes(b"no space left\n" * 3)
    clock = VirtualClock()
    file = LogFile(path)
    seen: list[Reading] = []

    watching = asyncio.create_task(tell(following(file, clock), seen.append))
    await until(lambda: bool(seen) and len(seen[-1].marks) == 3)
    path.rename(tmp_path / "worker.log.1")
    path.write_bytes(b"one\n" * 100 + b"no space left\n")
    # Nothing is seen of the moment at which nothing of it was counted.
    await until(lambda: file.extent().lines == 101)

    async def seen_anew() -> None:
        while list(seen[-1].marks) != [100]:
            await clock.advance(0.1)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(seen_anew(), 60)
    assert seen[-1].counts == {"test.disk": 1}
    watching.cancel()
    await file.close()


async def test_what_must_follow_is_missed_in_a_log_that_has_fallen_silent(spool: Spool) -> None:
    clock = VirtualClock()
    followup = {"expect": "it began", "within_seconds": 120, "severity": "critical"}
    asked = msgspec.convert(msgspec.to_builtins(known("asked", "it was asked", "info", followup=followup)), Signature)
    seen: list[Reading] = []
    hears = True
    readings = follow(spool, Catalogue((asked,)), "job-log", clock, lambda: clock.wall() if hears else None)
    watching = asyncio.create_task(tell(readings, seen.append))

    async def becomes(severity: str, followed: bool | None) -> None:
        async with asyncio.timeout(60):
            while not seen or [(each.severity, each.followed) for each in seen[-1].verdicts] != [(severity, followed)]:
                await clock.advance(1)
                await asyncio.sleep(0.01)

    spool.append(f"{START:%Y-%m-%dT%H:%M:%S}Z it was asked\n".encode())
    await becomes("info", None)
    assert clock.wall() < START + timedelta(seconds=60)
    hears = False
    clock.jump(300)
    before = len(seen)
    while len(seen) < before + 2:
        await clock.advance(1)
        await asyncio.sleep(0.01)
    await becomes("info", None)
    hears = True
    await becomes("error", False)
    spool.append(f"{START:%Y-%m-%dT%H:%M}:30Z it began\n".encode())
    await becomes("info", True)
    spool.append(f"{clock.wall():%Y-%m-%dT%H:%M:%S}Z it was asked\n".encode())
    clock.jump(300)
    spool.end()
    async with asyncio.timeout(60):
        while not watching.done():
            await clock.advance(1)
            await asyncio.sleep(0.01)
    assert [each.severity for each in seen[-1].verdicts] == ["info", "error"], "what was known remains at its end"
