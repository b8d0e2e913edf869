"""How long jobs wait, on the screen: the table, the day as a picture, its gaps, and the warning beside it."""

from datetime import timedelta

import pytest

from console.fleet.models import FleetSnapshot
from console.fleet.past import Past
from console.fleet.queue_waits import HOUR, SetWaits, Waits, class_of, quarter_of
from console.ui import signs
from tests.needs import needs
from tests.ui import fleet_fixture as fleet
from tests.ui.test_demo_with_hosts import demo
from tests.ui.test_panes import operator

GPU = ("self-hosted", "GPU")
SNAPSHOT: FleetSnapshot = fleet.INCIDENT
NOW = quarter_of(SNAPSHOT.taken_at)


def counts(*quarters: int, seconds: float = 10, jobs: int = 3) -> dict[int, dict[int, int]]:
    """So many jobs in each of these quarters ago."""
    return {NOW - each: {class_of(timedelta(seconds=seconds)): jobs} for each in quarters}


def a_past() -> Past:
    """Ten hours in which all is quick, a gap of two hours in it, and a slow hour at its end."""
    looked = [each for each in range(10 * HOUR) if not 3 * HOUR <= each < 5 * HOUR]
    usual = counts(*(each for each in looked if each >= HOUR))
    quarters = {**usual, **counts(*range(HOUR), seconds=660, jobs=4)}
    waits = Waits({"acme:gpu,self-hosted": SetWaits("acme", GPU, quarters)}, frozenset(NOW - each for each in looked))
    return Past(waits=waits)


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_w_shows_how_long_jobs_wait_and_leads_back(size: tuple[int, int]) -> None:
    async with operator(size=size, past=a_past()) as hand:
        await hand.press("3", "W")
        assert "› waits" in hand.text
        row = next(line for line in hand.text.splitlines() if line.startswith("  ! GPU self-hosted"))
        for words in ("! GPU self-hosted", " 16 ", "10 min", "9 s"):
            assert words in row
        assert "▁▁  ▁▁█" in (row if size[0] > 80 else hand.text)
        assert "Queued Longest" in hand.text
        lines = hand.text.splitlines()
        assert lines[lines.index(row) + 1].startswith("    gpu"), "labels stand below labels, not below the sign"
        told = " ".join(hand.text.split())
        assert "16 jobs began: half within 10 min" in told
        assert "nobody looked" in told
        await hand.press("escape")
        assert "waits" not in hand.text
        assert "Jobs ·" in hand.text


async def test_where_there_is_little_room_sets_of_labels_are_still_told_apart() -> None:
    arms, intel = (("self-hosted", "linux", arch) for arch in ("arm64", "x64"))
    sets = {plain: SetWaits("acme", labels, counts(HOUR)) for plain, labels in (("acme:a", arms), ("acme:x", intel))}
    past = Past(waits=Waits(sets, frozenset({NOW})))
    async with operator(size=(60, 24), past=past) as hand:
        await hand.press("3", "W")
        rows = [line.split() for line in hand.text.splitlines() if "linux" in line]
        assert {tuple(row[:2]) for row in rows} >= {("linux", "arm64"), ("linux", "x64")}


async def test_where_nobody_has_looked_nothing_is_claimed() -> None:
    async with operator(fleet.HEALTHY) as hand:
        await hand.type(":waits")
        await hand.press("enter")
        assert "usual" in hand.text
        assert "█" not in hand.text


async def test_enter_leads_to_the_jobs_that_wait_and_says_where_there_are_none() -> None:
    async with operator(past=a_past()) as hand:
        await hand.press("W", "enter")
        assert "No job that asks for these labels waits now." in hand.said
        await hand.press("j", "enter")
        assert "only those of the finding" in hand.text


async def test_slow_ones_can_be_filtered_for_and_the_table_sorted() -> None:
    async with operator(past=a_past()) as hand:
        await hand.press("W", "slash")
        await hand.type("status:slow")
        await hand.press("enter")
        assert "1 match status:slow" in hand.text
        await hand.press("escape")
        await hand.type(":sort p90")
        await hand.press("enter")
        assert "p90▲" in hand.text


async def test_in_ascii_bars_gaps_and_empty_hours_are_still_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signs, "_twin", 1)
    async with operator(past=a_past()) as hand:
        await hand.press("W")
        assert "__  __#" in hand.text
        assert hand.text.isascii()


@needs("ssh")
async def test_the_warnings_of_a_fleet_that_was_watched_are_all_there() -> None:
    causes = {
        "near-removal",
        "queued-near-limit",
        "slow-queue",
        "disk-filling",
        "restart-loop",
        "session-held",
        "orphan-worker",
        "version-ends",
    }
    async with demo("early-warnings", (200, 50), speed=1) as hand:
        await hand.until(lambda: all(cause in hand.text for cause in causes))
        look = hand.app.main.look
        assert look is not None
        assert not [finding for finding in look.findings if finding.severity == "alert"]
        assert {finding.cause for finding in look.findings} == causes | {"all-matching-busy"}
        await hand.press("W")
        await hand.until_read("! android", "windows x64 self-hosted")
