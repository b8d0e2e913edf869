"""Ten thousand runners of three organisations, three hundred repositories, and no second without a change."""

from datetime import timedelta
from itertools import cycle, islice

from console.simulator.acme import LINUX, PULL_REQUESTS, TITLES
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Group, Runner
from console.simulator.scenarios import Context, Scenario
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

ORGANIZATIONS = {"acme": (5000, 150), "acme-labs": (3000, 100), "acme-games": (2000, 50)}
"""How many runners and repositories each has."""
KINDS = (
    ("linux", "Linux", ("self-hosted", "Linux", "X64", "docker")),
    ("linux-large", "Linux", ("self-hosted", "Linux", "X64", "docker", "large")),
    ("arm", "Linux", ("self-hosted", "Linux", "ARM64")),
    ("mac", "macOS", ("self-hosted", "macOS", "ARM64")),
    ("win", "Windows", ("self-hosted", "Windows", "X64")),
    ("gpu", "Linux", ("self-hosted", "Linux", "X64", "gpu")),
)
SHARES = (0, 0, 0, 0, 1, 1, 2, 2, 3, 4, 4, 5)
"""Which kinds a rack of twelve machines is made of."""
THINGS = ("shop", "search", "ledger", "mail", "maps", "media", "login", "stock", "chat", "report")
PARTS = ("api", "web", "worker", "client", "model", "tools", "docs", "proxy", "cache", "tests", "admin", "cli")
PICKED_PER_SECOND = 28
"""Two thirds of the runners picked change: with the jobs in sight, some 3 % of all within 15 s."""
TEST = JobPlan("test", LINUX, (240, 560), matrix=tuple(f"shard {number}" for number in range(1, 9)))
CI = WorkflowPlan(
    "CI",
    ".github/workflows/ci.yml",
    (TEST, JobPlan("package", (*LINUX, "large"), (60, 120), needs=("test",))),
    "pull_request",
    PULL_REQUESTS,
    TITLES,
)


def build(clock: WorldClock) -> World:
    """Most work is that of repositories out of sight; 300 repositories start a run of nine jobs every 16 minutes."""
    world = World(clock, seed=7, warm_up=timedelta(minutes=20))
    world.tokens[DEMO_TOKEN] = Token(world.actors[0], hourly_limit=15_000)
    for organization, (runners, repositories) in ORGANIZATIONS.items():
        world.add_account(organization)
        groups = [world.add_group(organization, name) for name in ("Shared", "Night shift", "Restricted")]
        _add_runners(world, runners, groups)
        for number in range(repositories):
            name = f"{organization}/{THINGS[number % 10]}-{PARTS[number // 10 % 12]}" + "-next" * (number // 120)
            world.add_repository(name)
            world.add_stream(Stream(name, CI, 1000, at_most=2))
    _let_it_change(world)
    world.advance()
    return world


def _add_runners(world: World, count: int, groups: list[Group]) -> None:
    for number, kind in enumerate(islice(cycle(SHARES), count)):
        name, system, labels = KINDS[kind]
        version = "2.335.0" if number % 33 == 0 else "2.336.0"
        status = "offline" if number % 67 == 0 else "online"
        full = f"{groups[0].organization.login.removeprefix('acme-')}-{name}-{number:04}"
        runner = world.add_runner(full, system, labels, group=groups[number % 3], version=version, status=status)
        if runner.takes_jobs and world.random.random() < 0.33:
            world.set_busy(runner, busy=True)


def _let_it_change(world: World) -> None:
    everyone = [runner for fleet in world.runners.values() for runner in fleet.values()]

    def change() -> None:
        for runner in world.random.choices(everyone, k=PICKED_PER_SECOND):
            _change(world, runner)

    world.timeline.every(1, change)


def _change(world: World, runner: Runner) -> None:
    """Idle to busy half as readily as busy to idle, so that a third is busy; now and then one goes or comes back."""
    chance = world.random.random()
    if runner.job is not None:
        return
    if runner.status == "offline" or (not runner.busy and chance < 0.01):
        world.set_status(runner, "online" if runner.status == "offline" else "offline")
    elif runner.busy or chance < 0.5:
        world.set_busy(runner, not runner.busy)


def solved(_world: World) -> bool:
    """There is nothing to solve."""
    return True


SCENARIO = Scenario(
    "big-fleet",
    "Ten thousand runners",
    "10,000 runners of three organisations and 300 repositories; some 3 % of the runners change within 15 s.",
    build,
    solved,
    Context(tuple(f"org:{name}" for name in ORGANIZATIONS), tuple(f"{name}/*" for name in ORGANIZATIONS)),
)
