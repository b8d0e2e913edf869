"""The runner group that a workflow file names, held against the groups of idle runners."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from console.fleet.diagnosis import judge
from console.fleet.findings import Reason
from console.fleet.models import JobKey, RunKey
from console.fleet.open_questions import open_questions
from console.fleet.particulars import KeyOfRun, NamedGroup, Particulars, WorkflowText
from tests.fleet.fleets import fleet, job, run, runner

MANY = 30
OTHER = WorkflowText("ci.yml", "3f2a1c9", (NamedGroup("large-runners", 4),))
PLAIN = WorkflowText("ci.yml", "5e6f7a8", (), others=True)


def causes(**read: WorkflowText) -> dict[int, str]:
    """Of jobs 1 to 30, each of a run of its own; `read` by the number of the run."""
    known: Mapping[KeyOfRun, WorkflowText] = {
        RunKey("acme/web", int(number[1:])): text for number, text in read.items()
    }
    judged = judge(fleet(**many(), particulars=Particulars(workflows=known)))
    return {key.id: reason.cause for key, reason in judged.reasons.items()}


def many() -> dict[str, Any]:
    return {
        "runners": [runner()],
        "jobs": [replace(job(number, minutes=60 - number), run_id=number) for number in range(1, MANY + 1)],
        "runs": [replace(run(number), sha=f"{number:040x}") for number in range(1, MANY + 1)],
    }


def test_of_each_workflow_the_oldest_and_the_newest_run_are_asked_for_their_file() -> None:
    snapshot = fleet(**many())
    reasons = {key: Reason("idle-while-queued", ("idle",)) for key in snapshot.jobs}
    assert open_questions(snapshot, reasons).workflows == (RunKey("acme/web", 1), RunKey("acme/web", MANY))


def test_what_the_first_and_the_last_run_of_a_workflow_say_holds_for_those_between() -> None:
    assert set(causes(n1=OTHER, n30=replace(OTHER, sha="9a8b7c6")).values()) == {"group-named"}


def test_where_the_file_was_changed_meanwhile_only_runs_whose_own_was_read_are_judged_by_it() -> None:
    found = causes(n1=OTHER, n30=PLAIN)
    assert (found[1], found[2], found[30]) == ("group-named", "idle-while-queued", "idle-while-queued")


def test_a_workflow_of_another_file_is_not_judged_by_this_one() -> None:
    given = many()
    given["runs"][1] = replace(given["runs"][1], path=".github/workflows/other.yml")
    known: Mapping[KeyOfRun, WorkflowText] = {RunKey("acme/web", 1): OTHER}
    judged = judge(fleet(**given, particulars=Particulars(workflows=known)))
    assert judged.reasons[JobKey("acme/web", 2)].cause == "idle-while-queued"
