"""Logs of pretend jobs: where they are, who gets them, what they look like, and what is said beside them."""

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from console.fleet.scanner import Scanner
from console.fleet.signatures import shipped_catalogue
from console.simulator.acme import LOAD
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.job_logs import annotations_of, log_of
from console.simulator.scenarios import scenario_named
from console.simulator.scenarios.hostile_names import HOSTILE
from console.simulator.server import SimulatedGitHub
from console.simulator.store import store_app
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.simulator.conftest import NINE, asking

AUTHORIZED = {"Authorization": f"Bearer {DEMO_TOKEN}"}
STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ")


@pytest.fixture
async def store(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(store_app(world))
    async with httpx.AsyncClient(transport=transport, base_url="https://store.invalid") as client:
        yield client


def where(job: Job) -> str:
    return f"/repos/{job.run.repository.full_name}/actions/jobs/{job.id}/logs"


async def address(github: httpx.AsyncClient, job: Job) -> str:
    answer = await github.get(where(job))
    assert answer.status_code == 302
    location: str = answer.headers["location"]
    return location


def ended(world: World, conclusion: str = "success") -> Job:
    """The last one."""
    return [job for job in world.runs.jobs.values() if job.conclusion == conclusion and job.started_at][-1]


async def test_a_finished_job_has_a_log_at_another_place(
    world: World, github: httpx.AsyncClient, store: httpx.AsyncClient
) -> None:
    job = ended(world)
    answer = await store.get(await address(github, job))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.content == log_of(job)


async def test_the_store_refuses_a_token(world: World, github: httpx.AsyncClient, store: httpx.AsyncClient) -> None:
    answer = await store.get(await address(github, ended(world)), headers=AUTHORIZED)
    assert (answer.status_code, answer.headers["x-ms-error-code"]) == (403, "AuthenticationFailed")


async def test_an_address_is_good_for_a_minute(
    world: World, clock: WorldClock, github: httpx.AsyncClient, store: httpx.AsyncClient
) -> None:
    location = await address(github, ended(world))
    clock.move(timedelta(seconds=59))
    assert (await store.get(location)).status_code == 200
    clock.move(timedelta(seconds=1))
    expired = await store.get(location)
    assert expired.status_code == 403
    assert "Signature not valid in the specified time frame" in expired.text


async def test_an_address_that_was_changed_is_refused(
    world: World, github: httpx.AsyncClient, store: httpx.AsyncClient
) -> None:
    one, other = [job for job in world.runs.jobs.values() if job.conclusion][-2:]
    location = await address(github, one)
    changed = location.replace(urlsplit(location).path, urlsplit(await address(github, other)).path)
    for wrong in (changed, location.partition("?")[0], location.replace("se=2026", "se=2027")):
        assert (await store.get(wrong)).status_code == 403


async def test_an_unfinished_job_has_no_log_and_the_store_says_so_in_xml(
    world: World, github: httpx.AsyncClient, store: httpx.AsyncClient
) -> None:
    world.runs.cancel(world.queued()[0].run)
    unfinished = [job for job in world.runs.jobs.values() if job.status != "completed"]
    never_began = next(job for job in world.runs.jobs.values() if job.conclusion == "cancelled")
    for job in (*unfinished[:3], never_began):
        answer = await store.get(await address(github, job))
        assert (answer.status_code, answer.headers["x-ms-error-code"]) == (404, "BlobNotFound")
        assert "<Code>BlobNotFound</Code>" in answer.text
        assert log_of(job) is None


async def test_logs_expire_before_their_runs_are_forgotten(
    world: World, clock: WorldClock, github: httpx.AsyncClient
) -> None:
    job = ended(world)
    clock.move(timedelta(minutes=51))
    answer = await github.get(where(job))
    assert (answer.status_code, answer.json()["message"], answer.json()["status"]) == (410, "Server Error", "410")


async def test_a_job_that_does_not_exist_or_may_not_be_seen_is_not_found(
    world: World, github: httpx.AsyncClient
) -> None:
    job = ended(world)
    assert (await github.get("/repos/acme/web/actions/jobs/1/logs")).status_code == 404
    assert (await github.get(f"/repos/acme-labs/gpu-tests/actions/jobs/{job.id}/logs")).status_code == 404
    async with asking(world, token=None) as nobody:
        assert (await nobody.get(where(job))).status_code == 404


def test_the_store_has_a_port_of_its_own(world: World) -> None:
    server = SimulatedGitHub(world)
    with httpx.Client(base_url=server.start(), headers=AUTHORIZED) as client:
        answer = client.get(where(ended(world)))
        location = httpx.URL(answer.headers["location"])
        assert (location.scheme, location.host) == ("http", "127.0.0.1")
        assert location.port not in {None, client.base_url.port}
        assert httpx.get(location).content == log_of(ended(world))
        assert httpx.get(location, headers=AUTHORIZED).status_code == 403
    server.stop()


def test_every_line_of_a_log_has_its_time_and_they_follow_one_another(world: World) -> None:
    job = ended(world)
    log = log_of(job)
    assert log is not None
    assert log.startswith(b"\xef\xbb\xbf")
    lines = log.removeprefix(b"\xef\xbb\xbf").splitlines()
    assert all(STAMP.match(line) for line in lines)
    times = [datetime.fromisoformat(line[:26].decode() + "+00:00") for line in lines]
    assert times == sorted(times)
    assert job.started_at is not None
    assert job.completed_at is not None
    assert job.started_at <= times[0] < times[-1] <= job.completed_at
    text = log.decode()
    for said in (
        "Current runner version: '2.336.0'",
        f"Runner name: '{job.runner_name}'",
        f"Complete job name: {job.name}",
        "##[group]Run actions/checkout@v4",
        "##[endgroup]",
        "\x1b[36;1m",
        "Post job cleanup.",
        "Cleaning up orphan processes",
    ):
        assert said in text


def test_a_log_is_the_same_whenever_it_is_asked_for(world: World, clock: WorldClock) -> None:
    job = ended(world)
    log = log_of(job)
    clock.move(timedelta(minutes=5))
    world.advance()
    assert log == log_of(job)
    again = scenario_named("idle-while-queued").build(WorldClock(NINE, frozen=True))
    assert log == log_of(again.runs.jobs[job.id])


def test_in_a_healthy_fleet_logs_say_why_a_job_failed_and_nothing_of_the_others() -> None:
    world = scenario_named("healthy").build(WorldClock(NINE, frozen=True))
    failed = 0
    for job in world.runs.jobs.values():
        log = log_of(job)
        if log is None:
            continue
        scanner = Scanner(shipped_catalogue(), "job-log")
        scanner.feed(log)
        scanner.end()
        known = {name for name in scanner.counts if name != "job.exit-code"}
        assert (b"##[error]" in log) == bool(known) == (job.conclusion == "failure"), (job.name, known)
        failed += job.conclusion == "failure"
    assert failed


async def test_what_a_step_marks_stands_beside_the_log(world: World, github: httpx.AsyncClient) -> None:
    failed, well = ended(world, "failure"), ended(world)
    log = log_of(failed)
    assert log is not None
    base = f"/repos/{failed.run.repository.full_name}/check-runs/{failed.id}/annotations"
    (told,) = (await github.get(base)).json()
    assert told["annotation_level"] == "failure"
    assert f"##[error]{told['message']}\n".encode() in log
    base = f"/repos/{well.run.repository.full_name}/check-runs/{well.id}/annotations"
    assert (await github.get(base)).json() == []
    assert (await github.get("/repos/acme/web/check-runs/1/annotations")).status_code == 404


def test_a_running_job_has_nothing_beside_its_log(world: World, clock: WorldClock) -> None:
    job = world.start_run("acme/data-pipeline", LOAD).jobs[0]
    clock.move(timedelta(seconds=30))
    world.advance()
    assert job.status == "in_progress"
    assert annotations_of(job) == []


def test_hostile_jobs_have_hostile_logs() -> None:
    world = scenario_named("hostile-names").build(WorldClock(NINE, frozen=True))
    logs = b"".join(filter(None, map(log_of, world.runs.jobs.values())))
    for text in HOSTILE:
        assert text.encode() in logs
    assert b"\xff\xfe" in logs
    assert max(map(len, logs.split(b"\n"))) > 200_000
    messages = [each.message for job in world.runs.jobs.values() for each in annotations_of(job)]
    assert any("\x1b]0;" in message for message in messages)
