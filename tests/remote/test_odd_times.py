"""Times in answers that are times and yet none: the year 1, the end of time, beside an offset that leads beyond it."""

import pytest

from console.fleet.models import RunKey, Scope
from console.remote.github import GitHubApi
from console.remote.github_status import StatusPage
from tests.remote.fault_server import FaultServer, reply

pytestmark = pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00+10:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-10:00"]
)
ACME = Scope("org", "acme")
ACTIONS = {"id": "br0l2tvcx85d", "name": "Actions", "status": "operational"}


async def test_when_a_timer_began_is_not_known_then(server: FaultServer, api: GitHubApi, when: str) -> None:
    held = {"environment": {"name": "prod"}, "wait_timer": 2**62, "wait_timer_started_at": when}
    server.script("/repos/acme/web/actions/runs/7/pending_deployments", reply([held]))
    found = await api.particulars.environments(RunKey("acme/web", 7))
    assert isinstance(found, tuple)
    assert [each.wait_began for each in found] == [None]


async def test_when_a_version_came_and_ends_is_not_known_then(server: FaultServer, api: GitHubApi, when: str) -> None:
    server.script("/repos/actions/runner/releases/latest", reply({"tag_name": "v2.337.0", "published_at": when}))
    server.script("/orgs/acme/actions/runners/deprecations/2.333.0", reply({"runtime_deprecates_at": when}))
    assert (await api.particulars.latest_runner([ACME])).published_at is None
    assert await api.particulars.version_ends([ACME], ["2.333.0"]) == {}


async def test_an_incident_of_such_a_time_does_not_spoil_the_others(server: FaultServer, when: str) -> None:
    incident = {"name": "Slow", "status": "investigating", "updated_at": "2026-11-20T11:58:00Z"}
    listed = [{**incident, "updated_at": when}, incident]
    server.script("/api/v2/summary.json", reply({"components": [ACTIONS], "incidents": listed}))
    page = StatusPage(server.url, user_agent="runner-console/test")
    assert len((await page.status()).incidents) == 1
