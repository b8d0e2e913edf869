"""Scripts on a host, by the real ssh and a real sshd on loopback."""

import os
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from console.errors import (
    HostError,
    HostTimeoutError,
    ScriptError,
)
from console.fleet.frames import Frame
from console.fleet.scripts import Script, sent
from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client
from tests.needs import needs
from tests.remote.ssh_asking import (
    COUNT,
    FOLLOW,
    HELLO,
    QUICK,
    UNIT,
    client_for,
    data_of,
    gone,
    open_hosts,
    refusal,
    scripted,
)
from tests.remote.ssh_server import NEEDS_SSH, SshServer

pytestmark = NEEDS_SSH

# Counts what it is sent, line by line.
BEATS = scripted(
    "beats",
    "shell=$(readlink /proc/$$/exe) n=0",
    'while IFS= read -r line; do n=$((n + 1)); say beat "${shell##*/}" $n "$line."; done',
    "say end 0",
    stream=True,
)


def use_shell(sshd: SshServer, shell: str) -> Path:
    """From now on `sh` is this shell on the host."""
    path = sshd.directory / "bin" / "sh"
    path.parent.mkdir()
    path.symlink_to(shutil.which(shell) or shell)
    sshd.settings = [f"SetEnv PATH={path.parent}:/usr/bin:/bin"]
    return path


async def test_a_script_is_asked_and_its_own_status_told(hosts: SshHosts) -> None:
    answer = await hosts.ask("web", COUNT, UNIT)
    assert answer.frames == (Frame("said", ("1", UNIT)),)
    assert answer.status == 3
    assert answer.errors == "oops"


async def test_no_configuration_makes_ssh_do_more_than_it_is_told(sshd: SshServer, hosts: SshHosts) -> None:
    touched = sshd.directory / "touched"
    sshd.configure(
        *("PermitLocalCommand yes", f"LocalCommand touch {touched}", f"RemoteCommand touch {touched}"),
        *("RequestTTY force", "ForwardAgent yes", "ForwardX11 yes", f"LocalForward {sshd.port} 127.0.0.1:1"),
        *(
            "ExitOnForwardFailure yes",
            "UpdateHostKeys yes",
            "ControlMaster auto",
            "ControlPersist yes",
            "LogLevel QUIET",
        ),
        *("StrictHostKeyChecking off", "BatchMode no"),
    )
    known = (sshd.directory / "known_hosts").read_text()
    assert (await hosts.ask("web", HELLO)).status == 0
    await hosts.close()
    assert not touched.exists()
    assert (sshd.directory / "known_hosts").read_text() == known
    assert await gone(sshd.directory)


async def test_it_is_told_where_ssh_would_go(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.configure("Host web", "  User ops")
    route = await hosts.resolved("web")
    assert (route.hostname, route.port, route.user, route.jump) == ("127.0.0.1", str(sshd.port), "ops", "")


@pytest.mark.parametrize(
    "host",
    ["-oProxyCommand=touch x", "-v", "a b", "a;b", "$(x)", "a'b", "", "a\nb", "ops@web", "x" * 300, "a/b", "a%b"],
)
async def test_a_host_of_a_hostile_name_is_never_handed_to_ssh(hosts: SshHosts, host: str) -> None:
    error = await refusal(hosts, host)
    assert "not sent to ssh" in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("user", ["-oProxyCommand=x", "a b", "$(x)", "a;b"])
async def test_a_user_of_a_hostile_name_is_never_handed_to_ssh(sshd: SshServer, user: str) -> None:
    async with open_hosts(Client(dict(os.environ), user=user)) as hosts:
        assert "not sent to ssh" in (await refusal(hosts)).message


@pytest.mark.parametrize(
    "value",
    ["$(touch x)", ";id", "a\nb", "-v", "'", '"', "%n", "actions.runner.x;id.service", "actions.runner.*.service"],
)
async def test_a_hostile_value_is_never_sent(sshd: SshServer, hosts: SshHosts, value: str) -> None:
    with pytest.raises(HostError, match="not sent back"):
        await hosts.ask("web", COUNT, value)
    assert sshd.connections == 0


@pytest.mark.parametrize("shell", ["dash", "bash"])
async def test_no_heartbeat_is_ever_taken_for_shell(sshd: SshServer, shell: str) -> None:
    path = use_shell(sshd, shell)
    async with open_hosts(client_for(sshd)) as hosts, hosts.stream("web", BEATS) as frames:
        # Each line that is sent is counted by the script; one that its shell read would be missing.
        said = [await anext(frames) for _ in range(5)]
    assert [frame.fields for frame in said] == [(shell, str(count), ".") for count in range(1, 6)]
    assert path.exists()


async def test_no_heartbeat_is_sent_before_the_script_is_ready(sshd: SshServer) -> None:
    heard = scripted("heard", "say heard $heard", "say end 0")
    late = Script("late", "heard=$(timeout 0.5 head -c 1 | wc -c)\n" + heard.body, stream=True)
    async with open_hosts(client_for(sshd)) as hosts, hosts.stream("web", late) as frames:
        assert await anext(frames) == Frame("heard", ("0",))


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_what_follows_a_script_is_never_taken_for_shell(tmp_path: Path, shell: str) -> None:
    # As it would be were the ready mark not waited for, and even were it no empty line.
    block = sent(HELLO, "0" * 32) + f"touch {tmp_path}/taken\n".encode() * 10_000
    with subprocess.Popen([shell, "-s"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        output, _ = process.communicate(block)
    assert b"said hello" in output
    assert not (tmp_path / "taken").exists()


async def test_a_status_of_255_is_the_scripts_when_it_says_so(hosts: SshHosts) -> None:
    assert (await hosts.ask("web", scripted("ends", "say end 255", "exit 255"))).status == 255


@pytest.mark.parametrize("death", ["exit 255", "kill -9 $$", "exit 7"])
async def test_a_script_that_ends_without_its_end_mark_has_failed(hosts: SshHosts, death: str) -> None:
    with pytest.raises(ScriptError, match="dies ended early on web"):
        await hosts.ask("web", scripted("dies", "echo Connection refused >&2", death))


async def test_a_script_that_takes_too_long_is_given_up(sshd: SshServer) -> None:
    quick = msgspec.structs.replace(QUICK, answer=0.3, ending=0.3)
    async with open_hosts(client_for(sshd, quick)) as hosts:
        with pytest.raises(HostTimeoutError, match=r"slow did not end on web within 0\.3 s"):
            await hosts.ask("web", scripted("slow", "exec sleep 3"))


NOISE = "Welcome to web!\n\x1b]0;mine\x07 0123456789abcdef0123456789abcdef ready\n"


@pytest.mark.parametrize("shell", ["bash", pytest.param("tcsh", marks=needs("tcsh"))])
@pytest.mark.parametrize("line_end", ["\n", ""])
async def test_login_noise_and_odd_shells_do_no_harm(
    sshd: SshServer, hosts: SshHosts, quiet: Path, shell: str, line_end: str
) -> None:
    (sshd.directory / "noise").write_text(NOISE + "last words" + line_end)
    for name in (".bashrc", ".tcshrc"):
        (sshd.home / name).write_text(f"cat {sshd.directory}/noise\n")
    (sshd.directory / "banner").write_text("Authorised use only. Permission is denied to all others.\n")
    sshd.settings = [f'ForceCommand {shell} -c "$SSH_ORIGINAL_COMMAND"', f"Banner {sshd.directory}/banner"]
    answer = await hosts.ask("web", COUNT, UNIT)
    assert answer.frames == (Frame("said", ("1", UNIT)),)
    assert answer.status == 3
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        assert await data_of(frames) == b"first"


async def test_an_answer_without_end_is_refused(sshd: SshServer) -> None:
    short = msgspec.structs.replace(QUICK, ending=0.5)
    async with open_hosts(client_for(sshd, short)) as hosts:
        with pytest.raises(ScriptError):
            await hosts.ask("web", scripted("endless", "while :; do say said something; done"))


async def test_ssh_has_no_terminal_no_input_and_only_the_environment_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GH_TOKEN", "canary")
    told = tmp_path / "told"
    fake = tmp_path / "ssh"
    fake.write_text(f'#!/bin/sh\n(env; cat; tty; ps -o sid= -p $$; (: </dev/tty) 2>&1; echo "$@") >>{told}\nexit 255\n')
    fake.chmod(0o700)
    async with open_hosts(Client({"PATH": os.environ["PATH"], "SSH_ASKPASS": "ask"}, program=str(fake))) as hosts:
        await refusal(hosts)
    said = told.read_text()
    assert "canary" not in said
    assert "LC_ALL=C" in said
    assert "SSH_ASKPASS_REQUIRE=never" in said
    assert "not a tty" in said
    assert str(os.getsid(0)) not in said.split()
    assert "-G -- web" in said
