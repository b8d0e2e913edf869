"""The same lines as in `incident-session`, and all of them are over: nothing is wrong."""

from datetime import timedelta
from functools import partial

from console.simulator import services
from console.simulator.clock import WorldClock
from console.simulator.listener_trouble import unregistered
from console.simulator.red_herrings import hold_briefly, refuse_briefly
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.incident_session import RUNNER, two_years_on
from console.simulator.world import World

ONCE_LOST = "prod-linux-08"
"""Its registration was lost an hour ago, and somebody has registered it anew since."""


def build(clock: WorldClock) -> World:
    """ServiceUnavailable for less than a minute on three hosts, and a session that lapses after a restart."""
    world = two_years_on(clock)
    world.timeline.at(world.opens_at - timedelta(minutes=58), partial(lose, world))
    world.timeline.at(world.opens_at - timedelta(minutes=52), partial(register, world))
    for name in (RUNNER, "prod-linux-12", "build-linux-06"):
        refuse_briefly(world, name, 1.6)
    hold_briefly(world, RUNNER, 4.2)
    world.advance()
    return world


def lose(world: World) -> None:
    """Started again it learns that GitHub does not know it."""
    runner = world.runner(ONCE_LOST)
    runner.service.trouble = unregistered
    services.act(world, runner, "restart")


def register(world: World) -> None:
    """Somebody has seen it."""
    world.register_again(world.runner(ONCE_LOST))


def solved(_world: World) -> bool:
    """There is nothing to mend."""
    return True


SCENARIO = Scenario(
    "incident-session-harmless",
    "An old runner that gets over it",
    f"The log of {RUNNER} speaks of ServiceUnavailable and of a session conflict, and it goes on: nothing is to be"
    " done.",
    build,
    solved,
)
