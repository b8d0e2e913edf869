"""Every question that the pretend GitHub answers: the paths, what a token needs, and the answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from console.simulator import leavings, run_questions, run_waits, runner_releases
from console.simulator.calls import DOCS, Answer, Call, NotFoundError, RefusedError
from console.simulator.inhabitants import CURRENT_VERSION, Account, Group, Repository, Runner
from console.simulator.places import encoded, timestamp
from console.simulator.tokens import Access

ORG_RUNNERS = Access("organization_self_hosted_runners=read", ("admin:org",))
ORG_SETTINGS = Access("organization_administration=read", ("admin:org",))
REPO_RUNNERS = Access("administration=read", ("repo",))
ACTIONS = Access("actions=read", ("repo",), private_only=True)
CHECKS = Access("checks=read", ("repo",), private_only=True)
CONTENTS = Access("contents=read", ("repo",), private_only=True)
METADATA = Access("metadata=read", ("repo",), private_only=True)
ANY = Access("")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path below the base, which may have two forms: by name, and by number as links have it."""

    path: str
    answer: Callable[[Call], Answer]
    access: Access
    docs: str
    cloud_only: bool = False
    """GitHub Enterprise Server does not have it."""
    method: str = "GET"

    def forms(self) -> tuple[str, ...]:
        """Both forms of the path. A name at its end may have slashes in it, which come quoted."""
        path = self.path.replace("{name}", "{name:path}").replace("/contents/{path}", "/contents/{path:path}")
        by_number = path.replace("/repos/{owner}/{repo}", "/repositories/{repository_id}")
        by_number = by_number.replace("/orgs/{org}", "/organizations/{organization_id}")
        return (path,) if by_number == path else (path, by_number)


def listed(call: Call, found: Iterable[Runner], total: int, place: str) -> Answer:
    """One page of runners."""
    number, size = call.page()
    pieces = [call.answers.runner(runner) for runner in islice(found, (number - 1) * size, number * size)]
    return call.paged(pieces, total, "runners", place)


def runners_of(call: Call, scope: str, place: str) -> Answer:
    """A scope's runners, all or those of one name."""
    fleet = call.world.runners[scope]
    wanted = call.query.get("name")
    if wanted is None:
        return listed(call, fleet.values(), len(fleet), place)
    named = [runner for runner in fleet.values() if runner.name == wanted]
    return listed(call, named, len(named), place)


def org_runners(call: Call) -> Answer:
    """The runners of an organisation; those of its repositories are not among them."""
    organization = call.organization()
    return runners_of(call, f"org:{organization.login}", f"/organizations/{organization.id}/actions/runners")


def repo_runners(call: Call) -> Answer:
    """The runners of a repository itself; its organisation's are not among them."""
    repository = call.repository()
    return runners_of(call, f"repo:{repository.full_name}", f"/repositories/{repository.id}/actions/runners")


def one_runner(call: Call, scope: str) -> Answer:
    """A runner by its id, which counts within its scope only."""
    runner = call.world.runners[scope].get(call.number("runner_id"))
    if runner is None:
        raise NotFoundError
    return Answer(call.answers.runner(runner))


def org_runner(call: Call) -> Answer:
    """One runner of an organisation."""
    return one_runner(call, f"org:{call.organization().login}")


def repo_runner(call: Call) -> Answer:
    """One runner of a repository."""
    return one_runner(call, f"repo:{call.repository().full_name}")


def deprecation(call: Call) -> Answer:
    """The newest version has no end yet; what is older than any runner here is not tracked."""
    call.scope()
    version = call.parameters["version"]
    if version not in {runner.version for fleet in call.world.runners.values() for runner in fleet.values()}:
        raise NotFoundError
    ends = call.world.version_ends.get(version, call.world.opens_at + timedelta(days=12))
    told = None if version == CURRENT_VERSION else timestamp(ends)
    return Answer(encoded({"runner_version": version, "runtime_deprecates_at": told}))


def groups(call: Call) -> Answer:
    """All groups, or those that a repository of the organisation may use."""
    organization = call.organization()
    found = list(call.world.groups[organization.login.lower()].values())
    seen_by = call.query.get("visible_to_repository")
    if seen_by is not None:
        repository = call.world.repositories.get(f"{organization.login}/{seen_by}".lower())
        found = [
            one for one in found if repository and (one.visibility != "selected" or repository in one.repositories)
        ]
    number, size = call.page()
    pieces = [encoded(call.answers.group(one)) for one in found[(number - 1) * size : number * size]]
    place = f"/organizations/{organization.id}/actions/runner-groups"
    return call.paged(pieces, len(found), "runner_groups", place)


def the_group(call: Call) -> tuple[Account, Group]:
    """The group of the path, and whose it is."""
    organization = call.organization()
    found = call.world.groups[organization.login.lower()].get(call.number("runner_group_id"))
    if found is None:
        raise NotFoundError
    return organization, found


def group(call: Call) -> Answer:
    """One runner group."""
    return Answer(encoded(call.answers.group(the_group(call)[1])))


def group_runners(call: Call) -> Answer:
    """The runners of one group."""
    organization, wanted = the_group(call)
    source = wanted.parent or wanted
    members = [one for one in call.world.runners[source.scope].values() if one.group is source]
    place = f"/organizations/{organization.id}/actions/runner-groups/{wanted.id}/runners"
    return listed(call, members, len(members), place)


def group_repositories(call: Call) -> Answer:
    """Only groups of selected repositories have such a list."""
    organization, wanted = the_group(call)
    if wanted.visibility != "selected":
        raise RefusedError(409, "The runner group does not have selected repository visibility.")
    place = f"/organizations/{organization.id}/actions/runner-groups/{wanted.id}/repositories"
    return repositories(call, wanted.repositories, "repositories", place)


def repositories(call: Call, found: list[Repository], items: str, place: str) -> Answer:
    """One page of repositories."""
    number, size = call.page()
    pieces = [call.answers.listed_repository(one) for one in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), items, place)


def org_repositories(call: Call) -> Answer:
    """Sorted as asked; by creation when not, the newest first."""
    organization = call.organization()
    everything = [one for one in call.world.repositories.values() if one.owner is organization]
    found = [one for one in everything if not one.private or call.sees_private(one)]
    by = call.query.get("sort", "created")
    keys: dict[str, Callable[[Repository], str]] = {
        "created": lambda one: one.created_at.isoformat(),
        "updated": lambda one: one.pushed_at.isoformat(),
        "pushed": lambda one: one.pushed_at.isoformat(),
        "full_name": lambda one: one.full_name,
    }
    descending = call.query.get("direction", "asc" if by == "full_name" else "desc") == "desc"
    found.sort(key=keys.get(by, keys["created"]), reverse=descending)
    return repositories(call, found, "", f"/organizations/{organization.id}/repos")


def repository(call: Call) -> Answer:
    """One repository."""
    return Answer(encoded(call.answers.repository(call.repository())))


def user(call: Call) -> Answer:
    """Who the token belongs to; installations are nobody."""
    if call.token.user is None:
        raise RefusedError(401, "Requires authentication")
    if call.token.kind == "installation":
        raise RefusedError(403, "Resource not accessible by integration")
    return Answer(encoded(call.answers.user(call.token.user, call.world.opens_at)))


def user_organizations(call: Call) -> Answer:
    """The organisations that the token can see; those it is not authorised for are left out, as a header says."""
    user(call)
    known = [
        account
        for account in call.world.accounts.values()
        if account.kind == "Organization" and call.token.sees(account.login)
    ]
    closed = [one for one in known if call.world.wants_single_sign_on(one)]
    seen = [one for one in known if one not in closed]
    number, size = call.page()
    pieces = [encoded(call.answers.organization(one)) for one in seen[(number - 1) * size : number * size]]
    answer = call.paged(pieces, len(seen), "", "/user/orgs")
    if not closed:
        return answer
    left_out = f"partial-results; organizations={','.join(str(one.id) for one in closed)}"
    return Answer(answer.body, {**answer.headers, "X-GitHub-SSO": left_out})


def meta(call: Call) -> Answer:
    """Enterprise Server tells its version here."""
    if call.world.ghes_version is not None:
        told: dict[str, object] = {
            "verifiable_password_authentication": True,
            "installed_version": call.world.ghes_version,
        }
    else:
        told = {
            "verifiable_password_authentication": False,
            "hooks": ["192.0.2.0/24"],
            "web": ["198.51.100.0/24"],
            "api": ["198.51.100.0/24"],
            "git": ["203.0.113.0/24"],
            "actions": ["192.0.2.128/25"],
        }
    return Answer(encoded(told))


def versions(_call: Call) -> Answer:
    """The API versions, the newest first."""
    return Answer(encoded(["2026-03-10", "2022-11-28"]))


def rate_limit(call: Call) -> Answer:
    """Asking costs nothing. Enterprise Server without limits says that there are none."""
    if call.world.ghes_version is not None:
        raise RefusedError(404, "Rate limiting is not enabled.")
    standing = call.world.limits.standing(login_of(call), call.token.hourly_limit, call.world.timeline.now)
    core = {
        "limit": standing.limit,
        "used": min(standing.used, standing.limit),
        "remaining": standing.remaining,
        "reset": int(standing.resets_at.timestamp()),
    }
    search = {"limit": 30, "used": 0, "remaining": 30, "reset": int(call.world.timeline.now.timestamp()) + 60}
    told: dict[str, object] = {"resources": {"core": core, "search": search}}
    if call.api_version == "2022-11-28":
        told["rate"] = core
    return Answer(encoded(told), charged=False)


def login_of(call: Call) -> str:
    """Whose bucket is charged."""
    return call.token.user.login if call.token.user else "anonymous"


RUNNER_DOCS = f"{DOCS}/actions/self-hosted-runners"
GROUP_DOCS = f"{DOCS}/actions/self-hosted-runner-groups"
RUN_DOCS = f"{DOCS}/actions/workflow-runs"
JOB_DOCS = f"{DOCS}/actions/workflow-jobs"
GROUPS_DOCS = f"{DOCS}/actions/concurrency-groups"
SETTINGS_DOCS = f"{DOCS}/actions/permissions"
RELEASE_DOCS = f"{DOCS}/releases/releases"

ENDPOINTS = (
    Endpoint("/orgs/{org}/actions/runners", org_runners, ORG_RUNNERS, RUNNER_DOCS),
    Endpoint(
        "/orgs/{org}/actions/runners/deprecations/{version}", deprecation, ORG_RUNNERS, RUNNER_DOCS, cloud_only=True
    ),
    Endpoint("/orgs/{org}/actions/runners/downloads", runner_releases.downloads, ORG_RUNNERS, RUNNER_DOCS),
    Endpoint("/orgs/{org}/actions/runners/{runner_id}", org_runner, ORG_RUNNERS, RUNNER_DOCS),
    Endpoint("/orgs/{org}/actions/runner-groups", groups, ORG_RUNNERS, GROUP_DOCS),
    Endpoint("/orgs/{org}/actions/runner-groups/{runner_group_id}", group, ORG_RUNNERS, GROUP_DOCS),
    Endpoint("/orgs/{org}/actions/runner-groups/{runner_group_id}/runners", group_runners, ORG_RUNNERS, GROUP_DOCS),
    Endpoint(
        "/orgs/{org}/actions/runner-groups/{runner_group_id}/repositories",
        group_repositories,
        ORG_RUNNERS,
        GROUP_DOCS,
    ),
    Endpoint("/orgs/{org}/repos", org_repositories, Access("metadata=read"), f"{DOCS}/repos/repos"),
    Endpoint("/repos/{owner}/{repo}", repository, METADATA, f"{DOCS}/repos/repos"),
    Endpoint("/repos/{owner}/{repo}/actions/runners", repo_runners, REPO_RUNNERS, RUNNER_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/runners/downloads", runner_releases.downloads, REPO_RUNNERS, RUNNER_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/runners/{runner_id}", repo_runner, REPO_RUNNERS, RUNNER_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/runs", run_questions.runs, ACTIONS, RUN_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/runs/{run_id}", run_questions.run, ACTIONS, RUN_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/runs/{run_id}/jobs", run_questions.run_jobs, ACTIONS, JOB_DOCS),
    Endpoint(
        "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}",
        run_questions.attempt,
        ACTIONS,
        RUN_DOCS,
    ),
    Endpoint(
        "/repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs",
        run_questions.attempt_jobs,
        ACTIONS,
        JOB_DOCS,
    ),
    Endpoint(
        "/repos/{owner}/{repo}/actions/runs/{run_id}/pending_deployments",
        run_waits.pending_deployments,
        ACTIONS,
        RUN_DOCS,
    ),
    Endpoint(
        "/repos/{owner}/{repo}/actions/runs/{run_id}/concurrency_groups", run_waits.groups_of_run, ACTIONS, GROUPS_DOCS
    ),
    Endpoint(
        "/repos/{owner}/{repo}/actions/concurrency_groups/{concurrency_group_name}",
        run_waits.concurrency_group,
        ACTIONS,
        GROUPS_DOCS,
    ),
    Endpoint("/repos/{owner}/{repo}/actions/permissions", run_waits.repository_settings, REPO_RUNNERS, SETTINGS_DOCS),
    Endpoint("/orgs/{org}/actions/permissions", run_waits.organization_settings, ORG_SETTINGS, SETTINGS_DOCS),
    Endpoint("/repos/{owner}/{repo}/contents/{path}", run_waits.contents, CONTENTS, f"{DOCS}/repos/contents"),
    Endpoint("/repos/{owner}/{repo}/actions/jobs/{job_id}", run_questions.job, ACTIONS, JOB_DOCS),
    Endpoint("/repos/{owner}/{repo}/actions/jobs/{job_id}/logs", leavings.job_log, ACTIONS, JOB_DOCS),
    Endpoint(
        "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
        leavings.annotations,
        CHECKS,
        f"{DOCS}/checks/runs",
    ),
    Endpoint("/repos/{owner}/{repo}/actions/caches", leavings.caches, ACTIONS, f"{DOCS}/actions/cache"),
    Endpoint("/repos/{owner}/{repo}/releases", leavings.releases, CONTENTS, RELEASE_DOCS),
    Endpoint("/repos/{owner}/{repo}/releases/latest", leavings.latest_release, CONTENTS, RELEASE_DOCS),
    Endpoint("/repos/{owner}/{repo}/releases/tags/{tag}", leavings.release_of_tag, CONTENTS, RELEASE_DOCS),
    Endpoint("/repos/{owner}/{repo}/releases/{release_id}", leavings.release, CONTENTS, RELEASE_DOCS),
    Endpoint("/user", user, ANY, f"{DOCS}/users/users"),
    Endpoint("/user/orgs", user_organizations, ANY, f"{DOCS}/orgs/orgs"),
    Endpoint("/meta", meta, ANY, f"{DOCS}/meta/meta"),
    Endpoint("/versions", versions, ANY, f"{DOCS}/meta/meta", cloud_only=True),
    Endpoint("/rate_limit", rate_limit, ANY, f"{DOCS}/rate-limit/rate-limit"),
)
