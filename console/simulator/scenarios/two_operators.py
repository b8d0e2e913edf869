"""A stuck runner that another operator is at work on: whoever comes second is told who, and that it is mended then."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator import services
from console.simulator.clock import WorldClock
from console.simulator.scenarios import idle_while_queued
from console.simulator.world import World

AT_WORK = 120.0
"""Seconds from the opening on."""


def build(clock: WorldClock) -> World:
    """The other one looks for two minutes, and then restarts it."""
    world = idle_while_queued.build(clock)
    world.timeline.at(world.opens_at, partial(take, world))
    return world


def take(world: World) -> None:
    """The other one begins."""
    runner, since = world.runner(idle_while_queued.STUCK), world.timeline.now - timedelta(seconds=14)
    services.hold(world, runner, f"bob@192.0.2.9: restart, since {since:%Y-%m-%dT%H:%M:%SZ}", AT_WORK)
    world.timeline.after(AT_WORK, partial(finish, world))


def finish(world: World) -> None:
    """And has done it, unless it takes jobs again."""
    runner = world.runner(idle_while_queued.STUCK)
    if runner.stuck:
        services.act(world, runner, "restart")


SCENARIO = replace(
    idle_while_queued.SCENARIO,
    id="two-operators",
    title="Two operators at once",
    summary=f"{idle_while_queued.STUCK} is stuck, and somebody else is at work on it already.",
    build=build,
)
