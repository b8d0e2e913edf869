"""What single jobs wait for, as commands tell it: asked of a pretend GitHub over HTTP, beside its lists."""

from typing import Any

import pytest

from console.simulator.tokens import DEMO_TOKEN, Token
from tests.cli.console import Console


def the_finding(console: Console, cause: str) -> dict[str, Any]:
    _, answer = console.json("now")
    (found,) = [each for each in answer["findings"] if each["cause"] == cause]
    return dict(found)


@pytest.mark.scenario("wrong-group")
def test_a_group_that_only_the_workflow_file_names_is_told_with_its_line_and_no_restart_is_offered(
    console: Console,
) -> None:
    found = the_finding(console, "group-named")
    assert (found["certainty"], found["action"]) == ("likely", None)
    assert "asks for group large-runners (line 6)" in " ".join(found["evidence"])
    _, explained = console.json("explain", str(found["jobs"][0]["id"]))
    assert explained["first_unmet"] == "its workflow names no other group"
    last = explained["conditions"][-1]
    assert (last["met"], last["asked"]) == (None, False)
    console("explain", str(found["jobs"][0]["id"]))
    assert "not looked at" in console.out


@pytest.mark.scenario("actions-disabled")
def test_actions_that_is_off_in_a_repository_is_proved_by_its_settings(console: Console) -> None:
    found = the_finding(console, "actions-disabled")
    assert found["certainty"] == "proved"
    assert "The settings of acme/billing-service say that Actions is off there." in found["evidence"]
    _, explained = console.json("explain", str(found["jobs"][0]["id"]))
    assert explained["first_unmet"] == "Actions is on in its repository"


@pytest.mark.scenario("actions-disabled")
def test_a_token_that_may_not_read_the_settings_says_which_permission_it_takes(console: Console) -> None:
    user = console.world.tokens[DEMO_TOKEN].user
    reads = {"actions": "read", "metadata": "read", "organization_self_hosted_runners": "read"}
    console.world.tokens[DEMO_TOKEN] = Token(user, "fine-grained", permissions=reads)
    _, answer = console.json("now")
    assert "actions-disabled" not in {each["cause"] for each in answer["findings"]}
    waiting = next(each for each in answer["findings"] if each["cause"] == "idle-while-queued")
    _, explained = console.json("explain", str(waiting["jobs"][0]["id"]))
    unread = {each["condition"]: each for each in explained["conditions"]}
    settings, file = unread["Actions is on in its repository"], unread["its workflow names no other group"]
    assert (settings["met"], file["met"]) == (None, None)
    assert "repository permission Administration: read" in settings["found"]
    assert "repository permission Contents: read" in file["found"]


@pytest.mark.scenario("approval-and-concurrency")
def test_environments_and_what_is_ahead_in_a_concurrency_group_are_named(console: Console) -> None:
    held = the_finding(console, "held-by-concurrency")
    assert "Ahead of it in the concurrency group terraform-prod: acme/infra" in held["evidence"][0]
    _, answer = console.json("now")
    said = " ".join(line for each in answer["findings"] for line in each["evidence"])
    assert "It waits for environment prod; one of these may approve: mona-dev." in said
