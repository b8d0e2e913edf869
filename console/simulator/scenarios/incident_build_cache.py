"""A remote build cache refuses uploads and fails jobs whose tasks all went well, until who runs it has made room."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.incident_cache import newest, start
from console.simulator.scenarios.remote_cache_upload import NEW, OLD, SERVICE, building
from console.simulator.step_output import in_turn, script
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World

BREAKS, BACK = timedelta(minutes=0.8), timedelta(minutes=7)
"""From the opening on."""
UNFOLDED = timedelta(minutes=7.5)
WORKFLOW = "Build"
FAILS = ("acme/web", "acme/payments-service")
"""Nobody pushes there any more: they are red until somebody runs them again."""
STARTED = (
    ("acme/web", OLD, (-11.0, -5.0, 1.0, 4.0)),
    ("acme/payments-service", OLD, (-8.0, 2.2)),
    ("acme/search-service", OLD, (-9.0, 2.6, 7.2)),
    ("acme/design-system", NEW, (-7.0, 1.3, 4.5)),
)
"""Who builds against it, with which version, and minutes from the opening."""


def build(clock: WorldClock) -> World:
    """The newer client only warns; in another repository a build fails for a test of its own."""
    world = acme(clock)
    world.timeline.at(world.opens_at + BREAKS, partial(world.break_service, SERVICE))
    world.timeline.at(world.opens_at + BACK, partial(world.mend_service, SERVICE))
    for name, version, minutes in STARTED:
        workflow = building(world, version)
        for minute in minutes:
            start(world, world.repositories[name], workflow, minute)
    start(world, world.repositories["acme/data-pipeline"], failing_by_itself(), 2)
    world.advance()
    return world


def failing_by_itself() -> WorkflowPlan:
    """A task fails, and everything is uploaded."""

    def prints(job: Job, step: str) -> Sequence[str] | None:
        if step != "Build all":
            return None
        return in_turn(
            script(job, "moon ci --color"),
            (f"moon {NEW}", "Using remote service grpc://build-cache.acme.example:9092"),
            ("▮▮▮▮ pipeline:build (5d20c1aa)", "▮▮▮▮ pipeline:test (7be1f0d4)", "FAIL test/orders/rounding.test.ts"),
            ("  ● orders › rounding", "", "    Expected: 12", "    Received: 13", ""),
            ("Tests:       1 failed, 211 passed, 212 total", "Tasks: 1 completed, 1 failed", " Time: 41s"),
            ("##[error]Process completed with exit code 1.",),
        )

    steps = ("Install dependencies", "Build all")
    return on_main(
        WORKFLOW, "build.yml", JobPlan("moon ci", LINUX, (60, 80), steps, fails=lambda _: True, prints=prints)
    )


def solved(world: World) -> bool:
    """The cache takes what is sent to it, and what failed has been run again with success."""
    if world.timeline.now < world.opens_at + UNFOLDED:
        return False
    return all(newest(world, name, WORKFLOW).conclusion == "success" for name in FAILS)


SCENARIO = Scenario(
    "incident-build-cache",
    "The build cache refuses uploads",
    "Soon builds of three repositories fail though all their tasks went well; newer clients only warn.",
    build,
    solved,
)
