"""Logs of any size: whatever their length and however they arrive, their lines are those that were written."""

import asyncio
import errno
import os
import resource
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import LogError, UsageError
from console.fleet.log_lines import LogExtent, Search
from console.remote import log_file
from console.remote.line_index import BLOCK, LineIndex
from console.remote.log_file import LogFile
from console.remote.log_lines import log_line
from console.remote.log_search import PIECE
from console.remote.log_text import CHUNK, LogBytes, Spool


def index_of(data: bytes, cuts: list[int]) -> LineIndex:
    index = LineIndex(lambda offset, size: data[offset : offset + size])
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        index.count(data[start:end])
    return index


LINES = st.lists(st.integers(0, 40) | st.sampled_from([BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK]), max_size=12)


@settings(deadline=None)
@given(LINES, st.booleans(), st.lists(st.floats(0, 1), max_size=4))
def test_every_line_is_found_wherever_blocks_and_chunks_end(lengths: list[int], last: bool, cuts: list[float]) -> None:
    data = b"\n".join(b"x" * length for length in lengths) + (b"\n" if last else b"")
    index = index_of(data, sorted(int(cut * len(data)) for cut in cuts))
    expected, at = [], 0
    for line in data.splitlines():
        expected.append((at, len(line)))
        at += len(line) + 1
    assert list(index.line_starts(0, len(lengths) + 5)) == expected
    for number, place in enumerate(expected):
        assert list(index.line_starts(number, 1)) == [place]
        assert index.line_at(place[0]) == number


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    kept = Spool(tmp_path)
    yield kept
    await kept.close()


def texts(log: LogBytes, first: int = 0, count: int = 100) -> list[str]:
    return [line.text for line in log.lines(first, count)]


async def test_a_stream_is_read_as_it_arrives(spool: Spool, tmp_path: Path) -> None:
    spool.append(b"one\ntw")
    assert texts(spool) == ["one", "tw"]
    assert (await spool.grown()).lines == 2
    spool.append(b"o\nthree\n")
    assert texts(spool) == ["one", "two", "three"]
    spool.end()
    assert await spool.grown() == LogExtent(lines=3, size=14)
    assert list(tmp_path.iterdir()) == [], "what is kept has no name, so nothing is left behind"


async def test_what_goes_beyond_the_limit_is_counted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, most=10)
    spool.append(b"12345678\n")
    spool.append(b"abcdef\n")
    spool.append(b"more")
    assert texts(spool) == ["12345678", "a"]
    assert spool.extent().dropped == 10
    await spool.close()


async def test_a_full_disk_ends_the_keeping_and_nothing_else(spool: Spool) -> None:
    with files_of_at_most(8192):
        spool.append(b"a" * (8192 - 10) + b"\n")
        spool.append(b"b" * 100)
        spool.append(b"c" * 100)
    extent = spool.extent()
    assert extent.dropped >= 190
    assert extent.trouble
    assert texts(spool, 0, 1)[0].startswith("aaaa")


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Lifted before the test ends: the limit holds for what the test runner prints into a file, too."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_one_line_of_many_megabytes_is_shown_by_its_beginning(spool: Spool) -> None:
    for _ in range(40):
        spool.append(b"y" * 1_000_000)
    spool.append(b"needle\nend")
    first, last = spool.lines(0, 5)
    assert first.cut + len(first.text) == 40_000_006
    assert last.text == "end"
    assert await spool.find(Search("needle"), 0) == 0


ENDS = (b"\x07", b"\x1b\\", b"\x9c", b"")
ESCAPES = (
    *(
        start + b"words" + end
        for start in (b"\x1b]0;", b"\x1b]8;;", b"\x1b]52;c;", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX")
        for end in ENDS
    ),
    *(
        b"\x1b[2J",
        b"\x1b[6n",
        b"\x1b[c",
        b"\x1b[?1049l",
        b"\x1bc",
        b"\x9b2J",
        b"\x1b[31;",
        b"\x1b",
        b"\xc2\x9b2J",
        b"\xe2\x80",
    ),
)


@pytest.mark.parametrize("escape", ESCAPES)
async def test_an_escape_that_comes_byte_by_byte_is_harmless_at_every_moment(spool: Spool, escape: bytes) -> None:
    written = b"one " + escape + b" two\n" + escape
    for number in range(len(written)):
        spool.append(written[number : number + 1])
        assert all(line.text.isprintable() and not line.colours for line in spool.lines(0, 3))
    once = log_line(0, b"one " + escape + b" two")
    assert texts(spool) == [once.text, log_line(1, escape).text]


async def counted(path: Path) -> LogFile:
    log = LogFile(path)
    while not (await log.grown()).counted:
        pass
    return log


async def test_a_file_grows_and_is_emptied_under_our_eyes(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(b"one\n")
    log = await counted(path)
    with path.open("ab") as file:
        file.write(b"two\n")
    assert (await log.grown()).lines == 2
    path.write_bytes(b"3\n")
    while (await log.grown()).lines != 1:
        pass
    assert texts(log) == ["3"]
    assert log.extent().trouble.startswith("Emptied")
    await log.close()


@pytest.mark.parametrize("name", ["missing", "directory", "pipe"])
async def test_what_is_no_file_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / "directory").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LogError, match=name) as caught:
        LogFile(tmp_path / name)
    assert ("scan -" in caught.value.hint) == (name == "pipe")


@pytest.mark.parametrize("around", [0, PIECE - 3, PIECE, 2 * PIECE + 17])
@pytest.mark.parametrize(
    "search",
    [Search("Needle"), Search("needle"), Search("^the Need.e$", regex=True), Search("a needle|the needle", regex=True)],
    ids=str,
)
async def test_a_search_finds_the_nearest_line_both_ways(spool: Spool, around: int, search: Search) -> None:
    filler = b"some other line of this log\n"
    spool.append(
        filler * (around // len(filler)) + b"the Needle\n" + filler * 50_000 + b"the \x1b[31mNee\x1b[0mdle\n" + filler
    )
    first = around // len(filler)
    second = first + 50_001
    assert await spool.find(search, 0) == first
    assert await spool.find(search, first) == first
    assert await spool.find(search, first + 1) == second
    assert await spool.find(search, second + 1) is None
    assert await spool.find(search, second + 1, backward=True) == second
    assert await spool.find(search, second - 1, backward=True) == first
    assert await spool.find(search, first - 1, backward=True) is None


@pytest.mark.parametrize("pattern", ["(", "(a+)+$", ".*a.*b", r"(a)\1", "(?=x)"])
async def test_a_pattern_that_is_none_or_may_take_long_is_refused(spool: Spool, pattern: str) -> None:
    spool.append(b"a" * 100_000 + b"\n")
    with pytest.raises(UsageError, match="The pattern"):
        await spool.find(Search(pattern, regex=True), 0)


async def test_an_accepted_pattern_is_quick_on_the_longest_line(spool: Spool) -> None:
    spool.append(b"a" * 1_000_000 + b"\n")
    begun = time.process_time()
    assert await spool.find(Search("a*b", regex=True), 0) is None
    assert time.process_time() - begun < 2


async def test_every_line_with_it_is_found_once_and_in_order(spool: Spool) -> None:
    for number in range(60_000):
        spool.append(b"line %d of this log, with some words behind it\n" % number)
    spool.append(b"77 and no end " + b"x" * (2 * PIECE) + b" 77")
    expected = [number for number in range(60_000) if "77" in str(number)] + [60_000]
    for search in (Search("77"), Search("7{2}", regex=True)):
        found = [line for lines in [lines async for lines in spool.find_all(search)] for line in lines]
        assert sorted(set(found)) == expected
        assert found == sorted(found)
    later = [line for lines in [lines async for lines in spool.find_all(Search("77"), 59_977)] for line in lines]
    assert sorted(set(later)) == [59_977, 60_000]


async def test_nobody_waits_for_a_search_that_was_given_up(spool: Spool) -> None:
    line = b"a line without it\n"
    spool.append(line * (6 * PIECE // len(line)))
    begun, may, read = threading.Event(), threading.Event(), list[int]()

    def told(at: int) -> None:
        read.append(at)
        begun.set()
        may.wait(60)

    search = asyncio.create_task(spool.find(Search("[Bb]$", regex=True), 0, told=told))
    await asyncio.to_thread(begun.wait, 60)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    may.set()
    await asyncio.get_running_loop().shutdown_default_executor()
    assert max(read) < 2 * PIECE


async def test_a_log_may_be_closed_while_it_is_searched_and_drawn(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(b"a line without it\n" * 1_000_000)
    search = asyncio.create_task(spool.find(Search("not here"), 0))
    await asyncio.sleep(0)
    await spool.close()
    assert await search is None
    assert "".join(texts(spool, 500_000, 2)) == ""
    await spool.close()


async def test_a_file_that_was_emptied_a_moment_ago_can_be_drawn(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(b"line\n" * 100_000)
    log = await counted(path)
    os.truncate(path, 7)
    assert all(line.text in {"", "line"} for line in log.lines(60_000, 50))
    assert all(line.text in {"", "line", "li"} for line in log.lines(0, 50))
    await log.close()


async def said_of(log: LogFile, words: str) -> LogExtent:
    async with asyncio.timeout(60):
        while not (extent := await log.grown()).trouble.startswith(words):
            pass
    return extent


async def test_a_file_that_was_emptied_says_so_before_anything_new_comes(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(b"one\n")
    log = await counted(path)
    os.truncate(path, 0)
    extent = await said_of(log, "Emptied")
    assert (extent.lines, extent.size, extent.anew) == (0, 0, 1)
    await log.close()


@pytest.mark.parametrize("lasts", [True, False])
async def test_that_a_file_was_emptied_is_news_only_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lasts: bool
) -> None:
    monkeypatch.setattr(log_file, "NEWS_FOR", 60.0 if lasts else 0.3)
    path = tmp_path / "service.log"
    path.write_bytes(b"one\n")
    log = await counted(path)
    os.truncate(path, 0)
    await said_of(log, "Emptied")
    await asyncio.sleep(0.6)
    assert (await log.grown() if not lasts else log.extent()).trouble == ("Emptied; read anew." if lasts else "")
    await log.close()


@pytest.mark.parametrize("again", [b"3\n", b"3333333\n", b"3\n" + b"another line\n" * 1_000])
@pytest.mark.parametrize("before", [b"one two\n", b"one\n" + b"a line\n" * 1_000])
async def test_a_file_that_was_emptied_and_filled_between_two_looks_is_read_anew(
    tmp_path: Path, before: bytes, again: bytes
) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(before)
    log = await counted(path)
    path.write_bytes(again)
    await said_of(log, "Emptied")
    while log.extent().size != len(again):
        await log.grown()
    assert "\n".join(texts(log, 0, 2_000)) + "\n" == again.decode()
    with path.open("ab") as file:
        file.write(b"and more\n")
    while log.extent().size == len(again):
        await log.grown()
    assert log.extent().anew == 1
    await log.close()


async def test_a_part_that_cannot_be_read_is_told_of_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LOOK_AGAIN", 0.01)
    path = tmp_path / "service.log"
    path.write_bytes(b"a line\n" * 400_000)
    sound = os.pread

    def failing(descriptor: int, size: int, offset: int) -> bytes:
        if offset >= CHUNK:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return sound(descriptor, size, offset)

    monkeypatch.setattr(os, "pread", failing)
    log = LogFile(path)
    extent = await said_of(log, "Input/output error beyond byte 262 144; dmesg")
    assert (extent.size, extent.ended) == (CHUNK, False)
    assert texts(log, 0, 2) == ["a line"] * 2
    monkeypatch.setattr(os, "pread", sound)
    while log.extent().size != 2_800_000:
        await log.grown()
    assert log.extent().trouble == ""
    await log.close()


async def test_of_what_becomes_of_a_file_the_newest_is_said(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(b"one\n")
    log = await counted(path)
    os.truncate(path, 0)
    await said_of(log, "Emptied")
    path.write_bytes(b"two\n")
    while (await log.grown()).lines != 1:
        pass
    path.rename(tmp_path / "service.log.1")
    await said_of(log, "Deleted or renamed")
    assert texts(log) == ["two"]
    path.write_bytes(b"a longer line than before\n")
    await said_of(log, "Replaced")
    while (await log.grown()).lines != 1:
        pass
    assert texts(log) == ["a longer line than before"]
    with path.open("ab") as file:
        file.write(b"more\n")
    while (await log.grown()).lines != 2:
        pass
    os.truncate(path, 0)
    await said_of(log, "Emptied")
    await log.close()


async def test_a_file_in_whose_place_is_none_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "service.log"
    path.write_bytes(b"one\n")
    log = await counted(path)
    path.rename(tmp_path / "elsewhere")
    path.mkdir()
    await said_of(log, "Replaced; the new one cannot be read")
    assert texts(log) == ["one"]
    path.rmdir()
    (tmp_path / "elsewhere").rename(path)
    async with asyncio.timeout(60):
        while (await log.grown()).trouble:
            pass
    await log.close()


def test_who_looks_up_while_it_is_counted_sees_no_line_twice() -> None:
    data = b"x\n" * (BLOCK * 20)
    index = LineIndex(lambda offset, size: data[offset : offset + size])

    def count() -> None:
        for at in range(0, len(data), 777):
            index.count(data[at : at + 777])

    counting = threading.Thread(target=count)
    counting.start()
    before = 0
    while counting.is_alive():
        ends = index.line_ends
        assert ends >= before
        assert ends * 2 <= index.size
        if ends:
            assert list(index.line_starts(ends - 1, 1)) == [(2 * ends - 2, 1)]
        before = ends
    counting.join()


async def test_a_time_leads_to_its_line(spool: Spool) -> None:
    for minute in range(50):
        spool.append(b"2025-07-04T14:%02d:00.0000000Z begun\n   at a.b.c\n" % minute)
    assert await spool.line_at(datetime(2025, 7, 4, 14, 30, tzinfo=UTC)) == 60
    assert await spool.line_at(datetime(2025, 7, 4, 13, tzinfo=UTC)) == 0
    assert await spool.line_at(datetime(2025, 7, 4, 15, tzinfo=UTC)) == 99


async def test_without_times_no_line_is_guessed(spool: Spool) -> None:
    spool.append(b"x\ny\n")
    assert await spool.line_at(datetime(2025, 7, 4, tzinfo=UTC)) is None


@given(st.lists(st.binary(max_size=50), max_size=8))
async def test_what_arrived_can_be_read_again(pieces: list[bytes]) -> None:
    spool = Spool(Path(tempfile.gettempdir()))
    for piece in pieces:
        spool.append(piece)
    written = b"".join(pieces)
    assert spool.bytes_from(0) == written
    assert spool.bytes_from(len(written) // 2) == written[len(written) // 2 :]
    assert spool.bytes_from(len(written)) == b""
    await spool.close()
