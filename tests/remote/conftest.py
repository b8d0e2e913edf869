"""The API on a server that answers as scripted, and a client of it."""

from collections.abc import AsyncIterator

import pytest

from console.remote.github import GitHubApi
from tests.remote.fault_server import FaultServer, running, using


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with running() as faults:
        yield faults


@pytest.fixture
async def api(server: FaultServer) -> AsyncIterator[GitHubApi]:
    async with using(server) as client:
        yield client
