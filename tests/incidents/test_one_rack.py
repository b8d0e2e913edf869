"""Seven of nine hosts of one rack go offline within minutes: one finding, put down to us, and mended one at a time."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.incidents.commands import shell
from tests.incidents.playing import Player, playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME = "one-rack"
SPREAD = "on 7 of 9 hosts with the label rack-b, on no other, all of version 2.335.0; since "


async def until_the_rack_is_gone(hand: Player) -> None:
    """They are seen to go, one after the other, by who looks all the while."""
    for _ in range(6):
        await hand.pass_time(minutes=1)
    await hand.read_until("7 runners", "went offline within", "its service does not run")


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch, size=(120, 50)) as hand:
        assert "All 27 runners are doing their work" in hand.text
        await until_the_rack_is_gone(hand)
        await hand.until_read("Now · 1 finding", "likely", SPREAD.split(", on no other", maxsplit=1)[0])
        await hand.until_read("It is rather here than at GitHub (likely, not proved)", "calls are answered")
        await hand.press("x")
        await hand.until_read("Explain box-b", "✗ it is online", "its service does not run", "it was ")
        await hand.press("escape", "enter")
        await hand.until_read("Runners · 7 · only those of the finding")
        assert "box-b4" not in hand.text
        await hand.press(*["space"] * 7, "a")
        await hand.until_read("Actions on 7 runners")
        assert "Start service" in next(line for line in hand.text.splitlines() if "helps here" in line)
        await hand.press("enter")
        await hand.until_read("Start service: 7 runners")
        await hand.agree_for_all(7)
        await hand.pass_time(minutes=2)
        assert hand.solved()
        await hand.press("1")
        await hand.until_read("All 27 runners are doing their work")


def test_now_tells_it_to_a_script_with_its_spread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch, behind=timedelta(minutes=10)) as run:
        assert run.now() == []
        for _ in range(6):
            run.pass_time(minutes=1, watching=True)
            found = run.now()
        (finding,) = found
        assert (finding["cause"], finding["found_as"]) == ("service-stopped", "runners-offline")
        assert (finding["certainty"], finding["action"]) == ("likely", "start-service")
        assert finding["spread"].startswith(SPREAD)
        assert (finding["whose"]["side"], finding["whose"]["certainty"]) == ("here", "likely")
        assert len(finding["runners"]) == 7
