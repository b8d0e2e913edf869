"""JIT runners of two repositories are online and idle: GitHub refuses their questions for work; all others work on.

GitHub moves these repositories to another broker. Configurations that were made before that has ended are refused for
good, those that are made since are not.
"""

from datetime import timedelta
from functools import partial

from console.simulator.acme import acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Group, Runner
from console.simulator.listener_trouble import JIT_REFUSED
from console.simulator.red_herrings import strew
from console.simulator.scenarios import HOSTS, Context, Scenario
from console.simulator.scenarios.jit_broker_badrequest import RELAUNCHED_EVERY, relaunch
from console.simulator.workflows import JobPlan, Stream
from console.simulator.world import World

GROUP, LABEL, HOST = "Checkout", "jit-checkout", "jit-node"
REPOSITORIES = ("acme/payments-service", "acme/search-service")
KEPT = 3
"""So many the autoscaler keeps, refused ones included."""
SCALES_EVERY = 10.0
BEGINS, MOVED = timedelta(seconds=40), timedelta(seconds=150)
"""After the world opened: whoever idles or is made in between is of an old configuration."""
LOOKS_EVERY = 10.0
CONTRACTS = on_main("Contracts", "contracts.yml", JobPlan("contracts", (LABEL,), (25, 45), ("Start stubs", "Verify")))
NIGHTLY = on_main(
    "All contracts",
    "all-contracts.yml",
    JobPlan(
        "verify",
        (LABEL,),
        (25, 40),
        ("Start stubs", "Verify"),
        matrix=("cart", "orders", "refunds", "vouchers", "ledger", "fraud", "tax", "mail"),
    ),
)
CONTEXT = Context(hosts={f"{LABEL}-*": HOST, **HOSTS})


def build(clock: WorldClock) -> World:
    """All is well when the world opens; within three minutes all that idle are refused, and jobs pile up."""
    world = with_checkout(clock, moves=True)
    world.timeline.at(world.opens_at + BEGINS, partial(move, world))
    world.timeline.at(world.opens_at + timedelta(seconds=75), partial(verify_all, world))
    world.advance()
    return world


def with_checkout(clock: WorldClock, *, moves: bool = False) -> World:
    """The fleet with JIT runners for two repositories, their work, and what proves nothing."""
    world = acme(clock)
    admitted = [world.repositories[name] for name in REPOSITORIES]
    group = world.add_group("acme", GROUP, repositories=admitted)
    for _ in range(KEPT):
        add_runner(world, group)
    world.timeline.after(SCALES_EVERY, partial(scale, world, group, moves))
    for repository in REPOSITORIES:
        world.add_stream(Stream(repository, CONTRACTS, 60, at_most=1))
    strew(world)
    return world


def members(world: World) -> list[Runner]:
    """All of them, the ones that took the place of others included."""
    return [
        runner for runner in world.runners["org:acme"].values() if any(each.name == LABEL for each in runner.labels)
    ]


def add_runner(world: World, group: Group) -> Runner:
    """As the autoscaler names them; it alone makes others in their place."""
    name = f"{LABEL}-{world.random.getrandbits(20):05x}"
    made = world.add_runner(name, "Linux", (LABEL,), group=group, ephemeral=True, host=HOST)
    made.jit = True
    return made


def scale(world: World, group: Group, moves: bool = False) -> None:
    """What is missing is made anew; with `moves`, GitHub moves its repositories meanwhile."""
    if len(members(world)) < KEPT:
        made = add_runner(world, group)
        if moves and BEGINS <= world.timeline.now - world.opens_at <= MOVED:
            refuse(world, made)
    world.timeline.after(SCALES_EVERY, partial(scale, world, group, moves))


def move(world: World) -> None:
    """From now on whoever is idle is refused; one that has a job is used up when that ends."""
    for runner in members(world):
        if runner.takes_jobs:
            refuse(world, runner)
    if world.timeline.now < world.opens_at + MOVED:
        world.timeline.after(LOOKS_EVERY, partial(move, world))


def refuse(world: World, runner: Runner) -> None:
    """For good."""
    world.wedge(runner, JIT_REFUSED)
    world.timeline.after(RELAUNCHED_EVERY, partial(relaunch, world, runner, JIT_REFUSED))


def verify_all(world: World) -> None:
    """Eight jobs at once, again and again: more than one runner alone can do."""
    world.start_run(REPOSITORIES[0], NIGHTLY)
    world.add_stream(Stream(REPOSITORIES[0], NIGHTLY, 240, at_most=1))


def solved(world: World) -> bool:
    """None of those that were refused is left, and all that waits has not waited long."""
    now = world.timeline.now
    if now < world.opens_at + MOVED or any(runner.stuck for runner in members(world)):
        return False
    return all(now - job.created_at < timedelta(minutes=3) for job in world.queued() if LABEL in job.labels)


SCENARIO = Scenario(
    "incident-jit",
    "JIT runners of two repositories are refused",
    "Two minutes after the console opens the JIT runners of two repositories are online and idle, and take no job;"
    " those of other repositories work on.",
    build,
    solved,
    CONTEXT,
)
