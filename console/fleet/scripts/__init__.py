"""Every script that may ever run on a host, with its typed arguments. Nothing is composed from data."""

import re
from collections.abc import Mapping

from console.fleet.scripts import acts, answers, disks, logs, registrations, states
from console.fleet.scripts.script import ArgumentKind, Script, fits

__all__ = ["HEARTBEAT", "SCRIPTS", "ArgumentKind", "Script", "fits", "recognised", "sent"]

HEARTBEAT = b"\n"
"""What goes to the standard input of a script that streams, every 15 s once its ready mark was read: one empty line."""

_SENT = re.compile(rb"\{ mark=([0-9a-f]{32})\n(.*)\nexit; \}\n", re.DOTALL)


def sent(script: Script, mark: str) -> bytes:
    """What goes in on standard input: one block, so that the shell has read all of it before it acts."""
    return f"{{ mark={mark}\n{script.body}\nexit; }}\n".encode()


def recognised(block: bytes) -> tuple[Script, str] | None:
    """The script and the mark of a block that `sent` made; for pretend hosts, which run nothing else."""
    found = _SENT.fullmatch(block)
    if found is None:
        return None
    body = found[2].decode()
    script = next((each for each in SCRIPTS.values() if each.body == body), None)
    return None if script is None else (script, found[1].decode())


SCRIPTS: Mapping[str, Script] = {
    script.id: script
    for script in (
        answers.FIND_RUNNERS,
        answers.LISTENER_TAIL,
        answers.HOST_FACTS,
        answers.LEFTOVERS,
        answers.LEFTOVER,
        logs.JOURNAL,
        logs.DIAG_LOG,
        logs.JOB_OUTPUT,
        logs.SERVICE_OUTPUT,
        states.SERVICE_STATE,
        states.DIRECTORY_STATE,
        acts.SERVICE_ACT,
        registrations.JIT_START,
        registrations.REREGISTER,
        disks.DIRECTORY_SIZES,
        disks.REMOVE_DIRECTORY,
    )
}
