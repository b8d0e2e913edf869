"""Logs within the whole console: how they are opened, arranged and left."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from console.errors import LogError
from console.fleet.log_lines import Search
from console.fleet.models import FleetSnapshot, JobKey, Name
from console.fleet.signatures import Catalogue
from console.operations.interfaces import SystemClock
from console.operations.logs import OpenLog
from console.remote.log_text import Spool
from console.ui.panes.logs import MOST_OPEN, LogsPane
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.log_panel import LogPanel
from console.ui.widgets.prompt import PromptLine
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled
from tests.ui.test_panes import Operator, operator


def key_of(number: int) -> JobKey:
    return next(key for key in fleet.INCIDENT.jobs if key.id == number)


class Hand:
    """An operator, and the logs that there are."""

    def __init__(self, operator: Operator, directory: Path) -> None:
        self.press = operator.press
        self.type = operator.type
        self.see = operator.see
        self.operator = operator
        self.app = operator.app
        self._directory = directory
        self.spools: list[Spool] = []

    @property
    def text(self) -> str:
        return self.operator.text

    @property
    def pane(self) -> LogsPane:
        return self.app.screen.query_one(LogsPane)

    def put(self, number: int, words: str = "a line of it", spool: Spool | None = None) -> None:
        """A log of that job."""
        spool = spool or Spool(self._directory)
        spool.append(f"{words} {number}\n".encode() * 40)
        spool.end()
        self.spools.append(spool)
        opened = OpenLog((Name(f"log {number}"),), "job-log", spool, lambda: Catalogue(()), SystemClock())
        self.operator.connector.connections[0].logs.opened[key_of(number)] = opened

    def refuse(self, number: int, error: LogError) -> None:
        self.operator.connector.connections[0].logs.opened[key_of(number)] = error

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(6000):
            await settled(self.operator.pilot)
            if holds():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"It did not come about:\n{self.text}")

    async def until_read(self, *words: str) -> None:
        await self.until(lambda: all(each in self.text for each in words))

    async def job_pane(self, number: int) -> None:
        """To that job's own pane."""
        await self.press("3")
        await self.type(f":jobs {number}")
        await self.press("enter", "enter")


@asynccontextmanager
async def console(
    directory: Path, snapshot: FleetSnapshot = fleet.INCIDENT, *, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Hand]:
    async with operator(snapshot, size=size) as hand:
        yield Hand(hand, directory)


async def test_l_opens_the_log_of_a_job_and_the_ways_back_are_as_elsewhere(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hand.put(16)
        await hand.press("3")
        await hand.type(":jobs docs")
        await hand.press("enter", "l")
        await hand.until_read("a line of it 16", "3 Jobs", "log 16")
        for back in ("escape", "minus", "q"):
            await hand.press(back)
            assert "a line of it 16" not in hand.text
            assert "docs" in hand.text
            await hand.press("l")
            await hand.until_read("a line of it 16")
        assert len(hand.pane.query(LogPanel)) == 1, "what is open is not opened again"


async def test_l_on_a_busy_runner_and_on_a_jobs_pane_opens_the_log_of_that_job(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hand.put(14)
        await hand.press("2")
        await hand.type(":runners prod-linux-01")
        await hand.press("enter", "l")
        await hand.until_read("a line of it 14")
        hand.put(16)
        await hand.press("3")
        await hand.type(":jobs docs")
        await hand.press("enter", "enter", "l")
        await hand.until_read("a line of it 16")


async def test_a_job_at_work_shows_its_steps_and_its_log_when_it_ends(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.press("3")
        await hand.type(":jobs lint")
        await hand.press("enter", "l")
        await hand.until_read("it opens here then", "Run make test", "Set up job")
        await hand.until_read("acme/web lint", "in_progress for", "prod-linux-01")
        assert "It has not begun" not in hand.text
        hand.put(14)
        await hand.see(fleet.look(ended(14)))
        await hand.until_read("a line of it 14")
        assert "opens here then" not in hand.text


async def test_of_a_job_that_waits_its_log_says_whose_it_is_and_that_it_has_not_begun(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        waiting = next(job for job in fleet.INCIDENT.jobs.values() if job.queued)
        await hand.type(f":logs {waiting.id}")
        await hand.press("enter")
        await hand.until_read(f"{waiting.repository} {waiting.name}", "queued for", "It has not begun.")
        assert "online runner" in hand.text


def ended(number: int) -> FleetSnapshot:
    jobs = dict(fleet.INCIDENT.jobs)
    key = key_of(number)
    jobs[key] = msgspec.structs.replace(jobs[key], status="completed", conclusion="failure", completed_at=fleet.NOON)
    return msgspec.structs.replace(fleet.INCIDENT, jobs=jobs)


async def test_a_log_that_is_refused_says_why_and_what_helps(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hand.refuse(16, LogError("The log of this job has expired", "Logs are kept for 90 days."))
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("The log of this job has expired", "Logs are kept for 90 days.", "acme/web docs")
        hand.put(14)
        await hand.type(":logs lint")
        await hand.press("enter")
        await hand.until_read("a line of it 14")
        assert "expired" not in hand.text
        hand.refuse(16, LogError("The log of this job has expired", "Logs are kept for 90 days."))
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("has expired", "a line of it 14")
        await hand.press("X")
        assert "expired" not in hand.text
        assert "a line of it 14" in hand.text


async def test_the_command_logs_names_a_job_or_says_what_is_wrong(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.type(":logs")
        await hand.press("enter")
        await hand.until_read("No log is open")
        await hand.type(":logs nothing-of-that-name")
        await hand.press("enter")
        assert 'No job is called "nothing-of-that-name"' in hand.text
        await hand.press("escape")
        await hand.type(":logs acme/web")
        await hand.press("enter")
        assert "jobs may be meant" in hand.text


async def test_logs_are_shown_one_at_a_time_side_by_side_or_stacked(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        for number in (14, 16):
            hand.put(number)
            await hand.type(f":logs {number}")
            await hand.press("enter")
            await hand.until_read(f"a line of it {number}")
        assert "a line of it 14" not in hand.text
        first, second = hand.pane.query(LogPanel)
        await hand.press("tab")
        assert first.view.has_focus
        assert "a line of it 16" not in hand.text
        await hand.press("vertical_line")
        assert "a line of it 16" in hand.text
        assert first.region.y == second.region.y
        assert first.view.has_focus
        await hand.press("tab")
        assert second.view.has_focus
        await hand.press("vertical_line")
        assert first.region.x == second.region.x
        assert first.region.y < second.region.y
        await hand.press("X")
        assert len(hand.pane.query(LogPanel)) == 1
        assert first.view.has_focus
        await hand.press("X")
        await hand.until_read("No log is open")
        assert [spool._descriptor for spool in hand.spools] == [-1, -1], "closed with their panels"


async def test_one_log_too_many_closes_the_first(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        for number in range(11, 11 + MOST_OPEN + 1):
            hand.put(number)
            await hand.type(f":logs {number}")
            await hand.press("enter")
            await hand.until_read(f"a line of it {number}")
        assert len(hand.pane.query(LogPanel)) == MOST_OPEN
        assert hand.spools[0]._descriptor == -1


async def test_full_screen_shows_nothing_but_logs_until_f_or_escape_or_another_screen(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hand.put(16)
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("a line of it 16")
        for back in ("f", "escape"):
            await hand.press("f")
            assert "acme-prod" not in hand.text
            assert "a line of it 16" in hand.text.splitlines()[-8]
            await hand.press(back)
            assert "acme-prod" in hand.text
            assert "a line of it 16" in hand.text
        await hand.press("f", "colon")
        assert hand.text.splitlines()[-1].startswith(" :"), "what is typed can be seen"
        await hand.press("escape", "1")
        assert "acme-prod" in hand.text


async def test_colons_and_slashes_are_typed_into_a_search_and_a_time(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hand.put(16, "2026-03-02T12:00:00.0000000Z error: in a/b")
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("error: in a/b 16")
        await hand.type("/error: in a/b")
        panel = hand.pane.query_one(LogPanel)
        assert panel.query_one("PromptLine Input").value == "error: in a/b"  # type: ignore[attr-defined]
        await hand.press("enter")
        assert panel.view.has_focus
        await hand.press("at")
        await hand.type("14:32")
        assert panel.query_one("PromptLine Input").value == "14:32"  # type: ignore[attr-defined]
        assert not any(prompt.display for prompt in hand.app.screen.query("BottomLine PromptLine").results(PromptLine))


async def test_help_and_hints_know_the_keys_of_a_log(tmp_path: Path) -> None:
    async with console(tmp_path, size=(80, 24)) as hand:
        hand.put(16)
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("a line of it 16")
        hints = str(hand.app.screen.query_one(HintsLine).render())
        for does in ("s follow", "e error", "/ search", "| arrange", "f full screen", "? help"):
            assert does in hints
        await hand.press("question_mark")
        await hand.until_read("In the lines", "next marked error")


async def test_another_context_waits_for_no_log_of_this_one(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.type(":logs lint")
        await hand.press("enter")
        await hand.until_read("it opens here then")
        await hand.type(":context acme-lab")
        await hand.press("enter", "4")
        await hand.until_read("No log is open")


class Searched(Spool):
    """A search in it comes to no end by itself."""

    under_way = 0

    async def find(
        self, search: Search, start: int, *, backward: bool = False, told: Callable[[int], None] | None = None
    ) -> int | None:
        self.under_way += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.under_way -= 1
        return None


@pytest.mark.parametrize("key", ["q", "ctrl+q", "X"])
async def test_a_log_and_the_console_are_left_while_it_is_searched(tmp_path: Path, key: str) -> None:
    async with console(tmp_path) as hand:
        hand.put(16, spool=(spool := Searched(tmp_path)))
        await hand.type(":logs 16")
        await hand.press("enter")
        await hand.until_read("a line of it 16")
        await hand.type("/not here")
        await hand.press("enter")
        await hand.until(lambda: spool.under_way == 1 and "searching" in hand.text)
        await hand.press(key)
        if key == "q":
            await hand.until(lambda: not hand.pane.shown)
            assert spool.under_way == 1, "it is still open"
        elif key == "X":
            await hand.until_read("No log is open")
            assert spool._descriptor == -1
            assert not spool.under_way
        else:
            await hand.until(lambda: hand.app.return_code == 0)
    assert not spool.under_way
    assert spool._descriptor == -1
