"""Registrations and disks from the command line: real HTTP, real ssh, and secrets that nobody gets to see."""

import subprocess
import threading
from collections.abc import Iterator

import pytest

from console.cli.act import EXIT_REFUSED
from console.simulator.hosts import pretend_hosts
from console.simulator.inhabitants import Runner
from console.simulator.listener_trouble import BAD_REQUEST
from console.simulator.world import World
from tests.cli.console import Console
from tests.needs import needs

pytestmark = needs("ssh")
LOST, FULL = "prod-linux-03", "build-linux-05"


@pytest.fixture
def world(console: Console) -> Iterator[World]:
    """Its hosts are reached by the configured ssh."""
    world = console.world
    hosts = pretend_hosts(world, console.address)
    assert hosts is not None
    access = hosts.start()
    config = console.home / "config" / "runner-console" / "config.toml"
    places = 'hosts = { "arc-linux-*" = "arc-node", "*" = "{name}" }\n'
    config.write_text(f'ssh_program = "{access.program}"\n{config.read_text()}[contexts.pretend.ssh]\n{places}')
    try:
        yield world
    finally:
        hosts.stop()


class Processes:
    """The argument lists of every process on this machine, looked at again and again."""

    def __init__(self) -> None:
        self.seen = ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Processes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=False)
            self.seen += listed.stdout


def given(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything secret that the pretend GitHub gives from now on."""
    told: list[str] = []
    configuration, token = world.registrations.configuration, world.registrations.token

    def config_told(runner: Runner, web: str) -> str:
        told.append(configuration(runner, web))
        return told[-1]

    def token_told(scope: str, purpose: object) -> object:
        found = token(scope, purpose)  # type: ignore[arg-type]
        told.append(found[0])
        return found

    monkeypatch.setattr(world.registrations, "configuration", config_told)
    monkeypatch.setattr(world.registrations, "token", token_told)
    return told


def written(console: Console) -> str:
    files = (path for path in console.home.rglob("*") if path.is_file())
    return "".join(path.read_text("utf-8", "replace") for path in files)


def act(console: Console, action: str, name: str, *more: str) -> int:
    runner = str(console.world.runner(name).id)
    return console("--debug", "--write", "act", action, name, "--yes", "--expect-id", runner, *more)


@pytest.mark.scenario("healthy")
def test_a_stuck_jit_runner_is_replaced_and_nobody_sees_the_config(
    console: Console, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = given(world, monkeypatch)
    with world.lock:
        stuck = next(each for each in world.runners["org:acme"].values() if each.ephemeral and not each.busy)
        world.wedge(stuck, BAD_REQUEST)
    with Processes() as processes:
        assert act(console, "regenerate-jit", stuck.name) == 0
    assert console.out.splitlines()[-1].startswith("proved: ")
    assert stuck.id not in world.runners["org:acme"]
    assert world.runner(f"{stuck.name}-jit2").host == "arc-node"
    assert "ssh" in processes.seen
    assert "generate-jitconfig" in written(console)
    shown = console.out + console.err + written(console) + processes.seen
    assert console("history", "--json") == 0
    (secret,) = secrets
    assert secret[:60] not in shown + console.out
    assert "***" in shown


@pytest.mark.scenario("registration-lost")
def test_a_lost_registration_is_made_anew_and_nobody_sees_the_tokens(
    console: Console, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets, before = given(world, monkeypatch), world.runner(LOST).id
    with Processes() as processes:
        assert act(console, "reregister", LOST) == 0
    after = world.runner(LOST)
    assert (after.id != before, after.status) == (True, "online")
    shown = console.out + console.err + written(console) + processes.seen
    assert len(secrets) == 2
    assert not any(secret in shown for secret in secrets)


@pytest.mark.scenario("disk-full")
def test_what_takes_the_room_is_told_and_one_directory_is_removed(console: Console, world: World) -> None:
    with world.lock:
        job = world.runner(FULL).job
        if job is not None:
            world.dispatch.interrupt(job)
        world.dispatch.disregard(world.runner(FULL))
    assert console("act", "free-disk", FULL, "--dry-run") == EXIT_REFUSED
    assert "_work/web" in console.out
    assert act(console, "free-disk", FULL, "--with", "_work/nothing") == EXIT_REFUSED
    assert world.runner(FULL).full
    assert act(console, "free-disk", FULL, "--with", "_work/web") == 0
    assert not world.runner(FULL).full


@pytest.mark.scenario("healthy")
def test_a_config_is_made_for_no_ordinary_runner(console: Console, world: World) -> None:
    assert act(console, "regenerate-jit", LOST) == EXIT_REFUSED
    assert "not for one job" in console.out
