"""What GitHub answers about why a run does not go on: environments, concurrency groups, settings, its workflow file."""

from base64 import b64encode
from hashlib import sha1
from urllib.parse import quote

from console.simulator.calls import Answer, Call, NotFoundError
from console.simulator.inhabitants import Repository, Run
from console.simulator.places import Json, encoded, node_id
from console.simulator.run_questions import the_run
from console.simulator.workflows import JobPlan, WorkflowPlan


def pending_deployments(call: Call) -> Answer:
    """One for each environment that a job of the run waits for; the first actor is who may approve."""
    run = the_run(call)
    names = dict.fromkeys(job.plan.environment for job in run.jobs if job.status == "waiting")
    return Answer(encoded([_deployment(call, run, name) for name in names if name]))


def _deployment(call: Call, run: Run, name: str) -> Json:
    place = run.repository.full_name
    number = run.repository.id % 90_000_000 + len(name)
    reviewer = {"type": "User", "reviewer": call.answers.account(call.world.actors[0])}
    return {
        "environment": {
            "id": number,
            "node_id": node_id("EN", number),
            "name": name,
            "url": f"{call.base}/repos/{place}/environments/{quote(name)}",
            "html_url": f"{call.web}/{place}/deployments/activity_log?environments_filter={quote(name)}",
        },
        "wait_timer": 0,
        "wait_timer_started_at": None,
        "current_user_can_approve": True,
        "reviewers": [reviewer],
    }


def groups_of_run(call: Call) -> Answer:
    """Of a run only itself; how many are ahead of it is its position."""
    run = the_run(call)
    ahead = call.world.runs.ahead_of(run)
    if ahead is None:
        return Answer(encoded({"total_count": 0, "concurrency_groups": []}))
    address = _group_address(call, run.repository, run.workflow.concurrency or "")
    place = {"position": len(ahead), "position_url": f"{address}?ahead_of_run={run.id}"}
    group = {
        "group_name": run.workflow.concurrency,
        "group_url": address,
        "group_members": [_member(call, run, running=not ahead) | place],
    }
    return Answer(encoded({"total_count": 1, "concurrency_groups": [group]}))


def concurrency_group(call: Call) -> Answer:
    """Who is ahead of a run in a group that is held."""
    place, name = call.repository(), call.parameters["concurrency_group_name"]
    runs = [run for run in call.world.runs.of(place).values() if str(run.id) == call.query.get("ahead_of_run")]
    ahead = call.world.runs.ahead_of(runs[0]) if runs else None
    if ahead is None or runs[0].workflow.concurrency != name:
        raise NotFoundError
    told = {
        "group_name": name,
        "group_url": _group_address(call, place, name),
        "total_count": len(ahead),
        "group_members": [_member(call, run, running=run is ahead[0]) for run in ahead],
    }
    return Answer(encoded(told))


def _group_address(call: Call, place: Repository, name: str) -> str:
    return f"{call.base}/repos/{place.full_name}/actions/concurrency_groups/{quote(name, safe='')}"


def _member(call: Call, run: Run, *, running: bool) -> Json:
    place = run.repository.full_name
    return {
        "run_id": run.id,
        "run_name": run.title,
        "run_url": f"{call.base}/repos/{place}/actions/runs/{run.id}",
        "run_html_url": f"{call.web}/{place}/actions/runs/{run.id}",
        "status": "in_progress" if running else "pending",
    }


def repository_settings(call: Call) -> Answer:
    """Whether Actions is on."""
    place = call.repository()
    if not place.actions_on:
        return Answer(encoded({"enabled": False}))
    return Answer(encoded({"enabled": True, "allowed_actions": "all", "sha_pinning_required": False}))


def organization_settings(call: Call) -> Answer:
    """For which repositories Actions is on."""
    place = call.organization()
    off = any(not each.actions_on for each in call.world.repositories.values() if each.owner is place)
    told: Json = {"enabled_repositories": "selected" if off else "all", "allowed_actions": "all"}
    if off:
        told["selected_repositories_url"] = f"{call.base}/orgs/{place.login}/actions/permissions/repositories"
    return Answer(encoded(told))


def contents(call: Call) -> Answer:
    """A workflow file as it is at any commit: the pretend ones never change."""
    place, path = call.repository(), call.parameters["path"]
    written = next((each.workflow for each in call.world.runs.of(place).values() if each.workflow.path == path), None)
    if written is None:
        raise NotFoundError
    text = workflow_file(written).encode()
    sha, ref = sha1(text, usedforsecurity=False).hexdigest(), call.query.get("ref", "main")
    url = f"{call.base}/repos/{place.full_name}/contents/{path}?ref={ref}"
    git_url = f"{call.base}/repos/{place.full_name}/git/blobs/{sha}"
    html_url = f"{call.web}/{place.full_name}/blob/{ref}/{path}"
    told = {
        "type": "file",
        "encoding": "base64",
        "size": len(text),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": b64encode(text).decode(),
        "sha": sha,
        "url": url,
        "git_url": git_url,
        "html_url": html_url,
        "download_url": f"{call.web}/{place.full_name}/raw/{ref}/{path}",
        "_links": {"git": git_url, "self": url, "html": html_url},
    }
    return Answer(encoded(told))


def workflow_file(workflow: WorkflowPlan) -> str:
    """As somebody would have written it."""
    lines = [f"name: {workflow.name}", f"on: {workflow.event}"]
    lines += [f"concurrency: {workflow.concurrency}"] if workflow.concurrency else []
    lines.append("jobs:")
    for plan in workflow.jobs:
        lines += _job_lines(plan)
    return "\n".join(lines) + "\n"


def _job_lines(plan: JobPlan) -> list[str]:
    key = "".join(each if each.isalnum() else "-" for each in plan.name.lower())
    labels = f"[{', '.join(plan.labels)}]"
    runs_on = ["    runs-on:", f"      group: {plan.group}", f"      labels: {labels}"]
    steps = [f"      - run: make {step.lower().replace(' ', '-')}" for step in plan.steps]
    return [f"  {key}:", *(runs_on if plan.group else [f"    runs-on: {labels}"]), "    steps:", *steps]
