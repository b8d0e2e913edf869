"""A JIT config is made anew, against the pretend GitHub and its hosts: to its proof, and to each way of failing."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.fleet.models import plain
from console.fleet.plan_text import part_text
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import BAD_REQUEST
from tests.operations.hosts_in_world import ActingOnHosts, acting_on_hosts


@pytest.fixture
async def acting(tmp_path: Path) -> AsyncIterator[ActingOnHosts]:
    """Healthy, but for one JIT runner that is stuck."""
    async with acting_on_hosts(tmp_path, "healthy") as made:
        with made.world.lock:
            made.world.wedge(stuck(made), BAD_REQUEST)
        await made.look()
        yield made


def stuck(acting: ActingOnHosts) -> Runner:
    runners = acting.world.runners["org:acme"].values()
    return next(each for each in runners if each.ephemeral and not each.busy)


def named(acting: ActingOnHosts, name: str) -> Runner | None:
    return next((each for each in acting.world.runners["org:acme"].values() if each.name == name), None)


async def test_a_stuck_jit_runner_is_replaced_by_a_new_one_and_removed(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    end = await acting.done("regenerate-jit", acting.key(old.name))
    assert end.outcome == "proved"
    words = f"{old.name}-jit2 has come online, and GitHub does not list the old one any more."
    assert plain(end.words) == words
    new = named(acting, f"{old.name}-jit2")
    assert new is not None
    assert (new.status, new.stuck, new.group, new.host) == ("online", False, old.group, "arc-node")
    assert [label.name for label in new.labels] == [label.name for label in old.labels]
    assert named(acting, old.name) is None


async def test_its_config_is_written_nowhere(acting: ActingOnHosts, tmp_path: Path) -> None:
    old = stuck(acting)
    proposal = await acting.proposed("regenerate-jit", acting.key(old.name))
    end = await acting.carried_out(proposal)
    (config,) = [line.decode() for line in acting.hosts.secrets]
    assert len(config) > 100
    assert "***" in "".join(part_text(part).whole for part in proposal.plan.parts)
    (entry,) = acting.entries()
    kept = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    for text in (repr(proposal), repr(end), repr(entry), json.dumps(acting.hosts.acted), *kept):
        assert config not in text
        assert config[:40] not in text


async def test_where_the_start_fails_the_dangling_runner_is_named_and_no_second_config_is_asked_for(
    acting: ActingOnHosts,
) -> None:
    old = stuck(acting)
    acting.hosts.cut = "before"
    end = await acting.done("regenerate-jit", acting.key(old.name))
    assert end.outcome == "failed"
    assert f"{old.name}-jit2" in plain(end.helps)
    assert "remove-runner" in plain(end.helps)
    dangling = named(acting, f"{old.name}-jit2")
    assert dangling is not None
    assert (dangling.status, named(acting, old.name)) == ("offline", old)
    await acting.look()
    acting.hosts.cut = ""
    assert (await acting.done("remove-runner", acting.key(dangling.name))).outcome == "proved"
    assert named(acting, dangling.name) is None


async def test_after_a_connection_that_is_lost_in_the_start_the_console_looks_and_it_was_done(
    acting: ActingOnHosts,
) -> None:
    old = stuck(acting)
    acting.hosts.cut = "after"
    end = await acting.done("regenerate-jit", acting.key(old.name))
    assert end.outcome == "proved"
    (entry,) = acting.entries()
    assert [result.outcome for result in entry.results if result][:3] == ["done", "unknown", "done"]


async def test_a_config_whose_answer_is_lost_is_not_asked_for_again(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    acting.lose("/generate-jitconfig")
    end = await acting.done("regenerate-jit", acting.key(old.name))
    assert end.outcome == "unknown"
    assert "remove-runner" in plain(end.helps)
    assert acting.hosts.acted == []
    assert [each.name for each in acting.world.runners["org:acme"].values() if each.jit] == [f"{old.name}-jit2"]


async def test_a_name_that_is_taken_meanwhile_is_refused_and_the_next_question_proposes_another(
    acting: ActingOnHosts,
) -> None:
    old = stuck(acting)
    proposal = await acting.proposed("regenerate-jit", acting.key(old.name))
    with acting.world.lock:
        acting.world.add_jit_runner(f"{old.name}-jit2", ["x"], group=old.group)
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "409" in plain(end.words)
    assert "another name is proposed" in plain(end.helps)
    assert acting.hosts.acted == []
    again = await acting.proposed("regenerate-jit", acting.key(old.name))
    assert f"{old.name}-jit3" in plain(dict(again.plan.about)["new runner"])


async def test_a_name_whose_directory_is_still_there_is_not_taken_again(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    acting.world.directories.add(("arc-node", f"/home/runner/{old.name}-jit2"))
    proposal = await acting.proposed("regenerate-jit", acting.key(old.name))
    assert f"{old.name}-jit3" in plain(dict(proposal.plan.about)["new runner"])


async def test_where_sudo_does_not_allow_to_be_its_user_no_config_is_made(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    old.service.sudo = "password"
    words = await acting.refused("regenerate-jit", acting.key(old.name))
    assert "sudo asks for a password" in words
    assert "(runner) NOPASSWD: /bin/bash -s" in words


async def test_a_runner_whose_process_is_gone_gets_its_software_from_another_of_its_kind(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    with acting.world.lock:
        acting.world.set_status(old, "offline")
    await acting.look()
    proposal = await acting.proposed("regenerate-jit", acting.key(old.name))
    assert "it was not found itself" in plain(dict(proposal.plan.about)["software of"])
    assert (await acting.carried_out(proposal)).outcome == "proved"


async def test_one_that_crashed_and_is_called_busy_is_replaced_at_once_and_removed_when_github_lets_it(
    acting: ActingOnHosts,
) -> None:
    old = stuck(acting)
    with acting.world.lock:
        acting.world.set_status(old, "offline")
        acting.world.set_busy(old, busy=True)
    await acting.look()
    assert "422" in await acting.refused("remove-runner", acting.key(old.name))
    assert (await acting.done("regenerate-jit", acting.key(old.name))).outcome == "proved"
    assert named(acting, old.name) is old
    with acting.world.lock:
        acting.world.set_busy(old, busy=False)
    assert (await acting.done("remove-runner", acting.key(old.name))).outcome == "proved"


async def test_it_is_not_called_proved_while_jobs_wait_and_it_takes_none(tmp_path: Path) -> None:
    async with acting_on_hosts(tmp_path, "jit-broker-badrequest") as acting:
        await acting.look("acme/design-system", "acme/web")
        old = stuck(acting)
        end = await acting.done("regenerate-jit", acting.key(old.name))
        assert end.outcome == "not-proved"
        assert "none of the jobs that wait" in plain(end.words)
        assert "register-then-jit" in plain(end.helps)
        assert named(acting, old.name) is old


async def test_the_rights_that_are_missing_are_named(acting: ActingOnHosts) -> None:
    old = stuck(acting)
    proposal = await acting.proposed("regenerate-jit", acting.key(old.name))
    with acting.world.lock:
        del acting.world.groups["acme"][1]
    end = await acting.carried_out(proposal)
    assert end.outcome == "refused"
    assert "the group is not there" in plain(end.helps)
