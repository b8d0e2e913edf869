"""The real client changes the pretend GitHub over real HTTP; what it reads for that is true."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from console.errors import (
    ConflictError,
    NotFoundError,
    NotPossibleError,
    PermissionMissingError,
    UnknownOutcomeError,
)
from console.fleet import calls
from console.fleet.models import JobKey, RunKey, RunnerKey, Scope
from console.remote.github import GitHubApi
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Run
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN, Token
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World
from tests.remote.fault_server import NOON, FakeClock, FixedTokens

ACME = Scope("org", "acme")
MINUTE = timedelta(minutes=1)


class Place:
    """A small world, its GitHub and a client of it."""

    def __init__(self, api: GitHubApi, world: World, clock: WorldClock, tokens: FixedTokens) -> None:
        self.api, self.world, self.clock, self.tokens = api, world, clock, tokens
        self.web = world.repositories["acme/web"]

    def ended(self) -> Run:
        """A run that has failed."""
        plan = JobPlan("build", ("self-hosted",), (30, 30), fails=lambda _: True)
        run = self.world.start_run("acme/web", WorkflowPlan("CI", ".github/workflows/ci.yml", (plan,)))
        self.move(90)
        return run

    def move(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))
        with self.world.lock:
            self.world.advance()

    def key(self, name: str) -> RunnerKey:
        runner = self.world.runner(name)
        return RunnerKey(runner.scope, runner.id)

    def lose(self, path: str) -> None:
        """Answers to what is done there."""
        self.world.faults.lose_answers(self.world.timeline.now, 10 * MINUTE, path=path)


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    clock = WorldClock(NOON, frozen=True)
    world = World(clock, warm_up=timedelta())
    world.add_account("acme")
    world.add_repository("acme/web")
    for name in ("mac", "mac-2"):
        world.add_runner(name, "macOS", ["self-hosted", "macOS"], group=world.groups["acme"][1])
    server, tokens = SimulatedGitHub(world), FixedTokens(DEMO_TOKEN)
    api = GitHubApi(server.start(), tokens, FakeClock(), user_agent="runner-console/0")
    yield Place(api, world, clock, tokens)
    await api.close()
    server.stop()


def of(run: Run) -> RunKey:
    return RunKey("acme/web", run.id)


async def test_a_failed_job_runs_again(place: Place) -> None:
    run = place.ended()
    job = run.jobs[0]
    answered = await place.api.send(calls.rerun_job(JobKey("acme/web", job.id), debug=True))
    assert answered.status == 201
    now = await place.api.run(of(run))
    assert now is not None
    assert (now.attempt, now.status, now.conclusion) == (2, "queued", None)
    jobs = [each async for page in place.api.jobs(of(run)) for each in page.items]
    assert [(each.attempt, each.id == job.id) for each in jobs] == [(2, False)]


async def test_after_a_lost_answer_there_is_exactly_one_attempt_more(place: Place) -> None:
    run = place.ended()
    place.lose("/rerun")
    for attempt, call in ((2, calls.rerun_failed(of(run))), (3, calls.rerun_run(of(run)))):
        before = place.world.requests
        with pytest.raises(UnknownOutcomeError, match="may have been done"):
            await place.api.send(call)
        assert place.world.requests == before + 1
        now = await place.api.run(of(run))
        assert now is not None
        assert now.attempt == attempt
        place.move(90)


async def test_a_configuration_whose_answer_was_lost_has_left_a_runner(place: Place) -> None:
    call = calls.generate_jitconfig(ACME, "jit-1", 1, ["self-hosted"])
    place.lose("/generate-jitconfig")
    with pytest.raises(UnknownOutcomeError):
        await place.api.send(call)
    found = await place.api.runner_named("org:acme", "jit-1")
    assert found is not None
    assert found.status == "offline"
    place.world.faults.clear()
    with pytest.raises(ConflictError, match="A runner with the name jit-1 already exists"):
        await place.api.send(call)
    await place.api.send(calls.remove_runner(found.key))
    answered = await place.api.send(call)
    assert answered.secret is not None
    assert place.world.start_jit_runner(answered.secret.reveal().decode(), "mac") is not None


async def test_tokens_come_as_they_were_given(place: Place) -> None:
    honours = place.world.registrations.honours
    registers, removes = [
        await place.api.send(call) for call in (calls.registration_token(ACME), calls.remove_token(ACME))
    ]
    assert registers.secret is not None
    assert removes.secret is not None
    assert honours(registers.secret.reveal().decode(), "org:acme", "registration")
    assert honours(removes.secret.reveal().decode(), "org:acme", "remove")


async def test_labels_and_runners_change(place: Place) -> None:
    mac = place.key("mac")
    await place.api.send(calls.add_labels(mac, ["gpu", "a b/c"]))
    now = await place.api.runner(mac)
    assert now is not None
    assert now.labels == ("self-hosted", "macOS", "gpu", "a b/c")
    await place.api.send(calls.remove_label(mac, "a b/c"))
    assert [label.name for label in place.world.runner("mac").labels] == ["self-hosted", "macOS", "gpu"]
    await place.api.send(calls.remove_runner(mac))
    assert await place.api.runner(mac) is None


async def test_one_cache_entry_goes_and_the_others_stay(place: Place) -> None:
    shelf = place.world.shelf
    for key, ref in (("npm-1", "refs/heads/main"), ("npm-1", "refs/pull/7/merge"), ("pip-1", "refs/heads/main")):
        shelf.save_cache(place.web, key, 84_000_000, ref)
    found = await place.api.caches("acme/web", "npm-1")
    assert {(each.key, each.ref, each.size) for each in found} == {
        ("npm-1", "refs/heads/main", 84_000_000),
        ("npm-1", "refs/pull/7/merge", 84_000_000),
    }
    assert all(each.created_at == NOON and len(each.version) == 64 for each in found)
    gone = next(each for each in found if each.ref == "refs/heads/main")
    await place.api.send(calls.delete_cache("acme/web", gone.id, gone.key))
    assert [each.ref for each in await place.api.caches("acme/web", "npm")] == ["refs/pull/7/merge"]
    with pytest.raises(NotFoundError):
        await place.api.send(calls.delete_cache("acme/web", gone.id, gone.key))
    await place.api.send(calls.delete_cache_of_key("acme/web", "npm-1", "refs/pull/7/merge"))
    assert [each.key for each in shelf.everything(place.web)] == ["pip-1"]


async def test_a_draft_is_published_and_the_half_one_deleted(place: Place) -> None:
    good, half = (place.world.shelf.add_release(place.web, "v1", place.world.actors[0]) for _ in "12")
    await place.api.send(calls.publish_release("acme/web", good.id))
    await place.api.send(calls.delete_release("acme/web", half.id))
    assert [(each.id, each.draft) for each in await place.api.releases("acme/web")] == [(good.id, False)]


async def test_a_run_is_cancelled_and_then_cannot_be(place: Place) -> None:
    plan = JobPlan("build", ("nowhere",))
    run = place.world.start_run("acme/web", WorkflowPlan("CI", ".github/workflows/ci.yml", (plan,)))
    assert (await place.api.send(calls.cancel_run(of(run)))).status == 202
    assert run.conclusion == "cancelled"
    for call in (calls.cancel_run(of(run)), calls.force_cancel_run(of(run))):
        with pytest.raises(ConflictError, match="a workflow run that is completed"):
            await place.api.send(call)


async def test_refusals_come_in_githubs_words(place: Place) -> None:
    run = place.ended()
    await place.api.send(calls.rerun_run(of(run)))
    with pytest.raises(NotPossibleError, match="This workflow is already running"):
        await place.api.send(calls.rerun_run(of(run)))
    place.world.set_busy(place.world.runner("mac"), True)
    with pytest.raises(NotPossibleError, match="Runner mac is currently running a job and cannot be deleted"):
        await place.api.send(calls.remove_runner(place.key("mac")))
    with pytest.raises(NotPossibleError, match="read-only"):
        await place.api.send(calls.remove_label(place.key("mac"), "self-hosted"))
    with pytest.raises(NotFoundError):
        await place.api.send(calls.generate_jitconfig(ACME, "jit-1", 99, ["x"]))


async def test_a_token_without_the_right_is_told_which_one_it_needs(place: Place) -> None:
    run = place.ended()
    reads = {"actions": "read", "organization_self_hosted_runners": "read", "metadata": "read"}
    place.world.tokens["reading"] = Token(place.world.actors[0], "fine-grained", (), reads)
    place.tokens.secret = "reading"
    for call, needs in (
        (calls.rerun_run(of(run)), "repository permission Actions: write"),
        (calls.remove_runner(place.key("mac")), "organization permission Self-hosted runners: write"),
    ):
        with pytest.raises(PermissionMissingError, match="Resource not accessible by personal access token") as caught:
            await place.api.send(call)
        assert needs in caught.value.hint
    assert run.attempt == 1


async def test_a_repository_that_was_renamed_is_not_changed_under_its_old_name(place: Place) -> None:
    run = place.ended()
    place.world.rename(place.web, "site")
    with pytest.raises(NotFoundError, match="moved"):
        await place.api.send(calls.rerun_run(of(run)))
    assert run.attempt == 1


async def test_what_is_not_there_is_none(place: Place) -> None:
    assert await place.api.run(RunKey("acme/web", 5)) is None
    assert await place.api.runner_named("org:acme", "ma") is None
    found = await place.api.runner_named("org:acme", "mac-2")
    assert found is not None
    assert found.key == place.key("mac-2")
    assert await place.api.caches("acme/web", "none") == ()


async def test_whose_the_token_is(place: Place) -> None:
    assert await place.api.login("acme") == place.world.actors[0].login
    place.world.tokens["installed"] = Token(place.world.actors[0], "installation", (), {"metadata": "read"})
    place.tokens.secret = "installed"
    assert await place.api.login("acme") == ""
