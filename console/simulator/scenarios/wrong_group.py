"""A workflow names a runner group that has no runners, and idle runners elsewhere have all that its jobs ask for."""

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan
from console.simulator.world import World

REPOSITORY = "acme/data-pipeline"
GROUP = "large-runners"
NIGHTLY = on_main(
    "Nightly", "nightly.yml", JobPlan("aggregate", LINUX, (120, 240), ("Fetch", "Aggregate"), group=GROUP)
)


def build(clock: WorldClock) -> World:
    """The group was made, and nobody has put runners into it yet."""
    world = acme(clock)
    world.add_group("acme", GROUP)
    for minutes in (21, 9):
        world.start_run_ago(REPOSITORY, NIGHTLY, minutes=minutes)
    world.advance()
    return world


def solved(world: World) -> bool:
    """A runner of that group took them, or they were cancelled."""
    return not any(job.plan.group == GROUP for job in world.queued())


SCENARIO = Scenario(
    "wrong-group",
    "A group without runners is asked for",
    "Runners idle and have all labels; the workflow file of the jobs that wait names a group which has none.",
    build,
    solved,
)
