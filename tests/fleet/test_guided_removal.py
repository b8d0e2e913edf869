"""Runners that are taken off GitHub's list, and labels that come and go."""

from typing import Any

import pytest

from console.fleet.conditions import RunnerGone
from console.fleet.evidence import Evidence, RunnerNow
from console.fleet.guided_actions import GUIDED_ACTIONS, offer
from console.fleet.guided_actions.removal import adjust_labels, remove_dead_runner
from console.fleet.models import Runner, plain
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.runner_conditions import LabelsAre
from tests.fleet.fleets import LINUX, NOON, fleet, runner
from tests.fleet.planning import planned, refused, told

DEAD = runner(status="offline")
KEY = DEAD.key
PATH = "/orgs/acme/actions/runners/1"


def knowing(given: Runner | None, written: str = "") -> Evidence:
    return Evidence(fleet(), {RunnerNow(KEY): given}, now=NOON, given=written)


def labelled(written: str, *labels: str) -> Plan | Refusal:
    return adjust_labels(knowing(runner(labels=(*LINUX, *labels)), written), KEY)


def sent(plan: Plan) -> list[tuple[str, str, object]]:
    return [(part.method, part.path, part.body) for part in plan.parts if isinstance(part, Call)]


def test_a_dead_runner_is_removed_once_its_name_is_typed_and_that_it_is_gone_is_the_proof() -> None:
    plan = planned(remove_dead_runner(knowing(DEAD), KEY))
    assert sent(plan) == [("DELETE", PATH, None)]
    proof = plan.parts[-1]
    assert isinstance(proof, Until)
    assert proof.condition == RunnerGone(KEY)
    assert plan.typed == "linux-1"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "does not list it any more"),
        (runner(), "It is online"),
        (runner(status="offline", busy=True), "removes no busy runner (422)"),
        (runner(busy=True), "removes no busy runner (422)"),
        (runner(status="dreaming"), "dreaming. This console does not know"),
    ],
)
def test_only_a_runner_that_is_offline_and_not_busy_is_removed(given: Runner | None, words: str) -> None:
    assert words in refused(remove_dead_runner(knowing(given), KEY))


def test_a_name_that_nobody_can_type_is_not_asked_for() -> None:
    odd = runner(status="offline", name="linux␛[31m-1")
    assert planned(remove_dead_runner(knowing(odd), KEY)).typed == "1"


def test_labels_come_and_go_and_before_and_after_are_shown() -> None:
    plan = planned(labelled("+gpu, -OLD", "old", "kept"))
    assert sent(plan) == [
        ("POST", f"{PATH}/labels", {"labels": ["gpu"]}),
        ("DELETE", f"{PATH}/labels/old", None),
    ]
    proof = plan.parts[-1]
    assert isinstance(proof, Until)
    assert proof.condition == LabelsAre(KEY, frozenset({"self-hosted", "linux", "x64", "kept", "gpu"}))
    about = {name: plain(value) for name, value in plan.about}
    assert about["before"] == "self-hosted, Linux, X64, old, kept"
    assert about["after"] == "self-hosted, Linux, X64, kept, gpu"
    assert "Jobs that ask for old do not come to it any more" in told(plan)
    assert plan.typed == ""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("gpu", "no change of a label: gpu. Write each label with a +"),
        ("+", "no change of a label"),
        ("-..", "no change of a label"),
        ("+gpu -GPU", "to come and to go: gpu"),
        ("-linux", "does not let them be taken: linux"),
        ("-self-hosted -X64", "self-hosted, x64"),
        ("+Linux", "has exactly these labels already"),
        ("-gpu", "has exactly these labels already"),
        ("+a␛b", "no change of a label"),
        ("+" + "x" * 257, "no change of a label"),
        (" ".join(f"+l{number}" for number in range(99)), "100 labels at most; it would have 102"),
    ],
)
def test_what_cannot_be_meant_or_done_changes_no_label(written: str, words: str) -> None:
    assert words in refused(labelled(written))


def test_a_runner_made_with_a_config_of_its_own_may_lose_even_common_labels() -> None:
    plan = planned(adjust_labels(knowing(runner(labels=("linux", "gpu")), "-linux"), KEY))
    assert sent(plan) == [("DELETE", f"{PATH}/labels/linux", None)]


def test_the_question_rests_on_the_labels_as_they_were() -> None:
    assert planned(labelled("+gpu")).rests_on != planned(labelled("+gpu", "other")).rests_on


def test_the_menu_offers_it_before_anything_was_written() -> None:
    offered = offer(GUIDED_ACTIONS["adjust-labels"], knowing(runner()), KEY, frozenset({"no-runner-has-labels"}))
    assert (offered.refusal, offered.fits) == (None, True)
    assert "not been written" in refused(labelled("  "))
    assert "does not list it" in refused(adjust_labels(knowing(None, "+gpu"), KEY))


@pytest.mark.parametrize(
    ("given", "met", "words"),
    [
        (runner(labels=("self-hosted", "GPU")), True, "exactly these labels"),
        (runner(labels=("self-hosted",)), False, "does not have gpu yet"),
        (runner(labels=("self-hosted", "gpu", "old")), False, "still has old"),
        (None, False, "does not list it"),
    ],
)
def test_labels_are_proved_by_what_github_shows(given: Any, met: bool, words: str) -> None:
    judged = LabelsAre(KEY, frozenset({"self-hosted", "gpu"})).judge(knowing(given))
    assert judged.met is met
    assert words in plain(judged.missing)
