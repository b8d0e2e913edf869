"""Runners of an enterprise are acted on, against the pretend GitHub and its hosts: to the proof."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.fleet.models import FleetSnapshot, Scope, plain
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import BAD_REQUEST
from console.simulator.scenarios.registration_lost import lose_registration
from tests.operations.hosts_in_world import ActingOnHosts, acting_on_hosts

CORP = Scope("enterprise", "acme-corp")


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[ActingOnHosts]:
    async with acting_on_hosts(tmp_path, "enterprise-runners") as made:
        yield made


async def look(acting: ActingOnHosts) -> FleetSnapshot:
    """At the enterprise's runners and groups."""
    await acting.look()
    found = [each async for page in acting.api.runners(CORP) for each in page.items]
    groups = {each.key: each for each in await acting.api.groups(CORP)}
    acting.seen.snapshot = replace(acting.seen.snapshot, runners={each.key: each for each in found}, groups=groups)
    return acting.seen.snapshot


def idle(acting: ActingOnHosts) -> Runner:
    runners = acting.world.runners[str(CORP)].values()
    return next(each for each in runners if not each.busy and each.name.startswith("large"))


async def test_its_registration_is_made_anew_at_the_enterprise(acting: ActingOnHosts) -> None:
    runner = idle(acting)
    with acting.world.lock:
        lose_registration(acting.world, runner)
    acting.time.move(30)
    await look(acting)
    end = await acting.done("reregister-local", acting.key(runner.name))
    assert end.outcome == "proved", plain(end.words)
    (_, script, *values) = acting.hosts.acted[-1]
    assert script == "reregister"
    assert values[1] == f"actions.runner.enterprises-acme-corp.{runner.name}.service"
    assert values[3].endswith("/enterprises/acme-corp")
    assert values[5] == "Large machines"


async def test_a_runner_for_one_job_is_replaced_by_another_one_of_its_group(acting: ActingOnHosts) -> None:
    group = idle(acting).group
    with acting.world.lock:
        old = acting.world.add_runner("large-one-job", "Linux", ["self-hosted", "x1"], group=group, ephemeral=True)
        acting.world.wedge(old, BAD_REQUEST)
    await look(acting)
    end = await acting.done("regenerate-jit", acting.key(old.name))
    assert end.outcome == "proved", plain(end.words)
    new = acting.world.runner("large-one-job-jit2")
    assert (new.scope, new.group, new.status) == (str(CORP), group, "online")


async def test_one_whose_group_admits_no_organization_is_not_made(acting: ActingOnHosts) -> None:
    group = idle(acting).group
    assert group is not None
    with acting.world.lock:
        old = acting.world.add_runner("large-one-job", "Linux", ["self-hosted", "x1"], group=group, ephemeral=True)
        acting.world.wedge(old, BAD_REQUEST)
        group.shared.clear()
    await look(acting)
    assert "admits no organization" in await acting.refused("regenerate-jit", acting.key(old.name))


async def test_labels_come_and_a_dead_one_goes(acting: ActingOnHosts) -> None:
    runner = idle(acting)
    await look(acting)
    assert (await acting.done("adjust-labels", acting.key(runner.name), "+turbo")).outcome == "proved"
    assert "turbo" in {label.name for label in runner.labels}
    with acting.world.lock:
        acting.world.set_status(runner, "offline")
    await look(acting)
    assert (await acting.done("remove-runner", acting.key(runner.name))).outcome == "proved"
    assert runner.id not in acting.world.runners[str(CORP)]
