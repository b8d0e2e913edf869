"""Whether a runner group admits a job: its organisations or repositories, the rule for public ones, its workflows."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from console.fleet.models import Job, Repository, Run, RunnerGroup

# Events whose runs use the workflow file of `Run.branch` itself.
_EVENTS_OF_THE_BRANCH = frozenset({"push", "schedule", "workflow_dispatch", "repository_dispatch"})
_HEX = frozenset("0123456789abcdef")

Obstacle = Literal["", "repository", "public", "workflow", "organization", "sharing"]
"""`organization`: the enterprise's group is not for it. `sharing`: how the organisation shares that group further."""


class Workflow(NamedTuple):
    """Which workflow file asks for a runner, as far as it is known."""

    path: str
    """`.github/workflows/ci.yml`; empty when the run is not known."""
    ref: str
    """Branch, tag or commit without `refs/heads/`; empty when it is not known."""
    reusable: bool
    """The job comes from a workflow that the run's own workflow calls; which one, GitHub does not say."""


class Admission(NamedTuple):
    """`admits` None: it could not be told. `obstacle` is the rule that stands, or may stand, in the way."""

    admits: bool | None
    obstacle: Obstacle = ""


ADMITTED = Admission(True)
RULES_UNKNOWN = Admission(None)


def workflow_of(job: Job, run: Run | None) -> Workflow:
    """The workflow of a job. GitHub names a job of a called workflow `caller / job`."""
    reusable = " / " in job.name
    if run is None:
        return Workflow("", "", reusable)
    path, _, ref = run.path.partition("@")
    if not ref and run.event in _EVENTS_OF_THE_BRANCH:
        ref = run.branch
    return Workflow(path, _short_ref(ref), reusable)


def open_to_all(group: RunnerGroup) -> bool:
    """It admits every job of its scope, whatever is known of that job."""
    return group.visibility == "all" and group.allows_public_repositories and not group.restricted_to_workflows


def admission(
    group: RunnerGroup | None, name: str, repository: Repository | None, workflow: Workflow | None
) -> Admission:
    """Whether the group's runners may take a job of repository `name` (lower case). A clear no outweighs a doubt."""
    if group is None:
        return RULES_UNKNOWN
    if open_to_all(group):
        return ADMITTED
    return _least(
        Admission(_selected(group, name), "repository"),
        Admission(_public_allowed(group, None if repository is None else repository.private), "public"),
        Admission(_workflow_allowed(group, name, workflow), "workflow"),
    )


def admission_through(
    group: RunnerGroup | None,
    inherited: Sequence[RunnerGroup] | None,
    name: str,
    repository: Repository | None,
    workflow: Workflow | None,
) -> Admission:
    """The same of an enterprise's group. It admits organisations, and each shares it among its repositories.

    `inherited`: what the repository's organisation has from its enterprise; None: that could not be read. GitHub lists
    no enterprise's organisations: which belong to it shows only there, and in groups of selected ones.
    """
    if group is None:
        return RULES_UNKNOWN
    shared = next((each for each in inherited or () if each.name.casefold() == group.name.casefold()), None)
    rules = msgspec.structs.replace(group, visibility="all")
    return _least(
        Admission(_organization_allowed(group, name.partition("/")[0], inherited, shared), "organization"),
        admission(rules, name, repository, workflow),
        Admission(None, "sharing") if shared is None else admission(shared, name, repository, workflow),
    )


def _least(*verdicts: Admission) -> Admission:
    for outcome in (False, None):
        for verdict in verdicts:
            if verdict.admits is outcome:
                return verdict
    return ADMITTED


def _organization_allowed(
    group: RunnerGroup, owner: str, inherited: Sequence[RunnerGroup] | None, shared: RunnerGroup | None
) -> bool | None:
    if group.visibility == "selected" and group.organizations is not None:
        return owner in group.organizations
    if shared is not None:
        return True
    # Without any group of an enterprise it is in none, or none admits it.
    return None if inherited or inherited is None else False


def _selected(group: RunnerGroup, name: str) -> bool | None:
    if group.visibility in {"all", "private"}:
        return True
    if group.visibility == "selected" and group.repositories is not None:
        return name in group.repositories
    return None


def _public_allowed(group: RunnerGroup, private: bool | None) -> bool | None:
    return True if group.allows_public_repositories and group.visibility != "private" else private


def _workflow_allowed(group: RunnerGroup, name: str, workflow: Workflow | None) -> bool | None:
    if not group.restricted_to_workflows:
        return True
    if workflow is None or not workflow.path or workflow.reusable:
        return None
    wanted = f"{name}/{workflow.path}"
    allowed = [_split(selected) for selected in group.selected_workflows]
    outcomes = {_same_ref(ref, workflow.ref) for path, ref in allowed if path == wanted}
    if True in outcomes:
        return True
    return None if None in outcomes else False


def _split(selected: str) -> tuple[str, str]:
    """Path and ref of a selected workflow; owner and name compare without case, the path with it."""
    path, _, ref = selected.partition("@")
    owner, _, rest = path.partition("/")
    name, _, file = rest.partition("/")
    return f"{owner.lower()}/{name.lower()}/{file}", _short_ref(ref)


def _same_ref(one: str, other: str) -> bool | None:
    if one == other and one:
        return True
    # A commit may or may not be what a branch or a tag points to.
    return None if not one or not other or _is_commit(one) != _is_commit(other) else False


def _short_ref(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def _is_commit(ref: str) -> bool:
    return len(ref) == 40 and _HEX.issuperset(ref)
