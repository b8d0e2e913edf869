"""Nothing is wrong with any runner: runs wait for people, or for one another."""

from dataclasses import replace

from console.simulator.acme import LINUX, SERVICE_CI, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, Stream
from console.simulator.world import World

DEPLOY = on_main(
    "Deploy",
    "deploy.yml",
    JobPlan("build", LINUX, (60, 120)),
    JobPlan(
        "deploy to production", (*LINUX, "prod"), (90, 180), ("Plan", "Apply"), needs=("build",), environment="prod"
    ),
)
APPLY = replace(
    on_main("Apply", "apply.yml", JobPlan("apply", (*LINUX, "prod"), (2400, 3000), ("Init", "Apply"))),
    concurrency="terraform-prod",
)
FORK = replace(SERVICE_CI, branches=("patch-1",), titles=("Fix a typo in the guide",), from_fork=True)


def build(clock: WorldClock) -> World:
    """A deployment without its approval, a fork's run that nobody allowed, and a long run that another waits for."""
    world = acme(clock)
    world.add_repository("acme/docs-site", private=False, description="Public documentation")
    world.start_run_ago("acme/payments-service", DEPLOY, minutes=47)
    world.start_run_ago("acme/docs-site", FORK, minutes=33)
    world.start_run_ago("acme/infra", APPLY, minutes=26)
    world.start_run_ago("acme/infra", APPLY, minutes=11)
    world.add_stream_at_opening(Stream("acme/web", DEPLOY, 1200, at_most=3))
    world.add_stream_at_opening(Stream("acme/infra", APPLY, 900, at_most=3))
    world.advance()
    return world


def solved(world: World) -> bool:
    """Nobody's approval is asked for."""
    runs = [run for repository in world.repositories.values() for run in world.runs.of(repository).values()]
    return not any("waiting" in {job.status for job in run.jobs} or run.conclusion == "action_required" for run in runs)


SCENARIO = Scenario(
    "approval-and-concurrency",
    "Waiting for people and for one another",
    "Deployments want approval, a fork's run was never allowed, and one long run holds up the next.",
    build,
    solved,
)
