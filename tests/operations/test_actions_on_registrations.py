"""A runner is registered anew, against the pretend GitHub and its hosts: to its proof, and to each way of failing."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.fleet.models import plain
from console.simulator import services
from tests.operations.hosts_in_world import ActingOnHosts, acting_on_hosts, solved

LOST = "prod-linux-03"


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[ActingOnHosts]:
    async with acting_on_hosts(tmp_path, "registration-lost") as made:
        await made.look("acme/api")
        yield made


async def test_a_lost_registration_is_replaced_and_the_runner_is_back_with_another_id(acting: ActingOnHosts) -> None:
    before = acting.world.runner(LOST)
    assert (await acting.done("start-service", acting.key(LOST))).outcome == "failed"
    end = await acting.done("reregister", acting.key(LOST))
    after = acting.world.runner(LOST)
    assert (end.outcome, after.status) == ("proved", "online")
    assert plain(end.words).startswith(f"Its id is {after.id} now.")
    assert after.id != before.id
    assert (after.labels, after.group, after.service.trouble) == (before.labels, before.group, None)
    (host, script, *values) = acting.hosts.acted[-1]
    assert (host, script) == (LOST, "reregister")
    assert values[4:] == [LOST, "Production", "docker,prod,release-signing", "-", "alice"]
    assert await solved(acting, "registration-lost")


async def test_its_tokens_are_written_nowhere(acting: ActingOnHosts, tmp_path: Path) -> None:
    proposal = await acting.proposed("reregister", acting.key(LOST))
    end = await acting.carried_out(proposal)
    tokens = [line.decode() for line in acting.hosts.secrets]
    assert len({*tokens}) == 2
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    for text in (repr(proposal), repr(end), repr(acting.entries()), json.dumps(acting.hosts.acted), *kept):
        assert not any(token in text for token in tokens)


async def test_where_github_is_not_asked_to_remove_it_one_token_is_enough(acting: ActingOnHosts) -> None:
    end = await acting.done("reregister-local", acting.key(LOST))
    assert end.outcome == "proved"
    assert len(acting.hosts.secrets) == 1
    assert "local" in acting.hosts.acted[-1]


async def test_its_name_has_to_be_typed(acting: ActingOnHosts) -> None:
    proposal = await acting.proposed("reregister", acting.key(LOST))
    assert proposal.plan.typed == LOST
    assert "was typed" in await acting.turned_down(proposal, "prod-linux-04")
    assert acting.hosts.acted == []


async def test_a_busy_runner_is_not_registered_anew_and_its_job_goes_on(acting: ActingOnHosts) -> None:
    busy = next(each for each in acting.world.runners["org:acme"].values() if each.busy and each.os == "Linux")
    assert "It runs a job" in await acting.refused("reregister", acting.key(busy.name))


async def test_one_that_becomes_busy_after_consent_is_refused_by_its_host_and_nothing_is_changed(
    acting: ActingOnHosts,
) -> None:
    proposal = await acting.proposed("reregister", acting.key(LOST))
    with acting.world.lock:
        services.hold(acting.world, acting.world.runner(LOST), "bob@192.0.2.9: restart, since 2026-11-20T09:00:00Z", 60)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "bob@192.0.2.9" in plain(end.words)
    assert acting.world.runner(LOST).id == proposal.plan.target.id


async def test_a_token_that_is_not_given_ends_it_before_the_host_is_touched(acting: ActingOnHosts) -> None:
    acting.lose("/registration-token")
    end = await acting.done("reregister", acting.key(LOST))
    assert end.outcome == "failed"
    assert acting.hosts.acted == []
    assert end.helps


async def test_after_a_connection_that_is_lost_in_the_middle_the_fleet_shows_that_it_was_done(
    acting: ActingOnHosts,
) -> None:
    acting.hosts.cut = "after"
    assert (await acting.done("reregister", acting.key(LOST))).outcome == "proved"


async def test_a_registration_that_fails_says_how_it_is_made_by_hand(
    acting: ActingOnHosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acting.world.registrations, "honours", lambda secret, scope, purpose: purpose == "remove")
    end = await acting.done("reregister", acting.key(LOST))
    assert end.outcome == "failed"
    helps = plain(end.helps)
    assert f"--name {LOST} --runnergroup 'Production' --labels docker,prod,release-signing" in helps
    assert f"systemctl start -- actions.runner.acme.{LOST}.service" in helps


async def test_jit_runners_that_get_badrequest_work_again_once_an_ordinary_one_was_registered(tmp_path: Path) -> None:
    async with acting_on_hosts(tmp_path, "jit-broker-badrequest") as acting:
        await acting.look("acme/design-system", "acme/web")
        runners = acting.world.runners["org:acme"]
        old = next(each for each in runners.values() if each.ephemeral)
        idle = next(each for each in runners.values() if not each.busy and each.name.startswith("prod-linux"))
        words = await acting.refused("register-then-jit", acting.key(old.name), "nobody")
        assert "There is no runner nobody in org:acme" in words
        proposal = await acting.proposed("register-then-jit", acting.key(old.name), idle.name)
        assert proposal.plan.typed == idle.name
        end = await acting.carried_out(proposal)
        assert end.outcome == "proved"
        assert idle.id not in runners
        assert old.id not in runners
        assert len(acting.hosts.secrets) == 3
        (entry,) = acting.entries()
        assert len(entry.results) == 9
        await acting.look("acme/design-system", "acme/web")
        for name in [each.name for each in runners.values() if each.ephemeral and each.stuck]:
            assert (await acting.done("regenerate-jit", acting.key(name))).outcome == "proved"
        assert await solved(acting, "jit-broker-badrequest")
