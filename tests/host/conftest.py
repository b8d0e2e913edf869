"""Hosts for tests. They are made in the namespaces that `make test-host` runs the tests in."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.host.machine import Machine, NoBootError, Wire
from tests.host.runners import StandIn
from tests.host.ssh_client import SshClient


class Host(NamedTuple):
    """A machine, the wire to it, the operator's ssh to it, where it is called `web`, and a runner that lives there."""

    machine: Machine
    wire: Wire
    ssh: SshClient
    runner: StandIn


NewHost = Callable[[], Host]


@pytest.fixture(scope="session")
def numbers(worker_id: str) -> Iterator[int]:
    """No two hosts of all processes have the same."""
    first = int(worker_id.removeprefix("gw") or "0") * 60 if worker_id != "master" else 0
    return itertools.count(first + 1)


def _new_host(number: int, made: list[Machine]) -> Host:
    place = Path(os.environ["TEST_HOST_PLACE"])
    name = f"host{number}"
    machine = Machine(name, Path(os.environ["TEST_HOST_TREE"]), place, os.environ["TEST_HOST_GROUP"])
    made.append(machine)
    ssh = SshClient(place / f"ssh{number}")
    wire = Wire(name, number)
    key = machine.build(ssh.authorized, ssh.ca)
    wire.lay(name)
    ssh.reach("web", wire.far)
    ssh.know(wire.far, key)
    runner = StandIn(machine, "web-1", 21)
    runner.install()
    try:
        machine.start()
    except NoBootError as error:
        pytest.skip(f"no systemd can be started on this machine: {error}")
    return Host(machine, wire, ssh, runner)


@pytest.fixture(scope="session", autouse=True)
def _namespaces() -> None:
    if "TEST_HOST_PLACE" not in os.environ:
        pytest.skip("needs namespaces of its own: run `make test-host`")


@pytest.fixture(scope="module")
def host(numbers: Iterator[int]) -> Iterator[Host]:
    """One for all tests of a file, none of which breaks it."""
    made: list[Machine] = []
    try:
        yield _new_host(next(numbers), made)
    finally:
        for machine in made:
            machine.remove()


@pytest.fixture
def own_host(numbers: Iterator[int]) -> Iterator[Host]:
    """One for this test alone, which may break it."""
    made: list[Machine] = []
    try:
        yield _new_host(next(numbers), made)
    finally:
        for machine in made:
            machine.remove()
