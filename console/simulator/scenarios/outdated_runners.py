"""GitHub stops giving jobs to the version of three runners, which do not update themselves; another one does.

Whoever looks after their hosts puts the new version there once their service has stopped, and starts nothing.
"""

from datetime import timedelta
from functools import partial

from console.simulator.acme import acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import CURRENT_VERSION, Runner
from console.simulator.listener_trouble import UPDATE_TAKES, started_and_refused, updated_itself, version_refused
from console.simulator.red_herrings import once_idle, strew
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, Stream
from console.simulator.world import World

RUNNERS, OLD, LABEL = ("firmware-01", "firmware-02", "firmware-03"), "2.332.0", "firmware"
"""All made of one image, by whose settings none updates itself."""
UPDATES_ITSELF, BEFORE = "prod-linux-09", "2.335.0"
REFUSED_AFTER = timedelta(minutes=3)
"""After the world opened: until then each of them works."""
LOOKS_EVERY = 10.0
TAKES = timedelta(minutes=4)
"""So long whoever looks after a host needs for the new version, once the service there is stopped."""
FLASH = on_main(
    "Firmware",
    "firmware.yml",
    JobPlan("flash and test", ("self-hosted", LABEL), (25, 45), ("Build image", "Flash", "Test")),
)


def build(clock: WorldClock) -> World:
    """All is well when the world opens, but for what GitHub has announced."""
    world = acme(clock, seed=3)
    world.version_ends[OLD] = world.opens_at + REFUSED_AFTER
    group = world.add_group("acme", "Firmware")
    for name in RUNNERS:
        runner = world.add_runner(name, "Linux", ("self-hosted", "Linux", LABEL), group=group, version=OLD)
        runner.updates = False
    for repository, every in (("acme/infra", 40), ("acme/mobile-app", 55)):
        world.add_stream(Stream(repository, FLASH, every, at_most=3))
    world.timeline.at(world.opens_at + REFUSED_AFTER, partial(_refuse, world))
    world.timeline.every(LOOKS_EVERY, partial(_see_to_them, world))
    strew(world)
    world.runner(UPDATES_ITSELF).version = BEFORE
    world.timeline.at(
        world.opens_at + timedelta(seconds=80), partial(once_idle, world, UPDATES_ITSELF, partial(_update, world))
    )
    world.advance()
    return world


def members(world: World) -> list[Runner]:
    """The three, registered again or not."""
    return [runner for runner in world.runners["org:acme"].values() if runner.name in RUNNERS]


def _refuse(world: World) -> None:
    """From now on who asks for work with that version ends, as soon as it has no job; so does who starts with it."""
    for runner in members(world):
        if runner.version == OLD and runner.status == "online" and not runner.busy:
            world.dispatch.disregard(runner)
            runner.diary.end(world.timeline.now, version_refused)
            world.set_status(runner, "offline")
        old = (runner.unpacked or runner.version) == OLD
        runner.service.trouble, runner.service.ends_after = (started_and_refused if old else None), 5.0
    world.timeline.after(LOOKS_EVERY, partial(_refuse, world))


def _see_to_them(world: World) -> None:
    """The new version is put over the old one, while nothing runs there."""
    for runner in members(world):
        stopped = None if runner.diary.running else runner.diary.since
        if runner.version == OLD and stopped is not None and world.timeline.now - stopped >= TAKES:
            runner.unpacked = CURRENT_VERSION


def _update(world: World, runner: Runner) -> None:
    """By itself, as runners do when they are left alone."""
    world.wedge(runner, updated_itself)

    def begin_anew() -> None:
        runner.unpacked = CURRENT_VERSION
        world.restart(runner)

    world.timeline.after(UPDATE_TAKES + 5, begin_anew)


def solved(world: World) -> bool:
    """All three are back with the new version, and what waited for them is taken."""
    now = world.timeline.now
    back = all(runner.version == CURRENT_VERSION and runner.status == "online" for runner in members(world))
    return back and all(now - job.created_at < timedelta(minutes=3) for job in world.queued() if LABEL in job.labels)


SCENARIO = Scenario(
    "outdated-runners",
    "Runners that are outdated",
    f"Three minutes after the console opens GitHub gives version {OLD} no more jobs, and the {len(RUNNERS)} runners "
    "for firmware do not update themselves. Where such a service has stopped, a colleague puts the new version there "
    "within four minutes.",
    build,
    solved,
)
