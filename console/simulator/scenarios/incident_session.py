"""A runner of two years' standing idles while jobs wait; its session is only the first of what is wrong with it.

Its listener asks in vain (ServiceUnavailable). Started again it meets the session of the one before, which had to be
killed, and gives up after four minutes. Started once more it learns that GitHub has dropped its registration meanwhile.
"""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import RELEASE, RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import CONFLICT_LIMIT, conflicted, unregistered
from console.simulator.red_herrings import once_idle, strew
from console.simulator.scenarios import Scenario
from console.simulator.world import World

RUNNER = "prod-linux-03"
SEED = 9
"""So that nobody's jobs fail of the same on two machines: that would be another incident."""
BEGINS = 0.2
"""Minutes after the world opens."""
RELEASES_OF_THE_DAY = (("acme/infra", -11.0), ("acme/web", -0.7), ("acme/api", 0.8), ("acme/mobile-app", 2.5))
"""The first is the last one that it signs; minutes after the world opens."""


def build(clock: WorldClock) -> World:
    """All is well when the world opens. The first release waits within a minute, three of them within five."""
    world = two_years_on(clock)
    begins = world.opens_at + timedelta(minutes=BEGINS)
    world.timeline.at(begins, partial(once_idle, world, RUNNER, partial(strike, world)))
    world.advance()
    return world


def two_years_on(clock: WorldClock) -> World:
    """The fleet with its old runner, the releases that only it signs, and what proves nothing."""
    world = acme(clock, SEED)
    world.runner(RUNNER).v2 = False  # registered before there was another protocol
    for repository, minutes in RELEASES_OF_THE_DAY:
        world.start_run_ago(repository, RELEASE, minutes=-minutes)
    for stream in RELEASES:
        world.add_stream_at_opening(replace(stream, at_most=2))
    strew(world)
    return world


def strike(world: World, runner: Runner) -> None:
    """From now on it gets no job; whoever starts it again meets the rest, one after the other."""
    world.wedge(runner)
    service = runner.service
    service.trouble, service.ends_after = conflicted, CONFLICT_LIMIT.total_seconds() + 3
    service.next_trouble = unregistered, 3.0


def solved(world: World) -> bool:
    """It was registered anew, and speaks the newer protocol since; no release waits."""
    found = [runner for runner in world.runners["org:acme"].values() if runner.name == RUNNER]
    anew = any(runner.v2 and runner.status == "online" and not runner.stuck for runner in found)
    return anew and not any("release-signing" in job.labels for job in world.queued())


SCENARIO = Scenario(
    "incident-session",
    "An old runner idles while jobs wait",
    f"{RUNNER}, registered two years ago, stops taking jobs a minute after the console opens, and releases wait for it."
    " What is found first is not all of it.",
    build,
    solved,
)
