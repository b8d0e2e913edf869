"""Release trouble that leaves no error line: what is compared, what is said of it, and when nothing is."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.diagnosis import diagnose
from console.fleet.explain_run import explain_run
from console.fleet.findings import Finding
from console.fleet.models import FleetSnapshot, Run, plain
from console.fleet.release import Release, Releases
from console.fleet.releases import compare, releasing
from tests.fleet.fleets import NOON, ago, fleet, run

GREEN: dict[str, Any] = {"status": "completed", "conclusion": "success"}
PUBLISH = run(
    201, workflow="Publish", path="publish.yml", branch="v2.4", created_at=ago(20), updated_at=ago(18), number=12,
    **GREEN,
)  # fmt: skip
DRAFTER = run(
    202, workflow="Draft release", path="draft.yml", branch="main", created_at=ago(20), updated_at=ago(17), number=31,
    **GREEN,
)  # fmt: skip
CI = run(203, workflow="CI", path="ci.yml", created_at=ago(20), updated_at=ago(15), **GREEN)
PUBLISHED = Release(1, "v2.4", "v2.4", False, ago(18), ago(18), ago(18), files=2)
DRAFT = Release(2, "v2.4", "v2.4", True, ago(17), ago(17), files=1)
OLD = Release(3, "v2.3", "v2.3", False, ago(900), ago(900), ago(900), files=2)


def a_fleet(*releases: Release, runs: tuple[Run, ...] = (PUBLISH, DRAFTER, CI), **known: Any) -> FleetSnapshot:
    given = {"looked_at": NOON, "releases": (*releases, OLD), **known}
    return replace(fleet(runs=runs), releases={"acme/web": Releases(**given)})


def found(*releases: Release, **given: Any) -> list[Finding]:
    return [each for each in diagnose(a_fleet(*releases, **given)) if each.cause.startswith("release-")]


def test_both_runs_green_and_the_release_still_a_draft() -> None:
    (finding,) = found(DRAFT)
    assert (finding.cause, finding.severity, finding.certainty) == ("release-draft", "watch", "likely")
    assert plain(finding.subject) == "acme/web #12"
    assert plain(finding.summary) == "release v2.4 is still a draft, both runs green"
    assert plain(finding.suspicion).startswith("Draft release #31 ended last, and may have written over what Publish")
    assert [plain(line).partition(" ended")[0] for line in finding.evidence[:2]] == ["Publish #12", "Draft release #31"]
    assert "a draft" in plain(finding.evidence[2])
    assert finding.runs == (PUBLISH.key, DRAFTER.key)


def test_a_release_that_is_there_twice() -> None:
    (finding,) = found(PUBLISHED, DRAFT)
    assert (finding.cause, plain(finding.summary)) == ("release-twice", "release v2.4 is there twice, both runs green")
    assert plain(finding.helps).startswith("Delete the draft")


def test_a_release_that_is_published_once_is_well() -> None:
    assert not found(PUBLISHED)
    explained = explain_run(a_fleet(PUBLISHED), PUBLISH.key)
    assert (explained.cause, plain(explained.conclusion)) == ("", "Release v2.4 is published, once.")
    assert [condition.met for condition in explained.conditions] == [True] * 4


def test_a_draft_of_a_single_workflow_may_wait_for_a_person_and_is_only_a_remark() -> None:
    (finding,) = found(DRAFT, runs=(PUBLISH, CI))
    assert (finding.severity, finding.certainty) == ("info", "possible")
    assert "by hand" in plain(finding.suspicion)


def test_a_draft_that_the_publishing_workflow_itself_left_last_is_only_a_remark_too() -> None:
    (finding,) = found(DRAFT, runs=(PUBLISH, replace(DRAFTER, updated_at=ago(19))))
    assert (finding.severity, "by hand" in plain(finding.suspicion)) == ("info", True)


def test_other_runs_of_the_tag_write_no_release() -> None:
    tests = replace(CI, id=210, branch="v2.4")
    (finding,) = found(DRAFT, runs=(PUBLISH, tests))
    assert (finding.severity, finding.runs) == ("info", (PUBLISH.key,))


def test_a_file_that_was_not_uploaded_whole_is_told() -> None:
    (finding,) = found(replace(PUBLISHED, unfinished=1))
    assert finding.cause == "release-unfinished"


@pytest.mark.parametrize(
    "runs",
    [
        (PUBLISH, replace(DRAFTER, status="in_progress", conclusion=None)),
        (PUBLISH, replace(DRAFTER, updated_at=NOON)),
        (replace(PUBLISH, conclusion="failure"), replace(DRAFTER, conclusion="failure")),
    ],
)
def test_while_something_writes_it_or_where_every_run_failed_nothing_is_said_of_the_release(
    runs: tuple[Run, ...],
) -> None:
    assert not found(DRAFT, runs=runs)


def test_a_draft_stays_a_finding_when_its_publisher_was_run_again_and_failed() -> None:
    again = replace(PUBLISH, conclusion="failure", updated_at=ago(3), attempt=2)
    snapshot = a_fleet(DRAFT, runs=(again, DRAFTER))
    (finding,) = [each for each in diagnose(snapshot) if each.cause.startswith("release-")]
    assert (finding.cause, finding.severity, finding.certainty) == ("release-draft", "watch", "likely")
    assert plain(finding.summary) == "release v2.4 is still a draft, 1 of 2 runs failed"
    assert plain(finding.suspicion) == "Publish #12 did not end well"
    assert plain(finding.helps).startswith("Publish the draft")
    explained = explain_run(snapshot, again.key)
    assert (explained.cause, explained.conditions[0].met) == ("release-draft", False)
    assert not found(PUBLISHED, runs=(again, DRAFTER))


def test_a_release_that_is_not_to_be_seen_is_unknown_for_drafts_may_be_hidden() -> None:
    assert not found()
    explained = explain_run(a_fleet(), PUBLISH.key)
    assert explained.certainty == "unknown"
    assert "Drafts are only shown to tokens that may write" in plain(explained.conclusion)
    assert [condition.met for condition in explained.conditions] == [True, None, None, None]


def test_where_releases_could_not_be_read_that_is_said() -> None:
    snapshot = a_fleet(unread="this token may not read them")
    assert not [each for each in diagnose(snapshot) if each.cause.startswith("release-")]
    explained = explain_run(snapshot, DRAFTER.key)
    assert (explained.certainty, "may not read them" in plain(explained.conclusion)) == ("unknown", True)


def test_runs_that_have_nothing_to_do_with_the_release_are_no_part_of_it() -> None:
    assert explain_run(a_fleet(DRAFT), CI.key).cause == ""
    assert explain_run(a_fleet(DRAFT), DRAFTER.key).cause == "release-draft"
    earlier = replace(DRAFTER, id=9, created_at=ago(90), updated_at=ago(80))
    (compared,) = compare(a_fleet(DRAFT, runs=(PUBLISH, earlier)))
    assert compared.runs == (PUBLISH,)


@pytest.mark.parametrize(
    ("branch", "event", "releases"),
    [("v2.4", "push", True), ("web-v2.4.1", "push", True), ("main", "release", True), ("main", "push", False),
     ("v2.4", "pull_request", False), ("v2", "push", False)],
)  # fmt: skip
def test_a_repository_releases_when_a_run_is_of_a_tag_or_of_a_release(branch: str, event: str, releases: bool) -> None:
    assert bool(releasing([replace(PUBLISH, branch=branch, event=event)])) is releases
