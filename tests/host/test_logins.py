"""Ways of logging in: banners, odd shells, certificates, jump hosts, keys that are not known or have changed."""

import subprocess
from pathlib import Path

import pytest

from console.errors import ChangedHostKeyError, HostAuthenticationError, HostError, UnknownHostKeyError
from console.fleet.scripts import SCRIPTS
from tests.host.conftest import Host
from tests.host.operator import JOB, RUNNER, begin_job, closing, logged, logs_of, said, state, until


def fingerprint(key: Path) -> str:
    shown = subprocess.run(["ssh-keygen", "-l", "-f", key], check=True, capture_output=True, text=True)
    return shown.stdout.split()[1]


@pytest.mark.parametrize("user", ["ops", "greeted", "oldtimer"])
async def test_neither_banner_nor_greeting_nor_login_shell_gets_into_what_is_read(own_host: Host, user: str) -> None:
    begin_job(own_host.runner)
    own_host.runner.order_worker(do="print", text="sample NUMBER", times=1000)
    await until(lambda: logged(own_host, "Running job"))
    async with logs_of(own_host, user=user) as logs:
        facts = await logs.facts(RUNNER)
        assert (facts.unit_state, facts.version) == ("active (running)", "2.336.0")
        opened = (await logs.journal(RUNNER), await logs.diag(RUNNER, "listener"), await logs.output(JOB))
        async with closing(*opened):
            await until(lambda: all(said(log) for log in opened))
            await until(lambda: any("Running job: build" in line for line in said(opened[0])))
            every = "\n".join("\n".join(said(log)) for log in opened)
            assert "Welcome" not in every
            assert "Authorised use only" not in every
            assert said(opened[2])[0] == "sample 00000000"
            assert own_host.machine.processes_of(user)
        await until(lambda: not own_host.machine.processes_of(user), 5)


async def test_a_certificate_opens_where_no_key_does(own_host: Host) -> None:
    own_host.ssh.certify("certified", "signed")
    async with logs_of(own_host, user="certified") as logs:
        with pytest.raises(HostAuthenticationError):
            await logs.facts(RUNNER)
    own_host.ssh.reach("web", own_host.wire.far, key="signed")
    async with logs_of(own_host, user="certified") as logs:
        assert (await logs.facts(RUNNER)).version == "2.336.0"


async def test_a_host_behind_a_jump_host_is_followed(own_host: Host, hidden_host: Host) -> None:
    async with logs_of(hidden_host, name="hidden") as logs:
        log = await logs.journal(RUNNER)
        async with closing(log):
            hidden_host.runner.order(do="say", text="from behind")
            await until(lambda: "from behind" in said(log))
            own_host.machine.run("kill", "-KILL", *own_host.machine.pids("sshd")[1:])
            await until(lambda: state(log) == "disconnected")
            hidden_host.runner.order(do="say", text="and again")
            await until(lambda: "and again" in said(log))
            assert said(log).count("from behind") == 1
    await until(lambda: not hidden_host.machine.processes_of("ops"), 5)


async def test_it_is_told_which_of_two_hosts_on_the_way_has_an_unknown_key(own_host: Host, hidden_host: Host) -> None:
    own_host.ssh.know(own_host.wire.far, "")
    key = own_host.machine.root / "etc/ssh/ssh_host_ed25519_key.pub"
    async with logs_of(hidden_host, name="hidden") as logs:
        with pytest.raises(HostError) as told:
            await logs.facts(RUNNER)
    assert isinstance(told.value, UnknownHostKeyError)
    assert "web" in told.value.message
    own_host.ssh.know(own_host.wire.far, key.read_text().strip())
    own_host.ssh.know(hidden_host.wire.far, "")
    async with logs_of(hidden_host, name="hidden") as logs:
        with pytest.raises(UnknownHostKeyError) as told:
            await logs.facts(RUNNER)
    assert fingerprint(hidden_host.machine.root / "etc/ssh/ssh_host_ed25519_key.pub") in told.value.message


async def test_an_unknown_key_is_shown_and_never_accepted(own_host: Host) -> None:
    own_host.ssh.know(own_host.wire.far, "")
    known = own_host.ssh.directory / "known_hosts"
    before = known.read_bytes()
    async with logs_of(own_host) as logs:
        with pytest.raises(UnknownHostKeyError) as told:
            await logs.facts(RUNNER)
    assert fingerprint(own_host.machine.root / "etc/ssh/ssh_host_ed25519_key.pub") in told.value.message
    assert "StrictHostKeyChecking=ask" in told.value.hint
    assert known.read_bytes() == before
    assert not own_host.machine.processes_of("ops")


async def test_a_changed_key_is_refused_even_where_the_configuration_would_accept_it(own_host: Host) -> None:
    own_host.ssh.reach("web", own_host.wire.far, "User ops", "StrictHostKeyChecking no")
    own_host.machine.make_host_key()
    own_host.machine.run("systemctl", "restart", "ssh.service")
    async with logs_of(own_host) as logs:
        with pytest.raises(ChangedHostKeyError) as told:
            await logs.facts(RUNNER)
    assert fingerprint(own_host.machine.root / "etc/ssh/ssh_host_ed25519_key.pub") in told.value.message
    assert "ssh-keygen" in told.value.hint


async def test_a_host_that_lets_nobody_in_says_so(own_host: Host) -> None:
    (own_host.machine.root / "etc/ssh/authorized_keys").write_text("")
    async with own_host.ssh.hosts() as hosts:
        with pytest.raises(HostAuthenticationError):
            await hosts.ask("web", SCRIPTS["find-runners"])
