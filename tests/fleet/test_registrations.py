"""Scripts that register a runner anew: where the secrets go, and where they do not. Real shells, stand-in programs."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.acting_host import ADDRESS, UNIT, ActingHost, refusal, words
from tests.local_hosts import SHELLS

CANARY = b"eyJjYW5hcnkiOiJzZWNyZXQifQ+/=="
REMOVE, REGISTER = b"AREMOVETOKENCANARY", b"AREGISTRATIONTOKENCANARY"
_RUN = """#!/bin/bash
echo $$ >pid
env >environment
ps -o tty= -p $$ >terminal
grep SigIgn: /proc/self/status >signals
ps -A -ww -o args= >everything
touch told
exec sleep 60
"""
_CONFIG = """#!/bin/bash
echo "$ACTIONS_RUNNER_INPUT_TOKEN $*" >>asked
ps -A -ww -o args= >>everything
[ ! -f .service ] || [ "$*" != remove ] || { echo Uninstall service first; exit 1; }
[ ! -f fails-at ] || [ "$1" != "$(cat fails-at)" ] || { echo "no: $ACTIONS_RUNNER_INPUT_TOKEN"; echo Failed; exit 1; }
if [ "$1" = remove ]; then rm .runner; else echo '{"agentId": 8}' >.runner; fi
"""


@pytest.fixture(params=SHELLS)
def host(request: pytest.FixtureRequest, tmp_path: Path) -> ActingHost:
    host = ActingHost(tmp_path, str(request.param))
    (host.processes / "1").mkdir()
    (host.processes / "1/comm").write_text("systemd\n")
    (host.root / "bin.2.336.0").mkdir()
    (host.root / "bin").symlink_to(host.root / "bin.2.336.0")
    (host.root / "externals/node20").mkdir(parents=True)
    for name in ("bin/Runner.Listener", "externals/node20/node", "run-helper.sh.template", ".credentials", ".env"):
        (host.root / name).write_text(name)
    for name, text in (("run.sh", _RUN), ("config.sh", _CONFIG)):
        (host.root / name).write_text(text)
        (host.root / name).chmod(0o755)
    return host


@pytest.fixture
def new(host: ActingHost) -> Path:
    return host.place / "actions-runner-2"


def end(new: Path) -> None:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((new / "pid").read_text()), signal.SIGKILL)


async def told(new: Path) -> None:
    """Waits until what was started has said all that it says."""
    async with asyncio.timeout(60):
        while not (new / "told").exists():
            await asyncio.sleep(0.02)


async def jit(host: ActingHost, new: Path, user: str = "-", secret: bytes = CANARY) -> list[str]:
    try:
        said = words(await host.run("jit-start", str(host.root), str(new), user, "alice", secrets=(secret,)))
        if said[-1] == "did 0":
            await told(new)
        return said
    finally:
        end(new)


async def test_a_runner_is_started_just_in_time_and_nobody_sees_its_config(host: ActingHost, new: Path) -> None:
    said = await jit(host, new)
    pid = (new / "pid").read_text().strip()
    assert said[-3:] == [f"doing start {new} as ops", f"started {pid}", "did 0"]
    environment = (new / "environment").read_text().splitlines()
    assert f"ACTIONS_RUNNER_INPUT_JITCONFIG={CANARY.decode()}" in environment
    assert not any(line.startswith(("LC_ALL=", "TZ=", "SUDO_")) for line in environment)
    assert (new / "terminal").read_text().strip() == "?"
    assert CANARY.decode() not in (new / "everything").read_text()
    (new / "environment").unlink()
    found = subprocess.run(["grep", "-rlF", CANARY.decode(), host.place], capture_output=True, check=False)
    assert found.stdout == b""


async def test_it_has_the_runners_software_and_nothing_of_the_one_before(host: ActingHost, new: Path) -> None:
    await jit(host, new)
    left = {str(path.relative_to(new)) for path in new.rglob("*") if path.is_file()}
    own = {"pid", "environment", "terminal", "signals", "everything", "told", "_diag/run.log"}
    assert left - own == {
        "bin/Runner.Listener", "externals/node20/node", "run-helper.sh.template", "run.sh", "config.sh"
    }  # fmt: skip
    assert not (new / "bin").is_symlink()


@pytest.mark.parametrize("host", ["bash"], indirect=True)
async def test_a_shell_that_would_show_the_secret_is_not_given_it(
    host: ActingHost, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "without").write_text("enable -n printf\n")
    monkeypatch.setitem(host.hosts._environment, "BASH_ENV", str(tmp_path / "without"))
    frames = await host.run("jit-start", str(host.root), str(new), "-", "alice", secrets=(CANARY,))
    assert refusal(frames) == "shown"
    assert not new.exists()


async def test_it_may_be_interrupted_as_any_other(host: ActingHost, new: Path) -> None:
    await jit(host, new)
    ignored = int((new / "signals").read_text().split()[1], 16)
    assert ignored & (1 << signal.SIGINT - 1 | 1 << signal.SIGQUIT - 1 | 1 << signal.SIGTERM - 1) == 0


async def test_it_goes_on_when_ssh_has_ended(host: ActingHost, new: Path) -> None:
    try:
        await host.run("jit-start", str(host.root), str(new), "-", "alice", secrets=(CANARY,))
        await told(new)
        os.kill(int((new / "pid").read_text()), 0)
        assert list(host.notes.iterdir()) == []
        locked = subprocess.run(["flock", "-n", host.root / ".service", "true"], check=False)
        assert locked.returncode == 0
    finally:
        end(new)


async def test_another_user_starts_it_by_one_exact_command_line(host: ActingHost, new: Path) -> None:
    host.allow("-u runner /bin/bash -s")
    assert (await jit(host, new, "runner"))[-1] == "did 0"
    asked = (host.programs / "sudo-asked").read_text().splitlines()
    assert asked == ["-n -l -u runner -- /bin/bash -s", "-n -u runner -- /bin/bash -s"]


async def test_without_the_right_to_be_that_user_nothing_is_made(host: ActingHost, new: Path) -> None:
    assert (await jit(host, new, "runner"))[-1] == "refused sudo-not-allowed"
    assert not new.exists()


@pytest.mark.parametrize("inside", [".runner", ".credentials", "anything"])
async def test_a_directory_that_holds_anything_is_left_alone(host: ActingHost, new: Path, inside: str) -> None:
    new.mkdir()
    (new / inside).write_text("kept")
    assert (await jit(host, new))[-1] == "refused not-clean"
    assert [path.name for path in new.iterdir()] == [inside]


async def test_a_link_is_no_new_directory(host: ActingHost, new: Path) -> None:
    (host.place / "empty").mkdir()
    new.symlink_to(host.place / "empty")
    assert (await jit(host, new))[-1] == "refused not-clean"


async def test_only_a_directory_beside_it_is_made(host: ActingHost) -> None:
    assert (await jit(host, host.root / "inside"))[-1] == "refused not-beside"
    assert (await jit(host, host.place.parent / "elsewhere"))[-1] == "refused not-beside"


async def test_a_directory_without_the_software_is_no_source(host: ActingHost, new: Path) -> None:
    (host.root / "bin/Runner.Listener").unlink()
    assert (await jit(host, new))[-1] == "refused no-program bin/Runner.Listener"


@pytest.mark.parametrize("secret", [b"", b"$(touch made)", b"`touch made`", b"';touch made;'", b"a b"])
async def test_a_secret_is_never_taken_for_shell(host: ActingHost, new: Path, secret: bytes) -> None:
    assert (await jit(host, new, secret=secret))[-1] == "refused no-secret"
    assert not new.exists()
    assert not list(host.place.rglob("made"))


async def test_root_runs_no_runner(host: ActingHost, new: Path) -> None:
    (host.programs / "id").write_text('#!/bin/sh\n[ "$1" = -u ] && echo 0 || echo root\n')
    assert (await jit(host, new))[-1] == "refused root"


async def test_a_runner_that_ends_at_once_has_not_started(host: ActingHost, new: Path) -> None:
    (host.root / "run.sh").write_text("#!/bin/bash\nenv; exit 1\n")
    frames = await host.run("jit-start", str(host.root), str(new), "-", "alice", secrets=(CANARY,))
    assert words(frames)[-1] == "did 1"
    assert not any(CANARY in frame.data for frame in frames)
    assert b"run.log says why" in frames[-1].data


async def reregister(host: ActingHost, *secrets: bytes, local: str = "-", agent: str = "7") -> list[str]:
    host.frames = await host.run(
        "reregister", str(host.root), UNIT, agent, ADDRESS, "linux-01", "Build Machines", "gpu,os:linux", local,
        "alice", secrets=secrets,
    )  # fmt: skip
    return [word for word in words(host.frames) if not word.startswith("checked")]


@pytest.fixture
def registered(host: ActingHost) -> ActingHost:
    host.show(User="runner")
    all_three = [f"{host.systemctl} {verb} -- {UNIT}" for verb in ("start", "stop")]
    host.allow(*all_three, "-u runner /bin/bash -s")
    return host


async def test_a_runner_is_registered_anew_with_its_name_group_and_labels(registered: ActingHost) -> None:
    host = registered
    assert await reregister(host, REMOVE, REGISTER) == [
        "lock held", "note written", f"doing stop {UNIT}", "doing remove", "doing configure linux-01",
        f"doing start {UNIT}", "did 0",
    ]  # fmt: skip
    assert host.acted == [f"stop -- {UNIT}", f"start -- {UNIT}"]
    assert (host.root / "asked").read_text().splitlines() == [
        f"{REMOVE.decode()} remove",
        f"{REGISTER.decode()} --unattended --replace --url {ADDRESS} --name linux-01"
        " --runnergroup Build Machines --labels gpu,os:linux",
    ]
    seen = (host.root / "everything").read_text()
    assert REMOVE.decode() not in seen
    assert REGISTER.decode() not in seen
    assert (host.root / ".service").read_text() == f"{UNIT}\n"


async def test_settings_are_removed_here_alone_where_github_knows_it_no_more(registered: ActingHost) -> None:
    host = registered
    assert (await reregister(host, REGISTER, local="local"))[-1] == "did 0"
    assert (host.root / "asked").read_text().splitlines()[0] == " remove --local"


async def test_a_runner_without_settings_is_registered(registered: ActingHost) -> None:
    host = registered
    assert (await reregister(host, REGISTER, local="local", agent="-"))[-1] == "refused other-runner"
    (host.root / ".runner").rename(host.root / "gone")
    host.show(ActiveState="inactive", SubState="dead", ControlGroup="")
    (host.root / "config.sh").write_text(_CONFIG.replace("rm .runner", "true"))
    assert (await reregister(host, REGISTER, local="local", agent="-"))[-1] == "did 0"


@pytest.mark.parametrize(("at", "acted"), [("remove", ["stop", "start"]), ("--unattended", ["stop"])])
async def test_a_stage_that_fails_is_the_last_and_its_token_is_not_shown(
    registered: ActingHost, at: str, acted: list[str]
) -> None:
    host = registered
    (host.root / "fails-at").write_text(at)
    assert (await reregister(host, REMOVE, REGISTER))[-1] == "did 1"
    assert host.acted == [f"{verb} -- {UNIT}" for verb in acted]
    assert not any(token in frame.data for frame in host.frames for token in (REMOVE, REGISTER))
    assert (host.root / ".service").read_text() == f"{UNIT}\n"


async def test_a_busy_runner_is_not_registered_anew(registered: ActingHost) -> None:
    host = registered
    host.lives(900, "Runner.Worker", "")
    assert (await reregister(host, REMOVE, REGISTER))[-1].startswith("refused busy")
    assert refusal(host.frames).startswith("busy")
    assert host.acted == []


async def test_where_processes_are_hidden_a_runner_keeps_its_registration(registered: ActingHost) -> None:
    """Its unit is dead, and somebody may have started it by hand."""
    host = registered
    host.show(ActiveState="inactive", SubState="dead", ControlGroup="")
    (host.processes / "1/comm").unlink()
    assert (await reregister(host, REMOVE, REGISTER))[-1] == "refused unreadable all"
    assert not (host.root / "asked").exists()


async def test_a_listener_that_does_not_go_keeps_its_registration(registered: ActingHost) -> None:
    host = registered
    host.lists(f"901 00:12 {host.root}/bin/Runner.Listener run --startuptype service")
    said = await reregister(host, REMOVE, REGISTER)
    assert said[-3:] == [f"doing stop {UNIT}", f"doing start {UNIT}", "did 1"]
    assert not (host.root / "asked").exists()
