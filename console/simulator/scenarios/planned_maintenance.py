"""A runner that does not update itself: once it is stopped, its host is seen to; nothing else is wrong."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import acme
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import CURRENT_VERSION
from console.simulator.scenarios import Scenario
from console.simulator.world import World

RUNNER, OLD = "prod-linux-07", "2.333.0"
LOOKS_EVERY = 10.0
TAKES = timedelta(seconds=40)
"""So long whoever looks after the host needs for the new version, once the service is stopped."""


def build(clock: WorldClock) -> World:
    """It works; GitHub will soon give its version no jobs."""
    world = acme(clock)
    runner = world.runner(RUNNER)
    runner.version, runner.updates = OLD, False
    world.timeline.every(LOOKS_EVERY, partial(_see_to_it, world))
    world.advance()
    return world


def _see_to_it(world: World) -> None:
    """The new version is unpacked over the old one, while nothing runs there."""
    runner = world.runner(RUNNER)
    stopped = None if runner.diary.running else runner.diary.since
    if stopped is not None and world.timeline.now - stopped >= TAKES:
        runner.unpacked = CURRENT_VERSION


def solved(world: World) -> bool:
    """It is back, with the new version."""
    runner = world.runner(RUNNER)
    return runner.version == CURRENT_VERSION and runner.status == "online"


SCENARIO = Scenario(
    "planned-maintenance",
    "Planned maintenance",
    f"{RUNNER} does not update itself, and GitHub will soon give its version no jobs. Once it is drained, a colleague "
    "updates it within a minute; then it is returned.",
    build,
    solved,
)
