"""Every answer that sudo gives is told apart, and what the documentation says to allow allows nothing else."""

import subprocess
import time

import pytest

from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.models import plain
from console.fleet.plans import Refusal
from console.fleet.sudoers import SUDOERS, as_user, for_units
from tests.host.acting import gate_on, key_of, refusal
from tests.host.acts import acts, invocation, order, refused, said, told
from tests.host.conftest import Host
from tests.host.runners import StandIn


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("asked", "sudo asks for a password"),
        ("bystander", "sudo asks for a password"),
        ("seated", "requiretty"),
    ],
)
async def test_each_answer_of_sudo_is_told_apart_before_anything_is_done(host: Host, user: str, words: str) -> None:
    before = invocation(host)
    async with gate_on(host, user=user) as gate:
        assert words in await refusal(gate, host.runner)
    assert refused(await told(host, *order(host), user=user)).startswith("sudo-")
    assert invocation(host) == before


@pytest.mark.parametrize(
    "words",
    [
        ("restart", "--", "UNIT", "ssh.service"),
        ("restart", "--", "ssh.service", "UNIT"),
        ("restart", "UNIT"),
        ("restart", "--", "ssh.service"),
        ("restart", "--", "--now", "UNIT"),
        ("--root=/tmp", "restart", "--", "UNIT"),
        ("restart", "--", "actions.runner.x.service ssh.service"),
        ("restart", "--", "actions.runner.x.service\nssh.service"),
        ("restart", "--", "actions.runner.*.service"),
        ("restart", "--", "actions.runner.../../ssh.service"),
        ("kill", "--", "UNIT"),
        ("edit", "--", "UNIT"),
        ("restart", "-H", "root@elsewhere", "--", "UNIT"),
    ],
)
def test_the_documented_sudoers_line_allows_nothing_but_what_is_sent(host: Host, words: tuple[str, ...]) -> None:
    given = [host.runner.unit if word == "UNIT" else word for word in words]
    with pytest.raises(subprocess.CalledProcessError):
        host.machine.run("sudo", "-n", "-l", "/usr/bin/systemctl", *given, user="ops")
    host.machine.run("sudo", "-n", "-l", "/usr/bin/systemctl", "restart", "--", host.runner.unit, user="ops")


_MORE = """Defaults:asked lecture=always
Defaults:runner listpw=never
runner ALL=(root) ALL
greeted ALL=(root) NOPASSWD: /usr/bin/true
"""


async def test_a_sudo_that_allows_something_else_or_asks_only_when_it_acts_is_told_as_that(own_host: Host) -> None:
    machine, before = own_host.machine, invocation(own_host)
    older = for_units(own_host.runner.unit).replace("%ops", "oldtimer")
    (machine.root / "etc/sudoers.d/more").write_text(f"{_MORE}{older}\n")
    async with gate_on(own_host, user="greeted") as gate:
        found = await gate.propose(GUIDED_ACTIONS["restart-service"], key_of(own_host.runner))
        assert isinstance(found, Refusal)
        assert plain(found.reason) == "sudo does not allow it to this user."
        assert plain(found.helps) == SUDOERS
    for user, reason in (("greeted", "sudo-not-allowed"), ("asked", "sudo-password")):
        begun = time.monotonic()
        assert refused(await told(own_host, *order(own_host), user=user)) == reason
        assert time.monotonic() - begun < 5
    # It lists what it allows without a password, and wants one for doing it.
    frames = await told(own_host, *order(own_host), user="runner")
    assert said(frames, "refused").fields == ("sudo-password",)
    assert b"a password is required" in said(frames, "refused").data
    assert [frame for frame in frames if frame.word == "did"] == []
    assert invocation(own_host) == before
    assert said(await told(own_host, *order(own_host), user="oldtimer"), "did").fields == ("0",)
    assert invocation(own_host) != before


def test_a_star_in_its_place_would_allow_every_unit(own_host: Host) -> None:
    """So the forms above are attacks, and it is the expression that keeps them out."""
    star = "oldtimer ALL=(root) NOPASSWD: /usr/bin/systemctl restart -- actions.runner.*.service\n"
    (own_host.machine.root / "etc/sudoers.d/more").write_text(star)
    attack = ("/usr/bin/systemctl", "restart", "--", own_host.runner.unit, "ssh.service")
    assert own_host.machine.run("sudo", "-n", "-l", *attack, user="oldtimer")


async def test_the_line_against_requiretty_helps(own_host: Host) -> None:
    assert refused(await told(own_host, *order(own_host), user="seated")) == "sudo-tty"
    (own_host.machine.root / "etc/sudoers.d/zz").write_text("Defaults:%ops !requiretty\n")
    assert said(await told(own_host, *order(own_host), user="seated"), "did").fields == ("0",)


@pytest.mark.parametrize("user", ["ops", "oldtimer"])
async def test_a_unit_with_every_character_that_is_sent_is_allowed_by_both_forms(own_host: Host, user: str) -> None:
    odd = StandIn(own_host.machine, "a@b:c_D-1.x", 31, place="/srv/a@b:c_D-1.x")
    odd.install()
    older = for_units(odd.unit).replace("%ops", "oldtimer")
    (own_host.machine.root / "etc/sudoers.d/more").write_text(f"{older}\n")
    own_host.machine.run("systemctl", "daemon-reload")
    begun = order(own_host, "start", unit=odd.unit, directory=odd.root, agent="31")
    assert said(await told(own_host, *begun, user=user), "did").fields == ("0",)
    odd.wait_until_it_listens()
    assert acts(own_host) == [f"/usr/bin/systemctl start -- {odd.unit}"]


async def test_without_sudo_only_root_acts(own_host: Host) -> None:
    machine = own_host.machine
    (machine.root / "usr/bin/sudo").rename(machine.root / "usr/bin/no-sudo")
    async with gate_on(own_host) as gate:
        assert "There is no sudo on this host" in await refusal(gate, own_host.runner)
    assert refused(await told(own_host, *order(own_host))) == "no-sudo"
    assert said(await told(own_host, *order(own_host), user="root"), "did").fields == ("0",)
    assert acts(own_host) == []


@pytest.mark.parametrize(
    "words",
    [
        ("systemctl", "restart", "--", "OTHER"),
        ("systemctl", "restart", "--", "UNIT", "ssh.service"),
        ("systemctl", "restart", "UNIT"),
        ("-u", "runner", "--", "/bin/bash"),
        ("-u", "runner", "--", "/bin/bash", "-s", "x"),
        ("-u", "runner", "--", "/bin/bash", "-c", "id"),
        ("-u", "root", "--", "/bin/bash", "-s"),
        ("-u", "greeted", "--", "/bin/bash", "-s"),
    ],
)
def test_the_lines_for_an_older_sudo_and_for_a_runners_user_allow_nothing_else(
    host: Host, words: tuple[str, ...]
) -> None:
    unit = host.runner.unit
    lines = f"{for_units(unit)}\n{as_user('runner')}\n".replace("%ops", "oldtimer")
    (host.machine.root / "etc/sudoers.d/more").write_text(lines)
    given = [{"UNIT": unit, "OTHER": f"{unit}x", "systemctl": "/usr/bin/systemctl"}.get(word, word) for word in words]
    with pytest.raises(subprocess.CalledProcessError):
        host.machine.run("sudo", "-n", "-l", *given, user="oldtimer")
    host.machine.run("sudo", "-n", "-l", "/usr/bin/systemctl", "stop", "--", unit, user="oldtimer")
    host.machine.run("sudo", "-n", "-l", "-u", "runner", "--", "/bin/bash", "-s", user="oldtimer")
