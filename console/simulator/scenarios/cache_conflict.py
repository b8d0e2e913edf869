"""A cache key is held by an upload that never ended. Beside it the same 409 is what a matrix always says."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Repository
from console.simulator.scenarios import Scenario
from console.simulator.step_output import action, cache_found, cache_packed, in_turn
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

KEY = "npm-Linux-7be1f0"
CONFLICT = (
    "##[warning]Failed to save: Failed to CreateCacheEntry: Received non-retryable error: Failed request: "
    "(409) Conflict: cache entry with the same key, version, and scope already exists"
)
MEGABYTES = 84


def build(clock: WorldClock) -> World:
    """A runner was lost while it uploaded, 8 minutes ago; caches are warmed again, and it fails each time."""
    world = acme(clock)
    web, api = (world.repositories[f"acme/{name}"] for name in ("web", "api"))
    warm, legs = warming(world, web), matrix(world, api)
    world.timeline.at(world.opens_at - timedelta(minutes=9), partial(break_off, world, web, warm))
    for repository, workflow in ((web, warm), (api, legs)):
        for minutes in (6.5, 4.5, 2.5):
            world.start_run_ago(repository.full_name, workflow, minutes=minutes)
        world.add_stream_at_opening(Stream(repository.full_name, workflow, 300, at_most=2))
    world.advance()
    return world


def break_off(world: World, web: Repository, warm: WorkflowPlan) -> None:
    """The key is reserved, and what should be under it never arrives. The runner is back after some minutes."""
    (job,) = world.start_run(web.full_name, warm).jobs

    def cut() -> None:
        world.shelf.save_cache(web, KEY, 0, finished=False)
        world.lose(job)
        if job.machine is not None:
            world.timeline.after(200, partial(world.restart, job.machine))

    world.timeline.after(60, cut)


def warming(world: World, web: Repository) -> WorkflowPlan:
    """Fails while the key can neither be found nor be saved."""

    def fails(_job: Job) -> bool:
        return not world.shelf.has_cache(web, KEY) and is_held(world, web)

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            world.shelf.save_cache(web, KEY, MEGABYTES * 1_000_003)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        saved = next((cache.created_at for cache in world.shelf.caches(web) if cache.key == KEY), None)
        found = saved is not None and job.started_at is not None and saved < job.started_at
        return _warm(step, failed=job.outcome == "failure", found=found)

    steps = ("Restore dependencies", "Install dependencies", "Save dependencies", "Verify cache")
    job = JobPlan("warm caches", LINUX, (70, 110), steps, fails=fails, prints=prints, leaves=leaves)
    return on_main("Warm caches", "warm.yml", job)


def _warm(step: str, *, failed: bool, found: bool) -> Sequence[str] | None:
    missed = f"Cache not found for input keys: {KEY}"
    if step == "Restore dependencies":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=KEY)
        return in_turn(begins, cache_found(KEY, KEY, MEGABYTES) if found else (missed,))
    if step == "Save dependencies":
        taken = (CONFLICT, "##[warning]Cache save failed.")
        saved = taken if failed or found else (f"Cache saved with key: {KEY}",)
        return in_turn(action("actions/cache/save@v4", path="~/.npm", key=KEY), cache_packed(MEGABYTES), saved)
    if step == "Verify cache":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=KEY, lookup_only=True, fail_on_cache_miss=True)
        refused = f"##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {KEY}"
        return [*begins, refused if failed else f"Cache found and can be restored from key: {KEY}"]
    return None


def matrix(world: World, api: Repository) -> WorkflowPlan:
    """Three jobs miss a new key and save it: the first one wins, the others are told so, and all is well."""

    def leaves(job: Job) -> None:
        world.shelf.save_cache(api, key_of(job), MEGABYTES * 1_000_003)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        if step == "Cache packages":
            begins = action("actions/cache@v4", path="~/.cache/pip", key=key_of(job))
            return [*begins, f"Cache not found for input keys: {key_of(job)}"]
        if step == "Post Cache packages":
            saved = f"Cache saved with key: {key_of(job)}" if is_first(job) else CONFLICT
            return in_turn(("Post job cleanup.",), cache_packed(MEGABYTES), (saved,))
        return None

    job = JobPlan(
        "compatibility",
        LINUX,
        (60, 120),
        ("Cache packages", "Install dependencies", "Test"),
        matrix=("3.11", "3.12", "3.13"),
        posts=("Post Cache packages",),
        prints=prints,
        leaves=leaves,
    )
    return on_main("Compatibility", "compatibility.yml", job)


def key_of(job: Job) -> str:
    """All jobs of a run have the same."""
    return f"pip-Linux-{job.run.head_sha[:6]}"


def is_first(job: Job) -> bool:
    """Of its run, to end."""
    ended = [(one.completed_at, one.id) for one in job.run.jobs if one.completed_at is not None]
    return not ended or min(ended)[1] == job.id


def is_held(world: World, web: Repository) -> bool:
    """By an entry that nobody can use."""
    return any(not cache.finished for cache in world.shelf.everything(web) if cache.key == KEY)


def solved(world: World) -> bool:
    """The entry was deleted, and the next run has saved the key."""
    web = world.repositories["acme/web"]
    return world.shelf.has_cache(web, KEY) and not is_held(world, web)


SCENARIO = Scenario(
    "cache-conflict",
    "A cache key that is held",
    "Caches of acme/web can neither be found nor saved; in acme/api the same 409 is harmless.",
    build,
    solved,
)
