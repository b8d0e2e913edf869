"""GitHub lists a runner whose registration it no longer knows: its listener ends, and no restart helps."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator import services
from console.simulator.acme import RELEASE, RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import unregistered
from console.simulator.scenarios import Scenario
from console.simulator.world import World

RUNNER = "prod-linux-03"


def build(clock: WorldClock) -> World:
    """The host was restarted 16 minutes ago, and its runner never came back."""
    world = acme(clock)
    world.timeline.at(world.opens_at - timedelta(minutes=16), partial(lose_registration, world, world.runner(RUNNER)))
    world.start_run_ago("acme/infra", RELEASE, minutes=19)  # the last one that it took
    world.start_run_ago("acme/mobile-app", RELEASE, minutes=13)
    world.start_run_ago("acme/api", RELEASE, minutes=6)
    for stream in RELEASES:
        world.add_stream_at_opening(replace(stream, at_most=4))
    world.advance()
    return world


def lose_registration(world: World, runner: Runner) -> None:
    """It tries once more, and GitHub calls it offline from then on."""
    runner.service.trouble, runner.service.ends_after = unregistered, 3.0
    services.act(world, runner, "restart")


def solved(world: World) -> bool:
    """Somebody has registered it again, and no release waits."""
    runner = world.runner(RUNNER)
    waiting = any("release-signing" in job.labels for job in world.queued())
    return runner.takes_jobs and not waiting


SCENARIO = Scenario(
    "registration-lost",
    "A registration that is gone",
    f"{RUNNER} is offline and releases wait: GitHub has dropped its registration, and only its own log says so.",
    build,
    solved,
)
