"""Whether a host is strong enough, and what the kernel has killed there."""

import pytest
from msgspec.structs import replace

from console.fleet.host_evidence import HostEvidence
from console.fleet.host_strength import killed_lately
from console.fleet.hosts import HostProcess, KernelKill
from tests.fleet.fleets import ago
from tests.judgement.reading import Case, Host, hosts_of, snapshot_of

OF_THE_HOST = "kernel: Out of memory: Killed process 7 (java)"
OF_A_CONTAINER = "kernel: Memory cgroup out of memory: Killed process 7 (java)"


def evidence(text: str, listeners: int) -> HostEvidence:
    case = Case("one", hosts=[Host(1)])
    (found,) = hosts_of(case, snapshot_of(case)).values()
    assert found.facts is not None
    there = tuple(HostProcess(100 + number) for number in range(listeners))
    return replace(found, facts=replace(found.facts, listeners=there, kills=(KernelKill(text, ago(4)),)))


@pytest.mark.parametrize(
    ("text", "listeners", "tells"),
    [(OF_THE_HOST, 1, True), (OF_A_CONTAINER, 1, False), (OF_A_CONTAINER, 0, True)],
    ids=["the host has no memory", "a container had none, and the listener runs", "the listener may have been in it"],
)
def test_what_was_killed_in_a_container_tells_nothing_of_a_listener_that_runs(
    text: str, listeners: int, tells: bool
) -> None:
    assert (killed_lately(evidence(text, listeners)) is not None) is tells
