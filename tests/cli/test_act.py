"""Guided actions without a screen: against a pretend GitHub over HTTP, and pretend hosts that the real ssh reaches."""

import json
from collections.abc import Iterator

import pytest

from console.cli.act import EXIT_FAILED, EXIT_REFUSED
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.simulator import services
from console.simulator.hosts import pretend_hosts
from console.simulator.world import World
from tests.cli.console import Console
from tests.needs import needs

pytestmark = needs("ssh")
STUCK = "prod-linux-03"


@pytest.fixture
def world(console: Console) -> Iterator[World]:
    """The world of the pretend GitHub; its hosts are reached by the configured ssh."""
    world = console.world
    hosts = pretend_hosts(world, console.address)
    assert hosts is not None
    access = hosts.start()
    config = console.home / "config" / "runner-console" / "config.toml"
    ssh = f'ssh_program = "{access.program}"\n'
    config.write_text(ssh + config.read_text() + '[contexts.pretend.ssh]\nhosts = { "*" = "{name}" }\n')
    try:
        yield world
    finally:
        hosts.stop()


def id_of(world: World, name: str = STUCK) -> str:
    return str(world.runner(name).id)


def test_a_dry_run_prints_every_word_that_would_be_sent_and_does_nothing(console: Console, world: World) -> None:
    starts = world.runner(STUCK).diary.starts
    assert console("act", "restart-service", STUCK, "--dry-run") == 0
    assert "exec sh -s -- 'restart' 'actions.runner.acme.prod-linux-03.service'" in console.out
    assert "systemctl" in console.out
    assert f"id {id_of(world)} of org:acme" in console.out
    assert world.runner(STUCK).diary.starts == starts


def test_a_stuck_runner_is_restarted_proved_and_recorded(console: Console, world: World) -> None:
    code = console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world))
    assert code == 0
    assert console.out.splitlines()[-1].startswith("proved: One listener, started anew")
    assert not world.runner(STUCK).stuck
    assert console("history", "--json") == 0
    (deed,) = json.loads(console.out)["deeds"]
    assert (deed["action"], deed["outcome"]) == ("restart-service", "proved")


def test_a_script_that_was_agreed_to_beforehand_is_not_printed_line_by_line_once_more(
    console: Console, world: World
) -> None:
    assert console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world)) == 0
    lines = console.out.splitlines()
    assert len(lines) < 40, console.out
    assert any(line.endswith("lines; --dry-run prints them") for line in lines)
    assert "   done" in lines


def test_what_an_action_wants_to_be_told_is_said_with_the_option_that_tells_it(console: Console, world: World) -> None:
    assert console("act", "adjust-labels", STUCK, "--dry-run") == EXIT_REFUSED
    assert "Write it with --with. Write each label with a +" in console.out
    assert console("act", "free-disk", STUCK, "--dry-run") == EXIT_REFUSED
    said = console.out.split("--with. ")[1].splitlines()
    assert said[0] == GUIDED_ACTIONS["free-disk"].asks
    assert "_work" in "\n".join(said[1:])


def test_without_write_nothing_is_done(console: Console, world: World) -> None:
    starts = world.runner(STUCK).diary.starts
    assert console("act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world)) == EXIT_REFUSED
    assert "read-only" in console.out
    assert world.runner(STUCK).diary.starts == starts


def test_another_id_than_the_expected_one_is_refused(console: Console, world: World) -> None:
    starts = world.runner(STUCK).diary.starts
    assert console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", "7") == EXIT_REFUSED
    assert f"Its id is {id_of(world)}, not 7" in console.out
    assert world.runner(STUCK).diary.starts == starts


def test_somebody_else_at_work_is_named_and_nothing_is_done(console: Console, world: World) -> None:
    with world.lock:
        services.hold(world, world.runner(STUCK), "bob@192.0.2.9: restart, since 2026-11-21T02:50:00Z", 3600)
    code = console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world))
    assert code == EXIT_REFUSED
    assert "bob@192.0.2.9" in console.out


def test_where_sudo_wants_a_password_the_lines_that_mend_it_are_printed(console: Console, world: World) -> None:
    with world.lock:
        world.runner(STUCK).service.sudo = "password"
    code = console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world))
    assert code == EXIT_REFUSED
    assert "sudo asks for a password" in console.out
    assert "NOPASSWD: /usr/bin/systemctl" in console.out


def test_a_service_that_ends_again_has_failed(console: Console, world: World) -> None:
    from console.simulator.listener_trouble import unregistered

    with world.lock:
        world.runner(STUCK).service.trouble = unregistered
    code = console("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world))
    assert code == EXIT_FAILED
    assert "has ended again" in console.out
    assert "Its host says why" in console.out


def test_an_answer_as_json_has_plan_outcome_and_words(console: Console, world: World) -> None:
    code, answer = console.json("--write", "act", "restart-service", STUCK, "--yes", "--expect-id", id_of(world))
    assert code == answer["exit_code"] == 0
    assert answer["outcome"] == "proved"
    assert answer["target_id"] == world.runner(STUCK).id
    assert "'restart'" in answer["parts"][0]["text"]
    code, answer = console.json("act", "restart-service", "nobody-01", "--dry-run")
    assert code == answer["exit_code"] == 2
    assert set(answer["error"]) == {"kind", "message", "hint"}


def test_what_an_action_is_not_done_to_is_a_mistake_of_usage(console: Console, world: World) -> None:
    assert console("act", "rerun-job", STUCK, "--dry-run") == 2
    assert "is a runner" in console.err
    assert console("act", "restart-servise", STUCK, "--dry-run") == 2
    assert "Did you mean restart-service?" in console.err
    assert console("act", "restart-service", STUCK) == 2
    assert "--dry-run" in console.err


def test_every_action_is_listed_in_columns(console: Console) -> None:
    assert console("act", "--list") == 0
    lines = console.out.splitlines()
    assert [line.split()[0] for line in lines] == list(GUIDED_ACTIONS)
    says = [line.index(action.says) for line, action in zip(lines, GUIDED_ACTIONS.values(), strict=True)]
    assert len(set(says)) == 1
