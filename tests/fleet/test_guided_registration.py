"""What must hold before a runner is registered anew, what is sent then, and what proves it."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.evidence import DirectoryOf, Evidence, Fact, GroupsOf, RunnerNamed, RunnerNow, ServiceOf
from console.fleet.guided_actions.jit import register_then_jit
from console.fleet.guided_actions.registration import reregister, reregister_local
from console.fleet.models import Runner, RunnerGroup, Scope, plain
from console.fleet.plans import Call, OnHost, Until
from console.fleet.registration_conditions import RegisteredAnew
from console.fleet.service_state import DirectoryState, ServiceState
from tests.fleet.fleets import LINUX, NOON, fleet, group, runner
from tests.fleet.planning import planned, refused
from tests.fleet.services import PLACE, UNIT, WORKER, evidence, service
from tests.fleet.test_guided_jit import OLD, facts

HOME = DirectoryState("runner", "allowed")
LOST = runner(status="offline", labels=(*LINUX, "gpu", "os:jammy"))
KEY = LOST.key
DEAD = service(active="inactive", sub="dead", listeners=())


def known(
    lost: Runner = LOST,
    state: ServiceState = DEAD,
    home: DirectoryState = HOME,
    groups: tuple[RunnerGroup, ...] = (group(name="Build Machines"),),
) -> Evidence:
    found: dict[Fact[Any], object] = {
        GroupsOf(Scope("org", "acme")): groups,
        DirectoryOf(PLACE.host, PLACE.directory): home,
    }
    return evidence(state, lost, more=found)


def test_two_tokens_go_to_one_script_that_keeps_name_group_and_its_own_labels() -> None:
    plan = planned(reregister(known(), KEY))
    removal, registration, script, proof = plan.parts
    assert isinstance(removal, Call)
    assert isinstance(registration, Call)
    assert (removal.gives, registration.gives) == ("remove-token", "registration-token")
    assert isinstance(script, OnHost)
    assert script.takes == ("remove-token", "registration-token")
    where = ("/opt/actions-runner", UNIT, "1", "https://github.com/acme")
    assert script.values == (*where, "linux-1", "Build Machines", "gpu,os:jammy", "-", "alice")
    assert isinstance(proof, Until)
    assert plan.typed == "linux-1"


def test_where_github_is_not_asked_the_removal_is_local_and_takes_one_token() -> None:
    registration, script, _ = planned(reregister_local(known(), KEY)).parts
    assert isinstance(registration, Call)
    assert isinstance(script, OnHost)
    assert script.takes == ("registration-token",)
    assert script.values[7] == "local"


def test_a_runner_of_a_repository_has_no_group() -> None:
    lost = replace(LOST, scope="repo:acme/web", group_id=None)
    place = replace(PLACE, runner=lost.key)
    plan = planned(reregister(known(lost, replace(DEAD, located=place)), lost.key))
    script = plan.parts[2]
    assert isinstance(script, OnHost)
    assert script.values[5] == "-"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"busy": True}, "It runs a job"),
        ({"ephemeral": True}, "Regenerate JIT config"),
        ({"os": "Windows"}, "systemd"),
        ({"name": "a b"}, "Its name has characters"),
        ({"name": "-rf"}, "Its name has characters"),
        ({"labels": ("self-hosted", "a b")}, "A label of it has characters"),
        ({"labels": ("x␛",)}, "A label of it has characters"),
        ({"group_id": 7}, "runner group is not there"),
    ],
)
def test_what_it_is_not_done_to(changes: dict[str, Any], words: str) -> None:
    assert words in refused(reregister(known(replace(LOST, **changes)), KEY))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workers": (WORKER,)}, "works on a job"),
        ({"updating": True}, "updating itself"),
        ({"lock": "held"}, "Somebody else is at work"),
        ({"load": "masked"}, "masked"),
        ({"agent_id": 2}, "Another runner lives in its directory"),
        ({"address": ""}, "set up just in time"),
        ({"sudo": (("start", "allowed"),)}, "could not be told"),
        ({"sudo": (("stop", "allowed"), ("start", "password"))}, "sudo asks for a password"),
    ],
)
def test_its_host_is_looked_at_as_before_a_restart(changes: dict[str, Any], words: str) -> None:
    assert words in refused(reregister(known(state=replace(DEAD, **changes)), KEY))


def test_without_the_right_to_be_its_user_no_token_is_asked_for() -> None:
    words = refused(reregister(known(home=DirectoryState("runner", "not-allowed")), KEY))
    assert "%ops ALL=(runner) NOPASSWD: /bin/bash -s" in words


def test_a_group_whose_name_is_not_sent_is_refused() -> None:
    assert "name of its group" in refused(reregister(known(groups=(group(name="a'b"),)), KEY))


PROOF = RegisteredAnew(PLACE, "linux-1", "a" * 32, NOON)
_ON = runner(9, name="linux-1")
_PLACE = replace(PLACE, runner=_ON.key, agent_id=9)
_BACK = service(located=_PLACE, invocation="b" * 32, listening_since=NOON, agent_id=9)


@pytest.mark.parametrize(
    ("listed", "state", "met", "words"),
    [
        (None, _BACK, False, "no runner of that name"),
        (LOST, _BACK, False, "still lists it under its old id, 1"),
        (_ON, replace(_BACK, agent_id=1), False, "settings on its host"),
        (_ON, replace(_BACK, invocation="a" * 32), False, "not been started anew"),
        (_ON, replace(_BACK, listeners=()), False, "listener"),
        (_ON, _BACK, True, "Its id is 9 now."),
    ],
)
def test_another_id_that_is_online_and_the_service_back_are_the_proof(
    listed: Runner | None, state: ServiceState, met: bool, words: str
) -> None:
    found: dict[Fact[Any], object] = {
        RunnerNamed("org:acme", "linux-1"): listed,
        RunnerNow(_ON.key): _ON,
        ServiceOf(_PLACE): state,
    }
    judged = PROOF.judge(Evidence(fleet(), found, now=NOON))
    assert judged.met is met
    assert words in plain(judged.missing)


def test_an_ordinary_runner_is_registered_before_the_config_for_one_job_is_made() -> None:
    ordinary = replace(LOST, id=3, name="linux-3")
    there = replace(PLACE, runner=ordinary.key, directory="/opt/other", agent_id=3)
    state = replace(DEAD, located=there, agent_id=3)
    more = {**known(ordinary, state)._known, DirectoryOf(there.host, "/opt/other"): HOME}
    more[RunnerNamed("org:acme", "linux-3")] = ordinary
    plan = planned(register_then_jit(facts(known=more, given="linux-3"), OLD.key))
    sent = [part.script.id if isinstance(part, OnHost) else type(part).__name__ for part in plan.parts]
    assert sent == ["Call", "Call", "reregister", "Until", "Call", "jit-start", "Until", "Call", "Until"]
    assert plan.typed == "linux-3"
    assert "reregister-local" in plain(plan.halfway)
    assert "remove-runner" in plain(plan.halfway)
    busy = {**more, RunnerNow(ordinary.key): replace(ordinary, busy=True)}
    assert "linux-3: It runs a job" in refused(register_then_jit(facts(known=busy, given="linux-3"), OLD.key))
