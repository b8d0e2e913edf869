"""What is said of findings on the screen: v, h and u, the dim lines, the fold, and what has cleared."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.errors import MemoryUnusableError
from console.fleet.finding_life import muted
from console.fleet.findings import Finding
from console.fleet.lives import Life
from console.fleet.models import plain
from console.operations.finding_lives import FindingLives
from console.operations.look import Look
from console.ui.commands import COMMANDS
from console.ui.dialogs.help import key_groups
from console.ui.notices import Notices
from console.ui.widgets.fleet_table import FleetTable
from tests.fleet.test_finding_life import found
from tests.ui import fleet_fixture as fleet
from tests.ui.test_panes import Operator, operator

FINDINGS = fleet.look(fleet.INCIDENT).findings
SMALL = (80, 24)


@asynccontextmanager
async def on_now(size: tuple[int, int] = SMALL) -> AsyncIterator[Operator]:
    """Three findings, each with its life."""
    async with operator(size=size) as hand:
        await again(hand)
        yield hand


async def again(hand: Operator, snapshot: object = None, findings: tuple[Finding, ...] | None = None) -> None:
    """One more look, as the watch makes it."""
    look = fleet.look(fleet.INCIDENT if snapshot is None else snapshot)  # type: ignore[arg-type] # a snapshot
    if findings is not None:
        look = replace(look, findings=findings)
    await hand.see(await lives(hand).followed(look))


async def test_of_a_finding_of_which_nothing_is_kept_that_is_said_and_the_console_goes_on() -> None:
    async with operator(size=SMALL) as hand:
        await hand.press("v", "h")
        assert hand.said == ["Nothing is kept of this yet. Wait for the next look."] * 2
        assert hand.app.is_running


def lives(hand: Operator) -> FindingLives:
    return hand.connector.watch.lives


def life(hand: Operator, subject: str) -> Life:
    (known,) = [each for each in lives(hand).known if subject in each.subject]
    return known


async def test_v_acknowledges_the_finding_under_the_cursor_which_stays_dim_behind_the_others() -> None:
    async with on_now() as hand:
        await hand.press("v")
        await again(hand)
        assert life(hand, "prod-linux-03").acknowledged_by == "ops"
        lines = hand.text.splitlines()
        assert "Now · 3 findings" in lines[2]
        assert "! acme/web deploy" in lines[4], "what nobody knows of comes first"
        [known] = [line for line in lines if "◎" in line]
        assert "prod-linux-03" in known
        assert "known to ops, idle" in known


async def test_after_v_the_cursor_is_on_the_next_finding_and_not_at_the_end() -> None:
    async with on_now() as hand:
        table = hand.app.main.pane.main_widget()
        assert isinstance(table, FleetTable)
        for _ in range(2):
            under = table.cursor_key
            following = table.view[list(table.view).index(under) + 1]
            await hand.press("v")
            await again(hand)
            assert table.cursor_key == following


async def test_what_somebody_else_acknowledges_is_read_on() -> None:
    async with on_now() as hand:
        table = hand.app.main.pane.main_widget()
        assert isinstance(table, FleetTable)
        under = table.cursor_key
        await lives(hand).acknowledge([life(hand, "prod-linux-03").id], fleet.NOON)
        await again(hand)
        assert table.cursor_key == under


async def test_the_evidence_of_what_is_acknowledged_says_by_whom_and_since_when() -> None:
    async with on_now((160, 50)) as hand:
        await hand.press("v")
        await again(hand)
        await hand.press("G")
        assert "acknowledged by ops 0 s ago" in hand.text


async def test_h_folds_a_finding_away_and_enter_shows_it_again() -> None:
    async with on_now() as hand:
        await hand.press("h")
        await again(hand)
        assert "Now · 2 findings · 1 muted" in hand.text
        assert "prod-linux-03" not in "".join(hand.text.splitlines()[3:8])
        [fold] = [line for line in hand.text.splitlines() if "Enter shows them" in line]
        assert "▸ 1 muted" in fold
        assert "until " in fold
        await hand.press("G", "enter")
        assert "▾ 1 muted" in hand.text
        [shown] = [line for line in hand.text.splitlines() if "– prod-linux-03" in line]
        assert "muted until" in shown
        await hand.press("enter")
        assert "▸ 1 muted" in hand.text


async def test_on_the_fold_it_is_told_what_is_behind_it() -> None:
    async with on_now() as hand:
        await hand.press("h")
        await again(hand)
        await hand.press("G")
        assert "muted" in hand.text
        assert "prod-linux-03: idle 14 min" in hand.text


async def test_u_takes_back_what_was_said_also_of_all_behind_the_fold() -> None:
    async with on_now() as hand:
        await hand.press("space", "space", "h")
        await again(hand)
        assert "2 muted" in hand.text
        await hand.press("escape", "G", "u")
        await again(hand)
        assert "Now · 3 findings" in hand.text
        assert "muted" not in hand.text.splitlines()[2]
        assert all(each.mute is None for each in lives(hand).known)


@pytest.mark.parametrize(("words", "span"), [("mute", 60), ("mute 2h", 120), ("mute 30 min", 30)])
async def test_the_command_says_for_how_long(words: str, span: int) -> None:
    async with on_now() as hand:
        await hand.type(f":{words}")
        await hand.press("enter")
        mute = life(hand, "prod-linux-03").mute
        assert mute is not None
        assert mute.until == fleet.NOON + timedelta(minutes=span)
        assert any("u takes it back" in said for said in hand.said)


async def test_a_time_that_is_none_is_remarked_on_and_the_line_stays() -> None:
    async with on_now() as hand:
        await hand.type(":mute soon")
        await hand.press("enter")
        assert '"soon" is no span of time.' in hand.text
        assert life(hand, "prod-linux-03").mute is None


async def test_selected_findings_are_acknowledged_together() -> None:
    async with on_now() as hand:
        await hand.press("space", "space")
        await hand.type(":acknowledge")
        await hand.press("enter")
        assert sum(bool(each.acknowledged_by) for each in lives(hand).known) == 2
        assert any("2 findings: acknowledged" in said for said in hand.said)


async def test_elsewhere_these_keys_are_not_offered_and_the_command_says_why() -> None:
    async with on_now() as hand:
        await hand.press("2", "v", "h", "u")
        assert all(not each.acknowledged_by and each.mute is None for each in lives(hand).known)
        await hand.type(":acknowledge")
        await hand.press("enter")
        assert "There is no finding under the cursor." in hand.text


async def test_help_and_palette_know_the_keys() -> None:
    async with on_now((200, 50)) as hand:
        groups = {title: dict(lines) for title, lines in key_groups(hand.app.main)}
        assert groups["Here"]["v"].startswith("Say that you know of this finding")
        assert groups["Here"]["h"].startswith("Hush this finding for an hour")
        assert "u" not in groups["Here"]
        assert {"acknowledge", "mute", "unmute"} <= set(COMMANDS)
        assert "v acknowledge  h mute" in hand.text.splitlines()[-1]


async def test_what_cannot_be_kept_is_told_and_holds_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async with on_now() as hand:

        def refuse(otherwise: str) -> None:
            raise MemoryUnusableError("What is acknowledged and muted cannot be kept", otherwise)

        monkeypatch.setattr(lives(hand), "_insist", refuse)
        await hand.press("v")
        await again(hand)
        assert any("cannot be kept. It holds until this program ends." in said for said in hand.said)
        assert life(hand, "prod-linux-03").acknowledged_by == "ops"


async def test_what_has_cleared_is_told_below_for_a_while() -> None:
    async with on_now() as hand:
        gone = replace(life(hand, "prod-linux-03"), cleared_at=fleet.NOON, cleared_by="the job was taken")
        await hand.see(replace(fleet.look(fleet.HEALTHY), cleared=(gone,)))
        assert "All 8 runners are doing their work." in hand.text
        assert "cleared  0 s ago: prod-linux-03: the job was taken" in hand.text


async def test_a_finding_that_comes_and_goes_says_how_often() -> None:
    async with on_now((160, 50)) as hand:
        look = await lives(hand).followed(fleet.look(fleet.INCIDENT))
        key = next(each.key for each in look.findings if "prod-linux-03" in plain(each.subject))
        restless = replace(look.lives[key], returns=(fleet.NOON - timedelta(minutes=8), fleet.NOON))
        await hand.see(replace(look, lives={**look.lives, key: restless}))
        assert "it comes and goes: came back 2 times since" in hand.text


async def test_acknowledged_and_muted_ones_are_found_by_the_filter() -> None:
    async with on_now() as hand:
        await hand.press("v")
        await again(hand)
        await hand.type("/status:acknowledged")
        await hand.press("enter")
        assert "prod-linux-03" in hand.text
        assert "deploy (prod)" not in hand.text


async def test_sorting_goes_with_a_fold_among_the_rows() -> None:
    async with on_now() as hand:
        await hand.press("h")
        await again(hand)
        for _ in range(4):
            await hand.press("greater_than_sign")
        assert "▸ 1 muted" in hand.text


async def test_the_cursor_stays_on_the_fold_from_look_to_look() -> None:
    async with on_now() as hand:
        await hand.press("h")
        await again(hand)
        await hand.press("G")
        await again(hand)
        await hand.press("enter")
        assert "▾ 1 muted" in hand.text


def test_what_is_muted_rings_no_bell() -> None:
    notices, alert = Notices(), found(severity="alert")
    quiet = fleet.look(fleet.HEALTHY)
    assert not notices.new_alert(quiet)
    new = Life("x", (alert.key,), alert.cause, "alert", "", "", fleet.NOON, fleet.NOON)
    hushed = muted(new, "ops", fleet.NOON + timedelta(hours=1))
    assert not notices.new_alert(Look(quiet.snapshot, findings=(alert,), lives={alert.key: hushed}))
    assert notices.new_alert(Look(quiet.snapshot, findings=(alert,), lives={alert.key: new}))
