"""What is run again, what GitHub would refuse, and what is said before."""

from datetime import timedelta
from typing import Any

import pytest

from console.fleet.conditions import NewAttempt
from console.fleet.evidence import Evidence, JobNow, RunNow
from console.fleet.guided_actions import GUIDED_ACTIONS, offer
from console.fleet.models import Job, JobKey, Run, RunKey, plain
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.run_conditions import AttemptEnded
from tests.fleet.fleets import NOON, fleet, run
from tests.fleet.planning import planned, refused, told
from tests.fleet.runs_and_jobs import FAILED, GREEN, JOBS, ended_job, evidence, failed_run

RUN = failed_run().key


def asked(action: str, known: Evidence, target: JobKey | RunKey | None = None) -> Plan | Refusal:
    found = GUIDED_ACTIONS[action]
    return found.plan(known, target or (FAILED.key if found.about == "job" else RUN))


def calls_of(plan: Plan) -> list[Call]:
    return [part for part in plan.parts if isinstance(part, Call)]


@pytest.mark.parametrize(
    ("action", "path"),
    [
        ("rerun-job", "/repos/acme/web/actions/jobs/1/rerun"),
        ("rerun-failed", "/repos/acme/web/actions/runs/101/rerun-failed-jobs"),
        ("rerun-run", "/repos/acme/web/actions/runs/101/rerun"),
    ],
)
def test_one_request_runs_it_again_and_a_new_attempt_is_its_proof(action: str, path: str) -> None:
    plan = planned(asked(action, evidence(failed_run(attempt=3))))
    call, proof = plan.parts
    assert isinstance(call, Call)
    assert (call.method, call.path, call.body) == ("POST", path, None)
    assert isinstance(proof, Until)
    assert proof.condition == NewAttempt(RUN, 3)
    assert plan.typed == ""
    assert plan.rests_on == ("3", "ended")
    (debugged,) = calls_of(planned(asked(f"{action}-debug", evidence())))
    assert (debugged.path, debugged.body) == (path, {"enable_debug_logging": True})


def test_what_else_runs_again_whose_rights_and_how_often_is_said_before() -> None:
    later = ended_job(4, name="deploy to nowhere", conclusion="cancelled", started_at=FAILED.completed_at)
    words = told(planned(asked("rerun-job", evidence(failed_run(attempt=3), (*JOBS, later)))))
    assert "it may be notify, deploy to nowhere." in words
    assert "lint" not in words
    assert "the rights of whoever started the run first" in words
    assert "the same commit and workflow file" in words
    assert "re-run 3 of the 50" in words
    assert "29 more days" in words
    words = told(planned(asked("rerun-failed", evidence())))
    assert "1 job did not end well: build. Jobs that need them run again, too. Of those that were skipped" in words
    assert "Every job of it runs again: 3, 1 that ended well among them." in told(
        planned(asked("rerun-run", evidence()))
    )
    alone = told(planned(asked("rerun-job", evidence(jobs=(FAILED, GREEN)))))
    assert "none of those that the run shows does" in alone


@pytest.mark.parametrize("action", ["rerun-job", "rerun-failed", "rerun-run"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "in_progress", "conclusion": None}, "when finished” waits for its end"),
        ({"status": "waiting", "conclusion": None}, "still under way"),
        ({"status": "paused", "conclusion": None}, "paused. This console does not know"),
        ({"conclusion": "exploded"}, "exploded. This console does not know"),
        ({"conclusion": None}, "This console does not know"),
        ({"conclusion": "startup_failure"}, "workflow file cannot be used"),
        ({"conclusion": "action_required"}, "approve"),
        ({"attempt": 51}, "It was re-run 50 times: GitHub allows 50"),
        ({"created_at": NOON - timedelta(days=30, hours=1)}, "nothing older than 30 days"),
    ],
)
def test_what_github_would_refuse_is_refused_here(action: str, changes: dict[str, Any], words: str) -> None:
    assert words in refused(asked(action, evidence(failed_run(**changes))))


def test_the_fiftieth_re_run_is_the_last() -> None:
    assert "re-run 50 of the 50" in told(planned(asked("rerun-job", evidence(failed_run(attempt=50)))))


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (ended_job(1, conclusion="success"), "did not fail: success"),
        (ended_job(1, conclusion="skipped"), "did not fail: skipped"),
        (ended_job(1, conclusion="surprised"), "surprised. This console does not know"),
        (ended_job(1, status="in_progress", conclusion=None), "has not ended"),
        (ended_job(1, status="dreaming", conclusion=None), "dreaming. This console does not know"),
    ],
)
def test_a_job_that_did_not_fail_is_not_run_again_alone(job: Job, words: str) -> None:
    assert words in refused(asked("rerun-job", evidence(jobs=(job, GREEN))))


def test_a_job_that_was_cancelled_is_run_again() -> None:
    assert planned(asked("rerun-job", evidence(jobs=(ended_job(1, conclusion="cancelled"),))))


def test_a_run_whose_jobs_all_ended_well_has_no_failed_ones_to_run_again() -> None:
    green = evidence(failed_run(conclusion="success"), (GREEN,))
    assert "None of its jobs has failed" in refused(asked("rerun-failed", green))
    assert planned(asked("rerun-run", green))


def test_a_job_of_an_earlier_attempt_is_not_run_again() -> None:
    new = ended_job(9, name="build", attempt=2)
    known = evidence(failed_run(attempt=2), (new,), more={JobNow(FAILED.key): FAILED})
    assert "earlier attempt of its run, which is at attempt 2" in refused(asked("rerun-job", known))


def test_what_is_gone_is_refused() -> None:
    known = Evidence(fleet(), {JobNow(FAILED.key): None, RunNow(RUN): None}, now=NOON)
    for action in ("rerun-job", "rerun-failed", "rerun-run"):
        assert "does not know this" in refused(asked(action, known))
    gone = Evidence(fleet(), {JobNow(FAILED.key): FAILED, RunNow(RUN): None}, now=NOON)
    assert "does not know this run" in refused(asked("rerun-job", gone))


@pytest.mark.parametrize("what", ["rerun-job", "rerun-failed", "rerun-run"])
def test_a_run_in_progress_is_waited_for_and_then_run_again(what: str) -> None:
    going = failed_run(status="in_progress", conclusion=None)
    wait, call, proof = planned(asked(f"{what}-when-finished", evidence(going))).parts
    assert isinstance(wait, Until)
    assert wait.condition == AttemptEnded(RUN, 1, badly=what == "rerun-failed")
    assert isinstance(call, Call)
    assert isinstance(proof, Until)
    assert "does it at once" in refused(asked(f"{what}-when-finished", evidence()))


def test_a_plan_that_waits_stays_the_same_while_the_run_goes_from_queued_to_in_progress() -> None:
    queued, going = (failed_run(status=status, conclusion=None) for status in ("queued", "in_progress"))
    one, other = (planned(asked("rerun-run-when-finished", evidence(each))) for each in (queued, going))
    assert one.rests_on == other.rests_on


@pytest.mark.parametrize(
    ("now", "met", "hopeless", "words"),
    [
        (failed_run(status="in_progress", conclusion=None), False, False, "in_progress"),
        (failed_run(), True, False, "failure"),
        (failed_run(conclusion="success"), False, True, "success"),
        (failed_run(attempt=2, status="queued", conclusion=None), False, True, "attempt 2 meanwhile"),
        (None, False, True, "does not know the run"),
    ],
)
def test_waiting_for_failed_jobs_ends_where_there_is_nothing_to_run_again(
    now: Run | None, met: bool, hopeless: bool, words: str
) -> None:
    judged = AttemptEnded(RUN, 1, badly=True).judge(Evidence(fleet(), {RunNow(RUN): now}, now=NOON))
    assert (judged.met, judged.hopeless) == (met, hopeless)
    assert words in plain(judged.missing)


def test_a_run_that_publishes_or_deploys_is_typed_for() -> None:
    release = failed_run(workflow="Release", path=".github/workflows/release.yml")
    plan = planned(asked("rerun-failed", evidence(release)))
    assert plan.typed == "Release #42"
    assert "publishes or deploys" in told(plan)
    assert planned(asked("rerun-job", evidence(jobs=(ended_job(1, name="deploy"),)))).typed == "deploy"


def test_a_run_beside_which_another_one_goes_on_is_typed_for_because_one_may_cancel_the_other() -> None:
    other = run(109, number=43, status="in_progress")
    plan = planned(asked("rerun-run", evidence(snapshot=fleet(runs=(failed_run(), other)))))
    assert plan.typed == "ci #42"
    assert "ci #43 of the same branch is under way" in told(plan)
    elsewhere = run(109, number=43, status="in_progress", branch="other")
    assert planned(asked("rerun-run", evidence(snapshot=fleet(runs=(failed_run(), elsewhere))))).typed == ""


def test_a_run_that_is_waited_for_is_not_beside_itself() -> None:
    going = failed_run(status="in_progress", conclusion=None)
    assert planned(asked("rerun-run-when-finished", evidence(going))).typed == ""


def test_a_name_that_nobody_can_type_is_not_asked_for() -> None:
    odd = ended_job(1, name="🚀 déploiement␛[31m", workflow="deploy")
    assert planned(asked("rerun-job", evidence(failed_run(workflow="deploy"), (odd,)))).typed == "1"
    assert planned(asked("rerun-run", evidence(failed_run(workflow="🚀 deploy"), (odd,)))).typed == "#42"


def test_the_menu_offers_what_helps_and_says_at_once_why_the_rest_is_not_possible() -> None:
    known = Evidence(fleet(), {JobNow(FAILED.key): FAILED}, now=NOON)
    job = offer(GUIDED_ACTIONS["rerun-job"], known, FAILED.key, frozenset({"failed-network"}))
    assert (job.refusal, job.fits) == (None, True)
    debug = offer(GUIDED_ACTIONS["rerun-job-debug"], known, FAILED.key, frozenset({"failed-network"}))
    assert (debug.refusal, debug.fits) == (None, False)
    green = Evidence(fleet(), {JobNow(GREEN.key): GREEN}, now=NOON)
    assert offer(GUIDED_ACTIONS["rerun-job"], green, GREEN.key, frozenset()).refusal is not None
