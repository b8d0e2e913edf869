"""Hosts for tests. They are made in the namespaces that `make test-host` runs the tests in."""

import itertools
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.host.machine import Machine, NoBootError, Wire
from tests.host.runners import StandIn
from tests.host.ssh_client import SshClient


class Host(NamedTuple):
    """A machine, the wire to it, the operator's ssh, for which it is `web`, and a runner that lives there."""

    machine: Machine
    wire: Wire
    ssh: SshClient
    runner: StandIn


@pytest.fixture(scope="session")
def numbers(worker_id: str) -> Iterator[int]:
    """No two hosts of all processes have the same."""
    first = int(worker_id.removeprefix("gw") or "0") * 50 if worker_id != "master" else 0
    return itertools.count(first + 1)


def _new_host(number: int, made: list[Machine], behind: Host | None = None) -> Host:
    place = Path(os.environ["TEST_HOST_PLACE"])
    name = f"host{number}"
    machine = Machine(name, Path(os.environ["TEST_HOST_TREE"]), place, os.environ["TEST_HOST_GROUP"])
    made.append(machine)
    ssh = SshClient(place / f"ssh{number}") if behind is None else behind.ssh
    wire = Wire(name, number)
    key = machine.build(ssh.authorized, ssh.ca)
    if behind is None:
        wire.lay(name)
        ssh.reach("web", wire.far, "User ops")
    else:
        wire.lay(name, behind.machine.name)
        ssh.reach("hidden", wire.far, "ProxyJump web")
    ssh.know(wire.far, key)
    runner = StandIn(machine, "web-1", 21)
    runner.install()
    try:
        machine.start()
    except NoBootError as error:
        pytest.skip(f"no systemd can be started on this machine: {error}")
    runner.wait_until_it_listens()
    return Host(machine, wire, ssh, runner)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How the races went, of all hosts that they were run on."""
    ended = terminalreporter.getreports("passed")
    shares = [value for report in ended for name, value in report.user_properties if name == "races"]
    told = Counter[str]()
    for _, _, words in shares:
        told.update(words)
    if told:
        longest = max(seconds for _, seconds, _ in shares)
        what = ", ".join(f"{count:,} {word}" for word, count in sorted(told.items()))
        hosts = "one host" if len(shares) == 1 else f"{len(shares)} hosts"
        line = f"{sum(told.values()):,} races on {hosts} in {longest:.0f} s: {what}. No job of these was lost."
        terminalreporter.write_line(line)


@pytest.fixture(scope="session", autouse=True)
def _namespaces() -> None:
    if "TEST_HOST_PLACE" not in os.environ:
        pytest.skip("needs namespaces of its own: run `make test-host`")


@pytest.fixture(scope="module")
def host(numbers: Iterator[int]) -> Iterator[Host]:
    """One for all tests of a file, none of which breaks it."""
    with _removed_afterwards() as made:
        yield _new_host(next(numbers), made)


@pytest.fixture
def own_host(numbers: Iterator[int]) -> Iterator[Host]:
    """One for this test alone, which may break it."""
    with _removed_afterwards() as made:
        yield _new_host(next(numbers), made)


@pytest.fixture
def hidden_host(own_host: Host, numbers: Iterator[int]) -> Iterator[Host]:
    """Another one, `hidden`, which nobody reaches but from the first."""
    with _removed_afterwards() as made:
        yield _new_host(next(numbers), made, own_host)


@contextmanager
def _removed_afterwards() -> Iterator[list[Machine]]:
    made: list[Machine] = []
    try:
        yield made
    finally:
        for machine in made:
            machine.remove()
