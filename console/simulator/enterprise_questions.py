"""What the pretend GitHub tells of enterprises: their runners, and the groups that they share among organisations."""

from console.simulator.calls import Answer, Call, NotFoundError, RefusedError
from console.simulator.endpoints import GROUP_DOCS, RUNNER_DOCS, Endpoint, deprecation, listed, one_runner, runners_of
from console.simulator.inhabitants import Group
from console.simulator.places import encoded
from console.simulator.runner_releases import downloads
from console.simulator.tokens import ENTERPRISE_RUNNERS

_PLACE = "/enterprises/{enterprise}/actions"


def runners(call: Call) -> Answer:
    """The runners of an enterprise itself; those of its organisations are not among them."""
    enterprise = call.enterprise()
    return runners_of(call, enterprise.scope, f"/enterprises/{enterprise.login}/actions/runners")


def runner(call: Call) -> Answer:
    """One of them."""
    return one_runner(call, call.enterprise().scope)


def groups(call: Call) -> Answer:
    """All groups, or those that an organisation may use."""
    enterprise = call.enterprise()
    found = list(call.world.groups[enterprise.scope].values())
    seen_by = call.query.get("visible_to_organization")
    if seen_by is not None:
        found = [one for one in found if seen_by.lower() in one.shared]
    number, size = call.page()
    pieces = [encoded(call.answers.group(one)) for one in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), "runner_groups", f"/enterprises/{enterprise.login}/actions/runner-groups")


def _the_group(call: Call) -> tuple[str, Group]:
    """The group of the path, and where it is."""
    enterprise = call.enterprise()
    found = call.world.groups[enterprise.scope].get(call.number("runner_group_id"))
    if found is None:
        raise NotFoundError
    return f"/enterprises/{enterprise.login}/actions/runner-groups/{found.id}", found


def group(call: Call) -> Answer:
    """One runner group."""
    return Answer(encoded(call.answers.group(_the_group(call)[1])))


def group_runners(call: Call) -> Answer:
    """The runners of one group."""
    place, wanted = _the_group(call)
    members = [one for one in call.world.runners[wanted.scope].values() if one.group is wanted]
    return listed(call, members, len(members), f"{place}/runners")


def group_organizations(call: Call) -> Answer:
    """Only groups of selected organisations have such a list."""
    place, wanted = _the_group(call)
    if wanted.visibility != "selected":
        raise RefusedError(409, "The runner group does not have selected organization visibility.")
    found = [shared.organization for shared in wanted.shared.values()]
    number, size = call.page()
    pieces = [encoded(call.answers.organization(one)) for one in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), "organizations", f"{place}/organizations")


ENTERPRISE_ENDPOINTS = (
    Endpoint(f"{_PLACE}/runners", runners, ENTERPRISE_RUNNERS, RUNNER_DOCS),
    Endpoint(f"{_PLACE}/runners/downloads", downloads, ENTERPRISE_RUNNERS, RUNNER_DOCS),
    Endpoint(
        f"{_PLACE}/runners/deprecations/{{version}}", deprecation, ENTERPRISE_RUNNERS, RUNNER_DOCS, cloud_only=True
    ),
    Endpoint(f"{_PLACE}/runners/{{runner_id}}", runner, ENTERPRISE_RUNNERS, RUNNER_DOCS),
    Endpoint(f"{_PLACE}/runner-groups", groups, ENTERPRISE_RUNNERS, GROUP_DOCS),
    Endpoint(f"{_PLACE}/runner-groups/{{runner_group_id}}", group, ENTERPRISE_RUNNERS, GROUP_DOCS),
    Endpoint(f"{_PLACE}/runner-groups/{{runner_group_id}}/runners", group_runners, ENTERPRISE_RUNNERS, GROUP_DOCS),
    Endpoint(
        f"{_PLACE}/runner-groups/{{runner_group_id}}/organizations",
        group_organizations,
        ENTERPRISE_RUNNERS,
        GROUP_DOCS,
    ),
)
