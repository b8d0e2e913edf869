"""Control groups of our own for systemds of our own, in whichever trees this machine has."""

import contextlib
import os
import time
from pathlib import Path


def trees() -> list[Path]:
    """The unified one, and systemd's where there is one beside it."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        if kind == "cgroup2" or (kind == "cgroup" and "name=systemd" in options):
            found.append(Path(before.split(" ")[4]))
    return found


def stale_groups() -> None:
    """Those of runs that were killed."""
    for group in {path.name for tree in trees() for path in tree.glob("runner-console-test-host-*")}:
        if not Path("/proc", group.rpartition("-")[2]).exists():
            remove_groups(group)


def remove_groups(name: str) -> None:
    """Once their last process is gone."""
    until = time.monotonic() + 5
    for top in (tree / name for tree in trees()):
        while top.exists() and time.monotonic() < until:
            for directory, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    Path(directory).rmdir()
            if top.exists():
                time.sleep(0.05)
