"""Releases that did not come out well, and runners at GitHub, played against a pretend one."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from console.fleet.models import RunnerKey, plain
from console.fleet.plans import Refusal
from console.simulator.inhabitants import Job, Release, Run
from console.simulator.scenarios import scenario_named
from console.simulator.workflows import JobPlan, WorkflowPlan
from tests.operations.gate_fixture import LONG, Acting, acting_in, run_key

TAG = "v2.4.0"
IMMUTABLE = "##[error]Cannot upload asset web.tar.gz to an immutable release."
TAKEN = "##[error]Release already exists."


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[Acting]:
    async with acting_in(tmp_path) as made:
        yield made


def draft_of(acting: Acting, *assets: tuple[str, int]) -> Release:
    world = acting.world
    with world.lock:
        return world.shelf.add_release(world.repositories["acme/web"], TAG, world.actors[0], *assets)


async def published(acting: Acting, *lines: str, fails: bool = True) -> Run:
    """A run for a tag that has printed that; the first time it may fail, then it releases."""
    world = acting.world
    web = world.repositories["acme/web"]

    def prints(_: Job, step: str) -> Sequence[str] | None:
        return lines if step == "Publish release" and fails else None

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            found = world.shelf.of_tag(web, TAG)
            release = found[0] if found else world.shelf.add_release(web, TAG, world.actors[0], ("web.tar.gz", 9))
            world.shelf.publish(release)

    def struck(job: Job) -> bool:
        return fails and job.attempt == 1

    job = JobPlan(
        "publish", ("self-hosted",), (30, 30), ("Build", "Publish release"), fails=struck, prints=prints, leaves=leaves
    )
    with world.lock:
        run = world.start_run("acme/web", WorkflowPlan("Publish", "publish.yml", (job,), branches=(TAG,)))
    acting.time.move(120)
    await acting.look("acme/web")
    return run


def there(acting: Acting) -> list[bool]:
    """Of each release of the tag, whether it is a draft."""
    return [each.draft for each in acting.world.shelf.of_tag(acting.world.repositories["acme/web"], TAG)]


async def test_a_release_whose_run_failed_is_run_again_until_it_is_published(acting: Acting) -> None:
    run = await published(acting, "curl: (6) Could not resolve host: upload.example.com")
    proposal = await acting.proposed("rerun-release", run_key(run))
    assert proposal.plan.typed == TAG
    assert "not the name" in await acting.turned_down(proposal)
    end = await acting.carried_out(proposal)
    assert (end.outcome, plain(end.words)) == ("proved", "The release is published, with 1 file.")
    assert run.attempt == 2
    acting.time.move(60)
    assert "nothing to do" in await acting.refused("rerun-release", run_key(run))


async def test_a_half_release_that_is_in_the_way_is_deleted_before_its_run_runs_again(acting: Acting) -> None:
    half = draft_of(acting)
    run = await published(acting, TAKEN)
    end = await acting.done("rerun-release", run_key(run))
    assert end.outcome == "proved"
    assert there(acting) == [False]
    assert half not in acting.world.shelf.releases(acting.world.repositories["acme/web"])


async def test_what_was_sealed_when_it_was_published_is_not_tried_again(acting: Acting) -> None:
    with acting.world.lock:
        acting.world.shelf.publish(draft_of(acting))
    run = await published(acting, IMMUTABLE)
    words = await acting.refused("rerun-release", run_key(run))
    assert "A re-run cannot succeed" in words
    assert "immutable release" in words
    assert run.attempt == 1


async def test_a_draft_that_green_runs_left_is_published_once(acting: Acting) -> None:
    run = await published(acting, fails=False)
    (release,) = acting.world.shelf.releases(acting.world.repositories["acme/web"])
    with acting.world.lock:
        acting.world.shelf.withdraw(release)
    one, other = [await acting.proposed("rerun-release", run_key(run)) for _ in "12"]
    acting.lose("/releases/")
    assert (await acting.carried_out(one)).outcome == "proved"
    assert there(acting) == [False]
    acting.time.move(6)
    assert "nothing to do" in await acting.turned_down(other, TAG)


async def test_a_draft_whose_publishing_cannot_be_seen_is_unknown(acting: Acting) -> None:
    run = await published(acting, fails=False)
    (release,) = acting.world.shelf.releases(acting.world.repositories["acme/web"])
    with acting.world.lock:
        acting.world.shelf.withdraw(release)
    proposal = await acting.proposed("rerun-release", run_key(run))
    acting.lose(r"/releases/\d+$")
    acting.world.faults.outage(acting.world.timeline.now, LONG, path=r"/releases$")
    assert (await acting.carried_out(proposal)).outcome == "unknown"
    assert there(acting) == [False]


async def test_the_releases_of_the_scenario_are_put_right(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "release-draft-race") as acting:
        acting.time.move(240)
        await acting.look("acme/web", "acme/api", "acme/mobile-app")
        for key, run in acting.seen.snapshot.runs.items():
            if run.workflow == "Publish":
                found = await acting.asked("rerun-release", key)
                if isinstance(found, Refusal):
                    assert "nothing to do" in plain(found.reason)
                else:
                    assert (await acting.carried_out(found)).outcome == "proved"
        assert scenario_named("release-draft-race").solved(acting.world)


def runner_key(acting: Acting, name: str = "linux-1") -> RunnerKey:
    found = acting.world.runner(name)
    return RunnerKey(found.scope, found.id)


async def test_a_dead_runner_is_removed_once_its_name_was_typed(acting: Acting) -> None:
    key = runner_key(acting)
    assert "It is online" in await acting.refused("remove-runner", key)
    with acting.world.lock:
        acting.world.set_status(acting.world.runner("linux-1"), "offline")
    proposal = await acting.proposed("remove-runner", key)
    assert "not the name" in await acting.turned_down(proposal, "linux-2")
    acting.lose("/runners/")
    assert (await acting.carried_out(proposal)).outcome == "proved"
    assert key.id not in acting.world.runners["org:acme"]
    assert "does not list it" in await acting.refused("remove-runner", key)


async def test_a_runner_that_is_busy_by_now_is_not_removed_and_githubs_reason_is_told(acting: Acting) -> None:
    runner, key = acting.world.runner("linux-1"), runner_key(acting)
    with acting.world.lock:
        acting.world.set_status(runner, "offline")
    proposal = await acting.proposed("remove-runner", key)
    with acting.world.lock:
        acting.world.set_busy(runner, True)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "is currently running a job and cannot be deleted" in plain(end.words)
    assert "not given up yet" in plain(end.helps)
    assert "removes no busy runner (422)" in await acting.refused("remove-runner", key)


async def test_a_runner_that_died_with_its_job_is_removed_once_github_has_given_that_up(tmp_path: Path) -> None:
    async with acting_in(tmp_path, "zombie-runner") as acting:
        key = runner_key(acting, "render-01")
        assert "removes no busy runner (422)" in await acting.refused("remove-runner", key)
        acting.time.move(300)
        assert (await acting.done("remove-runner", key)).outcome == "proved"
        assert scenario_named("zombie-runner").solved(acting.world)


async def test_labels_come_and_go_and_github_shows_exactly_these(acting: Acting) -> None:
    key = runner_key(acting)
    assert (await acting.done("adjust-labels", key, "+gpu +big")).outcome == "proved"
    end = await acting.done("adjust-labels", key, "+small -BIG")
    assert (end.outcome, "self-hosted, Linux, gpu, small" in plain(end.words)) == ("proved", True)
    assert "does not let them be taken: linux" in await acting.refused("adjust-labels", key, "-linux")
    assert "not been written" in await acting.refused("adjust-labels", key)


async def test_labels_that_somebody_else_changed_meanwhile_are_looked_at_once_more(acting: Acting) -> None:
    key = runner_key(acting)
    proposal = await acting.proposed("adjust-labels", key, "+gpu")
    with acting.world.lock:
        acting.world.relabel(acting.world.runner("linux-1"), ["self-hosted", "Linux", "other"])
    acting.time.move(6)
    assert "has changed" in await acting.turned_down(proposal)


async def test_after_a_lost_answer_labels_are_proved_by_what_github_shows(acting: Acting) -> None:
    acting.lose("/labels")
    assert (await acting.done("adjust-labels", runner_key(acting), "+gpu")).outcome == "proved"


async def test_after_a_lost_answer_nothing_more_is_changed(acting: Acting) -> None:
    key = runner_key(acting)
    await acting.done("adjust-labels", key, "+old")
    proposal = await acting.proposed("adjust-labels", key, "+gpu -old")
    acting.lose("/labels")
    end = await acting.carried_out(proposal)
    assert end.outcome == "unknown"
    assert "What was to follow was not begun." in plain(end.words)
    assert {"gpu", "old"} <= {label.name for label in acting.world.runner("linux-1").labels}


async def test_half_of_the_labels_changed_is_told_as_half(acting: Acting) -> None:
    key = runner_key(acting)
    await acting.done("adjust-labels", key, "+old")
    proposal = await acting.proposed("adjust-labels", key, "+gpu -old")
    acting.world.faults.outage(acting.world.timeline.now, LONG, path=r"/labels/old$")
    end = await acting.carried_out(proposal)
    assert end.outcome == "unknown"
    assert "still has old" in plain(end.words)
