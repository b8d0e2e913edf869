"""A machine died in the middle of a job: GitHub calls its runner busy for some more minutes, and keeps it that long."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

DEAD, ALIVE = "render-01", "render-02"
LABELS = (*LINUX, "render")
REPOSITORY = "acme/data-pipeline"
GIVEN_UP_AFTER = timedelta(minutes=10)
"""So long GitHub waits for a runner that is silent, before it gives up its job."""


def build(clock: WorldClock) -> World:
    """It has been dead for 6 minutes; another one of its kind has come in its place."""
    world = acme(clock)
    group = world.runner("build-linux-01").group
    world.add_runner(DEAD, "Linux", LABELS, group=group)
    died = world.opens_at - timedelta(minutes=6)
    world.timeline.at(died - timedelta(minutes=9), partial(world.start_run, REPOSITORY, rendering((10_000, 10_000))))
    world.timeline.at(died, partial(die, world))
    world.timeline.at(died + timedelta(minutes=2), partial(world.add_runner, ALIVE, "Linux", LABELS, group=group))
    world.add_stream_at_opening(Stream(REPOSITORY, rendering((120, 200)), 400, at_most=1))
    world.advance()
    return world


def rendering(seconds: tuple[float, float]) -> WorkflowPlan:
    """Wants a runner of their kind."""
    return on_main("Render", "render.yml", JobPlan("render catalogue", LABELS, seconds, ("Fetch", "Render", "Upload")))


def die(world: World) -> None:
    """Nobody tells GitHub."""
    runner = world.runner(DEAD)
    world.set_status(runner, "offline")
    if runner.job is not None:
        world.timeline.after(GIVEN_UP_AFTER.total_seconds(), partial(give_up, world, runner.job))


def give_up(world: World, job: Job) -> None:
    """GitHub has not heard of it for too long."""
    if job.status == "in_progress":
        world.lose(job)


def solved(world: World) -> bool:
    """It is not listed any more."""
    return all(runner.name != DEAD for runner in world.runners["org:acme"].values())


SCENARIO = Scenario(
    "zombie-runner",
    "A runner that is dead and busy",
    f"{DEAD} died with its job. GitHub calls it busy for some minutes, and does not let it be removed before.",
    build,
    solved,
)
