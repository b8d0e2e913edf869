"""The twin of incident-release: the same two workflows write releases, one after the other, and all is well."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.incident_release import AFTER, BEFORE, PUSHED, release_at
from console.simulator.scenarios.release_draft_race import drafting
from console.simulator.world import World

NEXT = timedelta(minutes=4)
"""From the opening on: then somebody merges what the version after this one will have."""


def build(clock: WorldClock) -> World:
    """The drafter ends before the publisher; later it writes the draft of a version that is not out yet."""
    world = acme(clock)
    for pushed in PUSHED:
        release_at(world, pushed._replace(drafted=BEFORE))
    web = world.repositories["acme/web"]
    following = drafting(world, web, "v2.6.0", AFTER)
    world.timeline.at(world.opens_at + NEXT, partial(world.start_run, web.full_name, following))
    world.advance()
    return world


def solved(_world: World) -> bool:
    """There is nothing to solve."""
    return True


SCENARIO = Scenario(
    "incident-release-harmless",
    "Releases that come out well",
    "The same workflows draft and publish releases, in the right order: nothing is wrong and nothing is to be done.",
    build,
    solved,
)
