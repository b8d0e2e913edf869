"""Several logs on one screen: they go through time together, and can be read as one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.fleet.models import Name
from console.fleet.signatures import Catalogue
from console.operations.feed_state import FeedState
from console.operations.interfaces import SystemClock
from console.operations.logs import OpenLog
from console.remote.log_file import LogFile
from console.ui.panes.logs import MOST_OPEN
from console.ui.widgets.log_panel import LogPanel
from console.ui.widgets.log_view import LogView
from tests.ui.fleet_fixture import settled
from tests.ui.test_logs_pane import Hand, console, key_of

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def every(seconds: float, words: str, count: int = 100) -> str:
    return "".join(
        f"{START + timedelta(seconds=seconds * at):%Y-%m-%dT%H:%M:%S.%f}Z {words} {at}\n" for at in range(count)
    )


class Files(Hand):
    """Logs of jobs that are files on this machine."""

    async def open(self, number: int, lines: str, state: FeedState | None = None) -> LogPanel:
        path = self._directory / f"{number}.log"
        path.write_text(lines)
        opened = OpenLog((Name(f"log {number}"),), "job-log", LogFile(path), lambda: Catalogue(()), SystemClock())
        opened.state = state
        self.operator.connector.connections[0].logs.opened[key_of(number)] = opened
        await self.type(f":logs {number}")
        await self.press("enter")
        await self.until_read(lines.splitlines()[-1 if state else 0][28:])
        return list(self.pane.query(LogPanel))[-1]

    async def until_at(self, view: LogView, line: int) -> None:
        await self.until(lambda: view.cursor_line == line)

    async def others_had_time(self) -> None:
        """They would have followed by now."""
        await asyncio.sleep(0.3)
        await settled(self.operator.pilot)

    async def until_told(self, words: str) -> None:
        await self.until(lambda: any(words in each for each in self.operator.said))

    @property
    def merged(self) -> LogPanel:
        return next(panel for panel in self.pane.query(LogPanel) if panel.opened.sources)


@asynccontextmanager
async def two_files(directory: Path, first: str, second: str) -> AsyncIterator[tuple[Files, LogView, LogView]]:
    """The second one has the keys."""
    async with console(directory) as hand:
        files = Files(hand.operator, directory)
        one, other = await files.open(14, first), await files.open(16, second)
        yield files, one.view, other.view


async def test_logs_side_by_side_go_through_time_together_until_equals_is_pressed(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "slow"), every(0.5, "fast")) as (hand, slow, fast):
        await hand.press(*["j"] * 10)
        await hand.until_at(fast, 10)
        assert slow.cursor_line == 0, "alone on the screen it leads no other"
        await hand.press("vertical_line", "j", "j")
        await hand.until_at(slow, 6)
        assert fast.has_focus
        await hand.press("tab", "G")
        await hand.until_at(slow, 99)
        await hand.until_at(fast, 99)
        await hand.press("g")
        await hand.until_at(fast, 0)
        await hand.press("equals_sign", "j", "j", "j")
        await hand.until_at(slow, 3)
        await hand.until_told("no longer go")
        assert fast.cursor_line == 0
        await hand.press("equals_sign", "j")
        await hand.until_at(fast, 8)


async def test_who_moves_a_log_that_is_about_to_follow_another_is_where_he_went(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "slow"), every(0.5, "fast")) as (hand, slow, fast):
        asked, may = asyncio.Event(), asyncio.Event()
        line_at = slow.line_at

        async def held(moment: datetime) -> int | None:
            asked.set()
            await may.wait()
            return await line_at(moment)

        slow.line_at = held  # type: ignore[method-assign] # waits
        await hand.press("vertical_line", "j")
        await hand.until(asked.is_set)
        await hand.press("tab", "G")
        may.set()
        await hand.until_at(fast, 99)
        assert slow.cursor_line == 99


async def test_many_keys_move_the_others_to_the_last_place(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "one", 400), every(1, "two", 400)) as (hand, one, two):
        await hand.press("vertical_line")
        asked: list[datetime] = []
        line_at = one.line_at

        async def counted(moment: datetime) -> int | None:
            asked.append(moment)
            return await line_at(moment)

        one.line_at = counted  # type: ignore[method-assign] # counts
        before = SystemClock().elapsed()
        await hand.press(*["j"] * 100)
        await hand.until_at(one, two.cursor_line)
        assert two.cursor_line == 100
        assert len(asked) <= (SystemClock().elapsed() - before) * 10 + 2


async def test_a_log_without_times_and_one_that_is_followed_at_its_end_stay(tmp_path: Path) -> None:
    async with two_files(tmp_path, "no time at all\n" * 50, every(1, "timed")) as (hand, untimed, timed):
        await hand.press("vertical_line", "j", "j", "j")
        third = (await hand.open(11, every(1, "third", 200))).view
        await hand.press("equals_sign", "G", "equals_sign", "shift+tab", "G")
        await hand.until_at(timed, 99)
        await hand.others_had_time()
        assert third.following
        await hand.press("k")
        await hand.until_at(third, 98)
        await hand.until(lambda: not third.following)
        await hand.press("G")
        await hand.until(lambda: third.following)
        assert untimed.cursor_line == 0


async def test_what_opens_at_its_newest_line_leads_no_other_there(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "one"), every(1, "two")) as (hand, one, two):
        await hand.press("vertical_line", *["j"] * 5)
        await hand.until_at(one, 5)
        third = await hand.open(11, every(1, "third"), state=FeedState("connected", START))
        await hand.until(lambda: third.view.following and third.view.has_focus)
        await hand.others_had_time()
        assert [one.cursor_line, two.cursor_line, third.view.cursor_line] == [5, 5, 99]
        await hand.press("k")
        await hand.until_at(one, 98)
        await hand.until_at(two, 98)


async def test_m_shows_all_open_logs_as_one_at_the_time_one_was_at(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "slow"), every(0.5, "fast")) as (hand, slow, fast):
        await hand.press(*["j"] * 10, "M")
        await hand.until_read("job docs", "job lint", "merged: ")
        merged = hand.merged.view
        await hand.until(lambda: merged.extent.lines == 200 and merged.has_focus)
        await hand.until_at(merged, 15)
        assert "12:00:05 job lint slow 5" in hand.text
        assert "12:00:05 job docs fast 10" in hand.text
        await hand.type("/fast 42")
        await hand.press("enter")
        await hand.until_at(merged, 64)
        copied: list[str] = []
        hand.app.copy_to_clipboard = copied.append  # type: ignore[method-assign, assignment] # reads what is copied
        await hand.press("y")
        await hand.until(lambda: copied == ["job docs: fast 42"])
        await hand.press("vertical_line", "k")
        await hand.until_at(slow, 21)
        await hand.until_at(fast, 42)


async def test_the_merged_log_grows_with_its_logs_and_outlives_them(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "slow", 5), every(0.5, "fast", 5)) as (hand, _, _):
        await hand.press("M")
        await hand.until(lambda: hand.merged.view.extent.lines == 10)
        with (tmp_path / "14.log").open("a") as file:
            file.write("2026-03-02T12:01:00.0Z more\n")
        await hand.until_read("job lint more")
        await hand.press("tab", "X")
        await hand.until(lambda: len(hand.pane.query(LogPanel)) == 2)
        await hand.until_read("job lint ended")
        with (tmp_path / "16.log").open("a") as file:
            file.write("2026-03-02T12:01:01.0Z yet more\n")
        await hand.until_read("job docs yet more", "job lint more")


async def test_m_needs_two_logs_and_pressed_again_takes_what_is_open_then(tmp_path: Path) -> None:
    async with console(tmp_path) as plain:
        hand = Files(plain.operator, tmp_path)
        await hand.open(11, every(1, "word 11", 3))
        await hand.press("M")
        await hand.until_told("Two logs are needed")
        for number in range(12, 11 + MOST_OPEN):
            await hand.open(number, every(1, f"word {number}", 3))
            await hand.press("M")
            await hand.until(lambda: hand.merged.view.extent.lines == 3 * (number - 10))  # noqa: B023 -- at once
        assert len(hand.pane.query(LogPanel)) == MOST_OPEN + 1, "it closes none of the logs that are in it"


async def test_what_was_still_to_be_drawn_of_a_log_that_is_closed_ends_nothing(tmp_path: Path) -> None:
    async with two_files(tmp_path, every(1, "one"), every(1, "two")) as (hand, _, _):
        one, two = hand.pane.query(LogPanel)
        two.call_after_refresh(two._draw)
        await hand.press("X")
        two._draw()
        assert list(hand.pane.query(LogPanel)) == [one]
