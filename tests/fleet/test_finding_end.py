"""By what a finding has cleared, as far as the history and the fleet tell."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from console.fleet.finding_end import how_it_ended
from console.fleet.finding_life import lived
from console.fleet.history import Entry, Operator, Outcome, Subject
from console.fleet.lives import Life
from console.fleet.models import FleetSnapshot, Job, RunKey, Runner
from tests.fleet.fleets import NOON, ago, fleet, job, runner
from tests.fleet.test_finding_life import ONE, TWO, found
from tests.fleet.test_history import DEED, END

LINUX_1 = Subject("runner", "org:acme", 1, "linux-1")


def life(*runners: int, jobs: Iterable[int] = (), cause: str = "idle-while-queued") -> Life:
    keys = {1: ONE, 2: TWO}
    finding = replace(found(*(keys[each] for each in runners), cause=cause), jobs=tuple(job(at).key for at in jobs))
    return lived((), [finding], ago(20))[0]


def now(runners: Iterable[Runner] = (), jobs: Iterable[Job] = ()) -> FleetSnapshot:
    return replace(fleet(runners=runners, jobs=jobs), context="acme-prod")


def deed(
    outcome: Outcome = "proved",
    minutes: float = 4,
    subject: Subject = LINUX_1,
    context: str = "acme-prod",
) -> Entry:
    done = replace(
        DEED,
        action="restart-service",
        target=subject,
        operator=Operator("ops", "192.0.2.7", "octocat"),
        context=context,
    )
    return Entry(done, (), replace(END, outcome=outcome, at=ago(minutes)))


BUSY = runner(1, busy=True)
TAKEN = job(1, status="in_progress", runner_id=1, runner_name="linux-1")


@pytest.mark.parametrize(
    ("ended", "snapshot", "words"),
    [
        (life(1, jobs=[1]), now([BUSY], [TAKEN]), "the job was taken"),
        (life(1, jobs=[1, 2]), now([BUSY], [TAKEN, replace(TAKEN, id=2)]), "all 2 jobs were taken"),
        (life(1, jobs=[1, 2]), now([BUSY], [TAKEN]), "its jobs, as far as known, were taken"),
        (life(1, jobs=[1]), now([runner(1)], [job(1, status="completed", conclusion="cancelled")]), "was cancelled"),
        (life(1, jobs=[1]), now([runner(1, status="offline")], [job(1)]), "the runner went offline"),
        (life(1, 2, jobs=[1]), now([runner(1, status="offline"), runner(2, status="offline")]), "its runners went"),
        (life(1, jobs=[1]), now([], [job(1)]), "the runner is gone from GitHub's list"),
        (life(1, cause="runners-offline"), now([runner(1)]), "the runner is online again"),
        (life(1, cause="near-removal"), now([runner(1)]), "the runner is online again"),
        (life(1), now([BUSY]), "the runner is at work"),
    ],
)
def test_what_the_fleet_shows_is_told(ended: Life, snapshot: FleetSnapshot, words: str) -> None:
    assert words in how_it_ended(ended, snapshot, ())


@pytest.mark.parametrize(
    ("ended", "snapshot"),
    [
        pytest.param(life(1, jobs=[1]), now([runner(1)], [job(1)]), id="all is as it was"),
        pytest.param(
            life(1, jobs=[1]), now([runner(1)], [job(1, status="waiting")]), id="a job that waits for a person"
        ),
        pytest.param(life(1, 2), now([runner(1, status="offline"), runner(2)]), id="one of two is offline"),
        pytest.param(life(1, cause="runners-offline"), now([runner(1, status="offline")]), id="still offline"),
        pytest.param(life(1, cause="lost-at-work"), now([runner(1, status="offline")]), id="offline before, too"),
    ],
)
def test_what_nothing_shows_is_not_made_up(ended: Life, snapshot: FleetSnapshot) -> None:
    assert how_it_ended(ended, snapshot, ()) == ""


def test_what_the_console_did_itself_is_named_with_who_and_when() -> None:
    assert how_it_ended(life(1, jobs=[1]), now([BUSY], [TAKEN]), [deed()]) == "“Restart service” done by ops at 11:56Z"
    of_job = deed(subject=Subject("job", "acme/web", 1, "build"))
    assert "done by ops" in how_it_ended(life(1, jobs=[1]), now([BUSY], [TAKEN]), [of_job])
    of_run = deed(subject=Subject("run", "acme/web", 101, "ci"))
    assert "done by ops" in how_it_ended(life(1, jobs=[1]), now([BUSY], [TAKEN]), [of_run])


def test_what_was_done_to_the_runner_to_blame_or_to_a_run_it_is_about_is_named_too() -> None:
    waits = replace(found(cause="only-offline-runners"), jobs=(job(1).key,), suspect=ONE)
    (ended,) = lived((), [waits], ago(20))
    assert how_it_ended(ended, now([], [job(1)]), [deed()]) == "“Restart service” done by ops at 11:56Z"
    release = replace(found(cause="release-draft"), runs=(RunKey("acme/web", 7),))
    (ended,) = lived((), [release], ago(20))
    of_run = deed(subject=Subject("run", "acme/web", 7, "Publish"))
    assert "done by ops" in how_it_ended(ended, now(), [of_run])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(deed("not-proved"), id="not proved"),
        pytest.param(deed(minutes=45), id="long ago"),
        pytest.param(deed(minutes=25), id="before it was found"),
        pytest.param(deed(subject=Subject("runner", "org:acme", 9, "linux-9")), id="another runner"),
        pytest.param(deed(context="lab"), id="another context"),
    ],
)
def test_what_was_done_to_others_or_at_another_time_did_not_clear_it(other: Entry) -> None:
    assert how_it_ended(life(1, jobs=[1]), now([BUSY], [TAKEN]), [other]) == "the job was taken"


def test_the_time_is_that_of_the_end_of_what_was_done() -> None:
    begun: datetime = NOON - timedelta(minutes=10)
    long_one = deed(minutes=2)
    assert begun < (long_one.ended_at or begun)
    assert how_it_ended(life(1), now([runner(1)]), [long_one]).endswith("at 11:58Z")
