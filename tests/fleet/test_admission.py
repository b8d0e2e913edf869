from typing import Any

import pytest

from console.fleet.admission import Admission, Workflow, admission, admission_through, workflow_of
from console.fleet.models import Repository, RunnerGroup
from tests.fleet.fleets import group, job, run

CI = Workflow(".github/workflows/ci.yml", "main", False)
PRIVATE, PUBLIC, UNKNOWN = (Repository("acme/web", private) for private in (True, False, None))


def admits(given: RunnerGroup, repository: Repository | None = PRIVATE, workflow: Workflow | None = CI) -> Admission:
    return admission(given, "acme/web", repository, workflow)


def restricted(*selected: str) -> RunnerGroup:
    return group(restricted_to_workflows=True, selected_workflows=selected)


def test_a_group_for_all_admits_a_private_repository() -> None:
    assert admits(group()) == (True, "")


def test_a_group_for_selected_repositories_admits_these_and_no_others() -> None:
    assert admits(group(visibility="selected", repositories=frozenset({"acme/web"}))).admits is True
    assert admits(group(visibility="selected", repositories=frozenset({"acme/api"}))) == (False, "repository")


def test_selected_repositories_that_could_not_be_read_leave_it_open() -> None:
    assert admits(group(visibility="selected", repositories=None)) == (None, "repository")


def test_a_visibility_that_is_not_known_leaves_it_open() -> None:
    assert admits(group(visibility="galaxy")) == (None, "repository")


@pytest.mark.parametrize(
    ("repository", "outcome"),
    [(PRIVATE, (True, "")), (PUBLIC, (False, "public")), (UNKNOWN, (None, "public")), (None, (None, "public"))],
)
def test_public_repositories_are_refused_unless_allowed(repository: Repository | None, outcome: Any) -> None:
    assert admits(group(allows_public_repositories=False), repository) == outcome
    assert admits(group(allows_public_repositories=True), repository).admits is True


def test_a_group_for_private_repositories_takes_no_public_one_whatever_else_it_says() -> None:
    assert admits(group(visibility="private", allows_public_repositories=True), PUBLIC) == (False, "public")
    assert admits(group(visibility="private"), PRIVATE).admits is True


@pytest.mark.parametrize(
    ("selected", "outcome"),
    [
        ("acme/web/.github/workflows/ci.yml@refs/heads/main", True),
        ("Acme/Web/.github/workflows/ci.yml@main", True),
        ("acme/web/.github/workflows/CI.yml@main", False),
        ("acme/web/.github/workflows/ci.yml@release", False),
        ("acme/web/.github/workflows/ci.yml@" + "a" * 40, None),
        ("acme/web/.github/workflows/ci.yml@" + "z" * 40, False),
        ("acme/api/.github/workflows/ci.yml@main", False),
    ],
)
def test_only_selected_workflows_are_admitted(selected: str, outcome: bool | None) -> None:
    assert admits(restricted(selected)).admits is outcome


def test_one_fitting_workflow_among_several_is_enough() -> None:
    assert admits(restricted("acme/web/.github/workflows/ci.yml@old", "acme/web/.github/workflows/ci.yml@main")).admits


@pytest.mark.parametrize("workflow", [None, Workflow("", "", False), CI._replace(ref=""), CI._replace(reusable=True)])
def test_a_workflow_that_is_not_known_well_enough_leaves_it_open(workflow: Workflow | None) -> None:
    given = restricted("acme/web/.github/workflows/ci.yml@main")
    assert admits(given, workflow=workflow) == (None, "workflow")


def test_a_clear_no_outweighs_a_doubt() -> None:
    given = group(visibility="selected", repositories=None, allows_public_repositories=False)
    assert admits(given, PUBLIC) == (False, "public")


def test_rules_that_could_not_be_read_leave_it_open() -> None:
    assert admission(None, "acme/web", PRIVATE, CI).admits is None


def test_the_branch_is_the_ref_of_the_workflow_where_the_event_makes_it_so() -> None:
    assert workflow_of(job(), run(event="push")) == CI
    assert workflow_of(job(), run(event="pull_request")).ref == ""
    assert workflow_of(job(), run(event="pull_request", path=".github/workflows/ci.yml@refs/tags/v1")).ref == "v1"


def test_a_job_of_a_called_workflow_is_known_by_its_name() -> None:
    assert workflow_of(job(name="deploy / build"), run()).reusable
    assert not workflow_of(job(name="build"), run()).reusable


LENT = group(7, name="Builders", inherited=True)


def through(given: RunnerGroup | None, *inherited: RunnerGroup, repository: Repository = PRIVATE) -> Admission:
    return admission_through(given, inherited, "acme/web", repository, CI)


def corp(**changes: Any) -> RunnerGroup:
    return group(9, **{"scope": "enterprise:acme-corp", "name": "builders", **changes})


def test_a_group_of_an_enterprise_admits_what_its_organization_shares_it_with() -> None:
    assert through(corp(), LENT) == (True, "")
    only = group(7, name="Builders", inherited=True, visibility="selected", repositories=frozenset({"acme/api"}))
    assert through(corp(), only) == (False, "repository")


def test_a_group_of_an_enterprise_for_selected_organizations_admits_these_and_no_others() -> None:
    assert through(corp(visibility="selected", organizations=frozenset({"acme"})), LENT).admits is True
    assert through(corp(visibility="selected", organizations=frozenset({"labs"})), LENT) == (False, "organization")
    assert through(corp(visibility="selected"), LENT).admits is True


def test_rules_of_the_enterprise_and_of_the_organization_must_both_be_met() -> None:
    lets_public = group(7, name="Builders", inherited=True, allows_public_repositories=True)
    assert through(corp(), lets_public, repository=PUBLIC) == (False, "public")
    assert through(corp(allows_public_repositories=True), LENT, repository=PUBLIC) == (False, "public")
    assert through(corp(allows_public_repositories=True), lets_public, repository=PUBLIC).admits is True


def test_what_cannot_be_told_of_an_enterprise_is_left_open() -> None:
    other = group(8, name="Others", inherited=True)
    assert through(None, LENT) == (None, "")
    assert through(corp(), other) == (None, "organization")
    assert through(corp(visibility="selected", organizations=frozenset({"acme"})), other) == (None, "sharing")
    assert admission_through(corp(), None, "acme/web", PRIVATE, CI) == (None, "organization")


def test_an_organization_that_inherits_nothing_is_not_served() -> None:
    assert through(corp()) == (False, "organization")
