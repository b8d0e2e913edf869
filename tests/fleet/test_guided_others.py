"""Runs that are cancelled: what is lost by it is said, and typed for."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.evidence import Evidence, RunNow
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.models import Job, Run
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.run_conditions import AttemptEnded
from tests.fleet.fleets import NOON, fleet
from tests.fleet.planning import planned, refused, told
from tests.fleet.runs_and_jobs import GREEN, ended_job, evidence, failed_run

GOING = failed_run(status="in_progress", conclusion=None)
AT_WORK = ended_job(1, name="build", status="in_progress", conclusion=None)
QUEUED = ended_job(1, name="build", status="queued", conclusion=None)


def asked(action: str, run: Run = GOING, *jobs: Job) -> Plan | Refusal:
    return GUIDED_ACTIONS[action].plan(evidence(run, (*jobs, GREEN)), run.key)


@pytest.mark.parametrize(("action", "path"), [("cancel-run", "cancel"), ("force-cancel-run", "force-cancel")])
def test_a_run_in_progress_is_cancelled_once_its_name_is_typed(action: str, path: str) -> None:
    plan = planned(asked(action, GOING, AT_WORK))
    call, proof = plan.parts
    assert isinstance(call, Call)
    assert (call.method, call.path, call.body) == ("POST", f"/repos/acme/web/actions/runs/101/{path}", None)
    assert isinstance(proof, Until)
    assert proof.condition == AttemptEnded(GOING.key, 1)
    assert plan.typed == "ci #42"
    assert "build" in told(plan)
    assert "lint" not in told(plan)


def test_a_run_none_of_whose_jobs_has_begun_loses_nothing() -> None:
    plan = planned(asked("cancel-run", replace(GOING, status="queued"), QUEUED))
    assert plan.typed == ""
    assert "nothing is lost but its turn" in told(plan)
    assert planned(asked("force-cancel-run", replace(GOING, status="queued"), QUEUED)).typed == "ci #42"


def test_force_is_for_a_run_that_was_cancelled_in_vain() -> None:
    assert "was cancelled and did not end" in told(planned(asked("force-cancel-run", GOING, AT_WORK)))


@pytest.mark.parametrize("action", ["cancel-run", "force-cancel-run"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "completed", "conclusion": "cancelled"}, "It has ended: cancelled"),
        ({"status": "completed", "conclusion": None}, "does not say how"),
        ({"status": "dreaming"}, "dreaming. This console does not know"),
    ],
)
def test_what_has_ended_or_is_not_understood_is_not_cancelled(action: str, changes: dict[str, Any], words: str) -> None:
    assert words in refused(asked(action, replace(GOING, **changes)))
    gone = Evidence(fleet(), {RunNow(GOING.key): None}, now=NOON)
    assert "does not know this run" in refused(GUIDED_ACTIONS[action].plan(gone, GOING.key))
