"""Jobs that failed for a cache, played against a pretend GitHub."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from console.fleet.cache_trouble import cache_failed_lately
from console.fleet.models import JobKey, RunKey, plain
from console.simulator.inhabitants import Cache, Job, Run
from console.simulator.scenarios import scenario_named
from console.simulator.workflows import JobPlan, WorkflowPlan
from tests.operations.gate_fixture import LONG, Acting, acting_in, job_key

KEY, MAIN = "npm-Linux-7be1f0", "refs/heads/main"
MISSED = f"##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: {KEY}"
CONFLICT = (
    "##[warning]Failed to save: Failed to CreateCacheEntry: Received non-retryable error: Failed request: "
    "(409) Conflict: cache entry with the same key, version, and scope already exists"
)
READ_ONLY = (
    f"Failed to save: Unable to reserve cache with key {KEY}, another job may be creating this cache. "
    "More details: cache write denied: token has no writable scopes"
)


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[Acting]:
    async with acting_in(tmp_path) as made:
        yield made


async def failed(acting: Acting, *lines: str) -> Run:
    """A run whose job has printed that and failed."""

    def prints(_: Job, step: str) -> Sequence[str] | None:
        return lines if step == "Test" else None

    job = JobPlan("build", ("self-hosted",), (30, 30), fails=lambda _: True, prints=prints)
    with acting.world.lock:
        run = acting.world.start_run("acme/web", WorkflowPlan("CI", ".github/workflows/ci.yml", (job,)))
    acting.time.move(60)
    await acting.look("acme/web")
    return run


def saved(acting: Acting, key: str = KEY, ref: str = MAIN, *, finished: bool = True) -> Cache:
    shelf, web = acting.world.shelf, acting.world.repositories["acme/web"]
    with acting.world.lock:
        assert shelf.save_cache(web, key, 84_000_000, ref, finished=finished)
    acting.time.move(60)
    return shelf.everything(web)[-1]


def left(acting: Acting) -> list[tuple[str, str]]:
    return [(each.key, each.ref) for each in acting.world.shelf.everything(acting.world.repositories["acme/web"])]


async def test_an_entry_that_is_there_and_yet_was_missed_is_deleted_and_the_job_runs_again(acting: Acting) -> None:
    saved(acting)
    saved(acting, ref="refs/heads/other")
    saved(acting, key=f"{KEY}-more")
    run = await failed(acting, CONFLICT, MISSED)
    proposal = await acting.proposed("rerun-cache-failed", job_key(run.jobs[0]))
    assert proposal.plan.typed == "build"
    why = [plain(part.why) for part in proposal.plan.parts]
    assert why[:2] == [f"GitHub deletes this one entry of the cache: {KEY}", f"GitHub lists it no more: {KEY}"]
    assert "not the name" in await acting.turned_down(proposal)
    end = await acting.carried_out(proposal)
    assert end.outcome == "proved"
    assert left(acting) == [(KEY, "refs/heads/other"), (f"{KEY}-more", MAIN)]
    assert run.attempt == 2


async def test_what_holds_a_key_and_is_not_listed_is_deleted_on_its_ref_alone(acting: Acting) -> None:
    saved(acting, finished=False)
    saved(acting, ref="refs/heads/other", finished=False)
    run = await failed(acting, CONFLICT, MISSED)
    assert (await acting.done("rerun-cache-failed", job_key(run.jobs[0]))).outcome == "proved"
    assert left(acting) == [(KEY, "refs/heads/other")]
    assert run.attempt == 2


async def test_where_nothing_holds_the_key_any_more_nothing_is_done_and_that_is_told(acting: Acting) -> None:
    run = await failed(acting, CONFLICT, MISSED)
    end = await acting.done("rerun-cache-failed", job_key(run.jobs[0]))
    assert end.outcome == "refused"
    assert "“Re-run job” will do" in plain(end.helps)
    assert run.attempt == 1


async def test_an_entry_that_somebody_else_deleted_at_the_same_moment_ends_it_there(acting: Acting) -> None:
    saved(acting)
    run = await failed(acting, CONFLICT, MISSED)
    proposal = await acting.proposed("rerun-cache-failed", job_key(run.jobs[0]))
    with acting.world.lock:
        acting.world.shelf.delete_cache(acting.world.repositories["acme/web"], KEY)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "gone by now" in plain(end.helps)
    assert run.attempt == 1


async def test_a_key_that_another_job_saved_meanwhile_needs_no_deletion(acting: Acting) -> None:
    run = await failed(acting, CONFLICT, MISSED)
    saved(acting)
    proposal = await acting.proposed("rerun-cache-failed", job_key(run.jobs[0]))
    assert proposal.plan.typed == ""
    assert (await acting.carried_out(proposal)).outcome == "proved"
    assert left(acting) == [(KEY, MAIN)]


async def test_after_a_lost_answer_to_the_deletion_the_console_looks_and_goes_on(acting: Acting) -> None:
    saved(acting)
    run = await failed(acting, CONFLICT, MISSED)
    acting.lose("/caches/")
    end = await acting.done("rerun-cache-failed", job_key(run.jobs[0]))
    assert end.outcome == "proved"
    assert (left(acting), run.attempt) == ([], 2)
    (entry,) = acting.entries()
    assert [result.outcome for result in entry.results if result] == ["unknown", "done", "done", "done"]


async def test_a_deletion_that_cannot_be_seen_is_unknown_and_nothing_runs_again(acting: Acting) -> None:
    saved(acting)
    run = await failed(acting, CONFLICT, MISSED)
    proposal = await acting.proposed("rerun-cache-failed", job_key(run.jobs[0]))
    acting.world.faults.outage(acting.world.timeline.now, LONG, path=r"/actions/caches")
    end = await acting.carried_out(proposal)
    assert end.outcome == "unknown"
    assert run.attempt == 1


async def test_what_to_do_is_said_where_the_entry_is_deleted_and_the_job_may_not_run_again(acting: Acting) -> None:
    saved(acting)
    run = await failed(acting, CONFLICT, MISSED)
    acting.world.faults.outage(acting.world.timeline.now, LONG, path=r"/rerun$")
    end = await acting.done("rerun-cache-failed", job_key(run.jobs[0]))
    assert end.outcome == "failed"
    assert "What was deleted stays deleted" in plain(end.helps)
    assert (left(acting), run.attempt) == ([], 1)


async def test_a_token_that_may_only_read_is_helped_neither_by_deleting_nor_by_a_re_run(acting: Acting) -> None:
    saved(acting)
    run = await failed(acting, READ_ONLY, MISSED)
    words = await acting.refused("rerun-cache-failed", job_key(run.jobs[0]))
    assert "Deleting entries does not help" in words
    assert "no writable scopes" in words


async def test_a_job_whose_entry_nobody_has_saved_would_fail_again(acting: Acting) -> None:
    run = await failed(acting, MISSED)
    assert "has no entry of the key it needs" in await acting.refused("rerun-cache-failed", job_key(run.jobs[0]))


async def test_a_job_that_failed_for_its_tests_is_not_run_again_for_a_cache(acting: Acting) -> None:
    run = await failed(acting, "FAILED tests/test_web.py::test_login - AssertionError: no session")
    assert "did not fail for a cache" in await acting.refused("rerun-cache-failed", job_key(run.jobs[0]))


async def test_the_key_that_is_held_in_the_scenario_is_freed_and_found_again(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "cache-conflict") as acting:
        await acting.look("acme/web", "acme/api")
        job = await newest_failed(acting, "warm caches")
        end = await acting.done("rerun-cache-failed", job)
        assert end.outcome == "proved", plain(end.words)
        for _ in range(20):
            acting.time.move(30)
        assert scenario_named("cache-conflict").solved(acting.world)


async def test_what_may_not_be_saved_is_saved_by_the_run_on_push_that_was_cut_off(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "cache-readonly-token") as acting:
        await acting.look("acme/web")
        preview = await newest_failed(acting, "preview")
        words = await acting.refused("rerun-cache-failed", preview)
        assert "Its token may only read caches" in words
        assert "no writable scopes" in words
        warming = next(run.key for run in acting.seen.snapshot.runs.values() if run.workflow == "Warm caches")
        assert (await acting.done("rerun-failed", warming)).outcome == "proved"
        acting.time.move(200)
        assert scenario_named("cache-readonly-token").solved(acting.world)
        assert (await acting.done("rerun-job", preview)).outcome == "proved"
        acting.time.move(200)
        (again,) = acting.world.runs.of(acting.world.repositories["acme/web"])[run_of(acting, preview).id].jobs
        assert (again.attempt, again.conclusion) == (2, "success")


def run_of(acting: Acting, key: JobKey) -> RunKey:
    return acting.seen.snapshot.jobs[key].run_key


async def test_trouble_of_the_cache_service_deletes_nothing(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "cache-service-404") as acting:
        await acting.look("acme/web")
        proposal = await acting.proposed("rerun-cache-failed", await newest_failed(acting, "preview"))
        assert proposal.plan.typed == ""
        assert any("wait until it is over" in plain(note) for note in proposal.plan.notes)
        assert (await acting.carried_out(proposal)).outcome == "proved"


async def test_a_job_that_failed_for_its_build_cache_runs_again(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "remote-cache-upload") as acting:
        await acting.look("acme/web")
        proposal = await acting.proposed("rerun-cache-failed", await newest_failed(acting, "moon ci"))
        assert any("a newer moon alone does not rule it out" in plain(note) for note in proposal.plan.notes)
        assert (await acting.carried_out(proposal)).outcome == "proved"


async def newest_failed(acting: Acting, name: str) -> JobKey:
    """The one that stands for all of its run among those that failed for a cache lately."""
    jobs = acting.seen.snapshot.jobs
    failures = {key: await acting.seen.failure(key) for key, job in jobs.items() if job.conclusion == "failure"}
    known = {key: failure for key, failure in failures.items() if failure is not None}
    lately = cache_failed_lately(acting.seen.snapshot, known, acting.api.now())
    return next(key for key in lately if jobs[key].name == name)
