"""A runner is online and idle, and jobs that only it can take wait: its session is stuck."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import RELEASE, RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Context, Scenario
from console.simulator.world import World

STUCK = "prod-linux-03"


def build(clock: WorldClock) -> World:
    """The oldest job has waited for 14 minutes when the console is opened, and more keep coming."""
    world = acme(clock)
    stuck = world.runner(STUCK)
    stuck.v2 = False  # of the older protocol: it tries again without end, and says so once
    world.timeline.at(world.opens_at - timedelta(minutes=22), partial(world.wedge, stuck))
    world.start_run_ago("acme/infra", RELEASE, minutes=24.5)  # the last one that it took
    world.start_run_ago("acme/web", RELEASE, minutes=15.7)
    world.start_run_ago("acme/api", RELEASE, minutes=10.2)
    world.start_run_ago("acme/mobile-app", RELEASE, minutes=5.9)
    offline = partial(world.set_status, world.runner("build-linux-11"), "offline")
    world.timeline.at(world.opens_at - timedelta(minutes=48), offline)
    world.runner("mac-mini-04").version = "2.335.0"
    for stream in RELEASES:
        world.add_stream_at_opening(replace(stream, at_most=4))
    world.advance()
    return world


def solved(world: World) -> bool:
    """The runner takes jobs again, and none of them waits."""
    return not world.runner(STUCK).stuck and not any("release-signing" in job.labels for job in world.queued())


SCENARIO = Scenario(
    "idle-while-queued",
    "Idle while jobs wait",
    f"{STUCK} is online and idle, and takes no job; releases wait for it.",
    build,
    solved,
    Context(("org:acme", "repo:acme-labs/gpu-tests"), ("acme/*", "acme-labs/gpu-tests")),
)
