"""A release is published and turned back into a draft by a second workflow: worked from first sign to proof."""

from pathlib import Path

import pytest

from tests.incidents.commands import shell
from tests.incidents.playing import playing
from tests.needs import needs

pytestmark = needs("ssh")
NAME, TWIN = "incident-release", "incident-release-harmless"
WEB, API = "release v2.5.0 is still a draft", "release v1.9.0 is there twice"


async def test_by_keys_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(NAME, monkeypatch) as hand:
        await hand.until_read("All 52 runners are doing their work")
        await hand.pass_time(minutes=3.5)
        await hand.read_until("acme/web", WEB)
        assert API not in hand.text
        await hand.pass_time(minutes=4)
        await hand.read_until("acme/web", WEB, "acme/api", API)
        for repository, cause in (("acme/web", "written over"), ("acme/api", "made the second one")):
            await hand.go_to(repository)
            await hand.press("x")
            await hand.until_read("Draft release", cause)
            await hand.press("escape", "a")
            await hand.until_read("helps here", "Re-run release")
            await hand.press("enter")
            assert not hand.solved()
            await hand.agree()
            await hand.proved()
        assert hand.solved()
        await hand.look_anew()
        await hand.until(lambda: WEB not in hand.text and API not in hand.text)


def test_by_commands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        assert run.now() == []
        run.pass_time(minutes=7.5)
        found = run.serious()
        assert sorted(each["cause"] for each in found) == ["release-draft", "release-twice"]
        for finding in found:
            assert finding["action"] == "rerun-release"
        assert not run.solved()
        for finding in sorted(found, key=lambda each: each["cause"]):
            run_id = str(finding["runs"][0]["id"])
            explained = run.explain(run_id)
            assert explained["cause"] == finding["cause"]
            assert "Draft release" in " ".join(explained["evidence"])
            done = run.act(finding["action"], run_id)
            assert done["outcome"] == "proved", done
        assert run.solved()
        run.pass_time(minutes=1)
        assert run.serious() == []


def test_running_the_publisher_again_does_not_mend_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(NAME, tmp_path, capsys, monkeypatch) as run:
        run.pass_time(minutes=7.5)
        draft = next(each for each in run.serious() if each["cause"] == "release-draft")
        published = next(each["id"] for each in draft["runs"] if each["workflow"] == "Publish")
        assert run.act("rerun-run", str(published))["outcome"] == "proved"
        run.pass_time(minutes=3)
        assert not run.solved()
        failed = run.explain(str(published))
        assert "npm has this version already" in str(failed["evidence"])
        done = run.act("rerun-release", str(published))
        assert done["outcome"] == "proved", done


async def test_nothing_is_found_nor_offered_where_the_drafter_ends_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with playing(TWIN, monkeypatch) as hand:
        await hand.stays_calm()
        assert hand.solved()


def test_no_command_finds_or_offers_anything_either(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with shell(TWIN, tmp_path, capsys, monkeypatch) as run:
        run.pass_time(minutes=7.5)
        assert run.now() == []
        for name in ("web", "api"):
            repository = run.world.repositories[f"acme/{name}"]
            released = [each for each in run.world.runs.of(repository).values() if each.workflow.name == "Publish"]
            assert len(released) == 1
            code, refused = run.plan("rerun-release", str(released[0].id))
            assert (code, refused["outcome"]) == (1, "refused")
            assert "There is nothing to do" in refused["words"]
