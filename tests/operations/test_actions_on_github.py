"""Re-runs and cancels, played against a pretend GitHub: to their proof, to each refusal, and half-way."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.fleet.models import plain
from console.operations.undertaking import Undertaking
from console.simulator.inhabitants import Job, Run
from console.simulator.tokens import Token
from console.simulator.workflows import JobPlan, WorkflowPlan
from tests.operations.gate_fixture import LONG, Acting, acting_in, job_key, run_key

BUILD = JobPlan("build", ("self-hosted",), (30, 30), fails=lambda _: True)
LINT = JobPlan("lint", ("self-hosted",), (20, 20), fails=lambda _: False)
LENGTHY = JobPlan("soak", ("self-hosted",), (600, 600), fails=lambda _: False)


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[Acting]:
    async with acting_in(tmp_path) as made:
        yield made


async def started(acting: Acting, *jobs: JobPlan, after: float = 120) -> Run:
    """A run, so many seconds later. Without jobs: one has failed, the other one not."""
    workflow = WorkflowPlan("CI", ".github/workflows/ci.yml", jobs or (BUILD, LINT))
    with acting.world.lock:
        run = acting.world.start_run("acme/web", workflow)
    acting.time.move(after)
    await acting.look("acme/web")
    return run


def named(run: Run, name: str) -> Job:
    return next(job for job in reversed(run.jobs) if job.name == name)


def attempts(run: Run) -> dict[str, int]:
    return {job.name: job.attempt for job in run.jobs}


@pytest.mark.parametrize(
    ("action", "again"),
    [
        ("rerun-job", {"build": 2, "lint": 1}),
        ("rerun-failed", {"build": 2, "lint": 1}),
        ("rerun-run", {"build": 2, "lint": 2}),
    ],
)
@pytest.mark.parametrize("debug", [False, True])
async def test_what_was_agreed_to_runs_again_once_and_the_new_attempt_is_the_proof(
    acting: Acting, action: str, again: dict[str, int], debug: bool
) -> None:
    run = await started(acting)
    target = job_key(named(run, "build")) if action == "rerun-job" else run_key(run)
    end = await acting.done(f"{action}-debug" if debug else action, target)
    assert (end.outcome, plain(end.words)) == ("proved", "Attempt 2 of the run has begun.")
    assert attempts(run) == again
    assert run.debug is debug
    (entry,) = acting.entries()
    assert (entry.state, entry.deed.before) == (
        "proved",
        f"{'job failure, ' if action == 'rerun-job' else ''}run failure, attempt 1",
    )
    assert entry.deed.operator.github


async def test_asked_twice_it_acts_once(acting: Acting) -> None:
    run = await started(acting)
    build = job_key(named(run, "build"))
    one, other = await acting.proposed("rerun-job", build), await acting.proposed("rerun-failed", run_key(run))
    assert (await acting.carried_out(one)).outcome == "proved"
    assert "still under way" in await acting.refused("rerun-job", build)
    end = await acting.carried_out(other)
    assert end.outcome == "refused"
    assert "already running" in plain(end.words)
    assert run.attempt == 2
    acting.time.move(120)
    assert "earlier attempt of its run, which is at attempt 2" in await acting.refused("rerun-job", build)
    assert "has changed" in await acting.turned_down(other)


async def test_what_somebody_else_runs_again_meanwhile_is_not_run_again(acting: Acting) -> None:
    run = await started(acting)
    proposal = await acting.proposed("rerun-run", run_key(run))
    with acting.world.lock:
        acting.world.runs.rerun(run, acting.world.actors[0])
    await acting.look("acme/web")
    assert "still under way" in plain(acting.gate.withdrawn(proposal))
    acting.time.move(6)
    assert "still under way" in await acting.turned_down(proposal)
    assert run.attempt == 2


async def test_a_question_stays_open_though_the_last_look_is_older_than_what_was_read_for_it(acting: Acting) -> None:
    run = await started(acting, after=10)
    assert "still under way" in await acting.refused("rerun-failed", run_key(run))
    acting.time.move(110)
    proposal = await acting.proposed("rerun-failed", run_key(run))
    assert acting.gate.withdrawn(proposal) == ()


async def test_after_a_lost_answer_the_console_looks_and_it_was_done_once(acting: Acting) -> None:
    run = await started(acting)
    acting.lose("/rerun-failed-jobs")
    end = await acting.done("rerun-failed", run_key(run))
    assert end.outcome == "proved"
    assert run.attempt == 2
    (entry,) = acting.entries()
    assert [result.outcome for result in entry.results if result] == ["unknown", "done"]


async def test_where_nothing_can_be_seen_after_a_lost_answer_it_is_unknown(acting: Acting) -> None:
    run = await started(acting)
    proposal = await acting.proposed("rerun-failed", run_key(run))
    acting.lose("/rerun-failed-jobs")
    acting.world.faults.outage(acting.world.timeline.now, LONG, path=r"/actions/runs/\d+$")
    end = await acting.carried_out(proposal)
    assert end.outcome == "unknown"
    assert "Whether it was done could not be seen" in plain(end.words)
    assert run.attempt == 2


async def test_after_trouble_at_github_it_is_looked_whether_it_was_done_and_not_tried_again(acting: Acting) -> None:
    run = await started(acting)
    acting.world.faults.outage(acting.world.timeline.now, LONG, path="/rerun-failed-jobs")
    end = await acting.done("rerun-failed", run_key(run))
    assert end.outcome == "failed"
    assert "It was not done: The run is still at attempt 1." in plain(end.words)
    assert run.attempt == 1


async def test_a_token_that_may_not_is_told_which_right_it_lacks(acting: Acting) -> None:
    run = await started(acting)
    reads = {"actions": "read", "organization_self_hosted_runners": "read", "metadata": "read"}
    proposal = await acting.proposed("rerun-run", run_key(run))
    token = next(iter(acting.world.tokens))
    acting.world.tokens[token] = Token(acting.world.actors[0], "fine-grained", (), reads)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "Actions: write" in plain(end.helps)
    assert run.attempt == 1


async def test_a_read_only_console_runs_nothing_again(tmp_path: Path) -> None:
    async with acting_in(tmp_path, read_only=True) as acting:
        run = await started(acting)
        assert "read-only" in await acting.turned_down(await acting.proposed("rerun-run", run_key(run)))
        assert all(offer.refusal for offer in acting.gate.menu(job_key(named(run, "build"))))
        assert run.attempt == 1


async def test_a_run_in_progress_is_waited_for_and_then_its_failed_jobs_run_again(acting: Acting) -> None:
    run = await started(acting, BUILD, LENGTHY, after=60)
    build = job_key(named(run, "build"))
    assert "Re-run job when finished” waits" in await acting.refused("rerun-job", build)
    end = await acting.done("rerun-failed-when-finished", run_key(run))
    assert end.outcome == "proved"
    assert attempts(run) == {"build": 2, "soak": 1}
    assert acting.time.elapsed() > 1_600


async def test_a_job_that_failed_already_runs_again_once_its_run_has_ended(acting: Acting) -> None:
    run = await started(acting, BUILD, LENGTHY, after=60)
    assert (await acting.done("rerun-job-when-finished", job_key(named(run, "build")))).outcome == "proved"
    assert attempts(run) == {"build": 2, "soak": 1}


async def test_nothing_runs_again_where_the_run_that_was_waited_for_ends_well(acting: Acting) -> None:
    run = await started(acting, LENGTHY, after=60)
    end = await acting.done("rerun-failed-when-finished", run_key(run))
    assert end.outcome == "refused"
    assert "success" in plain(end.words)
    assert "Nothing was changed" in plain(end.words)
    assert run.attempt == 1


async def test_waiting_for_a_run_can_be_given_up(acting: Acting) -> None:
    run = await started(acting, LENGTHY, after=60)
    begun = await acting.gate.carry_out(await acting.proposed("rerun-run-when-finished", run_key(run)))
    assert isinstance(begun, Undertaking)
    begun.stop()
    end = await asyncio.wait_for(begun.end(), 60)
    assert (end.outcome, plain(end.words)) == ("stopped", "Given up. Nothing was changed.")
    assert run.attempt == 1


async def test_the_fiftieth_re_run_is_the_last_and_what_is_too_old_is_left_alone(acting: Acting) -> None:
    run = await started(acting)
    run.attempt = 51
    run.rendered.clear()
    assert "GitHub allows 50" in await acting.refused("rerun-run", run_key(run))
    run.attempt, run.created_at = 1, run.created_at - timedelta(days=31)
    run.rendered.clear()
    assert "nothing older than 30 days" in await acting.refused("rerun-run", run_key(run))


async def test_a_run_that_is_gone_is_not_run_again(acting: Acting) -> None:
    run = await started(acting)
    gone = run_key(run)._replace(id=5)
    assert "does not know this run" in await acting.refused("rerun-run", gone)


async def test_the_menu_of_a_job_has_its_run_s_actions_too_and_says_why_not(acting: Acting) -> None:
    run = await started(acting, BUILD, LENGTHY, after=60)
    offers = {offer.action.id: offer for offer in acting.gate.menu(job_key(named(run, "build")), ("failed-network",))}
    assert offers["rerun-job-when-finished"].refusal is None
    assert offers["cancel-run"].refusal is None
    for refused in ("rerun-failed", "rerun-release"):
        assert offers[refused].refusal is not None


async def test_a_run_in_progress_is_cancelled_and_its_end_is_the_proof(acting: Acting) -> None:
    run = await started(acting, LENGTHY, after=60)
    proposal = await acting.proposed("cancel-run", run_key(run))
    assert proposal.plan.typed == f"CI #{run.number}"
    assert "not the name" in await acting.turned_down(proposal)
    end = await acting.carried_out(proposal)
    assert (end.outcome, plain(end.words)) == ("proved", "The run has ended: cancelled.")
    assert "It has ended: cancelled" in await acting.refused("cancel-run", run_key(run))


async def test_a_run_that_waits_is_cancelled_without_typing_and_after_a_lost_answer_it_was_done(acting: Acting) -> None:
    run = await started(acting, JobPlan("build", ("nowhere",)), after=5)
    acting.lose("/cancel")
    proposal = await acting.proposed("cancel-run", run_key(run))
    assert proposal.plan.typed == ""
    assert (await acting.carried_out(proposal)).outcome == "proved"
    assert run.conclusion == "cancelled"


async def test_a_run_that_ends_by_itself_meanwhile_is_not_cancelled(acting: Acting) -> None:
    run = await started(acting, LENGTHY, after=60)
    proposal = await acting.proposed("cancel-run", run_key(run))
    with acting.world.lock:
        acting.world.runs.stop(run, force=True)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "completed" in plain(end.words)


async def test_a_run_whose_runner_hears_nothing_ends_by_force_only(acting: Acting) -> None:
    run = await started(acting, replace(LENGTHY, seconds=(3_600, 3_600)), after=60)
    (job,) = run.jobs
    assert job.machine is not None
    with acting.world.lock:
        acting.world.set_status(job.machine, "offline")
    end = await acting.done("cancel-run", run_key(run))
    assert end.outcome == "not-proved"
    end = await acting.done("force-cancel-run", run_key(run))
    assert end.outcome == "proved"
    assert run.conclusion == "cancelled"
