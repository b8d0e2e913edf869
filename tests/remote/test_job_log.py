"""The log of a finished job: found with the token, fetched without it, from nowhere but where it may come from."""

import asyncio
import logging
import ssl
import traceback
import tracemalloc
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.errors import ConsoleError, LogError, NotFoundError
from console.fleet.models import JobKey
from console.remote import job_log
from console.remote.addresses import Origin
from console.remote.github import GitHubApi
from console.remote.job_log import LogStore
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.job_logs import log_of
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.remote.fault_server import CANARY, FakeClock, FaultServer, FixedTokens, Step, reply, running, using

JOB = JobKey("acme/web", 7)
LOGS = "/repos/acme/web/actions/jobs/7/logs"
SIGNED = "/logs/job-logs.txt?se=2026-11-20T12%3A01%3A00Z&sig=SIGNATUREthatOpensTheStore%3D&sp=r"
SECRET = "SIGNATUREthatOpensTheStore"
TEXT = b"2026-11-20T12:00:00.0000001Z ##[group]Run make\n"
GITHUB = Origin("https", "api.github.com", 443)


@pytest.fixture
async def store() -> AsyncIterator[FaultServer]:
    async with running() as faults:
        yield faults


def points_to(address: str) -> list[Step]:
    return reply(b"", 302, {"Location": address})


async def fetched(api: GitHubApi) -> bytes:
    parts = [chunk async for chunk in await api.job_log(JOB)]
    return b"".join(parts)


async def refused(api: GitHubApi) -> ConsoleError:
    with pytest.raises(ConsoleError) as caught:
        await fetched(api)
    assert caught.value.hint
    return caught.value


async def test_who_leaves_before_the_log_comes_leaves_no_connection_open(
    server: FaultServer, store: FaultServer, api: GitHubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(TEXT))
    sends, answered = httpx.AsyncClient.send, asyncio.Event()
    asked_by: list[httpx.AsyncClient] = []

    async def send(client: httpx.AsyncClient, request: httpx.Request, **how: Any) -> httpx.Response:
        asked_by.append(client)
        answer = await sends(client, request, **how)
        if len(asked_by) == 2:  # the store, after the API
            answered.set()
            await asyncio.Event().wait()
        return answer

    monkeypatch.setattr(httpx.AsyncClient, "send", send)
    fetching = asyncio.create_task(fetched(api))
    await answered.wait()
    fetching.cancel()
    await asyncio.gather(fetching, return_exceptions=True)
    assert asked_by[1].is_closed


# Who hears what


async def test_the_store_hears_who_asks_and_nothing_else_of_ours(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(TEXT, headers={"Set-Cookie": "a=1"}))
    assert await fetched(api) == TEXT
    (asked,) = store.asked
    assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}"
    # The last two are the HTTP library's own, the same for everybody.
    assert set(asked.headers) == {"host", "user-agent", "accept-encoding", "accept", "connection"}
    assert asked.headers["user-agent"] == "runner-console/0"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["accept"] == "*/*"
    assert CANARY.encode() not in store.heard()


async def test_a_store_at_the_very_place_of_the_api_gets_no_token_either(server: FaultServer, api: GitHubApi) -> None:
    """An enterprise server may keep its logs itself."""
    server.script(LOGS, points_to(server.url + SIGNED))
    server.script(SIGNED.partition("?")[0], reply(TEXT))
    assert await fetched(api) == TEXT
    assert "authorization" in server.asked[0].headers
    assert "authorization" not in server.asked[1].headers


async def test_a_server_that_does_not_know_our_version_is_asked_for_a_log_without_it(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, reply({"message": "API version not supported"}, 400), points_to(store.url + SIGNED))
    store.script(SIGNED, reply(TEXT))
    assert await fetched(api) == TEXT
    assert "x-github-api-version" not in server.asked[1].headers


async def test_neither_a_cookie_nor_a_referrer_goes_from_one_hop_to_the_next(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(f"{store.url}/first?sig={SECRET}"))
    store.script("/first", reply(b"", 302, {"Location": "/second", "Set-Cookie": "a=1; Path=/"}))
    store.script("/second", reply(TEXT))
    assert await fetched(api) == TEXT
    assert SECRET.encode() not in store.asked[1].raw
    assert set(store.asked[1].headers) == set(store.asked[0].headers)


async def test_three_hops_are_followed_and_no_more(server: FaultServer, store: FaultServer, api: GitHubApi) -> None:
    server.script(LOGS, points_to(f"{store.url}/1"))
    for hop in (1, 2, 3):
        store.script(f"/{hop}", points_to(f"{store.url}/{hop + 1}"))
    store.script("/3", reply(TEXT))
    assert await fetched(api) == TEXT
    store.script("/3", points_to(f"{store.url}/4"))
    error = await refused(api)
    assert "without end" in error.message
    assert store.paths == ["/1", "/2", "/3"] * 2


async def trusting() -> ssl.SSLContext:
    return ssl.create_default_context()


async def asked_from(api: Origin, address: str) -> ConsoleError:
    async def again() -> str:
        raise AssertionError("it was not refused by the store")

    with pytest.raises(LogError) as caught:
        await LogStore(api, "runner-console/0", trusting).open(address, again)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize(
    "address",
    [
        "http://store.example/x",
        "ftp://store.example/x",
        "file:///etc/passwd",
        "https://user:word@store.example/x",
        "https://localhost/x",
        "https://localhost./x",
        "https://a.localhost/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://10.0.0.8/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://0.0.0.0/x",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://[::ffff:10.0.0.8]/x",
        "/relative",
        "https:///x",
        "https://store.example:99999/x",
        "",
    ],
)
async def test_a_place_that_logs_do_not_come_from_is_not_asked(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(LogStore, "_client", None)
    error = await asked_from(GITHUB, f"{address}?sig={SECRET}" if address else "")
    assert "not followed" in error.message
    assert SECRET not in error.message + error.hint


async def test_a_redirect_of_the_store_is_held_to_the_same_rules(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(f"{store.url}/1"))
    for place in ("http://store.example/x", "file:///etc/passwd", f"http://user@127.0.0.1:{store.port}/x"):
        store.script("/1", points_to(place))
        assert "not followed" in (await refused(api)).message
    assert set(store.paths) == {"/1"}


@pytest.mark.parametrize("host", ["10.0.0.8", "[fd00::8]"])
def test_an_enterprise_server_in_a_private_network_keeps_its_logs_itself(host: str) -> None:
    store = LogStore(Origin("https", host.strip("[]"), 443), "runner-console/0", trusting)
    assert store._allowed(f"https://{host}/storage/x").path == "/storage/x"
    with pytest.raises(LogError):
        store._allowed("https://10.0.0.9/storage/x")


# What can go wrong


async def test_what_github_says_instead_of_an_address_is_told_apart(server: FaultServer, api: GitHubApi) -> None:
    server.script(LOGS, reply({"message": "Server Error", "status": "410"}, 410))
    gone = await refused(api)
    server.script(LOGS, reply({"message": "Not Found"}, 404))
    unknown = await refused(api)
    assert isinstance(gone, NotFoundError)
    assert "no longer has the log of job 7 of acme/web (410)" in gone.message
    assert "expired" in gone.hint
    assert isinstance(unknown, NotFoundError)
    assert "does not find the log of job 7 of acme/web" in unknown.message


@pytest.mark.parametrize(
    ("status", "says", "helps"),
    [
        (404, "has no log of this job (404)", "cancelled before it began"),
        (410, "no longer has the log (410)", "expired"),
        (500, "it answered 500", "later"),
        (503, "it answered 503", "later"),
        (204, "it answered 204", "later"),
    ],
)
async def test_what_the_store_says_is_told_apart(
    server: FaultServer, store: FaultServer, api: GitHubApi, status: int, says: str, helps: str
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(b"<Error>\x1b[2J</Error>", status))
    error = await refused(api)
    assert isinstance(error, LogError)
    assert says in error.message
    assert helps in error.hint
    assert len(store.asked) == 1


async def test_an_address_that_has_expired_is_asked_for_once_more(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(f"{store.url}/old?sig=1"), points_to(f"{store.url}/new?sig=2"))
    store.script("/old", reply(b"<Code>AuthenticationFailed</Code>", 403))
    store.script("/new", reply(TEXT))
    assert await fetched(api) == TEXT
    assert store.paths == ["/old", "/new"]


async def test_a_store_that_refuses_twice_is_not_asked_a_third_time(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(b"no", 403))
    error = await refused(api)
    assert "refuses the address of the log (403)" in error.message
    assert "allow its host" in error.hint
    assert len(store.asked) == len(server.asked) == 2


async def test_a_store_that_cannot_be_reached_is_told_apart_from_the_api(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    await store.stop()
    server.script(LOGS, points_to("http://127.0.0.1:1/x?sig=" + SECRET))
    error = await refused(api)
    assert "The store of logs cannot be reached" in error.message
    assert "127.0.0.1" in error.message
    assert "proxy or a firewall" in error.hint


async def test_a_proxy_that_blocks_the_store_is_named_and_hears_no_signature(
    store: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`store` is the proxy here."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", store.url)
    store.script("logs.example:443", reply(b"blocked", 403))
    error = await asked_from(GITHUB, f"https://logs.example{SIGNED}")
    assert "The store of logs cannot be reached: The proxy" in error.message
    assert "allow its host" in error.hint
    assert store.paths == ["logs.example:443"]
    assert SECRET.encode() not in store.heard()


async def test_a_body_that_is_packed_although_nobody_asked_for_it_is_refused(
    server: FaultServer, store: FaultServer, api: GitHubApi
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))
    assert "packed" in (await refused(api)).message


async def test_a_body_that_is_cut_says_where(server: FaultServer, store: FaultServer, api: GitHubApi) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\nConnection: close\r\n\r\n" + TEXT])
    chunks = await api.job_log(JOB)
    assert await anext(chunks) == TEXT
    with pytest.raises(LogError) as caught:
        await anext(chunks)
    assert caught.value.message == f"The log ended early, at byte {len(TEXT)}: the connection broke."


async def test_a_store_that_falls_silent_is_told_apart_from_one_that_breaks(
    server: FaultServer, store: FaultServer, api: GitHubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_log, "SILENCE", 0.2)
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + TEXT, 30.0])
    with pytest.raises(LogError) as caught:
        await fetched(api)
    assert caught.value.message == f"The log ended early, at byte {len(TEXT)}: nothing came for too long."
    store.script(SIGNED, [30.0])
    assert "in time" in (await refused(api)).message


async def test_a_slow_log_may_take_longer_than_any_silence(
    server: FaultServer, store: FaultServer, api: GitHubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_log, "SILENCE", 0.25)
    server.script(LOGS, points_to(store.url + SIGNED))
    drops: list[Step] = [step for _ in range(5) for step in (b"x", 0.1)]
    store.script(SIGNED, [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", *drops])
    assert await fetched(api) == b"xxxxx"


async def test_memory_does_not_grow_with_the_log(server: FaultServer, store: FaultServer, api: GitHubApi) -> None:
    piece = b"x" * 1_000_000
    server.script(LOGS, points_to(store.url + SIGNED))
    pieces: list[Step] = [piece] * 200
    store.script(SIGNED, [b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n", *pieces])
    tracemalloc.start()
    try:
        size = 0
        async for chunk in await api.job_log(JOB):
            size += len(chunk)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size == 200_000_000
    assert peak < 8_000_000


async def test_who_stops_reading_closes_the_connection(server: FaultServer, store: FaultServer, api: GitHubApi) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, [b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + TEXT, 30.0])
    async with aclosing(await api.job_log(JOB)) as chunks:
        assert await anext(chunks) == TEXT


async def test_who_never_begins_to_read_lets_go_of_the_connection_too(
    server: FaultServer, store: FaultServer, api: GitHubApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    real = httpx.AsyncClient.aclose

    async def closing(client: httpx.AsyncClient) -> None:
        closed.append(client)
        await real(client)

    monkeypatch.setattr(httpx.AsyncClient, "aclose", closing)
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(TEXT))
    chunks = await api.job_log(JOB)
    assert not closed
    await chunks.aclose()
    assert len(closed) == 1


FAULTS: list[list[Step]] = [
    reply(b"", 403),
    reply(b"", 404),
    reply(b"", 500),
    reply(b"", 302, {"Location": f"http://store.example/?sig={SECRET}"}),
    reply(b"", 302, {"Location": f"https://a..b/?sig={SECRET}"}),
    reply(b"", 302, {"Location": f"http://[::1/?sig={SECRET}"}),
    reply(b"", 302, {"Location": f"/again?sig={SECRET}"}),
    [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nx"],
    [b"HTTP/1.1 200 OK\r\nBad\x00: x\r\n\r\n", b"Connection: close"],
    [b"Connection: close"],
]


@pytest.mark.parametrize("fault", range(len(FAULTS)))
async def test_no_error_and_no_log_line_holds_the_signed_address(
    server: FaultServer, store: FaultServer, caplog: pytest.LogCaptureFixture, fault: int
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, FAULTS[fault])
    store.script("/again", reply(b"", 404))
    with caplog.at_level(logging.DEBUG):
        async with using(server) as api:
            error = await refused(api)
    told = [str(error), repr(error), error.hint, "".join(traceback.format_exception(error)), caplog.text]
    assert not [each for each in told if SECRET in each or CANARY in each]


async def test_a_log_that_was_fetched_leaves_no_trace_of_its_address(
    server: FaultServer, store: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.script(LOGS, points_to(store.url + SIGNED))
    store.script(SIGNED, reply(TEXT))
    with caplog.at_level(logging.DEBUG):
        async with using(server) as api:
            assert await fetched(api) == TEXT
    assert f"GET {LOGS} -> 302" in caplog.text
    assert SECRET not in caplog.text
    assert str(store.port) not in caplog.text


# The pretend GitHub


@pytest.fixture
def world() -> World:
    return scenario_named("healthy").build(WorldClock(datetime(2026, 11, 20, 9, tzinfo=UTC), frozen=True))


@pytest.fixture
def github(world: World) -> Iterator[GitHubApi]:
    pretend = SimulatedGitHub(world)
    yield GitHubApi(pretend.start(), FixedTokens(DEMO_TOKEN), FakeClock(), user_agent="runner-console/0")
    pretend.stop()


def key(job: Job) -> JobKey:
    return JobKey(job.run.repository.full_name, job.id)


async def test_a_pretend_log_is_fetched_as_a_real_one(github: GitHubApi, world: World) -> None:
    job = [job for job in world.runs.jobs.values() if job.status == "completed"][-1]
    assert b"".join([chunk async for chunk in await github.job_log(key(job))]) == log_of(job)
    await github.close()


async def test_a_pretend_log_that_is_not_there_is_explained(github: GitHubApi, world: World) -> None:
    running_job = next(job for job in world.runs.jobs.values() if job.status == "in_progress")
    finished = [job for job in world.runs.jobs.values() if job.status == "completed"][-1]
    with pytest.raises(LogError) as unfinished:
        await github.job_log(key(running_job))
    assert "has no log of this job (404)" in unfinished.value.message
    world.clock.move(timedelta(minutes=51))
    with pytest.raises(NotFoundError) as expired:
        await github.job_log(key(finished))
    assert "no longer has the log" in expired.value.message
    with pytest.raises(NotFoundError):
        await github.job_log(JobKey("acme/web", 1))
    await github.close()
