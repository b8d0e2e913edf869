"""Why a host is not reached is told as what it is, by what the real ssh says."""

import os

import pytest

from console.errors import (
    ChangedHostKeyError,
    HostAuthenticationError,
    HostTimeoutError,
    HostUnreachableError,
    NoSshError,
    RevokedHostKeyError,
    ScriptError,
    SshConfigError,
    UnknownHostKeyError,
)
from console.remote.ssh import SshHosts
from console.remote.ssh_arguments import Client
from console.remote.ssh_failures import Tried, failure
from tests.remote.ssh_asking import FOLLOW, HELLO, open_hosts, refusal
from tests.remote.ssh_server import NEEDS_SSH, SshServer

pytestmark = NEEDS_SSH


async def test_an_unknown_host_key_is_shown_and_never_accepted(sshd: SshServer, hosts: SshHosts) -> None:
    known = sshd.directory / "known_hosts"
    known.write_text("")
    sshd.configure("StrictHostKeyChecking no")
    error = await refusal(hosts)
    assert type(error) is UnknownHostKeyError
    assert f"[127.0.0.1]:{sshd.port}" in error.message
    assert sshd.fingerprint("host") in error.message
    assert f"ssh -F {sshd.directory}/ssh_config -o StrictHostKeyChecking=ask -- web" in error.hint
    assert known.read_text() == ""
    sshd.know(" ".join((sshd.directory / "host.pub").read_text().split()[:2]))
    assert (await hosts.ask("web", HELLO)).status == 0


async def test_a_changed_host_key_stops_that_host_and_no_other(sshd: SshServer, hosts: SshHosts) -> None:
    right = " ".join((sshd.directory / "host.pub").read_text().split()[:2])
    wrong = sshd.make_key("other")
    other_host = f"Host other\n  HostName 127.0.0.1\n  Port {sshd.port}\n  HostKeyAlias other\n"
    sshd.configure("StrictHostKeyChecking no", other_host)
    (sshd.directory / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {wrong}\nother {right}\n")
    error = await refusal(hosts)
    assert type(error) is ChangedHostKeyError
    assert sshd.fingerprint("host") in error.message
    assert sshd.fingerprint("other") in error.message
    assert f"{sshd.directory}/known_hosts:1" in error.message
    assert "ssh-keygen -f" in error.hint
    # Even a mended list of known hosts lets nothing through before the next start.
    sshd.know(right)
    before = sshd.connections
    assert type(await refusal(hosts)) is ChangedHostKeyError
    assert sshd.connections == before
    (sshd.directory / "known_hosts").write_text(f"other {right}\n")
    assert (await hosts.ask("other", HELLO)).status == 0


async def test_a_host_whose_key_changed_while_it_was_followed_is_stopped(sshd: SshServer, hosts: SshHosts) -> None:
    quiet = sshd.directory / "quiet.log"
    quiet.touch()
    async with hosts.stream("web", FOLLOW, str(quiet)) as frames:
        await anext(frames)
        sshd.make_key("host")
        sshd.drop()
        with pytest.raises(HostUnreachableError):
            async for _ in frames:
                pass
    assert type(await refusal(hosts)) is ChangedHostKeyError


async def test_a_revoked_host_key_is_refused(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.configure(f"RevokedHostKeys {sshd.directory / 'host.pub'}")
    error = await refusal(hosts)
    assert type(error) is RevokedHostKeyError
    sshd.configure()
    assert type(await refusal(hosts)) is RevokedHostKeyError


async def test_a_host_that_wants_another_key_needs_a_person(sshd: SshServer, hosts: SshHosts) -> None:
    (sshd.directory / "authorized_keys").write_text("")
    error = await refusal(hosts)
    assert type(error) is HostAuthenticationError
    assert "Permission denied (publickey)" in error.message


BANNERS = (
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
    "Host key verification failed.",
    "web: line 3: Bad configuration option: x",
    "Connection refused",
)


@pytest.mark.parametrize("banner", BANNERS)
async def test_a_banner_never_decides_what_kind_of_failure_is_told(
    sshd: SshServer, hosts: SshHosts, banner: str
) -> None:
    (sshd.directory / "banner").write_text(f"{banner}\r\n")
    sshd.settings = [f"Banner {sshd.directory}/banner"]
    keys = sshd.directory / "authorized_keys"
    right = keys.read_text()
    keys.write_text("")
    error = await refusal(hosts)
    assert type(error) is HostAuthenticationError
    assert "Permission denied (publickey)" in error.message
    keys.write_text(right)
    assert (await hosts.ask("web", HELLO)).status == 0


@pytest.mark.parametrize("words", BANNERS)
def test_the_reason_that_a_host_gives_for_hanging_up_is_told_as_its_own(words: str) -> None:
    said = f"Received disconnect from 10.0.0.7 port 22:11: \n{words}\r\nDisconnected from 10.0.0.7 port 22\r\n"
    error = failure(said, Tried("web", ["ssh", "web"]))
    assert (type(error), error and error.message.partition(":")[0]) == (
        HostUnreachableError,
        "web closed the connection",
    )
    tried = failure(said.replace(f"\n{words}", "Too many authentication failures"), Tried("web", ["ssh", "web"]))
    assert type(tried) is HostAuthenticationError


@pytest.mark.parametrize("words", BANNERS[:3])
async def test_what_a_login_shell_says_is_not_taken_for_sshs_own_words(
    sshd: SshServer, hosts: SshHosts, words: str
) -> None:
    (sshd.directory / "says").write_text(f"{words}\r\n")
    sshd.settings = [f"ForceCommand cat {sshd.directory}/says >&2; exit 255"]
    assert type(await refusal(hosts)) is ScriptError


async def test_a_closed_port_is_told_as_such(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.configure("Host web", "  Port 1")
    error = await refusal(hosts)
    assert type(error) is HostUnreachableError
    assert "refused" in error.message


async def test_a_name_without_address_is_told_as_such(hosts: SshHosts) -> None:
    error = await refusal(hosts, "nowhere.invalid")
    assert type(error) is HostUnreachableError
    assert "has no address" in error.message


async def test_a_server_that_says_nothing_is_given_up(sshd: SshServer, impatient: SshHosts) -> None:
    sshd.mute = True
    assert type(await refusal(impatient)) is HostTimeoutError


async def test_a_jump_host_is_gone_through_and_its_unknown_key_is_called_its_own(
    sshd: SshServer, hosts: SshHosts
) -> None:
    key = " ".join((sshd.directory / "host.pub").read_text().split()[:2])
    gate = f"Host gate\n  HostName 127.0.0.1\n  Port {sshd.port}\n  HostKeyAlias gate"
    sshd.configure(gate, "Host web", "  ProxyJump gate", "  HostKeyAlias web")
    (sshd.directory / "known_hosts").write_text(f"web {key}\n")
    error = await refusal(hosts)
    assert type(error) is UnknownHostKeyError
    assert f"The host key of gate is not known; it offers {sshd.fingerprint('host')}" in error.message
    (sshd.directory / "known_hosts").write_text(f"web,gate {key}\n")
    assert (await hosts.ask("web", HELLO)).status == 0
    assert (await hosts.resolved("web")).jump == "gate"


async def test_a_misspelt_option_is_named(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.configure("StrictHostKeyCheking yes")
    error = await refusal(hosts)
    assert type(error) is SshConfigError
    assert "stricthostkeycheking" in error.message
    assert "ssh_config" in error.message


async def test_a_missing_ssh_is_told_as_such(sshd: SshServer) -> None:
    client = Client(dict(os.environ), program=str(sshd.directory / "no-ssh"))
    async with open_hosts(client) as hosts:
        error = await refusal(hosts)
    assert type(error) is NoSshError
    assert "no-ssh" in error.message


async def test_a_host_without_a_shell_says_what_it_said_instead(sshd: SshServer, hosts: SshHosts) -> None:
    sshd.settings = ["ForceCommand echo This account is currently not available.; exit 1"]
    error = await refusal(hosts)
    assert type(error) is ScriptError
    assert "status 1: This account is currently not available" in error.message


async def test_a_windows_host_is_called_one(sshd: SshServer, hosts: SshHosts) -> None:
    says = "'exec' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n"
    (sshd.directory / "says").write_text(says)
    sshd.settings = [f"ForceCommand cat {sshd.directory}/says >&2; exit 1"]
    error = await refusal(hosts)
    assert (type(error), error.message) == (ScriptError, "web runs Windows")
