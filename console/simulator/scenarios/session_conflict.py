"""A second listener held a runner's session while its service was started again: it gave up, and stays down."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import RELEASE, RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.listener_trouble import CONFLICT_LIMIT, conflicted
from console.simulator.scenarios import Scenario
from console.simulator.world import World

RUNNER = "prod-linux-03"


def build(clock: WorldClock) -> World:
    """Restarted 17 minutes ago, it gave up after 4; the second listener was found and stopped 9 minutes ago."""
    world = acme(clock)
    runner = world.runner(RUNNER)
    ends_after = CONFLICT_LIMIT.total_seconds() + 3
    world.timeline.at(
        world.opens_at - timedelta(minutes=17), partial(world.fail_to_start, runner, conflicted, ends_after)
    )
    world.timeline.at(world.opens_at - timedelta(minutes=9), partial(world.set_status, runner, "offline"))
    world.start_run_ago("acme/infra", RELEASE, minutes=20)  # the last one that it took
    world.start_run_ago("acme/web", RELEASE, minutes=12)
    world.start_run_ago("acme/api", RELEASE, minutes=7)
    for stream in RELEASES:
        world.add_stream_at_opening(replace(stream, at_most=4))
    world.advance()
    return world


def solved(world: World) -> bool:
    """Its service was started again, and no release waits."""
    runner = world.runner(RUNNER)
    waiting = any("release-signing" in job.labels for job in world.queued())
    return runner.status == "online" and not runner.stuck and not waiting


SCENARIO = Scenario(
    "session-conflict",
    "A session that another listener held",
    f"{RUNNER} is offline and releases wait: its service gave up, and its unit looks as if all were well.",
    build,
    solved,
)
