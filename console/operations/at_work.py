"""Who is at work with this console, and which consoles of this machine are still there."""

import os
import platform
import pwd
import subprocess
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

from console.fleet.history import Operator, Process

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_STARTED = 19
"""The place of the start time in /proc/PID/stat, counted from the state, which follows the name in brackets."""
_ENDED = {"Z", "X"}
_SECONDS = 5.0


def operator_here(environ: Mapping[str, str], github: str) -> Operator:
    """The user of this process, from where they have come, and whose token is used."""
    try:
        login = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        login = str(os.getuid())
    return Operator(login, _address(environ.get("SSH_CONNECTION", "")), github)


def _address(connection: str) -> str:
    """The first word of what sshd says; empty where it is no address."""
    first = connection.partition(" ")[0]
    try:
        ip_address(first)
    except ValueError:
        return ""
    return first


def this_process() -> Process:
    """As it is kept with what it does."""
    pid = os.getpid()
    return Process(pid, _started(pid) or "", _boot(), platform.node())


def still_there(process: Process) -> bool | None:
    """Whether it is at work; None where that cannot be told, as for one of another machine."""
    if process.machine != platform.node() or not process.started:
        return None
    if process.pid <= 0 or process.boot != _boot():
        return False
    return _started(process.pid) == process.started


def _boot() -> str:
    """Empty where the system has no such id: start times are dates there."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _started(pid: int) -> str | None:
    """When that process has started; None: there is none, or it has ended."""
    if not _BOOT_ID.exists():
        return _started_by_ps(pid)
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (OSError, OverflowError):
        return None
    state, *rest = stat.rpartition(")")[2].split()
    return None if state in _ENDED else rest[_STARTED - 1]


def _started_by_ps(pid: int) -> str | None:
    """Where there is no /proc."""
    try:
        said = subprocess.run(  # noqa: S603 - a number is all that is added
            ["/bin/ps", "-o", "lstart=", "-p", str(pid)],
            env={"LC_ALL": "C", "TZ": "UTC"},
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.strip() or None
