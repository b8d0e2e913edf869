"""Where GitHub refuses a list, what hangs on it is unknown, with the permission that is missing or what failed."""

import re

import pytest

from console.simulator.calls import Answer, RefusedError
from console.simulator.github_api import Front, Visit
from tests.cli.console import Console

REFUSALS = {
    403: "Resource not accessible by personal access token",
    404: "Not Found",
    500: "Server Error",
}
LISTS = {
    "/orgs/[^/]+/actions/runners$": "runners could not be read",
    "/orgs/[^/]+/actions/runner-groups$": "group rules not known",
    "/runner-groups/[0-9]+/repositories$": "group rules not known",
}


@pytest.mark.scenario("group-excludes-repository")
@pytest.mark.parametrize("status", REFUSALS)
@pytest.mark.parametrize("path", LISTS)
def test_what_hangs_on_a_list_that_is_refused_is_unknown_and_says_why(
    console: Console, monkeypatch: pytest.MonkeyPatch, path: str, status: int
) -> None:
    refuse(monkeypatch, path, status)
    _, answer = console.json("now")
    (unknown,) = [each for each in answer["findings"] if each["cause"] == "unknown"]
    assert (unknown["certainty"], unknown["summary"], unknown["action"]) == ("unknown", LISTS[path], None)
    missing = "organization permission Self-hosted runners: read" in unknown["helps"]
    assert missing is (status != 500)
    assert ("500 Internal Server Error" in unknown["helps"]) is (status == 500)


def refuse(monkeypatch: pytest.MonkeyPatch, path: str, status: int) -> None:
    """Whatever is asked there."""
    admitted = Front._admitted

    def refused(front: Front, visit: Visit) -> Answer:
        if re.search(path, visit.path):
            raise RefusedError(status, REFUSALS[status])
        return admitted(front, visit)

    monkeypatch.setattr(Front, "_admitted", refused)
