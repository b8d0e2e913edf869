"""Room is made on a runner's disk, against the pretend GitHub and its hosts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.fleet.models import plain
from console.fleet.plans import Unanswered
from console.simulator import services
from console.simulator.inhabitants import Runner
from tests.operations.hosts_in_world import ActingOnHosts, acting_on_hosts, solved

FULL = "build-linux-05"


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[ActingOnHosts]:
    """Its disk is full, and it has just lost another job to that."""
    async with acting_on_hosts(tmp_path, "disk-full") as made:
        while runner(made).busy:
            made.time.move(5)
        await made.look()
        yield made


def runner(acting: ActingOnHosts) -> Runner:
    return acting.world.runner(FULL)


async def idle(acting: ActingOnHosts) -> None:
    while runner(acting).busy:
        acting.time.move(2)
    await acting.look()


async def test_what_takes_the_room_is_shown_before_anything_is_asked_for(acting: ActingOnHosts) -> None:
    found = await acting.asked("free-disk", acting.key(FULL))
    assert isinstance(found, Unanswered)
    lines = plain(found.helps).splitlines()
    assert lines[0] == "its directory: 0 B free of 105 GB"
    assert lines[2].split(maxsplit=2) == ["63.4", "GB", "_work/web"]
    assert acting.hosts.acted == []


async def test_the_one_that_was_named_is_removed_and_there_is_room(acting: ActingOnHosts) -> None:
    proposal = await acting.proposed("free-disk", acting.key(FULL), "_work/web")
    assert proposal.plan.typed == FULL
    assert "was typed" in await acting.turned_down(proposal, "")
    end = await acting.carried_out(proposal)
    assert (end.outcome, plain(end.words)) == ("proved", "It is gone: 63.4 GB free, 0 B before.")
    assert runner(acting).removed == {"_work/web"}
    assert not runner(acting).full
    (sent,) = acting.hosts.acted
    assert sent[:4] == (FULL, "remove-directory", "/opt/actions-runner", "_work/web")
    assert await solved(acting, "disk-full")


@pytest.mark.parametrize("name", ["_work", "_work/..", "/etc", "bin", "_work/mobile", "_work/web _work/api"])
async def test_nothing_but_what_is_listed_is_removed(acting: ActingOnHosts, name: str) -> None:
    assert "none of those that can be removed" in await acting.refused("free-disk", acting.key(FULL), name)


async def test_it_is_refused_while_a_job_runs(acting: ActingOnHosts) -> None:
    busy = next(each for each in acting.world.runners["org:acme"].values() if each.busy and each.os == "Linux")
    assert "It runs a job" in await acting.refused("free-disk", acting.key(busy.name), "_work/web")


async def test_somebody_else_at_work_there_is_named_and_nothing_is_removed(acting: ActingOnHosts) -> None:
    proposal = await acting.proposed("free-disk", acting.key(FULL), "_work/web")
    with acting.world.lock:
        services.hold(acting.world, runner(acting), "bob@192.0.2.9: restart, since 2026-11-20T09:00:00Z", 60)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "bob@192.0.2.9" in plain(end.words)
    assert runner(acting).removed == frozenset()


async def test_after_a_lost_connection_the_host_shows_that_it_was_done(acting: ActingOnHosts) -> None:
    acting.hosts.cut = "after"
    assert (await acting.done("free-disk", acting.key(FULL), "_work/api")).outcome == "proved"


async def test_a_second_time_it_is_not_there_any_more(acting: ActingOnHosts) -> None:
    assert (await acting.done("free-disk", acting.key(FULL), "_work/web")).outcome == "proved"
    await idle(acting)
    assert "none of those" in await acting.refused("free-disk", acting.key(FULL), "_work/web")
