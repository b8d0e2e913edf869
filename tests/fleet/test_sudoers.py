"""What is to be written for sudo is what is sent, and no more."""

import re

import pytest

from console.fleet.scripts import SCRIPTS, fits
from console.fleet.sudoers import SUDOERS, as_user, for_units

UNIT = "actions.runner.acme-web.linux-01.service"


def allowed(arguments: str) -> bool:
    """As sudo from 1.9.10 on does it: the arguments, in one string, against the expression."""
    rule = SUDOERS.rpartition("\n")[2].partition(" NOPASSWD: ")[2]
    program, _, expression = rule.partition(" ")
    assert program == "/usr/bin/systemctl"
    assert expression[0] + expression[-1] == "^$"
    return re.search(expression.replace("$", r"\Z"), arguments) is not None


@pytest.mark.parametrize("verb", ["start", "restart", "stop"])
@pytest.mark.parametrize("unit", [UNIT, "actions.runner.acme.a@b:c_d.service"])
def test_every_command_line_that_is_sent_is_allowed(verb: str, unit: str) -> None:
    assert fits("verb", verb)
    assert fits("unit", unit)
    assert allowed(f"{verb} -- {unit}")


@pytest.mark.parametrize(
    "arguments",
    [
        f"restart -- {UNIT} ssh.service",
        f"restart -- ssh.service {UNIT}",
        "restart -- ssh.service",
        f"restart {UNIT}",
        f"disable -- {UNIT}",
        f"restart --now -- {UNIT}",
        f"restart -- {UNIT}\nssh.service",
        "restart -- actions.runner.x;id.service",
        "restart -- actions.runner.*.service",
        "edit -- actions.runner.x.service",
        "-H root@other restart -- actions.runner.x.service",
    ],
)
def test_no_other_command_line_is_allowed(arguments: str) -> None:
    assert not allowed(arguments)


def test_an_older_sudo_is_given_each_unit_by_name() -> None:
    written = for_units("actions.runner.acme.a:b.service")
    assert r"/usr/bin/systemctl restart -- actions.runner.acme.a\:b.service" in written
    assert "*" not in written


def test_the_full_path_that_is_allowed_is_the_one_that_is_sent() -> None:
    for name in ("service-act", "service-state", "reregister"):
        assert "systemctl=/usr/bin/systemctl" in SCRIPTS[name].body
    for name in ("jit-start", "reregister", "remove-directory"):
        assert 'sudo -n -u "$user" -- /bin/bash -s ;;' in SCRIPTS[name].body
    assert as_user("runner").endswith("(runner) NOPASSWD: /bin/bash -s")
