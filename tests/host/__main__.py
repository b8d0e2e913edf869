"""Runs the tests against real hosts: systemd, sshd and runners' stand-ins in namespaces of their own.

Everything they make lives in namespaces that end with this program, whatever ends it, and its control groups are
removed. What is missing on this machine is said, and is no failure.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.host.base_tree import NoTreeError, base_tree, hold
from tests.host.control_groups import remove_groups, stale_groups
from tests.run import ROOT, clean_environment

PROGRAMS = {
    "debootstrap": "debootstrap",
    "apt-get": "apt",
    "systemd-nspawn": "systemd-container",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
}
"""What is used, and the Debian packages it is in."""

_PLACE = "/run/hosts"
# Nobody else sees this /run, nor what `ip` and systemd-nspawn keep there.
_INSIDE = f'mount -t tmpfs -o size=2g,mode=755 tmpfs /run && mkdir {_PLACE} && ip link set lo up && exec "$@"'
_PATIENCE = 900
"""Seconds for all tests; beside them, some for each race."""
_HANGS = 200
"""Seconds after which it is told where a test stands that still goes on; more where there are many races."""
# They wait much more than they compute; the longest wait comes first.
_AT_ONCE = ("--numprocesses=4", "--dist=worksteal")
_FILES = sorted(
    (ROOT / "tests/host").glob("test_*.py"), key=lambda file: (file.name != "test_lost_hosts.py", file.name)
)
_NAMESPACES = (
    *("setpriv", "--pdeathsig=KILL"),
    *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"),
)


def main() -> int:
    """The tests' exit status; 0 where they are left out."""
    # `su` without a dash leaves these out.
    os.environ["PATH"] = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
    why = _missing()
    if why:
        return _left_out(why)
    signal.signal(signal.SIGTERM, _end)
    try:
        tree = base_tree()
    except NoTreeError as error:
        return _left_out(str(error))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    stale_groups()
    group = f"runner-console-test-host-{os.getpid()}"
    try:
        with hold(tree):
            return _run(group, tree)
    finally:
        remove_groups(group)


def _run(group: str, tree: Path) -> int:
    more = 2 * int(os.environ.get("RACES", "0"))
    patience = _PATIENCE + more
    tests = [
        sys.executable,
        "-m",
        "pytest",
        "--tb=short",
        "-p",
        "no:cacheprovider",
        *_AT_ONCE,
        "-o",
        f"faulthandler_timeout={_HANGS + more}",
        *map(str, _FILES),
        *sys.argv[1:],
    ]
    environment = {
        **clean_environment(),
        "TEST_HOST_PLACE": _PLACE,
        "TEST_HOST_GROUP": group,
        "TEST_HOST_TREE": str(tree),
    }
    child = subprocess.Popen([*_NAMESPACES, "sh", "-c", _INSIDE, "sh", *tests], cwd=ROOT, env=environment)
    # The tests hear of it too, and end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return child.wait(patience)
    except subprocess.TimeoutExpired:
        print(f"The tests against real hosts did not end within {patience} s.", flush=True)
        return 1
    finally:
        child.kill()
        child.wait()


def _missing() -> str:
    if sys.platform != "linux":
        return "they need Linux"
    if os.geteuid() != 0:
        return "they need root"
    packages = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if packages:
        return f"they need the Debian packages {', '.join(sorted(packages))}"
    tried = subprocess.run([*_NAMESPACES, "true"], check=False, capture_output=True, text=True)
    return "" if tried.returncode == 0 else f"there are no namespaces to be had: {tried.stderr.strip()}"


def _left_out(why: str) -> int:
    print(f"The tests against real hosts are left out: {why}.", flush=True)
    return 0


def _end(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
