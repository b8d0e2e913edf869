"""How jobs find runners, and how runs follow their course."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Run
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan
from console.simulator.world import World

LINUX = JobPlan("build", ("self-hosted", "linux"), (60, 60))
PUSH = WorkflowPlan("CI", ".github/workflows/ci.yml", (LINUX,), fails=0.0)


@pytest.fixture
def small(clock: WorldClock) -> World:
    """One organisation with a private and a public repository, and no runner yet."""
    world = World(clock)
    world.add_account("acme")
    world.add_repository("acme/web")
    world.add_repository("acme/docs", private=False)
    world.advance()
    return world


def pass_time(world: World, **time: float) -> None:
    world.clock.move(timedelta(**time))
    world.advance()


def add(world: World, name: str = "one", labels: tuple[str, ...] = ("Self-Hosted", "LINUX"), group: int = 1) -> None:
    world.add_runner(name, "Linux", labels, group=world.groups["acme"][group])


def test_a_job_is_given_to_an_idle_runner_within_seconds_and_runs_its_time(small: World) -> None:
    add(small)
    run = small.start_run("acme/web", PUSH)
    assert (run.status, run.jobs[0].status) == ("queued", "queued")
    pass_time(small, seconds=7)
    assert (run.status, run.jobs[0].status, run.jobs[0].runner_name) == ("in_progress", "in_progress", "one")
    assert small.runner("one").busy
    pass_time(small, seconds=60)
    assert (run.status, run.conclusion) == ("completed", "success")
    assert not small.runner("one").busy


def test_what_waits_longest_gets_the_runner_that_is_free_again(small: World) -> None:
    add(small)
    runs = []
    for _ in range(3):
        runs.append(small.start_run("acme/web", PUSH))
        pass_time(small, seconds=8)
    assert [run.status for run in runs] == ["in_progress", "queued", "queued"]
    pass_time(small, seconds=62)
    assert [run.status for run in runs] == ["completed", "in_progress", "queued"]


def test_runners_with_special_labels_are_left_for_the_jobs_that_need_them(small: World) -> None:
    add(small, "special", ("self-hosted", "linux", "signing"))
    add(small, "plain")
    for _ in range(6):
        for name in ("special", "plain"):
            small.set_status(small.runner(name), "offline")
        run = small.start_run("acme/web", PUSH)
        pass_time(small, seconds=10)
        for name in ("special", "plain"):
            small.set_status(small.runner(name), "online")
        pass_time(small, minutes=2)
        assert run.jobs[0].runner_name == "plain"


@pytest.mark.parametrize("reason", ["labels", "offline", "stuck", "busy elsewhere", "other group", "no runner"])
def test_a_job_waits_while_no_runner_can_take_it(small: World, reason: str) -> None:
    if reason == "other group":
        group = small.add_group("acme", "Elsewhere", repositories=[small.repositories["acme/docs"]])
        add(small, group=group.id)
    elif reason == "labels":
        add(small, labels=("self-hosted", "linux-arm"))
    elif reason != "no runner":
        add(small)
    if reason == "offline":
        small.set_status(small.runner("one"), "offline")
    if reason == "stuck":
        small.wedge(small.runner("one"))
    if reason == "busy elsewhere":
        small.set_busy(small.runner("one"), busy=True)
    run = small.start_run("acme/web", PUSH)
    pass_time(small, minutes=30)
    assert run.status == "queued"
    assert small.queued() == (run.jobs[0],)


def waiting(small: World, repository: str = "acme/web", workflow: WorkflowPlan = PUSH) -> Run:
    run = small.start_run(repository, workflow)
    pass_time(small, minutes=5)
    assert run.status == "queued"
    return run


def test_a_runner_that_gets_stuck_during_a_job_finishes_it_and_takes_no_other(small: World) -> None:
    add(small)
    running = small.start_run("acme/web", PUSH)
    pass_time(small, seconds=7)
    small.wedge(small.runner("one"))
    waits = small.start_run("acme/web", PUSH)
    pass_time(small, minutes=5)
    assert (running.conclusion, waits.status) == ("success", "queued")
    assert (small.runner("one").status, small.runner("one").busy) == ("online", False)


def test_a_restart_frees_a_stuck_runner(small: World) -> None:
    add(small)
    small.wedge(small.runner("one"))
    run = waiting(small)
    small.restart(small.runner("one"))
    pass_time(small, seconds=7)
    assert run.status == "in_progress"


def test_the_right_label_makes_a_runner_fit(small: World) -> None:
    add(small, labels=("self-hosted", "linus"))
    run = waiting(small)
    small.relabel(small.runner("one"), ("self-hosted", "linux"))
    pass_time(small, seconds=7)
    assert run.status == "in_progress"


def test_a_group_admits_what_it_is_told_to(small: World) -> None:
    group = small.add_group("acme", "Picky", repositories=[], workflows=("acme/web/.github/workflows/x.yml@main",))
    add(small, group=group.id)
    private, public = waiting(small), waiting(small, "acme/docs")
    ref = private.workflow_ref
    assert ref == "acme/web/.github/workflows/ci.yml@refs/heads/main"
    small.change_group(group, workflows=(ref, public.workflow_ref))
    small.change_group(group, admit=public.repository)
    pass_time(small, seconds=7)
    assert (private.status, public.status) == ("queued", "queued")
    small.change_group(group, admit=private.repository)
    pass_time(small, seconds=7)
    assert private.status == "in_progress"
    small.change_group(group, public=True)
    pass_time(small, minutes=2)
    assert public.status == "completed"


def test_a_repositorys_runner_serves_it_alone(small: World) -> None:
    small.add_runner("own", "Linux", ("self-hosted", "linux"), repository=small.repositories["acme/docs"])
    other = waiting(small)
    own = small.start_run("acme/docs", PUSH)
    pass_time(small, seconds=7)
    assert (own.status, own.jobs[0].runner_name, other.status) == ("in_progress", "own", "queued")


def test_jobs_follow_those_they_need_unless_these_fail(small: World) -> None:
    add(small)
    jobs = (replace(LINUX, matrix=("a", "b")), replace(LINUX, name="publish", needs=("build",)))
    good = small.start_run("acme/web", replace(PUSH, jobs=jobs))
    assert [job.name for job in good.jobs] == ["build (a)", "build (b)"]
    pass_time(small, minutes=4)
    assert [job.name for job in good.jobs] == ["build (a)", "build (b)", "publish"]
    assert good.conclusion == "success"
    bad = small.start_run("acme/web", replace(PUSH, jobs=jobs, fails=1.0))
    pass_time(small, minutes=4)
    assert (bad.conclusion, len(bad.jobs)) == ("failure", 2)


def test_an_environment_and_a_fork_wait_for_approval(small: World) -> None:
    add(small)
    deployment = small.start_run("acme/web", replace(PUSH, jobs=(replace(LINUX, environment="prod"),)))
    fork = small.start_run("acme/web", replace(PUSH, from_fork=True))
    pass_time(small, minutes=30)
    assert (deployment.status, deployment.jobs[0].status) == ("waiting", "waiting")
    assert (fork.status, fork.conclusion, fork.jobs) == ("completed", "action_required", [])
    assert small.queued() == ()
    small.runs.approve(deployment)
    small.runs.approve(fork)
    pass_time(small, minutes=3)
    assert (deployment.conclusion, fork.conclusion) == ("success", "success")


def test_a_concurrency_group_runs_one_holds_one_and_cancels_what_was_held(small: World) -> None:
    add(small)
    runs = [small.start_run("acme/web", replace(PUSH, concurrency="prod")) for _ in range(3)]
    elsewhere = small.start_run("acme/docs", replace(PUSH, concurrency="prod"))
    pass_time(small, seconds=7)
    assert [run.status for run in runs] == ["in_progress", "completed", "pending"]
    assert runs[1].conclusion == "cancelled"
    assert runs[2].jobs[0].status == "pending"
    assert elsewhere.status == "queued"
    pass_time(small, minutes=4)
    assert [run.conclusion for run in runs] == ["success", "cancelled", "success"]


def test_an_ephemeral_runner_takes_one_job_and_another_takes_its_place(small: World) -> None:
    default = small.groups["acme"][1]
    first = small.add_runner("arc-1", "Linux", ("self-hosted", "linux"), group=default, ephemeral=True)
    small.start_run("acme/web", PUSH)
    pass_time(small, seconds=90)
    (successor,) = small.runners["org:acme"].values()
    assert successor.id != first.id
    assert successor.name.startswith("arc-")
    assert successor.takes_jobs


def test_a_removed_runner_takes_nothing_any_more(small: World) -> None:
    add(small)
    running = small.start_run("acme/web", PUSH)
    pass_time(small, seconds=7)
    small.remove_runner(small.runner("one"))
    waits = small.start_run("acme/web", PUSH)
    pass_time(small, minutes=3)
    assert (running.conclusion, waits.status) == ("success", "queued")
    assert small.runners["org:acme"] == {}


def test_a_job_that_nobody_takes_for_a_day_is_given_up(small: World) -> None:
    run = small.start_run("acme/web", PUSH)
    pass_time(small, hours=23)
    assert run.status == "queued"
    pass_time(small, hours=1.5)
    assert (run.status, run.conclusion) == ("completed", "cancelled")
    assert small.queued() == ()


def test_a_workflow_starts_again_and_again_but_never_too_often_at_once(small: World) -> None:
    small.add_stream(Stream("acme/web", PUSH, 60, at_most=3))
    pass_time(small, hours=1)
    assert len(small.queued()) == 3
    add(small)
    pass_time(small, minutes=30)
    done = [run for run in small.runs.of(small.repositories["acme/web"]).values() if run.status == "completed"]
    assert 15 < len(done) <= 30
