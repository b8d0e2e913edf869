"""Every answer of the pretend GitHub is valid under the official description."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from urllib.parse import quote

import httpx
import pytest

from console.simulator.clock import WorldClock
from console.simulator.endpoints import ENDPOINTS
from console.simulator.inhabitants import Repository, Run
from console.simulator.scenarios import scenario_named, scenarios
from console.simulator.world import World
from tests.simulator.conftest import asking
from tests.simulator.description import description, faults_of

STATUSES = ("queued", "in_progress", "waiting", "pending", "completed", "action_required")
FEW = 2
LOG = "/repos/{owner}/{repo}/actions/jobs/{job_id}/logs"
Question = tuple[str, str]


def of_organization(world: World, login: str) -> Iterator[Question]:
    org = f"/orgs/{login}"
    yield "/orgs/{org}/repos", f"{org}/repos?sort=pushed&per_page=4"
    yield "/orgs/{org}/actions/runners", f"{org}/actions/runners?per_page=30"
    yield "/orgs/{org}/actions/runners/downloads", f"{org}/actions/runners/downloads"
    for runner in islice(world.runners[f"org:{login}"].values(), FEW):
        yield "/orgs/{org}/actions/runners/{runner_id}", f"{org}/actions/runners/{runner.id}"
        if (runner.version or "").replace(".", "").isdigit():
            path = "/orgs/{org}/actions/runners/deprecations/{version}"
            yield path, f"{org}/actions/runners/deprecations/{runner.version}"
    yield "/orgs/{org}/actions/permissions", f"{org}/actions/permissions"
    groups = f"{org}/actions/runner-groups"
    yield "/orgs/{org}/actions/runner-groups", groups
    for group in islice(world.groups[login].values(), 8):
        path = "/orgs/{org}/actions/runner-groups/{runner_group_id}"
        yield path, f"{groups}/{group.id}"
        yield f"{path}/runners", f"{groups}/{group.id}/runners?per_page=3"
        if group.visibility == "selected":
            yield f"{path}/repositories", f"{groups}/{group.id}/repositories"


def of_repository(world: World, repository: Repository) -> Iterator[Question]:
    base, path = f"/repos/{repository.full_name}", "/repos/{owner}/{repo}"
    yield path, base
    yield f"{path}/actions/runners", f"{base}/actions/runners"
    yield f"{path}/actions/runners/downloads", f"{base}/actions/runners/downloads"
    for runner in world.runners[f"repo:{repository.full_name}"].values():
        yield f"{path}/actions/runners/{{runner_id}}", f"{base}/actions/runners/{runner.id}"
    yield f"{path}/actions/runs", f"{base}/actions/runs?per_page=2"
    for status in STATUSES:
        found = [run for run in world.runs.of(repository).values() if status in {run.status, run.conclusion}]
        yield f"{path}/actions/runs", f"{base}/actions/runs?status={status}&per_page=2&exclude_pull_requests=true"
        for run in found[-FEW:]:
            yield f"{path}/actions/runs/{{run_id}}", f"{base}/actions/runs/{run.id}"
            yield f"{path}/actions/runs/{{run_id}}/jobs", f"{base}/actions/runs/{run.id}/jobs?filter=latest"
            attempt = f"{path}/actions/runs/{{run_id}}/attempts/{{attempt_number}}"
            yield attempt, f"{base}/actions/runs/{run.id}/attempts/{run.attempt}"
            yield f"{attempt}/jobs", f"{base}/actions/runs/{run.id}/attempts/{run.attempt}/jobs"
            yield from of_run(world, run, path, base)
            for job in run.jobs[:2]:
                yield f"{path}/actions/jobs/{{job_id}}", f"{base}/actions/jobs/{job.id}"
                yield f"{path}/check-runs/{{check_run_id}}/annotations", f"{base}/check-runs/{job.id}/annotations"
    yield f"{path}/actions/permissions", f"{base}/actions/permissions"
    yield f"{path}/actions/caches", f"{base}/actions/caches?per_page=2"
    yield f"{path}/releases", f"{base}/releases?per_page=4"
    for release in world.shelf.releases(repository):
        yield f"{path}/releases/{{release_id}}", f"{base}/releases/{release.id}"
        if not release.draft:
            yield f"{path}/releases/latest", f"{base}/releases/latest"
            yield f"{path}/releases/tags/{{tag}}", f"{base}/releases/tags/{release.tag}"


def of_run(world: World, run: Run, path: str, base: str) -> Iterator[Question]:
    url = f"{base}/actions/runs/{run.id}"
    yield f"{path}/actions/runs/{{run_id}}/pending_deployments", f"{url}/pending_deployments"
    yield f"{path}/actions/runs/{{run_id}}/concurrency_groups", f"{url}/concurrency_groups"
    yield f"{path}/contents/{{path}}", f"{base}/contents/{quote(run.workflow.path)}?ref={run.head_sha}"
    if world.runs.ahead_of(run) is not None:
        group = f"{base}/actions/concurrency_groups/{run.workflow.concurrency}?ahead_of_run={run.id}"
        yield f"{path}/actions/concurrency_groups/{{concurrency_group_name}}", group


def every_question(world: World) -> Iterator[Question]:
    for path in ("/user", "/user/orgs", "/meta", "/versions", "/rate_limit"):
        yield path, path
    yield "/repos/{owner}/{repo}/releases/latest", "/repos/actions/runner/releases/latest"
    for account in world.accounts.values():
        if account.kind == "Organization":
            yield from of_organization(world, account.login.lower())
    for repository in list(world.repositories.values())[:9]:
        yield from of_repository(world, repository)


async def ask_everything(client: httpx.AsyncClient, world: World) -> set[str]:
    """Ask it all; the paths that were asked."""
    world.faults.clear()
    questions = list(every_question(world))
    for path, url in questions:
        answer = await client.get(url)
        assert answer.status_code == 200, url
        assert faults_of(path, answer.json()) == [], url
    return {path for path, _ in questions}


@pytest.mark.parametrize("name", list(scenarios()))
async def test_every_answer_is_what_github_describes(clock: WorldClock, name: str) -> None:
    world = scenario_named(name).build(clock)
    async with asking(world) as client:
        for minutes in (0, 41):
            clock.move(timedelta(minutes=minutes))
            world.advance()
            await ask_everything(client, world)


@pytest.mark.parametrize("name", ["healthy", "cache-conflict", "approval-and-concurrency"])
async def test_answers_stay_so_when_runs_are_run_again_and_cancelled(clock: WorldClock, name: str) -> None:
    world = scenario_named(name).build(clock)
    async with asking(world) as client:
        for _ in range(3):
            for run in [run for place in world.repositories.values() for run in world.runs.of(place).values()]:
                tail = "rerun" if run.status == "completed" else "cancel" if run.id % 2 else "force-cancel"
                failed = any(job.conclusion in {"failure", "cancelled"} for job in run.jobs)
                tail = "rerun-failed-jobs" if tail == "rerun" and failed else tail
                answer = await client.post(f"/repos/{run.repository.full_name}/actions/runs/{run.id}/{tail}")
                refused = run.conclusion == "action_required"
                assert answer.status_code == (403 if refused else 201 if tail.startswith("rerun") else 202)
            await ask_everything(client, world)
            clock.move(timedelta(minutes=7))
            world.advance()
        assert not any(job.status == "queued" and job.conclusion for job in world.runs.jobs.values())


async def test_every_endpoint_is_among_those_that_are_checked(
    world: World, github: httpx.AsyncClient, clock: WorldClock
) -> None:
    paths = {endpoint.path for endpoint in ENDPOINTS}
    assert paths <= set(description()["paths"])
    held = scenario_named("approval-and-concurrency").build(clock)
    async with asking(held) as client:
        asked = await ask_everything(github, world) | await ask_everything(client, held)
    assert asked == {path for path in paths if not path.endswith("/logs")}
    assert {path for path in paths if path.endswith("/logs")} == {LOG}


async def test_the_log_of_a_job_is_a_redirect_as_github_describes_it(world: World, github: httpx.AsyncClient) -> None:
    job = next(job for job in world.runs.jobs.values() if job.status == "in_progress")
    answer = await github.get(f"/repos/{job.run.repository.full_name}/actions/jobs/{job.id}/logs")
    (described,) = description()["paths"][LOG]["get"]["responses"]
    assert str(answer.status_code) == described == "302"
    assert answer.headers["location"].startswith("https://store.invalid/")


async def test_refusals_are_what_github_describes(github: httpx.AsyncClient) -> None:
    for path in ("/orgs/nobody/repos", "/repos/acme/nothing", "/orgs/acme/actions/runners/1", "/nowhere"):
        answer = await github.get(path)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Not Found"
        assert faults_of("#/components/schemas/basic-error", answer.json()) == []


def test_the_description_would_object() -> None:
    """Guards the guard: what is missing, unknown, null or no date is found."""
    path = "/orgs/{org}/actions/runners/{runner_id}"
    good = {"id": 1, "name": "a", "os": "Linux", "status": "online", "busy": False, "labels": [], "version": None}
    assert faults_of(path, good) == []
    assert faults_of(path, good | {"last_seen": "now"})
    assert faults_of(path, good | {"name": None})
    assert faults_of(path, {key: value for key, value in good.items() if key != "os"})
    assert faults_of(path, good | {"labels": [{"name": "x", "type": "own"}]})
    dated = {"runner_version": "2.1.0", "runtime_deprecates_at": "soon"}
    assert faults_of("/orgs/{org}/actions/runners/deprecations/{version}", dated)
