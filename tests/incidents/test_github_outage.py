"""GitHub is in trouble: what waits is one finding that is put down to it, and nothing is to be restarted."""

import asyncio
from datetime import timedelta

import pytest

from console.operations import github_status
from tests.incidents.playing import Player, playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME = "github-outage"


async def until_the_page_tells(hand: Player) -> None:
    """Between the errors at its beginning and the limits at its end, when calls are answered."""
    await asyncio.to_thread(hand._move, timedelta(minutes=2.2))
    await hand.look_anew()
    await hand.pass_time(minutes=1.2)
    await hand.read_until("GitHub is in trouble, and hands out no jobs", "GitHub's own status page says of Actions")


@pytest.mark.parametrize("size", [(80, 40), (200, 50)])
async def test_it_is_one_finding_and_what_helps_is_to_wait_and_to_mute(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(github_status, "AT_MOST", timedelta())
    async with playing(NAME, monkeypatch, size=size) as hand:
        await until_the_page_tells(hand)
        await hand.until_read("Now · 1 finding", "Wait for the end of GitHub's incident", "It is rather GitHub (likely")
        assert "rather here" not in hand.text
        await hand.press("a")
        await hand.until_words("Actions on", "found GitHub is in trouble", "incident, and mute this until then")
        lines = hand.text.splitlines()
        assert not any("helps here" in line for line in lines), hand.text
        restart = next(line for line in lines if "Restart service" in line)
        assert "does not help here" in restart
        await hand.press("escape")
        await hand.type(":mute 2h")
        await hand.press("enter")
        await hand.until_read("1 muted")
