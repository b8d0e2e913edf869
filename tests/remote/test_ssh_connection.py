"""One connection for each host: shared, lent by the operator, and gone when the console is."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from console.errors import (
    HostAuthenticationError,
    HostTimeoutError,
    TooManySessionsError,
)
from console.fleet.frames import Frame
from console.remote.ssh import SshHosts
from tests.remote.ssh_asking import (
    FOLLOW,
    HELLO,
    client_for,
    data_of,
    gone,
    open_hosts,
    refusal,
    running,
    scripted,
    to_the_end,
)
from tests.remote.ssh_server import NEEDS_SSH, SshServer

pytestmark = NEEDS_SSH


async def test_one_connection_serves_every_question(sshd: SshServer, hosts: SshHosts) -> None:
    answers = await asyncio.gather(*(hosts.ask("web", HELLO) for _ in range(50)))
    assert {answer.frames for answer in answers} == {(Frame("said", ("hello",)),)}
    assert sshd.connections == 1


async def test_who_gives_up_waiting_takes_the_connection_from_nobody(sshd: SshServer, hosts: SshHosts) -> None:
    impatient = asyncio.create_task(hosts.ask("web", HELLO))
    patient = asyncio.create_task(hosts.ask("web", HELLO))
    while not sshd.connections:
        await asyncio.sleep(0.001)
    impatient.cancel()
    assert (await patient).status == 0
    assert sshd.connections == 1


async def test_no_more_than_six_sessions_are_open_at_once(sshd: SshServer, tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    log = tmp_path / "log"
    busy = scripted("busy", f"touch {log}/$$; ls {log} | wc -l >&2; sleep 0.05; rm {log}/$$", "say end 0")
    sshd.settings = ["MaxSessions 6"]
    async with open_hosts(client_for(sshd)) as hosts:
        answers = await asyncio.gather(*(hosts.ask("web", busy) for _ in range(20)))
    assert max(int(answer.errors) for answer in answers) <= 6
    assert sshd.connections == 1


async def test_a_host_that_takes_no_more_sessions_is_told_as_such(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.settings = ["MaxSessions 1"]
    quiet = sshd.directory / "quiet.log"
    quiet.touch()
    async with hosts.stream("web", FOLLOW, str(quiet)):
        assert type(await refusal(hosts)) is TooManySessionsError
    assert sshd.connections == 1


async def test_who_waits_too_long_for_a_session_is_told_how_many_are_open(sshd: SshServer, impatient: SshHosts) -> None:
    quiet = sshd.directory / "quiet.log"
    quiet.touch()
    async with asyncio.TaskGroup() as group:
        all_follow, done = asyncio.Barrier(6), asyncio.Event()

        async def follow() -> None:
            async with impatient.stream("web", FOLLOW, str(quiet)):
                await all_follow.wait()
                await done.wait()

        for _ in range(5):
            group.create_task(follow())
        await all_follow.wait()
        with pytest.raises(TooManySessionsError, match="sessions are open on web"):
            async with impatient.stream("web", FOLLOW, str(quiet)):
                pass
        # A question is short, and finds a session all the same.
        assert (await impatient.ask("web", HELLO)).status == 0
        done.set()


async def test_the_operators_own_open_connection_is_used_and_left_open(sshd: SshServer, hosts: SshHosts) -> None:
    socket = sshd.directory / "own"
    config = sshd.configure(f"ControlPath {sshd.directory}/o%%wn")
    socket = sshd.directory / "o%wn"
    await start_master(config)
    assert socket.exists()
    assert (await hosts.ask("web", HELLO)).status == 0
    assert sshd.connections == 1
    await hosts.close()
    assert socket.exists()
    subprocess.run(["ssh", "-F", config, "-O", "exit", "web"], check=True, capture_output=True)
    # Without it there is our own.
    assert (await hosts.ask("web", HELLO)).status == 0
    assert sshd.connections == 2


async def test_silence_on_the_operators_own_connection_is_noticed_too(
    sshd: SshServer, impatient: SshHosts, quiet: Path
) -> None:
    config = sshd.configure(f"ControlPath {sshd.directory}/own")
    await start_master(config)
    async with impatient.stream("web", FOLLOW, str(quiet)) as frames:
        await data_of(frames)
        sshd.silent.set()
        with pytest.raises(HostTimeoutError, match="Your own open ssh connection to web has gone silent"):
            await to_the_end(frames)
    sshd.silent.clear()
    # The silent one is still there, and still says that it is open.
    assert (await impatient.ask("web", HELLO)).status == 0
    assert sshd.connections == 2
    subprocess.run(["ssh", "-F", config, "-O", "exit", "web"], check=True, capture_output=True)


async def start_master(config: Path) -> None:
    """As the operator's own ssh would."""
    command = ("ssh", "-F", str(config), "-o", "ControlMaster=yes", "-f", "-N", "web")
    process = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
    assert await process.wait() == 0


async def test_once_a_person_has_authenticated_questions_are_answered(sshd: SshServer) -> None:
    key = sshd.directory / "user"
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-f", key], check=True)
    ask = sshd.directory / "ask"
    ask.write_text("#!/bin/sh\necho secret\n")
    ask.chmod(0o700)
    client = client_for(sshd, SSH_ASKPASS=str(ask), SSH_ASKPASS_REQUIRE="force")
    async with open_hosts(client) as hosts:
        assert type(await refusal(hosts)) is HostAuthenticationError
        await hosts.authenticate("web")
        before = sshd.connections
        assert (await hosts.ask("web", HELLO)).status == 0
        assert sshd.connections == before
        assert running(sshd.directory)
    assert await gone(sshd.directory)


async def test_who_does_not_authenticate_is_told(sshd: SshServer) -> None:
    (sshd.directory / "authorized_keys").write_text("")
    before = signal.getsignal(signal.SIGINT)
    async with open_hosts(client_for(sshd)) as hosts:
        with pytest.raises(HostAuthenticationError):
            await hosts.authenticate("web")
    assert signal.getsignal(signal.SIGINT) is before


async def test_close_leaves_no_socket_and_no_process(sshd: SshServer, quiet: Path, runtime: Path) -> None:
    client = client_for(sshd, XDG_RUNTIME_DIR=str(runtime))
    hosts = SshHosts(client)
    assert (await hosts.ask("web", HELLO)).status == 0
    (directory,) = runtime.glob("rc-*")
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    await hosts.close()
    assert not directory.exists()
    assert await gone(sshd.directory)


PROGRAM = """
import asyncio, os, signal, sys, threading, time
from pathlib import Path
from console.remote.ssh import SshHosts, stop_all
from console.remote.ssh_arguments import Client
from tests.remote.ssh_asking import FOLLOW, data_of


async def main() -> None:
    hosts = SshHosts(Client(dict(os.environ), config=Path(sys.argv[1])))
    if sys.argv[3] == "ends":
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    else:
        signal.signal(signal.SIGTERM, lambda *_: (stop_all(), os._exit(7)))
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


async def following(sshd: SshServer, quiet: Path, runtime: Path, how: str) -> asyncio.subprocess.Process:
    """Another console that follows a file."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PROGRAM, str(sshd.directory / "ssh_config"), str(quiet), how),
        env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"follows\n"
    return process


@pytest.mark.parametrize("how", ["ends", "hangs"])
async def test_nothing_is_left_when_the_program_is_ended_by_a_signal(
    sshd: SshServer, quiet: Path, runtime: Path, how: str
) -> None:
    process = await following(sshd, quiet, runtime, how)
    process.terminate()
    assert await process.wait() == {"ends": 1, "hangs": 7}[how]
    assert await gone(f"exec sh -s -- '{quiet}'")
    assert await gone(f"tail -n +1 -f {quiet}")
    assert not list(runtime.glob("rc-*"))
    assert await gone(f"{sshd.directory}/ssh_config")


async def test_what_a_killed_program_left_is_ended_by_the_next(sshd: SshServer, quiet: Path, runtime: Path) -> None:
    process = await following(sshd, quiet, runtime, "ends")
    (left,) = runtime.glob("rc-*")
    process.kill()
    await process.wait()
    # The host notices at once; the connection stays, for want of anybody who would end it.
    assert await gone(f"tail -n +1 -f {quiet}")
    assert running(left)
    async with open_hosts(client_for(sshd, XDG_RUNTIME_DIR=str(runtime))) as hosts:
        assert (await hosts.ask("web", HELLO)).status == 0
        assert await gone(left)
        assert not left.exists()
