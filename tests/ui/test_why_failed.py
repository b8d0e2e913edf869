"""What an operator sees of why a job failed, and of a release that went wrong."""

import msgspec
import pytest

from console.fleet.failure import Cause, Failure
from console.fleet.release import Release, Releases
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import NOON
from tests.ui.test_panes import operator

FAILED = next(job for job in fleet.INCIDENT.jobs.values() if job.conclusion == "failure")
MISSED = Cause(
    "cache", "proved", "cache.fail-on-miss", "The key is missing", "Save it first.", "[red]no entry[/red]", 74
)
KNOWN = {FAILED.key: Failure(FAILED.attempt, (MISSED,))}


@pytest.mark.parametrize(("size", "column"), [((80, 24), False), ((200, 50), True)])
async def test_jobs_says_the_class_of_a_failure_at_any_width(size: tuple[int, int], column: bool) -> None:
    """And once: where there is a column for it, the reason does not begin with it."""
    async with operator(size=size, failures=KNOWN) as hand:
        await hand.press("3")
        (line,) = [line for line in hand.text.splitlines() if "The key is missing" in line]
        assert ("cache: The key is missing" in line) is not column
        assert line.count("cache") == 1
        (heads,) = [line for line in hand.text.splitlines() if "State" in line]
        assert ("Class" in heads) is column


async def test_the_filter_knows_classes_and_tells_of_them() -> None:
    async with operator(failures=KNOWN) as hand:
        await hand.press("3", "slash")
        await hand.type("class:cache")
        assert "1 match" in hand.text
        assert FAILED.name in hand.text
        await hand.press("escape", "slash")
        await hand.type("clas:cache")
        assert "Nearest: class." in hand.text


@pytest.mark.parametrize(("typed", "said"), [("class:", "Which class?"), ("class:chache", "There is no class chache.")])
async def test_the_filter_says_which_classes_there_are(typed: str, said: str) -> None:
    async with operator(size=(160, 40), failures=KNOWN) as hand:
        await hand.press("3", "slash")
        await hand.type(typed)
        assert f"{said} There are: infrastructure, cache, remote-cache, artifact, release," in hand.text
        await hand.press("enter")
        assert f"match {typed}" not in hand.text
        assert said in hand.text


async def test_what_else_a_job_failed_of_is_named_and_a_class_said_once() -> None:
    missed, taken = (msgspec.structs.replace(MISSED, title=title) for title in ("It is missing", "It is taken"))
    lost = Cause("infrastructure", "possible", "worker.oom", "Memory ran out", "Add some.", "killed", 80)
    async with operator(size=(120, 40), failures={FAILED.key: Failure(FAILED.attempt, (missed, taken, lost))}) as hand:
        await hand.press("3", "slash")
        await hand.type("class:cache")
        await hand.press("enter", "home", "enter")
        assert "also      It is taken; infrastructure: Memory ran out" in hand.text


async def test_a_failed_job_shows_its_class_how_sure_that_is_the_line_and_what_helps() -> None:
    async with operator(size=(120, 40), failures=KNOWN) as hand:
        await hand.press("3", "slash")
        await hand.type("class:cache")
        await hand.press("enter", "home", "x")
        for said in ("cache: The key is missing (proved)", "line 75: [red]no entry[/red]", "Save it first."):
            assert said in hand.text
        assert hand.connector.watch.asked[-1] == f"why {FAILED.id}"
        await hand.press("escape", "enter")
        for said in ("class", "cache: The key is missing (proved)", "line 75: [red]no entry[/red]", "Save it first."):
            assert said in hand.text


async def test_a_failed_job_whose_log_was_not_read_is_unknown_and_says_so() -> None:
    async with operator() as hand:
        await hand.press("3", "slash")
        await hand.type("class:unknown")
        await hand.press("enter", "home", "x")
        assert "unknown: its log has not been read (could not be told for sure)" in hand.text


async def test_a_release_that_went_wrong_is_explained_from_now_and_leads_to_its_jobs() -> None:
    run = next(iter(fleet.INCIDENT.runs.values()))
    green = msgspec.structs.replace(
        run, workflow="Publish", branch="v2.4", event="push", status="completed", conclusion="success"
    )
    draft = Release(1, "v2.4", "v2.4", True, NOON)
    snapshot = msgspec.structs.replace(
        fleet.INCIDENT,
        runs={**fleet.INCIDENT.runs, run.key: green},
        releases={run.repository: Releases(NOON.replace(year=2027), (draft,))},
    )
    async with operator(snapshot) as hand:
        await hand.press("slash")
        await hand.type("release-draft")
        await hand.press("enter", "home")
        assert "release v2.4 is still a draft" in hand.text
        await hand.press("x")
        assert "there is one release of its tag" in hand.text
        await hand.press("escape", "enter")
        assert "only those of the finding" in hand.text
