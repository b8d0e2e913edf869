"""A pretend world at a moment of our choice, and a client that asks its GitHub."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from console.simulator.clock import WorldClock
from console.simulator.github_api import github_app
from console.simulator.scenarios import scenario_named
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock(NINE, frozen=True)


@pytest.fixture
def world(clock: WorldClock) -> World:
    return scenario_named("idle-while-queued").build(clock)


def asking(world: World, token: str | None = DEMO_TOKEN, base: str = "http://github.test") -> httpx.AsyncClient:
    """A client of that world's GitHub."""
    headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return httpx.AsyncClient(transport=httpx.ASGITransport(github_app(world)), base_url=base, headers=headers)


@pytest.fixture
async def github(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(world) as client:
        yield client
