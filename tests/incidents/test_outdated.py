"""GitHub stops giving jobs to an old version: its runners end, are updated by others, and are started again."""

from pathlib import Path

import pytest

from tests.incidents.commands import Shell, shell
from tests.incidents.playing import Player, playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME, RUNNERS = "outdated-runners", ("firmware-01", "firmware-02", "firmware-03")


async def minutes_pass(hand: Player, minutes: float) -> None:
    """For the console, too: it asks the hosts of those that it suspects every two of them."""
    assert hand.watch._suspects is not None
    hand.watch._suspects._asked.clear()
    await hand.pass_time(minutes=minutes)


async def drained(hand: Player) -> None:
    """The first of them, while it has no job: the world stands still, so that none comes."""
    for _ in range(30):
        if not hand.world.runner(RUNNERS[0]).busy:
            break
        await hand.pass_time(seconds=4)
    await hand.go_to("3 Drain one")
    await hand.press("a")
    await hand.until_read(f"Drain {RUNNERS[0]}")
    await hand.agree()
    await hand.proved()
    await hand.look_anew()


async def started(hand: Player, name: str) -> None:
    """It is what the step is about."""
    await hand.go_to("5 Start it again")
    await hand.press("a")
    await hand.until_read(f"Start service on {name}")
    async with hand.time_passes():
        await hand.agree()
        await hand.proved()
    await hand.look_anew()


async def test_on_a_walk_one_is_updated_in_peace_and_the_others_when_they_have_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with playing(NAME, monkeypatch, walk=True) as hand:
        await hand.read_until("about  3 runners: version 2.332.0 gets no jobs after", "… 7 See the new version")
        await hand.press("x", "escape")
        for step in ("1 See which ones", "2 See why they do not"):
            await hand.go_to(step)
            await hand.press("t")
            await hand.until_read(f"✓ {step}")
        await drained(hand)
        await hand.read_until("✓ 3 Drain one", "? 4 Bring it up to date")
        await minutes_pass(hand, 5)
        await hand.read_until("✓ 4 Bring it up to date")
        await started(hand, RUNNERS[0])
        await hand.read_until("about  2 runners", "✓ 5 Start it again")
        await hand.pass_time(minutes=3)
        for name in RUNNERS[1:]:
            assert not hand.solved()
            await started(hand, name)
        await hand.pass_time(minutes=5)
        await hand.read_until("7 of 7", "✓ 6 See it take jobs", "✓ 7 See the new version")
        assert hand.solved()
        assert hand.nothing_but_remarks()
        assert hand.drill is not None
        await hand.until(lambda: hand.drill is not None and hand.drill.over)
        assert "not seen" not in hand.drill.told()


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        await hand.read_until("3 runners", "gets no jobs after")
        for minutes in (3.5, 1.5, 1.0):
            await hand.pass_time(minutes=minutes)
        await hand.read_until("GitHub refuses its version", "Runner version v2.332.0", "its settings say disableUpdate")
        await hand.press("x")
        await hand.until_read("Explain ", "GitHub refuses its version")
        await hand.press("escape", "a")
        await hand.until_read(f"Actions on {RUNNERS[0]}", "does not help here: without an update")
        assert "  helps here" not in hand.text
        await hand.press("escape")
        await minutes_pass(hand, 3)
        await hand.read_until("its service does not run", "Its software was replaced since.")
        await hand.press("a")
        await hand.until_read(f"Actions on {RUNNERS[0]}", "helps here")
        assert "Start service" in next(line for line in hand.text.splitlines() if "helps here" in line)
        await hand.press("enter")
        async with hand.time_passes():
            await hand.agree()
            await hand.proved()
        await hand.press("2")
        await hand.type("/firmware status:offline")
        await hand.press("enter", "space", "space", "a")
        await hand.until_read("Actions on 2 runners")
        await hand.go_to("Start service")
        await hand.press("enter")
        await hand.agree_for_all(2)
        await hand.pass_time(minutes=5)
        assert hand.solved()
        assert hand.nothing_but_remarks()


def start(run: Shell, name: str) -> str:
    """Its service is started; what came of it."""
    run.world.clock.speed = 10.0
    run.world.clock.thaw()
    done = run.act("start-service", name)
    run.world.clock.freeze()
    return str(done["outcome"])


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        (finding,) = run.serious()
        assert (finding["cause"], finding["certainty"], finding["action"]) == ("version-ends", "proved", None)
        assert [each["name"] for each in finding["runners"]] == [*RUNNERS]
        run.pass_time(minutes=6)
        (finding,) = run.serious()
        assert (finding["cause"], finding["certainty"], finding["action"]) == ("version-refused", "proved", None)
        assert "It does not update itself: its settings say disableUpdate." in finding["evidence"]
        assert start(run, RUNNERS[0]) == "failed", "the version is the same"
        run.pass_time(minutes=6)
        serious = run.serious()
        finding = next(each for each in serious if each["action"] is not None)
        (old,) = (each for each in serious if each["cause"] == "version-ends")
        assert f"Replaced on its host, and not started since: {RUNNERS[0]}." in old["evidence"]
        assert (finding["cause"], finding["action"]) == ("service-stopped", "start-service")
        assert "Its software was replaced since." in finding["evidence"]
        for name in RUNNERS:
            assert not run.solved()
            assert start(run, name) == "proved"
        run.pass_time(minutes=5)
        assert run.solved()
        assert run.serious() == []
