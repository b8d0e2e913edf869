"""A stuck runner whose host asks its operators for a password: the console does not have it, and says what to allow."""

from dataclasses import replace

from console.simulator.clock import WorldClock
from console.simulator.scenarios import idle_while_queued
from console.simulator.world import World


def build(clock: WorldClock) -> World:
    """As when a runner idles while jobs wait; but sudo asks."""
    world = idle_while_queued.build(clock)
    world.runner(idle_while_queued.STUCK).service.sudo = "password"
    return world


SCENARIO = replace(
    idle_while_queued.SCENARIO,
    id="sudo-password",
    title="sudo asks for a password",
    summary=f"{idle_while_queued.STUCK} is stuck, and its host lets nobody restart a service without a password.",
    build=build,
)
