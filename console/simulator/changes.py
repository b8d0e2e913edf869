"""Every request that changes something at the pretend GitHub: what it does to the world, and how it is refused."""

from collections.abc import Sequence
from datetime import timedelta

from console.simulator.calls import DOCS, Answer, Call, InvalidError, NotFoundError, RefusedError
from console.simulator.endpoints import RELEASE_DOCS, RUN_DOCS, RUNNER_DOCS, Endpoint
from console.simulator.inhabitants import Group, Job, Release, Repository, Run, Runner
from console.simulator.places import encoded, timestamp
from console.simulator.registrations import Purpose
from console.simulator.run_questions import the_job, the_run
from console.simulator.tokens import ENTERPRISE_RUNNERS, Access

MOST_RERUNS = 50
OLDEST = timedelta(days=30)

WRITE_ORG_RUNNERS = Access("organization_self_hosted_runners=write", ("admin:org",))
WRITE_REPO_RUNNERS = Access("administration=write", ("repo",))
WRITE_ACTIONS = Access("actions=write", ("repo",))
WRITE_CONTENTS = Access("contents=write", ("repo",))

DONE = Answer(b"{}", status=201)
GONE = Answer(b"", status=204)
TOLD = Answer(b"{}", status=202)


def rerun_job(call: Call) -> Answer:
    """One job, and those that need it."""
    job = the_job(call)
    if job.run.status != "completed":
        raise RefusedError(403, "The workflow run containing this job is already running")
    return _rerun(call, job.run, [job])


def rerun_failed_jobs(call: Call) -> Answer:
    """Those that failed or were cancelled, and those that need them."""
    run = the_run(call)
    return _rerun(call, run, [job for job in run.jobs if job.conclusion in {"failure", "cancelled", "timed_out"}])


def rerun(call: Call) -> Answer:
    """All jobs."""
    return _rerun(call, the_run(call), None)


def _rerun(call: Call, run: Run, again: Sequence[Job] | None) -> Answer:
    by = call.token.user
    assert by is not None
    if run.status != "completed":
        raise RefusedError(403, "This workflow is already running")
    if run.created_at < call.world.timeline.now - OLDEST:
        raise RefusedError(403, "Unable to retry this workflow run because it was created over a month ago")
    known = again is None or (len(again) > 0 and all(job in run.jobs for job in again))
    if run.attempt > MOST_RERUNS or run.conclusion == "action_required" or not known:
        raise RefusedError(403, "This workflow run cannot be retried")
    call.world.runs.rerun(run, by, again, debug=call.sent.get("enable_debug_logging") is True)
    return DONE


def cancel(call: Call) -> Answer:
    """Runners are told."""
    call.world.runs.stop(_under_way(call, "cancel"))
    return TOLD


def force_cancel(call: Call) -> Answer:
    """Whether runners hear of it or not."""
    call.world.runs.stop(_under_way(call, "force cancel"), force=True)
    return TOLD


def _under_way(call: Call, verb: str) -> Run:
    run = the_run(call)
    if run.status == "completed":
        raise RefusedError(409, f"Cannot {verb} a workflow run that is completed.")
    return run


def scope_of(call: Call) -> tuple[str, Repository | None]:
    """Whose runners the path is about; the repository where they are one's own."""
    scope = call.scope()
    return scope, call.repository() if scope.startswith("repo:") else None


def the_runner(call: Call) -> Runner:
    """The runner of the path."""
    runner = call.world.runners[scope_of(call)[0]].get(call.number("runner_id"))
    if runner is None:
        raise NotFoundError
    return runner


def remove_runner(call: Call) -> Answer:
    """Not while GitHub calls it busy."""
    runner = the_runner(call)
    if runner.busy:
        raise RefusedError(422, f"Bad request - Runner {runner.name} is currently running a job and cannot be deleted.")
    call.world.remove_runner(runner)
    return GONE


def add_labels(call: Call) -> Answer:
    """Beside those that it has."""
    return _relabelled(call, the_runner(call), call.names("labels", 1), keep=True)


def set_labels(call: Call) -> Answer:
    """In place of the custom ones."""
    return _relabelled(call, the_runner(call), call.names("labels", 0), keep=False)


def remove_labels(call: Call) -> Answer:
    """All custom ones."""
    return _relabelled(call, the_runner(call), (), keep=False)


def remove_label(call: Call) -> Answer:
    """One custom one."""
    runner, name = the_runner(call), call.parameters["name"].lower()
    found = next((label for label in runner.labels if label.name.lower() == name), None)
    if found is None:
        raise NotFoundError
    if found.type == "read-only":
        raise RefusedError(422, f"Label {found.name} is read-only and cannot be removed.")
    call.world.relabel(runner, [label.name for label in runner.labels if label is not found])
    return _labels(call, runner)


def _relabelled(call: Call, runner: Runner, names: Sequence[str], *, keep: bool) -> Answer:
    kept = [label.name for label in runner.labels if keep or label.type == "read-only"]
    known = {name.lower() for name in kept}
    new = {name.lower(): name for name in names if name.lower() not in known}
    call.world.relabel(runner, [*kept, *new.values()])
    return _labels(call, runner)


def _labels(call: Call, runner: Runner) -> Answer:
    labels = call.answers.labels(runner)
    return Answer(encoded({"total_count": len(labels), "labels": labels}))


def registration_token(call: Call) -> Answer:
    """For config.sh."""
    return _token(call, "registration")


def remove_token(call: Call) -> Answer:
    """For config.sh remove."""
    return _token(call, "remove")


def _token(call: Call, purpose: Purpose) -> Answer:
    secret, ends = call.world.registrations.token(scope_of(call)[0], purpose)
    return Answer(encoded({"token": secret, "expires_at": timestamp(ends)}), status=201)


def generate_jitconfig(call: Call) -> Answer:
    """The runner is there from now on, offline."""
    scope, repository = scope_of(call)
    name, number, labels = call.sent.get("name"), call.sent.get("runner_group_id"), call.names("labels", 1)
    if not isinstance(name, str) or not name.strip() or len(name) > 64:
        raise InvalidError("For 'properties/name', this is no name.")
    if not isinstance(number, int) or isinstance(number, bool):
        raise InvalidError('"runner_group_id" wasn\'t supplied.')
    group = _group(call, scope, number)
    if any(runner.name.lower() == name.lower() for runner in call.world.runners[scope].values()):
        raise RefusedError(409, f"Already exists - A runner with the name {name} already exists.")
    runner = call.world.add_jit_runner(name, labels, group=group, repository=repository)
    given = call.world.registrations.configuration(runner, call.web)
    body = b'{"runner":%s,"encoded_jit_config":"%s"}' % (call.answers.runner(runner), given.encode())
    return Answer(body, status=201)


def _group(call: Call, scope: str, number: int) -> Group | None:
    """A repository has but the default one, which is no group of ours."""
    if scope.startswith("repo:"):
        if number == 1:
            return None
        raise NotFoundError
    place = scope if scope.startswith("enterprise:") else scope.removeprefix("org:").lower()
    group = call.world.groups[place].get(number)
    if group is None:
        raise NotFoundError
    return group


def delete_cache_entry(call: Call) -> Answer:
    """One entry."""
    if not call.world.shelf.delete_cache_entry(call.repository(), call.number("cache_id")):
        raise NotFoundError
    return GONE


def delete_cache(call: Call) -> Answer:
    """Every entry of exactly that key: on every ref, unless one is named."""
    place, key = call.repository(), call.query.get("key")
    if key is None:
        raise InvalidError('"key" wasn\'t supplied.')
    gone = call.world.shelf.delete_cache(place, key, call.query.get("ref"))
    if not gone:
        raise NotFoundError
    told = {"total_count": len(gone), "actions_caches": [call.answers.cache(each) for each in gone]}
    return Answer(encoded(told))


def edit_release(call: Call) -> Answer:
    """Publish a draft, or make a draft of it again; nothing else is understood."""
    place, found = _the_release(call)
    draft = call.sent.get("draft", found.draft)
    if not isinstance(draft, bool):
        raise InvalidError("For 'properties/draft', it is not a boolean.")
    if draft != found.draft:
        (call.world.shelf.withdraw if draft else call.world.shelf.publish)(found)
    return Answer(encoded(call.answers.release(place, found)))


def delete_release(call: Call) -> Answer:
    """Its tag stays."""
    call.world.shelf.delete_release(*_the_release(call))
    return GONE


def _the_release(call: Call) -> tuple[Repository, Release]:
    place, wanted = call.repository(), call.number("release_id")
    found = next((each for each in call.world.shelf.releases(place) if each.id == wanted), None)
    if found is None:
        raise NotFoundError
    return place, found


_REPO = "/repos/{owner}/{repo}"
_RUN = f"{_REPO}/actions/runs/{{run_id}}"
_RELEASE = f"{_REPO}/releases/{{release_id}}"
_CACHE_DOCS = f"{DOCS}/actions/cache"


def _of_runners(place: str, access: Access) -> tuple[Endpoint, ...]:
    base = f"{place}/actions/runners"
    labels = f"{base}/{{runner_id}}/labels"
    return (
        Endpoint(f"{base}/registration-token", registration_token, access, RUNNER_DOCS, method="POST"),
        Endpoint(f"{base}/remove-token", remove_token, access, RUNNER_DOCS, method="POST"),
        Endpoint(f"{base}/generate-jitconfig", generate_jitconfig, access, RUNNER_DOCS, method="POST"),
        Endpoint(f"{base}/{{runner_id}}", remove_runner, access, RUNNER_DOCS, method="DELETE"),
        Endpoint(labels, add_labels, access, RUNNER_DOCS, method="POST"),
        Endpoint(labels, set_labels, access, RUNNER_DOCS, method="PUT"),
        Endpoint(labels, remove_labels, access, RUNNER_DOCS, method="DELETE"),
        Endpoint(f"{labels}/{{name}}", remove_label, access, RUNNER_DOCS, method="DELETE"),
    )


CHANGES = (
    *_of_runners("/orgs/{org}", WRITE_ORG_RUNNERS),
    *_of_runners("/enterprises/{enterprise}", ENTERPRISE_RUNNERS),
    *_of_runners(_REPO, WRITE_REPO_RUNNERS),
    Endpoint(f"{_REPO}/actions/jobs/{{job_id}}/rerun", rerun_job, WRITE_ACTIONS, RUN_DOCS, method="POST"),
    Endpoint(f"{_RUN}/rerun-failed-jobs", rerun_failed_jobs, WRITE_ACTIONS, RUN_DOCS, method="POST"),
    Endpoint(f"{_RUN}/rerun", rerun, WRITE_ACTIONS, RUN_DOCS, method="POST"),
    Endpoint(f"{_RUN}/cancel", cancel, WRITE_ACTIONS, RUN_DOCS, method="POST"),
    Endpoint(f"{_RUN}/force-cancel", force_cancel, WRITE_ACTIONS, RUN_DOCS, method="POST"),
    Endpoint(f"{_REPO}/actions/caches/{{cache_id}}", delete_cache_entry, WRITE_ACTIONS, _CACHE_DOCS, method="DELETE"),
    Endpoint(f"{_REPO}/actions/caches", delete_cache, WRITE_ACTIONS, _CACHE_DOCS, method="DELETE"),
    Endpoint(_RELEASE, edit_release, WRITE_CONTENTS, RELEASE_DOCS, method="PATCH"),
    Endpoint(_RELEASE, delete_release, WRITE_CONTENTS, RELEASE_DOCS, method="DELETE"),
)
