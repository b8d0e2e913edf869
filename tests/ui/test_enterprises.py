"""A runner of an enterprise on the screen: whom its group serves."""

import pytest

from console.fleet.models import FleetSnapshot
from console.ui.panes.facts import runner_facts
from console.ui.runner_row import RunnerRow
from tests.fleet.fleets import NOON, fleet, group, runner
from tests.ui.fleet_fixture import look


def facts(snapshot: FleetSnapshot) -> str:
    (only,) = snapshot.runners.values()
    lines = runner_facts(RunnerRow(only, group="Builders"), look(snapshot), NOON)
    return " ".join(part.text for line in lines for part in line.said)


@pytest.mark.parametrize(
    ("organizations", "said"),
    [
        (frozenset({"acme-labs", "acme"}), "Builders   serves organizations  acme, acme-labs"),
        (None, "Builders   serves selected organizations"),
    ],
)
def test_a_group_of_an_enterprise_serves_organizations(organizations: frozenset[str] | None, said: str) -> None:
    scope = "enterprise:acme-corp"
    given = group(scope=scope, name="Builders", visibility="selected", organizations=organizations)
    assert said in facts(fleet(runners=[runner(scope=scope)], groups=[given]))


def test_a_group_of_an_organization_serves_repositories() -> None:
    assert "group-1   serves all repositories" in facts(fleet(runners=[runner()], groups=[group()]))
