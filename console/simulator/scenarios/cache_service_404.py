"""GitHub's cache service has lost its way: 404 for everybody. Beside it a test that passes only speaks of it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import Scenario
from console.simulator.step_output import action, cache_found, cache_packed, in_turn, script
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

SERVICE = "GitHub's cache"
BEGAN = timedelta(minutes=28)
"""Before the world opened."""
LASTS = timedelta(minutes=45)
"""From then on: there is nothing to do but wait."""
LOST = "Received non-retryable error: Failed request: (404) Not Found: invalid request"
NOT_RESTORED = f"##[warning]Failed to restore: Failed to GetCacheEntryDownloadURL: {LOST}"
NOT_SAVED = f"##[warning]Failed to save: Failed to CreateCacheEntry: {LOST}"
CACHED = ("acme/web", "acme/payments-service", "acme/search-service")
CLIENT = "acme/cache-client"
MEGABYTES = 112


def build(clock: WorldClock) -> World:
    """Builds go on without their caches; what is put together from a cache fails."""
    world = acme(clock)
    world.add_repository(CLIENT, description="Our own tools talk to the cache through this")
    world.timeline.at(world.opens_at - BEGAN, partial(world.break_service, SERVICE))
    world.timeline.at(world.opens_at + LASTS, partial(world.mend_service, SERVICE))
    bundle, client = bundling(world), on_main("Test", "test.yml", JobPlan("unit", LINUX, (30, 50), prints=tested))
    for number, repository in enumerate((*CACHED, CLIENT)):
        workflow = client if repository == CLIENT else bundle
        for minutes in (37 - number, 19 - number, 7 - number):
            world.start_run_ago(repository, workflow, minutes=minutes)
        world.add_stream_at_opening(Stream(repository, workflow, 500, at_most=2))
    world.advance()
    return world


def bundling(world: World) -> WorkflowPlan:
    """A job that saves what it built, and one that cannot do without."""

    def down(job: Job) -> bool:
        return world.was_down(SERVICE, job)

    def builds(job: Job, step: str) -> Sequence[str] | None:
        key = key_of(job)
        if step == "Cache modules":
            found = (NOT_RESTORED, f"Cache not found for input keys: {key}")
            begins = action("actions/cache@v4", path="node_modules", key=key)
            return in_turn(begins, found if down(job) else cache_found(key, key, MEGABYTES))
        if step == "Post Cache modules":
            hit = f"Cache hit occurred on the primary key {key}, not saving cache."
            return in_turn(("Post job cleanup.",), (*cache_packed(MEGABYTES), NOT_SAVED) if down(job) else (hit,))
        return None

    def packs(job: Job, step: str) -> Sequence[str] | None:
        if step != "Restore bundle":
            return None
        key = f"bundle-{job.run.head_sha[:8]}"
        begins = action("actions/cache/restore@v4", path="dist", key=key, fail_on_cache_miss=True)
        refused = f"##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {key}"
        return in_turn(begins, (NOT_RESTORED, refused) if down(job) else cache_found(key, key, MEGABYTES))

    steps = ("Cache modules", "Install dependencies", "Build")
    build_it = JobPlan("bundle", LINUX, (60, 110), steps, posts=("Post Cache modules",), prints=builds)
    pack = JobPlan(
        "preview",
        LINUX,
        (30, 60),
        ("Restore bundle", "Package", "Publish preview"),
        needs=("bundle",),
        fails=down,
        breaks_at="Restore bundle",
        prints=packs,
    )
    return on_main("Preview", "preview.yml", build_it, pack)


def key_of(job: Job) -> str:
    """One for each repository."""
    return f"modules-{job.run.repository.name}-{job.run.repository.id % 0xFFFF:04x}"


def tested(job: Job, step: str) -> Sequence[str] | None:
    """The same words in a script, and in the names of tests that pass."""
    if step != "Test":
        return None
    return in_turn(
        script(job, "npm test -- --grep cache", f"# must not end with: {NOT_SAVED.removeprefix('##[warning]')}"),
        (
            f"  \x1b[32m✓\x1b[0m goes on after: Failed to CreateCacheEntry: {LOST} (4 ms)",
            f"  \x1b[32m✓\x1b[0m goes on after: Failed to GetCacheEntryDownloadURL: {LOST} (3 ms)",
            "  \x1b[32m✓\x1b[0m says so once, as a warning (2 ms)",
            "Test Suites: 9 passed, 9 total",
            "Tests:       74 passed, 74 total",
        ),
    )


def solved(world: World) -> bool:
    """The service has found its way again."""
    outage = world.outages.get(SERVICE)
    return outage is not None and not outage.struck(world.timeline.now)


SCENARIO = Scenario(
    "cache-service-404",
    "The cache service is lost",
    "Three repositories get 404 from GitHub's cache; the tests of acme/cache-client only speak of it.",
    build,
    solved,
)
