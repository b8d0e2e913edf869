"""The token goes to one origin and is written nowhere."""

import logging
import traceback
from collections.abc import AsyncIterator

import pytest

from console.errors import BadTokenError, ConsoleError, NotJsonError
from console.fleet.models import RunnerKey, Scope
from console.remote.github import GitHubApi
from tests.remote.fault_server import CANARY, FakeClock, FaultServer, FixedTokens, Step, reply, running, using
from tests.remote.test_github import CUT, RUNNERS, look
from tests.remote.test_github_json import a_runner


@pytest.fixture
async def elsewhere() -> AsyncIterator[FaultServer]:
    async with running() as faults:
        yield faults


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_to_another_place_is_not_followed(
    server: FaultServer, elsewhere: FaultServer, status: int
) -> None:
    places = [
        elsewhere.url,
        f"//127.0.0.1:{elsewhere.port}",
        server.url.replace("http:", "https:"),
        server.url.replace("http://", "http://user@"),
        f"http://localhost:{server.port}",
        f"http://127.0.0.1:{server.port}@127.0.0.1:{elsewhere.port}",
        "file:///etc/passwd",
    ]
    for place in places:
        async with using(server) as api:
            before = len(server.asked)
            server.script(RUNNERS, reply({}, status, {"Location": f"{place}/stolen"}))
            with pytest.raises(NotJsonError):
                await look(api)
            assert len(server.asked) == before + 1
    assert elsewhere.asked == []


async def test_a_redirect_within_the_place_is_followed_with_the_token(server: FaultServer) -> None:
    async with using(server) as api:
        server.script(RUNNERS, reply({"message": "Moved Permanently"}, 301, {"Location": "/organizations/7/runners"}))
        server.script("/organizations/7/runners", reply({"total_count": 1, "runners": [a_runner()]}))
        assert len(await look(api)) == 1
        assert server.asked[1].headers["authorization"] == f"Bearer {CANARY}"


async def test_redirects_without_end_end(server: FaultServer) -> None:
    async with using(server) as api:
        server.script(RUNNERS, reply({}, 302, {"Location": RUNNERS}))
        with pytest.raises(NotJsonError):
            await look(api)
        assert len(server.asked) == 4


async def test_the_next_page_at_another_place_is_not_fetched(server: FaultServer, elsewhere: FaultServer) -> None:
    async with using(server) as api:
        for place in (elsewhere.url, f"http://127.0.0.1:{server.port}@127.0.0.1:{elsewhere.port}", "/relative"):
            link = {"Link": f'<{place}/x>; rel="next"'}
            server.script(RUNNERS, reply({"total_count": 2, "runners": [a_runner()]}, headers=link))
            with pytest.raises(NotJsonError):
                await look(api)
    assert elsewhere.asked == []


async def test_cookies_are_not_sent_back(server: FaultServer) -> None:
    async with using(server) as api:
        server.script(RUNNERS, reply({"total_count": 0, "runners": []}, headers={"Set-Cookie": "session=1"}))
        await look(api)
        await look(api)
        assert "cookie" not in server.asked[1].headers


FAULTS: list[list[Step]] = [
    [CUT],
    reply({"message": f"token {CANARY} is bad"}, 401),
    reply({"message": f"{CANARY}"}, 403),
    reply({"message": CANARY}, 422),
    reply(CANARY.encode(), 500),
    reply(f"<html>{CANARY}".encode()),
    reply({}, 302, {"Location": f"https://evil.example/?t={CANARY}"}),
    reply({"total_count": 1, "runners": []}, headers={"Link": f'<https://x/{CANARY}>; rel="next"'}),
    reply({}, 403, {"X-GitHub-SSO": f"required; url=https://github.com/{CANARY}"}),
    reply({}, 403, {"X-Accepted-GitHub-Permissions": f"{CANARY}=read"}),
    reply({}, 429, {"Retry-After": "9"}),
    [b"HTTP/1.1 200 OK\r\nBad\x00: x\r\n\r\n", b"Connection: close"],
    reply(b"x", headers={"Content-Encoding": CANARY}),
]


@pytest.mark.parametrize("fault", range(len(FAULTS)))
async def test_no_error_and_no_log_line_holds_the_token(
    server: FaultServer, caplog: pytest.LogCaptureFixture, fault: int
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with using(server) as api:
            server.script(RUNNERS, FAULTS[fault])
            with pytest.raises(ConsoleError) as caught:
                await look(api)
    told = [
        str(caught.value),
        repr(caught.value),
        caught.value.hint,
        "".join(traceback.format_exception(caught.value)),
        caplog.text,
    ]
    assert all(CANARY not in each and CANARY[8:] not in each for each in told)
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "httpcore"))]


async def test_the_log_says_what_was_asked_and_how_it_went(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="console.remote"):
        async with using(server) as api:
            server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
            await look(api)
    assert f"GET {RUNNERS}?per_page=100 -> 200" in caplog.text


@pytest.mark.parametrize(
    "secret", ["ghp_line\nend" + CANARY, "ghp_\x00" + CANARY, "ghp_\xe9" + CANARY, "", "two words"]
)
async def test_a_token_that_cannot_be_sent_is_refused_without_being_quoted(server: FaultServer, secret: str) -> None:
    async with using(server, FixedTokens(secret)) as api:
        with pytest.raises(BadTokenError) as caught:
            await look(api)
        assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert server.asked == []


async def test_another_address_for_the_api_gets_only_its_own_tokens(elsewhere: FaultServer) -> None:
    api = GitHubApi(elsewhere.url, FixedTokens(None), FakeClock(), user_agent="x")
    with pytest.raises(ConsoleError):
        await api.runner(RunnerKey(str(Scope("org", "acme")), 1))
    await api.close()
    assert b"uthorization" not in elsewhere.heard()
