"""Everything around the answers: headers, entity tags, limits, pages, refusals and forms of addresses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from console.simulator.clock import WorldClock
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.world import World
from tests.simulator.conftest import NINE, asking

RUNNERS = "/orgs/acme/actions/runners"
HOUR = timedelta(hours=1)


def used(answer: httpx.Response) -> int:
    return int(answer.headers["x-ratelimit-used"])


async def test_answers_carry_the_headers_of_github(github: httpx.AsyncClient) -> None:
    answer = await github.get(RUNNERS)
    headers = answer.headers
    assert parsedate_to_datetime(headers["date"]) == NINE
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["cache-control"] == "private, max-age=60, s-maxage=60"
    assert headers["vary"].startswith("Accept, Authorization, Cookie, X-GitHub-OTP")
    assert headers["x-github-media-type"] == "github.v3; format=json"
    assert headers["x-github-api-version-selected"] == "2022-11-28"
    assert headers["x-oauth-scopes"] == "admin:org, repo"
    assert headers["x-accepted-oauth-scopes"] == "admin:org"
    assert headers["x-accepted-github-permissions"] == "organization_self_hosted_runners=read"
    assert headers["x-ratelimit-limit"] == "5000"
    assert headers["x-ratelimit-remaining"] == "4999"
    assert headers["x-ratelimit-resource"] == "core"
    assert datetime.fromtimestamp(int(headers["x-ratelimit-reset"]), UTC) == NINE + HOUR
    assert headers["x-github-request-id"].count(":") == 4


async def test_what_has_not_changed_is_not_sent_again_and_not_counted(github: httpx.AsyncClient) -> None:
    first = await github.get(RUNNERS)
    tag = first.headers["etag"]
    again = await github.get(RUNNERS, headers={"If-None-Match": tag})
    assert tag.startswith('W/"')
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert used(first) == used(again) == 1
    assert "content-type" not in again.headers
    assert used(await github.get(RUNNERS)) == 2


async def test_a_change_gives_another_tag(world: World, github: httpx.AsyncClient) -> None:
    tag = (await github.get(RUNNERS)).headers["etag"]
    world.set_status(world.runner("build-linux-01"), "offline")
    again = await github.get(RUNNERS, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["etag"] != tag


async def test_tags_belong_to_one_token(world: World, github: httpx.AsyncClient) -> None:
    world.tokens["ghp_another"] = world.tokens[DEMO_TOKEN]
    tag = (await github.get(RUNNERS)).headers["etag"]
    async with asking(world, "ghp_another") as other:
        assert (await other.get(RUNNERS, headers={"If-None-Match": tag})).status_code == 200


async def test_pages_are_linked_by_number_and_hold_everything_once(world: World, github: httpx.AsyncClient) -> None:
    seen: list[int] = []
    url = f"{RUNNERS}?per_page=20"
    while url:
        answer = await github.get(url)
        seen += [runner["id"] for runner in answer.json()["runners"]]
        url = answer.links.get("next", {}).get("url", "")
        assert not url or url.startswith("http://github.test/organizations/")
    assert seen == list(world.runners["org:acme"])
    assert "last" not in answer.links
    assert {"prev", "first"} == set(answer.links)


async def test_repositories_are_linked_by_number_too(github: httpx.AsyncClient) -> None:
    answer = await github.get("/repos/acme/web/actions/runs?per_page=2&status=completed")
    following = answer.links["next"]["url"]
    assert following.startswith("http://github.test/repositories/")
    assert "status=completed" in following
    first = {run["id"] for run in answer.json()["workflow_runs"]}
    second = {run["id"] for run in (await github.get(following)).json()["workflow_runs"]}
    assert len(first | second) == 4


async def test_a_list_of_one_page_has_no_links(github: httpx.AsyncClient) -> None:
    answer = await github.get(f"{RUNNERS}?per_page=1000")
    assert "link" not in answer.headers
    assert len(answer.json()["runners"]) == answer.json()["total_count"]


async def test_without_per_page_there_are_thirty(github: httpx.AsyncClient) -> None:
    assert len((await github.get(RUNNERS)).json()["runners"]) == 30


async def test_both_prefixes_work_and_addresses_keep_to_them(world: World) -> None:
    async with asking(world, base="http://github.test:8080/api/v3") as client:
        answer = await client.get("orgs/acme/repos?per_page=1")
        assert answer.json()[0]["url"].startswith("http://github.test:8080/api/v3/repos/acme/")
        assert answer.json()[0]["html_url"].startswith("http://github.test:8080/acme/")
        assert answer.links["next"]["url"].startswith("http://github.test:8080/api/v3/organizations/")
        assert (await client.get(answer.links["next"]["url"])).status_code == 200


async def test_repositories_come_by_last_push(github: httpx.AsyncClient) -> None:
    pushed = [one["pushed_at"] for one in (await github.get("/orgs/acme/repos?sort=pushed")).json()]
    assert pushed == sorted(pushed, reverse=True)
    assert len(pushed) == 8


async def test_a_renamed_repository_leads_to_its_new_address(world: World, github: httpx.AsyncClient) -> None:
    world.rename(world.repositories["acme/web"], "shop")
    answer = await github.get("/repos/acme/web/actions/runs?per_page=1")
    assert answer.status_code == 301
    followed = await github.get(answer.headers["location"])
    assert followed.json()["workflow_runs"][0]["repository"]["full_name"] == "acme/shop"
    world.rename(world.repositories["acme-labs/gpu-tests"], "kernels")
    assert (await github.get("/repos/acme-labs/kernels/actions/runners")).json()["total_count"] == 2


async def test_with_a_filter_a_list_ends_at_a_thousand(clock: WorldClock, world: World) -> None:
    template = next(iter(world.runs.of(world.repositories["acme/web"]).values()))
    for _ in range(1100):
        world.start_run("acme/api", template.workflow)
    async with asking(world) as client:
        everything = await client.get("/repos/acme/api/actions/runs?per_page=100")
        filtered = await client.get("/repos/acme/api/actions/runs?per_page=100&status=queued")
        beyond = await client.get("/repos/acme/api/actions/runs?per_page=100&status=queued&page=11")
    assert everything.json()["total_count"] > 1100
    assert "page=10>" in filtered.headers["link"]
    assert beyond.json()["workflow_runs"] == []


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("branch=main", lambda run: run["head_branch"] == "main"),
        ("event=pull_request", lambda run: run["event"] == "pull_request"),
        ("actor=BUILD-bot", lambda run: run["actor"]["login"] == "build-bot"),
        ("created=>=2026-11-20T08:30:00Z", lambda run: run["created_at"] >= "2026-11-20T08:30:00Z"),
        ("created=<2026-11-20T08:30:00Z", lambda run: run["created_at"] < "2026-11-20T08:30:00Z"),
        (
            "created=2026-11-20T08:00:00Z..2026-11-20T08:30:00Z",
            lambda run: "2026-11-20T08:00" <= run["created_at"] <= "2026-11-20T08:30:00Z",
        ),
        ("status=success", lambda run: run["conclusion"] == "success"),
    ],
)
async def test_runs_can_be_filtered(github: httpx.AsyncClient, query: str, holds: Callable[[Any], bool]) -> None:
    path = "/repos/acme/web/actions/runs?per_page=100"
    everything = (await github.get(path)).json()["workflow_runs"]
    found = (await github.get(f"{path}&{query}")).json()["workflow_runs"]
    assert [run["id"] for run in found] == [run["id"] for run in everything if holds(run)]
    assert 0 < len(found) < len(everything)


async def test_a_runner_is_found_by_its_exact_name(github: httpx.AsyncClient) -> None:
    found = (await github.get(f"{RUNNERS}?name=prod-linux-03")).json()
    assert [runner["name"] for runner in found["runners"]] == ["prod-linux-03"]
    assert (await github.get(f"{RUNNERS}?name=prod-linux")).json() == {"total_count": 0, "runners": []}


async def test_a_slash_at_the_end_and_other_methods_find_nothing(github: httpx.AsyncClient) -> None:
    assert (await github.get(f"{RUNNERS}/")).status_code == 404
    assert (await github.post(RUNNERS)).status_code == 404
    assert (await github.get("/")).status_code == 404


async def test_whoever_does_not_say_who_asks_is_refused(world: World) -> None:
    async with asking(world) as client:
        del client.headers["User-Agent"]
        answer = await client.get(RUNNERS)
    assert answer.status_code == 403
    assert "User-Agent" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


async def test_a_wrong_token_is_refused(world: World) -> None:
    async with asking(world, "ghp_wrong") as client:
        answer = await client.get(RUNNERS)
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")
    async with asking(world, None) as client:
        assert (await client.get(RUNNERS)).status_code == 401
        assert (await client.get("/repos/acme/web")).status_code == 404
        assert (await client.get("/meta")).headers["x-ratelimit-limit"] == "60"


async def test_what_a_token_may_not_see_is_not_there(world: World) -> None:
    permissions = {"organization_self_hosted_runners": "read", "actions": "read", "metadata": "read"}
    world.tokens["ghp_labs"] = Token(world.actors[1], "fine-grained", (), permissions, ("acme-labs",))
    async with asking(world, "ghp_labs") as client:
        for path in (RUNNERS, "/orgs/acme/repos", "/repos/acme/web", "/repos/acme/web/actions/runs"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/repos/acme-labs/gpu-tests/actions/runs")).status_code == 200


async def test_a_missing_permission_is_named(world: World) -> None:
    world.tokens["ghp_fine"] = Token(world.actors[1], "fine-grained", (), {"actions": "write", "metadata": "read"})
    async with asking(world, "ghp_fine") as client:
        answer = await client.get(RUNNERS)
        assert answer.status_code == 403
        assert answer.json()["message"] == "Resource not accessible by personal access token"
        assert answer.headers["x-accepted-github-permissions"] == "organization_self_hosted_runners=read"
        assert "x-oauth-scopes" not in answer.headers
        assert (await client.get("/repos/acme/web/actions/runs")).status_code == 200
    world.tokens["ghp_app"] = Token(None, "installation", (), {"metadata": "read"})
    async with asking(world, "ghp_app") as client:
        assert (await client.get(RUNNERS)).json()["message"] == "Resource not accessible by integration"
    world.tokens["ghp_classic"] = Token(world.actors[1], "classic", ("repo",))
    async with asking(world, "ghp_classic") as client:
        answer = await client.get(RUNNERS)
        assert (answer.status_code, answer.headers["x-oauth-scopes"]) == (403, "repo")


async def test_an_unknown_api_version_is_refused(github: httpx.AsyncClient) -> None:
    answer = await github.get(RUNNERS, headers={"X-GitHub-Api-Version": "2021-01-01"})
    assert answer.status_code == 400
    newer = await github.get("/rate_limit", headers={"X-GitHub-Api-Version": "2026-03-10"})
    assert newer.headers["x-github-api-version-selected"] == "2026-03-10"
    assert set(newer.json()) == {"resources"}


async def test_the_hourly_limit_ends_and_comes_back(world: World, clock: WorldClock) -> None:
    world.tokens[DEMO_TOKEN] = Token(world.actors[0], hourly_limit=3)
    async with asking(world) as client:
        assert [(await client.get("/user")).status_code for _ in range(4)] == [200, 200, 200, 403]
        answer = await client.get("/user")
        assert answer.headers["x-ratelimit-remaining"] == "0"
        assert answer.json()["message"].startswith("API rate limit exceeded for user ID")
        assert "retry-after" not in answer.headers
        told = (await client.get("/rate_limit")).json()["resources"]["core"]
        assert (told["remaining"], told["used"]) == (0, 3)
        clock.move(HOUR)
        assert (await client.get("/user")).headers["x-ratelimit-remaining"] == "2"


async def test_all_tokens_of_a_user_share_one_limit(world: World, github: httpx.AsyncClient) -> None:
    world.tokens["ghp_second"] = world.tokens[DEMO_TOKEN]
    await github.get("/user")
    async with asking(world, "ghp_second") as other:
        assert used(await other.get("/user")) == 2


async def test_more_than_900_requests_in_a_minute_are_too_many(world: World, clock: WorldClock) -> None:
    login = world.actors[0].login
    assert not any(world.limits.too_fast(login, NINE + timedelta(seconds=second / 20)) for second in range(900))
    assert world.limits.too_fast(login, NINE + timedelta(seconds=46))
    clock.thaw()
    async with asking(world) as client:
        answer = await client.get("/user")
    assert answer.status_code == 403
    assert "secondary rate limit" in answer.json()["message"]
    assert answer.headers["retry-after"] == "60"
    assert not world.limits.too_fast(login, NINE + timedelta(seconds=70))
