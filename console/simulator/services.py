"""What systemd does with the service of a pretend runner when it is told to, whatever that costs."""

from datetime import datetime
from functools import partial
from typing import Literal

from console.simulator.guids import guid
from console.simulator.inhabitants import Runner
from console.simulator.world import World

Verb = Literal["start", "restart", "stop"]


def invocation(runner: Runner) -> str:
    """systemd's id of its present, or last, run."""
    return guid("invocation", f"{runner.id} {runner.diary.starts}").replace("-", "")


def listening_since(runner: Runner, now: datetime) -> datetime | None:
    """When its listener last said that it listens."""
    said = [line.at for line in runner.diary.journal(runner, now) if line.text.endswith("Listening for Jobs")]
    return max(said, default=None)


def act(world: World, runner: Runner, verb: Verb) -> None:
    """A job that runs there is cancelled: nobody asks first."""
    if verb != "start" and runner.job is not None:
        world.dispatch.interrupt(runner.job)
    if verb == "stop":
        world.set_status(runner, "offline")
    else:
        _start(world, runner)


def hold(world: World, runner: Runner, note: str, seconds: float) -> None:
    """Another operator is at work on it for so long, and has left this note."""
    runner.service.held_by = note

    def let_go() -> None:
        runner.service.held_by = ""

    world.timeline.after(seconds, let_go)


def _start(world: World, runner: Runner) -> None:
    trouble = runner.service.trouble
    if trouble is None:
        world.restart(runner)
        return
    service = runner.service
    world.fail_to_start(runner, trouble, service.ends_after)
    world.timeline.after(service.ends_after, partial(_gone, world, runner, runner.diary.starts))
    if service.next_trouble is not None:
        service.trouble, service.ends_after = service.next_trouble
        service.next_trouble = None


def _gone(world: World, runner: Runner, begun: int) -> None:
    """Its listener has ended, unless somebody has started another one meanwhile."""
    if runner.diary.starts == begun:
        world.set_status(runner, "offline")
