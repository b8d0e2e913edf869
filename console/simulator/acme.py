"""A pretend company of middle size and its healthy hum of work, which most scenarios start from."""

from datetime import timedelta

from console.simulator.clock import WorldClock
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

LINUX = ("self-hosted", "linux", "x64")
PULL_REQUESTS = ("fix/flaky-login", "feature/dark-mode", "chore/bump-node", "feature/saved-searches", "fix/timezone")
TITLES = (
    "Retry the login test",
    "Add dark mode to settings",
    "Bump node to 24",
    "Save searches per team",
    "Show times in the reader's zone",
    "Cache the dependency graph",
    "Drop the legacy export",
)
REPOSITORIES = {
    "acme/web": "The shop",
    "acme/api": "What everything talks to",
    "acme/mobile-app": "The shop in a pocket",
    "acme/payments-service": "Takes the money",
    "acme/search-service": "Finds things",
    "acme/data-pipeline": "Numbers, every night",
    "acme/infra": "Machines and networks as code",
    "acme/design-system": "Buttons and their friends",
    "acme-labs/gpu-tests": "Kernels under test",
}


def checks(*jobs: JobPlan, name: str = "CI", path: str = "ci.yml") -> WorkflowPlan:
    """A workflow that runs for pull requests."""
    return WorkflowPlan(name, f".github/workflows/{path}", jobs, "pull_request", PULL_REQUESTS, TITLES)


def on_main(name: str, path: str, *jobs: JobPlan, titles: tuple[str, ...] = TITLES) -> WorkflowPlan:
    """A workflow that runs for the main branch, and does not fail."""
    return WorkflowPlan(name, f".github/workflows/{path}", jobs, "push", ("main",), titles, fails=0.0)


WEB_CI = checks(
    JobPlan("lint", LINUX, (30, 60), ("Install dependencies", "Lint")),
    JobPlan("unit", LINUX, (90, 200), matrix=("node 20", "node 22", "node 24")),
    JobPlan(
        "e2e", (*LINUX, "docker"), (120, 260), ("Start services", "Browser tests", "Upload report"), needs=("unit",)
    ),
)
API_CI = checks(
    JobPlan("test", LINUX, (100, 220), matrix=("3.11", "3.12", "3.13")),
    JobPlan(
        "image", (*LINUX, "docker"), (60, 120), ("Log in to registry", "Build image", "Push image"), needs=("test",)
    ),
)
SERVICE_CI = checks(JobPlan("build and test", LINUX, (120, 260), ("Set up JDK", "Build", "Integration tests")))
ARM_IMAGE = on_main("ARM image", "arm.yml", JobPlan("image (arm64)", ("self-hosted", "linux", "arm64"), (100, 200)))
IOS = checks(
    JobPlan(
        "build (iOS)", ("self-hosted", "macOS", "ARM64", "xcode-26"), (240, 420), ("Install pods", "Archive", "Test")
    ),
    name="iOS",
    path="ios.yml",
)
WINDOWS = checks(
    JobPlan("build (windows)", ("self-hosted", "windows", "x64"), (150, 300)), name="Windows", path="win.yml"
)
STORYBOOK = on_main("Storybook", "storybook.yml", JobPlan("storybook", ("arc-linux",), (40, 90), ("Build", "Publish")))
LOAD = on_main("Load", "load.yml", JobPlan("load", LINUX, (300, 700), ("Extract", "Transform", "Load")))
BACKFILL = on_main(
    "Backfill", "backfill.yml", JobPlan("backfill", LINUX, (14_000, 15_000), ("Extract", "Transform", "Load"))
)
TRAIN = on_main(
    "Train", "train.yml", JobPlan("train", (*LINUX, "gpu-a100"), (400, 900), ("Fetch data", "Train", "Score"))
)
PLAN = on_main("Plan", "plan.yml", JobPlan("plan", (*LINUX, "prod"), (100, 240), ("Init", "Plan", "Policy")))
CUDA = checks(
    JobPlan("kernels", (*LINUX, "gpu"), (100, 220), ("Build kernels", "Run kernels")), name="CUDA", path="cuda.yml"
)
RELEASE = on_main(
    "Release",
    "release.yml",
    JobPlan("build", LINUX, (70, 90), ("Build", "Package")),
    JobPlan(
        "sign artifacts",
        (*LINUX, "release-signing"),
        (12, 20),
        ("Unlock signing key", "Sign", "Upload"),
        needs=("build",),
    ),
    titles=("Release 2.4.1", "Release 2.5.0", "Release 3.0.0-rc.2"),
)

# With all of them at their `at_most`, every job still finds a runner: nothing waits in a healthy fleet.
HUM = (
    Stream("acme/web", WEB_CI, 75, at_most=3),
    Stream("acme/api", API_CI, 105, at_most=2),
    Stream("acme/payments-service", SERVICE_CI, 130, at_most=2),
    Stream("acme/search-service", SERVICE_CI, 160, at_most=2),
    Stream("acme/search-service", ARM_IMAGE, 150, at_most=2),
    Stream("acme/design-system", SERVICE_CI, 170, at_most=2),
    Stream("acme/design-system", WINDOWS, 170, at_most=3),
    Stream("acme/design-system", STORYBOOK, 120, at_most=3),
    Stream("acme/mobile-app", IOS, 120, at_most=4),
    Stream("acme/data-pipeline", LOAD, 200, at_most=2),
    Stream("acme/data-pipeline", TRAIN, 330, at_most=3),
    Stream("acme/infra", PLAN, 200, at_most=2),
    Stream("acme-labs/gpu-tests", CUDA, 160, at_most=2),
)


def acme(clock: WorldClock, seed: int = 1) -> World:
    """Some fifty runners in four groups and one repository, and everyday work for them."""
    world = World(clock, seed, warm_up=timedelta(minutes=130))
    world.add_account("acme")
    world.add_account("acme-labs")
    for name, description in REPOSITORIES.items():
        world.add_repository(name, description=description)
    _linux(world)
    _others(world)
    _shelf(world)
    for stream in HUM:
        world.add_stream(stream)
    world.start_run_ago("acme/data-pipeline", BACKFILL, minutes=124)
    return world


def _linux(world: World) -> None:
    default = world.groups["acme"][1]
    production = world.add_group("acme", "Production")
    for number in range(1, 15):
        world.add_runner(f"build-linux-{number:02}", "Linux", ("self-hosted", "Linux", "X64", "docker"), group=default)
    for number in range(1, 17):
        labels = ("self-hosted", "Linux", "X64", "docker", "prod") + (("release-signing",) if number == 3 else ())
        world.add_runner(f"prod-linux-{number:02}", "Linux", labels, group=production)
    for number in range(1, 5):
        world.add_runner(f"arm-linux-{number:02}", "Linux", ("self-hosted", "Linux", "ARM64"), group=default)


def _others(world: World) -> None:
    default = world.groups["acme"][1]
    apple = world.add_group("acme", "Apple")
    trained = [world.repositories[name] for name in ("acme/data-pipeline", "acme/api")]
    gpu = world.add_group("acme", "GPU", repositories=trained)
    for number in range(1, 7):
        world.add_runner(f"mac-mini-{number:02}", "macOS", ("self-hosted", "macOS", "ARM64", "xcode-26"), group=apple)
    for number in range(1, 5):
        world.add_runner(f"win-build-{number:02}", "Windows", ("self-hosted", "Windows", "X64"), group=default)
        world.add_runner(
            f"gpu-{number:02}", "Linux", ("self-hosted", "Linux", "X64", "cuda", "nvme", "gpu-a100"), group=gpu
        )
        world.add_runner(
            f"arc-linux-x8k{number}q", "Linux", ("arc-linux",), group=default, ephemeral=True, host="arc-node"
        )
    lab = world.repositories["acme-labs/gpu-tests"]
    for number in range(1, 3):
        world.add_runner(
            f"gpu-lab-{number:02}", "Linux", ("self-hosted", "Linux", "X64", "gpu"), repository=lab, host="gpu-lab"
        )


def _shelf(world: World) -> None:
    """What earlier days have left: three releases, and some cache entries."""
    for name, tag in (("web", "v2.4.0"), ("api", "v1.8.2"), ("mobile-app", "v5.1.0")):
        repository = world.repositories[f"acme/{name}"]
        world.shelf.publish(world.shelf.add_release(repository, tag, world.actors[2], (f"{name}.tar.gz", 18_400_212)))
    for name, key in (("web", "npm-Linux-5d20c1"), ("web", "npm-Linux-b81f77"), ("api", "pip-Linux-09ac52")):
        world.shelf.save_cache(world.repositories[f"acme/{name}"], key, 84_000_252)


RELEASES = tuple(Stream(name, RELEASE, 700, at_most=1) for name in ("acme/web", "acme/api", "acme/mobile-app"))
