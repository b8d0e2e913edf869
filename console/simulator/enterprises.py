"""A pretend enterprise: its organisations, and the runner groups that it shares among them."""

from collections.abc import Iterable
from dataclasses import replace

from console.simulator.inhabitants import Enterprise, Group
from console.simulator.tokens import DEMO_TOKEN, ENTERPRISE_SCOPE
from console.simulator.world import World


def add_enterprise(world: World, slug: str, organizations: Iterable[str]) -> Enterprise:
    """Of organisations that live here already. It comes with its default group, which is for all of them."""
    members = [world.accounts[login.lower()] for login in organizations]
    enterprise = Enterprise(world.next_id(), slug, organizations=members)
    world.enterprises[slug.lower()] = enterprise
    world.groups[enterprise.scope] = {}
    world.runners[enterprise.scope] = {}
    add_group(world, enterprise, "Default", default=True)
    demo = world.tokens[DEMO_TOKEN]
    world.tokens[DEMO_TOKEN] = replace(demo, scopes=(*demo.scopes, ENTERPRISE_SCOPE))
    return enterprise


def add_group(
    world: World,
    enterprise: Enterprise,
    name: str,
    *,
    organizations: Iterable[str] | None = None,
    default: bool = False,
) -> Group:
    """`organizations`: only these may use it; None: all of them."""
    group = Group(
        id=1 if default else world.next_id(),
        organization=enterprise,
        name=name,
        visibility="all" if organizations is None else "selected",
        default=default,
    )
    world.groups[enterprise.scope][group.id] = group
    logins = [member.login for member in enterprise.organizations] if organizations is None else organizations
    for login in logins:
        admit(world, group, login)
    return group


def admit(world: World, group: Group, login: str) -> None:
    """From now on that organisation has the group too, and shares it with all its repositories."""
    shared = world.add_group(login, group.name)
    shared.parent = group
    group.shared[login.lower()] = shared
    world.dispatch.offer_all()
