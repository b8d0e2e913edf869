"""The twin of incident-build-cache: the cache refuses uploads, and every client says so and goes on."""

from functools import partial

from console.simulator.acme import acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.incident_build_cache import BREAKS, STARTED
from console.simulator.scenarios.incident_cache import start
from console.simulator.scenarios.remote_cache_upload import NEW, SERVICE, building
from console.simulator.world import World


def build(clock: WorldClock) -> World:
    """Nobody builds with the old client, and the cache stays as it is."""
    world = acme(clock)
    world.timeline.at(world.opens_at + BREAKS, partial(world.break_service, SERVICE))
    for name, _, minutes in STARTED:
        workflow = building(world, NEW)
        for minute in minutes:
            start(world, world.repositories[name], workflow, minute)
    world.advance()
    return world


def solved(_world: World) -> bool:
    """There is nothing to solve."""
    return True


SCENARIO = Scenario(
    "incident-build-cache-harmless",
    "Warnings of a build cache",
    "Uploads to the build cache fail, and every job goes well: there is nothing to mend in this fleet.",
    build,
    solved,
)
