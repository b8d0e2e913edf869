"""A runner that has only just registered beside a job that is old: it is given the time that GitHub needs."""

from datetime import timedelta

from msgspec.structs import replace

from console.fleet.diagnosis import judge
from console.fleet.findings import Diagnosis
from console.fleet.models import Repository
from console.operations.known import Known
from tests.fleet.fleets import NOON, group, job, runner

WAITS = job(minutes=10)


def judged(known: Known, seconds: float) -> Diagnosis:
    """What is concluded so much later, the lists having been read a moment before."""
    return judge(replace(known.snapshot(NOON + timedelta(seconds=seconds)), whole=True))


def listed(known: Known, seconds: float, *idle: int) -> None:
    at = NOON + timedelta(seconds=seconds)
    runners = [runner(1, busy=True), *(runner(number, ephemeral=True) for number in idle)]
    known.add_runners(runners, at)
    known.scope_is_whole("org:acme", {each.key for each in runners}, at)


def beside_an_old_job() -> Known:
    known = Known()
    known.set_groups("org:acme", [group()])
    known.repositories.put("acme/web", Repository("acme/web", private=True))
    known.add_job(WAITS)
    return known


def test_it_is_no_fault_until_it_has_idled_for_as_long_as_github_may_need() -> None:
    known = beside_an_old_job()
    listed(known, 0)
    listed(known, 15, 2)
    for seconds in (15, 100):
        diagnosis = judged(known, seconds)
        assert diagnosis.reasons[WAITS.key].cause == "runner-just-idle"
        assert diagnosis.findings == ()
        assert diagnosis.wedged == frozenset()
    assert [(each.cause, each.severity) for each in judged(known, 110).findings] == [("idle-while-queued", "watch")]
    assert [(each.cause, each.severity) for each in judged(known, 200).findings] == [("idle-while-queued", "alert")]


def test_of_one_that_was_there_at_the_first_look_nobody_knows_since_when_it_idles() -> None:
    known = beside_an_old_job()
    listed(known, 0, 2)
    assert [(each.cause, each.severity) for each in judged(known, 0).findings] == [("idle-while-queued", "alert")]
