"""The disk of one host is full: its runner takes job after job, and its worker crashes in each of them."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import acme
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Runner
from console.simulator.scenarios import Scenario
from console.simulator.world import World

RUNNER = "build-linux-05"


def build(clock: WorldClock) -> World:
    """Since 24 minutes: nobody notices, for it is online and jobs fail elsewhere too."""
    world = acme(clock)
    world.timeline.at(world.opens_at - timedelta(minutes=24), partial(fill, world.runner(RUNNER)))
    world.advance()
    return world


def fill(runner: Runner) -> None:
    """No byte is left from now on."""
    runner.full = True


def solved(world: World) -> bool:
    """There is room, and a job went well there since."""
    runner = world.runner(RUNNER)
    ended = [job for job in world.runs.jobs.values() if job.machine is runner and job.completed_at is not None]
    last = max(ended, key=lambda job: job.completed_at or job.created_at, default=None)
    return not runner.full and last is not None and not last.crashed


SCENARIO = Scenario(
    "disk-full",
    "A full disk",
    f"Jobs of all repositories fail within seconds on {RUNNER}, and leave no log on GitHub: there is no room for it.",
    build,
    solved,
)
