"""Incidents are practised with their runbooks (`demo NAME --walk`): steps tick themselves, and the times are told."""

import pytest

from tests.incidents.playing import Player, playing
from tests.needs import needs

pytestmark = needs("ssh")


async def told(hand: Player) -> str:
    """What the drill says in the end."""
    assert hand.drill is not None
    drill = hand.drill
    await hand.until(lambda: drill.over)
    return drill.told()


async def test_releases_gone_astray_are_put_right_from_the_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing("incident-release", monkeypatch, walk=True) as hand:
        await hand.until_read("Nothing that was found leads here.")
        await hand.pass_time(minutes=7.5)
        await hand.read_until("about  acme/", "… 4 See it published")
        await hand.press("x", "escape")
        await hand.until_read("✓ 1 Compare the runs")
        await hand.go_to("3 Put it right")
        first, second = ("acme/web", "acme/api") if "about  acme/web" in hand.text else ("acme/api", "acme/web")
        for repository in (first, second):
            await hand.read_until(f"about  {repository}")
            await hand.press("a")
            await hand.agree()
            await hand.read_until("✓ 3 Put it right" if repository == second else "✓  Proved.")
            await hand.proved()
            await hand.look_anew()
            if repository == first:
                await hand.read_until(f"about  {second}", "… 3 Put it right", "? 1 Compare the runs")
        await hand.look_anew()
        await hand.read_until("✓ 4 See it published")
        assert hand.solved()
        said = await told(hand)
        assert all(word in said for word in ("Solved: detection", "diagnosis", "repair", "in all."))
        assert "not seen" not in said


async def test_a_failing_cache_is_waited_for_and_mended_from_the_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing("incident-cache", monkeypatch, walk=True) as hand:
        await hand.pass_time(minutes=3)
        await hand.read_until("about  3 jobs of acme/web")
        await hand.press("x", "escape")
        await hand.until_read("✓ 1 Tell which of the three it is")
        await hand.pass_time(minutes=6)
        await hand.read_until("✓ 2 Wait until GitHub calls it over")
        held, lost = ("held", "✓  Proved."), ("is in trouble", "2 of 2 proved.")
        await hand.go_to("3 Run the job again")
        for about, proved in (held, lost) if "is held" in hand.text else (lost, held):
            await hand.read_until(about)
            await hand.press("a")
            await hand.agree()
            await hand.proved(proved)
            await hand.pass_time(minutes=2)
        await hand.read_until("✓ 4 See it go well")
        assert hand.solved()
        assert "repair" in await told(hand)
