"""Something was rolled out to one rack, host by host: it has stopped the services of the runners there."""

from datetime import timedelta
from functools import partial

from console.simulator.acme import API_CI, SERVICE_CI, WEB_CI
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import CURRENT_VERSION, Runner
from console.simulator.scenarios import Scenario
from console.simulator.services import act
from console.simulator.workflows import Stream
from console.simulator.world import World

RACKS = ("a", "b", "c")
HIT, OLDER = "b", "2.335.0"
HOSTS_OF_EACH = 9
STRUCK = tuple(f"box-{HIT}{number}" for number in (1, 2, 3, 5, 6, 7, 9))
"""The rollout was called off before it came to the other two."""
BEGINS = timedelta(seconds=100)
"""After the world has opened: who watches has seen them online."""
BETWEEN = timedelta(seconds=15)
AGAIN = 5.0
"""Seconds until it looks again whether a job has ended: it takes no runner from its job."""
STREAMS = (
    Stream("acme/web", WEB_CI, 75, at_most=2),
    Stream("acme/api", API_CI, 105, at_most=2),
    Stream("acme/search-service", SERVICE_CI, 130, at_most=2),
)


def build(clock: WorldClock) -> World:
    """27 hosts in three racks, with one runner each; all is well when somebody begins to look."""
    world = World(clock, seed=3)
    world.add_account("acme")
    for stream in STREAMS:
        world.add_repository(stream.repository)
    default = world.groups["acme"][1]
    for rack in RACKS:
        version, labels = OLDER if rack == HIT else CURRENT_VERSION, ("self-hosted", "Linux", "X64", "docker")
        for number in range(1, HOSTS_OF_EACH + 1):
            name = f"box-{rack}{number}"
            world.add_runner(name, "Linux", (*labels, f"rack-{rack}"), group=default, version=version)
    for stream in STREAMS:
        world.add_stream(stream)
    for place, name in enumerate(STRUCK):
        world.timeline.at(world.opens_at + BEGINS + place * BETWEEN, partial(roll_out, world, world.runner(name)))
    world.advance()
    return world


def roll_out(world: World, runner: Runner) -> None:
    """It stops the service, and never starts it again."""
    if runner.job is not None:
        world.timeline.after(AGAIN, partial(roll_out, world, runner))
    else:
        act(world, runner, "stop")


def solved(world: World) -> bool:
    """It has passed, and all of them are online."""
    passed = all(world.runner(name).diary.starts > 1 for name in STRUCK)
    return passed and all(world.runner(name).status == "online" for name in STRUCK)


SCENARIO = Scenario(
    "one-rack",
    "One rack goes offline",
    "Seven of the nine hosts of one rack go offline within minutes, while all else works: it is neither GitHub nor any "
    "single runner.",
    build,
    solved,
)
