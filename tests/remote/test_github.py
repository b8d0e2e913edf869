"""The real client against a server that does what it is told: paging, conditional requests, faults, errors."""

import asyncio

import pytest

from console.errors import (
    BadTokenError,
    ConsoleError,
    LimitReachedError,
    NotFoundError,
    NotJsonError,
    NoTokenError,
    PermissionMissingError,
    ServerTroubleError,
    SettingsError,
    SsoRequiredError,
    UnreachableError,
    UsageError,
)
from console.fleet.models import JobKey, RunKey, Runner, RunnerKey, Scope
from console.fleet.page import Page
from console.operations.interfaces import GitHub
from console.remote.github import GitHubApi
from tests.remote.fault_server import (
    CANARY,
    NOON,
    FakeClock,
    FaultServer,
    FixedTokens,
    Request,
    gzipped,
    reply,
    using,
)
from tests.remote.test_github_json import a_job, a_run, a_runner, page

ACME = Scope("org", "acme")
RUNNERS = "/orgs/acme/actions/runners"


async def look(api: GitHubApi) -> list[Page[Runner]]:
    return [found async for found in api.runners(ACME)]


async def test_it_is_what_operations_need(api: GitHubApi) -> None:
    github: GitHub = api
    assert github.now()


async def test_a_request_says_who_asks_and_in_which_version(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
    await look(api)
    (asked,) = server.asked
    assert asked.target == f"{RUNNERS}?per_page=100"
    assert asked.headers["user-agent"] == "runner-console/0"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["authorization"] == f"Bearer {CANARY}"


async def test_links_are_followed_as_given_until_there_is_none(server: FaultServer) -> None:
    async with using(server, base="/api/v3") as api:
        second = f"{server.url}/api/v3/organizations/77/actions/runners?per_page=100&page=2&x=%2F"
        last = f'<{server.url}/x?page=9>; rel="last"'
        server.script(
            f"/api/v3{RUNNERS}",
            reply({"total_count": 2, "runners": [a_runner()]}, headers={"Link": f'<{second}>; rel="next", {last}'}),
        )
        server.script(
            "/api/v3/organizations/77/actions/runners", reply({"total_count": 2, "runners": [a_runner(id=6)]})
        )
        pages = await look(api)
        assert [runner.id for found in pages for runner in found.items] == [5, 6]
        assert server.asked[1].target.endswith("?per_page=100&page=2&x=%2F")


async def test_a_list_that_comes_back_to_where_it_was_ends(server: FaultServer, api: GitHubApi) -> None:
    again = {"Link": f'<{server.url}{RUNNERS}?per_page=100>; rel="next"'}
    server.script(RUNNERS, reply({"total_count": 1, "runners": [a_runner()]}, headers=again))
    assert len(await look(api)) == 1
    assert len(server.asked) == 1


async def test_the_most_recent_finished_runs_are_one_page(server: FaultServer, api: GitHubApi) -> None:
    path = "/repos/acme/web/actions/runs"
    more = {"Link": f'<{server.url}{path}?page=2>; rel="next"'}
    server.script(path, reply({"total_count": 2, "workflow_runs": [a_run(status="completed")]}, headers=more))
    found = [run async for each in api.finished_runs("acme/web") for run in each.items]
    assert [run.id for run in found] == [3]
    assert server.asked[0].target == f"{path}?status=completed&exclude_pull_requests=true&per_page=20"


async def test_runs_and_jobs_are_asked_for_as_github_wants_it(server: FaultServer, api: GitHubApi) -> None:
    server.script("/repos/acme/web/actions/runs", reply({"total_count": 1, "workflow_runs": [a_run()]}))
    server.script("/repos/acme/web/actions/runs/3/jobs", reply({"total_count": 1, "jobs": [a_job()]}))
    runs = [run async for each in api.runs("acme/web", "queued") for run in each.items]
    jobs = [job async for each in api.jobs(RunKey("acme/web", 3)) for job in each.items]
    assert (runs[0].key, jobs[0].run_key) == (RunKey("acme/web", 3), RunKey("acme/web", 3))
    assert [asked.target.partition("?")[2] for asked in server.asked] == [
        "status=queued&exclude_pull_requests=true&per_page=100",
        "filter=latest&per_page=100",
    ]


@pytest.mark.parametrize("address", ["http://xn--0/", "http://xn--zzzzzzzzzz-/x", "http://[", "//[", "http://a:99999/"])
async def test_an_address_that_is_none_is_not_followed(server: FaultServer, api: GitHubApi, address: str) -> None:
    server.script(
        RUNNERS,
        reply({}, 302, headers={"Location": address}),
        reply({"total_count": 0, "runners": []}, headers={"Link": f'<{address}>; rel="next"'}),
    )
    for _ in range(2):
        with pytest.raises(NotJsonError, match="points to another place"):
            await look(api)
    assert len(server.asked) == 2


async def test_what_has_not_changed_is_the_very_same_page(server: FaultServer, api: GitHubApi) -> None:
    body = {"total_count": 1, "runners": [a_runner()]}
    tag = 'W/"a1"'
    server.script(RUNNERS, reply(body, headers={"ETag": tag}), reply(status=304, headers={"ETag": tag}), reply(body))
    (first,), (second,), (third,) = [await look(api) for _ in range(3)]
    assert second is first
    assert third is first
    assert [asked.headers.get("if-none-match") for asked in server.asked] == [None, tag, tag]


async def test_pages_that_have_not_changed_still_lead_to_the_next_one(server: FaultServer, api: GitHubApi) -> None:
    link = {"ETag": '"a"', "Link": f'<{server.url}/second>; rel="next"'}
    server.script(
        RUNNERS, reply({"total_count": 2, "runners": [a_runner()]}, headers=link), reply(status=304, headers={})
    )
    server.script("/second", reply({"total_count": 2, "runners": [a_runner(id=6)]}))
    await look(api)
    assert [runner.id for found in await look(api) for runner in found.items] == [5, 6]


async def test_a_changed_page_is_read_anew(server: FaultServer, api: GitHubApi) -> None:
    server.script(
        RUNNERS,
        reply({"total_count": 1, "runners": [a_runner()]}),
        reply({"total_count": 1, "runners": [a_runner(busy=True)]}),
    )
    (first,), (second,) = await look(api), await look(api)
    assert (first.items[0].busy, second.items[0].busy) == (False, True)


async def test_a_tag_is_only_shown_with_the_token_that_it_was_given_to(server: FaultServer) -> None:
    tokens = FixedTokens("first-token")
    async with using(server, tokens) as api:
        server.script(RUNNERS, reply({"total_count": 1, "runners": [a_runner()]}, headers={"ETag": '"a"'}))
        (first,) = await look(api)
        tokens.secret = "second-token"
        (second,) = await look(api)
        assert "if-none-match" not in server.asked[1].headers
        assert second is first


async def test_a_304_that_nobody_asked_for_is_no_answer(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply(status=304))
    with pytest.raises(ConsoleError):
        await look(api)


async def test_a_list_that_single_sign_on_cuts_is_called_partial(server: FaultServer, api: GitHubApi) -> None:
    body = {"total_count": 1, "runners": [a_runner()]}
    server.script(RUNNERS, reply(body, headers={"X-GitHub-SSO": "partial-results; organizations=1,2"}), reply(body))
    (cut,), (whole,) = await look(api), await look(api)
    assert cut.partial
    assert not whole.partial


async def test_a_runner_and_a_job_that_are_gone_are_none(server: FaultServer, api: GitHubApi) -> None:
    assert await api.runner(RunnerKey("org:acme", 7)) is None
    assert await api.runner(RunnerKey("repo:acme/web", 7)) is None
    assert await api.job(JobKey("acme/web", 7)) is None
    assert server.paths == [
        f"{RUNNERS}/7",
        "/repos/acme/web/actions/runners/7",
        "/repos/acme/web/actions/jobs/7",
    ]


async def test_single_things_are_read(server: FaultServer, api: GitHubApi) -> None:
    server.script(f"{RUNNERS}/5", reply(a_runner(busy=True)))
    server.script("/repos/acme/web/actions/jobs/9", reply(a_job()))
    server.script("/repos/acme/web", reply({"full_name": "acme/web", "private": False}))
    server.script("/meta", reply({"installed_version": "3.19.1"}, headers={"X-GitHub-Api-Version-Selected": "v"}))
    runner = await api.runner(RunnerKey("org:acme", 5))
    job = await api.job(JobKey("acme/web", 9))
    assert runner is not None
    assert runner.busy
    assert job is not None
    assert job.queued
    assert (await api.repository("acme/web")).private is False
    assert (await api.meta()).version == "3.19.1"
    assert api.now() == NOON


async def test_an_organisations_repositories_come_most_recent_first(server: FaultServer, api: GitHubApi) -> None:
    server.script("/orgs/acme/repos", reply([{"full_name": "acme/web", "pushed_at": "2026-11-20T11:00:00Z"}]))
    found = [repository async for each in api.repositories("acme") for repository in each.items]
    assert [repository.name for repository in found] == ["acme/web"]
    assert server.asked[0].target.endswith("?type=all&sort=pushed&direction=desc&per_page=100")


async def test_groups_come_with_the_repositories_that_may_use_them(server: FaultServer, api: GitHubApi) -> None:
    shape = {"default": False, "inherited": False, "allows_public_repositories": False}
    groups = [
        {"id": number, "name": f"g{number}", "visibility": visibility, **shape}
        for number, visibility in ((1, "all"), (2, "selected"), (3, "selected"))
    ]
    path = "/orgs/acme/actions/runner-groups"
    server.script(path, reply({"total_count": 3, "runner_groups": groups}))
    server.script(
        f"{path}/2/repositories",
        reply({"total_count": 1, "repositories": [{"full_name": "Acme/Web", "private": True}]}),
    )
    server.script(f"{path}/3/repositories", reply({"message": "Resource not accessible"}, 403))
    found = await api.groups(ACME)
    assert [group.repositories for group in found] == [None, frozenset({"acme/web"}), None]
    assert await api.groups(Scope("repo", "acme/web")) == ()


async def test_an_admitted_repository_that_is_not_understood_makes_the_groups_rules_unknown(
    server: FaultServer, api: GitHubApi
) -> None:
    path = "/orgs/acme/actions/runner-groups"
    group = {"id": 2, "name": "g", "visibility": "selected", "default": False, "inherited": False}
    server.script(path, reply({"total_count": 1, "runner_groups": [group]}))
    server.script(f"{path}/2/repositories", reply({"total_count": 2, "repositories": [{"full_name": "a/b"}, None]}))
    assert (await api.groups(ACME))[0].repositories is None


async def test_an_older_server_that_does_not_know_our_version_is_asked_without(server: FaultServer) -> None:
    def answer(request: Request) -> list[bytes | float]:
        if "x-github-api-version" in request.headers:
            return reply({"message": "Version 2022-11-28 is not supported"}, 400)
        return reply({"total_count": 0, "runners": []})

    async with using(server) as api:
        server.script(RUNNERS, answer)
        await look(api)
        await look(api)
        assert len(server.asked) == 3


async def test_a_path_cannot_be_made_of_a_name(server: FaultServer, api: GitHubApi) -> None:
    for name in ("acme/..", "acme", "acme/web/actions", "acme/we b", "../.."):
        with pytest.raises(UsageError):
            await api.repository(name)
    with pytest.raises(UsageError):
        await api.runner(RunnerKey("team:acme", 1))
    server.script("/orgs/..%2F..%2Fuser/actions/runners", reply({"total_count": 0, "runners": []}))
    assert [found async for found in api.runners(Scope("org", "../../user"))]


@pytest.mark.parametrize(
    ("status", "headers", "message", "kind", "says"),
    [
        (
            403,
            {},
            "Resource not accessible by personal access token",
            PermissionMissingError,
            "Self-hosted runners: read",
        ),
        (
            403,
            {"X-Accepted-GitHub-Permissions": "organization_self_hosted_runners=read; administration=read"},
            "Resource not accessible by integration",
            PermissionMissingError,
            "organization permission Self-hosted runners: read, or repository permission Administration: read",
        ),
        (403, {"X-Accepted-OAuth-Scopes": "admin:org"}, "Must have admin rights", PermissionMissingError, "admin:org"),
        (
            403,
            {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso?authorization_request=A1"},
            "Resource protected by organization SAML enforcement.",
            SsoRequiredError,
            "https://github.com/orgs/acme/sso?authorization_request=A1",
        ),
        (403, {}, "the `acme` organization has an IP allow list enabled", PermissionMissingError, "IP allow list"),
        (403, {}, "Maximum number of login attempts exceeded.", BadTokenError, "Wait"),
        (404, {}, "Not Found", NotFoundError, "admin:org"),
        (410, {}, "Server Error", NotFoundError, "410"),
        (422, {}, "Validation \x1b[2J Failed", ConsoleError, "422"),
        (500, {}, "", ServerTroubleError, "500"),
        (429, {"Retry-After": "30"}, "", LimitReachedError, "s to wait"),
        (403, {"X-RateLimit-Remaining": "0"}, "API rate limit exceeded", LimitReachedError, "hourly limit"),
        (403, {}, "You have exceeded a secondary rate limit.", LimitReachedError, "secondary"),
        (302, {"Location": "https://login.example/"}, "", NotJsonError, "login.example"),
    ],
)
async def test_a_refusal_says_what_to_do(
    server: FaultServer,
    api: GitHubApi,
    status: int,
    headers: dict[str, str],
    message: str,
    kind: type[ConsoleError],
    says: str,
) -> None:
    server.script(RUNNERS, reply({"message": message}, status, headers))
    with pytest.raises(kind) as caught:
        await look(api)
    whole = f"{caught.value.message} {caught.value.hint}"
    assert type(caught.value) is kind
    assert says in whole
    assert caught.value.hint
    assert "\x1b" not in whole
    assert "acme" in whole or status in {302, 403, 429} or status >= 500


async def test_what_github_says_is_shortened_and_holds_no_secret(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply({"message": f"bad {CANARY} {'x' * 900}"}, 403))
    with pytest.raises(PermissionMissingError) as caught:
        await look(api)
    assert CANARY not in caught.value.message
    assert len(caught.value.message) < 400


async def test_a_message_of_megabytes_is_not_searched_to_its_end(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply({"message": f"{CANARY} {'eyJ' * 1_000_000}"}, 403))
    with pytest.raises(PermissionMissingError) as caught:
        await look(api)
    assert CANARY not in caught.value.message
    assert len(caught.value.message) < 500


async def test_a_web_page_instead_of_an_answer_is_recognised_and_not_shown(server: FaultServer, api: GitHubApi) -> None:
    html = b"<!DOCTYPE html><h1>Company sign-in</h1>"
    server.script(RUNNERS, reply(html, headers={"Content-Type": "text/html"}))
    with pytest.raises(NotJsonError, match="a web page"):
        await look(api)
    server.script(RUNNERS, reply(html, 502))
    with pytest.raises(ServerTroubleError) as caught:
        await look(api)
    assert "sign-in" not in caught.value.message


async def test_one_bad_gateway_is_asked_once_more(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply(b"<html>", 502), reply({"total_count": 1, "runners": [a_runner()]}))
    assert len(await look(api)) == 1


CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{"


@pytest.mark.parametrize(
    "script", [[CUT], gzipped(b'{"total_count":0,"runners":[]}', cut=30), [b"HTTP/1.1 2"], [b"\x00\xff\r\n\r\n"]]
)
async def test_an_answer_cut_short_is_no_answer(
    server: FaultServer, api: GitHubApi, script: list[bytes | float]
) -> None:
    closing: list[bytes | float] = [*script, b"", b"Connection: close"] if script[0] != CUT else script
    server.script(RUNNERS, closing)
    with pytest.raises(NotJsonError):
        await look(api)
    assert len(server.asked) == 2


async def test_a_packed_answer_is_unpacked(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, gzipped(page("runners", a_runner())))
    (found,) = await look(api)
    assert found.items[0].id == 5


async def test_a_small_body_that_unpacks_into_a_huge_one_is_not_read(server: FaultServer) -> None:
    async with using(server, most_bytes=1024 * 1024) as api:
        server.script(RUNNERS, gzipped(b" " * 40_000_000))
        with pytest.raises(NotJsonError, match="larger than 1 MiB"):
            await look(api)
        server.script(RUNNERS, reply(b" " * 2_000_000))
        with pytest.raises(NotJsonError, match="larger than 1 MiB"):
            await look(api)


@pytest.mark.parametrize(
    "script",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", *[b" ", 0.05] * 60],
        [30.0],
        [b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n", 0.05] * 60],
    ],
)
async def test_an_answer_that_drips_ends_at_the_deadline_of_the_whole(
    server: FaultServer, script: list[bytes | float]
) -> None:
    async with using(server, deadline=0.3) as api:
        server.script(RUNNERS, script)
        with pytest.raises(UnreachableError, match="No whole answer"):
            await look(api)
        assert len(server.asked) == 1


async def test_nobody_at_the_address_is_said(server: FaultServer) -> None:
    async with using(server) as api:
        server.port, port = 0, server.port
        assert port
        gone = GitHubApi("http://127.0.0.1:9", FixedTokens(), FakeClock(), user_agent="x")
        with pytest.raises(UnreachableError, match=r"No connection to .*: Connection refused"):
            await look(gone)
        await gone.close()
        assert api


async def test_connections_can_be_dropped_and_opened_again(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
    await look(api)
    await api.reset_connections()
    await look(api)
    assert len(server.asked) == 2


async def test_a_refused_token_is_renewed_once_and_the_question_asked_again(server: FaultServer) -> None:
    tokens = FixedTokens("old-token", after="new-token")

    def answer(request: Request) -> list[bytes | float]:
        good = request.headers["authorization"] == "Bearer new-token"
        return (
            reply({"total_count": 1, "runners": [a_runner()]}) if good else reply({"message": "Bad credentials"}, 401)
        )

    async with using(server, tokens) as api:
        server.script(RUNNERS, answer)
        await asyncio.gather(*[look(api) for _ in range(8)])
        assert tokens.renewed == 1
        assert len([asked for asked in server.asked if "old-token" in asked.headers["authorization"]]) <= 4


@pytest.mark.parametrize("after", [None, "also-bad"])
async def test_after_a_401_polling_stops_until_the_token_changes(server: FaultServer, after: str | None) -> None:
    tokens = FixedTokens("bad-token", after=after)
    async with using(server, tokens) as api:
        server.script(RUNNERS, reply({"message": "Bad credentials"}, 401))
        for _ in range(3):
            with pytest.raises(BadTokenError):
                await look(api)
            results = await asyncio.gather(*[look(api) for _ in range(9)], return_exceptions=True)
            assert {type(result) for result in results} == {BadTokenError}
        assert len(server.asked) <= 1 + (1 if after else 0)
        assert tokens.renewed == (2 if after else 1) - (1 if after else 0)
        tokens.secret = "good-token"
        server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
        await look(api)


async def test_when_the_operator_asks_again_so_is_the_source_of_a_refused_token(server: FaultServer) -> None:
    tokens = FixedTokens("bad-token", after="bad-token")
    async with using(server, tokens) as api:
        server.script(RUNNERS, reply({"message": "Bad credentials"}, 401))
        for _ in range(2):
            with pytest.raises(BadTokenError):
                await look(api)
        assert tokens.renewed == 1
        tokens.gives("good-token")
        server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
        api.try_again()
        await look(api)
        assert tokens.renewed == 2


async def test_many_at_once_send_at_most_two_more_after_the_first_401(server: FaultServer) -> None:
    tokens = FixedTokens("bad-token", after="also-bad")
    async with using(server, tokens) as api:
        server.script(RUNNERS, [0.05, *reply({"message": "Bad credentials"}, 401)])
        await asyncio.gather(*[look(api) for _ in range(12)], return_exceptions=True)
        # Four were under way when the first refusal came.
        assert len(server.asked) <= 4 + 1


async def test_a_renewed_token_is_tried_by_one_before_all_use_it(server: FaultServer) -> None:
    tokens = FixedTokens("bad-token", after="also-bad")
    async with using(server, tokens) as api:
        server.script(RUNNERS, reply({}, 401), [0.1, *reply({}, 401)])
        first = asyncio.create_task(look(api))
        while tokens.secret != "also-bad":
            await asyncio.sleep(0.005)
        await asyncio.gather(first, *[look(api) for _ in range(5)], return_exceptions=True)
        assert len(server.asked) == 2


async def test_an_owner_without_a_token_is_named_and_nothing_is_sent(server: FaultServer) -> None:
    async with using(server, FixedTokens(None)) as api:
        with pytest.raises(NoTokenError, match="acme"):
            await look(api)
        assert server.asked == []
        server.script("/meta", reply({"verifiable_password_authentication": False}))
        assert (await api.meta()).version is None
        assert "authorization" not in server.asked[0].headers


async def test_never_more_than_five_are_in_flight(server: FaultServer) -> None:
    async with using(server) as api:
        server.script(RUNNERS, [0.01, *reply({"total_count": 0, "runners": []})])
        server.script(f"{RUNNERS}/5", [0.01, *reply(a_runner())])
        await asyncio.gather(
            *[look(api) for _ in range(20)], *[api.runner(RunnerKey("org:acme", 5)) for _ in range(20)]
        )
        assert 2 <= server.most_at_once <= 5


async def test_after_a_limit_nothing_more_is_sent(server: FaultServer, api: GitHubApi) -> None:
    server.script(RUNNERS, reply({"message": "slow down"}, 429, {"Retry-After": "30"}))
    for _ in range(5):
        with pytest.raises(LimitReachedError):
            await look(api)
    assert len(server.asked) == 1
    assert api.budget.held_until is not None


@pytest.mark.parametrize(
    "url",
    [
        "http://ghes.example/api/v3",
        "https://user:pass@ghes.example",
        "ftp://x",
        "api.github.com",
        "https://",
        "https://x/?a=b",
        "https://x/#f",
        "https://[",
    ],
)
def test_an_address_that_no_token_should_go_to_is_refused(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        GitHubApi(url, FixedTokens(), FakeClock(), user_agent="x")
    assert "pass" not in str(caught.value)


async def test_releases_come_with_their_drafts_and_their_files(server: FaultServer, api: GitHubApi) -> None:
    at = "2026-03-01T12:00:00Z"
    release = {"id": 7, "tag_name": "v2.4", "name": "\x1b[2Jv2.4", "created_at": at, "author": {"login": "mona"}}
    files = [{"state": "uploaded"}, {"state": "open"}]
    draft = {**release, "draft": True, "published_at": None, "assets": files}
    broken = {"id": 8, "tag_name": "v2.3"}
    server.script("/repos/acme/web/releases", reply([draft, broken]))
    (found,) = await api.releases("acme/web")
    assert (found.tag, found.draft, found.files, found.unfinished, found.author) == ("v2.4", True, 2, 1, "mona")
    assert "\x1b" not in found.name


async def test_who_may_not_read_releases_is_told_which_permission_it_takes(server: FaultServer, api: GitHubApi) -> None:
    server.script("/repos/acme/web/releases", reply({"message": "Resource not accessible"}, 403))
    with pytest.raises(PermissionMissingError) as raised:
        await api.releases("acme/web")
    assert "Contents: read" in raised.value.hint


async def test_logs_that_nobody_waits_for_leave_the_reserve_alone(server: FaultServer, api: GitHubApi) -> None:
    low = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "100", "X-RateLimit-Reset": "4000000000"}
    server.script(RUNNERS, reply({"total_count": 0, "runners": []}, headers=low))
    await look(api)
    with pytest.raises(LimitReachedError):
        await api.annotations(JobKey("acme/web", 7), own=False)
    with pytest.raises(LimitReachedError):
        await api.job_log(JobKey("acme/web", 7), own=False)
    assert len(server.asked) == 1


async def test_a_runner_is_found_by_its_name_where_the_server_knows_no_such_filter(
    server: FaultServer, api: GitHubApi
) -> None:
    more = {"Link": f'<{server.url}/second>; rel="next"'}
    server.script(RUNNERS, reply({"total_count": 2, "runners": [a_runner(name="mac")]}, headers=more))
    server.script("/second", reply({"total_count": 2, "runners": [a_runner(name="mac-2", id=6)]}))
    found = await api.runner_named("org:acme", "mac-2")
    assert found is not None
    assert found.key == RunnerKey("org:acme", 6)
    assert server.asked[0].target == f"{RUNNERS}?name=mac-2&per_page=100"
    assert await api.runner_named("org:acme", "MAC-2") is None


async def test_cache_entries_come_from_every_page_once(server: FaultServer, api: GitHubApi) -> None:
    path = "/repos/acme/web/actions/caches"
    entry = {"id": 1, "key": "npm-\x1b1", "ref": "refs/heads/main", "size_in_bytes": 5, "created_at": None}
    more = {"Link": f'<{server.url}/second>; rel="next"'}
    server.script(path, reply({"total_count": 2, "actions_caches": [entry]}, headers=more))
    second = [entry, entry | {"id": 2, "last_accessed_at": "2026-11-20T11:00:00Z"}]
    server.script("/second", reply({"total_count": 2, "actions_caches": second}))
    found = await api.caches("acme/web", "npm-/ 1")
    assert server.asked[0].target == f"{path}?key=npm-%2F+1&per_page=100"
    assert [(each.id, each.key, each.size) for each in found] == [(1, "npm-\u241b1", 5), (2, "npm-\u241b1", 5)]
