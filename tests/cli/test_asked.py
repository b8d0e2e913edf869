"""What `explain` understands: whatever the tables print, and what somebody who slipped may have meant."""

import pytest

from console.cli.asked import asked_for
from console.cli.facts_text import jobs, runners
from console.errors import ConsoleError, UsageError
from console.fleet.models import FleetSnapshot, JobKey, RunKey, RunnerKey
from console.operations.look import Look
from tests.fleet.fleets import NOON, ago, fleet, job, run, runner

DONE = job(1, name="build", status="completed", conclusion="success", completed_at=ago(3))
RUNNING = job(2, name="build", status="in_progress", started_at=ago(2), runner_id=7, runner_name="prod-linux-03")
QUEUED = job(3, name="test (3.12, x64)", repository="acme/api")
HELD = run(900, number=12, title="Fix a typo", status="completed", conclusion="action_required", created_at=ago(5))
FLEET: FleetSnapshot = fleet(
    runners=[runner(7, name="prod-linux-03", busy=True), *(runner(n, name=f"mac-mini-{n}") for n in range(20, 40))],
    jobs=[DONE, RUNNING, QUEUED],
    runs=[HELD, run(101), run(102), run(103, repository="acme/api")],
)


def test_whatever_the_tables_print_is_understood() -> None:
    look = Look(FLEET)
    _, *job_lines = jobs(look, None)
    assert [type(asked_for(FLEET, line.split()[0])) for line in job_lines] == [JobKey, RunKey, JobKey, JobKey]
    _, *runner_lines = runners(look, None)
    assert {asked_for(FLEET, line.split()[0]) for line in runner_lines} == set(FLEET.runners)
    assert asked_for(FLEET, "acme/web #12 Fix a typo") == HELD.key
    assert asked_for(FLEET, "acme/api test (3.12, x64)") == QUEUED.key


@pytest.mark.parametrize("words", ["acme/web build", "acme/web", "build", "ACME/Web"])
def test_of_several_jobs_the_one_that_is_not_over_is_meant(words: str) -> None:
    assert asked_for(FLEET, words) == RUNNING.key


def test_a_runner_is_found_by_its_address() -> None:
    address = "https://github.com/organizations/acme/settings/actions/runners/7"
    assert asked_for(FLEET, address) == RunnerKey("org:acme", 7)


def test_several_are_listed_each_as_it_is_understood_alone() -> None:
    again = fleet(jobs=[RUNNING, job(4, name="build")], runs=[run(102), run(104)])
    with pytest.raises(UsageError, match="may be one of 2") as error:
        asked_for(again, "build")
    listed = error.value.hint.splitlines()[1:]
    assert {asked_for(again, line.split()[0]) for line in listed} == set(again.jobs)


@pytest.mark.parametrize(
    ("words", "near"),
    [("prod-linux", "prod-linux-03"), ("pord-linux-03", "prod-linux-03"), ("api tst (3.12, x64)", "acme/api test")],
)
def test_who_names_nothing_is_told_what_is_near(words: str, near: str) -> None:
    with pytest.raises(UsageError) as error:
        asked_for(FLEET, words)
    assert near in error.value.hint


def test_of_many_near_names_a_few_are_told_and_how_many_more() -> None:
    with pytest.raises(UsageError) as error:
        asked_for(FLEET, "mac-mini")
    assert error.value.hint.endswith("and 8 more")


def test_what_is_not_among_what_could_be_read_may_be_there_all_the_same() -> None:
    with pytest.raises(ConsoleError) as error:
        asked_for(FleetSnapshot(NOON, set_aside=1), "prod-linux-03")
    assert error.value.exit_code == 3
