"""The real client asks the pretend GitHub of an enterprise, over real HTTP: what it reads, changes and is refused."""

from collections.abc import AsyncIterator

import pytest

from console.errors import PermissionMissingError
from console.fleet import calls
from console.fleet.models import RunnerKey, Scope
from console.remote.github import GitHubApi
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.world import World
from tests.remote.fault_server import NOON, FakeClock, FixedTokens

CORP = Scope("enterprise", "acme-corp")
NEEDED = "a classic token's scope manage_runners:enterprise or admin:enterprise; no fine-grained token or App can"


class Place:
    """The pretend enterprise and a client of it."""

    def __init__(self, api: GitHubApi, world: World, tokens: FixedTokens) -> None:
        self.api, self.world, self.tokens = api, world, tokens

    def token(self, token: Token) -> None:
        """What the client's token may do from now on."""
        with self.world.lock:
            self.world.tokens[DEMO_TOKEN] = token


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    world = scenario_named("enterprise-runners").build(WorldClock(NOON, frozen=True))
    server, tokens = SimulatedGitHub(world), FixedTokens(DEMO_TOKEN)
    api = GitHubApi(server.start(), tokens, FakeClock(), user_agent="runner-console/0")
    yield Place(api, world, tokens)
    await api.close()
    server.stop()


async def test_the_runners_of_an_enterprise_are_listed_with_their_scope(place: Place) -> None:
    found = [each async for page in place.api.runners(CORP) for each in page.items]
    assert {each.scope for each in found} == {"enterprise:acme-corp"}
    assert len(found) == 6
    one = found[0]
    assert await place.api.runner(one.key) == one
    assert await place.api.runner_named("enterprise:acme-corp", one.name) == one


async def test_its_groups_name_the_organizations_that_may_use_them(place: Place) -> None:
    default, large = sorted(await place.api.groups(CORP), key=lambda group: group.name)
    assert (default.name, default.visibility, default.organizations) == ("Default", "all", None)
    assert (large.name, large.organizations, large.repositories) == ("Large machines", frozenset({"acme"}), None)
    own = {group.name: group.lent for group in await place.api.groups(Scope("org", "acme")) if group.inherited}
    kinds = {name: [sorted(labels) for labels in lent] for name, lent in own.items()}
    assert kinds == {
        "Default": [["linux", "self-hosted", "x64"]],
        "Large machines": [["large-memory", "linux", "nvme", "self-hosted", "x64"]],
    }


async def test_its_runners_are_labelled_registered_and_removed(place: Place) -> None:
    runner = next(each for each in place.world.runners[str(CORP)].values() if not each.busy)
    key = RunnerKey(runner.scope, runner.id)
    assert (await place.api.send(calls.add_labels(key, ["gpu"]))).status == 200
    assert (await place.api.send(calls.remove_label(key, "gpu"))).status == 200
    for call in (calls.registration_token(CORP), calls.remove_token(CORP)):
        assert (await place.api.send(call)).secret is not None
    made = await place.api.send(calls.generate_jitconfig(CORP, "one-job", 1, ["self-hosted"]))
    assert made.secret is not None
    assert await place.api.runner_named(str(CORP), "one-job") is not None
    assert (await place.api.send(calls.remove_runner(key))).status == 204
    assert await place.api.runner(key) is None


@pytest.mark.parametrize("kind", ["classic", "fine-grained"])
async def test_a_token_that_may_not_look_at_an_enterprise_is_told_what_would_do(place: Place, kind: str) -> None:
    scopes, rights = ("repo", "admin:org"), {"organization_self_hosted_runners": "write"}
    user = place.world.actors[0]
    place.token(Token(user, scopes=scopes) if kind == "classic" else Token(user, "fine-grained", (), rights))
    with pytest.raises(PermissionMissingError) as refused:
        await place.api.groups(CORP)
    assert "may not read the runner groups of enterprise acme-corp" in refused.value.message
    assert "manage_runners:enterprise" in refused.value.hint
    with pytest.raises(PermissionMissingError) as kept:
        await place.api.send(calls.registration_token(CORP))
    assert "manage_runners:enterprise" in kept.value.hint


async def test_what_a_token_may_do_for_an_enterprise_is_tried_and_told(place: Place) -> None:
    found = await place.api.access("acme-corp", [CORP], [])
    told = {each.what: each.verdict for each in (*found.reads, *found.writes)}
    assert told == {
        "read the runners of enterprise acme-corp": "allowed",
        "read the runner groups of enterprise acme-corp": "allowed",
        "register, label and remove runners of enterprise acme-corp": "allowed",
    }
    place.tokens.secret = "github_pat_" + "x" * 40
    place.world.tokens[place.tokens.secret] = Token(place.world.actors[0], "fine-grained", (), {})
    refused = await place.api.access("acme-corp", [CORP], [])
    assert {each.verdict for each in (*refused.reads, *refused.writes)} == {"refused"}
    assert all(NEEDED in each.detail for each in (*refused.reads, *refused.writes))


async def test_how_an_organization_shares_its_enterprises_groups_is_tried_though_its_own_runners_are_not_watched(
    place: Place,
) -> None:
    found = await place.api.access("acme", [CORP], ["acme/search-service"])
    told = {each.what: (each.verdict, each.needed) for each in found.reads}
    assert told["read the runner groups of organization acme"] == ("allowed", False)
    assert "read the runners of enterprise acme-corp" not in told
