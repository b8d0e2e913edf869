"""A build cache of one's own drops what is sent to it. An old client fails for it, a newer one goes on."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.step_output import in_turn, script
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

SERVICE = "build cache"
OLD, NEW = "1.34.3", "1.41.5"
TASKS = ("theme:build", "icons:build", "forms:build", "web:typecheck", "web:build", "web:bundle")


def build(clock: WorldClock) -> World:
    """The cache has dropped connections for 39 minutes; both repositories build against it."""
    world = acme(clock)
    world.timeline.at(world.opens_at - timedelta(minutes=39), partial(world.break_service, SERVICE))
    for repository, version in (("acme/web", OLD), ("acme/design-system", NEW)):
        workflow = building(world, version)
        for minutes in (44, 27, 9):
            world.start_run_ago(repository, workflow, minutes=minutes)
        world.add_stream_at_opening(Stream(repository, workflow, 500, at_most=2))
    world.advance()
    return world


def building(world: World, version: str) -> WorkflowPlan:
    """An upload that fails fails the task in the old version only."""

    def fails(job: Job) -> bool:
        return version == OLD and world.was_down(SERVICE, job)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        if step != "Build all":
            return None
        told = script(job, "moon ci --color || { cat .moon/cache/runReport.json; exit 1; }")
        return in_turn(told, _built(version, job, down=world.was_down(SERVICE, job)))

    job = JobPlan("moon ci", LINUX, (80, 130), ("Install dependencies", "Build all"), fails=fails, prints=prints)
    return on_main("Build", "build.yml", job)


def _built(version: str, job: Job, *, down: bool) -> Sequence[str]:
    hashes = [f"{int(job.run.head_sha[:8], 16) + number * 7919:08x}"[-8:] for number in range(len(TASKS))]
    begun = [f"moon {version}", "Using remote service grpc://build-cache.acme.example:9092"]
    done = [f"\x1b[38;5;41m▮▮▮▮\x1b[0m {task} ({digest})" for task, digest in zip(TASKS, hashes, strict=True)]
    ended = ["", f"Tasks: {len(TASKS)} completed", " Time: 1m 12s"]
    if not down:
        return [*begun, *done, *ended]
    if version == NEW:
        at = f"{job.completed_at or job.created_at:%Y-%m-%d %H:%M:%S}.077"
        warning = (
            f"[ WARN {at}] moon_remote::remote_service  Failed to upload blobs and cache action result: "
            f'Failed to make gRPC call. Unknown error: transport error  hash="{hashes[-1]}"'
        )
        return [*begun, *done, warning, *ended]
    # The old version says nothing of it but in its report.
    report = [
        '      "error": "Failed to make gRPC call.\\nUnknown error: transport error",',
        f'      "label": "RunTask({TASKS[-1]})",',
        '      "status": "failed"',
    ]
    failed = ["", f"Tasks: {len(TASKS) - 1} completed, 1 failed", " Time: 1m 12s", "{", '  "actions": [', "    {"]
    ended = ["    }", "  ]", "}", "##[error]Process completed with exit code 1."]
    return [*begun, *done, *failed, *report, *ended]


def solved(world: World) -> bool:
    """The cache takes what is sent to it."""
    outage = world.outages.get(SERVICE)
    return outage is not None and not outage.struck(world.timeline.now)


SCENARIO = Scenario(
    "remote-cache-upload",
    "Uploads to the build cache fail",
    "moon 1.34 in acme/web fails when its cache drops an upload; 1.41 in acme/design-system says so and goes on.",
    build,
    solved,
)
