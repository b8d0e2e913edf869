"""A job that its concurrency group holds back: which run is probably ahead of it."""

from typing import Any

from console.fleet.diagnosis import diagnose
from console.fleet.explain import explain_job
from console.fleet.models import Run, plain
from tests.fleet.fleets import ago, fleet, job, run

HELD = job(1, 11, status="pending")


def ahead(*others: Run, **own: Any) -> str:
    """What is said of a held job's run next to these others."""
    snapshot = fleet(jobs=[HELD], runs=[run(101, status="pending", created_at=ago(11), **own), *others])
    (finding,) = diagnose(snapshot)
    explanation = explain_job(snapshot, HELD.key)
    assert finding.evidence[0] in explanation.notes
    return plain(finding.evidence[0])


def other(number: int, minutes: float = 26, **changes: Any) -> Run:
    return run(number, **{"status": "in_progress", "created_at": ago(minutes), "title": f"Run {number}", **changes})


def test_the_run_of_the_same_workflow_and_branch_that_goes_first_is_named() -> None:
    said = ahead(other(90, 40, branch="topic"), other(91), other(92, 20))
    assert said == "Probably ahead of it: acme/web #-9 Run 91, in progress, a run of the same workflow and branch."


def test_a_run_of_the_same_workflow_on_another_branch_may_be_ahead_too() -> None:
    said = ahead(other(90, branch="topic", status="waiting"))
    assert said == "Probably ahead of it: acme/web #-10 Run 90, status waiting, a run of the same workflow."


def test_what_is_over_held_itself_later_or_of_another_workflow_is_not_ahead() -> None:
    others = (
        other(90, status="completed"),
        other(91, status="pending"),
        other(92, minutes=3),
        other(93, path=".github/workflows/other.yml"),
        other(94, repository="acme/api"),
    )
    assert ahead(*others).startswith("Which run is ahead of it is not known")


def test_of_a_job_whose_run_is_not_known_it_is_unknown_which_run_is_ahead() -> None:
    (finding,) = diagnose(fleet(jobs=[HELD]))
    assert plain(finding.evidence[0]).startswith("Which run is ahead of it is not known")
