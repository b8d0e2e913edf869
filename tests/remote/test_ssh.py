"""Scripts on a host, by the real ssh and a real sshd on loopback."""

import asyncio
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from console.errors import (
    ChangedHostKeyError,
    HostAuthenticationError,
    HostError,
    HostTimeoutError,
    HostUnreachableError,
    NoSshError,
    RevokedHostKeyError,
    ScriptError,
    SshConfigError,
    TooManySessionsError,
    UnknownHostKeyError,
)
from console.fleet.frames import Frame
from console.fleet.scripts import ArgumentKind, Script, sent
from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client, Timings
from tests.needs import needs
from tests.remote.ssh_server import SSHD, SshServer

pytestmark = [
    needs("ssh", "ssh-keygen", "ps"),
    pytest.mark.skipif(SSHD is None, reason="needs the program sshd"),
]

QUICK = Timings(connect=1, alive=1, alive_count=1, log_in=5.0, queue=1.0, answer=5.0, heartbeat=0.05, ending=1.0)

UNIT = "actions.runner.acme.x.service"


def scripted(name: str, *lines: str, arguments: tuple[ArgumentKind, ...] = (), stream: bool = False) -> Script:
    """A script in whose lines `say` prints a frame's beginning."""
    say = 'say() { printf \'\\n%s %s\\n\' "$mark" "$*"; }'
    return Script(name, "\n".join([say, "say ready", *lines]), arguments, stream)


HELLO = scripted("hello", "say said hello", "say end 0")
COUNT = scripted("count", 'say said $# "$1"', "echo oops >&2", "say end 3", arguments=("unit",))
# Follows a file; ends at the end of its input.
FOLLOW = scripted(
    "follow",
    "say part file 1 0",
    'tail -n +1 -f "$1" & tail=$!',
    "cat >/dev/null",
    "kill $tail; wait",
    "say end 0",
    arguments=("directory",),
    stream=True,
)
# Counts what it is sent, line by line.
BEATS = scripted(
    "beats",
    "shell=$(readlink /proc/$$/exe) n=0",
    'while IFS= read -r line; do n=$((n + 1)); say beat "${shell##*/}" $n "$line."; done',
    "say end 0",
    stream=True,
)


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[SshServer]:
    if os.geteuid() == 0:
        # sshd will not start as root without it.
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    async with SshServer(tmp_path).serving() as serving:
        yield serving


@pytest.fixture
def runtime() -> Iterator[Path]:
    """Where the sockets go; short enough for them, which pytest's own directories may not be."""
    with tempfile.TemporaryDirectory(prefix="rt-", dir="/tmp") as directory:
        yield Path(directory)


def client_for(server: SshServer, timings: Timings = QUICK, **environ: str) -> Client:
    return Client({**os.environ, **environ}, config=server.directory / "ssh_config", timings=timings)


@asynccontextmanager
async def open_hosts(client: Client) -> AsyncIterator[SshHosts]:
    hosts = SshHosts(client)
    try:
        yield hosts
    finally:
        await hosts.close()


@pytest_asyncio.fixture
async def hosts(server: SshServer) -> AsyncIterator[SshHosts]:
    async with open_hosts(client_for(server)) as opened:
        yield opened


def use_shell(server: SshServer, shell: str) -> Path:
    """From now on `sh` is this shell on the host."""
    path = server.directory / "bin" / "sh"
    path.parent.mkdir()
    path.symlink_to(shutil.which(shell) or shell)
    server.settings = [f"SetEnv PATH={path.parent}:/usr/bin:/bin"]
    return path


def running(words: object) -> list[str]:
    """The processes with these words in their arguments."""
    shown = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], check=True, capture_output=True, text=True)
    return [line.split()[0] for line in shown.stdout.splitlines() if str(words) in line]


async def data_of(frames: AsyncIterator[Frame]) -> bytes:
    """The first bytes of a part."""
    async for frame in frames:
        if frame.data:
            return frame.data
    return b""


async def gone(words: object, deadline: float = 2.0) -> bool:
    until = time.monotonic() + deadline
    while running(words) and time.monotonic() < until:
        await asyncio.sleep(0.02)
    return not running(words)


async def test_a_script_is_asked_and_its_own_status_told(hosts: SshHosts) -> None:
    answer = await hosts.ask("web", COUNT, UNIT)
    assert answer.frames == (Frame("said", ("1", UNIT)),)
    assert answer.status == 3
    assert answer.errors == "oops"


async def test_one_connection_serves_every_question(server: SshServer, hosts: SshHosts) -> None:
    answers = await asyncio.gather(*(hosts.ask("web", HELLO) for _ in range(50)))
    assert {answer.frames for answer in answers} == {(Frame("said", ("hello",)),)}
    assert server.connections == 1


async def test_no_more_than_six_sessions_are_open_at_once(server: SshServer, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    log = tmp_path / "log"
    busy = scripted("busy", f"touch {log}/$$; ls {log} | wc -l >&2; sleep 0.05; rm {log}/$$", "say end 0")
    server.settings = ["MaxSessions 6"]
    async with open_hosts(client_for(server)) as hosts:
        answers = await asyncio.gather(*(hosts.ask("web", busy) for _ in range(20)))
    assert max(int(answer.errors) for answer in answers) <= 6
    assert server.connections == 1


async def refusal(hosts: SshHosts, host: str = "web") -> HostError:
    """Why the host is not asked."""
    with pytest.raises(HostError) as raised:
        await hosts.ask(host, HELLO)
    return raised.value


async def test_an_unknown_host_key_is_shown_and_never_accepted(server: SshServer, hosts: SshHosts) -> None:
    known = server.directory / "known_hosts"
    known.write_text("")
    server.configure("StrictHostKeyChecking no")
    error = await refusal(hosts)
    assert type(error) is UnknownHostKeyError
    assert f"[127.0.0.1]:{server.port}" in error.message
    assert server.fingerprint("host") in error.message
    assert f"ssh -F {server.directory}/ssh_config -o StrictHostKeyChecking=ask -- web" in error.hint
    assert known.read_text() == ""
    server.know(" ".join((server.directory / "host.pub").read_text().split()[:2]))
    assert (await hosts.ask("web", HELLO)).status == 0


async def test_a_changed_host_key_stops_that_host_and_no_other(server: SshServer, hosts: SshHosts) -> None:
    right = " ".join((server.directory / "host.pub").read_text().split()[:2])
    wrong = server.make_key("other")
    other_host = f"Host other\n  HostName 127.0.0.1\n  Port {server.port}\n  HostKeyAlias other\n"
    server.configure("StrictHostKeyChecking no", other_host)
    (server.directory / "known_hosts").write_text(f"[127.0.0.1]:{server.port} {wrong}\nother {right}\n")
    error = await refusal(hosts)
    assert type(error) is ChangedHostKeyError
    assert server.fingerprint("host") in error.message
    assert server.fingerprint("other") in error.message
    assert f"{server.directory}/known_hosts:1" in error.message
    assert "ssh-keygen -f" in error.hint
    # Even a mended list of known hosts lets nothing through before the next start.
    server.know(right)
    before = server.connections
    assert type(await refusal(hosts)) is ChangedHostKeyError
    assert server.connections == before
    (server.directory / "known_hosts").write_text(f"other {right}\n")
    assert (await hosts.ask("other", HELLO)).status == 0


async def test_a_host_whose_key_changed_while_it_was_followed_is_stopped(server: SshServer, hosts: SshHosts) -> None:
    quiet = server.directory / "quiet.log"
    quiet.touch()
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await anext(frames)
        server.make_key("host")
        server.drop()
        with pytest.raises(HostUnreachableError):
            async for _ in frames:
                pass
    assert type(await refusal(hosts)) is ChangedHostKeyError


async def test_a_revoked_host_key_is_refused(server: SshServer, hosts: SshHosts) -> None:
    server.configure(f"RevokedHostKeys {server.directory / 'host.pub'}")
    error = await refusal(hosts)
    assert type(error) is RevokedHostKeyError
    server.configure()
    assert type(await refusal(hosts)) is RevokedHostKeyError


async def test_a_host_that_wants_another_key_needs_a_person(server: SshServer, hosts: SshHosts) -> None:
    (server.directory / "authorized_keys").write_text("")
    error = await refusal(hosts)
    assert type(error) is HostAuthenticationError
    assert "Permission denied (publickey)" in error.message


async def test_a_closed_port_is_told_as_such(server: SshServer, hosts: SshHosts) -> None:
    server.configure("Host web", "  Port 1")
    error = await refusal(hosts)
    assert type(error) is HostUnreachableError
    assert "refused" in error.message


async def test_a_name_without_address_is_told_as_such(hosts: SshHosts) -> None:
    error = await refusal(hosts, "nowhere.invalid")
    assert type(error) is HostUnreachableError
    assert "has no address" in error.message


async def test_a_server_that_says_nothing_is_given_up(server: SshServer, hosts: SshHosts) -> None:
    server.mute = True
    assert type(await refusal(hosts)) is HostTimeoutError


async def test_no_configuration_makes_ssh_do_more_than_it_is_told(server: SshServer, hosts: SshHosts) -> None:
    touched = server.directory / "touched"
    server.configure(
        *("PermitLocalCommand yes", f"LocalCommand touch {touched}", f"RemoteCommand touch {touched}"),
        *("RequestTTY force", "ForwardAgent yes", "ForwardX11 yes", f"LocalForward {server.port} 127.0.0.1:1"),
        *(
            "ExitOnForwardFailure yes",
            "UpdateHostKeys yes",
            "ControlMaster auto",
            "ControlPersist yes",
            "LogLevel QUIET",
        ),
        *("StrictHostKeyChecking off", "BatchMode no"),
    )
    known = (server.directory / "known_hosts").read_text()
    assert (await hosts.ask("web", HELLO)).status == 0
    await hosts.close()
    assert not touched.exists()
    assert (server.directory / "known_hosts").read_text() == known
    assert await gone(server.directory)


async def test_a_jump_host_is_gone_through_and_its_unknown_key_is_called_its_own(
    server: SshServer, hosts: SshHosts
) -> None:
    key = " ".join((server.directory / "host.pub").read_text().split()[:2])
    gate = f"Host gate\n  HostName 127.0.0.1\n  Port {server.port}\n  HostKeyAlias gate"
    server.configure(gate, "Host web", "  ProxyJump gate", "  HostKeyAlias web")
    (server.directory / "known_hosts").write_text(f"web {key}\n")
    error = await refusal(hosts)
    assert type(error) is UnknownHostKeyError
    assert f"The host key of gate is not known; it offers {server.fingerprint('host')}" in error.message
    (server.directory / "known_hosts").write_text(f"web,gate {key}\n")
    assert (await hosts.ask("web", HELLO)).status == 0
    assert (await hosts.resolved("web")).jump == "gate"


async def test_it_is_told_where_ssh_would_go(server: SshServer, hosts: SshHosts) -> None:
    server.configure("Host web", "  User ops")
    route = await hosts.resolved("web")
    assert (route.hostname, route.port, route.user, route.jump) == ("127.0.0.1", str(server.port), "ops", "")


async def test_a_misspelt_option_is_named(server: SshServer, hosts: SshHosts) -> None:
    server.configure("StrictHostKeyCheking yes")
    error = await refusal(hosts)
    assert type(error) is SshConfigError
    assert "stricthostkeycheking" in error.message
    assert "ssh_config" in error.message


async def test_a_missing_ssh_is_told_as_such(server: SshServer) -> None:
    client = Client(dict(os.environ), program=str(server.directory / "no-ssh"))
    async with open_hosts(client) as hosts:
        error = await refusal(hosts)
    assert type(error) is NoSshError
    assert "no-ssh" in error.message


async def test_a_host_without_a_shell_says_what_it_said_instead(server: SshServer, hosts: SshHosts) -> None:
    server.settings = ["ForceCommand echo This account is currently not available.; exit 1"]
    error = await refusal(hosts)
    assert type(error) is ScriptError
    assert "status 1: This account is currently not available." in error.message


async def test_a_host_that_takes_no_more_sessions_is_told_as_such(server: SshServer, hosts: SshHosts) -> None:
    server.settings = ["MaxSessions 1"]
    quiet = server.directory / "quiet.log"
    quiet.touch()
    async with hosts.stream("web", FOLLOW, str(quiet)):
        assert type(await refusal(hosts)) is TooManySessionsError
    assert server.connections == 1


async def test_who_waits_too_long_for_a_session_is_told_how_many_are_open(server: SshServer, hosts: SshHosts) -> None:
    quiet = server.directory / "quiet.log"
    quiet.touch()
    async with asyncio.TaskGroup() as group:
        done = asyncio.Event()

        async def follow() -> None:
            async with hosts.stream("web", FOLLOW, str(quiet)):
                await done.wait()

        for _ in range(5):
            group.create_task(follow())
        await asyncio.sleep(0.5)
        with pytest.raises(TooManySessionsError, match="sessions are open on web"):
            async with hosts.stream("web", FOLLOW, str(quiet)):
                pass
        # A question is short, and finds a session all the same.
        assert (await hosts.ask("web", HELLO)).status == 0
        done.set()


@pytest.mark.parametrize(
    "host",
    ["-oProxyCommand=touch x", "-v", "a b", "a;b", "$(x)", "a'b", "", "a\nb", "ops@web", "x" * 300, "a/b", "a%b"],
)
async def test_a_host_of_a_hostile_name_is_never_handed_to_ssh(hosts: SshHosts, host: str) -> None:
    error = await refusal(hosts, host)
    assert "not sent to ssh" in error.message
    assert "\n" not in error.message


@pytest.mark.parametrize("user", ["-oProxyCommand=x", "a b", "$(x)", "a;b"])
async def test_a_user_of_a_hostile_name_is_never_handed_to_ssh(server: SshServer, user: str) -> None:
    async with open_hosts(Client(dict(os.environ), user=user)) as hosts:
        assert "not sent to ssh" in (await refusal(hosts)).message


@pytest.mark.parametrize(
    "value",
    ["$(touch x)", ";id", "a\nb", "-v", "'", '"', "%n", "actions.runner.x;id.service", "actions.runner.*.service"],
)
async def test_a_hostile_value_is_never_sent(server: SshServer, hosts: SshHosts, value: str) -> None:
    with pytest.raises(HostError, match="not sent back"):
        await hosts.ask("web", COUNT, value)
    assert server.connections == 0


@pytest.fixture
def quiet(server: SshServer) -> Path:
    """A file on the host that nobody writes into."""
    file = server.directory / "quiet.log"
    file.write_text("first\n")
    return file


async def test_a_file_is_followed_as_it_grows(hosts: SshHosts, quiet: Path) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        seen = b""
        async for frame in frames:
            seen += frame.data if frame.word == "part" else b""
            if seen == b"first\n":
                with quiet.open("a") as file:
                    file.write("second\nthi")
            if seen.endswith(b"thi"):
                break
    assert seen == b"first\nsecond\nthi"


async def test_a_stream_that_is_left_has_ended_on_the_host(hosts: SshHosts, quiet: Path) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        assert running(f"tail -n +1 -f {quiet}")
    assert await gone(f"tail -n +1 -f {quiet}", 0.5)


async def test_a_cancelled_task_leaves_neither_ssh_nor_follower(hosts: SshHosts, quiet: Path) -> None:
    begun = asyncio.Event()

    async def follow() -> None:
        async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
            async for _ in frames:
                begun.set()

    task = asyncio.create_task(follow())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await gone(f"tail -n +1 -f {quiet}", 0.5)
    assert await gone(f"exec sh -s -- '{quiet}'", 0.5)


@pytest.mark.parametrize("pause", [0.0, 0.02, 0.05, 0.1, 0.2])
async def test_nothing_is_left_whenever_a_task_is_cancelled(server: SshServer, quiet: Path, pause: float) -> None:
    hosts = SshHosts(client_for(server))

    async def follow() -> None:
        async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
            async for _ in frames:
                pass

    tasks = [asyncio.create_task(follow()) for _ in range(3)]
    await asyncio.sleep(pause)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await hosts.close()
    assert await gone(server.directory)


async def test_a_script_that_will_not_end_is_left_within_its_time(hosts: SshHosts) -> None:
    stubborn = scripted("stubborn", "exec sleep 1234.5", stream=True)
    async with hosts.stream("web", stubborn):
        begun = time.monotonic()
    assert time.monotonic() - begun < 2.0
    for pid in running("sleep 1234.5"):
        os.kill(int(pid), signal.SIGKILL)


async def test_one_that_floods_is_left_within_its_time(hosts: SshHosts) -> None:
    flooding = ("say part file 1 0", "yes flood-of-words & all=$!", "cat >/dev/null", "kill $all", "say end 0")
    flood = scripted("flood", *flooding, stream=True)
    async with hosts.stream("web", flood) as frames:
        await anext(frames)
        await asyncio.sleep(0.2)
        begun = time.monotonic()
    assert time.monotonic() - begun < 2.0
    assert await gone("yes flood-of-words", 0.5)


@pytest.mark.parametrize("shell", ["dash", "bash"])
async def test_no_heartbeat_is_ever_taken_for_shell(server: SshServer, shell: str) -> None:
    path = use_shell(server, shell)
    async with open_hosts(client_for(server)) as hosts, hosts.stream("web", BEATS) as frames:
        # Each line that is sent is counted by the script; one that its shell read would be missing.
        said = [await anext(frames) for _ in range(5)]
    assert [frame.fields for frame in said] == [(shell, str(count), ".") for count in range(1, 6)]
    assert path.exists()


async def test_no_heartbeat_is_sent_before_the_script_is_ready(server: SshServer) -> None:
    heard = scripted("heard", "say heard $(timeout 0.1 head -c 1 | wc -c)", "say end 0")
    late = Script("late", "sleep 0.4; " + heard.body, stream=True)
    timings = msgspec.structs.replace(QUICK, heartbeat=0.2)
    async with open_hosts(client_for(server, timings)) as hosts, hosts.stream("web", late) as frames:
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


async def test_a_script_that_takes_too_long_is_given_up(server: SshServer) -> None:
    quick = msgspec.structs.replace(QUICK, answer=0.3, ending=0.3)
    async with open_hosts(client_for(server, quick)) as hosts:
        with pytest.raises(HostTimeoutError, match=r"slow did not end on web within 0\.3 s"):
            await hosts.ask("web", scripted("slow", "exec sleep 3"))


async def test_a_stream_that_ends_with_a_status_tells_it(hosts: SshHosts) -> None:
    failing = scripted("failing", "say note nothing", "echo no such file >&2", "say end 4", stream=True)
    async with hosts.stream("web", failing) as frames:
        assert await anext(frames) == Frame("note", ("nothing",))
        with pytest.raises(ScriptError, match="failing ended on web with status 4"):
            await anext(frames)


NOISE = "Welcome to web!\n\x1b]0;mine\x07 0123456789abcdef0123456789abcdef ready\n"


@pytest.mark.parametrize("shell", ["bash", pytest.param("tcsh", marks=needs("tcsh"))])
@pytest.mark.parametrize("line_end", ["\n", ""])
async def test_login_noise_and_odd_shells_do_no_harm(
    server: SshServer, hosts: SshHosts, quiet: Path, shell: str, line_end: str
) -> None:
    (server.directory / "noise").write_text(NOISE + "last words" + line_end)
    for name in (".bashrc", ".tcshrc"):
        (server.home / name).write_text(f"cat {server.directory}/noise\n")
    (server.directory / "banner").write_text("Authorised use only. Permission is denied to all others.\n")
    server.settings = [f'ForceCommand {shell} -c "$SSH_ORIGINAL_COMMAND"', f"Banner {server.directory}/banner"]
    answer = await hosts.ask("web", COUNT, UNIT)
    assert answer.frames == (Frame("said", ("1", UNIT)),)
    assert answer.status == 3
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        assert await data_of(frames) == b"first"


async def test_a_network_that_went_silent_is_noticed(server: SshServer, hosts: SshHosts, quiet: Path) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        server.silent.set()
        begun = time.monotonic()
        with pytest.raises(HostTimeoutError, match="not responding"):
            async for _ in frames:
                pass
    assert time.monotonic() - begun < 3
    server.silent.clear()
    assert (await hosts.ask("web", HELLO)).status == 0


async def test_a_connection_that_ended_is_noticed_and_made_anew(
    server: SshServer, hosts: SshHosts, quiet: Path
) -> None:
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        server.drop()
        with pytest.raises(HostUnreachableError, match="web closed the connection"):
            async for _ in frames:
                pass
    assert (await hosts.ask("web", HELLO)).status == 0
    assert server.connections == 2


@pytest.mark.parametrize("slow", [False, True])
async def test_a_stream_of_any_length_takes_little_memory(hosts: SshHosts, slow: bool) -> None:
    size = 40_000_000 if slow else 200_000_000
    zeros = scripted("zeros", "say part file 1 0", f"head -c {size} /dev/zero", "say end 0", stream=True)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = 0
    async with hosts.stream("web", zeros) as frames:
        if slow:
            await asyncio.sleep(0.5)
        async for frame in frames:
            assert int(frame.fields[2]) == seen
            seen += len(frame.data)
    assert seen == size
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20_000 * (1024 if sys.platform == "darwin" else 1)


async def test_an_answer_without_end_is_refused(hosts: SshHosts) -> None:
    with pytest.raises(ScriptError):
        await hosts.ask("web", scripted("endless", "while :; do say said something; done"))


async def test_the_operators_own_open_connection_is_used_and_left_open(server: SshServer, hosts: SshHosts) -> None:
    socket = server.directory / "own"
    config = server.configure(f"ControlPath {server.directory}/o%%wn")
    socket = server.directory / "o%wn"
    await start_master(config)
    assert socket.exists()
    assert (await hosts.ask("web", HELLO)).status == 0
    assert server.connections == 1
    await hosts.close()
    assert socket.exists()
    subprocess.run(["ssh", "-F", config, "-O", "exit", "web"], check=True, capture_output=True)
    # Without it there is our own.
    assert (await hosts.ask("web", HELLO)).status == 0
    assert server.connections == 2


async def test_silence_on_the_operators_own_connection_is_noticed_too(
    server: SshServer, hosts: SshHosts, quiet: Path
) -> None:
    config = server.configure(f"ControlPath {server.directory}/own")
    await start_master(config)
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        server.silent.set()
        begun = time.monotonic()
        with pytest.raises(HostTimeoutError, match="Your own open ssh connection to web has gone silent"):
            async for _ in frames:
                pass
    assert time.monotonic() - begun < 3
    server.silent.clear()
    # The silent one is still there, and still says that it is open.
    assert (await hosts.ask("web", HELLO)).status == 0
    assert server.connections == 2
    subprocess.run(["ssh", "-F", config, "-O", "exit", "web"], check=True, capture_output=True)


async def start_master(config: Path) -> None:
    """As the operator's own ssh would."""
    command = ("ssh", "-F", str(config), "-o", "ControlMaster=yes", "-f", "-N", "web")
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
    assert await process.wait() == 0


async def test_once_a_person_has_authenticated_questions_are_answered(server: SshServer) -> None:
    key = server.directory / "user"
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-f", key], check=True)
    ask = server.directory / "ask"
    ask.write_text("#!/bin/sh\necho secret\n")
    ask.chmod(0o700)
    client = client_for(server, SSH_ASKPASS=str(ask), SSH_ASKPASS_REQUIRE="force")
    async with open_hosts(client) as hosts:
        assert type(await refusal(hosts)) is HostAuthenticationError
        await hosts.authenticate("web")
        before = server.connections
        assert (await hosts.ask("web", HELLO)).status == 0
        assert server.connections == before
        assert running(server.directory)
    assert await gone(server.directory)


async def test_who_does_not_authenticate_is_told(server: SshServer) -> None:
    (server.directory / "authorized_keys").write_text("")
    before = signal.getsignal(signal.SIGINT)
    async with open_hosts(client_for(server)) as hosts:
        with pytest.raises(HostAuthenticationError):
            await hosts.authenticate("web")
    assert signal.getsignal(signal.SIGINT) is before


async def test_close_leaves_no_socket_and_no_process(server: SshServer, quiet: Path, runtime: Path) -> None:
    client = client_for(server, XDG_RUNTIME_DIR=str(runtime))
    hosts = SshHosts(client)
    assert (await hosts.ask("web", HELLO)).status == 0
    (directory,) = runtime.glob("rc-*")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    await hosts.close()
    assert not directory.exists()
    assert await gone(server.directory)


PROGRAM = """
import asyncio, os, signal, sys, threading, time
from pathlib import Path
from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client
from tests.remote.test_ssh import FOLLOW, data_of

async def main() -> None:
    hosts = SshHosts(Client(dict(os.environ), config=Path(sys.argv[1])))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    if sys.argv[3] == "hangs":
        signal.signal(signal.SIGTERM, lambda *_: (stop_all(), os._exit(1)))
    try:
        async with hosts.stream("web", FOLLOW, sys.argv[2]) as frames:
            await data_of(frames)
            print("follows", flush=True)
            async for _ in frames:
                pass
    finally:
        await hosts.close()

asyncio.run(main())
"""


async def following(server: SshServer, quiet: Path, runtime: Path, how: str) -> asyncio.subprocess.Process:
    """Another console that follows a file."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(server.directory / "ssh_config"), str(quiet), how),
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"follows\n"
    return process


@pytest.mark.parametrize("how", ["ends", "hangs"])
async def test_nothing_is_left_when_the_program_is_ended_by_a_signal(
    server: SshServer, quiet: Path, runtime: Path, how: str
) -> None:
    process = await following(server, quiet, runtime, how)
    process.terminate()
    await process.wait()
    assert await gone(f"exec sh -s -- '{quiet}'")
    assert await gone(f"tail -n +1 -f {quiet}")
    assert not list(runtime.glob("rc-*"))
    assert await gone(f"{server.directory}/ssh_config")


async def test_what_a_killed_program_left_is_ended_by_the_next(server: SshServer, quiet: Path, runtime: Path) -> None:
    process = await following(server, quiet, runtime, "ends")
    (left,) = runtime.glob("rc-*")
    process.kill()
    await process.wait()
    # The host notices at once; the connection stays, for want of anybody who would end it.
    assert await gone(f"tail -n +1 -f {quiet}")
    assert running(left)
    async with open_hosts(client_for(server, XDG_RUNTIME_DIR=str(runtime))) as hosts:
        assert (await hosts.ask("web", HELLO)).status == 0
        assert await gone(left)
        assert not left.exists()


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
