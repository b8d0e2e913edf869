"""The twin of incident-cache: the same lines of 404 and 409 in jobs that do without the cache, or share a key."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.cache_conflict import matrix
from console.simulator.scenarios.cache_service_404 import CLIENT, SERVICE, bundling
from console.simulator.scenarios.incident_cache import PREVIEWED, look_alikes, start
from console.simulator.world import World

BREAKS, BACK = timedelta(minutes=1), timedelta(minutes=3)
"""From the opening on: the cache answers 404 to whoever asks, and nobody depends on it."""


def build(clock: WorldClock) -> World:
    """Builds that only get slower; a matrix whose first job saves the key; tests that print such words and pass."""
    world = acme(clock)
    world.add_repository(CLIENT, description="Our own tools talk to the cache through this")
    world.timeline.at(world.opens_at + BREAKS, partial(world.break_service, SERVICE))
    world.timeline.at(world.opens_at + BACK, partial(world.mend_service, SERVICE))
    preview, api = bundling(world), world.repositories["acme/api"]
    alone = replace(preview, name="Bundle", path=".github/workflows/bundle.yml", jobs=preview.jobs[:1])
    for repository in PREVIEWED:
        for minutes in (-9.0, 1.2):
            start(world, world.repositories[repository], alone, minutes)
    for minutes in (-4, 3.2, 5):
        start(world, api, matrix(world, api), minutes)
    look_alikes(world)
    world.advance()
    return world


def solved(_world: World) -> bool:
    """There is nothing to solve."""
    return True


SCENARIO = Scenario(
    "incident-cache-harmless",
    "404 and 409 of the cache, and all is well",
    "The same lines as in incident-cache, in jobs that end well: nothing is wrong and nothing is to be done.",
    build,
    solved,
)
