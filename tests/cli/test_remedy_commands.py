"""`now` says with which command what helps is looked at."""

from typing import Any

import pytest

from console.cli.remedy_commands import commands
from console.fleet.findings import Finding
from console.fleet.models import RunKey
from tests.fleet.fleets import NOON, fleet, runner
from tests.fleet.runs_and_jobs import ended_job

STUCK = runner(3, name="prod linux 03")
JOBS = (ended_job(1), ended_job(2), ended_job(3, run_id=103))


def plans(cause: str, **more: Any) -> list[str]:
    finding = Finding(cause, "watch", "likely", ("x",), ("y",), NOON, **more)
    return list(commands(finding, fleet(runners=(STUCK,), jobs=JOBS)))


def test_a_runner_is_named_as_a_shell_reads_it() -> None:
    assert plans("session-stuck", runners=(STUCK.key,)) == [
        "plan: runner-console act restart-service 'prod linux 03' --dry-run"
    ]


def test_of_jobs_that_failed_for_a_cache_one_of_each_run_is_named_and_of_a_release_its_run() -> None:
    assert plans("failed-cache", jobs=tuple(job.key for job in JOBS)) == [
        "plan: runner-console act rerun-cache-failed 1 --dry-run",
        "plan: runner-console act rerun-cache-failed 3 --dry-run",
    ]
    assert plans("release-draft", runs=(RunKey("acme/web", 7), RunKey("acme/web", 8))) == [
        "plan: runner-console act rerun-release 7 --dry-run"
    ]


def test_what_does_not_help_yet_says_when_and_a_job_that_waits_too_long_is_cancelled_with_its_run() -> None:
    assert plans("failed-cache", remedied="failed-cache-service", jobs=(JOBS[0].key,)) == [
        "once GitHub's cache answers again: runner-console act rerun-cache-failed 1 --dry-run"
    ]
    assert plans("failed-cache", remedied="failed-cache-for-good", jobs=(JOBS[0].key,)) == []
    assert plans("queued-past-limit", jobs=(JOBS[2].key,)) == ["plan: runner-console act cancel-run 103 --dry-run"]


@pytest.mark.parametrize("more", [{"waits": True}, {"cause": "clock-wrong"}])
def test_where_nothing_helps_or_waiting_does_no_command_is_named(more: dict[str, Any]) -> None:
    given = {"cause": "session-stuck", "runners": (STUCK.key,), **more}
    assert plans(given.pop("cause"), **given) == []
