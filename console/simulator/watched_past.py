"""What a console would have kept that had watched a pretend fleet for long: for scenarios that need a past."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from random import Random

from console.fleet.models import RunnerKey
from console.fleet.past import Absence, Disk, Room
from console.fleet.queue_waits import COUNTED_WITHIN, DAY, HOUR, SetWaits, Waits, class_of, quarter_of
from console.simulator.host_tree import host_of, place_of, size_of_disk
from console.simulator.workflows import WorkflowPlan
from console.simulator.world import World

_GAP = range(20, 26)
"""Quarters ago, of which nothing is known: the console did not run."""
_EVERY = timedelta(minutes=4)
_MEASURED = 12


def absent(world: World, name: str, span: timedelta) -> Mapping[RunnerKey, Absence]:
    """It was seen offline on each day since."""
    runner, since = world.runner(name), world.opens_at - span
    days = range(int(since.timestamp() // 86_400), int(world.opens_at.timestamp() // 86_400) + 1)
    return {RunnerKey(runner.scope, runner.id): Absence(since, tuple(days))}


def back_again(world: World, name: str, minutes: Iterable[float]) -> Mapping[RunnerKey, Absence]:
    """It was seen to come back so many minutes ago."""
    runner = world.runner(name)
    returns = tuple(world.opens_at - timedelta(minutes=each) for each in minutes)
    return {RunnerKey(runner.scope, runner.id): Absence(returns=returns)}


def filling(world: World, name: str, free: int, per_minute: int) -> Mapping[str, Disk]:
    """It was measured now and then while its room went; KiB, both, `free` being what is left now."""
    runner = world.runner(name)
    host, root = host_of(runner) or name, place_of(runner).directory
    rooms = tuple(
        Room(world.opens_at - _EVERY * back, (free + int(per_minute * (_EVERY / timedelta(minutes=1)) * back)) * 1024)
        for back in range(_MEASURED, 0, -1)
    )
    key = RunnerKey(runner.scope, runner.id)
    return {
        f"{host} {directory}": Disk(key, host, directory, size_of_disk(), rooms)
        for directory in (root, f"{root}/_work")
    }


def usual_waits(world: World, workflows: Iterable[WorkflowPlan]) -> Waits:
    """The jobs of these workflows began within seconds, or within a minute or two when all work, until an hour ago."""
    now = quarter_of(world.opens_at)
    until, random = quarter_of(world.opens_at - COUNTED_WITHIN), Random(1)  # noqa: S311 (repeatable, not secret)
    looked = frozenset(each for each in range(now - DAY - HOUR + 1, now + 1) if now - each not in _GAP)
    sets: dict[str, SetWaits] = {}
    for plan in (job for workflow in workflows for job in workflow.jobs):
        longest, quarters = random.uniform(8, 40), dict[int, dict[int, int]]()
        for quarter in sorted(each for each in looked if each < until):
            classes: dict[int, int] = {}
            for _ in range(random.randint(1, 4)):
                seconds = random.uniform(longest, 110) if random.random() < 0.06 else random.uniform(2, longest)
                number = class_of(timedelta(seconds=seconds))
                classes[number] = classes.get(number, 0) + 1
            quarters[quarter] = classes
        labels = ",".join(sorted(label.casefold() for label in plan.labels))
        sets[f"acme:{labels}"] = SetWaits("acme", plan.labels, quarters)
    return Waits(sets, looked)
