"""A runner is looked for on the host that its name leads to, and proved there."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from console.errors import HostUnreachableError, NoHostError, NotLocatedError
from console.fleet.hosts import host_for
from console.fleet.models import Runner, RunnerKey
from console.operations.locate import HostNames, Locator, lines_to_paste
from tests.host_programs import systemd
from tests.local_hosts import LocalHosts
from tests.virtual_clock import VirtualClock

RUNNER = Runner("org:acme", 42, "linux-01", "Linux", "online", busy=False, labels=())
UNIT = "actions.runner.acme.linux-01.service"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "actions-runner"
    root.mkdir()
    settings = {"agentId": 42, "agentName": "linux-01", "gitHubUrl": "https://github.com/acme"}
    (root / ".runner").write_bytes(b"\xef\xbb\xbf" + json.dumps(settings).encode())
    return root


@pytest.fixture
def hosts(root: Path, tmp_path: Path) -> LocalHosts:
    running = {"MainPID": "811", "WorkingDirectory": str(root), "ActiveState": "active", "SubState": "running"}
    processes = f" 823 {root}/bin/Runner.Listener run --startuptype service\n"
    return LocalHosts(programs=systemd(tmp_path / "bin", {UNIT: running}, processes=processes))


def locator(hosts: LocalHosts, clock: VirtualClock, patterns: Mapping[str, str] | None = None) -> Locator:
    names = HostNames("prod", {"linux-*": "{name}.ci"} if patterns is None else patterns, "https://github.com")
    return Locator(hosts, names, {RUNNER.key: RUNNER}.get, clock)


async def test_a_runner_is_found_on_its_host_and_not_looked_for_again(hosts: LocalHosts, root: Path) -> None:
    clock = VirtualClock()
    finding = locator(hosts, clock)
    place = await finding.locate(RUNNER.key)
    assert (place.host, place.directory, place.unit, place.pid) == ("linux-01.ci", str(root), UNIT, 823)
    assert await finding.locate(RUNNER.key) is place
    assert len(hosts.asked) == 1
    clock.jump(601)
    await finding.locate(RUNNER.key)
    finding.forget(RUNNER.key)
    await finding.locate(RUNNER.key)
    assert [asked[:2] for asked in hosts.asked] == [("linux-01.ci", "find-runners")] * 3


async def test_a_runner_that_is_not_there_is_told_with_what_was_looked_at(hosts: LocalHosts, root: Path) -> None:
    (root / ".runner").write_text('{"agentId": 7, "gitHubUrl": "https://github.com/other"}')
    with pytest.raises(NotLocatedError, match=r"Agent 42 of org:acme was not found on the host linux-01\.ci") as told:
        await locator(hosts, VirtualClock()).locate(RUNNER.key)
    assert f"- {UNIT} in {root}: agent id 7 of https://github.com/other" in told.value.hint.splitlines()


async def test_a_runner_that_was_registered_since_its_host_was_asked_is_found_at_once(
    hosts: LocalHosts, root: Path
) -> None:
    anew = Runner("org:acme", 43, "linux-01", "Linux", "online", busy=False, labels=())
    names = HostNames("prod", {"linux-*": "{name}.ci"}, "https://github.com")
    finding = Locator(hosts, names, {RUNNER.key: RUNNER, anew.key: anew}.get, VirtualClock())
    await finding.locate(RUNNER.key)
    (root / ".runner").write_text('{"agentId": 43, "gitHubUrl": "https://github.com/acme"}')
    assert (await finding.locate(anew.key)).agent_id == 43
    assert len(hosts.asked) == 2


async def test_without_hosts_it_is_said_what_to_write(hosts: LocalHosts) -> None:
    with pytest.raises(NoHostError) as told:
        await locator(hosts, VirtualClock(), {}).locate(RUNNER.key)
    assert "[contexts.prod.ssh.hosts]" in told.value.hint.splitlines()
    assert all(len(line) < 60 for line in told.value.hint.splitlines()[1:]), "a narrow screen breaks none of them"
    pasted = tomllib.loads(lines_to_paste("a.b").partition("\n")[2])
    assert host_for("linux-7", pasted["contexts"]["a.b"]["ssh"]["hosts"]) == "linux-7.ci.example.net"
    with pytest.raises(NoHostError, match="No host of the runner “linux-01” is configured") as told:
        await locator(hosts, VirtualClock(), {"mac-*": "{name}"}).locate(RUNNER.key)
    lines = told.value.hint.splitlines()
    assert {'"linux-*" = "{name}.ci.example.net"', '"*" = "{name}"'} < set(lines)
    assert all(len(line) < 75 for line in lines)
    assert hosts.asked == []


async def test_what_is_wrong_with_a_host_is_told_and_it_is_asked_again(hosts: LocalHosts) -> None:
    hosts.down = HostUnreachableError("No route to host")
    finding = locator(hosts, VirtualClock())
    with pytest.raises(HostUnreachableError):
        await finding.locate(RUNNER.key)
    hosts.down = None
    assert (await finding.locate(RUNNER.key)).unit == UNIT


async def test_a_runner_that_is_gone_is_not_looked_for(hosts: LocalHosts) -> None:
    with pytest.raises(NotLocatedError, match="not listed any more"):
        await locator(hosts, VirtualClock()).locate(RunnerKey("org:acme", 1))
