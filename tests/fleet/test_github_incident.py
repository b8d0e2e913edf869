"""Is it us or GitHub: what is concluded from findings and from what GitHub's own status page says of Actions."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.fleet.diagnosis import diagnose
from console.fleet.explain import explain_job
from console.fleet.findings import Finding
from console.fleet.github_incident import explained_beside, in_view_of_github
from console.fleet.github_status import GithubStatus, Incident
from console.fleet.models import FleetSnapshot, Freshness, Problem, plain
from console.fleet.remedies import remedy_of
from tests.fleet.fleets import NOON, ago, fleet, job, runner

DEGRADED = GithubStatus("degraded_performance", (Incident("Jobs start late", "minor", "investigating", ago(5)),))
GPU = ("self-hosted", "gpu")
TWO_KINDS = fleet(runners=[runner(id=1), runner(id=2, labels=GPU)], jobs=[job(id=1), job(id=2, labels=GPU)])
ONE = fleet(runners=[runner(id=1)], jobs=[job(id=1)])


def said(snapshot: FleetSnapshot, status: GithubStatus | None = DEGRADED, minutes: float = 1) -> FleetSnapshot:
    page = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), ago(minutes))
    return replace(snapshot, github_status=status, status_page=page)


def seen(snapshot: FleetSnapshot) -> tuple[Finding, ...]:
    return in_view_of_github(diagnose(snapshot), snapshot)


def test_runners_of_several_kinds_that_idle_while_actions_is_in_trouble_are_github_s_fault() -> None:
    findings = seen(said(TWO_KINDS))
    assert [(each.cause, each.found_as, each.certainty) for each in findings] == [
        ("github-incident", "idle-while-queued", "likely")
    ] * 2
    assert plain(findings[0].evidence[0]) == "GitHub's own status page says of Actions: degraded."
    assert plain(findings[0].evidence[1]) == "Open there: Jobs start late, updated 5 min ago."
    assert plain(findings[0].helps).startswith("Wait for the end of GitHub's incident, and mute this")
    assert remedy_of(findings[0].cause).action == ""
    assert [each.key for each in findings] == [each.key for each in diagnose(TWO_KINDS)]


def test_a_single_runner_that_idles_may_be_stuck_all_the_same_and_is_restarted_only_afterwards() -> None:
    (finding,) = seen(said(ONE))
    assert finding.cause == "idle-while-queued"
    assert "status page" in plain(finding.evidence[0])
    assert plain(finding.helps).startswith("Wait for the end")
    assert "Restart the runner's service" in plain(finding.helps)


def test_many_runners_of_one_kind_that_idle_all_at_once_are_github_s_fault_then() -> None:
    many = fleet(runners=[runner(id=number) for number in (1, 2, 3)], jobs=[job(id=1)])
    assert [each.cause for each in seen(said(many))] == ["github-incident"]


def test_errors_of_our_own_calls_and_the_page_together_are_an_incident() -> None:
    problem = Problem("server", "GitHub answers 502", "", ago(5))
    failing = Freshness("finished", "acme/web", timedelta(minutes=1), ago(6), problem)
    snapshot = said(replace(ONE, freshness=(*ONE.freshness, failing)))
    (finding,) = seen(snapshot)
    assert finding.cause == "github-incident"
    evidence = [plain(each) for each in finding.evidence]
    assert "status page" in evidence[0]
    assert any("errors" in each for each in evidence)
    assert "mute" in plain(finding.helps)


@pytest.mark.parametrize("status", [None, GithubStatus("operational"), GithubStatus(""), GithubStatus("on_fire")])
def test_what_the_page_does_not_call_trouble_changes_no_finding(status: GithubStatus | None) -> None:
    assert seen(said(TWO_KINDS, status)) == diagnose(TWO_KINDS)


def test_an_old_word_of_the_page_changes_no_finding() -> None:
    assert seen(said(TWO_KINDS, minutes=10)) == diagnose(TWO_KINDS)


def test_what_has_a_cause_of_its_own_is_not_blamed_on_github() -> None:
    misspelt = fleet(runners=[runner(id=1)], jobs=[job(id=1, labels=("self-hosted", "gpuu"))])
    assert [finding.cause for finding in seen(said(misspelt))] == ["no-runner-has-labels"]
    assert seen(said(misspelt)) == diagnose(misspelt)


def test_an_offline_runner_may_be_so_for_github_and_is_started_only_after_its_incident() -> None:
    lonely = fleet(runners=[runner(id=1, status="offline")], jobs=[job(id=1)])
    (finding,) = seen(said(lonely))
    assert (finding.cause, remedy_of(finding.remedied_as).action) == ("only-offline-runners", "")
    assert plain(finding.helps).startswith("Wait for the end of GitHub's incident")
    assert "If it goes on after that: Start its service" in plain(finding.helps)


def test_the_explanation_of_a_job_says_the_same_as_now() -> None:
    snapshot = said(TWO_KINDS)
    about = job(id=1).key
    explained = explained_beside(explain_job(snapshot, about), about, seen(snapshot), snapshot)
    assert explained.cause == "github-incident"
    assert explained.conditions[-1].met is False
    assert "mute" in plain(explained.helps)
    alone = explain_job(ONE, about)
    assert explained_beside(alone, about, seen(ONE), ONE) is alone


def test_the_age_of_an_incident_counts() -> None:
    evidence = seen(said(TWO_KINDS))[0].at(NOON + timedelta(minutes=3)).evidence
    assert plain(evidence[1]).endswith("updated 8 min ago.")
