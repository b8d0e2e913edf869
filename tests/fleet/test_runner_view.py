"""Which job a runner is doing: the same answer for the lists, the explanations and the command line."""

import pytest

from console.fleet.at_work import jobs_at_work, ran_by
from console.fleet.models import Runner, RunnerKey
from tests.fleet.fleets import fleet, job, runner

LINT = job(1, status="in_progress", runner_id=7, runner_name="linux-7")


def test_a_runner_is_doing_the_job_that_names_it_however_its_scope_is_spelt() -> None:
    for scope in ("org:acme", "org:Acme", "repo:acme/WEB"):
        busy = runner(7, scope=scope, busy=True)
        assert jobs_at_work(fleet(runners=[busy], jobs=[LINT])) == {RunnerKey(scope, 7): LINT}


@pytest.mark.parametrize(
    "other",
    [
        runner(7, scope="org:other", busy=True),
        runner(7, name="another of that id", busy=True),
        runner(8, name="linux-7", busy=True),
    ],
)
def test_a_runner_of_which_only_the_id_or_the_name_is_the_same_is_not_doing_it(other: Runner) -> None:
    assert jobs_at_work(fleet(runners=[other], jobs=[LINT])) == {}


def test_a_job_that_is_over_was_run_but_is_not_being_done() -> None:
    over = job(1, status="completed", conclusion="success", runner_id=7, runner_name="linux-7")
    assert ran_by(over, runner(7))
    assert jobs_at_work(fleet(runners=[runner(7)], jobs=[over])) == {}
