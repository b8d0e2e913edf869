"""Runners with the right labels are idle, and their groups do not admit the jobs that wait."""

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario
from console.simulator.workflows import JobPlan, Stream
from console.simulator.world import World

EMBED = on_main("Embed", "embed.yml", JobPlan("embeddings", (*LINUX, "gpu-a100"), (200, 400), ("Fetch data", "Embed")))
DOCS = on_main("Docs", "docs.yml", JobPlan("build site", LINUX, (60, 120), ("Build", "Publish")))
DEPLOY = on_main("Deploy", "deploy.yml", JobPlan("deploy", (*LINUX, "deploy"), (90, 180), ("Plan", "Apply")))
ALLOWED = "acme/infra/.github/workflows/deploy.yml@refs/heads/main"
EXCLUDED = ("acme/search-service", "acme/docs-site", "acme/payments-service")


def build(clock: WorldClock) -> World:
    """A repository that was not selected, a public one, and a workflow that is not on the list."""
    world = acme(clock)
    world.add_repository("acme/docs-site", private=False, description="Public documentation")
    deploy = world.add_group("acme", "Deploy", workflows=(ALLOWED,))
    for number in (1, 2):
        world.add_runner(f"deploy-{number:02}", "Linux", ("self-hosted", "Linux", "X64", "deploy"), group=deploy)
    world.add_stream(Stream("acme/infra", DEPLOY, 420, at_most=2))
    for repository, workflow in zip(EXCLUDED, (EMBED, DOCS, DEPLOY), strict=True):
        world.start_run_ago(repository, workflow, minutes=18)
        world.start_run_ago(repository, workflow, minutes=6)
        world.add_stream_at_opening(Stream(repository, workflow, 900, at_most=4))
    world.advance()
    return world


def solved(world: World) -> bool:
    """The groups admit all three, or the jobs were cancelled."""
    return not any(job.run.repository.full_name in EXCLUDED and job.status == "queued" for job in world.queued())


SCENARIO = Scenario(
    "group-excludes-repository",
    "Groups that do not admit",
    "Idle runners have the labels, but their groups admit neither the repository nor the workflow that waits.",
    build,
    solved,
)
