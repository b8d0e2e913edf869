"""Requests that change the pretend world: what they do, how they are refused, and that GitHub describes them so."""

import json
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from console.simulator.acme import LINUX
from console.simulator.changes import CHANGES
from console.simulator.clock import WorldClock
from console.simulator.host_tree import host_of
from console.simulator.inhabitants import Job, Run, Runner
from console.simulator.job_logs import log_of
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World
from tests.simulator.conftest import NINE, asking
from tests.simulator.description import described, description, faults_of

RUNNERS = "/orgs/acme/actions/runners"
RUNS = "/repos/acme/web/actions/runs"
REFUSED = "#/components/schemas/basic-error"
FLAKY = "flaky"


class Place:
    """A small world with one repository, two runners and one workflow, and a client that changes it."""

    def __init__(self, clock: WorldClock, client: httpx.AsyncClient, world: World) -> None:
        self.clock, self.client, self.world = clock, client, world
        self.failing = {FLAKY}
        self.web = world.repositories["acme/web"]

    def move(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))
        self.world.advance()

    def start(self, *plans: JobPlan, **more: Any) -> Run:
        return self.world.start_run("acme/web", WorkflowPlan("CI", ".github/workflows/ci.yml", plans, fails=0, **more))

    def plan(self, name: str, *needs: str, seconds: float = 30, **more: Any) -> JobPlan:
        def fails(job: Job) -> bool:
            return job.name in self.failing

        return JobPlan(name, ("self-hosted",), (seconds, seconds), needs=needs, fails=fails, **more)

    async def change(self, method: str, path: str, body: object = None, *, described_as: str, status: int) -> Any:
        """What is answered, once it is seen to be what GitHub describes."""
        answer = await self.client.request(method, path, json=body)
        assert answer.status_code == status, answer.text
        if status >= 400:
            assert faults_of(REFUSED, answer.json()) == []
            return answer.json()["message"]
        if "content" not in described(described_as, method, status):
            assert answer.content == b""
            return None
        assert faults_of(described_as, answer.json(), method=method, status=status) == []
        return answer.json()

    async def rerun(self, run: Run, tail: str, status: int = 201, body: object = None) -> Any:
        return await self.change("POST", f"{RUNS}/{run.id}/{tail}", body, described_as=_OF_RUN + tail, status=status)

    async def jobs(self, run: Run, how: str = "jobs") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get(f"{RUNS}/{run.id}/{how}")).json()["jobs"]
        return found


_OF_RUN = "/repos/{owner}/{repo}/actions/runs/{run_id}/"
_OF_RUNNER = "/orgs/{org}/actions/runners/{runner_id}"


@pytest.fixture
async def place(clock: WorldClock) -> AsyncIterator[Place]:
    world = World(clock, warm_up=timedelta())
    world.add_account("acme")
    world.add_repository("acme/web")
    for name in ("one", "two"):
        world.add_runner(name, "Linux", ["self-hosted", "linux", "gpu"], group=world.groups["acme"][1])
    async with asking(world) as client:
        yield Place(clock, client, world)


# Run again


async def test_one_job_runs_again_with_those_that_need_it(place: Place) -> None:
    run = place.start(place.plan("build"), place.plan("lint"), place.plan("deploy", "build"))
    place.move(200)
    before = {job.name: job.id for job in run.jobs}
    build = next(job for job in run.jobs if job.name == "build")
    path = "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun"
    body = {"enable_debug_logging": True}
    await place.change("POST", f"/repos/acme/web/actions/jobs/{build.id}/rerun", body, described_as=path, status=201)
    told = (await place.client.get(f"{RUNS}/{run.id}")).json()
    assert (told["run_attempt"], told["status"], told["conclusion"]) == (2, "queued", None)
    assert told["previous_attempt_url"].endswith(f"/runs/{run.id}/attempts/1")
    place.move(200)
    after = {job["name"]: job for job in await place.jobs(run)}
    assert {name: job["run_attempt"] for name, job in after.items()} == {"build": 2, "lint": 1, "deploy": 2}
    assert after["lint"]["id"] == before["lint"]
    assert after["build"]["id"] != before["build"]
    logs = {job.name: log_of(job) or b"" for job in run.jobs}
    assert {name: b"##[debug]Starting: Build" in log for name, log in logs.items()} == {
        "build": True,
        "lint": False,
        "deploy": True,
    }
    assert b"##[debug]" not in (log_of(build) or b"")
    assert (run.status, run.conclusion) == ("completed", "success")


async def test_failed_jobs_run_again_and_those_that_never_began(place: Place) -> None:
    run = place.start(place.plan(FLAKY), place.plan("lint"), place.plan("deploy", FLAKY))
    place.move(100)
    assert (run.conclusion, {job.name for job in run.jobs}) == ("failure", {FLAKY, "lint"})
    first = next(job.id for job in run.jobs if job.name == FLAKY)
    place.failing.clear()
    await place.rerun(run, "rerun-failed-jobs")
    assert [job["id"] for job in await place.jobs(run) if job["name"] == "lint"] != []
    assert first not in {job["id"] for job in await place.jobs(run)}
    assert first in {job["id"] for job in await place.jobs(run, "jobs?filter=all")}
    assert first in {job["id"] for job in await place.jobs(run, "attempts/1/jobs")}
    place.move(200)
    assert (run.status, run.conclusion, run.attempt) == ("completed", "success", 2)
    assert {job.name: job.attempt for job in run.jobs} == {FLAKY: 2, "lint": 1, "deploy": 2}
    earlier = (await place.client.get(f"{RUNS}/{run.id}/attempts/1")).json()
    assert (earlier["run_attempt"], earlier["conclusion"]) == (1, "failure")


async def test_one_leg_of_a_matrix_runs_again_alone_and_the_run_ends(place: Place) -> None:
    place.failing = {"test (a)", "test (b)"}
    run = place.start(place.plan("test", matrix=("a", "b")), place.plan("deploy", "test"))
    place.move(200)
    place.failing = {"test (b)"}
    leg = next(job for job in run.jobs if job.name == "test (a)")
    path = "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun"
    await place.change("POST", f"/repos/acme/web/actions/jobs/{leg.id}/rerun", described_as=path, status=201)
    place.move(200)
    assert {job.name: (job.attempt, job.conclusion) for job in run.jobs} == {
        "test (a)": (2, "success"),
        "test (b)": (1, "failure"),
    }
    assert (run.status, run.conclusion) == ("completed", "failure")


async def test_a_whole_run_starts_anew(place: Place) -> None:
    run = place.start(place.plan("build"), place.plan("deploy", "build"))
    place.move(200)
    before = {job.id for job in run.jobs}
    await place.rerun(run, "rerun")
    assert [job["name"] for job in await place.jobs(run)] == ["build"]
    place.move(200)
    assert before.isdisjoint(job.id for job in run.jobs)
    assert len(await place.jobs(run, "jobs?filter=all")) == 4
    assert run.conclusion == "success"


async def test_a_run_again_takes_its_place_in_its_concurrency_group(place: Place) -> None:
    plan = place.plan("deploy", seconds=60)
    first = place.start(plan, concurrency="deploy")
    place.move(100)
    second = place.start(plan, concurrency="deploy")
    await place.rerun(first, "rerun")
    assert (second.status, first.status) == ("queued", "pending")
    place.move(200)
    assert (second.conclusion, first.conclusion, len(first.all_jobs())) == ("success", "success", 2)


async def test_what_is_kept_of_an_earlier_attempt_does_not_run_when_the_place_is_free(place: Place) -> None:
    first = place.start(place.plan(FLAKY), place.plan("lint"), concurrency="deploy")
    place.move(100)
    lint = next(job for job in first.jobs if job.name == "lint")
    ended = lint.completed_at
    place.start(place.plan("deploy"), concurrency="deploy")
    await place.rerun(first, "rerun-failed-jobs")
    assert first.status == "pending"
    place.move(200)
    assert (lint.status, lint.completed_at, lint in first.jobs) == ("completed", ended, True)
    assert [job.attempt for job in first.jobs if job.name == FLAKY] == [2]
    assert first.status == "completed"


@pytest.mark.parametrize("tail", ["rerun", "rerun-failed-jobs"])
async def test_what_still_runs_is_not_run_again(place: Place, tail: str) -> None:
    run = place.start(place.plan("build"))
    place.move(10)
    assert await place.rerun(run, tail, 403) == "This workflow is already running"
    path = f"/repos/acme/web/actions/jobs/{run.jobs[0].id}/rerun"
    words = await place.change("POST", path, described_as="", status=403)
    assert words == "The workflow run containing this job is already running"
    assert run.attempt == 1


async def test_a_run_is_run_again_for_a_month_and_fifty_times(place: Place) -> None:
    run = place.start(place.plan(FLAKY))
    place.move(100)
    run.created_at -= timedelta(days=31)
    assert "created over a month ago" in await place.rerun(run, "rerun", 403)
    run.created_at += timedelta(days=31)
    run.attempt = 51
    assert "cannot be retried" in await place.rerun(run, "rerun", 403)
    run.attempt = 50
    await place.rerun(run, "rerun")


async def test_without_a_failed_job_there_is_nothing_to_run_again(place: Place) -> None:
    run = place.start(place.plan("build"))
    place.move(100)
    assert "cannot be retried" in await place.rerun(run, "rerun-failed-jobs", 403)


async def test_all_attempts_are_forgotten_together(place: Place) -> None:
    run = place.start(place.plan("build"))
    place.move(100)
    await place.rerun(run, "rerun")
    place.move(3 * 3600)
    assert place.world.runs.jobs == {}


# Cancel


async def test_a_cancelled_run_ends_once_its_runners_have_heard_of_it(place: Place) -> None:
    run = place.start(place.plan("build", seconds=600), place.plan("deploy", "build"))
    place.move(30)
    await place.rerun(run, "cancel", 202)
    assert run.status == "in_progress"
    place.move(10)
    job = (await place.jobs(run))[0]
    assert (run.conclusion, job["conclusion"]) == ("cancelled", "cancelled")
    assert {step["status"] for step in job["steps"]} == {"completed"}
    assert "cancelled" in {step["conclusion"] for step in job["steps"]}
    assert not place.world.runner("one").busy
    assert await place.rerun(run, "cancel", 409) == "Cannot cancel a workflow run that is completed."
    await place.rerun(run, "force-cancel", 409)


async def test_queued_jobs_are_cancelled_at_once(place: Place) -> None:
    run = place.start(JobPlan("build", ("nowhere",)))
    await place.rerun(run, "cancel", 202)
    assert (run.status, run.conclusion) == ("completed", "cancelled")


async def test_a_runner_that_hears_nothing_is_cancelled_by_force_alone(place: Place) -> None:
    run = place.start(place.plan("build", seconds=600))
    place.move(30)
    busy = next(runner for runner in place.world.runners["org:acme"].values() if runner.busy)
    place.world.set_status(busy, "offline")
    await place.rerun(run, "cancel", 202)
    place.move(60)
    assert run.status == "in_progress"
    await place.rerun(run, "force-cancel", 202)
    assert (run.conclusion, busy.busy) == ("cancelled", False)


# Runners


async def test_an_idle_runner_is_removed_and_then_unknown(place: Place) -> None:
    path = f"{RUNNERS}/{place.world.runner('one').id}"
    await place.change("DELETE", path, described_as=_OF_RUNNER, status=204)
    assert (await place.client.get(path)).status_code == 404
    assert await place.change("DELETE", path, described_as=_OF_RUNNER, status=404) == "Not Found"


async def test_a_busy_runner_is_not_removed(place: Place) -> None:
    runner = place.world.runner("one")
    place.world.set_busy(runner, True)
    words = await place.change("DELETE", f"{RUNNERS}/{runner.id}", described_as=_OF_RUNNER, status=422)
    assert "Runner one is currently running a job and cannot be deleted" in words


async def test_labels_are_added_set_and_taken_away(place: Place) -> None:
    runner = place.world.runner("one")
    path, said = f"{RUNNERS}/{runner.id}/labels", f"{_OF_RUNNER}/labels"

    def names(told: Any) -> list[str]:
        return [label["name"] for label in told["labels"]]

    both = {"labels": ["arm64-2", "GPU"]}
    added = await place.change("POST", path, both, described_as=said, status=200)
    assert names(added) == ["self-hosted", "linux", "gpu", "arm64-2"]
    replaced = await place.change("PUT", path, {"labels": ["big"]}, described_as=said, status=200)
    assert names(replaced) == ["self-hosted", "linux", "big"]
    one = f"{said}/{{name}}"
    assert names(await place.change("DELETE", f"{path}/BIG", described_as=one, status=200)) == ["self-hosted", "linux"]
    assert "read-only" in await place.change("DELETE", f"{path}/linux", described_as=one, status=422)
    await place.change("DELETE", f"{path}/unknown", described_as=one, status=404)
    assert names(await place.change("DELETE", path, described_as=said, status=200)) == ["self-hosted", "linux"]
    bad: list[dict[str, object]] = [{}, {"labels": []}, {"labels": ["x"] * 101}, {"labels": [5]}, {"labels": "x"}]
    for body in bad:
        await place.change("POST", path, body, described_as=said, status=422)


async def test_a_queued_job_starts_once_the_label_is_there(place: Place) -> None:
    run = place.start(JobPlan("train", ("gpu-a10",)))
    place.move(60)
    assert run.status == "queued"
    runner = place.world.runner("one")
    await place.change(
        "POST",
        f"{RUNNERS}/{runner.id}/labels",
        {"labels": ["gpu-a10"]},
        described_as=f"{_OF_RUNNER}/labels",
        status=200,
    )
    place.move(10)
    assert run.status == "in_progress"


@pytest.mark.parametrize("purpose", ["registration", "remove"])
async def test_a_token_is_good_for_its_purpose_for_an_hour(place: Place, purpose: Any) -> None:
    said = f"/orgs/{{org}}/actions/runners/{purpose}-token"
    told = await place.change("POST", f"{RUNNERS}/{purpose}-token", described_as=said, status=201)
    honours = place.world.registrations.honours
    assert honours(told["token"], "org:acme", purpose)
    assert not honours(told["token"], "org:acme", "remove" if purpose == "registration" else "registration")
    assert not honours(told["token"], "repo:acme/web", purpose)
    place.move(3601)
    assert not honours(told["token"], "org:acme", purpose)


JIT = {"name": "jit-1", "runner_group_id": 1, "labels": ["self-hosted", "fast"]}
JIT_PATH = "/orgs/{org}/actions/runners/generate-jitconfig"


async def test_a_configuration_makes_a_runner_that_is_offline_until_it_is_started(place: Place) -> None:
    told = await place.change("POST", f"{RUNNERS}/generate-jitconfig", JIT, described_as=JIT_PATH, status=201)
    listed = (await place.client.get(f"{RUNNERS}?name=jit-1")).json()["runners"]
    assert [(one["id"], one["status"], one["ephemeral"]) for one in listed] == [(told["runner"]["id"], "offline", True)]
    assert [label["name"] for label in listed[0]["labels"]] == ["self-hosted", "fast"]
    files = json.loads(b64decode(told["encoded_jit_config"]))
    assert set(files) == {".runner", ".credentials", ".credentials_rsaparams"}
    assert json.loads(b64decode(files[".runner"]))["AgentName"] == "jit-1"
    started = place.world.start_jit_runner(told["encoded_jit_config"], "one")
    assert started is not None
    assert place.world.start_jit_runner(told["encoded_jit_config"], "one") is None
    run = place.start(JobPlan("build", ("fast",), (30, 30)))
    place.move(20)
    assert run.jobs[0].runner_name == "jit-1"
    place.move(100)
    assert (await place.client.get(f"{RUNNERS}?name=jit-1")).json()["total_count"] == 0
    assert {runner.name for runner in place.world.runners["org:acme"].values()} == {"one", "two"}


async def test_a_configuration_whose_runner_was_removed_starts_nothing(place: Place) -> None:
    told = await place.change("POST", f"{RUNNERS}/generate-jitconfig", JIT, described_as=JIT_PATH, status=201)
    path = f"{RUNNERS}/{told['runner']['id']}"
    await place.change("DELETE", path, described_as=_OF_RUNNER, status=204)
    assert place.world.start_jit_runner(told["encoded_jit_config"], "one") is None


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"name": "ONE"}, 409, "Already exists - A runner with the name ONE already exists."),
        ({"runner_group_id": 999}, 404, "Not Found"),
        ({"runner_group_id": None}, 422, "runner_group_id"),
        ({"labels": []}, 422, "labels"),
        ({"name": " "}, 422, "name"),
    ],
)
async def test_a_configuration_is_refused_as_github_does(
    place: Place, change: dict[str, object], status: int, words: str
) -> None:
    path = f"{RUNNERS}/generate-jitconfig"
    assert words in await place.change("POST", path, JIT | change, described_as=JIT_PATH, status=status)
    assert len(place.world.runners["org:acme"]) == 2


async def test_a_repository_has_its_own_runners_and_the_default_group(place: Place) -> None:
    path, said = "/repos/acme/web/actions/runners", "/repos/{owner}/{repo}/actions/runners"
    await place.change("POST", f"{path}/registration-token", described_as=f"{said}/registration-token", status=201)
    jit = f"{said}/generate-jitconfig"
    told = await place.change("POST", f"{path}/generate-jitconfig", JIT, described_as=jit, status=201)
    wrong = JIT | {"runner_group_id": 2, "name": "jit-2"}
    await place.change("POST", f"{path}/generate-jitconfig", wrong, described_as=jit, status=404)
    own = f"{path}/{told['runner']['id']}"
    await place.change("DELETE", own, described_as=f"{said}/{{runner_id}}", status=204)


# Caches and releases


async def test_a_cache_entry_is_deleted_alone(place: Place) -> None:
    shelf, said = place.world.shelf, "/repos/{owner}/{repo}/actions/caches/{cache_id}"
    for key, ref in (("npm-1", "refs/heads/main"), ("npm-1", "refs/pull/7/merge"), ("npm-12", "refs/heads/main")):
        assert shelf.save_cache(place.web, key, 10, ref)
    listed = (await place.client.get("/repos/acme/web/actions/caches?key=npm-1")).json()["actions_caches"]
    assert len(listed) == 3
    path = f"/repos/acme/web/actions/caches/{listed[0]['id']}"
    await place.change("DELETE", path, described_as=said, status=204)
    assert len(shelf.caches(place.web)) == 2
    await place.change("DELETE", path, described_as=said, status=404)


async def test_deleting_by_key_hits_every_ref_unless_one_is_named(place: Place) -> None:
    shelf, said = place.world.shelf, "/repos/{owner}/{repo}/actions/caches"
    for ref in ("refs/heads/main", "refs/heads/next", "refs/pull/7/merge"):
        shelf.save_cache(place.web, "npm-1", 10, ref)
    path = "/repos/acme/web/actions/caches?key=npm-1"
    one = await place.change("DELETE", f"{path}&ref=refs/heads/next", described_as=said, status=200)
    assert [cache["ref"] for cache in one["actions_caches"]] == ["refs/heads/next"]
    rest = await place.change("DELETE", path, described_as=said, status=200)
    assert rest["total_count"] == 2
    await place.change("DELETE", path, described_as=said, status=404)


async def test_a_draft_is_published_and_a_release_deleted(place: Place) -> None:
    said = "/repos/{owner}/{repo}/releases/{release_id}"
    draft = place.world.shelf.add_release(place.web, "v1.2.0", place.world.actors[0], ("web.tar.gz", 5))
    path = f"/repos/acme/web/releases/{draft.id}"
    told = await place.change("PATCH", path, {"draft": False}, described_as=said, status=200)
    assert (told["draft"], told["tag_name"]) == (False, "v1.2.0")
    assert (await place.client.get("/repos/acme/web/releases/latest")).json()["id"] == draft.id
    await place.change("DELETE", path, described_as=said, status=204)
    await place.change("DELETE", path, described_as=said, status=404)
    await place.change("PATCH", path, {"draft": False}, described_as=said, status=404)


# Manners


ONE_OF_EACH: list[tuple[str, str, str, dict[str, object] | None]] = [
    ("POST", RUNNERS + "/registration-token", "admin:org", None),
    ("DELETE", RUNNERS + "/{one}", "admin:org", None),
    ("POST", "/repos/acme/web/actions/runners/remove-token", "repo", None),
    ("POST", RUNS + "/{run}/rerun", "repo", None),
    ("DELETE", "/repos/acme/web/actions/caches/5", "repo", None),
    ("PATCH", "/repos/acme/web/releases/5", "repo", {"draft": False}),
]


@pytest.mark.parametrize(("method", "path", "scope", "body"), ONE_OF_EACH)
async def test_a_token_that_may_only_read_changes_nothing(
    place: Place, method: str, path: str, scope: str, body: object
) -> None:
    run = place.start(place.plan("build"))
    place.move(100)
    path = path.format(one=place.world.runner("one").id, run=run.id)
    reads = dict.fromkeys(("organization_self_hosted_runners", "administration", "actions", "contents"), "read")
    user = place.world.actors[0]
    place.world.tokens["reads"] = Token(user, "fine-grained", (), {**reads, "metadata": "read"})
    place.world.tokens["other"] = Token(user, "classic", ("admin:org",) if scope == "repo" else ("repo",))
    for secret, statuses in (("reads", {403}), ("other", {403, 404})):
        answer = await place.client.request(method, path, json=body, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code in statuses
    assert (await place.client.get(f"{RUNNERS}?name=one")).json()["total_count"] == 1
    assert run.attempt == 1


async def test_even_in_a_public_repository_a_change_takes_a_right(place: Place) -> None:
    place.web.private = False
    run = place.start(JobPlan("build", LINUX))
    answer = await place.client.post(f"{RUNS}/{run.id}/cancel", headers={"Authorization": ""})
    assert answer.status_code == 401
    place.world.tokens["reads"] = Token(place.world.actors[0], "fine-grained", (), {"actions": "read"})
    answer = await place.client.post(f"{RUNS}/{run.id}/cancel", headers={"Authorization": "Bearer reads"})
    assert answer.status_code == 403
    assert answer.headers["x-accepted-github-permissions"] == "actions=write"


async def test_a_body_that_is_no_json_is_refused(place: Place) -> None:
    for body in (b"{", b"[]", b"\xff"):
        answer = await place.client.post(f"{RUNNERS}/generate-jitconfig", content=body)
        assert (answer.status_code, answer.json()["message"]) == (400, "Problems parsing JSON")


async def test_a_change_after_a_move_is_sent_on_and_not_done(place: Place) -> None:
    run = place.start(place.plan("build"))
    place.world.rename(place.web, "site")
    answer = await place.client.post(f"{RUNS}/{run.id}/cancel")
    assert answer.status_code == 307
    assert answer.headers["location"].endswith(f"/repositories/{place.web.id}/actions/runs/{run.id}/cancel")
    assert run.status == "queued"


def test_an_answer_can_be_lost_after_the_deed(world: World) -> None:
    world.faults.lose_answers(NINE, timedelta(minutes=1), path="/generate-jitconfig$")
    server = SimulatedGitHub(world)
    with httpx.Client(base_url=server.start(), headers={"Authorization": f"Bearer {DEMO_TOKEN}"}) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(f"{RUNNERS}/generate-jitconfig", json=JIT)
        server.stop()
    assert world.runner("jit-1").status == "offline"


async def test_a_change_counts_for_five_in_the_limit_by_the_minute(place: Place) -> None:
    place.clock.thaw()
    place.clock.speed = 0.001
    for _ in range(180):
        assert (await place.client.post(f"{RUNNERS}/remove-token")).status_code == 201
    answer = await place.client.post(f"{RUNNERS}/remove-token")
    assert (answer.status_code, "secondary rate limit" in answer.text) == (403, True)


def test_every_change_is_one_that_github_describes() -> None:
    for endpoint in CHANGES:
        answers = description()["paths"][endpoint.path][endpoint.method.lower()]["responses"]
        assert {"200", "201", "202", "204"} & set(answers)


def test_a_runner_that_was_never_started_is_on_no_machine(clock: WorldClock) -> None:
    world = World(clock)
    world.add_account("acme")
    runner: Runner = world.add_jit_runner("jit-1", ["x"], group=world.groups["acme"][1])
    assert host_of(runner) is None
    world.restart(runner)
    assert host_of(runner) == "jit-1"
