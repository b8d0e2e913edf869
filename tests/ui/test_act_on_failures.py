"""What is done about jobs that failed: what helps stands first, and all that failed for a cache are taken at once."""

from typing import Any

from msgspec.structs import replace

from console.fleet.failure import Cause, Failure
from console.fleet.findings import Finding
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.sightings import of_failures, the_same_on_several
from console.ui.dialogs.act import ActDialog
from tests.ui import fleet_fixture as fleet
from tests.ui.test_panes import Operator, operator

FAILED = next(job for job in fleet.INCIDENT.jobs.values() if job.conclusion == "failure")
OTHER = replace(FAILED, id=FAILED.id + 500, run_id=FAILED.run_id + 500, branch="other")
BOTH = replace(fleet.INCIDENT, jobs={**fleet.INCIDENT.jobs, OTHER.key: OTHER})
MISSED = Failure(
    FAILED.attempt, (Cause("cache", "proved", "cache.fail-on-miss", "It is missing", "Save it.", "it", 7),)
)
CUT_OFF = Failure(FAILED.attempt, (Cause("network", "proved", "network.reset", "It was cut off", "Wait.", "it", 7),))


def with_the_cache_s(hand: Operator) -> None:
    gate = hand.connector.connections[0].gate
    gate.offers = ((GUIDED_ACTIONS["rerun-cache-failed"], None),)


async def test_the_menu_of_a_job_that_failed_knows_why_it_did() -> None:
    async with operator(failures={FAILED.key: MISSED}) as hand:
        with_the_cache_s(hand)
        await hand.press("3", "slash")
        await hand.type("class:cache")
        await hand.press("enter", "home", "a")
        assert hand.connector.connections[0].gate.causes == [frozenset({"failed-cache"})]
        assert "Re-run cache-failed" in hand.text


async def test_where_failed_jobs_on_several_runners_say_the_same_the_last_of_them_is_acted_on_and_no_runner() -> None:
    runners = {key.id: key for key in fleet.INCIDENT.runners}
    elsewhere = next(runners[number] for number in sorted(runners) if number != FAILED.runner_id)
    name = fleet.INCIDENT.runners[elsewhere].name
    other = replace(OTHER, runner_id=elsewhere.id, runner_name=name, name="older", completed_at=FAILED.created_at)
    world = replace(fleet.INCIDENT, jobs={**fleet.INCIDENT.jobs, other.key: other})
    failures = {other.key: CUT_OFF, FAILED.key: CUT_OFF}
    assert not list(of_failures({other.key: MISSED, FAILED.key: MISSED}, world)), "a cache says nothing of a runner"
    findings = the_same_on_several(of_failures(failures, world), world.taken_at)
    assert {key.id for finding in findings for key in finding.runners} == {FAILED.runner_id, elsewhere.id}
    async with operator(world, failures=failures, findings=findings) as hand:
        with_the_cache_s(hand)
        assert hand.app.main.pane.targets() == (FAILED.key,)
        await hand.press("a")
        assert hand.connector.connections[0].gate.causes == [frozenset({"same-on-several", "failed-network"})]
        assert f"Actions on acme/web {FAILED.name}" in hand.text


async def test_all_jobs_that_failed_for_a_cache_lately_are_taken_at_once_wherever_the_cursor_is() -> None:
    async with operator(BOTH, failures={FAILED.key: MISSED, OTHER.key: MISSED}) as hand:
        with_the_cache_s(hand)
        await hand.type(":act cache-failed")
        await hand.press("enter")
        assert isinstance(hand.app.screen, ActDialog), hand.text
        assert "Re-run cache-failed" in hand.text
        assert "2" in hand.text.split("Re-run cache-failed")[1]
        assert "cache-failed" in hand.app.main.act_names()


async def test_where_none_is_known_to_have_failed_for_a_cache_that_is_said() -> None:
    async with operator() as hand:
        await hand.type(":act cache-failed")
        await hand.press("enter")
        assert "No job is known to have failed for a cache within the last hour" in hand.text


def found(cause: str, **about: Any) -> Finding:
    return Finding(cause, "watch", "likely", ("many",), ("of a kind",), fleet.INCIDENT.taken_at, **about)


async def test_of_jobs_that_failed_for_a_cache_one_of_each_run_is_acted_on_and_the_dialog_says_why() -> None:
    beside = replace(FAILED, id=FAILED.id + 1, name="beside")
    world = replace(BOTH, jobs={**BOTH.jobs, beside.key: beside})
    finding = found("failed-cache", jobs=(FAILED.key, beside.key, OTHER.key))
    async with operator(world, failures=dict.fromkeys(finding.jobs, MISSED), findings=(finding,)) as hand:
        with_the_cache_s(hand)
        await hand.press("a")
        assert hand.app.main.pane.targets() == (FAILED.key, OTHER.key)
        assert "2 of 3 jobs; one of each run: while a job runs again" in hand.text


async def test_where_several_have_it_the_dialog_about_the_first_says_how_to_come_to_the_others() -> None:
    runners, jobs = tuple(fleet.INCIDENT.runners)[:3], tuple(fleet.INCIDENT.jobs)[:2]
    for about, said in (
        ({"runners": runners, "jobs": jobs}, "about  1 of 3 runners; 2 lists all of them, and space selects several."),
        ({"jobs": jobs}, "about  1 of 2 jobs; Enter on the finding lists them, and space selects several."),
        ({"runners": runners[:1], "jobs": jobs}, ""),
    ):
        async with operator(findings=(found("many-of-a-kind", **about),)) as hand:
            await hand.press("a")
            assert said in hand.text
            assert ("about" in hand.text.split("Action ")[0]) == bool(said)
