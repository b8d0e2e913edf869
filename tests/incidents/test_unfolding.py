"""Incidents begin in a healthy fleet, unfold within minutes, and are solved by nothing but what helps."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Run
from console.simulator.scenarios import Scenario, scenario_named
from console.simulator.scenarios.incident_cache import newest
from console.simulator.world import World
from tests.ui.test_demo_with_hosts import OPENED

NAMES = ("incident-cache", "incident-build-cache", "incident-release")


def opened(name: str) -> tuple[Scenario, World]:
    scenario = scenario_named(name)
    return scenario, scenario.build(WorldClock(OPENED, frozen=True))


def passing(world: World, minutes: int) -> Iterator[World]:
    for _ in range(minutes * 3):
        world.clock.move(timedelta(seconds=20))
        world.advance()
        yield world


def until(world: World, minutes: int) -> None:
    for _ in passing(world, minutes):
        pass


def failed(world: World, *workflows: str) -> list[Job]:
    return [
        job for job in world.runs.jobs.values() if job.conclusion == "failure" and job.run.workflow.name in workflows
    ]


def run_again(world: World, run: Run) -> None:
    world.runs.rerun(run, world.actors[0], [job for job in run.jobs if job.conclusion == "failure"])


@pytest.mark.parametrize("name", NAMES)
def test_waiting_alone_never_solves_it(name: str) -> None:
    scenario, world = opened(name)
    assert all(not scenario.solved(world) for _ in passing(world, 40))


@pytest.mark.parametrize("name", [f"{name}-harmless" for name in NAMES])
def test_of_its_twin_nothing_has_to_be_solved(name: str) -> None:
    scenario, world = opened(name)
    assert all(scenario.solved(world) for _ in passing(world, 10))
    assert not failed(world, "Compatibility", "Preview", "Bundle", "Build", "Publish", "Draft release")


@pytest.mark.parametrize(
    ("name", "workflows", "first", "last"),
    [("incident-cache", ("Compatibility", "Preview"), 3, 8), ("incident-build-cache", ("Build",), 4, 7)],
)
def test_it_begins_after_the_opening_and_is_whole_within_eight_minutes(
    name: str, workflows: tuple[str, ...], first: int, last: int
) -> None:
    _, world = opened(name)
    assert failed(world, *workflows) == []
    until(world, first)
    begun = len(failed(world, *workflows))
    assert begun > 0
    until(world, last - first)
    whole = len(failed(world, *workflows))
    assert whole > begun
    until(world, 10)
    assert len(failed(world, *workflows)) == whole


def test_keys_that_are_held_fail_every_attempt_until_they_are_deleted() -> None:
    scenario, world = opened("incident-cache")
    until(world, 9)
    web = world.repositories["acme/web"]
    run = newest(world, "acme/web", "Compatibility")
    others = [newest(world, f"acme/{name}-service", "Preview") for name in ("payments", "search")]
    for each in (run, *others):
        run_again(world, each)
    until(world, 3)
    assert (run.attempt, run.conclusion) == (2, "failure")
    assert not scenario.solved(world)
    for key in {cache.key for cache in world.shelf.everything(web) if not cache.finished}:
        world.shelf.delete_cache(web, key)
    run_again(world, run)
    until(world, 3)
    assert scenario.solved(world)


def test_a_build_that_is_run_again_before_the_cache_answers_fails_again() -> None:
    scenario, world = opened("incident-build-cache")
    until(world, 5)
    run = newest(world, "acme/payments-service", "Build")
    run_again(world, run)
    until(world, 4)
    assert (run.attempt, run.conclusion) == (2, "failure")
    for name in ("web", "payments-service"):
        run_again(world, newest(world, f"acme/{name}", "Build"))
    until(world, 4)
    assert scenario.solved(world)
