"""What GitHub's own status page says, without a screen: from a real page over HTTP to JSON and text."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from console.assemble.connectors import DemoConnector
from console.operations.interfaces import SystemClock
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from tests.cli.console import NOBODY, Console


@pytest.fixture
def page(console: Console) -> Iterator[str]:
    """The status page of the pretend GitHub, which the context names."""
    server = SimulatedGitHub(console.world)
    server.start()
    console.environ["RUNNER_CONSOLE_STATUS_URL"] = server.status_page
    yield server.status_page
    server.stop()


def trouble(console: Console) -> None:
    began = console.world.opens_at - timedelta(minutes=3)
    console.world.standing.begin(began, "partial_outage", "Jobs \x1b[31mstart late", "major")


@pytest.mark.usefixtures("page")
def test_now_tells_what_github_says_of_actions_and_that_waiting_is_what_helps(console: Console) -> None:
    trouble(console)
    _, answer = console.json("now")
    assert answer["github"]["status"] == "partial_outage"
    (incident,) = answer["github"]["incidents"]
    assert (incident["impact"], incident["status"]) == ("major", "investigating")
    assert "\x1b" not in incident["name"]
    (finding,) = answer["findings"]
    assert finding["evidence"][0] == "GitHub's own status page says of Actions: partial outage."
    assert finding["helps"].startswith("Wait for the end of GitHub's incident, and mute this until then.")
    console("now")
    assert "GitHub's own status page says of Actions: partial outage." in console.out


@pytest.mark.scenario("healthy")
@pytest.mark.usefixtures("page")
def test_a_healthy_fleet_stays_healthy_while_github_is_in_trouble(console: Console) -> None:
    trouble(console)
    assert console("now") == 0
    assert "partial outage" in console.out


@pytest.mark.scenario("healthy")
def test_a_page_that_cannot_be_read_is_unknown_and_nothing_else(console: Console) -> None:
    console.environ["RUNNER_CONSOLE_STATUS_URL"] = NOBODY
    code, answer = console.json("now")
    assert (code, answer["problems"], answer["complete"]) == (0, [], True)
    assert answer["github"] == {"status": None, "incidents": None}
    assert console("now") == 0
    assert "status page" not in console.out + console.err


@pytest.mark.scenario("healthy")
def test_another_server_than_github_com_has_no_status_page_by_itself(console: Console) -> None:
    _, answer = console.json("now")
    assert answer["github"] == {"status": None, "incidents": None}


async def test_a_demo_asks_the_pretend_github_s_own_page() -> None:
    scenario = scenario_named("healthy")
    connector = DemoConnector(scenario, SystemClock(), lambda: WorldClock(datetime.now(UTC)))
    connection = await connector.open(None)
    try:
        snapshot = (await connection.watch.first_whole_look()).snapshot
    finally:
        await connection.close()
    says = snapshot.github_says(snapshot.taken_at)
    assert says is not None
    assert says.actions == "operational"
    assert snapshot.status_page is not None
    assert snapshot.status_page.place.startswith("127.0.0.1:")
