"""An enterprise of the pretend world: its runners and groups as GitHub describes them, and who may use what."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from console.simulator.changes import CHANGES
from console.simulator.clock import WorldClock
from console.simulator.enterprise_questions import ENTERPRISE_ENDPOINTS
from console.simulator.enterprises import admit
from console.simulator.inhabitants import Group, Runner
from console.simulator.scenarios import scenario_named
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.world import World
from tests.simulator.conftest import asking
from tests.simulator.description import described, description, faults_of

PATH = "/enterprises/{enterprise}/actions"
BASE = "/enterprises/acme-corp/actions"


@pytest.fixture
def world(clock: WorldClock) -> World:
    return scenario_named("enterprise-runners").build(clock)


@pytest.fixture
async def github(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(world) as client:
        yield client


def large(world: World) -> Group:
    return next(group for group in world.groups["enterprise:acme-corp"].values() if group.name == "Large machines")


def idle(world: World) -> Runner:
    return next(one for one in world.runners["enterprise:acme-corp"].values() if not one.busy)


async def test_every_answer_about_an_enterprise_is_what_github_describes(
    world: World, github: httpx.AsyncClient
) -> None:
    group, runner = f"{BASE}/runner-groups/{large(world).id}", idle(world)
    questions = {
        f"{PATH}/runners": f"{BASE}/runners?per_page=2",
        f"{PATH}/runners/downloads": f"{BASE}/runners/downloads",
        f"{PATH}/runners/deprecations/{{version}}": f"{BASE}/runners/deprecations/{runner.version}",
        f"{PATH}/runners/{{runner_id}}": f"{BASE}/runners/{runner.id}",
        f"{PATH}/runner-groups": f"{BASE}/runner-groups?visible_to_organization=acme-labs",
        f"{PATH}/runner-groups/{{runner_group_id}}": group,
        f"{PATH}/runner-groups/{{runner_group_id}}/runners": f"{group}/runners",
        f"{PATH}/runner-groups/{{runner_group_id}}/organizations": f"{group}/organizations",
    }
    assert set(questions) == {endpoint.path for endpoint in ENTERPRISE_ENDPOINTS} <= set(description()["paths"])
    for path, url in questions.items():
        answer = await github.get(url)
        assert answer.status_code == 200, url
        assert faults_of(path, answer.json()) == [], url


async def test_pages_of_an_enterprises_runners_lead_to_one_another(github: httpx.AsyncClient) -> None:
    first = await github.get(f"{BASE}/runners?per_page=4")
    second = await github.get(first.links["next"]["url"])
    assert first.json()["total_count"] == 6
    assert len(first.json()["runners"]) + len(second.json()["runners"]) == 6


async def test_an_enterprises_runners_change_as_github_describes(world: World, github: httpx.AsyncClient) -> None:
    runner = idle(world)
    one, jit = f"/runners/{runner.id}", {"name": "one-job", "runner_group_id": large(world).id, "labels": ["gpu"]}
    changes: tuple[tuple[str, str, str, Any, int], ...] = (
        ("POST", "/runners/registration-token", "/runners/registration-token", None, 201),
        ("POST", "/runners/remove-token", "/runners/remove-token", None, 201),
        ("POST", "/runners/generate-jitconfig", "/runners/generate-jitconfig", jit, 201),
        ("POST", f"{one}/labels", "/runners/{runner_id}/labels", {"labels": ["gpu"]}, 200),
        ("PUT", f"{one}/labels", "/runners/{runner_id}/labels", {"labels": ["tpu"]}, 200),
        ("DELETE", f"{one}/labels/tpu", "/runners/{runner_id}/labels/{name}", None, 200),
        ("DELETE", f"{one}/labels", "/runners/{runner_id}/labels", None, 200),
        ("DELETE", one, "/runners/{runner_id}", None, 204),
    )
    asked = {(method, PATH + path) for method, _, path, _, _ in changes}
    assert asked == {(each.method, each.path) for each in CHANGES if each.path.startswith("/enterprises")}
    for method, url, path, body, status in changes:
        answer = await github.request(method, BASE + url, json=body)
        assert answer.status_code == status, answer.text
        if "content" in described(PATH + path, method, status):
            assert faults_of(PATH + path, answer.json(), method=method, status=status) == []
    assert runner.id not in world.runners["enterprise:acme-corp"]


async def test_only_a_classic_token_with_the_scope_may_look_at_an_enterprise(world: World) -> None:
    kinds = {
        "classic": Token(world.actors[0], scopes=("repo", "admin:org")),
        "fine-grained": Token(world.actors[0], "fine-grained", (), {"organization_self_hosted_runners": "write"}),
        "installation": Token(None, "installation", (), {"organization_self_hosted_runners": "write"}),
        "admin": Token(world.actors[0], scopes=("admin:enterprise",)),
    }
    for name, token in kinds.items():
        world.tokens[name] = token
        async with asking(world, name) as client:
            answer = await client.get(f"{BASE}/runners")
            assert answer.status_code == (200 if name == "admin" else 403), name
    async with asking(world, None) as nobody:
        assert (await nobody.get(f"{BASE}/runners")).status_code == 401
    async with asking(world, DEMO_TOKEN) as client:
        assert (await client.get("/enterprises/other/actions/runners")).status_code == 404


async def test_an_organization_has_what_its_enterprise_shares_with_it_and_not_its_runners(
    world: World, github: httpx.AsyncClient
) -> None:
    async def inherited(organization: str) -> dict[str, int]:
        path = f"/orgs/{organization}/actions/runner-groups"
        answer = (await github.get(path)).json()
        assert faults_of("/orgs/{org}/actions/runner-groups", answer) == []
        return {each["name"]: each["id"] for each in answer["runner_groups"] if each["inherited"]}

    assert set(await inherited("acme")) == {"Default", "Large machines"}
    assert set(await inherited("acme-labs")) == {"Default"}
    shared = (await inherited("acme"))["Large machines"]
    members = (await github.get(f"/orgs/acme/actions/runner-groups/{shared}/runners")).json()
    assert {each["name"] for each in members["runners"]} == {f"large-linux-0{number}" for number in (1, 2, 3, 4)}
    own = (await github.get("/orgs/acme/actions/runners?name=large-linux-01")).json()
    assert own["runners"] == []
    admit(world, large(world), "acme-labs")
    assert set(await inherited("acme-labs")) == {"Default", "Large machines"}
