"""Nothing is wrong yet: versions, disks, listeners and queues that will be, beside a fleet that works."""

from datetime import timedelta
from functools import partial

from console.fleet.past import Past
from console.simulator.acme import HUM, LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import relaunched
from console.simulator.scenarios import Scenario
from console.simulator.watched_past import absent, back_again, filling, usual_waits
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

OLD = {"arm-linux-03": "2.334.0", "arm-linux-04": "2.334.0", "win-build-04": "2.331.0"}
ABSENT, ABSENT_FOR = "build-linux-13", timedelta(days=12, hours=3)
FILLS, PER_MINUTE = "build-linux-11", 55_000
"""KiB that its disk loses in a minute."""
ROOM = 15_000_000
LOOPS, LOOPS_EVERY = "build-linux-06", 75.0
TWICE = "prod-linux-08"
ORPHANED = "prod-linux-11"
BENCH = "bench-01"
RELEASED = ("release-01", "release-02")
SLOW_LABELS = (*LINUX, "android")


def once(name: str, label: str, seconds: tuple[float, float]) -> WorkflowPlan:
    """One job for runners with that label."""
    return on_main(name, f"{label}.yml", JobPlan(name.lower(), (*LINUX, label), seconds, ("Fetch", "Run", "Report")))


LAB = "acme-labs/gpu-tests"
ENDURANCE = once("Endurance", "bench", (95_000, 95_000))
ANDROID = once("Android", "android", (170, 240))
MIGRATION = once("Migration", "migration", (1_500, 1_500))


def build(clock: WorldClock) -> World:
    """Each of them has begun hours or days ago."""
    world = acme(clock, seed=5)
    for name, version in OLD.items():
        world.runner(name).version = version
    world.set_status(world.runner(ABSENT), "offline")
    _queue(world)
    _machines(world)
    world.advance()
    return world


def _queue(world: World) -> None:
    """A job that has waited for most of a day, and a set of labels with too few runners since an hour."""
    group = world.runner("build-linux-01").group
    world.add_runner(BENCH, "Linux", (*LINUX, "bench"), group=group)
    for name in RELEASED:
        world.add_runner(name, "Linux", SLOW_LABELS, group=group)
    world.start_run_ago("acme/data-pipeline", ENDURANCE, minutes=125)
    world.timeline.at(world.opens_at - timedelta(minutes=120), partial(_queue_long_ago, world))
    android = Stream("acme/mobile-app", ANDROID, 70, at_most=14)
    world.timeline.at(world.opens_at - timedelta(minutes=100), partial(world.add_stream, android))


def _queue_long_ago(world: World) -> None:
    run = world.start_run("acme/data-pipeline", ENDURANCE)
    run.created_at = world.opens_at - timedelta(hours=21, minutes=10)
    for job in run.jobs:
        job.created_at = run.created_at


def _machines(world: World) -> None:
    fills, twice, loops = world.runner(FILLS), world.runner(TWICE), world.runner(LOOPS)
    fills.free = ROOM
    world.timeline.at(world.opens_at, partial(world.timeline.every, 60, partial(_fill, fills)))
    twice.twin = True
    world.timeline.at(world.opens_at - timedelta(minutes=40), partial(_loop, world, loops))
    group = world.runner("build-linux-01").group
    world.remove_runner(world.runner(ORPHANED))
    world.add_runner(ORPHANED, "Linux", (*LINUX, "migration"), group=group)
    world.start_run_ago("acme/infra", MIGRATION, minutes=22)
    world.timeline.at(world.opens_at - timedelta(minutes=9), partial(_orphan, world))


def _fill(runner: Runner) -> None:
    runner.free = max((runner.free or 0) - PER_MINUTE, 0)


def _loop(world: World, runner: Runner) -> None:
    """Again and again its listener ends before it takes a job, and its service starts another one."""
    if not runner.busy:
        world.set_status(runner, "offline")
        runner.diary.note(relaunched, world.timeline.now)
        world.timeline.after(20.0, partial(_again, world, runner))
    world.timeline.after(LOOPS_EVERY, partial(_loop, world, runner))


def _again(world: World, runner: Runner) -> None:
    world.restart(runner)
    world.dispatch.disregard(runner)
    runner.stuck = True


def _orphan(world: World) -> None:
    """The network of its host was gone for a minute: GitHub has given its job up, its worker has not, and the
    listener waits for that."""
    runner = world.runner(ORPHANED)
    if runner.job is None:
        return
    runner.orphaned_at, runner.stuck = runner.job.started_at, True
    world.lose(runner.job)
    world.timeline.after(60.0, partial(world.set_status, runner, "online"))


def past(world: World) -> Past:
    """What a console has kept that has watched for two weeks."""
    return Past(
        absences={
            **absent(world, ABSENT, ABSENT_FOR),
            **back_again(world, LOOPS, (51, 38, 22, 9)),
            **back_again(world, TWICE, (44, 17)),
        },
        disks=filling(world, FILLS, ROOM, PER_MINUTE),
        waits=usual_waits(world, (ANDROID, *(stream.workflow for stream in HUM if stream.repository != LAB))),
    )


def solved(world: World) -> bool:
    """What the console can mend is mended: there is room on the disk, and nobody is absent."""
    absent_still = any(each.name == ABSENT and each.status != "online" for each in world.runners["org:acme"].values())
    return (world.runner(FILLS).free or 0) >= ROOM and not absent_still


SCENARIO = Scenario(
    "early-warnings",
    "Early warnings",
    "Nothing is broken yet: old versions, a disk that fills, a listener that loops, two on one registration, a queue "
    "that has become slow, a job and a runner that GitHub will soon give up.",
    build,
    solved,
    past=past,
)
