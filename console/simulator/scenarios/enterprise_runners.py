"""An enterprise lends its runners to one of its organisations; jobs of the other one ask for them, too."""

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.enterprises import add_enterprise, add_group
from console.simulator.scenarios import Context, Scenario
from console.simulator.workflows import JobPlan, Stream
from console.simulator.world import World

LARGE = (*LINUX, "large-memory")
INDEX = on_main("Index", "index.yml", JobPlan("build index", LARGE, (120, 240), ("Load", "Sort", "Write index")))
SIMULATE = on_main("Simulate", "simulate.yml", JobPlan("simulate", LARGE, (200, 400), ("Prepare", "Simulate")))
ADMITTED, EXCLUDED = "acme/search-service", "acme-labs/gpu-tests"


def build(clock: WorldClock) -> World:
    """The group of the large machines is for acme only; the enterprise's other group is for both."""
    world = acme(clock)
    enterprise = add_enterprise(world, "acme-corp", ("acme", "acme-labs"))
    large = add_group(world, enterprise, "Large machines", organizations=("acme",))
    for number in range(1, 5):
        labels = ("self-hosted", "Linux", "X64", "nvme", "large-memory")
        world.add_runner(f"large-linux-{number:02}", "Linux", labels, group=large)
    default = world.groups[enterprise.scope][1]
    for number in (1, 2):
        world.add_runner(f"shared-linux-{number:02}", "Linux", ("self-hosted", "Linux", "X64"), group=default)
    world.add_stream(Stream(ADMITTED, INDEX, 300, at_most=2))
    for minutes in (18, 6):
        world.start_run_ago(EXCLUDED, SIMULATE, minutes=minutes)
    world.add_stream_at_opening(Stream(EXCLUDED, SIMULATE, 900, at_most=4))
    world.advance()
    return world


def solved(world: World) -> bool:
    """The group admits the other organisation as well, or its jobs were cancelled."""
    return not any(job.run.repository.full_name == EXCLUDED and "large-memory" in job.labels for job in world.queued())


SCENARIO = Scenario(
    "enterprise-runners",
    "Runners of an enterprise",
    "Idle runners of the enterprise have the labels, but their group admits only the other organisation.",
    build,
    solved,
    Context(("enterprise:acme-corp", "org:acme", "org:acme-labs"), ("acme/*", "acme-labs/*")),
)
