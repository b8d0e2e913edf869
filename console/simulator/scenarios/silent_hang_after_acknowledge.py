"""A runner acknowledges a job and says nothing more: GitHub gives the job up after ten minutes."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import STORYBOOK, acme
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Runner
from console.simulator.scenarios import Scenario
from console.simulator.workflows import Stream
from console.simulator.world import World

VERSION = "2.337.0"


def build(clock: WorldClock) -> World:
    """One hung 17 minutes ago, and its job has failed since; another one hung 5 minutes ago."""
    world = acme(clock)
    for runner in ephemeral(world):
        runner.version = VERSION
    for minutes in (17.0, 5.0):
        world.timeline.at(world.opens_at - timedelta(minutes=minutes), partial(hang_next, world))
        world.start_run_ago("acme/web", STORYBOOK, minutes=minutes)
    world.add_stream_at_opening(Stream("acme/web", STORYBOOK, 300, at_most=2))
    world.advance()
    return world


def ephemeral(world: World) -> list[Runner]:
    """Those of the version that hangs at times."""
    return [runner for runner in world.runners["org:acme"].values() if runner.ephemeral]


def hang_next(world: World) -> None:
    """Whichever of them has waited longest: the next job is its."""
    idle = [runner for runner in ephemeral(world) if runner.takes_jobs]
    if idle:
        idle[0].hangs = True
    else:
        world.timeline.after(5, partial(hang_next, world))


def solved(world: World) -> bool:
    """Whatever hung was started again or is gone, and nothing waits for one."""
    return not any(runner.stuck for runner in ephemeral(world)) and not any(
        job.status == "queued" and "arc-linux" in job.labels for job in world.runs.jobs.values()
    )


SCENARIO = Scenario(
    "silent-hang-after-acknowledge",
    "Acknowledged, then silence",
    f"Two arc-linux runners ({VERSION}) are online and idle, but have said yes to a job and nothing since.",
    build,
    solved,
)
