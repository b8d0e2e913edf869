"""The pretend GitHub as GitHub Enterprise Server."""

from collections.abc import AsyncIterator

import httpx
import pytest

from console.simulator.world import World
from tests.simulator.conftest import asking
from tests.simulator.description import faults_of


@pytest.fixture
async def server(world: World) -> AsyncIterator[httpx.AsyncClient]:
    world.ghes_version = "3.17.4"
    async with asking(world, base="http://ghes.test/api/v3") as client:
        yield client


async def test_it_tells_its_version(server: httpx.AsyncClient) -> None:
    answer = await server.get("meta")
    assert answer.json()["installed_version"] == "3.17.4"
    assert answer.headers["x-github-enterprise-version"] == "3.17.4"
    assert faults_of("/meta", answer.json()) == []


async def test_it_sets_no_limits_and_does_not_speak_of_any(server: httpx.AsyncClient) -> None:
    answer = await server.get("orgs/acme/actions/runners")
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    assert (await server.get("rate_limit")).status_code == 404


async def test_it_lacks_what_is_newer(server: httpx.AsyncClient) -> None:
    assert (await server.get("versions")).status_code == 404
    assert (await server.get("orgs/acme/actions/runners/deprecations/2.336.0")).status_code == 404
    refused = await server.get("meta", headers={"X-GitHub-Api-Version": "2026-03-10"})
    assert refused.status_code == 400


async def test_older_ones_do_not_tell_a_runners_version(world: World, server: httpx.AsyncClient) -> None:
    def fields(answer: httpx.Response) -> set[str]:
        return set(answer.json()["runners"][0])

    assert {"version", "ephemeral"} <= fields(await server.get("orgs/acme/actions/runners"))
    world.ghes_version = "3.9.1"
    assert not {"version", "ephemeral"} & fields(await server.get("orgs/acme/actions/runners"))
