"""A remote build cache refuses uploads and fails jobs whose tasks went well: worked from first sign to proof."""

from pathlib import Path

import pytest

from tests.incidents.commands import shell
from tests.incidents.playing import playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME, TWIN = "incident-build-cache", "incident-build-cache-harmless"
FAILED = "failed, the remote build cache refuses"


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        await hand.until_read("All 52 runners are doing their work")
        await hand.pass_time(minutes=6.5)
        await hand.read_until("3 jobs of 3 repositories", FAILED, "Failed to make gRPC call.", "Ask who runs the cache")
        await hand.press("l")
        await hand.until_read("Failed to make gRPC call.")
        await hand.press("1")
        await hand.pass_time(minutes=3.5)
        await hand.read_until(
            "2 jobs of 2 repositories", FAILED, "It seems to answer again", "acme/search-service moon ci"
        )
        await hand.press("a")
        await hand.until_read("helps here", "Re-run cache-failed")
        await hand.press("enter")
        assert not hand.solved()
        await hand.agree()
        await hand.proved("2 of 2 proved.")
        await hand.pass_time(minutes=3)
        await hand.read_until("All 52 runners are doing their work")
        assert hand.solved()


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        run.pass_time(minutes=10)
        (finding,) = run.now()
        assert (finding["summary"], finding["action"]) == (FAILED, "rerun-cache-failed")
        assert "It seems to answer again" in finding["remedy"]
        for job in finding["jobs"]:
            explained = run.explain(str(job["id"]))
            assert explained["cause"] == "failed-remote-cache"
            assert "Failed to make gRPC call" in " ".join(explained["evidence"])
            assert run.act(finding["action"], str(job["id"]))["outcome"] == "proved"
        run.pass_time(minutes=3)
        assert run.now() == []
        assert run.solved()


async def test_nothing_is_found_where_clients_only_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(TWIN, monkeypatch) as hand:
        await hand.stays_calm()


def test_no_command_finds_or_offers_anything_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(TWIN, tmp_path, capsys, monkeypatch) as run:
        run.pass_time(minutes=8)
        assert run.now() == []
        warned = [job for job in run.world.runs.jobs.values() if job.name == "moon ci" and job.conclusion][-1]
        code, refused = run.plan("rerun-cache-failed", str(warned.id))
        assert (code, refused["outcome"]) == (1, "refused")
        assert "It did not fail" in refused["words"]
