"""The pretend GitHub's status page: another place than the API, read by the real client over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from console.remote.github_status import StatusPage
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.world import World
from tests.simulator.conftest import NINE


@pytest.fixture
def troubled() -> World:
    return scenario_named("github-outage").build(WorldClock(NINE, frozen=True))


@pytest.fixture
def server(troubled: World) -> Iterator[SimulatedGitHub]:
    server = SimulatedGitHub(troubled)
    server.start()
    yield server
    server.stop()


def test_it_needs_no_token_is_not_the_api_and_is_not_sent_twice(server: SimulatedGitHub) -> None:
    where = f"{server.status_page}/api/v2/summary.json"
    answer = httpx.get(where)
    assert answer.json()["page"]["id"] == "kctbh9vrtdwd"
    assert httpx.get(where, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert httpx.get(f"{server.status_page}/orgs/acme/actions/runners").status_code == 404


async def test_it_tells_of_an_outage_while_that_lasts_and_of_nothing_before_and_after(
    troubled: World, server: SimulatedGitHub
) -> None:
    page = StatusPage(server.status_page, user_agent="test")
    told = []
    for minutes in (0, 1, 2, 4):
        troubled.clock.move(timedelta(minutes=minutes))
        status = await page.status()
        told.append((status.actions, [(each.status, each.impact, each.of_actions) for each in status.incidents]))
    assert told == [
        ("operational", []),
        ("degraded_performance", [("investigating", "minor", True)]),
        ("degraded_performance", [("identified", "minor", True)]),
        ("operational", []),
    ]
