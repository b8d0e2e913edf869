"""Requests that change something: sent once, refused in GitHub's words, and unknown where nobody can know."""

import asyncio
import json
import logging
import traceback

import pytest

from console.errors import (
    BadTokenError,
    ConflictError,
    ConsoleError,
    LimitReachedError,
    NotFoundError,
    NoTokenError,
    NotPossibleError,
    PermissionMissingError,
    SsoRequiredError,
    UnknownOutcomeError,
    UnreachableError,
    UsageError,
)
from console.fleet import calls
from console.fleet.models import JobKey, RunKey, RunnerKey, Scope
from console.fleet.plans import Call
from console.remote.github import GitHubApi
from console.remote.sanitize import redact
from tests.remote.fault_server import CANARY, FakeClock, FaultServer, FixedTokens, Step, gzipped, reply, using

ACME = Scope("org", "acme")
RERUN = calls.rerun_job(JobKey("acme/web", 7))
JIT = calls.generate_jitconfig(ACME, "mac-2", 3, ["gpu", "arm64"])
JIT_PATH = "/orgs/acme/actions/runners/generate-jitconfig"
CLOSED = b"HTTP/1.1 201 Created\r\nConnection: close\r\n"
MANY = RunnerKey("org:acme", 5)


async def test_a_request_carries_its_method_its_body_and_the_token(server: FaultServer, api: GitHubApi) -> None:
    server.script(JIT_PATH, reply({"runner": {}, "encoded_jit_config": "eyJ" + "a" * 90}, 201))
    answered = await api.send(JIT)
    (asked,) = server.asked
    assert (asked.method, asked.target) == ("POST", JIT_PATH)
    assert json.loads(asked.body) == {"name": "mac-2", "runner_group_id": 3, "labels": ["gpu", "arm64"]}
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert (answered.status, answered.secret and answered.secret.reveal()) == (201, b"eyJ" + b"a" * 90)


async def test_a_request_without_a_body_sends_none(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({}, 201))
    answered = await api.send(RERUN)
    assert server.asked[0].body == b""
    assert server.asked[0].headers["content-length"] == "0"
    assert "content-type" not in server.asked[0].headers
    assert (answered.status, answered.secret) == (201, None)


async def test_an_answer_without_a_body_is_one(server: FaultServer, api: GitHubApi) -> None:
    server.script("/orgs/acme/actions/runners/5", [b"HTTP/1.1 204 No Content\r\n\r\n"])
    assert (await api.send(calls.remove_runner(MANY))).status == 204
    assert server.asked[0].method == "DELETE"


REFUSALS = [
    (403, "Resource not accessible by personal access token", PermissionMissingError),
    (403, "The workflow run containing this job is already running", NotPossibleError),
    (403, "Unable to retry this workflow run because it was created over a month ago", NotPossibleError),
    (404, "Not Found", NotFoundError),
    (409, "Already exists - A runner with the name mac-2 already exists.", ConflictError),
    (410, "Gone", NotFoundError),
    (422, "Bad request - Runner mac-2 is currently running a job and cannot be deleted", NotPossibleError),
    (451, "Repository access blocked", PermissionMissingError),
]


@pytest.mark.parametrize(("status", "words", "kind"), REFUSALS)
async def test_a_refusal_says_what_github_says_and_what_is_needed(
    server: FaultServer, api: GitHubApi, status: int, words: str, kind: type[ConsoleError]
) -> None:
    server.script(RERUN.path, reply({"message": words}, status))
    with pytest.raises(kind) as caught:
        await api.send(RERUN)
    assert type(caught.value) is kind
    assert words in caught.value.message
    assert "nothing was changed" in caught.value.message
    assert RERUN.needs in caught.value.hint
    assert len(server.asked) == 1


async def test_the_permission_that_github_names_goes_before_the_one_that_we_know(
    server: FaultServer, api: GitHubApi
) -> None:
    server.script(RERUN.path, reply({"message": "no"}, 403, {"X-Accepted-GitHub-Permissions": "administration=write"}))
    with pytest.raises(PermissionMissingError) as caught:
        await api.send(RERUN)
    assert "repository permission Administration: write" in caught.value.hint


async def test_words_of_a_refusal_cannot_steer_the_terminal(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({"message": f"\x1b[2J\u202e {CANARY}"}, 422))
    with pytest.raises(NotPossibleError) as caught:
        await api.send(RERUN)
    assert "\x1b" not in caught.value.message
    assert "<202E>" in caught.value.message
    assert CANARY not in caught.value.message


async def test_single_sign_on_is_told_apart_from_a_missing_permission(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({"message": "SAML"}, 403, {"X-GitHub-SSO": "required; url=https://github.com/x"}))
    with pytest.raises(SsoRequiredError):
        await api.send(RERUN)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(server: FaultServer, api: GitHubApi, status: int) -> None:
    server.script(RERUN.path, reply({"message": "Moved"}, status, {"Location": f"{server.url}/elsewhere"}))
    server.script("/elsewhere", reply({}, 201))
    with pytest.raises(NotFoundError, match="moved"):
        await api.send(RERUN)
    assert server.paths == [RERUN.path]


LOST: list[list[Step]] = [
    [b"Connection: close"],  # nothing that is HTTP
    [b"", CLOSED],
    [CLOSED + b"Content-Length: 20\r\n\r\n{"],
    reply({"message": "Server Error"}, 502),
    reply(b"<html>Unicorn!</html>", 503),
    reply(b"<html>Please sign in</html>"),
    gzipped(b"{}" * 5_000, cut=30),
    [1.0],
]


@pytest.mark.parametrize("fault", range(len(LOST)))
async def test_what_was_sent_and_not_answered_may_have_been_done_and_is_not_sent_again(
    server: FaultServer, fault: int
) -> None:
    server.script(RERUN.path, LOST[fault], reply({}, 201))
    async with using(server, deadline=0.4) as api:
        with pytest.raises(UnknownOutcomeError) as caught:
            await api.send(RERUN)
        assert "may have been done" in caught.value.message
        assert len(server.asked) == 1


async def test_an_answer_that_lacks_its_secret_may_have_been_done(server: FaultServer, api: GitHubApi) -> None:
    for body in ({}, {"encoded_jit_config": ""}, {"encoded_jit_config": "two\nlines of it"}, {"token": 5}):
        server.script(JIT_PATH, reply(body, 201))
        with pytest.raises(UnknownOutcomeError):
            await api.send(JIT)
    assert len(server.asked) == 4


async def test_reads_go_on_after_answers_that_were_lost(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({}, 502))
    for _ in range(5):
        with pytest.raises(UnknownOutcomeError):
            await api.send(RERUN)
    with pytest.raises(NotFoundError):
        await api.repository("acme/gone")


async def test_where_nothing_listens_nothing_was_sent(server: FaultServer) -> None:
    server.port = 1
    async with using(server) as api:
        with pytest.raises(UnreachableError):
            await api.send(RERUN)


async def test_a_name_without_an_address_means_that_nothing_was_sent() -> None:
    api = GitHubApi("https://github.invalid", FixedTokens(), FakeClock(), user_agent="x")
    with pytest.raises(ConsoleError) as caught:
        await api.send(RERUN)
    assert not isinstance(caught.value, UnknownOutcomeError)
    await api.close()


async def test_a_server_without_tls_means_that_nothing_was_sent(server: FaultServer) -> None:
    api = GitHubApi(server.url.replace("http:", "https:"), FixedTokens(), FakeClock(), user_agent="x", deadline=1.0)
    with pytest.raises(ConsoleError) as caught:
        await api.send(RERUN)
    assert not isinstance(caught.value, UnknownOutcomeError)
    await api.close()


async def test_a_token_that_was_renewed_is_used_because_github_refused_the_first(server: FaultServer) -> None:
    tokens = FixedTokens(after="ghp_" + "N" * 36)
    server.script(RERUN.path, reply({"message": "Bad credentials"}, 401), reply({}, 201))
    async with using(server, tokens) as api:
        assert (await api.send(RERUN)).status == 201
    assert [asked.headers["authorization"][-3:] for asked in server.asked] == [CANARY[-3:], "NNN"]


async def test_a_token_that_cannot_be_renewed_sends_nothing_more(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({"message": "Bad credentials"}, 401))
    for _ in range(2):
        with pytest.raises(BadTokenError):
            await api.send(RERUN)
    assert len(server.asked) == 1


async def test_without_a_token_nothing_is_sent(server: FaultServer) -> None:
    async with using(server, FixedTokens(None)) as api:
        with pytest.raises(NoTokenError) as caught:
            await api.send(RERUN)
    assert RERUN.needs in caught.value.hint
    assert server.asked == []


async def test_a_limit_is_told_and_holds_the_next_one_back_unsent(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({"message": "secondary rate limit"}, 403, {"Retry-After": "9"}), reply({}, 201))
    for _ in range(2):
        with pytest.raises(LimitReachedError):
            await api.send(RERUN)
    assert len(server.asked) == 1


async def test_they_go_one_at_a_time_and_a_second_apart(server: FaultServer) -> None:
    clock = FakeClock()
    api = GitHubApi(server.url, FixedTokens(), clock, user_agent="x")
    server.script(RERUN.path, [0.02, *reply({}, 201)])
    await asyncio.gather(*(api.send(RERUN) for _ in range(3)))
    await api.close()
    assert server.most_at_once == 1
    assert clock.slept == [1.0, 1.0]


@pytest.mark.parametrize("path", ["@evil.example/repos/acme/web/x", "/user", "//evil.example/repos/acme/web/x", ""])
async def test_only_what_belongs_to_an_owner_at_this_address_is_sent(
    server: FaultServer, api: GitHubApi, path: str
) -> None:
    with pytest.raises(UsageError):
        await api.send(Call("POST", path, ("why",), needs="nothing"))
    assert server.asked == []


async def test_a_secret_is_nowhere_but_where_it_is_meant_to_be(
    server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "AZ" + "7Q" * 13 + "X"
    call = calls.registration_token(ACME)
    server.script(call.path, reply({"token": secret, "expires_at": "2026-11-20T13:00:00Z", "message": secret}, 201))
    with caplog.at_level(logging.DEBUG):
        async with using(server) as api:
            answered = await api.send(call)
    assert answered.secret is not None
    assert answered.secret.reveal() == secret.encode()
    assert secret not in repr(answered)
    assert secret not in str(answered)
    assert secret not in caplog.text
    assert f"POST {call.path} -> 201" in caplog.text
    assert secret not in redact(f"config.sh said: {secret}")


async def test_errors_hold_no_token(server: FaultServer, api: GitHubApi) -> None:
    server.script(RERUN.path, reply({"message": CANARY}, 422), reply({"message": CANARY}, 500))
    for _ in range(2):
        with pytest.raises(ConsoleError) as caught:
            await api.send(RERUN)
        assert CANARY not in "".join(traceback.format_exception(caught.value))


async def test_the_token_is_that_of_the_owner_in_the_path(server: FaultServer) -> None:
    tokens = FixedTokens()
    for call in (calls.cancel_run(RunKey("umbrella/lab", 3)), calls.remove_token(ACME)):
        server.script(call.path, reply({"token": "A" * 29}, 202))
        async with using(server, tokens) as api:
            await api.send(call)
    assert tokens.owners == ["umbrella", "acme"]
