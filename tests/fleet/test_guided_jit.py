"""What must hold before a JIT config is asked for, what is sent then, and what proves that its runner came."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.errors import NotLocatedError
from console.fleet.evidence import DirectoryOf, Evidence, GroupsOf, JobNow, PlaceOf, RouteTo, RunnerNamed, RunnerNow
from console.fleet.evidence import ServiceOf as Service
from console.fleet.guided_actions.jit import regenerate_jit, regenerate_with_labels
from console.fleet.models import Runner, RunnerGroup, Scope, plain
from console.fleet.plans import Call, OnHost, Until
from console.fleet.registration_conditions import RunnerUp
from console.fleet.service_state import AtWork, DirectoryState, ServiceState
from tests.fleet.fleets import NOON, fleet, group, job, runner
from tests.fleet.planning import planned, refused
from tests.fleet.services import PLACE, WORKER, service

OLD = runner(labels=("self-hosted", "Linux", "X64", "gpu"), ephemeral=True)
KEY = OLD.key
HERE = replace(PLACE, unit=None, directory="/home/runner/linux-1", certainty="likely")
BY_HAND = service(located=HERE, address="", load="", active="", sudo=())
HOME = DirectoryState("runner", "allowed")


def facts(
    old: Runner | None = OLD,
    state: ServiceState = BY_HAND,
    home: DirectoryState = HOME,
    groups: tuple[RunnerGroup, ...] = (group(),),
    given: str = "",
    **more: Any,
) -> Evidence:
    names = {RunnerNamed("org:acme", f"linux-1-jit{number}"): None for number in range(2, 10)}
    new = {DirectoryOf(HERE.host, f"/home/runner/linux-1-jit{number}"): DirectoryState() for number in range(2, 10)}
    known: dict[Any, object] = {
        RunnerNow(KEY): old,
        GroupsOf(Scope("org", "acme")): groups,
        PlaceOf(KEY): HERE,
        Service(HERE): state,
        DirectoryOf(HERE.host, HERE.directory): home,
        RouteTo(HERE.host): "ops@10.0.0.7",
        **names,
        **new,
        **more.pop("known", {}),
    }
    snapshot = more.pop("snapshot", fleet(runners=(OLD,)))
    return Evidence(snapshot, known, now=NOON, given=given, operator="alice")


def test_the_new_one_gets_the_group_and_all_labels_of_the_old_one_and_the_config_goes_to_its_start_alone() -> None:
    plan = planned(regenerate_jit(facts(), KEY))
    call, start, proof, removal, gone = plan.parts
    assert isinstance(call, Call)
    assert call.path == "/orgs/acme/actions/runners/generate-jitconfig"
    labels = ["self-hosted", "Linux", "X64", "gpu"]
    assert call.body == {"name": "linux-1-jit2", "runner_group_id": 1, "labels": labels}
    assert call.gives == "jit-config"
    assert isinstance(start, OnHost)
    assert (start.script.id, start.takes) == ("jit-start", ("jit-config",))
    assert start.values == ("/home/runner/linux-1", "/home/runner/linux-1-jit2", "runner", "alice")
    assert isinstance(proof, Until)
    assert proof.condition == RunnerUp("org:acme", "linux-1-jit2")
    assert isinstance(removal, Call)
    assert (removal.method, removal.path) == ("DELETE", "/orgs/acme/actions/runners/1")
    assert isinstance(gone, Until)
    assert plan.typed == "linux-1"
    assert "remove-runner" in plain(plan.halfway)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ephemeral": False}, "not for one job"),
        ({"os": "Windows"}, "runs on Windows"),
        ({"busy": True}, "used up when that ends"),
        ({"labels": ("a␛b",)}, "cannot be sent as they are: a␛b"),
        ({"labels": ()}, "1 to 100 labels; these are 0"),
        ({"name": "a b"}, "not sent to a host as the name of a directory"),
        ({"group_id": None}, "runner group is not there"),
    ],
)
def test_what_it_is_not_done_to(changes: dict[str, Any], words: str) -> None:
    old = replace(OLD, **changes)
    assert words in refused(regenerate_jit(facts(old, snapshot=fleet(runners=(old,))), KEY))


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        ((), "runner group is not there"),
        ((group(visibility="selected", repositories=frozenset()),), "admits no repository"),
        ((group(restricted_to_workflows=True),), "admits no workflow"),
    ],
)
def test_a_group_that_is_of_no_use_is_refused_before_anything_is_made(
    groups: tuple[RunnerGroup, ...], words: str
) -> None:
    assert words in refused(regenerate_jit(facts(groups=groups), KEY))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"workers": (WORKER,)}, "works on a job"),
        ({"unreadable": 1}, "could not be looked at"),
        ({"updating": True}, "updating itself"),
        ({"agent_id": 2}, "Another runner lives in its directory"),
        ({"lock": "held"}, "Somebody else is at work"),
        ({"at_work": AtWork("bob@192.0.2.4", "restart")}, "bob@192.0.2.4"),
    ],
)
def test_its_host_is_looked_at_as_before_a_restart(state: dict[str, Any], words: str) -> None:
    assert words in refused(regenerate_jit(facts(state=replace(BY_HAND, **state)), KEY))


def test_where_github_does_not_say_that_it_is_for_one_job_its_settings_have_to() -> None:
    old = replace(OLD, ephemeral=None)
    assert planned(regenerate_jit(facts(old), KEY))
    ordinary = replace(BY_HAND, address="https://github.com/acme")
    assert "does not say whether" in refused(regenerate_jit(facts(old, state=ordinary), KEY))


def test_a_directory_that_the_used_up_runner_has_left_is_a_source_too() -> None:
    assert planned(regenerate_jit(facts(state=replace(BY_HAND, agent_id=None)), KEY))


@pytest.mark.parametrize(
    ("home", "words"),
    [
        (DirectoryState("root", "root"), "belongs to root"),
        (DirectoryState("", "allowed"), "nobody who could be told"),
        (DirectoryState("$(x)", "allowed"), "belongs to $(x)"),
        (DirectoryState("runner", "not-allowed"), "%ops ALL=(runner) NOPASSWD: /bin/bash -s"),
    ],
)
def test_no_config_is_made_that_nobody_there_could_use(home: DirectoryState, words: str) -> None:
    assert words in refused(regenerate_jit(facts(home=home), KEY))


@pytest.mark.parametrize(
    ("given", "lost"),
    [("gpu", "linux, self-hosted, x64"), ("self-hosted gpu linux", "x64"), ("self-hosted,Linux,gpu", "x64")],
)
def test_other_labels_are_the_full_list_with_what_all_runners_have(given: str, lost: str) -> None:
    assert f"would lack what the old one has: {lost}." in refused(regenerate_with_labels(facts(given=given), KEY))


def test_labels_that_were_missing_can_be_given_to_the_new_one() -> None:
    bare = replace(OLD, labels=("gpu",))
    assert "no label self-hosted" in " ".join(map(plain, planned(regenerate_jit(facts(bare), KEY)).notes))
    plan = planned(regenerate_with_labels(facts(bare, given="self-hosted linux x64 gpu"), KEY))
    call = plan.parts[0]
    assert isinstance(call, Call)
    assert call.body is not None
    assert call.body["labels"] == ["self-hosted", "linux", "x64", "gpu"]
    assert plan.action == "regenerate-jit-labels"


def test_names_that_are_taken_at_github_or_on_the_host_are_passed_over() -> None:
    taken = {
        RunnerNamed("org:acme", "linux-1-jit2"): runner(9),
        DirectoryOf(HERE.host, "/home/runner/linux-1-jit3"): HOME,
    }
    start = planned(regenerate_jit(facts(known=taken), KEY)).parts[1]
    assert isinstance(start, OnHost)
    assert start.values[1] == "/home/runner/linux-1-jit4"
    every = {RunnerNamed("org:acme", f"linux-1-jit{number}"): runner(number) for number in range(2, 10)}
    assert "all taken" in refused(regenerate_jit(facts(known=every), KEY))


def test_the_successor_of_a_successor_keeps_the_name() -> None:
    old = replace(OLD, name="linux-1-jit7")
    start = planned(regenerate_jit(facts(old), KEY)).parts[1]
    assert isinstance(start, OnHost)
    assert start.values[1] == "/home/runner/linux-1-jit2"


def test_one_that_was_lost_with_its_job_is_replaced_and_not_yet_removed() -> None:
    lost = replace(OLD, status="offline", busy=True)
    plan = planned(regenerate_jit(facts(lost), KEY))
    assert len(plan.parts) == 3
    assert "422" in " ".join(map(plain, plan.notes))


def test_of_one_that_github_has_forgotten_neither_group_nor_labels_are_known() -> None:
    assert "Another runner of its kind" in refused(regenerate_jit(facts(None), KEY))


def test_where_its_process_is_gone_another_one_of_its_kind_shows_the_place_and_may_work_meanwhile() -> None:
    other = replace(OLD, id=5, name="linux-5", busy=True)
    unlike = replace(OLD, id=4, name="linux-4", labels=("self-hosted",))
    there = replace(HERE, runner=other.key, directory="/home/runner/linux-5", agent_id=5)
    known = {
        PlaceOf(KEY): NotLocatedError("It was not found", "Look."),
        PlaceOf(other.key): there,
        Service(there): replace(BY_HAND, located=there, agent_id=5, workers=(WORKER,)),
        DirectoryOf(there.host, there.directory): HOME,
    }
    start = planned(regenerate_jit(facts(known=known, snapshot=fleet(runners=(OLD, unlike, other))), KEY)).parts[1]
    assert isinstance(start, OnHost)
    assert start.values[:2] == ("/home/runner/linux-5", "/home/runner/linux-1-jit2")


def judged(known: dict[Any, object], *waiting: Any) -> tuple[bool, str]:
    found = RunnerUp("org:acme", "linux-2", tuple(waiting)).judge(Evidence(fleet(), known, now=NOON))
    return found.met, plain(found.missing)


def test_online_is_the_proof_and_where_jobs_wait_one_that_it_took() -> None:
    named, waits = RunnerNamed("org:acme", "linux-2"), job()
    on = runner(2)
    assert judged({named: on}) == (True, "GitHub sees it online.")
    assert judged({named: replace(on, status="offline")})[0] is False
    assert judged({named: on, JobNow(waits.key): waits}, waits.key) == (
        False,
        "GitHub sees it online; it has taken none of the jobs that wait.",
    )
    assert judged({named: replace(on, busy=True)}, waits.key)[0] is True
    taken = replace(waits, status="in_progress", runner_id=2, runner_name="linux-2")
    assert judged({named: None, JobNow(waits.key): taken}, waits.key) == (True, "It has taken a job that waited.")
    by_another = replace(taken, runner_id=3, runner_name="linux-3")
    assert judged({named: on, JobNow(waits.key): by_another}, waits.key)[0] is True
    assert judged({named: None, JobNow(waits.key): by_another}, waits.key)[0] is False
