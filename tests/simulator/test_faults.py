"""What goes wrong with the pretend GitHub when a scenario or a test wants it."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.simulator.conftest import NINE, asking

RUNNERS = "/orgs/acme/actions/runners"
MINUTE = timedelta(minutes=1)
SLOW_OR_CUT = ("slow", "cut-body")


@pytest.mark.parametrize("status", [502, 503])
async def test_an_outage_answers_with_a_page_and_passes(
    world: World, clock: WorldClock, github: httpx.AsyncClient, status: int
) -> None:
    world.faults.outage(NINE + MINUTE, MINUTE, status, path="/runners")
    assert (await github.get(RUNNERS)).status_code == 200
    clock.move(MINUTE)
    answer = await github.get(RUNNERS)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")
    assert (await github.get("/user")).status_code == 200
    clock.move(MINUTE)
    assert (await github.get(RUNNERS)).status_code == 200


async def test_an_outage_may_strike_a_share_of_the_requests(world: World, github: httpx.AsyncClient) -> None:
    world.faults.outage(NINE, MINUTE, share=0.5)
    statuses = [(await github.get("/user")).status_code for _ in range(60)]
    assert 15 < statuses.count(502) < 45


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("told", [True, False])
async def test_the_secondary_limit_has_all_its_forms(
    world: World, github: httpx.AsyncClient, status: int, told: bool
) -> None:
    world.faults.secondary_limit(NINE, MINUTE, status, retry_after=told)
    answer = await github.get(RUNNERS)
    assert answer.status_code == status
    assert "You have exceeded a secondary rate limit" in answer.json()["message"]
    assert answer.headers.get("retry-after") == ("60" if told else None)
    assert int(answer.headers["x-ratelimit-remaining"]) > 0


@pytest.mark.parametrize("status", [403, 429])
async def test_the_primary_limit_has_both_its_forms(world: World, github: httpx.AsyncClient, status: int) -> None:
    world.faults.primary_limit(NINE, 5 * MINUTE, status)
    answer = await github.get(RUNNERS)
    assert answer.status_code == status
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) == int((NINE + 5 * MINUTE).timestamp())


async def test_single_sign_on_is_asked_for_one_organisation(world: World, github: httpx.AsyncClient) -> None:
    world.faults.single_sign_on("acme", NINE)
    answer = await github.get(RUNNERS)
    assert answer.status_code == 403
    assert answer.headers["x-github-sso"].startswith("required; url=http://github.test/orgs/acme/sso")
    assert (await github.get("/orgs/acme-labs/actions/runners")).status_code == 200


async def test_a_list_leaves_out_the_organisation_that_wants_single_sign_on(
    world: World, github: httpx.AsyncClient
) -> None:
    assert "x-github-sso" not in (await github.get("/user/orgs")).headers
    world.faults.single_sign_on("acme", NINE)
    answer = await github.get("/user/orgs")
    assert "acme" not in {one["login"] for one in answer.json()}
    assert answer.json()
    assert answer.headers["x-github-sso"] == f"partial-results; organizations={world.accounts['acme'].id}"


async def test_a_token_may_expire_while_it_is_in_use(
    world: World, clock: WorldClock, github: httpx.AsyncClient
) -> None:
    world.tokens[DEMO_TOKEN] = replace(world.tokens[DEMO_TOKEN], expires_at=NINE + MINUTE)
    answer = await github.get(RUNNERS)
    assert answer.headers["github-authentication-token-expiration"] == "2026-11-20 09:01:00 UTC"
    clock.move(MINUTE)
    answer = await github.get(RUNNERS)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_a_body_is_cut_and_an_answer_is_late(world: World) -> None:
    world.faults.cut_bodies(NINE, MINUTE, path="/runners")
    world.faults.slow(NINE, MINUTE, delay=60, path="/user")
    server = SimulatedGitHub(world)
    headers = {"Authorization": f"Bearer {DEMO_TOKEN}"}
    try:
        with httpx.Client(base_url=server.start(), headers=headers, timeout=0.5) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(RUNNERS, timeout=60)
            with pytest.raises(httpx.ReadTimeout):
                client.get("/user")
            assert client.get("/meta", timeout=60).status_code == 200
    finally:
        server.stop()


async def test_the_outage_scenario_shows_every_kind_of_trouble_and_lets_the_fleet_be_seen(clock: WorldClock) -> None:
    world = scenario_named("github-outage").build(clock)
    seen: set[tuple[int, bool]] = set()
    fine = 0
    async with asking(world) as client:
        for _ in range(60):
            clock.move(timedelta(seconds=12))
            world.faults._planned = [fault for fault in world.faults._planned if fault.kind not in SLOW_OR_CUT]
            answer = await client.get("/repos/acme/web/actions/runs")
            fine += answer.status_code == 200
            seen.add((answer.status_code, "retry-after" in answer.headers))
    assert seen == {(200, False), (502, False), (503, False), (403, True), (429, False)}
    assert fine > 20
