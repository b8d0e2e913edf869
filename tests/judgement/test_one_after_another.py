"""What went wrong on a host in turn: the last of it is the cause, and nothing that is over is told beside."""

import pytest
from msgspec.structs import replace

from console.fleet.host_causes import causes_on_host
from console.fleet.models import plain
from console.fleet.remedies import remedy_of
from tests.judgement.reading import Case, Host, hosts_of, snapshot_of
from tests.judgement.test_cases import findings

GAVE_UP = "ERR Terminal WRITE ERROR: Stop retry on SessionConflictException after retried for 240 seconds."
HELD = "ERR Terminal WRITE ERROR: A session for this runner already exists."
DELETED = (
    "ERR Terminal WRITE ERROR: Failed to create a session. The runner registration has been deleted from the server, "
    "please re-configure."
)
CONFLICT_EXIT = "Runner listener exit with Session Conflict error, stop the service, no retry needed."
FINAL_EXIT = "Runner listener exit with terminated error, stop the service, no retry needed."


def told(*log: str, exit_line: str) -> tuple[str, str]:
    """The cause, and all of its evidence."""
    host = Host(1, flow="V1", listeners=0, unit="inactive (dead)", exit=exit_line, log=[*log])
    (finding,) = findings(Case("", runners=[{"status": "offline"}], jobs=[{}], hosts=[host]))
    return finding.cause, " ".join(map(plain, finding.evidence))


def test_who_gave_up_on_a_session_does_not_try_for_it_any_more() -> None:
    cause, evidence = told(f"8..4/0.5 {HELD}", f"4 {GAVE_UP}", exit_line=CONFLICT_EXIT)
    assert cause == "session-conflict"
    assert "Also" not in evidence


def test_a_registration_that_was_found_lost_after_a_conflict_is_all_that_counts() -> None:
    cause, evidence = told(f"8..4/0.5 {HELD}", f"4 {GAVE_UP}", f"1 {DELETED}", exit_line=FINAL_EXIT)
    assert cause == "registration-lost"
    assert "Also" not in evidence


def test_who_met_a_conflict_after_a_lost_registration_has_another_one_by_now() -> None:
    cause, evidence = told(f"20 {DELETED}", f"8..4/0.5 {HELD}", f"4 {GAVE_UP}", exit_line=CONFLICT_EXIT)
    assert cause == "session-conflict"
    assert "Also" not in evidence


def test_of_several_refused_runners_one_tells_for_all_and_their_breaker_is_no_incident_of_githubs() -> None:
    refused = (
        "ERR BrokerServer System.Exception: Failed to get job message. Request to "
        "https://broker.actions.githubusercontent.com/message failed with status: BadRequest. Error message Error: Bad "
        "Request"
    )
    breaker = "ERR BrokerServer System.Exception: GET request failed: 503 breaker open"
    log = [f"8..1/1 {refused}", f"2 {breaker}"]
    hosts = [Host(number, name="jit-node", log=log) for number in (1, 2, 3)]
    (finding,) = findings(Case("", runners=[{"ephemeral": True}] * 3, jobs=[{}], hosts=hosts))
    evidence = " ".join(map(plain, finding.evidence))
    assert finding.cause == "jit-refused"
    assert evidence.count("BadRequest") == 1
    assert "The host of linux-1:" in evidence, "whose lines these are"
    assert "The same was found for linux-2, linux-3." in evidence
    assert "Also" not in evidence


@pytest.mark.parametrize(
    ("unit", "ephemeral", "says", "action"),
    [
        ("actions.runner.acme.linux.service", False, "Restart the runner's service", "restart-service"),
        ("actions.runner.acme.linux.service", True, "Restart the runner's service", "restart-service"),
        (None, True, "no service of its own runs it: make it anew", "regenerate-jit"),
        (None, False, "kill -INT 100 once no Runner.Worker is its child. Then start it again", "restart-service"),
    ],
)
def test_what_helps_a_stuck_session_rests_on_whether_a_service_runs_its_listener(
    unit: str | None, ephemeral: bool, says: str, action: str
) -> None:
    case = Case("", runners=[{"ephemeral": ephemeral}], hosts=[Host(1, flow="V1", log=["65 INFO Terminal Listening"])])
    snapshot = snapshot_of(case)
    ((key, evidence),) = hosts_of(case, snapshot).items()
    assert evidence.facts is not None
    located = replace(evidence.facts.located, unit=unit)
    hosts = {key: replace(evidence, facts=replace(evidence.facts, located=located))}
    (cause,) = causes_on_host(snapshot, key, hosts, waiting=True)
    assert cause.cause == "session-stuck"
    assert says in plain(cause.helps)
    assert remedy_of(cause.remedied or cause.cause).action == action
