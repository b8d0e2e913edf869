"""What kind of log a file is: by the name that only the runner gives, or by the shapes of its lines."""

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from console.fleet.log_lines import Where

HostSource = Literal["journal", "listener", "worker", "output"]
"""What there is to read of a runner on its host."""
ENOUGH = 64 * 1024
"""Bytes of the beginning that are looked at."""
MOST_LINES = 1_000
_NAME = re.compile(r"(Runner|Worker)_\d{8}-\d{6}-utc\.log")
_JOURNAL = rb"(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,15}[+-][\d:]{4,5}) \S+ "
_DIAG = rb"\[(?:RUNNER |WORKER )?\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ (?:CRIT|ERR |WARN|INFO|VERB) "
_SHAPES: tuple[tuple[Where, bytes], ...] = (
    # As GitHub stores it, alone or as `gh run view --log` prints it; then with the runner's own marks.
    ("job-log", rb"(?:[^\t\n]*\t[^\t\n]*\t)?(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z(?: |$)"),
    ("job-log", rb"(?:\d{4}-\S{14,23}Z )?##\[(?:group|endgroup|error|warning|notice|command|debug|section)\]"),
    ("worker-diag", _DIAG + rb"(?:Worker|JobRunner|JobExtension|JobServerQueue|StepsRunner|Action\w+|\w+Handler)\]"),
    ("runner-diag", _DIAG + rb"(?:Runner|\w*Listener|JobDispatcher|JobNotification|BrokerServer|Terminal)\]"),
    ("service-log", _JOURNAL + rb"(?:runsvc\.sh|run\.sh|Runner\.Listener)\[\d+\]: "),
    ("service-log", _JOURNAL + rb"systemd\[\d+\]: .*actions\.runner\."),
    ("service-log", rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: "),
    ("kernel-log", rb"\[ *\d+\.\d{6}\] |" + _JOURNAL + rb"kernel: "),
    (
        "arc-log",
        rb"\d{4}-\d\d-\d\dT[\d:.]{8,18}Z\s(?:DEBUG|INFO|WARN|ERROR)\s(?:EphemeralRunner|Autoscaling|listener-app)",
    ),
    # Of another service: a journal of the whole host.
    ("unknown", _JOURNAL + rb"(?!systemd\[)\S+: "),
)
_PACKED: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "packed with gzip", "zcat"),
    (b"PK\x03\x04", "a zip archive", "unzip -p"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "zstdcat"),
    (b"\xfd7zXZ\x00", "packed with xz", "xzcat"),
    (b"LPKSHHRH", "a journal as systemd keeps it", "journalctl --file"),
    (b"BZh", "packed with bzip2", "bzcat"),
    (b"\xfe\xff", "UTF-16 text", "iconv -f UTF-16 -t UTF-8"),
    (b"\xff\xfe", "UTF-16 text, as PowerShell writes it", "iconv -f UTF-16 -t UTF-8"),
)


class Packed(NamedTuple):
    """Why the lines of a file cannot be read as they are, and which command gives them."""

    what: str
    command: str


def packed(beginning: bytes) -> Packed | None:
    """Nothing in it would be found, and that would say nothing of the log."""
    return next((Packed(what, command) for magic, what, command in _PACKED if beginning.startswith(magic)), None)


def kind_by_name(name: str) -> Where:
    """Anything else is called `unknown`."""
    named = _NAME.fullmatch(name)
    if named is None:
        return "unknown"
    return "runner-diag" if named[1] == "Runner" else "worker-diag"


@lru_cache(maxsize=4)
def kind_by_lines(beginning: bytes) -> Where:
    """What all lines are that have the shape of some log; `unknown` where they are of several, or none has one."""
    found = {_kind(line) for line in beginning[:ENOUGH].splitlines()[:MOST_LINES]} - {None}
    (kind,) = found if len(found) == 1 else {None}
    return kind or "unknown"


def _kind(line: bytes) -> Where | None:
    return next((kind for kind, shape in _SHAPES if re.match(shape, line)), None)
