"""What jobs leave behind on the pretend GitHub, and who is told of it: cache entries and releases."""

from datetime import timedelta
from typing import Any

import httpx

from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.shelf import KEPT
from console.simulator.tokens import Token
from console.simulator.world import World
from tests.simulator.conftest import NINE, asking

CACHES = "/repos/acme/web/actions/caches"
RELEASES = "/repos/acme/web/releases"


async def keys(github: httpx.AsyncClient, **query: str) -> list[str]:
    answer = (await github.get(CACHES, params=query)).json()
    return [cache["key"] for cache in answer["actions_caches"]]


async def test_cache_entries_are_found_by_the_beginning_of_their_key(world: World, github: httpx.AsyncClient) -> None:
    web = world.repositories["acme/web"]
    world.shelf.save_cache(web, "npm-macOS-1", 5, ref="refs/heads/feature")
    assert await keys(github, key="npm-Linux-") == ["npm-Linux-5d20c1", "npm-Linux-b81f77"]
    assert await keys(github, key="npm-Linux-b8") == ["npm-Linux-b81f77"]
    assert await keys(github, ref="refs/heads/feature") == ["npm-macOS-1"]
    assert (await keys(github, sort="size_in_bytes", direction="asc"))[0] == "npm-macOS-1"
    assert (await keys(github))[0] == "npm-macOS-1"


async def test_an_entry_that_was_never_finished_holds_its_key_and_is_not_listed(
    world: World, github: httpx.AsyncClient
) -> None:
    web = world.repositories["acme/web"]
    assert world.shelf.save_cache(web, "held", 0, finished=False)
    assert not world.shelf.save_cache(web, "held", 5)
    assert await keys(github, key="held") == []
    world.shelf.delete_cache(web, "held")
    assert world.shelf.save_cache(web, "held", 5)
    assert await keys(github, key="held") == ["held"]


async def told(github: httpx.AsyncClient, path: str = "") -> Any:
    answer = await github.get(RELEASES + path)
    return answer.json() if answer.status_code == 200 else answer.status_code


async def test_drafts_are_only_for_who_may_write_and_only_in_the_list(
    world: World, clock: WorldClock, github: httpx.AsyncClient
) -> None:
    web = world.repositories["acme/web"]
    draft = world.shelf.add_release(web, "v2.5.0", world.actors[0], ("web.tar.gz", 1), ("web.zip", 2))
    reads = {"contents": "read", "metadata": "read"}
    world.tokens["reader"] = Token(world.actors[1], "fine-grained", permissions=reads)
    assert [(each["tag_name"], each["draft"]) for each in await told(github)] == [("v2.5.0", True), ("v2.4.0", False)]
    assert [asset["name"] for asset in (await told(github))[0]["assets"]] == ["web.tar.gz", "web.zip"]
    assert (await told(github, f"/{draft.id}"))["published_at"] is None
    assert await told(github, "/tags/v2.5.0") == 404
    assert (await told(github, "/latest"))["tag_name"] == "v2.4.0"
    async with asking(world, "reader") as reader:
        assert [each["tag_name"] for each in await told(reader)] == ["v2.4.0"]
        assert await told(reader, f"/{draft.id}") == 404
    clock.move(timedelta(minutes=1))
    world.advance()
    world.shelf.publish(draft)
    assert (await told(github, "/latest"))["tag_name"] == (await told(github, "/tags/v2.5.0"))["tag_name"] == "v2.5.0"
    world.shelf.withdraw(draft)
    assert await told(github, "/tags/v2.5.0") == 404


async def test_a_release_that_is_there_twice_is_told_twice() -> None:
    world = scenario_named("release-draft-race").build(WorldClock(NINE, frozen=True))
    async with asking(world) as github:
        found = (await github.get("/repos/acme/api/releases")).json()
    assert [each["draft"] for each in found if each["tag_name"] == "v1.9.0"] == [True, False]


async def test_what_is_left_behind_is_forgotten_in_time(world: World, github: httpx.AsyncClient) -> None:
    web = world.repositories["acme/web"]
    for number in range(3 * KEPT):
        world.shelf.save_cache(web, f"key-{number}", 1)
        world.shelf.add_release(web, f"v9.{number}", world.actors[0])
        world.shelf.push_tag(web, f"v9.{number}")
    assert len(await keys(github)) == len(await told(github)) == len(world.shelf.tags(web)) == KEPT
    answer = await github.get(f"{RELEASES}?per_page=5&page=2")
    assert len(answer.json()) == 5
    assert set(answer.links) == {"prev", "next", "last", "first"}
