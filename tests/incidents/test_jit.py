"""JIT runners of two repositories are refused with BadRequest and "breaker open": worked from first sign to proof."""

from pathlib import Path

import pytest

from tests.incidents.commands import shell
from tests.incidents.playing import Player, playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME, TWIN = "incident-jit", "incident-jit-harmless"
REFUSED = "GitHub refuses its every question for work"
TICKED = ("✓ 3 Make one of them anew", "✓ 5 See them take jobs", "✓ 6 See that nothing is left waiting")
RESTARTS = ("Restart service", "Restart when idle", "Start service")


async def all_found(hand: Player) -> None:
    """One that was made a moment ago is given the time that GitHub may need: all of them are found a little later."""
    await hand.until_it_comes(lambda: "3 runners like jit-checkout-" in hand.text and REFUSED in hand.text)


async def regenerated(hand: Player) -> None:
    """What is under the cursor is made anew: that helps, and no restart is offered."""
    await hand.press("g", "a")
    await hand.until_read("Actions on jit-checkout-")
    helping = [line for line in hand.text.splitlines() if "helps here" in line]
    assert "Regenerate JIT config" in helping[0]
    assert not any(each in line for each in RESTARTS for line in helping)
    await hand.press("enter")
    async with hand.time_passes():
        await hand.agree()
        await hand.proved()


async def found_again(hand: Player) -> None:
    """What was mended is gone from it; those that are left are found as soon as enough jobs wait."""

    def holds() -> bool:
        listed = hand.world.runners["org:acme"]
        found = [each for each in hand.findings if each.cause == "jit-refused"]
        return bool(found) and all(key.id in listed for key in found[0].runners) and REFUSED in hand.text

    await hand.until_it_comes(holds)


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        assert hand.nothing_but_remarks()
        await hand.pass_time(minutes=5)
        await all_found(hand)
        await hand.read_until("Make a new JIT configuration for each")
        await hand.read_until("BadRequest", "on no other")
        await hand.press("x")
        await hand.until_read("Explain ", REFUSED)
        await hand.press("escape")
        for _ in range(3):
            await found_again(hand)
            await regenerated(hand)
        await hand.pass_time(minutes=5)
        assert hand.solved()
        await hand.until(lambda: REFUSED not in hand.text)
        assert hand.nothing_but_remarks()
        await hand.press("5")
        await hand.until_read("✓ proved", "Regenerate JIT config")
        assert "✗" not in hand.text


async def test_on_a_walk_the_steps_tick_themselves_and_the_drill_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch, walk=True) as hand:
        await hand.until_read("JIT runners are refused", "✓ 1 See that it is not all of GitHub")
        await hand.pass_time(minutes=5)
        await hand.press("1")
        await all_found(hand)
        await hand.press("x")
        await hand.until_read("Explain ")
        await hand.press("escape", "R")
        await hand.until_read("JIT runners are refused", "about  3 runners like jit-checkout-")
        for _ in range(3):
            await hand.press("1")
            await found_again(hand)
            await regenerated(hand)
        await hand.press("6", "enter")
        await hand.until_it_comes(lambda: all(each in hand.text for each in TICKED))
        assert hand.drill is not None
        await hand.until(lambda: hand.drill is not None and hand.drill.over)
        assert "not seen" not in hand.drill.told()


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        assert run.serious() == []
        run.pass_time(minutes=5)
        (finding,) = run.serious()
        assert (finding["cause"], finding["action"]) == ("jit-refused", "regenerate-jit")
        names = [each["name"] for each in finding["runners"]]
        assert len(names) == 3
        told = run.explain(names[0])
        assert (told["cause"], told["action"], told["suspicion"]) == ("jit-refused", "regenerate-jit", REFUSED)
        assert all(run.plan(each, names[0])[0] == 1 for each in ("restart-service", "start-service"))
        for name in names:
            assert not run.solved()
            run.world.clock.speed = 10.0
            run.world.clock.thaw()
            assert run.act("regenerate-jit", name)["outcome"] == "proved"
            run.world.clock.freeze()
        run.pass_time(minutes=5)
        assert run.solved()
        assert run.serious() == []


async def test_nothing_is_found_and_nothing_offered_where_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(TWIN, monkeypatch) as hand:
        for minutes in (1.5, 1.5, 2.0):
            await hand.pass_time(minutes=minutes)
            assert hand.nothing_but_remarks()
        runner = next(each for each in hand.world.runners["org:acme"].values() if each.name.startswith("jit-checkout"))
        await hand.press("2")
        await hand.type(f":runners {runner.name}")
        await hand.press("enter", "D")
        await hand.until_read(f"{runner.name} listener's log", "FOLLOW")
        await hand.press("escape", "a")
        await hand.until_read(f"Actions on {runner.name}")
        assert "helps here" not in hand.text
        await hand.press("escape")
        await hand.press("1")
        await hand.look_anew()
        assert hand.nothing_but_remarks()


def test_commands_find_nothing_where_it_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(TWIN, tmp_path, capsys, monkeypatch) as run:
        for minutes in (0.0, 1.5, 1.0, 1.5, 1.5, 2.0):
            run.pass_time(minutes=minutes)
            assert run.serious() == []
        for runner in [each for each in run.world.runners["org:acme"].values() if each.name.startswith("jit-checkout")]:
            told = run.explain(runner.name)
            assert (told["cause"], told["action"]) == (None, None)
