"""What a suspected runner's host says, condition by condition."""

import pytest

from console.fleet.explain import explain_job
from console.fleet.findings import Condition, Explanation
from console.fleet.host_causes import causes_on_host
from console.fleet.host_chain import LINKS, host_chain
from console.fleet.host_rules import HOST_RULES
from console.fleet.models import JobKey, plain
from tests.judgement.reading import Case, Host, cases, hosts_of, snapshot_of

LISTENS = "50 INFO Terminal WRITE LINE: 2026-03-01 11:10:00Z: Listening for Jobs"


def of(host: Host) -> Explanation:
    case = Case("one", runs=[{}], hosts=[host])
    snapshot = snapshot_of(case)
    return explain_job(snapshot, JobKey("acme/web", 1), hosts=hosts_of(case, snapshot))


def by_text(explanation: Explanation) -> dict[str, Condition]:
    return {each.text: each for each in explanation.conditions}


def test_of_a_host_on_which_all_is_well_every_condition_is_told() -> None:
    told = by_text(of(Host(1, flow="V1", log=[LISTENS, "5 INFO Terminal WRITE LINE: all is well"])))
    assert plain(told["its disk has room"].found) == "40 GB free"
    assert plain(told["its host has time and memory for a job"].found) == "load 0.5 on 8 cores, 12.0 GB of memory free"
    assert all(told[text].met for text in ("the clock of its host is right", "its service runs"))
    assert told["its host reaches GitHub"].met is True


def test_a_silent_v2_listener_proves_nothing_of_its_connection() -> None:
    told = by_text(of(Host(1, log=[LISTENS])))
    assert told["its host reaches GitHub"].met is None
    assert "tells nothing" in plain(told["its session brings it jobs"].found)


def test_a_log_that_could_not_be_read_says_nothing_for_an_update_or_a_session_either() -> None:
    told = by_text(of(Host(1)))
    for text in ("it is not updating itself", "its session is its own"):
        assert (told[text].met, plain(told[text].found)) == (None, "its log could not be read")


def test_a_conflict_of_long_ago_leaves_open_whose_the_session_is() -> None:
    old = "90 ERR Terminal WRITE ERROR: A session for this runner already exists."
    told = by_text(of(Host(1, log=[old])))["its session is its own"]
    assert (told.met, plain(told.found)) == (None, "1 listener, and its log has a conflict that nothing has ended")


def test_a_host_that_cannot_be_asked_is_one_unknown_condition() -> None:
    explanation = of(Host(1, unknown="SSH refused the key"))
    assert (explanation.conditions[-1].met, plain(explanation.conditions[-1].found)) == (None, "SSH refused the key")


HOSTED = [case for kind in ("alone", "mixed", "beside") for case in cases(kind) if case.hosts]


@pytest.mark.parametrize("case", HOSTED, ids=lambda case: case.name)
def test_the_first_condition_that_a_host_does_not_meet_is_the_cause_that_is_named(case: Case) -> None:
    snapshot = snapshot_of(case)
    hosts = hosts_of(case, snapshot)
    for key, evidence in hosts.items():
        causes = causes_on_host(snapshot, key, hosts, waiting=snapshot.runners[key].idle)
        first = next((each for each in host_chain(evidence, causes) if each.met is False), None)
        assert (first.found if first is not None else None) == (causes[0].suspicion if causes else None)


def test_every_cause_that_a_host_can_tell_of_is_a_condition_of_it() -> None:
    assert {cause for link in LINKS for cause in link.causes} == {rule.cause for rule in HOST_RULES}


def test_a_worker_whose_job_has_only_just_ended_is_left_alone() -> None:
    case = Case("one", jobs=[], idle_minutes=0.5, hosts=[Host(1, workers=[35])])
    snapshot = snapshot_of(case)
    assert causes_on_host(snapshot, next(iter(snapshot.runners)), hosts_of(case, snapshot), waiting=False) == ()
