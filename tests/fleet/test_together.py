"""What has one cause and began within minutes is told as one finding, with its spread and whose fault it is."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.fleet.diagnosis import diagnose
from console.fleet.findings import Finding, one_by_one
from console.fleet.github_incident import INCIDENT, MAY_BE_GITHUB, in_view_of_github
from console.fleet.github_status import GithubStatus
from console.fleet.inquiry import drained
from console.fleet.models import FleetSnapshot, Freshness, Problem, plain
from console.fleet.remedies import RESTARTS, remedy_of
from console.fleet.runbook_leads import as_of, lead_of, leads_called
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.together import told_together
from console.fleet.warnings import Signs, warning_findings
from console.operations.look import Look
from tests.fleet.fleets import LINUX, ago, fleet, job, runner

GPU = (*LINUX, "gpu")
TWO_KINDS = fleet(
    runners=[runner(1), runner(2, labels=("self-hosted", "gpu"))],
    jobs=[job(1), job(2, labels=("self-hosted", "gpu"))],
)


def told(snapshot: FleetSnapshot) -> tuple[Finding, ...]:
    return told_together(in_view_of_github(diagnose(snapshot), snapshot), snapshot)


def page(snapshot: FleetSnapshot, word: str) -> FleetSnapshot:
    asked = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), ago(1))
    return replace(snapshot, github_status=GithubStatus(word), status_page=asked)


def failing(snapshot: FleetSnapshot, number: int = 2, kind: str = "server") -> FleetSnapshot:
    problem = Problem(kind, "GitHub answers 502", "", ago(5))
    bad = [Freshness("finished", f"acme/r{at}", timedelta(minutes=1), ago(6), problem) for at in range(number)]
    return replace(snapshot, freshness=(*snapshot.freshness, *bad))


def test_two_sets_of_labels_with_one_cause_are_one_finding() -> None:
    assert len(diagnose(TWO_KINDS)) == 2
    (finding,) = told(TWO_KINDS)
    assert plain(finding.subject) == "2 runners"
    assert plain(finding.summary) == "idle, 2 matching jobs wait"
    assert {key.id for key in finding.runners} == {1, 2}
    assert {key.id for key in finding.jobs} == {1, 2}
    said = [plain(each) for each in finding.evidence]
    assert any(line.startswith("linux-1: idle") for line in said)
    assert any(line.startswith("linux-2: idle") for line in said)


def test_a_merged_finding_goes_by_the_key_of_its_oldest_part_and_knows_all_of_them() -> None:
    parts = diagnose(TWO_KINDS)
    (finding,) = told(TWO_KINDS)
    assert finding.key == min(parts, key=lambda each: (each.since, each.key)).key
    assert finding.keys == {each.key for each in parts}
    assert set(one_by_one([finding])) == set(parts)


def test_what_began_long_after_the_first_is_another_finding() -> None:
    later = replace(diagnose(TWO_KINDS)[0], since=ago(60), about="org:acme/9")
    found = told_together((*diagnose(TWO_KINDS), later), TWO_KINDS)
    assert len(found) == 2


def test_what_is_wrong_with_a_workflow_is_one_only_where_the_same_is_wrong() -> None:
    snapshot = fleet(
        runners=[runner(1)],
        jobs=[job(1, labels=("self-hosted", "gpux")), job(2, labels=("self-hosted", "ubnutu"))],
    )
    assert [each.cause for each in told(snapshot)] == ["no-runner-has-labels"] * 2
    same = replace(
        snapshot,
        jobs={
            each.key: each
            for each in (job(1, labels=("self-hosted", "gpux")), job(2, labels=("self-hosted", "linux", "gpux")))
        },
    )
    (one,) = told(same)
    assert plain(one.subject) == "2 jobs of 2 kinds"


def test_the_severest_and_the_least_sure_decide() -> None:
    one, two = diagnose(TWO_KINDS)
    (finding,) = told_together(
        (replace(one, severity="watch"), replace(two, severity="alert", certainty="possible")), TWO_KINDS
    )
    assert (finding.severity, finding.certainty) == ("alert", "possible")


def test_many_runners_of_one_kind_are_told_with_their_spread() -> None:
    idle = [runner(number, labels=GPU, name=f"gpu-{number}") for number in range(1, 5)]
    busy = [runner(number, busy=True) for number in range(10, 20)]
    (finding,) = told(fleet(runners=[*idle, *busy], jobs=[job(1, labels=("self-hosted", "gpu"))]))
    assert plain(finding.spread).startswith("on all 4 runners with the label gpu, on no other; since ")
    assert plain(finding.evidence[0]) == f"It is {plain(finding.spread)}."


@pytest.mark.parametrize(
    ("snapshot", "side", "certainty", "words"),
    [
        pytest.param(page(TWO_KINDS, "operational"), "here", "likely", "calls Actions operational", id="well"),
        pytest.param(TWO_KINDS, "here", "possible", "is not known; this console's own calls", id="no page"),
        pytest.param(page(TWO_KINDS, "partial_outage"), "github", "likely", "partial outage", id="page"),
        pytest.param(failing(TWO_KINDS), "github", "likely", "errors for 2 of 2 sources", id="own calls"),
        pytest.param(failing(TWO_KINDS, 1), "github", "possible", "errors for 1 of 1 source", id="one call"),
    ],
)
def test_it_is_told_whether_it_is_us_or_github_and_how_sure_that_is(
    snapshot: FleetSnapshot, side: str, certainty: str, words: str
) -> None:
    two = [replace(each, cause="session-stuck") for each in diagnose(TWO_KINDS)]
    (finding,) = told_together(in_view_of_github(two, snapshot), snapshot)
    assert finding.whose is not None
    assert (finding.whose.side, finding.whose.certainty) == (side, certainty)
    assert words in plain(finding.whose.words)
    assert plain(finding.whose.words) in [plain(each) for each in finding.evidence]


def test_where_this_console_reaches_nobody_it_says_nothing_of_whose_fault_it_is() -> None:
    (finding,) = told(failing(TWO_KINDS, kind="unreachable"))
    assert finding.whose is None


def test_a_full_disk_on_many_hosts_is_not_put_down_to_github() -> None:
    full = [replace(each, cause="disk-full", helps=("Free room.",)) for each in diagnose(TWO_KINDS)]
    snapshot = page(TWO_KINDS, "major_outage")
    (finding,) = told_together(in_view_of_github(full, snapshot), snapshot)
    assert (finding.whose, finding.waits, plain(finding.helps)) == (None, False, "Free room.")
    assert remedy_of(finding.remedied_as).action == "free-disk"


TROUBLES = [
    pytest.param(page(TWO_KINDS, "degraded_performance"), id="the page says so"),
    pytest.param(failing(TWO_KINDS), id="our own calls fail"),
]


@pytest.mark.parametrize("snapshot", TROUBLES)
@pytest.mark.parametrize("cause", sorted(MAY_BE_GITHUB))
def test_while_github_is_in_trouble_the_advice_is_to_wait_and_mute_and_no_restart_helps(
    cause: str, snapshot: FleetSnapshot
) -> None:
    one, two = (replace(each, cause=cause, helps=("Restart the runner's service.",)) for each in diagnose(TWO_KINDS))
    for findings in ((one,), (one, two)):
        (finding,) = told_together(in_view_of_github(findings, snapshot), snapshot)
        assert finding.waits
        assert plain(finding.helps).startswith("Wait for the end of GitHub's incident, and mute this until then.")
        remedy = remedy_of(finding.remedied_as)
        assert remedy.action == ""
        assert remedy.forbidden >= RESTARTS


@pytest.mark.parametrize("snapshot", TROUBLES)
def test_the_same_errors_of_github_in_many_logs_are_waited_for(snapshot: FleetSnapshot) -> None:
    seen = replace(diagnose(TWO_KINDS)[0], cause=SAME_ON_SEVERAL, about="broker.message-5xx")
    (finding,) = in_view_of_github([seen], snapshot)
    assert (finding.waits, remedy_of(finding.remedied_as).action) == (True, "")


def test_a_walk_about_one_runner_stays_about_it_while_it_is_told_as_one_with_others() -> None:
    parts = diagnose(TWO_KINDS)
    alone = lead_of(next(each for each in parts if each.runners[0].id == 2), TWO_KINDS)
    merged = Look(TWO_KINDS, findings=told(TWO_KINDS))
    assert as_of(alone, merged).targets == alone.targets
    of_both = lead_of(merged.findings[0], TWO_KINDS)
    assert as_of(of_both, merged).targets == of_both.targets
    assert leads_called(alone.key, Look(TWO_KINDS)) == ()


def test_of_runners_of_an_old_version_it_is_not_told_that_they_have_this_version_in_common() -> None:
    old = [runner(number, version="2.331.0") for number in (1, 2)]
    snapshot = fleet(runners=[*old, *(runner(number, version="2.336.0") for number in (3, 4, 5))])
    (warned,) = told_together(drained(warning_findings(Signs(snapshot))), snapshot)
    assert (warned.cause, warned.spread) == ("version-ends", ())


def test_while_the_page_lags_what_listeners_meet_of_github_is_not_called_ours() -> None:
    snapshot = page(TWO_KINDS, "operational")
    by_hosts = [replace(each, cause=INCIDENT, certainty="likely") for each in diagnose(snapshot)]
    (finding,) = told_together(in_view_of_github(by_hosts, snapshot), snapshot)
    assert finding.whose is not None
    assert (finding.whose.side, finding.whose.certainty) == ("github", "likely")
    assert "GitHub's page says of Actions: operational; it is often some minutes behind." in plain(finding.whose.words)
    assert "mute this until then" in plain(finding.helps)
