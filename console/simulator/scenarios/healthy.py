"""Everything works: a fleet at its everyday work."""

from console.simulator.acme import RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Context, Scenario
from console.simulator.world import World


def build(clock: WorldClock) -> World:
    """The everyday work, releases included."""
    world = acme(clock)
    for stream in RELEASES:
        world.add_stream(stream)
    world.advance()
    return world


def solved(_world: World) -> bool:
    """There is nothing to solve."""
    return True


SCENARIO = Scenario(
    "healthy",
    "A healthy fleet",
    "Some fifty runners at their everyday work; no job waits longer than a minute.",
    build,
    solved,
    Context(("org:acme", "repo:acme-labs/gpu-tests"), ("acme/*", "acme-labs/gpu-tests")),
)
