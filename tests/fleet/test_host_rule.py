"""How a line that a listener wrote is told."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.fleet.host_evidence import SeenLine
from console.fleet.host_rule import HostCase
from console.fleet.models import plain
from tests.judgement.reading import Case, Host, hosts_of, snapshot_of


@pytest.mark.parametrize(
    ("times", "ago", "when"),
    [
        (1, 4, ", 4 s before it was looked at"),
        (47, 33, ", 47 times, last 33 s before it was looked at"),
        (47, None, ", 47 times"),
        (1, -5, ""),
    ],
)
def test_a_line_is_told_with_how_often_it_was_said_and_when_last(times: int, ago: int | None, when: str) -> None:
    case = Case("one", hosts=[Host(1)])
    snapshot = snapshot_of(case)
    (seen,) = hosts_of(case, snapshot).values()
    facts, now = seen.facts, seen.now
    assert facts is not None
    assert now is not None
    line = SeenLine("a.b", "A title", "Do this.", "Connect error", times=times)
    line = replace(line, at=None if ago is None else now - timedelta(seconds=ago))
    said = HostCase(snapshot.runners[seen.runner], replace(seen, host="box"), facts).said(line)
    assert [plain(each) for each in said] == [f"On box{when}: Connect error"]
