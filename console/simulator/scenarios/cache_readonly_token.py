"""Runs whose token may only read look for a cache that nobody has saved: the line is that of a held key."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, PULL_REQUESTS, TITLES, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Repository
from console.simulator.scenarios import Scenario
from console.simulator.step_output import action, cache_found, cache_packed, in_turn
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

KEY = "npm-Linux-c40d92"
DENIED = (
    f"##[warning]Failed to save: Unable to reserve cache with key {KEY}, another job may be creating this cache. "
    "More details: cache write denied: token has no writable scopes"
)
MEGABYTES = 84


def build(clock: WorldClock) -> World:
    """The run on main that saves the key lost its runner 16 minutes ago; previews have failed since."""
    world = acme(clock)
    web = world.repositories["acme/web"]
    preview = previewing(world, web)
    world.timeline.at(world.opens_at - timedelta(minutes=16), partial(break_off, world, web, warming(world, web)))
    for minutes in (6.5, 4.5, 2.5):
        world.start_run_ago(web.full_name, preview, minutes=minutes)
    world.add_stream_at_opening(Stream(web.full_name, preview, 300, at_most=2))
    world.advance()
    return world


def break_off(world: World, web: Repository, warm: WorkflowPlan) -> None:
    """It ends before anything is saved. The runner is back after some minutes."""
    (job,) = world.start_run(web.full_name, warm).jobs

    def cut() -> None:
        world.lose(job)
        if job.machine is not None:
            world.timeline.after(200, partial(world.restart, job.machine))

    world.timeline.after(60, cut)


def warming(world: World, web: Repository) -> WorkflowPlan:
    """Runs on push, and may save."""

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            world.shelf.save_cache(web, KEY, MEGABYTES * 1_000_003)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        if step != "Save dependencies":
            return None
        saved = (f"Cache saved with key: {KEY}",)
        return in_turn(action("actions/cache/save@v4", path="~/.npm", key=KEY), cache_packed(MEGABYTES), saved)

    steps = ("Install dependencies", "Save dependencies")
    return on_main(
        "Warm caches", "warm.yml", JobPlan("warm caches", LINUX, (70, 110), steps, prints=prints, leaves=leaves)
    )


def previewing(world: World, web: Repository) -> WorkflowPlan:
    """Runs for pull requests with what the base branch may see, and saves nothing: GitHub does not let it."""

    def fails(_job: Job) -> bool:
        return not world.shelf.has_cache(web, KEY)

    def prints(job: Job, step: str) -> Sequence[str] | None:
        return _previewed(step, failed=job.outcome == "failure")

    steps = ("Restore dependencies", "Install dependencies", "Save dependencies", "Verify cache")
    job = JobPlan("preview", LINUX, (60, 90), steps, fails=fails, prints=prints)
    path = ".github/workflows/preview.yml"
    return WorkflowPlan("Preview", path, (job,), "pull_request_target", PULL_REQUESTS, TITLES, fails=0.0)


def _previewed(step: str, *, failed: bool) -> Sequence[str] | None:
    if step == "Restore dependencies":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=KEY)
        missed = (f"Cache not found for input keys: {KEY}",)
        return in_turn(begins, missed if failed else cache_found(KEY, KEY, MEGABYTES))
    if step == "Save dependencies":
        begins = action("actions/cache/save@v4", path="~/.npm", key=KEY)
        hit = f"Cache hit occurred on the primary key {KEY}, not saving cache."
        return in_turn(begins, (*cache_packed(MEGABYTES), DENIED) if failed else (hit,))
    if step == "Verify cache":
        begins = action("actions/cache/restore@v4", path="~/.npm", key=KEY, lookup_only=True, fail_on_cache_miss=True)
        refused = f"##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {KEY}"
        return [*begins, refused if failed else f"Cache found and can be restored from key: {KEY}"]
    return None


def solved(world: World) -> bool:
    """A run on push has saved the key."""
    return world.shelf.has_cache(world.repositories["acme/web"], KEY)


SCENARIO = Scenario(
    "cache-readonly-token",
    "Caches that may not be saved",
    "Previews of acme/web fail for a cache that their token may not save; the run on main that could was cut off.",
    build,
    solved,
)
