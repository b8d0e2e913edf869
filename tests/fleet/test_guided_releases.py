"""Releases that did not come out well: what is published, deleted or run again, and when nothing can help."""

from collections.abc import Iterable
from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.conditions import NewAttempt
from console.fleet.evidence import Evidence, Fact, FailureOf, ReleasesOf, RunNow
from console.fleet.failure import Cause, Failure, Kind
from console.fleet.guided_actions.releases import rerun_release
from console.fleet.models import Job, Run, plain
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.release import Release
from console.fleet.release_conditions import Released, ReleasePublished, ReleasesGone
from console.fleet.signatures import shipped_catalogue
from tests.fleet.fleets import NOON, ago, fleet
from tests.fleet.planning import planned, refused, told
from tests.fleet.runs_and_jobs import ended_job, evidence, failed_run

BAD = failed_run(workflow="Publish", path="publish.yml", branch="v2.4", updated_at=ago(5))
GREEN = replace(BAD, conclusion="success")
DRAFTER = failed_run(id=202, workflow="Draft release", path="draft.yml", conclusion="success", updated_at=ago(4))
FAILED = ended_job(1, name="publish")
DONE = ended_job(2, name="build", conclusion="success")
PUBLISHED = Release(1, "v2.4", "v2.4", False, ago(8), ago(7), ago(7), files=2)
DRAFT = Release(2, "v2.4", "v2.4", True, ago(5), ago(5), files=2)
HALF = replace(DRAFT, id=3, files=2, unfinished=1)
OTHER = Release(9, "v2.3", "v2.3", True, ago(900), files=2)
FAILED_AGAIN = "/repos/acme/web/actions/runs/101/rerun-failed-jobs"
ALL_AGAIN = "/repos/acme/web/actions/runs/101/rerun"


def asked(
    *releases: Release,
    run: Run = GREEN,
    said: str = "",
    kind: Kind = "release",
    jobs: Iterable[Job] = (FAILED, DONE),
    beside: Iterable[Run] = (),
) -> Plan | Refusal:
    causes = (Cause(kind, "proved", said, f"What {said} means", f"Helps against {said}.", "the line", 80),)
    listed = jobs if run.conclusion != "success" else (DONE,)
    more: dict[Fact[Any], object] = {
        ReleasesOf("acme/web"): (*releases, OTHER),
        FailureOf(FAILED.key): Failure(1, causes if said else (), "" if said else "no line is known"),
    }
    return rerun_release(evidence(run, listed, snapshot=fleet(runs=(run, *beside)), more=more), run.key)


def paths(plan: Plan) -> list[tuple[str, str]]:
    return [(part.method, part.path.removeprefix("/repos/acme/web")) for part in plan.parts if isinstance(part, Call)]


def proofs(plan: Plan) -> list[object]:
    return [part.condition for part in plan.parts if isinstance(part, Until)]


def test_a_draft_that_green_runs_left_is_published_and_nothing_runs_again() -> None:
    plan = planned(asked(DRAFT, beside=(DRAFTER,)))
    assert paths(plan) == [("PATCH", "/releases/2")]
    assert proofs(plan) == [ReleasePublished("acme/web", 2)]
    assert plan.typed == "v2.4"
    assert "Everybody who sees the repository sees it from then on" in told(plan)
    assert "Nothing runs again" in told(plan)
    assert plain(plan.title) == "Re-run release v2.4: publish its draft", "one name for one action"


def test_the_drafter_s_run_leads_to_the_same_release() -> None:
    more = {ReleasesOf("acme/web"): (DRAFT, OTHER)}
    known = evidence(DRAFTER, (DONE,), snapshot=fleet(runs=(GREEN, DRAFTER)), more=more)
    assert paths(planned(rerun_release(known, DRAFTER.key))) == [("PATCH", "/releases/2")]


def test_a_draft_beside_the_published_one_is_deleted() -> None:
    plan = planned(asked(PUBLISHED, DRAFT))
    assert paths(plan) == [("DELETE", "/releases/2")]
    assert proofs(plan) == [ReleasesGone("acme/web", (2,))]
    assert plan.typed == "v2.4"
    assert "It deletes with all its files: release v2.4 (2): a draft" in told(plan)


def test_of_two_drafts_the_one_with_the_files_is_published_before_the_other_is_deleted() -> None:
    bare = replace(DRAFT, id=7, files=0)
    plan = planned(asked(DRAFT, bare))
    assert paths(plan) == [("PATCH", "/releases/2"), ("DELETE", "/releases/7")]
    assert proofs(plan) == [ReleasePublished("acme/web", 2), ReleasesGone("acme/web", (7,))]


@pytest.mark.parametrize(
    "releases",
    [
        (replace(PUBLISHED, files=0), DRAFT),
        (replace(PUBLISHED, unfinished=1), DRAFT),
        (PUBLISHED, replace(PUBLISHED, id=4)),
    ],
)
def test_which_of_two_is_right_is_not_guessed(releases: tuple[Release, ...]) -> None:
    assert "Which one is right cannot be told" in refused(asked(*releases))


def test_a_release_that_is_well_is_left_alone() -> None:
    assert "nothing to do: release v2.4 (1)" in refused(asked(PUBLISHED))


def test_a_half_draft_is_deleted_and_its_run_runs_again_until_the_release_is_whole() -> None:
    plan = planned(asked(HALF))
    assert paths(plan) == [("DELETE", "/releases/3"), ("POST", "/actions/runs/101/rerun")]
    assert proofs(plan) == [
        ReleasesGone("acme/web", (3,)),
        NewAttempt(GREEN.key, 1),
        Released("acme/web", "v2.4", GREEN.key, 2),
    ]
    assert plan.typed == "v2.4"


def test_nothing_is_called_lost_where_something_is_deleted() -> None:
    plain_run = replace(GREEN, workflow="CI", path="ci.yml")
    for releases, lost in (((HALF,), False), ((replace(PUBLISHED, unfinished=1),), True)):
        assert ("Nothing is lost" in told(planned(asked(*releases, run=plain_run)))) is lost


def test_files_that_a_published_release_lacks_are_uploaded_again_and_nothing_is_deleted() -> None:
    assert paths(planned(asked(replace(PUBLISHED, unfinished=1)))) == [("POST", "/actions/runs/101/rerun")]


def test_a_run_that_failed_before_there_was_a_release_runs_again() -> None:
    plan = planned(asked(run=BAD, said="network.dns", kind="network"))
    assert paths(plan) == [("POST", "/actions/runs/101/rerun-failed-jobs")]
    assert "The failed jobs run again: publish." in told(plan)
    assert plan.typed == "v2.4"


def test_a_release_that_is_in_the_way_of_its_run_is_deleted_only_where_it_is_half() -> None:
    for half in (DRAFT, HALF):
        plan = planned(asked(half, run=BAD, said="release.already-exists"))
        assert [method for method, _ in paths(plan)] == ["DELETE", "POST"]
    assert "It would fail again" in refused(asked(PUBLISHED, run=BAD, said="release.already-exists"))


def test_a_draft_that_is_not_in_the_way_stays() -> None:
    assert [method for method, _ in paths(planned(asked(DRAFT, run=BAD, said="network.dns")))] == ["POST"]


@pytest.mark.parametrize("said", ["release.immutable", "publish.pypi-exists", "publish.npm-exists", "publish.exists"])
def test_what_was_published_once_for_all_is_not_tried_again(said: str) -> None:
    words = refused(asked(HALF, run=BAD, said=said))
    assert "A re-run cannot succeed" in words
    assert "line 81: the line" in words
    assert said in {each.id for each in shipped_catalogue().signatures}


def test_where_the_package_is_out_already_its_whole_draft_is_published_and_nothing_runs_again() -> None:
    assert paths(planned(asked(DRAFT, run=BAD, said="publish.npm-exists"))) == [("PATCH", "/releases/2")]
    assert "A re-run cannot succeed" in refused(asked(DRAFT, run=BAD, said="release.immutable"))


def test_a_right_that_is_missing_has_to_be_given_first() -> None:
    assert "Re-run failed jobs" in refused(asked(run=BAD, said="release.forbidden", kind="permission"))


def test_where_another_run_of_it_failed_what_there_is_of_the_release_counts() -> None:
    failed = replace(DRAFTER, conclusion="failure")
    assert paths(planned(asked(DRAFT, beside=(failed,)))) == [("PATCH", "/releases/2")]
    assert "nothing to do" in refused(asked(PUBLISHED, beside=(failed,)))


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (replace(GREEN, branch="main", workflow="CI", path="ci.yml"), "writes no release"),
        (replace(GREEN, status="in_progress", conclusion=None), "still under way"),
        (replace(BAD, attempt=51), "GitHub allows 50"),
        (replace(GREEN, branch="v2.4␛", event="release"), "cannot be told for certain"),
        (replace(DRAFTER, id=101), "Which tag"),
    ],
)
def test_what_is_no_release_or_cannot_be_run_again_is_refused(run: Run, words: str) -> None:
    assert words in refused(asked(run=run, said="network.dns"))


def test_a_run_beside_it_that_has_not_ended_is_waited_for() -> None:
    going = replace(DRAFTER, status="in_progress", conclusion=None)
    assert "Draft release #42 is still under way" in refused(asked(DRAFT, beside=(going,)))
    assert "only just ended" in refused(asked(DRAFT, run=replace(GREEN, updated_at=NOON)))


def test_a_release_that_this_token_may_not_see_is_not_taken_for_one_that_is_missing() -> None:
    hidden = {ReleasesOf("acme/web"): (replace(OTHER, draft=False),)}
    known = evidence(GREEN, (DONE,), more=hidden)
    assert "drafts only to who may write" in refused(rerun_release(known, GREEN.key))
    assert paths(planned(asked())) == [("POST", "/actions/runs/101/rerun")]


def test_asked_a_second_time_it_rests_on_what_there_is_then() -> None:
    for there, then in ((DRAFT, replace(DRAFT, id=5)), (HALF, replace(HALF, files=3)), (HALF, replace(HALF, id=5))):
        assert planned(asked(there)).rests_on != planned(asked(then)).rests_on
    assert "nothing to do" in refused(asked(replace(DRAFT, draft=False)))


@pytest.mark.parametrize(
    ("run", "releases", "met", "hopeless", "words"),
    [
        (BAD, (), False, False, "Attempt 1 of the run is completed"),
        (replace(BAD, attempt=2, status="in_progress"), (), False, False, "in_progress"),
        (replace(BAD, attempt=2), (PUBLISHED,), False, True, "has ended: failure"),
        (replace(GREEN, attempt=2), (PUBLISHED,), True, False, "published, with 2 files"),
        (replace(GREEN, attempt=2), (DRAFT,), False, True, "still a draft"),
        (replace(GREEN, attempt=2), (PUBLISHED, DRAFT), False, True, "more than once"),
        (replace(GREEN, attempt=2), (replace(PUBLISHED, unfinished=1),), False, True, "not whole"),
        (replace(GREEN, attempt=2), (), True, False, "shows no release"),
        (None, (), False, True, "does not know the run"),
    ],
)
def test_a_release_is_proved_by_what_is_there_once_its_run_has_ended_well(
    run: Run | None, releases: tuple[Release, ...], met: bool, hopeless: bool, words: str
) -> None:
    known: dict[Fact[Any], object] = {RunNow(GREEN.key): run, ReleasesOf("acme/web"): (*releases, OTHER)}
    judged = Released("acme/web", "v2.4", GREEN.key, 2).judge(Evidence(fleet(), known, now=NOON))
    assert (judged.met, judged.hopeless) == (met, hopeless)
    assert words in plain(judged.missing)


def test_what_is_published_or_gone_is_known_by_its_id() -> None:
    def seen(*releases: Release) -> Evidence:
        return Evidence(fleet(), {ReleasesOf("acme/web"): releases}, now=NOON)

    assert not ReleasePublished("acme/web", 2).judge(seen(DRAFT)).met
    assert ReleasePublished("acme/web", 2).judge(seen(replace(DRAFT, draft=False))).met
    assert ReleasePublished("acme/web", 2).judge(seen(PUBLISHED)).hopeless
    assert not ReleasesGone("acme/web", (2, 3)).judge(seen(DRAFT, PUBLISHED)).met
    assert ReleasesGone("acme/web", (2, 3)).judge(seen(PUBLISHED)).met
