"""A runner of two years' standing idles while jobs wait: stuck, then held off, then unknown to GitHub."""

from pathlib import Path

import pytest

from tests.incidents.commands import Shell, shell
from tests.incidents.playing import Player, playing
from tests.needs import needs
from tests.ui.test_actions import later

pytestmark = needs("ssh")
NAME, TWIN = "incident-session", "incident-session-harmless"
RUNNER = "prod-linux-03"
FAST = 60.0
"""Four minutes of a conflict in four seconds."""
STARTING = {"restart-service", "restart-when-idle", "start-service", "reregister"}


async def chosen(hand: Player, title: str, *, not_helping: tuple[str, ...] = ()) -> None:
    """What helps is the first in the menu, and what cannot help is called so; it is agreed to."""
    await hand.press("a")
    await hand.until_read("Actions on")
    first = next(line for line in hand.text.splitlines() if "helps here" in line)
    assert title in first, hand.text
    for each in not_helping:
        row = next(line for line in hand.text.splitlines() if f" {each} " in line)
        assert "does not help here" in row or "It is" in row or "does not run" in row, row
    await hand.press("enter")
    await hand.agree()


async def failed(hand: Player) -> None:
    """The action that was agreed to has ended badly, and says where to look."""
    await hand.until_read("✗  Failed.", "has ended again", "Its host says why")
    await later(hand, "escape")


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        assert RUNNER not in hand.text
        await hand.pass_time(minutes=4.5)
        await hand.read_until("its session with GitHub is stuck", "ServiceUnavailable", "Restart the runner's service")
        await hand.press("x")
        await hand.until_read(f"Explain {RUNNER}", "✗ its session brings it jobs")
        await hand.press("escape")
        async with hand.time_passes(FAST):
            await chosen(hand, "Restart service")
            await failed(hand)
        await hand.read_until("another listener held its session, and it gave up", "then start the service")
        assert "Also" not in hand.text
        async with hand.time_passes():
            await chosen(hand, "Start service", not_helping=("Restart service",))
            await failed(hand)
        await hand.read_until("its registration is gone", "Register it again")
        assert not hand.solved()
        async with hand.time_passes():
            await chosen(hand, "Re-register", not_helping=("Restart service", "Start service"))
            await hand.proved()
        await hand.pass_time(minutes=3)
        assert hand.solved()
        await hand.read_until("Now")
        told_of = [line for line in hand.text.splitlines() if RUNNER in line]
        assert all(f"ago: {RUNNER}" in line for line in told_of), "only what has cleared is told of it"
        await hand.press("5")
        await hand.until_read("✓ proved", "Re-register", "✗ failed", "Start service", "Restart service")


async def test_on_a_walk_every_finding_leads_to_the_runbook_that_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch, walk=True) as hand:
        await hand.until_read("A runner is idle while jobs wait", "… 4 Restart its service")
        await hand.pass_time(minutes=4.5)
        await hand.read_until(f"about  {RUNNER}: idle", "✓ 3 Make sure that no job would be lost")
        await hand.press("x")
        await hand.until_read(f"Explain {RUNNER}")
        await hand.press("escape")
        async with hand.time_passes(FAST):
            await chosen(hand, "Restart service")
            await failed(hand)
        await hand.press("1")
        await hand.read_until("it gave up")
        await hand.press("R")
        await hand.until_read("A runner is offline", "… 3 Start its service")
        async with hand.time_passes():
            await chosen(hand, "Start service")
            await failed(hand)
        await hand.press("1")
        await hand.read_until("its registration is gone")
        await hand.press("R")
        await hand.until_read("A registration is lost", "… 4 Register it again")
        async with hand.time_passes():
            await chosen(hand, "Re-register")
            await hand.proved()
        await hand.pass_time(minutes=3)
        await hand.read_until("✓ 4 Register it again", "✓ 5 See it online", "✓ 6 See it take a job")
        assert hand.drill is not None
        await hand.until(lambda: hand.drill is not None and hand.drill.over)
        assert "not seen" not in hand.drill.told()


def acted(run: Shell, finding: dict[str, object], *, speed: float = 10.0) -> str:
    """What the finding names, done to whom it names; its outcome."""
    named = [*finding["runners"], finding["suspect"]]  # type: ignore[misc] # a list
    about = next(each for each in named if each is not None)
    run.world.clock.speed = speed
    run.world.clock.thaw()
    done = run.act(str(finding["action"]), about["name"])
    run.world.clock.freeze()
    return str(done["outcome"])


def only(run: Shell) -> dict[str, object]:
    """The one finding that is more than a remark."""
    (found,) = run.serious()
    return found


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        assert run.serious() == []
        run.pass_time(minutes=4.5)
        stages = (("session-stuck", "restart-service"), ("session-conflict", "start-service"))
        for cause, action in stages:
            finding = only(run)
            assert (finding["cause"], finding["action"]) == (cause, action)
            told = run.explain(RUNNER)
            assert (told["cause"], told["action"]) == (cause, action)
            assert acted(run, finding, speed=FAST) == "failed"
            assert "Its host says why" in run.out
        finding = only(run)
        assert (finding["cause"], finding["certainty"], finding["action"]) == (
            "registration-lost",
            "proved",
            "reregister",
        )
        assert not run.solved()
        assert acted(run, finding) == "proved"
        run.pass_time(minutes=3)
        assert run.solved()
        assert run.serious() == []


async def test_nothing_is_found_and_nothing_offered_where_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(TWIN, monkeypatch) as hand:
        for minutes in (1.0, 1.0, 2.0, 1.0, 3.0):
            await hand.pass_time(minutes=minutes)
            assert hand.nothing_but_remarks()
        await hand.journal_of(RUNNER)
        await hand.until_read("A session for this runner already exists.", "Listening for Jobs")
        for _ in range(30):
            if "Asking for jobs: GitHub in trouble" not in hand.text:
                await hand.press("W")
        await hand.until_read("Asking for jobs: GitHub in trouble", "over: a later line says so", "Runner reconnected.")
        for other in ("prod-linux-12", "build-linux-06"):
            await hand.press("1")
            await hand.journal_of(other)
            await hand.until_read("Running job")
        await hand.press("1")
        await hand.look_anew()
        assert hand.nothing_but_remarks()
        await hand.type(f":runners {RUNNER}")
        await hand.press("enter", "a")
        await hand.until_read(f"Actions on {RUNNER}")
        assert "helps here" not in hand.text


def test_commands_find_nothing_where_it_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(TWIN, tmp_path, capsys, monkeypatch) as run:
        for minutes in (0.0, 1.8, 1.0, 2.0, 1.5, 2.0):
            run.pass_time(minutes=minutes)
            assert run.serious() == []
            for finding in run.now():
                assert finding["action"] not in STARTING
            told = run.explain(RUNNER)
            assert (told["cause"], told["action"]) == (None, None)
