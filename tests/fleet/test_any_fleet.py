"""What holds of every fleet, however odd or large."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.diagnosis import diagnose, diagnosing, judge
from console.fleet.inquiry import Case, Verdict
from console.fleet.models import Job, Runner
from console.fleet.rules import RULES, RULES_ABOUT
from tests.fleet.any_fleet import ANY_JOB, ANY_RUNNER, some_fleet
from tests.fleet.fleets import fleet, job, runner


@given(st.lists(ANY_RUNNER, max_size=8), st.lists(ANY_JOB, max_size=8), st.booleans())
def test_every_waiting_job_has_exactly_one_reason_whatever_the_fleet(
    runners: list[Runner], jobs: list[Job], whole: bool
) -> None:
    snapshot = some_fleet(runners, jobs, whole)
    diagnosis = judge(snapshot)
    waiting = {key for key, each in snapshot.jobs.items() if each.status not in {"in_progress", "completed"}}
    assert set(diagnosis.reasons) == waiting
    assert {reason.cause for reason in diagnosis.reasons.values()} <= {rule.cause for rule in RULES}
    assert set(diagnosis.takers) == {key for key, each in snapshot.jobs.items() if each.queued}
    keys = [finding.key for finding in diagnosis.findings]
    assert len(keys) == len(set(keys))


@given(st.lists(ANY_RUNNER, max_size=8), st.lists(ANY_JOB, max_size=8))
def test_a_job_is_idle_while_queued_just_when_some_finding_names_it(runners: list[Runner], jobs: list[Job]) -> None:
    diagnosis = judge(some_fleet(runners, jobs, True))
    told = {key for finding in diagnosis.findings if finding.cause == "idle-while-queued" for key in finding.jobs}
    assert told == {key for key, reason in diagnosis.reasons.items() if reason.cause == "idle-while-queued"}


BUSY = [runner(n, busy=True) for n in range(3000)]
IDLE = [runner(n) for n in range(3000)]
JOBS = [job(n, repository=f"acme/r{n % 50}") for n in range(1500)]


@pytest.mark.parametrize(
    ("runners", "jobs", "at_least"),
    [
        (BUSY, [], 10),
        (IDLE, [], 20),
        ([], JOBS, 30),
        (BUSY[:1], [job(n, labels=("self-hosted", f"kind-{n}")) for n in range(300)], 100),
        (IDLE, JOBS, 50),
    ],
)
def test_a_large_fleet_is_judged_in_many_slices(runners: list[Runner], jobs: list[Job], at_least: int) -> None:
    number, slices = 0, diagnosing(fleet(runners=runners, jobs=jobs))
    while next(slices, "done") != "done":
        number += 1
    assert number >= at_least


def test_jobs_that_ask_for_the_same_are_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Case] = []
    *others, last = RULES_ABOUT["request"]

    def judged(case: Case) -> Verdict | None:
        asked.append(case)
        return last.judge(case)

    monkeypatch.setitem(RULES_ABOUT, "request", (*others, last._replace(judge=judged)))
    diagnose(fleet(runners=[runner()], jobs=[job(n) for n in range(100)]))
    assert len(asked) == 1
