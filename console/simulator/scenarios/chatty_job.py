"""A job prints five megabytes in a second, for hours."""

from collections.abc import Sequence

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.step_output import script
from console.simulator.workflows import JobPlan
from console.simulator.world import World

RATE = 5_000_000
STEP = "Simulate"


def build(clock: WorldClock) -> World:
    """It began six minutes ago; beside it is the everyday work."""
    world = acme(clock)
    job = JobPlan("simulate", LINUX, (13_000, 14_000), ("Build", STEP), prints=prints, pours=RATE)
    world.start_run_ago("acme/data-pipeline", on_main("Simulation", "simulation.yml", job), minutes=6)
    world.advance()
    return world


def prints(job: Job, step: str) -> Sequence[str] | None:
    """The loud step's own lines are made where they are read; GitHub shows none of so many."""
    if step != STEP:
        return None
    return [*script(job, "./simulate --samples 1e9 --verbose"), "This step's output is too large to be shown."]


def solved(_world: World) -> bool:
    """There is nothing to solve; there is much to read."""
    return True


SCENARIO = Scenario(
    "chatty-job",
    "A chatty job",
    "The job “simulate” of acme/data-pipeline prints 5 MB/s, and goes on for hours.",
    build,
    solved,
)
