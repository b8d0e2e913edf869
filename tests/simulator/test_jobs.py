"""Jobs as the pretend GitHub tells them: without a runner, running, finished."""

from datetime import timedelta
from typing import Any

import httpx

from console.simulator.acme import LOAD
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.world import World


async def told(github: httpx.AsyncClient, job: Job) -> dict[str, Any]:
    answer = await github.get(f"/repos/{job.run.repository.full_name}/actions/jobs/{job.id}")
    found: dict[str, Any] = answer.json()
    return found


async def test_no_runner_yet_comes_in_three_shapes(world: World, clock: WorldClock, github: httpx.AsyncClient) -> None:
    clock.move(timedelta(hours=1))
    world.advance()
    shapes = set()
    for job in world.queued():
        found = await told(github, job)
        shapes.add((found["runner_id"], found["runner_name"]))
        assert found["steps"] == []
        assert found["started_at"] == found["created_at"]
    assert shapes == {(0, ""), (None, None), (None, "")}


async def test_a_job_can_be_queued_in_a_run_that_is_in_progress(world: World, github: httpx.AsyncClient) -> None:
    job = world.queued()[0]
    run = (await github.get(f"/repos/acme/web/actions/runs/{job.run.id}")).json()
    assert run["status"] == "in_progress"
    assert (await told(github, job))["status"] == "queued"


async def test_the_steps_of_a_running_job_go_on(world: World, clock: WorldClock, github: httpx.AsyncClient) -> None:
    run = world.start_run("acme/data-pipeline", LOAD)
    clock.move(timedelta(seconds=10))

    def ended(found: dict[str, Any]) -> int:
        return [step["status"] for step in found["steps"]].count("completed")

    world.advance()
    job = run.jobs[0]
    before = await told(github, job)
    assert before["runner_name"] == job.runner_name
    clock.move(timedelta(minutes=2))
    after = await told(github, job)
    clock.move(timedelta(minutes=15))
    over = await told(github, job)
    assert ended(before) < ended(after) < ended(over) == len(over["steps"])
    assert {(step["status"], step["conclusion"]) for step in after["steps"]} == {
        ("completed", "success"),
        ("in_progress", None),
        ("queued", None),
    }
    assert [step["number"] for step in over["steps"]] == list(range(1, len(over["steps"]) + 1))
    assert (over["status"], over["conclusion"]) == ("completed", "success")
    assert over["runner_id"] == before["runner_id"]
    assert before["created_at"] <= before["started_at"] < over["completed_at"]
