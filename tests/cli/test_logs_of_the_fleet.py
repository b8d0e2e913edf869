"""`logs` of a runner or a job, without a screen: what it means, where it comes from, and when it ends."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.operations import named_log
from console.simulator.hosts import pretend_hosts
from console.simulator.scenarios import scenario_named
from tests.cli.commands import Terminal
from tests.cli.console import Console
from tests.needs import needs
from tests.remote.ssh_asking import gone, running
from tests.terminal.terminal import COMMAND
from tests.terminal.terminal import Terminal as Screen
from tests.terminal.test_leaving import assert_terminal_is_restored

pytestmark = needs("ssh", "ssh-keygen")


@pytest.fixture
def fleet(console: Console, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """The console, which reaches the hosts of its pretend fleet too."""
    monkeypatch.setattr(named_log, "QUIET", 0.3)
    hosts = pretend_hosts(console.world, console.address)
    assert hosts is not None
    console.environ["RUNNER_CONSOLE_SSH_PROGRAM"] = str(hosts.start().program)
    config = console.home / "config" / "runner-console" / "config.toml"
    named = scenario_named("idle-while-queued").context.hosts.items()
    table = ", ".join(f"{json.dumps(runners)} = {json.dumps(host)}" for runners, host in named)
    config.write_text(f"{config.read_text()}\n[contexts.pretend.ssh]\nhosts = {{ {table} }}\n")
    try:
        yield console
    finally:
        hosts.stop()


def a_job(console: Console, status: str) -> str:
    _, found = console.json("jobs")
    return next(str(job["id"]) for job in found["jobs"] if job["status"] == status)


def test_of_a_runner_its_journal_is_printed_or_what_source_names(fleet: Console) -> None:
    assert fleet("logs", "prod-linux-03", "--print") == 0, fleet.err
    assert "Listening for Jobs" in fleet.out
    assert fleet("logs", "PROD-linux-03", "--print", "--source", "listener") == 0, fleet.err
    assert "INFO Runner]" in fleet.out
    assert fleet("logs", "build-linux-03", "--print", "--source", "worker") == 0, fleet.err
    assert "StepsRunner" in fleet.out
    assert fleet("logs", "prod-linux-03", "--print", "--source", "output") == 3
    assert "does no job of a watched repository" in fleet.err
    assert fleet.out == ""


def test_of_a_job_its_log_is_printed_and_while_it_runs_its_output(fleet: Console) -> None:
    assert fleet("logs", a_job(fleet, "completed"), "--print") == 0, fleet.err
    assert fleet.out.splitlines()[-1].endswith("Cleaning up orphan processes")
    running = a_job(fleet, "in_progress")
    assert fleet("logs", running, "--print") == 0, fleet.err
    assert "##[group]" in fleet.out
    assert fleet("logs", running, "--print", "--source", "listener") == 0, fleet.err
    assert "Running job" in fleet.out
    assert fleet("logs", a_job(fleet, "queued"), "--print") == 3
    assert "has not begun" in fleet.err
    assert "explain" in fleet.err


@pytest.mark.parametrize("leaves", ["q", "signal"])
async def test_on_a_terminal_it_is_followed_on_the_whole_screen_and_left_without_a_trace(
    fleet: Console, tmp_path: Path, leaves: str
) -> None:
    env = {**fleet.environ, "XDG_CONFIG_HOME": str(fleet.home / "config"), "XDG_RUNTIME_DIR": str(tmp_path)}
    hosts = str(Path(fleet.environ["RUNNER_CONSOLE_SSH_PROGRAM"]).parent)
    with Screen([COMMAND, "logs", "prod-linux-03"], tmp_path, columns=120, env=env) as screen:
        screen.wait_for("service journal on prod-linux-03")
        screen.wait_for("Listening for Jobs")
        assert running(hosts)
        if leaves == "q":
            screen.send("q")
        else:
            screen.signal(signal.SIGTERM)
        assert screen.exit_code() == (0 if leaves == "q" else 128 + signal.SIGTERM)
        assert_terminal_is_restored(screen)
    assert await gone(hosts)


def test_what_is_meant_is_said_where_it_is_not_clear(fleet: Console) -> None:
    assert fleet("logs", "acme/web", "e2e", "--print") == 2
    assert "may be one of" in fleet.err
    assert fleet("logs", "prod-linux-3", "--print") == 2
    assert "prod-linux-03" in fleet.err
    assert fleet.out == ""


def test_a_file_of_that_name_comes_first(fleet: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "prod-linux-03").write_text("a line of the file\n")
    assert fleet("logs", "prod-linux-03", "--print") == 0
    assert fleet.out == "a line of the file\n"
    assert fleet("logs", "prod-linux-03", "--source", "journal", "--print") == 0
    assert "Listening for Jobs" in fleet.out


def test_a_log_that_never_pauses_is_cut_and_that_is_said(fleet: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(named_log, "QUIET", 60.0)
    monkeypatch.setattr(named_log, "LONGEST", 0.5)
    assert fleet("logs", "prod-linux-03", "--print") == 3
    assert "Listening for Jobs" in fleet.out
    assert "within 0.5 s" in fleet.err


def test_a_host_that_is_not_reached_is_told_with_what_helps(fleet: Console) -> None:
    fleet.environ["RUNNER_CONSOLE_SSH_PROGRAM"] = "/nowhere/ssh"
    assert fleet("logs", "prod-linux-03", "--print") == 3
    assert "could not be started" in fleet.err
    assert "ssh_program" in fleet.err


def test_without_a_terminal_it_is_said_at_once_what_needs_none(console: Console) -> None:
    assert console("logs", "prod-linux-03") == 2
    assert "logs --print" in console.err


def test_what_is_no_file_needs_a_context(terminal: Terminal) -> None:
    ended = terminal("logs", "prod-linux-03", "--print")
    assert ended.code == 2
    assert "There is no file “prod-linux-03”" in ended.err
    assert "auth login" in ended.err
