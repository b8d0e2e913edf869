"""History on the screen: what was done, by whom, and how it ended; and what was cut off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import msgspec
import pytest

from console.errors import HistoryError
from console.fleet.history import Chronicle, Entry, Subject
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.ui.app import ConsoleApp
from console.ui.deed_lines import deed_lines
from console.ui.deed_row import DeedRow, moment_text, target_of, today
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled
from tests.ui.history_fixture import PROVED, RERUN, SCRIPT, SOME, deed
from tests.ui.test_panes import Operator as Hand
from tests.ui.test_pictures import utc  # noqa: F401 - in every test here


@asynccontextmanager
async def history(known: Chronicle | HistoryError = SOME, *, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Hand]:
    """The console at History."""
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    if isinstance(known, HistoryError):
        connector.history.refuses = known
    else:
        connector.history.chronicle = known
    app = ConsoleApp(fleet.FIRST, connector, fleet.FrozenClock())
    async with app.run_test(size=size) as pilot:
        hand = Hand(app, pilot, connector)
        app.copy_to_clipboard = hand.copied.append  # type: ignore[assignment, method-assign] # the terminal's clipboard
        await settled(pilot)
        await hand.press("5")
        await read(hand)
        yield hand


async def read(hand: Hand) -> None:
    """It is read in a thread."""
    for _ in range(6000):
        if all(worker.is_finished for worker in hand.app.workers if worker.group == "history"):
            break
        await asyncio.sleep(0.01)
    await settled(hand.pilot)


async def test_what_was_cut_off_stands_in_front_and_the_newest_before_the_older() -> None:
    async with history(size=(160, 40)) as hand:
        lines = hand.text.splitlines()
        assert "History · 3 · 2 lines could not be read" in lines[2]
        assert lines[4].split()[:8] == [
            "10:00:00Z",
            "!",
            "unfinished",
            "Restart",
            "service",
            "gpu-01",
            "root",
            "build-host",
        ]
        assert lines[5].split()[:6] == ["11:50:00Z", "✓", "proved", "Restart", "service", "prod-linux-03"]
        assert "1 Mar 12:00 ? not proved Re-run job" in lines[6]
        assert "acme/web build (3.12)" in lines[6]
        assert "GitHub" in lines[6]


async def test_where_nothing_was_done_it_says_so() -> None:
    async with history(Chronicle()) as hand:
        assert "Nothing was done with this console on this machine yet." in hand.text


async def test_a_history_that_cannot_be_read_says_why_and_what_helps() -> None:
    async with history(HistoryError("Others may write it", "Run: chmod 600 it")) as hand:
        assert "Others may write it. Run: chmod 600 it" in hand.text


async def test_it_is_filtered_and_sorted_as_any_table() -> None:
    async with history(size=(160, 40)) as hand:
        await hand.type(":history unfinished")
        await hand.press("enter")
        assert "History · 3 · 1 match status:unfinished" in hand.text
        await hand.press("escape")
        for words, shown in (("repo:acme/web", "Re-run job"), ("host:build-host !unfinished", "✓ proved")):
            await hand.type(f"/{words}")
            await hand.press("enter")
            assert "1 match" in hand.text
            assert shown in hand.text
            await hand.press("escape")
        await hand.type(":sort target")
        await hand.press("enter")
        assert "acme/web build (3.12)" in hand.text.splitlines()[4]


async def test_enter_shows_who_did_what_exactly_and_how_each_part_ended() -> None:
    async with history(size=(120, 50)) as hand:
        await hand.press("j", "enter")
        text = hand.text
        assert "› Restart service on prod-linux-03" in text
        for said in (
            "✓ proved  One listener, online",
            "11:50:00Z to 11:50:09Z  9 s",
            "ops from 192.0.2.7  at GitHub octocat",
            f"prod-linux-03  runner {fleet.STUCK.id} in org:acme",
            "before     active, idle",
            "after      active, online",
            "0.1.0  process 4711 on opsbox  context acme-prod",
            "1 script   ✓ done  11:50:03Z  restarted",
            "2 wait     ✓ done  11:50:03Z  online",
        ):
            assert said in text
        assert all(f"  {line}" in text for line in SCRIPT.splitlines())
        await hand.press("y")
        assert SCRIPT.replace("\n", "\n  ") in hand.copied[0]
        await hand.press("escape")
        assert "History · 3" in hand.text


async def test_of_what_was_cut_off_it_says_which_part_has_no_end() -> None:
    async with history(size=(120, 50)) as hand:
        await hand.press("enter")
        assert "! unfinished  The console that did it went away before the end." in hand.text
        assert "2 wait     its end is not known, or it was not begun" in hand.text
        assert "root here" in hand.text


async def test_what_something_was_done_to_can_be_explained_from_here() -> None:
    async with history(size=(120, 40)) as hand:
        await hand.press("j", "x")
        assert "Explain prod-linux-03" in hand.text


async def test_what_another_console_does_meanwhile_is_seen() -> None:
    async with history(Chronicle()) as hand:
        hand.connector.history.chronicle = Chronicle((PROVED,))
        hand.app.main._read_again()
        await read(hand)
        assert "✓ proved" in hand.text


async def test_what_was_cut_off_is_told_once_when_a_context_is_open() -> None:
    async with history() as hand:
        told = [each for each in hand.said if "cut off" in each]
        assert told == ["1 action was cut off: Restart service on gpu-01. What became of it is not known; 5 shows it."]
        await hand.press("1", "5")
        await read(hand)
        assert len([each for each in hand.said if "cut off" in each]) == 1


def test_the_target_of_another_context_leads_nowhere() -> None:
    look = fleet.look(fleet.INCIDENT)
    assert target_of(PROVED, look) == fleet.STUCK.key == RunnerKey(fleet.ORG, fleet.STUCK.id)
    assert target_of(RERUN, look) == JobKey("acme/web", 14)
    elsewhere = msgspec.structs.replace(PROVED, deed=deed("1", context="other"))
    assert target_of(elsewhere, look) is None
    run = msgspec.structs.replace(PROVED, deed=deed("1", target=Subject("run", "acme/web", 7, "#7 ci")))
    assert target_of(run, look) == RunKey("acme/web", 7)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime.fromisoformat("2026-03-02T10:38:05Z"), "10:38:05Z"),
        (datetime.fromisoformat("2026-02-01T10:38:05Z"), " 1 Feb 10:38"),
        (datetime.fromisoformat("2025-11-20T10:38:05Z"), "2025-11-20"),
    ],
)
def test_a_time_is_as_long_as_it_has_to_be(moment: datetime, said: str) -> None:
    assert moment_text(moment, today(fleet.NOON)) == said


@pytest.mark.parametrize("entry", SOME.entries)
def test_brackets_of_names_are_no_markup(entry: Entry) -> None:
    named = msgspec.structs.replace(entry, deed=msgspec.structs.replace(entry.deed, title="[red]x[/]"))
    said = "".join(part.text for line in deed_lines(named, today(fleet.NOON)) for part in line.said)
    assert "[red]x[/]" in said
    assert DeedRow(named, today(fleet.NOON)).fields()["status"]
