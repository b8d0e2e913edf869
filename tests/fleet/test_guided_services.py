"""What may be done to a runner's service, what may not, and what proves that it was done."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from console.errors import HostUnreachableError
from console.fleet.conditions import RunnerIdle, ServiceBack, ServiceStopped
from console.fleet.evidence import Evidence, RunnerNow
from console.fleet.guided_actions import GUIDED_ACTIONS, offer
from console.fleet.guided_actions.services import (
    drain,
    restart_service,
    restart_when_idle,
    return_to_work,
    start_service,
)
from console.fleet.hosts import HostProcess
from console.fleet.models import plain
from console.fleet.plans import OnHost, Until
from console.fleet.service_state import AtWork
from tests.fleet.fleets import NOON, fleet, job, runner
from tests.fleet.planning import planned, refused
from tests.fleet.services import PLACE, UNIT, WORKER, evidence, service

KEY = runner().key
BACK = ServiceBack(KEY, PLACE, "a" * 32, NOON)
LATER = NOON + timedelta(seconds=3)


def test_an_idle_runner_s_service_is_restarted_by_one_script_that_names_unit_directory_agent_and_address() -> None:
    plan = planned(restart_service(evidence(), KEY))
    script, proof = plan.parts
    assert isinstance(script, OnHost)
    assert script.host == "linux-1.example"
    seen = "a" * 32
    assert script.values == ("restart", UNIT, "/opt/actions-runner", "1", "https://github.com/acme", seen, "alice")
    assert isinstance(proof, Until)
    assert plan.typed == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workers": (WORKER,)}, "works on a job"),
        ({"unreadable": 1}, "1 process of its unit could not be looked at"),
        ({"group_known": False}, "could not be listed"),
        ({"updating": True}, "updating itself"),
        ({"agent_id": 2}, "Another runner lives in its directory"),
        ({"agent_id": None}, "Another runner lives in its directory"),
        ({"located": replace(PLACE, address="https://github.com/acme/api")}, "Another runner lives in its directory"),
        ({"load": "masked"}, "masked"),
        ({"load": "not-found"}, "not-found"),
        ({"active": "inactive"}, "Start service"),
        ({"sudo": (("restart", "password"),)}, "sudo asks for a password"),
        ({"sudo": (("restart", "password"),)}, "visudo"),
        ({"sudo": (("restart", "tty"),)}, "requiretty"),
        ({"sudo": ()}, "could not be told"),
        ({"lock": "held"}, "Somebody else is at work"),
        ({"at_work": AtWork("bob@192.0.2.4", "restart")}, "bob@192.0.2.4"),
        ({"at_work": AtWork("bob@192.0.2.4", "restart", NOON)}, f"It was begun at {NOON:%H:%M:%SZ}. Wait for its end"),
    ],
)
def test_a_restart_is_refused_where_it_could_hurt_or_could_not_work(changes: dict[str, Any], words: str) -> None:
    assert words in refused(restart_service(evidence(service(**changes)), KEY))


def test_a_busy_runner_is_not_restarted_and_its_host_is_not_even_asked() -> None:
    busy = runner(busy=True)
    known = Evidence(fleet(runners=(busy,)), {RunnerNow(KEY): busy}, now=NOON)
    assert "Restart when idle" in refused(restart_service(known, KEY))


def test_a_runner_that_github_no_longer_lists_is_left_alone() -> None:
    assert "does not list it" in refused(restart_service(Evidence(fleet(), {RunnerNow(KEY): None}, now=NOON), KEY))


@pytest.mark.parametrize("system", ["macOS", "Windows", ""])
def test_services_are_only_acted_on_where_systemd_keeps_them(system: str) -> None:
    assert "systemd" in refused(restart_service(evidence(given=runner(os=system)), KEY))


def test_a_runner_without_a_unit_is_not_restarted() -> None:
    place = replace(PLACE, unit=None)
    assert "No systemd unit" in refused(restart_service(evidence(service(located=place)), KEY))


def test_of_two_directories_with_the_settings_of_one_runner_none_is_acted_on() -> None:
    place = replace(PLACE, twins=("/opt/copy",))
    assert "/opt/actions-runner and /opt/copy" in refused(restart_service(evidence(service(located=place)), KEY))


def test_where_identity_is_only_likely_the_runner_s_name_must_be_typed() -> None:
    plan = planned(restart_service(evidence(service(located=replace(PLACE, certainty="likely"), address="")), KEY))
    assert plan.typed == "linux-1"
    assert "likely, not proved" in " ".join(map(plain, plan.notes))


def test_without_a_lock_the_plan_says_that_a_second_operator_would_not_be_seen() -> None:
    plan = planned(restart_service(evidence(service(lock="none")), KEY))
    assert "second operator" in " ".join(map(plain, plan.notes))


def test_a_dead_service_is_started_and_a_running_one_is_not() -> None:
    offline = runner(status="offline")
    dead = evidence(service(active="inactive", sub="dead", listeners=()), offline)
    script = planned(start_service(dead, KEY)).parts[0]
    assert isinstance(script, OnHost)
    assert script.values[0] == "start"
    assert "its service runs" in refused(start_service(evidence(), KEY))
    assert "Restart service" in refused(start_service(evidence(given=offline), KEY))
    assert planned(return_to_work(dead, KEY)).action == "return"


def test_restart_when_idle_waits_for_the_job_s_end_first() -> None:
    busy = evidence(service(workers=(WORKER,)), runner(busy=True))
    wait, script, proof = planned(restart_when_idle(busy, KEY)).parts
    assert isinstance(wait, Until)
    assert isinstance(wait.condition, RunnerIdle)
    assert isinstance(script, OnHost)
    assert script.values[0] == "restart"
    assert isinstance(proof, Until)
    assert "Restart service" in refused(restart_when_idle(evidence(), KEY))


def test_draining_stops_the_service_once_idle_and_says_what_that_costs() -> None:
    plan = planned(drain(evidence(service(workers=(WORKER,)), runner(busy=True)), KEY))
    assert [part.values[0] for part in plan.parts if isinstance(part, OnHost)] == ["stop"]
    assert isinstance(plan.parts[-1], Until)
    assert isinstance(plan.parts[-1].condition, ServiceStopped)
    assert "takes no jobs" in plain(plan.hurts[0])


BACK_AGAIN = {"invocation": "b" * 32, "host_time": LATER, "listening_since": LATER}


def test_what_a_listener_before_it_has_said_does_not_prove_that_this_one_listens() -> None:
    """A restart that waited for hours looks back that far."""
    waited = replace(BACK, since=NOON - timedelta(hours=3))
    young = (HostProcess(41, timedelta(seconds=4)),)
    before = {**BACK_AGAIN, "listeners": young, "listening_since": LATER - timedelta(minutes=20)}
    assert "Listening for Jobs" in plain(waited.judge(evidence(service(**before))).missing)
    assert waited.judge(evidence(service(**{**BACK_AGAIN, "listeners": young}))).met


@pytest.mark.parametrize("changes", [{"active": "deactivating"}, {"lock": "held"}, {"invocation": ""}])
def test_what_is_still_being_stopped_is_not_called_undone(changes: dict[str, Any]) -> None:
    assert BACK.judge(evidence(service())).undone
    assert not BACK.judge(evidence(service(**changes))).undone


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"invocation": "a" * 32}, "has not been started anew"),
        ({"invocation": ""}, "has not been started anew"),
        ({"listeners": (HostProcess(1), HostProcess(2))}, "2 listeners run there"),
        ({"listeners": ()}, "0 listeners"),
        ({"listening_since": NOON - timedelta(seconds=1)}, "Listening for Jobs"),
        ({"listening_since": None}, "Listening for Jobs"),
        ({"active": "activating"}, "activating"),
        ({"active": "failed", "result": "exit-code"}, "has ended again: failed, exit-code"),
    ],
)
def test_a_restart_is_not_proved_while_anything_is_missing(changes: dict[str, Any], missing: str) -> None:
    judged = BACK.judge(evidence(service(**{**BACK_AGAIN, **changes})))
    assert not judged.met
    assert missing in plain(judged.missing)


def test_a_restart_is_proved_by_a_new_invocation_one_listener_that_listens_and_github() -> None:
    assert BACK.judge(evidence(service(**BACK_AGAIN))).met
    offline = BACK.judge(evidence(service(**BACK_AGAIN), runner(status="offline")))
    assert not offline.met
    assert "online" in plain(offline.missing)


def test_where_jobs_waited_one_must_be_taken() -> None:
    waiting = job(7, labels=("self-hosted", "linux"))
    proof = replace(BACK, waiting=(waiting.key,))
    still = fleet(runners=(runner(),), jobs=(waiting,))
    assert "none of the jobs" in plain(proof.judge(evidence(service(**BACK_AGAIN), snapshot=still)).missing)
    taken = fleet(runners=(runner(),), jobs=(replace(waiting, status="in_progress", runner_id=1),))
    assert "it has taken a job" in plain(proof.judge(evidence(service(**BACK_AGAIN), snapshot=taken)).missing)
    for other in (replace(waiting, status="completed", conclusion="cancelled"), replace(waiting, runner_id=2)):
        gone = proof.judge(evidence(service(**BACK_AGAIN), snapshot=fleet(runners=(runner(),), jobs=(other,))))
        assert gone.met
        assert "none of the jobs that waited waits any more" in plain(gone.missing)
    two = replace(proof, waiting=(waiting.key, job(8).key))
    elsewhere = fleet(runners=(runner(),), jobs=(replace(waiting, status="in_progress", runner_id=2), job(8)))
    assert not two.judge(evidence(service(**BACK_AGAIN), snapshot=elsewhere)).met
    assert proof.judge(evidence(service(**BACK_AGAIN), runner(busy=True), snapshot=still)).met


def test_the_proof_asks_for_the_jobs_that_have_waited_for_this_runner() -> None:
    mine, fresh = job(7, minutes=10), job(8, minutes=1)
    other = job(9, labels=("self-hosted", "gpu"))
    snapshot = fleet(runners=(runner(),), jobs=(mine, fresh, other))
    proof = planned(restart_service(evidence(snapshot=snapshot), KEY)).parts[-1]
    assert isinstance(proof, Until)
    assert isinstance(proof.condition, ServiceBack)
    assert proof.condition.waiting == (mine.key,)


def test_the_menu_says_what_cannot_be_done_without_asking_anybody() -> None:
    busy = runner(busy=True)
    known = Evidence(fleet(runners=(busy,)), {RunnerNow(KEY): busy}, now=NOON)
    offers = {each: offer(GUIDED_ACTIONS[each], known, KEY, frozenset()) for each in ("restart-service", "drain")}
    assert offers["restart-service"].refusal is not None
    assert offers["drain"].refusal is None


def test_what_helps_against_a_finding_is_marked() -> None:
    known = Evidence(fleet(runners=(runner(),)), {RunnerNow(KEY): runner()}, now=NOON)
    causes = frozenset({"idle-while-queued"})
    assert offer(GUIDED_ACTIONS["restart-service"], known, KEY, causes).fits
    assert not offer(GUIDED_ACTIONS["drain"], known, KEY, causes).fits


def test_a_host_that_cannot_be_reached_is_the_reason_why_nothing_is_offered() -> None:
    gone = evidence(more={RunnerNow(KEY): HostUnreachableError("No route to it", "Check the network.")})
    found = offer(GUIDED_ACTIONS["restart-service"], gone, KEY, frozenset())
    assert found.refusal is not None
    assert "No route" in plain(found.refusal.reason)


def test_where_nobody_could_type_the_name_its_id_is_asked_for() -> None:
    place = replace(PLACE, certainty="likely")
    hostile = evidence(service(located=place, address=""), runner(name="two␊lines"))
    assert planned(restart_service(hostile, KEY)).typed == "1"
