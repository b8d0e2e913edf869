"""The same lines as in `incident-jit`: they came once, and the runners take their next jobs."""

from datetime import timedelta
from functools import partial

from console.simulator.clock import WorldClock
from console.simulator.listener_trouble import JIT_REFUSED
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.incident_jit import CONTEXT, members, with_checkout
from console.simulator.world import World

AFTER = (-240.0, 60.0, 150.0, 260.0)
"""Seconds from the opening of the world."""
LASTS = 85.0
"""Long enough for each of the lines."""


def build(clock: WorldClock) -> World:
    """One of them at a time is refused for a minute and a half, while the others do its work."""
    world = with_checkout(clock)
    for seconds in AFTER:
        world.timeline.at(world.opens_at + timedelta(seconds=seconds), partial(refuse_one, world))
    world.advance()
    return world


def refuse_one(world: World) -> None:
    """The newest that idles; by itself it goes on when that is over."""
    idle = [runner for runner in members(world) if runner.takes_jobs]
    if idle:
        world.wedge(idle[-1], JIT_REFUSED)
        world.timeline.after(LASTS, partial(world.recover, idle[-1]))


def solved(_world: World) -> bool:
    """There is nothing to mend."""
    return True


SCENARIO = Scenario(
    "incident-jit-harmless",
    "JIT runners that get over it",
    "The logs of JIT runners speak of bad requests and an open breaker, and they take their next jobs: nothing is to be"
    " done.",
    build,
    solved,
    CONTEXT,
)
