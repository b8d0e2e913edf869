"""JIT runners are online and idle, and GitHub refuses their every question for work as a bad request."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import STORYBOOK, acme
from console.simulator.clock import WorldClock
from console.simulator.diary import Words
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import BAD_REQUEST, relaunched
from console.simulator.listener_words import started
from console.simulator.scenarios import Scenario
from console.simulator.workflows import Stream
from console.simulator.world import World

RELAUNCHED_EVERY = 560.0
"""Seconds in which a listener meets ten errors in a row."""
SCOPE = "org:acme"
KEPT = 4
"""So many the autoscaler keeps."""
SCALES_EVERY = 20.0


def build(clock: WorldClock) -> World:
    """It began 26 minutes ago, for each as soon as it was idle; what they would take has waited ever since."""
    world = acme(clock)
    for seconds in range(1200, 1560, 20):
        world.timeline.at(world.opens_at - timedelta(seconds=seconds), partial(refuse, world))
    world.timeline.at(world.opens_at - timedelta(seconds=1560), partial(world.refuses_jit.add, SCOPE))
    world.timeline.at(world.opens_at, partial(scale, world))
    for minutes in (18.0, 12.5, 4.0):
        world.start_run_ago("acme/design-system", replace(STORYBOOK, titles=("Publish the buttons",)), minutes=minutes)
    world.add_stream_at_opening(Stream("acme/web", STORYBOOK, 300, at_most=4))
    world.advance()
    return world


def jit_runners(world: World) -> list[Runner]:
    """All of them, the ones that took the place of others included."""
    return [runner for runner in world.runners["org:acme"].values() if runner.ephemeral]


def refuse(world: World) -> None:
    """From now on, whoever is idle; one that has a job is used up when that ends."""
    for runner in jit_runners(world):
        if runner.takes_jobs:
            world.wedge(runner, BAD_REQUEST)
            world.timeline.after(RELAUNCHED_EVERY, partial(relaunch, world, runner))


def scale(world: World) -> None:
    """Its runners are refused, too, until an ordinary one is registered; then it puts one where one was taken away."""
    own = [runner for runner in jit_runners(world) if not runner.jit]
    if SCOPE not in world.refuses_jit and len(own) < KEPT:
        name = f"arc-linux-{world.random.getrandbits(20):05x}"
        default = world.groups["acme"][1]
        world.add_runner(name, "Linux", ("arc-linux",), group=default, ephemeral=True, host="arc-node")
    world.timeline.after(SCALES_EVERY, partial(scale, world))


def relaunch(world: World, runner: Runner, says: Words = BAD_REQUEST) -> None:
    """Its listener has ended, and run.sh starts it again, to the same answer."""
    if not runner.stuck or runner.id not in world.runners[runner.scope]:
        return
    runner.diary.end(world.timeline.now, relaunched)
    runner.diary.begin(runner, world.timeline.now, started)
    world.wedge(runner, says)
    world.timeline.after(RELAUNCHED_EVERY, partial(relaunch, world, runner, says))


def solved(world: World) -> bool:
    """There are new JIT runners, and nothing waits for one."""
    return not any(runner.stuck for runner in jit_runners(world)) and not any(
        "arc-linux" in job.labels for job in world.queued()
    )


SCENARIO = Scenario(
    "jit-broker-badrequest",
    "JIT runners that are refused",
    "All arc-linux runners are online and idle, and take no job: GitHub calls their questions for work bad requests.",
    build,
    solved,
)
