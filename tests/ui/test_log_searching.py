"""A search of a log that takes long: it says where it is, and Escape ends it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from console.fleet.log_lines import Search
from console.fleet.models import Name
from console.operations.interfaces import SystemClock, Told
from console.operations.logs import OpenLog
from console.remote.log_text import Spool
from tests.ui.test_logs import CATALOGUE, Host, read, until

LINE = b"a line of it\n"


class Slow(Spool):
    """A search in it stands still in its middle until it is given up."""

    under_way = 0

    async def find(self, search: Search, start: int, *, backward: bool = False, told: Told | None = None) -> int | None:
        assert told is not None
        await asyncio.to_thread(told, self.extent().size // 2)
        self.under_way += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.under_way -= 1
            told(7)
        return None

    async def find_all(
        self, search: Search, start: int = 0, *, told: Told | None = None
    ) -> AsyncIterator[Sequence[int]]:
        assert told is not None
        yield [3]
        await self.find(search, start, told=told)


def title(app: Host) -> str:
    return str(app.query_one(".pane-title").render())


async def opened(tmp_path: Path) -> tuple[Slow, Host]:
    spool = Slow(tmp_path)
    spool.append(LINE * 100)
    spool.end()
    return spool, Host(OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock()))


async def test_a_search_says_where_it_is_and_escape_ends_it(tmp_path: Path) -> None:
    spool, app = await opened(tmp_path)
    async with app.run_test(size=(120, 20)) as pilot:
        await read(pilot)
        await pilot.press("slash", *"line", "enter")
        await until(pilot, lambda: "searching at 50 % (esc stops)" in title(app))
        await pilot.press("escape")
        await until(pilot, lambda: "searching" not in title(app))
        assert not spool.under_way
        assert app.view.cursor_line == 0
        assert "/line" in title(app), "n goes on"


async def test_to_list_every_match_says_where_it_is_and_escape_shows_all_lines_again(tmp_path: Path) -> None:
    spool, app = await opened(tmp_path)
    async with app.run_test(size=(120, 20)) as pilot:
        await read(pilot)
        await pilot.press("slash", *"line", "enter", "o")
        await until(pilot, lambda: "searching at 50 %" in title(app) and spool.under_way == 2)
        await pilot.press("escape")
        await until(pilot, lambda: "searching" not in title(app) and not app.view.only_matches)
        assert not spool.under_way


async def test_of_a_line_with_a_million_hits_one_is_found(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(b"first\n" + b"hit " * 4_000_000 + b"\nlast\n")
    spool.end()
    places: list[int] = []
    assert await spool.find(Search("hit"), 0, told=places.append) == 1
    assert await spool.find(Search("hit"), 2, told=places.append) is None
    assert {line async for lines in spool.find_all(Search("hit")) for line in lines} == {1}
    assert max(places) > 15_000_000
    await spool.close()
