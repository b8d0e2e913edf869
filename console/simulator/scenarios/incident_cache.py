"""The cache service answers 404; when it is back, keys that do not exist are refused with 409, in a matrix."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, checks, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Repository, Run
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.cache_conflict import CONFLICT
from console.simulator.scenarios.cache_conflict import matrix as harmless_matrix
from console.simulator.scenarios.cache_service_404 import (
    CLIENT,
    LOST,
    NOT_RESTORED,
    NOT_SAVED,
    SERVICE,
    bundling,
    tested,
)
from console.simulator.step_output import action, cache_found, cache_packed, in_turn, script
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World

BREAKS, HALF_BACK, BACK = (timedelta(minutes=each) for each in (0.8, 4.2, 5.5))
"""From the opening on. In between entries are reserved, and what should be in them is refused."""
TOLD, OVER = timedelta(minutes=2), timedelta(minutes=6)
"""So long GitHub's status page speaks of it."""
OLD_LOCK, NEW_LOCK = "5d20c1", "a94f07"
LEGS = ("node 20", "node 22", "node 24")
PUSHED = ((-14.0, OLD_LOCK), (-6, OLD_LOCK), (1, NEW_LOCK), (4, NEW_LOCK), (6, NEW_LOCK))
"""Minutes from the opening, and with which dependencies."""
PREVIEWED = ("acme/payments-service", "acme/search-service")
NOT_CLOSED = f"##[warning]Failed to save: Failed to FinalizeCacheEntryUpload: {LOST}"
MISSED = "##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {key}"
MEGABYTES = 96
UNFOLDED = timedelta(minutes=7.5)
WORKFLOW = "Compatibility"


def build(clock: WorldClock) -> World:
    """Nobody pushes any more once all has gone wrong: what failed is red until somebody runs it again."""
    world = acme(clock)
    world.add_repository(CLIENT, description="Our own tools talk to the cache through this")
    web, api = (world.repositories[f"acme/{name}"] for name in ("web", "api"))
    world.timeline.at(world.opens_at + BREAKS, partial(world.break_service, SERVICE))
    world.timeline.at(world.opens_at + BACK, partial(world.mend_service, SERVICE))
    told = (world.opens_at + TOLD, "degraded_performance", "Degraded performance of caches in Actions", "minor")
    world.timeline.at(told[0], partial(world.standing.begin, *told))
    world.timeline.at(world.opens_at + OVER, world.standing.end)
    for minutes, lock in PUSHED:
        start(world, web, compatibility(world, web, lock), minutes)
    preview, alike = bundling(world), harmless_matrix(world, api)
    for repository in (world.repositories[name] for name in PREVIEWED):
        for minutes in (-9.0, 1.4):
            start(world, repository, preview, minutes)
    for minutes in (-4, 6):
        start(world, api, alike, minutes)
    look_alikes(world)
    world.advance()
    return world


def start(world: World, repository: Repository, workflow: WorkflowPlan, minutes: float) -> None:
    """So long after the world has opened, or before."""
    at = world.opens_at + timedelta(minutes=minutes)
    world.timeline.at(at, partial(world.start_run, repository.full_name, workflow))


def look_alikes(world: World) -> None:
    """Tests that print the same words and pass; and a job that fails for another 404 in the same minutes."""
    client, system = world.repositories[CLIENT.lower()], world.repositories["acme/design-system"]
    unit = on_main("Test", "test.yml", JobPlan("unit", LINUX, (30, 50), prints=tested))
    icons = JobPlan("icons", LINUX, (30, 40), ("Install dependencies",), fails=lambda _job: True, prints=_not_there)
    for minutes in (-3, 2, 5):
        start(world, client, unit, minutes)
    start(world, system, checks(icons, name="Icons", path="icons.yml"), 2.5)


def _not_there(job: Job, step: str) -> Sequence[str] | None:
    """A package that was taken back by its author."""
    if step != "Install dependencies":
        return None
    return in_turn(
        script(job, "npm ci"),
        ("npm error code E404", "npm error 404 Not Found - GET https://npm.acme.example/icon-baker - Not found"),
        ("npm error 404  'icon-baker@2.1.0' is not in this registry.", "##[error]Process completed with exit code 1."),
    )


def compatibility(world: World, web: Repository, lock: str) -> WorkflowPlan:
    """Each leg of the matrix has a key of its own, saves it, and looks whether it is there."""

    def fails(job: Job) -> bool:
        key = key_of(job, lock)
        return world.was_down(SERVICE, job) or (is_held(world, web, key) and not world.shelf.has_cache(web, key))

    def leaves(job: Job) -> None:
        begun, key = job.started_at, key_of(job, lock)
        if job.conclusion == "success":
            world.shelf.save_cache(web, key, MEGABYTES * 1_000_003)
        elif begun is not None and _half_back(world, job):
            world.shelf.save_cache(web, key, 0, finished=False)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        return _compatible(world, web, job, step, key_of(job, lock))

    steps = ("Restore dependencies", "Install dependencies", "Save dependencies", "Verify cache")
    leg = JobPlan("compatibility", LINUX, (45, 60), steps, matrix=LEGS, fails=fails, leaves=leaves, prints=prints)
    return on_main(WORKFLOW, "compatibility.yml", leg)


def key_of(job: Job, lock: str) -> str:
    """With the version of the leg, and of what it depends on."""
    leg = job.name.partition("(")[2].rstrip(")").replace(" ", "")
    return f"npm-Linux-{leg}-{lock}"


def is_held(world: World, web: Repository, key: str) -> bool:
    """By an entry that nobody can use."""
    return any(not cache.finished for cache in world.shelf.everything(web) if cache.key == key)


def _half_back(world: World, job: Job) -> bool:
    """While it ran, entries could be reserved and not filled."""
    ended = job.completed_at or world.timeline.now
    return world.was_down(SERVICE, job) and ended > world.opens_at + HALF_BACK


def _compatible(world: World, web: Repository, job: Job, step: str, key: str) -> Sequence[str] | None:
    down, failed = world.was_down(SERVICE, job), job.outcome == "failure"
    saved = next((cache.created_at for cache in world.shelf.caches(web) if cache.key == key), None)
    found = not down and saved is not None and job.started_at is not None and saved < job.started_at
    if step == "Restore dependencies":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=key)
        missed = (f"Cache not found for input keys: {key}",)
        return in_turn(
            begins, cache_found(key, key, MEGABYTES) if found else (NOT_RESTORED, *missed) if down else missed
        )
    if step == "Save dependencies":
        taken = NOT_CLOSED if _half_back(world, job) else NOT_SAVED if down else CONFLICT
        words = (taken, "##[warning]Cache save failed.") if failed or found else (f"Cache saved with key: {key}",)
        return in_turn(action("actions/cache/save@v4", path="~/.npm", key=key), cache_packed(MEGABYTES), words)
    if step == "Verify cache":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=key, lookup_only=True, fail_on_cache_miss=True)
        refused = (*((NOT_RESTORED,) if down else ()), MISSED.format(key=key))
        return in_turn(begins, refused if failed else (f"Cache found and can be restored from key: {key}",))
    return None


def newest(world: World, repository: str, workflow: str) -> Run:
    """The last run of it that was started."""
    runs = world.runs.of(world.repositories[repository]).values()
    return max((run for run in runs if run.workflow.name == workflow), key=lambda run: run.id)


def solved(world: World) -> bool:
    """The service is back, nothing holds the keys, and what failed has been run again with success."""
    if world.timeline.now < world.opens_at + UNFOLDED:
        return False
    web = world.repositories["acme/web"]
    failed = (("acme/web", WORKFLOW), *((name, "Preview") for name in PREVIEWED))
    held = any(not cache.finished for cache in world.shelf.everything(web))
    return not held and all(newest(world, *each).conclusion == "success" for each in failed)


SCENARIO = Scenario(
    "incident-cache",
    "The cache service answers 404, then 409",
    "Soon jobs of three repositories fail for GitHub's cache; once it is back, a matrix fails whose keys are held.",
    build,
    solved,
)
