"""A journal that systemd's own journald has written, in namespaces of its own, for systemd's own journalctl to read."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

JOURNALD = Path("/lib/systemd/systemd-journald")
_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_WRITE = """
mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal /run/log/journal || exit
"$1" 2>/dev/null &
"$2" -c "$3" "$4" "$5" "$6" && sleep 1 && cp -r /run/log/journal "$7"
"""
_SEND = """
import socket, sys, time
unit, words, lines = sys.argv[1:]
to_journald = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
for patience in range(50):
    try:
        to_journald.connect("/run/systemd/journal/socket")
        break
    except OSError:
        time.sleep(0.1)
for number in range(int(lines)):
    told = ("MESSAGE=" + words + f" {number}", "OBJECT_SYSTEMD_UNIT=" + unit, "SYSLOG_IDENTIFIER=runsvc.sh", "")
    to_journald.send("\\n".join(told).encode())
"""


def write_journal(to: Path, unit: str, words: str, lines: int) -> bool:
    """Whether it could be: what it takes is not on every machine, nor allowed to everyone."""
    if os.geteuid() != 0 or not JOURNALD.exists() or None in map(shutil.which, ("unshare", "journalctl")):
        return False
    given = (str(JOURNALD), sys.executable, _SEND, unit, words, str(lines), str(to))
    done = subprocess.run(
        [*_NAMESPACES, "sh", "-c", _WRITE, "sh", *given], stderr=subprocess.DEVNULL, timeout=30, check=False
    )
    return done.returncode == 0 and any(to.glob("*/system.journal"))
