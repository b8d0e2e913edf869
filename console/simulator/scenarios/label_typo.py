"""Jobs ask for a label that no runner has, one letter short of one that four of them have."""

from dataclasses import replace

from console.simulator.acme import LINUX, TRAIN, acme
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

ASKED = "gpu-a10"
FINE_TUNE: WorkflowPlan = replace(
    TRAIN,
    name="Fine-tune",
    path=".github/workflows/fine-tune.yml",
    jobs=(JobPlan("fine-tune", (*LINUX, ASKED), (300, 600), ("Fetch model", "Fine-tune", "Score")),),
    titles=("Fine-tune the ranking model", "Fine-tune on last week's clicks"),
)


def build(clock: WorldClock) -> World:
    """The first of these jobs has waited for 22 minutes, and more keep coming."""
    world = acme(clock)
    world.add_stream_at_opening(Stream("acme/api", FINE_TUNE, 400, at_most=5))
    for minutes in (22, 12, 3):
        world.start_run_ago("acme/data-pipeline", FINE_TUNE, minutes=minutes)
    world.advance()
    return world


def solved(world: World) -> bool:
    """No job asks for that label in vain: a runner got it, or the jobs were cancelled."""
    return not any(ASKED in job.labels for job in world.queued())


SCENARIO = Scenario(
    "label-typo",
    "A label nobody has",
    f"Jobs ask for {ASKED}; the runners are labelled gpu-a100.",
    build,
    solved,
)
