"""Scripts are what is sent: their arguments, and the block around them."""

import subprocess

import pytest

from console.errors import HostError
from console.fleet.scripts import SCRIPTS, ArgumentKind, fits, recognised, sent
from tests.local_hosts import SHELLS

MARK = "0123456789abcdef" * 2
GUID = "5b3c1d2e-0000-4000-8000-0123456789ab"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=list(SCRIPTS))
def test_every_script_is_one_block_that_a_posix_shell_can_read(script: object, shell: str) -> None:
    block = sent(SCRIPTS[script.id], MARK)  # type: ignore[attr-defined]
    done = subprocess.run([shell, "-n"], input=block, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_of_a_script_runs_before_all_of_it_has_come(shell: str) -> None:
    half = sent(SCRIPTS["host-facts"], MARK).removesuffix(b"exit; }\n")
    done = subprocess.run([shell, "-s", "--", "-", "/"], input=half, capture_output=True, check=False, timeout=60)
    assert done.stdout == b""


def test_a_script_is_known_again_by_its_text_and_nothing_else_is() -> None:
    for script in SCRIPTS.values():
        assert recognised(sent(script, MARK)) == (script, MARK)
    block = sent(SCRIPTS["journal"], MARK)
    assert recognised(block.replace(b"journalctl", b"cat /etc/shadow #", 1)) is None
    assert recognised(block + b"id\n") is None


def test_no_script_has_words_of_another_ones_mark_or_an_early_end() -> None:
    assert len({script.body for script in SCRIPTS.values()}) == len(SCRIPTS)
    assert all("\nexit; }" not in script.body for script in SCRIPTS.values())


GOOD: list[tuple[ArgumentKind, str]] = [
    ("unit", "actions.runner.acme-web.linux-01.service"),
    ("unit", "actions.runner.acme.a@b:c_d.service"),
    ("unit", "-"),
    ("service", "gha-runner@1.service"),
    ("service", "-"),
    ("directory", "/home/runner/actions-runner"),
    ("directory", "/srv/ci/..hidden/r+1,2@x:y=z"),
    ("stdout-file", "/Users/ci/Library/Logs/actions.runner.acme.mac-1/stdout.log"),
    ("diag-file", "Worker_20260902-051401-utc.log"),
    ("page-file", f"{GUID}_{GUID}_1.log"),
    ("page-file", f"{GUID}_{GUID}.12"),
    ("guid", GUID),
    ("cursor", "s=0639;i=4b2;b=7f0;m=2f;t=5e1;x=9a"),
    ("number", "184467440737095516"),
    ("verb", "restart"),
    ("address", "https://github.com/acme/web"),
    ("address", "http://ghes.example.com:8443/acme"),
    ("who", "alice@10.0.0.7"),
    ("agent", "-"),
    ("user", "svc-runner@example.com"),
    ("runner-name", "linux-01"),
    ("labels", "gpu,os:linux,a100"),
    ("local", "local"),
    ("below", "_work/web"),
    ("below", "bin.2.335.0"),
]
EVIL = ("$(touch x)", "`id`", ";id", "a\nb", "'", '"', "%n", "a b", "*", "~", "\x1b[2J", "x" * 500, "١", "\n", " -rf")


@pytest.mark.parametrize(("kind", "value"), GOOD)
def test_what_hosts_really_have_is_sent(kind: ArgumentKind, value: str) -> None:
    assert fits(kind, value)


@pytest.mark.parametrize(("kind", "value"), GOOD)
@pytest.mark.parametrize("evil", EVIL)
def test_what_a_shell_may_take_for_more_than_itself_is_never_sent(kind: ArgumentKind, value: str, evil: str) -> None:
    assert not fits(kind, evil)
    assert not fits(kind, f"{value}{evil}")
    assert not fits(kind, f"{evil}{value}")


def test_what_acts_is_never_sent_a_unit_of_another_name_than_a_runners() -> None:
    assert not fits("unit", "gha-runner@1.service")
    takers = {script.id for script in SCRIPTS.values() if "service" in script.arguments}
    assert takers == {"journal", "host-facts"}


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in GOOD}))
def test_an_option_is_never_sent_for_a_value(kind: ArgumentKind) -> None:
    assert not fits(kind, "-rf")
    assert not fits(kind, "--help")
    assert not fits(kind, "")


def test_a_group_may_have_single_spaces_in_its_name_and_no_other_value_may() -> None:
    assert fits("group-name", "Build Machines")
    assert not any(fits("group-name", f"Build{evil}") for evil in EVIL if evil != "a b")
    assert not fits("group-name", "Build  Machines")
    assert not fits("group-name", "Build ")
    assert not fits("group-name", "Build --token")
    assert not fits("runner-name", "linux 01")


@pytest.mark.parametrize(
    "address",
    ["https://github.com", "https://github.com/", "file:///etc/passwd", "https://a@b/c", "https://github.com/../x",
     "https://github.com/acme/web?x", "https://github.com/acme/web#x", "https://-x/acme", "https://github.com/-x"],
)  # fmt: skip
def test_an_address_that_is_none_of_githubs_is_never_sent(address: str) -> None:
    assert not fits("address", address)


@pytest.mark.parametrize("path", ["/a/../b", "/..", "/a/.", "relative", "/a//b", "/", "/a/", "//a", "/" + "a" * 400])
def test_a_path_that_leads_elsewhere_is_never_sent(path: str) -> None:
    assert not fits("directory", path)


def test_a_value_that_is_not_sent_is_told_with_what_would_be() -> None:
    with pytest.raises(HostError, match="it is no diag file as we know them") as told:
        SCRIPTS["diag-log"].words("/r", "Worker", "../../etc/passwd", "0", "0")
    assert "Only plain letters" in told.value.hint
