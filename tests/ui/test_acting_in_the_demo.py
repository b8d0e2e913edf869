"""The demo is acted on as an operator does it: real HTTP, real SSH, real scripts' guards, and the proof at the end."""

import asyncio

import pytest

from console.operations import plan_parts
from tests.needs import needs
from tests.ui.test_actions import later, words
from tests.ui.test_demo_with_hosts import Visitor, demo

pytestmark = needs("ssh")
SPEED = 5.0
"""Of the pretend world: its services take seconds to start."""


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_parts, "LOOK_EVERY", 0.1)


async def agreed(hand: Visitor) -> None:
    """Enter in the menu, and on the question."""
    await hand.press("enter")
    await hand.until_read("Enter does it, once.")
    await later(hand)


async def test_the_stuck_runner_is_mended_with_a_enter_enter_and_proved_mended() -> None:
    async with demo("idle-while-queued", speed=SPEED) as hand:
        await hand.press("a")
        assert "helps here: Stops its listener" in hand.text
        await agreed(hand)
        await hand.until_read("✓  Proved.")
        assert "One listener, started anew, listens for jobs; GitHub sees it online" in words(hand)
        await later(hand, "escape")
        hand.app.main.connection.watch.look_again()  # type: ignore[union-attr] # it is open
        await hand.until(lambda: "idle at least" not in hand.text)
        await hand.press("5")
        await hand.until_read("✓ proved", "Restart service", "prod-linux-03")


async def test_a_drained_runner_is_told_from_one_that_is_just_offline_and_comes_back() -> None:
    async with demo("healthy", speed=SPEED) as hand:
        await hand.press("2")
        await hand.type(":runners prod-linux-07")
        await hand.press("enter")
        await hand.type(":act drain")
        await hand.press("enter")
        await hand.until_read("Enter does it, once.")
        await later(hand)
        await hand.until_read("✓  Proved.")
        await later(hand, "escape")
        await looked_until(hand, "◌ prod-linux-07", "drained")
        await hand.type(":act return")
        await hand.press("enter")
        await hand.until_read("Return prod-linux-07 to work", "Enter does it, once.")
        await later(hand)
        await hand.until_read("✓  Proved.")
        await later(hand, "escape")
        await looked_until(hand, "○ prod-linux-07", "idle")


async def looked_until(hand: Visitor, *wanted: str) -> None:
    """Again and again."""
    for _ in range(600):
        if all(each in hand.text for each in wanted):
            return
        hand.app.main.connection.watch.look_again()  # type: ignore[union-attr] # it is open
        await asyncio.sleep(0.1)
        await hand.press("j")
    raise AssertionError(hand.text)
