"""Every scenario keeps its promise over half an hour, is the same every time, and does not grow."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

import console.simulator.scenarios as folder
from console.fleet.past import Past
from console.simulator import services
from console.simulator.clock import WorldClock
from console.simulator.enterprises import admit
from console.simulator.inhabitants import Job, Run
from console.simulator.job_logs import annotations_of, log_of
from console.simulator.scenarios import DEFAULT, scenario_named, scenarios
from console.simulator.scenarios.hostile_names import HOSTILE
from console.simulator.scenarios.release_draft_race import astray
from console.simulator.services import act
from console.simulator.step_output import run_failed
from console.simulator.world import World
from tests.simulator.conftest import NINE

SMALL = [name for name in scenarios() if name != "big-fleet"]
ISSUE = {
    "healthy",
    "idle-while-queued",
    "label-typo",
    "group-excludes-repository",
    "approval-and-concurrency",
    "github-outage",
    "big-fleet",
    "cache-conflict",
    "cache-readonly-token",
    "cache-service-404",
    "remote-cache-upload",
    "release-draft-race",
    "session-conflict",
    "jit-broker-badrequest",
    "registration-lost",
    "disk-full",
    "chatty-job",
    "silent-hang-after-acknowledge",
    "sudo-password",
    "two-operators",
    "zombie-runner",
}
State = dict[int | tuple[str, int], tuple[object, ...]]


def built(name: str) -> World:
    return scenario_named(name).build(WorldClock(NINE, frozen=True))


def half_an_hour(world: World, seconds: float = 20) -> Iterator[World]:
    yield world
    for _ in range(int(1800 / seconds)):
        world.clock.move(timedelta(seconds=seconds))
        world.advance()
        yield world


def waited(world: World, job: Job) -> timedelta:
    return world.timeline.now - job.created_at


def runs(world: World) -> list[Run]:
    return [run for repository in world.repositories.values() for run in world.runs.of(repository).values()]


def asks(job: Job, label: str) -> bool:
    return label in job.labels


def state(world: World) -> State:
    found: State = {
        (scope, runner.id): (runner.name, runner.status, runner.busy)
        for scope, members in world.runners.items()
        for runner in members.values()
    }
    for job in world.runs.jobs.values():
        found[job.id] = (job.name, job.status, job.created_at, job.runner_name)
    return found


def test_there_is_one_for_each_file_and_all_that_are_promised() -> None:
    files = {path.stem for path in Path(folder.__file__).parent.glob("*.py")} - {"__init__"}
    assert {name.replace("-", "_") for name in scenarios()} == files
    assert set(scenarios()) >= ISSUE
    assert DEFAULT in scenarios()


def test_in_a_healthy_fleet_no_job_is_queued_longer_than_a_minute() -> None:
    finished = set()
    for world in half_an_hour(built("healthy")):
        assert all(waited(world, job) < timedelta(seconds=60) for job in world.queued())
        assert all(runner.status == "online" for runner in world.runners["org:acme"].values())
        finished |= {job.id for job in world.runs.jobs.values() if job.completed_at and job.completed_at > NINE}
        assert 5 < sum(runner.busy for runner in world.runners["org:acme"].values()) < 45
    assert len(finished) > 100


def test_while_github_is_in_trouble_jobs_wait_for_it_and_then_go_on_by_themselves() -> None:
    longest, empty = timedelta(), 0
    for world in half_an_hour(built("github-outage")):
        longest = max(longest, *(waited(world, job) for job in world.queued()), timedelta())
        empty += all(waited(world, job) < timedelta(seconds=60) for job in world.queued())
        assert all(runner.status == "online" for runner in world.runners["org:acme"].values())
    assert timedelta(minutes=5) < longest < timedelta(minutes=6)
    assert empty > 20


def test_github_is_well_again_when_it_hands_out_jobs_and_says_so_and_not_between_two_errors() -> None:
    scenario, world = scenario_named("github-outage"), built("github-outage")
    solved = []
    for _ in half_an_hour(world):
        if scenario.solved(world):
            solved.append(world.timeline.now - world.opens_at)
            assert not world.dispatch._halted
            assert world.standing.actions == "operational"
    assert timedelta(minutes=6.9) <= solved[0] < timedelta(minutes=8)


def test_jobs_of_a_healthy_fleet_fail_for_their_own_reasons_but_for_one_now_and_then() -> None:
    logs = [run_failed(job, "Test") for world in [built("healthy")] for job in world.runs.jobs.values()]
    of_machines = [log for log in logs if any("Killed" in line or "ENOSPC" in line for line in log)]
    assert 0 < len(of_machines) < len(logs) / 10, "several at once would be a finding"


def test_a_stuck_runner_idles_while_jobs_that_only_it_can_take_wait() -> None:
    world = built("idle-while-queued")
    stuck = world.runner("prod-linux-03")
    signing = [job for job in world.queued() if asks(job, "release-signing")]
    assert [int(waited(world, job).total_seconds() // 60) for job in signing] == [14, 8, 4]
    others = set()
    for _ in half_an_hour(world):
        assert (stuck.status, stuck.busy) == ("online", False)
        assert set(signing) <= set(world.queued())
        assert all(asks(job, "release-signing") or waited(world, job).seconds < 60 for job in world.queued())
        others |= {job.runner_name for job in world.runs.jobs.values() if job.completed_at and job.completed_at > NINE}
    assert len([job for job in world.queued() if asks(job, "release-signing")]) > 4
    assert len(others) > 30


def test_beside_the_stuck_runner_there_are_small_things_to_see() -> None:
    world = built("idle-while-queued")
    fleet = list(world.runners["org:acme"].values())
    assert [runner.name for runner in fleet if runner.status == "offline"] == ["build-linux-11"]
    assert [runner.name for runner in fleet if runner.version == "2.335.0"] == ["mac-mini-04"]
    running = [job for job in world.runs.jobs.values() if job.status == "in_progress" and job.started_at]
    assert max(world.timeline.now - job.started_at for job in running if job.started_at) > timedelta(hours=2)
    assert len(world.runners["repo:acme-labs/gpu-tests"]) == 2


def test_the_typo_is_one_label_and_its_jobs_wait() -> None:
    world = built("label-typo")
    labels = {label.name for runner in world.runners["org:acme"].values() for label in runner.labels}
    assert "gpu-a100" in labels
    assert "gpu-a10" not in labels
    for _ in half_an_hour(world):
        assert all(asks(job, "gpu-a10") or waited(world, job).seconds < 60 for job in world.queued())
        assert max(waited(world, job) for job in world.queued()) >= timedelta(minutes=22)


def test_groups_that_do_not_admit_keep_their_runners_idle() -> None:
    world = built("group-excludes-repository")
    for _ in half_an_hour(world):
        waiting = {job.run.repository.name for job in world.queued() if waited(world, job).seconds > 300}
        assert waiting == {"search-service", "docs-site", "payments-service"}
        assert any(runner.takes_jobs for runner in world.runners["org:acme"].values())
    docs = world.repositories["acme/docs-site"]
    assert not docs.private
    assert not any(group.allows_public_repositories for group in world.groups["acme"].values())


def test_runners_of_an_enterprise_serve_the_organization_that_their_group_admits_and_no_other() -> None:
    world = built("enterprise-runners")
    for _ in half_an_hour(world):
        waiting = [job for job in world.queued() if waited(world, job) > timedelta(minutes=1)]
        assert {job.run.repository.full_name for job in waiting} == {"acme-labs/gpu-tests"}
        assert any(runner.takes_jobs for runner in world.runners["enterprise:acme-corp"].values())
    ran = [job for job in world.runs.jobs.values() if "large-memory" in job.labels and job.machine is not None]
    assert {job.run.repository.full_name for job in ran} == {"acme/search-service"}
    assert {job.machine.scope for job in ran if job.machine} == {"enterprise:acme-corp"}


def test_runs_wait_for_people_and_for_one_another_and_for_no_runner() -> None:
    world = built("approval-and-concurrency")
    assert [run.repository.name for run in runs(world) if run.status == "pending"] == ["infra"]
    for _ in half_an_hour(world):
        assert {("waiting", None), ("completed", "action_required")} <= {
            (run.status, run.conclusion) for run in runs(world)
        }
        assert all(waited(world, job).seconds < 60 for job in world.queued())


def test_three_in_a_hundred_runners_of_the_big_fleet_change_within_15_seconds() -> None:
    world = built("big-fleet")
    assert sum(len(fleet) for fleet in world.runners.values()) == 10_000
    assert len(world.repositories) == 300
    for _ in range(4):
        before = state(world)
        world.clock.move(timedelta(seconds=15))
        world.advance()
        after = state(world)
        changed = sum(before[key] != after[key] for key in before if isinstance(key, tuple))
        assert 200 < changed < 400
    assert 500 < sum(job.status == "in_progress" for job in world.runs.jobs.values()) < 2000


def test_every_field_is_hostile_in_the_hostile_fleet() -> None:
    world = built("hostile-names")
    jobs = list(world.runs.jobs.values())
    for text in HOSTILE:
        assert text in {runner.name for runner in world.runners["org:acme"].values()}
        assert text in {group.name for group in world.groups["acme"].values()}
        assert text in {job.run.title for job in jobs} & {job.run.branch for job in jobs}
        assert text in {job.run.workflow.name for job in jobs} & {label for job in jobs for label in job.labels}
    assert {"queued", "in_progress", "completed"} == {job.status for job in jobs}


def jobs_of(world: World, repository: str, name: str) -> list[Job]:
    """That have ended, the oldest first. Matrix jobs are named by what is before the bracket."""
    return [
        job
        for job in world.runs.jobs.values()
        if job.run.repository.full_name == repository and job.name.startswith(name) and job.conclusion is not None
    ]


def said(job: Job) -> str:
    log = log_of(job)
    assert log is not None
    return log.decode()


CONFLICT = "Failed to CreateCacheEntry: Received non-retryable error: Failed request: (409) Conflict"
LOST = "Received non-retryable error: Failed request: (404) Not Found: invalid request"


def test_a_key_that_is_held_is_missed_and_refused_and_missed_again() -> None:
    world = built("cache-conflict")
    for _ in half_an_hour(world, seconds=300):
        failed = [job for job in jobs_of(world, "acme/web", "warm caches") if not job.lost]
        assert len(failed) >= 3
        assert {job.conclusion for job in failed} == {"failure"}
        for job in failed:
            text = said(job)
            missed = text.index("Cache not found for input keys: npm-Linux-7be1f0")
            refused = text.index(CONFLICT)
            assert (
                missed < refused < text.index("##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss")
            )
    web = world.repositories["acme/web"]
    assert "npm-Linux-7be1f0" not in [cache.key for cache in world.shelf.caches(web)]


def test_previews_fail_for_a_cache_that_they_may_not_save_and_nothing_holds_its_key() -> None:
    world = built("cache-readonly-token")
    for _ in half_an_hour(world, seconds=300):
        previews = [job for job in jobs_of(world, "acme/web", "preview") if job.conclusion is not None]
        assert len(previews) >= 3
        for job in previews:
            assert (job.conclusion, job.run.workflow.event) == ("failure", "pull_request_target")
            text = said(job)
            assert text.index("token has no writable scopes") < text.index("fail-on-cache-miss is set")
    assert "npm-Linux-c40d92" not in [cache.key for cache in world.shelf.everything(world.repositories["acme/web"])]
    (lost,) = jobs_of(world, "acme/web", "warm caches")
    assert (lost.conclusion, lost.lost) == ("failure", True)


def test_a_dead_runner_is_busy_for_some_minutes_and_idle_then_and_another_one_does_its_work() -> None:
    world = built("zombie-runner")
    dead = world.runner("render-01")
    seen = [(dead.status, dead.busy) for _ in half_an_hour(world, seconds=60)]
    assert seen[0] == ("offline", True)
    assert 3 <= seen.index(("offline", False)) <= 6
    assert {*seen[6:]} == {("offline", False)}
    lost, *others = jobs_of(world, "acme/data-pipeline", "render catalogue")
    assert (lost.conclusion, lost.lost) == ("failure", True)
    assert {job.runner_name for job in others if job.status == "completed"} == {"render-02"}


def test_the_key_is_held_by_a_job_whose_runner_was_lost() -> None:
    world = built("cache-conflict")
    lost = jobs_of(world, "acme/web", "warm caches")[0]
    assert (lost.conclusion, lost.lost, log_of(lost)) == ("failure", True, None)
    (held,) = [entry for entry in world.shelf.everything(world.repositories["acme/web"]) if not entry.finished]
    assert (held.key, held.created_at) == ("npm-Linux-7be1f0", lost.completed_at)
    (told,) = annotations_of(lost)
    assert told.message.startswith(f"The self-hosted runner: {lost.runner_name} lost communication with the server.")
    assert all(runner.status == "online" for runner in world.runners["org:acme"].values())


def test_in_a_matrix_the_same_conflict_is_said_by_all_but_one_and_the_key_is_there() -> None:
    world = built("cache-conflict")
    for _ in half_an_hour(world, seconds=300):
        pass
    by_run = [run.jobs for run in runs(world) if run.workflow.name == "Compatibility" and run.status == "completed"]
    assert len(by_run) >= 3
    api = world.repositories["acme/api"]
    for jobs in by_run:
        texts = [said(job) for job in jobs]
        assert {job.conclusion for job in jobs} == {"success"}
        assert all("Cache not found for input keys: pip-Linux-" in text for text in texts)
        assert [CONFLICT in text for text in texts].count(True) == 2
        assert ["Cache saved with key: pip-Linux-" in text for text in texts].count(True) == 1
        assert world.shelf.has_cache(api, f"pip-Linux-{jobs[0].run.head_sha[:6]}")


def test_a_lost_cache_service_strikes_several_repositories_at_once_and_only_who_cannot_do_without_fails() -> None:
    world = built("cache-service-404")
    for repository in ("acme/web", "acme/payments-service", "acme/search-service"):
        before, *later = jobs_of(world, repository, "bundle")
        assert LOST not in said(before)
        assert all(LOST in said(job) for job in later)
        assert {job.conclusion for job in (before, *later)} == {"success"}
        assert [job.conclusion for job in jobs_of(world, repository, "preview")][:2] == ["success", "failure"]
        for job in jobs_of(world, repository, "preview")[1:]:
            assert said(job).index(LOST) < said(job).index("##[error]")
            assert [step.conclusion for step in job.steps][2:5] == ["failure", "skipped", "skipped"]
    spoken = jobs_of(world, "acme/cache-client", "unit")
    assert {job.conclusion for job in spoken} == {"success"}
    assert all(f"✓\x1b[0m goes on after: Failed to CreateCacheEntry: {LOST}" in said(job) for job in spoken)


def test_the_cache_service_finds_its_way_again_by_itself() -> None:
    world = built("cache-service-404")
    world.clock.move(timedelta(minutes=75))
    world.advance()
    for repository in ("acme/web", "acme/search-service"):
        assert LOST not in said(jobs_of(world, repository, "bundle")[-1])
        assert jobs_of(world, repository, "preview")[-1].conclusion == "success"


def test_an_upload_to_the_build_cache_that_fails_fails_the_old_client_only() -> None:
    world = built("remote-cache-upload")
    before, *later = jobs_of(world, "acme/web", "moon ci")
    assert before.conclusion == "success"
    assert {job.conclusion for job in later} == {"failure"}
    newer = jobs_of(world, "acme/design-system", "moon ci")
    assert {job.conclusion for job in newer} == {"success"}
    for job in (*later, *newer[1:]):
        assert "Failed to make gRPC call." in said(job)
        assert "Unknown error: transport error" in said(job)
    assert all("##[error]Process completed with exit code 1." in said(job) for job in later)
    assert all("##[error]" not in said(job) for job in newer)


def test_a_release_race_is_green_everywhere_and_only_the_releases_tell() -> None:
    world = built("release-draft-race")
    web, api, mobile = (world.repositories[f"acme/{name}"] for name in ("web", "api", "mobile-app"))
    published = next(run for run in runs(world) if run.branch == "v2.5.0")
    drafted = next(run for run in runs(world) if run.title == "Prepare v2.5.0")
    assert published.updated_at < drafted.updated_at
    for _ in half_an_hour(world, seconds=120):
        released = [run for run in runs(world) if run.workflow.name in {"Publish", "Draft release"}]
        assert {run.conclusion for run in released} <= {"success", None}
        assert not any("##[error]" in said(job) for run in released for job in run.jobs if job.conclusion)
        assert [found.draft for found in world.shelf.of_tag(web, "v2.5.0")] == [True]
        assert sorted(found.draft for found in world.shelf.of_tag(api, "v1.9.0")) == [False, True]
        assert [found.draft for found in world.shelf.of_tag(mobile, "v5.2.0")] == [False]
    assert len(world.shelf.tags(web)) >= 2


@pytest.mark.parametrize("name", list(scenarios()))
def test_history_does_not_depend_on_how_often_somebody_looks(name: str) -> None:
    often, once = built(name), built(name)
    for _ in half_an_hour(often, seconds=30 if name == "big-fleet" else 1.7):
        pass
    once.clock.move(often.clock.now() - once.clock.now())
    once.advance()
    assert state(often) == state(once)


@pytest.mark.parametrize("name", SMALL)
def test_a_day_does_not_make_it_grow(name: str) -> None:
    world = built(name)
    sizes = []
    for _ in range(24):
        world.clock.move(timedelta(hours=1))
        world.advance()
        sizes.append(len(world.runs.jobs) + len(world.timeline._ahead) + len(world.queued()))
    assert max(sizes) < 2500
    assert max(sizes[12:]) < 1.3 * max(sizes[:12])


def refused_or_stuck(world: World) -> set[str]:
    return {runner.name for runner in world.runners["org:acme"].values() if runner.stuck}


@pytest.mark.parametrize(("name", "label"), [("incident-session", "release-signing"), ("incident-jit", "jit-checkout")])
def test_an_incident_begins_in_a_healthy_fleet_and_is_whole_within_eight_minutes(name: str, label: str) -> None:
    world = built(name)
    assert refused_or_stuck(world) == set()
    assert all(waited(world, job) < timedelta(seconds=60) for job in world.queued())
    for _ in itertools.islice(half_an_hour(world), 24):
        assert all(asks(job, label) or waited(world, job) < timedelta(seconds=60) for job in world.queued())
    able = {
        runner.name
        for runner in world.runners["org:acme"].values()
        if any(label == each.name for each in runner.labels)
    }
    assert refused_or_stuck(world) == able
    assert sum(asks(job, label) and waited(world, job) > timedelta(minutes=3) for job in world.queued()) >= 3


@pytest.mark.parametrize("name", ["incident-session-harmless", "incident-jit-harmless"])
def test_the_same_lines_are_harmless_where_no_job_waits_longer_than_a_minute(name: str) -> None:
    for world in half_an_hour(built(name)):
        assert all(waited(world, job) < timedelta(seconds=60) for job in world.queued())


def restarted(world: World) -> list[str]:
    """What the journal of the old runner says after one more restart, when it has ended."""
    old = world.runner("prod-linux-03")
    services.act(world, old, "restart")
    world.clock.move(timedelta(minutes=5))
    world.advance()
    return [line.text for line in old.diary.journal(old, world.timeline.now)]


def test_the_old_runner_meets_a_conflict_first_and_then_learns_that_its_registration_is_gone() -> None:
    world = built("incident-session")
    world.clock.move(timedelta(minutes=6))
    world.advance()
    said = restarted(world)
    assert "Runner listener exit with Session Conflict error, stop the service, no retry needed." in said
    assert not any("registration has been deleted" in line for line in said)
    for _ in range(2):
        assert "registration has been deleted" in restarted(world)[-4]
    assert world.runner("prod-linux-03").status == "offline"


def unstick(world: World) -> None:
    world.restart(world.runner("prod-linux-03"))


def add_the_label(world: World) -> None:
    for number in range(1, 5):
        runner = world.runner(f"gpu-{number:02}")
        world.relabel(runner, [*(label.name for label in runner.labels), "gpu-a10"])


def open_the_groups(world: World) -> None:
    for group in world.groups["acme"].values():
        repositories = world.repositories.values()
        refs = tuple(f"{one.full_name}/.github/workflows/deploy.yml@refs/heads/main" for one in repositories)
        world.change_group(group, admit=world.repositories["acme/search-service"], public=True)
        if group.workflows is not None:
            world.change_group(group, workflows=refs)


def delete_the_key(world: World) -> None:
    world.shelf.delete_cache(world.repositories["acme/web"], "npm-Linux-7be1f0")


def mend_the_build_cache(world: World) -> None:
    world.mend_service("build cache")


def wait(_world: World) -> None:
    """There is nothing else to do."""


def publish_and_delete_drafts(world: World) -> None:
    for repository in world.repositories.values():
        for tag in astray(world, repository):
            first, *others = world.shelf.of_tag(repository, tag)
            world.shelf.publish(first)
            for other in others:
                world.shelf.delete_release(repository, other)


def restart_what_stopped(world: World) -> None:
    world.restart(world.runner("prod-linux-03"))


def drain_and_return(world: World) -> None:
    runner = world.runner("prod-linux-07")
    act(world, runner, "stop")
    world.timeline.after(90, lambda: act(world, runner, "start"))


def start_the_updated(world: World) -> None:
    for number in (1, 2, 3):
        act(world, world.runner(f"firmware-{number:02}"), "start")


def register_again(world: World) -> None:
    gone = world.runner("prod-linux-03")
    world.remove_runner(gone)
    world.add_runner(gone.name, gone.os, [label.name for label in gone.labels], group=gone.group)


def renew_jit_runners(world: World) -> None:
    for gone in [runner for runner in world.runners["org:acme"].values() if runner.ephemeral and runner.stuck]:
        world.remove_runner(gone)
        world.add_runner(f"{gone.name}-b", gone.os, ["arc-linux"], group=gone.group, ephemeral=True, host=gone.host)


def renew_checkout_runners(world: World) -> None:
    for gone in [runner for runner in world.runners["org:acme"].values() if runner.stuck]:
        world.remove_runner(gone)  # the autoscaler makes others


def make_room(world: World) -> None:
    world.free_disk(world.runner("build-linux-05"))


def admit_the_other_organization(world: World) -> None:
    groups = world.groups["enterprise:acme-corp"].values()
    admit(world, next(group for group in groups if group.name == "Large machines"), "acme-labs")


def switch_actions_on(world: World) -> None:
    world.repositories["acme/billing-service"].actions_on = True
    world.dispatch.offer_all()


def put_a_runner_into_the_group(world: World) -> None:
    group = next(group for group in world.groups["acme"].values() if group.name == "large-runners")
    world.add_runner("large-01", "Linux", ("self-hosted", "Linux", "X64"), group=group)


def approve_everything(world: World) -> None:
    for run in runs(world):
        world.runs.approve(run)


@pytest.mark.parametrize(
    ("name", "solve"),
    [
        ("idle-while-queued", unstick),
        ("sudo-password", unstick),
        ("label-typo", add_the_label),
        ("group-excludes-repository", open_the_groups),
        ("enterprise-runners", admit_the_other_organization),
        ("actions-disabled", switch_actions_on),
        ("wrong-group", put_a_runner_into_the_group),
        ("approval-and-concurrency", approve_everything),
        ("cache-conflict", delete_the_key),
        ("cache-service-404", wait),
        ("remote-cache-upload", mend_the_build_cache),
        ("release-draft-race", publish_and_delete_drafts),
        ("session-conflict", restart_what_stopped),
        ("jit-broker-badrequest", renew_jit_runners),
        ("registration-lost", register_again),
        ("disk-full", make_room),
        ("planned-maintenance", drain_and_return),
        ("outdated-runners", start_the_updated),
        ("silent-hang-after-acknowledge", renew_jit_runners),
        ("incident-session", register_again),
        ("incident-jit", renew_checkout_runners),
    ],
)
def test_what_helps_solves_it_and_nothing_else_does(name: str, solve: Callable[[World], None]) -> None:
    scenario, world = scenario_named(name), built(name)
    for _ in half_an_hour(world):
        assert not scenario.solved(world)
    solve(world)
    solved = False
    for _ in half_an_hour(world):
        solved = solved or scenario.solved(world)
    assert solved


def test_early_warnings_last_and_hurt_nobody_else() -> None:
    scenario = scenario_named("early-warnings")
    world = built("early-warnings")
    loops, twice, orphaned = (world.runner(name) for name in ("build-linux-06", "prod-linux-08", "prod-linux-11"))
    late = {"bench", "android"}
    for _ in half_an_hour(world):
        assert twice.twin
        assert orphaned.orphaned_at is not None
        assert (orphaned.status, orphaned.busy) == ("online", False)
        assert all(late & set(job.labels) or waited(world, job) < timedelta(seconds=60) for job in world.queued())
    assert len([at for at in loops.diary.begun if world.timeline.now - at <= timedelta(minutes=30)]) > 8
    assert any(timedelta(hours=21) < waited(world, job) < timedelta(hours=23) for job in world.queued())
    assert not scenario.solved(world)
    world.remove_directory(world.runner("build-linux-11"), "_work/_tool")
    world.set_status(world.runner("build-linux-13"), "online")
    assert scenario.solved(world)


def test_a_scenario_that_was_watched_has_a_past_as_a_console_keeps_it() -> None:
    world = built("early-warnings")
    past = scenario_named("early-warnings").past
    assert past is not None
    kept = past(world)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=Past) == kept
    assert [scenario.id for scenario in scenarios().values() if scenario.past is not None] == ["early-warnings"]


def test_a_version_that_github_refuses_is_refused_again_until_it_is_replaced() -> None:
    world = built("outdated-runners")
    first = world.runner("firmware-01")
    for each in half_an_hour(world):
        if first.status == "offline":
            break
        assert all(waited(each, job) < timedelta(minutes=1) for job in each.queued()), "until then all is well"
    act(world, first, "start")
    world.clock.move(timedelta(minutes=1))
    world.advance()
    said = [line.text for line in first.diary.journal(first, world.timeline.now)]
    assert sum("Runner version v2.332.0 is deprecated" in line for line in said) == 2
    assert (first.status, first.diary.running) == ("offline", False)
    world.clock.move(timedelta(minutes=6))
    world.advance()
    act(world, first, "start")
    world.clock.move(timedelta(seconds=20))
    world.advance()
    said = [line.text for line in first.diary.journal(first, world.timeline.now)]
    assert "Current runner version: '2.332.0'" in said, "it was of that version then"
    assert (first.status, first.version) == ("online", "2.336.0")
