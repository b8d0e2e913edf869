"""The cache service answers 404, then 409 for keys that do not exist, in a matrix: worked from first sign to proof."""

from pathlib import Path

import pytest

from tests.incidents.commands import shell
from tests.incidents.playing import playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME, TWIN = "incident-cache", "incident-cache-harmless"
LOST, HELD = "failed, GitHub's cache is in trouble", "failed, its key in GitHub's cache is held"


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        await hand.until_read("All 52 runners are doing their work")
        await hand.pass_time(minutes=3)
        await hand.read_until(
            "3 jobs of acme/web", LOST, "(404) Not Found: invalid request", "Wait until it answers again"
        )
        await hand.pass_time(minutes=1.5)
        await hand.read_until("5 jobs of 3 repositories", LOST)
        await hand.pass_time(minutes=4)
        await hand.read_until("3 jobs of acme/web", HELD, "2 jobs of 2 repositories", LOST)
        await hand.go_to(HELD)
        await hand.press("x")
        await hand.until_read("fail-on-cache-miss is set", "an unfinished entry may hold it")
        await hand.press("escape", "a")
        await hand.until_read("helps here", "Re-run cache-failed")
        await hand.press("enter")
        await hand.until_words("which nobody can use", "run again, too: compatibility")
        for leg in ("node20", "node22", "node24"):
            assert f"npm-Linux-{leg}-a94f07" in hand.words
        await hand.agree()
        await hand.proved()
        await hand.pass_time(minutes=2)
        await hand.until(lambda: HELD not in hand.text)
        assert not hand.solved()
        await hand.go_to(LOST)
        await hand.press("a", "enter")
        await hand.agree()
        await hand.proved("2 of 2 proved.")
        await hand.pass_time(minutes=2)
        await hand.read_until("All 52 runners are doing their work")
        assert hand.solved()


async def test_running_it_again_too_early_mends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        await hand.pass_time(minutes=3)
        await hand.read_until("3 jobs of acme/web", LOST)
        await hand.press("a", "enter")
        await hand.until_words("While it still is, the job fails again: wait until it is over.")
        await hand.agree()
        await hand.proved()
        await hand.pass_time(minutes=1.5)
        await hand.read_until("5 jobs of 3 repositories", LOST)


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        assert run.now() == []
        run.pass_time(minutes=9)
        found = {each["summary"]: each for each in run.now()}
        assert set(found) == {LOST, HELD}
        for summary, finding in found.items():
            assert (finding["cause"], finding["action"]) == ("failed-cache", "rerun-cache-failed")
            (job, *others) = finding["jobs"]
            explained = run.explain(str(job["id"]))
            assert explained["cause"] == "failed-cache"
            assert "fail-on-cache-miss is set" in " ".join(explained["evidence"])
            done = run.act(finding["action"], str(job["id"]))
            assert done["outcome"] == "proved", done
            assert sum("DELETE" in part["text"] for part in done["parts"]) == (3 if summary == HELD else 0)
            for other in others if summary == LOST else ():
                assert run.act(finding["action"], str(other["id"]))["outcome"] == "proved"
        run.pass_time(minutes=2)
        assert run.now() == []
        assert run.solved()


async def test_nothing_is_found_nor_offered_where_jobs_do_without_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(TWIN, monkeypatch) as hand:
        await hand.stays_calm()


def test_no_command_finds_or_offers_anything_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(TWIN, tmp_path, capsys, monkeypatch) as run:
        run.pass_time(minutes=8)
        assert run.now() == []
        said = [job for job in run.world.runs.jobs.values() if job.name.startswith("compatibility (3.1")]
        assert len(said) == 9
        for job in said[:2]:
            code, refused = run.plan("rerun-cache-failed", str(job.id))
            assert (code, refused["outcome"]) == (1, "refused")
            assert "It did not fail" in refused["words"]
