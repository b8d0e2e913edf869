"""What is to be seen beside an incident and proves nothing: lines that are over, machines that look odd and work."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import LAPSES_AFTER, UNAVAILABLE, held_a_while, lost_race, reconnected
from console.simulator.world import World

BRIEF = timedelta(seconds=40)
OUTDATED = "2.334.0"
TRIED_AGAIN = 15.0


def strew(world: World) -> None:
    """An old error that nothing ended, races for jobs that were lost, and an outdated runner that works."""
    world.runner("build-linux-09").version = OUTDATED
    refuse_briefly(world, "prod-linux-12", -25.0)
    for name, minutes in (("build-linux-02", -6.0), ("prod-linux-05", -1.5), ("prod-linux-07", 2.0)):
        at = world.opens_at + timedelta(minutes=minutes)
        world.timeline.at(at, partial(once_idle, world, name, partial(lose_race, world)))


def refuse_briefly(world: World, name: str, minutes: float) -> None:
    """It asks for work in vain for less than a minute, so long after the world opened, and goes on by itself."""

    def begin(runner: Runner) -> None:
        world.wedge(runner, UNAVAILABLE)
        says = () if runner.v2 else (reconnected,)
        world.timeline.after(BRIEF.total_seconds(), partial(world.recover, runner, *says))

    world.timeline.at(world.opens_at + timedelta(minutes=minutes), partial(once_idle, world, name, begin))


def hold_briefly(world: World, name: str, minutes: float) -> None:
    """Somebody starts its service again, and the session of the listener before it lapses within a minute."""

    def begin(runner: Runner) -> None:
        world.launch(runner, held_a_while)
        listens = LAPSES_AFTER + timedelta(seconds=4)
        world.timeline.after(listens.total_seconds(), partial(world.recover, runner))

    world.timeline.at(world.opens_at + timedelta(minutes=minutes), partial(once_idle, world, name, begin))


def once_idle(world: World, name: str, act: Callable[[Runner], None]) -> None:
    """As soon as it has no job."""
    runner = world.runner(name)
    if runner.takes_jobs:
        act(runner)
    else:
        world.timeline.after(TRIED_AGAIN, partial(once_idle, world, name, act))


def lose_race(world: World, runner: Runner) -> None:
    """It is offered a job that another one has taken already."""
    runner.diary.note(lost_race, world.timeline.now)
