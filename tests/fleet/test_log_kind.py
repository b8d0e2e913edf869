import pytest

from console.fleet.log_kind import ENOUGH, kind_by_lines
from console.fleet.log_lines import Where

JOB = b"2026-03-03T10:00:00.1234567Z Post job cleanup."
LISTENER = b"[2026-03-03 10:00:00Z INFO MessageListener] Session created."
WORKER = b"[2026-03-03 10:00:00Z INFO StepsRunner] Step result: Succeeded"
SERVICE = b"Mar 03 10:00:00 build-07 runsvc.sh[811]: Starting Runner listener with startup type: service"
KERNEL = b"Mar 03 10:00:00 build-07 kernel: eth0: link is up"
SSHD = b"Mar 03 10:00:00 build-07 sshd[99]: Connection closed"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (JOB, "job-log"),
        (b"\xef\xbb\xbf" + JOB, "job-log"),
        (b"build\tRun tests\t" + JOB, "job-log"),
        (b"##[group]Run actions/checkout@v4", "job-log"),
        (b"2026-03-03T10:00:00Z ##[error]it failed", "job-log"),
        (LISTENER, "runner-diag"),
        (b"[2026-03-03 10:00:00Z ERR  Terminal] WRITE ERROR: it failed", "runner-diag"),
        (WORKER, "worker-diag"),
        (b"[WORKER 2026-03-03 10:00:00Z INFO JobRunner] Job ID 1", "worker-diag"),
        (b"[2026-03-03 10:00:00Z INFO HostContext] Well known directory", "unknown"),
        (SERVICE, "service-log"),
        (b"2026-03-03T10:00:00+0100 build-07 runsvc.sh[811]: x", "service-log"),
        (b"Mar 03 10:00:00 build-07 systemd[1]: Started actions.runner.acme.build-07.service", "service-log"),
        (b"2026-03-03 10:00:00Z: Listening for Jobs", "service-log"),
        (KERNEL, "kernel-log"),
        (b"[  123.456789] eth0: link is up", "kernel-log"),
        (b"2026-03-03T10:00:00Z\tINFO\tEphemeralRunner\tx", "arc-log"),
        (SSHD, "unknown"),
        (b"2026-03-03T10:00:00.123Z [info] some other program", "unknown"),
        (b"", "unknown"),
    ],
)
def test_a_line_tells_what_kind_of_log_it_is_from(line: bytes, kind: Where) -> None:
    assert kind_by_lines(line) == kind
    assert kind_by_lines(b"a line of any shape\r\n" + line + b"\r\nand so on") == kind


@pytest.mark.parametrize("other", [LISTENER, WORKER, KERNEL, SSHD, JOB])
def test_lines_of_several_kinds_tell_nothing_and_no_signature_is_left_out(other: bytes) -> None:
    assert kind_by_lines(b"\n".join([SERVICE, other, SERVICE])) == "unknown"


def test_only_the_beginning_is_looked_at() -> None:
    assert kind_by_lines((JOB + b"\n") * (ENOUGH // len(JOB)) + b"\n" + KERNEL) == "job-log"
