"""Actions was switched off in one repository while its jobs were queued: runners idle, and none may take them."""

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan
from console.simulator.world import World

REPOSITORY = "acme/billing-service"
BILLS = on_main("Bills", "bills.yml", JobPlan("build and test", LINUX, (60, 120)))


def build(clock: WorldClock) -> World:
    """Two runs were queued before; nothing else says that anything is off."""
    world = acme(clock)
    world.add_repository(REPOSITORY).actions_on = False
    for minutes in (19, 12):
        world.start_run_ago(REPOSITORY, BILLS, minutes=minutes)
    world.advance()
    return world


def solved(world: World) -> bool:
    """Its jobs were cancelled, or Actions was switched on and they ran."""
    return not any(job.run.repository.full_name == REPOSITORY for job in world.queued())


SCENARIO = Scenario(
    "actions-disabled",
    "Actions is off in a repository",
    "Runners idle and jobs wait that they could take: in the repository of these jobs Actions was switched off.",
    build,
    solved,
)
