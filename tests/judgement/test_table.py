"""The thirty reasons why a job waits, each with a case of its own, and whether a start or a restart can help there.

The table is written from what is known of runners, and not from what the console offers.
"""

import re

import pytest

from console.fleet.causes import known_causes
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.host_rules import HOST_RULES
from console.fleet.models import plain
from console.fleet.remedies import STARTS, remedy_of
from console.fleet.rules import RULES
from tests.judgement.reading import Case, cases
from tests.judgement.test_cases import ALL, findings

START = {"start-service"}
RESTART = {"restart-service", "restart-when-idle"}
ON_THE_RUN_ONLY = {21}
"""A job whose `needs` are not done is not listed yet."""


NOT_FOR_US = {"github-hosted"}
"""It waits for one of GitHub's own machines."""


TABLE: dict[int, tuple[str, ...]] = {
    1: ("just-queued", "all-matching-busy", "runner-just-idle", "not-queued-yet", "assigned"),
    2: ("no-runner-has-labels",),
    3: ("only-offline-runners", "service-stopped"),
    4: ("group-excludes-repository", "group-excludes-organization", "unknown"),
    5: ("group-excludes-public",),
    6: ("group-restricts-workflows",),
    7: ("group-named",),
    8: ("runners-elsewhere",),
    9: ("session-stuck", "idle-while-queued", "jit-refused"),
    10: ("session-conflict", "session-held"),
    11: ("registration-lost", "jit-used-up"),
    12: ("outdated-runner", "version-refused", "github-incident"),
    13: ("self-update", "self-update-stuck"),
    14: ("hung-after-acknowledge",),
    15: ("acquire-failed",),
    16: ("phantom-busy",),
    17: ("orphan-worker",),
    18: ("held-by-concurrency",),
    19: ("waiting-for-approval",),
    20: ("waiting-for-approval",),
    22: ("matrix-limit",),
    23: ("github-incident",),
    24: ("taken-by-lesser-job",),
    25: ("no-autoscaled-runner",),
    26: ("jit-without-default-labels",),
    27: ("clock-wrong", "no-way-to-github"),
    28: ("disk-full", "host-overloaded"),
    29: ("actions-disabled",),
    30: ("queued-past-limit",),
}
"""Ids of causes by number; one that a host or GitHub makes into another is in both places."""
MAY = {
    "only-offline-runners": START,
    "runners-offline": START,
    "service-stopped": START,
    "session-conflict": START,
    "session-stuck": RESTART,
    "idle-while-queued": RESTART,
    "hung-after-acknowledge": RESTART,
}
"""What of all that starts a listener can help. Of a cause that is not here nothing can."""
NUMBERED = [
    pytest.param(int(found[1]), case, id=case.name)
    for kind in ("alone", "github")
    for case in cases(kind)
    if (found := re.match(r"(\d+) ", case.name)) is not None
]


def of_waits() -> set[str]:
    """Every cause that a job which waits, or a runner that idles, can have."""
    return {rule.cause for rule in RULES} | {rule.cause for rule in HOST_RULES}


def test_the_table_has_every_cause_that_a_wait_can_have() -> None:
    told = {cause for causes in TABLE.values() for cause in causes}
    assert told | NOT_FOR_US == of_waits()
    assert told <= known_causes()


@pytest.mark.parametrize("number", [*range(1, 31)])
def test_each_of_the_thirty_reasons_has_a_case_of_its_own(number: int) -> None:
    assert (number in {case.values[0] for case in NUMBERED}) is (number not in ON_THE_RUN_ONLY)


@pytest.mark.parametrize(("number", "case"), NUMBERED)
def test_a_case_of_its_own_is_about_that_reason_alone(number: int, case: Case) -> None:
    assert {*case.causes, *case.because} <= {*TABLE[number]}


@pytest.mark.parametrize("cause", sorted(of_waits()))
def test_every_cause_is_alone_in_some_case(cause: str) -> None:
    """One that is no fault of anything is so in a healthy one."""
    kinds = ("alone", "healthy", "github")
    assert any({cause} == {*case.causes, *case.because} for kind in kinds for case in cases(kind))


@pytest.mark.parametrize("case", cases("healthy"), ids=lambda case: case.name)
def test_where_nothing_is_wrong_nothing_is_found(case: Case) -> None:
    assert (case.causes, case.starts, findings(case)) == ([], [], ())


@pytest.mark.parametrize("case", ALL)
def test_no_start_and_no_restart_is_offered_or_advised_where_it_cannot_help(case: Case) -> None:
    for finding in findings(case):
        may = MAY.get(finding.cause, set())
        offered = {name for name, action in GUIDED_ACTIONS.items() if finding.cause in action.causes}
        assert offered & STARTS <= may
        assert (RESTART - may if may else STARTS) <= remedy_of(finding.cause).forbidden
        advised = re.search(r"(?<!not )\brestart (?:it|its|the)\b", plain(finding.helps), re.IGNORECASE)
        assert advised is None or may >= RESTART
