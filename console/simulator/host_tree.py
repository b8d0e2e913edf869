"""What lies on the disk of a pretend runner's host: where its root is, its settings, the names of its logs."""

import hashlib
import json
import re
from datetime import datetime
from typing import NamedTuple

from console.simulator.guids import guid
from console.simulator.inhabitants import Job, Runner

BOM = b"\xef\xbb\xbf"
_DISK = 102_687_672
"""KiB."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")


class Place(NamedTuple):
    """Where a runner lives."""

    directory: str
    unit: str
    """Empty where no systemd unit keeps it running."""


def host_of(runner: Runner) -> str | None:
    """The name of its host: its own, unless it shares one. None: no host can have it, or it was never started."""
    if not runner.diary.logs:
        return None
    name = runner.host or runner.name
    return name if _PLAIN.fullmatch(name) else None


def place_of(runner: Runner) -> Place:
    """As whoever set it up has chosen."""
    if runner.ephemeral:
        return Place(f"/home/runner/{runner.name}", "")
    if runner.os == "macOS":
        return Place("/Users/ci/actions-runner", "")
    directory = f"/opt/actions-runner-{runner.name}" if runner.host else "/opt/actions-runner"
    return Place(directory, f"{agent_of(runner)}.service")


def _scope(runner: Runner) -> str:
    return re.sub("[^0-9a-zA-Z._-]", "-", _below(runner))


def _below(runner: Runner) -> str:
    """What stands below GitHub's address where it is registered."""
    kind, _, name = runner.scope.partition(":")
    return f"enterprises/{name}" if kind == "enterprise" else name


def settings_of(runner: Runner, web: str) -> bytes:
    """The file `.runner`. One that GitHub sent whole has no byte-order mark, other keys, and text for numbers."""
    group = runner.group
    known: dict[str, object] = {
        "agentId": runner.id,
        "agentName": runner.name,
        "poolId": group.id if group else 1,
        "poolName": group.name if group else "Default",
        "serverUrl": f"https://pipelinesghubeus7.actions.githubusercontent.com/{guid('account', runner.scope)[:24]}/",
        "gitHubUrl": f"{web}/{_below(runner)}",
        "workFolder": "_work",
    }
    if runner.v2:
        known |= {"useV2Flow": True, "serverUrlV2": "https://broker.actions.githubusercontent.com/"}
    if not runner.updates:
        known["disableUpdate"] = True
    if not runner.ephemeral:
        return BOM + json.dumps(known, indent=2).encode()
    sent = {**known, "gitHubUrl": "", "ephemeral": True}
    return json.dumps({key[0].upper() + key[1:]: str(value) for key, value in sent.items()}).encode()


def agent_of(runner: Runner) -> str:
    """What macOS calls the service."""
    return f"actions.runner.{_scope(runner)}.{runner.name}"


def stdout_of(runner: Runner) -> str:
    """Where macOS has the service write."""
    return f"/Users/ci/Library/Logs/{agent_of(runner)}/stdout.log"


def service_of(runner: Runner) -> bytes:
    """The file `.service`; on macOS it names a file."""
    if runner.os == "macOS":
        return f"/Users/ci/Library/LaunchAgents/{agent_of(runner)}.plist\n".encode()
    unit = place_of(runner).unit
    return f"{unit}\n".encode() if unit else b""


def listener_log_name(begins: datetime) -> str:
    """In `_diag`."""
    return f"Runner_{begins:%Y%m%d-%H%M%S}-utc.log"


def inode(runner: Runner, name: str) -> int:
    """Always the same for the same file."""
    digest = hashlib.blake2b(f"{runner.id} {name}".encode(), digest_size=4).digest()
    return 1_000_000 + int.from_bytes(digest) % 900_000_000


def crash_of(runner: Runner, job: Job) -> str:
    """What a worker throws that has no room for its output."""
    page = f"{place_of(runner).directory}/_diag/pages/{page_name(job)}"
    return (
        f"System.IO.IOException: No space left on device : '{page}'\n"
        "   at System.IO.RandomAccess.WriteAtOffset(SafeFileHandle handle, ReadOnlySpan`1 buffer, Int64 fileOffset)\n"
        "   at System.IO.StreamWriter.Flush(Boolean flushStream, Boolean flushEncoder)\n"
        "   at GitHub.Runner.Common.PagingLogger.Write(String message)"
    )


def page_name(job: Job, number: int = 1) -> str:
    """The file that the whole output of a job goes to."""
    return f"{guid('timeline', job.run.id)}_{guid('job', job.id)}_{number}.log"


def sizes_of(runner: Runner) -> dict[str, int]:
    """What can be removed of its directory, in KiB. Where its disk is full, one repository has taken all of it."""
    sizes = {
        "_work/_tool": 6_291_456 + runner.id % 97 * 10_240,
        "_work/web": 61_865_984 if runner.full else 2_097_152,
        "_work/api": 1_572_864 + runner.id % 89 * 4_096,
        "_work/_actions": 409_600,
        "_diag": 204_800 + runner.id % 53 * 1_024,
        "bin.2.335.0": 194_560,
    }
    return {name: size for name, size in sizes.items() if name not in runner.removed}


def disk_of(runner: Runner) -> tuple[str, str]:
    """As `df -Pk` prints it."""
    free = free_of(runner)
    used = _DISK - free
    header = "Filesystem     1024-blocks      Used Available Capacity Mounted on"
    return header, f"/dev/sda1        {_DISK} {used} {free} {used * 100 // _DISK}% /"


def size_of_disk() -> int:
    """Of any pretend host, in bytes."""
    return _DISK * 1024


def free_of(runner: Runner) -> int:
    """KiB on its disk."""
    if runner.free is not None:
        return runner.free
    return 0 if runner.full else _DISK * (25 + runner.id % 40) // 100
