"""What a host says of a runner's service is understood, and what it does not say is not made up."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.fleet.frames import Frame
from console.fleet.hosts import HostProcess, Located
from console.fleet.models import RunnerKey
from console.fleet.scripts import SCRIPTS
from console.fleet.service_reading import directory_state, service_state
from console.fleet.service_state import AtWork, DirectoryState, ServiceState
from tests.acting_host import ADDRESS, UNIT, ActingHost
from tests.local_hosts import SHELLS

LOCATED = Located(RunnerKey("repo:acme/web", 7), "web", "/srv/runner", UNIT, 812, "proved", 7)


def shown(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> ActingHost:
    return ActingHost(tmp_path, str(request.param))


async def state(host: ActingHost, unit: str = UNIT) -> ServiceState:
    answer = await host.hosts.ask("web", SCRIPTS["service-state"], unit, str(host.root))
    return service_state(answer.frames, replace(LOCATED, directory=str(host.root)), shown)


async def test_an_idle_service_is_told_whole(host: ActingHost) -> None:
    host.lists(f"812 1-02:03:04 {host.root}/bin/Runner.Listener run --startuptype service")
    stamp = "2026-09-02 05:14:01Z"
    for name, line in (("0", "Listening for Jobs"), ("1", "√ Connected to GitHub")):
        log = host.root / f"_diag/Runner_2026090{name}-051401-utc.log"
        log.write_text(f"[{stamp} INFO Terminal] WRITE LINE: {stamp}: {line}\n")
    before = datetime.now(UTC).replace(microsecond=0)
    told = await state(host)
    assert told == ServiceState(
        located=told.located,
        machine=Path("/etc/machine-id").read_text().strip() if Path("/etc/machine-id").exists() else "",
        host_time=told.host_time,
        load="loaded", active="active", sub="running", user="runner", invocation="ab" * 16,
        listeners=(HostProcess(812, timedelta(days=1, hours=2, minutes=3, seconds=4)),),
        listening_since=datetime(2026, 9, 2, 5, 14, 1, tzinfo=UTC),
        agent_id=7, address=ADDRESS,
        sudo=(("start", "allowed"), ("restart", "allowed"), ("stop", "allowed")),
        lock="free",
    )  # fmt: skip
    assert told.host_time is not None
    assert before <= told.host_time <= datetime.now(UTC)


async def test_a_look_changes_nothing(host: ActingHost) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in host.root.rglob("*"))
    await state(host)
    assert host.acted == []
    assert sorted((path, path.stat().st_mtime_ns) for path in host.root.rglob("*")) == before
    assert list(host.notes.iterdir()) == []


async def test_a_worker_is_seen_wherever_it_is(host: ActingHost) -> None:
    host.lives(900, "Runner.Worker", "")
    assert (await state(host)).workers == (HostProcess(900),)
    host.lists(f"901 00:12 {host.root}/bin/Runner.Worker spawnclient 118 121")
    assert (await state(host)).workers == (HostProcess(901, timedelta(seconds=12)), HostProcess(900))


async def test_what_cannot_be_looked_at_is_counted(host: ActingHost) -> None:
    host.lives(905, "", "")
    told = await state(host)
    assert (told.unreadable, told.group_known) == (1, True)
    (host.group / "cgroup.procs").unlink()
    told = await state(host)
    assert (told.unreadable, told.group_known) == (0, False)


async def test_without_a_list_of_processes_its_workers_are_not_known(host: ActingHost) -> None:
    (host.programs / "ps").write_text("#!/bin/sh\nexit 1\n")
    assert not (await state(host)).group_known


async def test_a_service_that_ended_has_no_processes_and_that_is_known(host: ActingHost) -> None:
    host.show(ActiveState="failed", SubState="failed", Result="exit-code", ControlGroup="", InvocationID="")
    told = await state(host)
    assert (told.active, told.result, told.group_known, told.invocation) == ("failed", "exit-code", True, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sudo: a password is required\n", "password"),
        ("sudo: sorry, you must have a tty to run sudo\n", "tty"),
        ("Sorry, user ops is not allowed to execute it as root on web.\n", "not-allowed"),
        ("sudo: unable to open audit system\n", "unknown"),
    ],
)
async def test_what_sudo_would_say_is_known_beforehand(host: ActingHost, words: str, said: str) -> None:
    host.sudo_says(words)
    assert {word for _, word in (await state(host)).sudo} == {said}


async def test_each_verb_is_asked_about_by_itself(host: ActingHost) -> None:
    host.allow(f"{host.systemctl} restart -- {UNIT}")
    assert (await state(host)).sudo == (("start", "not-allowed"), ("restart", "allowed"), ("stop", "not-allowed"))


async def test_a_host_without_sudo_and_one_where_we_are_root_are_told_apart(host: ActingHost) -> None:
    host.hosts.hide("sudo")
    assert (await state(host)).may("restart") == "missing"
    (host.programs / "id").write_text("#!/bin/sh\necho 0\n")
    assert (await state(host)).may("restart") == "root"


async def test_an_update_is_told(host: ActingHost) -> None:
    (host.root / "_work/_update").mkdir()
    assert (await state(host)).updating


async def test_a_host_without_flock_has_no_lock(host: ActingHost) -> None:
    host.hosts.hide("flock")
    assert (await state(host)).lock == "none"


async def test_a_runner_without_unit_is_told_as_far_as_it_goes(host: ActingHost) -> None:
    host.lists(f"812 00:10 {host.root}/bin/Runner.Listener run")
    told = await state(host, "-")
    assert (told.load, told.sudo, told.agent_id, len(told.listeners)) == ("", (), 7, 1)


async def test_a_directory_that_is_not_there_is_not_known(host: ActingHost) -> None:
    (host.root / ".runner").unlink()
    told = await state(host)
    assert (told.agent_id, told.address) == (None, "")


def read(*frames: Frame) -> ServiceState:
    return service_state(frames, LOCATED, shown)


def test_of_silence_nothing_is_made_up() -> None:
    told = read()
    assert (told.group_known, told.lock, told.agent_id, told.may("restart")) == (False, "none", None, "unknown")


def test_who_holds_the_lock_is_told() -> None:
    note = Frame("fact", ("note",), b"alice@10.0.0.7: restart, since 2026-11-21T10:40:05Z\n")
    told = read(note, Frame("lock", ("held",)))
    assert told.at_work == AtWork("alice@10.0.0.7", "restart", datetime(2026, 11, 21, 10, 40, 5, tzinfo=UTC))
    assert read(note, Frame("lock", ("free",))).at_work is None


@pytest.mark.parametrize("note", [b"", b"\x1b[2J", b"x" * 300, b"a: b, since yesterday", b"\xff\xfe"])
def test_a_note_that_nobody_of_us_wrote_is_no_name(note: bytes) -> None:
    assert read(Frame("fact", ("note",), note), Frame("lock", ("held",))).at_work is None


def test_what_a_host_says_is_harmless() -> None:
    unit = b"LoadState=lo\x1b[2Jaded\nActiveState=active\nInvocationID=$(id)\n"
    settings = json.dumps({"agentId": "7", "gitHubUrl": "https://x/\x1b]0;y\x07"}).encode()
    told = read(
        Frame("fact", ("unit",), unit), Frame("fact", (".runner",), settings), Frame("fact", ("machine",), b"\x1b[31m"),
        Frame("fact", ("now",), b"9" * 40), Frame("sudo", ("restart", "granted")), Frame("lock", ("\x1b",)),
        Frame("group", ("1", "x", "0")), Frame("fact", ("listening",), b"[2026-99-99 05:14:01Z INFO"),
        Frame("fact", ("note",), b"a\x1b[2J: b\x07, since 2026-11-21T10:40:05Z"), Frame("fact"), Frame("sudo"),
    )  # fmt: skip
    assert (told.load, told.machine, told.invocation) == ("lo?[2Jaded", "?[31m", "")
    assert (told.host_time, told.listening_since) == (None, None)
    assert (told.lock, told.group_known, told.may("restart")) == ("none", False, "unknown")
    assert told.address == "https://x/?]0;y?"


async def test_whose_a_directory_is_and_what_may_be_done_as_that_user(host: ActingHost) -> None:
    async def there(name: str) -> DirectoryState:
        answer = await host.hosts.ask("web", SCRIPTS["directory-state"], str(host.place / name))
        return directory_state(answer.frames, shown)

    owner = host.root.owner()
    assert await there("actions-runner") == DirectoryState(owner, "not-allowed")
    host.allow(f"-u {owner} /bin/bash -s")
    assert await there("actions-runner") == DirectoryState(owner, "allowed")
    assert await there("actions-runner-2") == DirectoryState()
    (host.place / "dangling").symlink_to(host.place / "nowhere")
    assert (await there("dangling")).owner == owner
    assert host.acted == []
