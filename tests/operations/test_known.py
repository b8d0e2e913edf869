"""What the console makes of single answers: who is gone, who idles since when, what is kept."""

from datetime import timedelta

import msgspec
import pytest

from console.fleet.models import FleetSnapshot, Freshness, Runner, RunnerKey
from console.operations.known import Known
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.virtual_clock import START

KEY = RunnerKey("org:acme", 1)


def look(known: Known, *runners: int, seconds: float = 0, busy: tuple[int, ...] = ()) -> None:
    found = [a_runner(number, busy=number in busy) for number in runners]
    known.add_runners(found, START + timedelta(seconds=seconds))
    known.scope_is_whole("org:acme", {runner.key for runner in found}, START + timedelta(seconds=seconds))


def test_a_runner_that_one_look_lacks_is_missing_and_after_two_it_is_gone() -> None:
    known = Known()
    look(known, 1, 2)
    look(known, 2)
    assert known.snapshot(START).missing == {KEY}
    assert KEY in known.snapshot(START).runners
    look(known, 2)
    assert known.snapshot(START).missing == frozenset()
    assert KEY not in known.snapshot(START).runners


def test_a_runner_that_comes_back_is_not_missing_any_more() -> None:
    known = Known()
    look(known, 1)
    look(known)
    look(known, 1)
    look(known)
    assert KEY in known.snapshot(START).runners


def test_a_runner_of_another_scope_is_not_missed_in_this_one() -> None:
    known = Known()
    known.add_runners([msgspec.structs.replace(a_runner(1), scope="repo:acme/web")], START)
    look(known)
    look(known)
    assert len(known.snapshot(START).runners) == 1


def test_idle_time_begins_when_it_is_first_seen_and_ends_with_work() -> None:
    known = Known()
    look(known, 1, seconds=0)
    look(known, 1, seconds=60)
    assert known.snapshot(START).idle_since[KEY] == START
    look(known, 1, seconds=75, busy=(1,))
    assert KEY not in known.snapshot(START).idle_since
    look(known, 1, seconds=90)
    assert known.snapshot(START).idle_since[KEY] == START + timedelta(seconds=90)


def test_a_runner_that_has_registered_since_the_last_list_has_not_idled_longer_than_it_was_seen() -> None:
    known, new = Known(), RunnerKey("org:acme", 2)
    look(known, 1)
    look(known, 1, 2, seconds=15)
    assert known.snapshot(START).idle_longer == {KEY}, "of the first list it is not known since when who is in it idles"
    assert known.snapshot(START).idle_since[new] == START + timedelta(seconds=15)
    look(known, 1, 2, 3, seconds=300)
    assert RunnerKey("org:acme", 3) in known.snapshot(START).idle_longer, "nobody has looked for a long time"


def test_a_list_that_may_lack_somebody_does_not_tell_who_has_registered_since() -> None:
    known = Known()
    known.scope_is_whole("org:acme", set(), START, doubtful=True)
    look(known, 1, seconds=15)
    assert known.snapshot(START).idle_longer == {KEY}


@pytest.mark.parametrize("before", [(), (a_runner(1, busy=True),)])
@pytest.mark.parametrize(("seconds", "longer"), [(30, False), (300, True)])
def test_a_runner_that_did_not_idle_at_the_end_of_the_session_before_has_not_idled_longer(
    before: tuple[Runner, ...], seconds: float, longer: bool
) -> None:
    read = Freshness("runners", "org:acme", timedelta(seconds=15), START)
    known = Known()
    known.seed(FleetSnapshot(START, runners={each.key: each for each in before}, freshness=(read,)))
    look(known, 1, seconds=seconds)
    assert (KEY in known.snapshot(START).idle_longer) == longer


def test_at_first_sight_a_runner_idles_since_its_last_known_job() -> None:
    known = Known()
    look(known, 1)
    known.set_jobs(a_run(7).key, [(a_job(70, 7, "completed", runner=a_runner(1), ended=840),)])
    assert known.snapshot(START).idle_since[KEY] == START - timedelta(seconds=840)


def test_a_job_that_ended_between_two_looks_restarts_the_idle_time() -> None:
    known = Known()
    look(known, 1)
    known.add_job(a_job(70, 7, "completed", runner=a_runner(1), ended=-30))
    assert known.snapshot(START).idle_since[KEY] == START + timedelta(seconds=30)


def test_a_runner_of_a_watched_enterprise_idles_since_its_last_job_of_any_organization() -> None:
    known = Known()
    known.enterprises = ("enterprise:acme-corp",)
    runner = msgspec.structs.replace(a_runner(1), scope="enterprise:acme-corp")
    known.add_runners([runner], START)
    known.add_job(a_job(70, 7, "completed", runner=runner, ended=840))
    assert known.snapshot(START).idle_since[runner.key] == START - timedelta(seconds=840)


def test_a_job_of_a_runner_with_the_same_id_but_another_name_says_nothing() -> None:
    known = Known()
    look(known, 1)
    other = msgspec.structs.replace(a_runner(1), name="somebody-else")
    known.add_job(a_job(70, 7, "completed", runner=other, ended=840))
    assert known.snapshot(START).idle_since[KEY] == START


def test_facts_that_did_not_change_are_the_same_objects_in_the_next_snapshot() -> None:
    known = Known()
    look(known, 1, 2)
    before = known.snapshot(START)
    look(known, 1, 2, seconds=15)
    after = known.snapshot(START)
    assert after.runners is before.runners
    assert after.idle_since is before.idle_since
    look(known, 1, 2, seconds=30, busy=(2,))
    assert known.snapshot(START).runners[KEY] is before.runners[KEY]
    assert known.snapshot(START).runners is not before.runners


def test_an_earlier_snapshot_does_not_change_with_what_is_learned_later() -> None:
    known = Known()
    look(known, 1)
    before = known.snapshot(START)
    look(known, 1, 2)
    assert len(before.runners) == 1


def test_a_job_that_was_held_back_waits_for_a_runner_since_it_was_seen_queued() -> None:
    known, run = Known(), a_run(7)
    job = a_job(70, 7)
    for held, seconds in (("waiting", 0), ("queued", 60), ("queued", 120)):
        known.set_jobs(run.key, [(msgspec.structs.replace(job, status=held),)], START + timedelta(seconds=seconds))
    (waits,) = known.snapshot(START).jobs.values()
    assert waits.waited(START + timedelta(seconds=150)) == timedelta(seconds=90)
    again = Known()
    again.seed(known.snapshot(START))
    again.set_jobs(run.key, [(job,)], START + timedelta(seconds=180))
    assert again.snapshot(START).jobs == known.snapshot(START).jobs


def test_jobs_of_an_earlier_attempt_go_when_the_run_no_longer_lists_them() -> None:
    known = Known()
    run = a_run(7)
    known.runs.put(run.key, run)
    known.set_jobs(run.key, [(a_job(70, 7), a_job(71, 7))])
    known.set_jobs(run.key, [(a_job(71, 7), a_job(72, 7))])
    assert {key.id for key in known.snapshot(START).jobs} == {71, 72}


def test_what_finished_long_ago_and_repositories_no_longer_watched_are_forgotten() -> None:
    known = Known()
    for run in (a_run(1, "completed", ago=9000), a_run(2, "completed", ago=60), a_run(3, ago=90000)):
        known.runs.put(run.key, run)
        known.set_jobs(run.key, [(a_job(run.id * 10, run.id),)])
    known.forget_old(START, {"acme/web"})
    assert {key.id for key in known.snapshot(START).jobs} == {20, 30}
    known.forget_old(START, set())
    assert known.snapshot(START).jobs == {}


def test_a_run_that_nobody_has_approved_yet_is_kept_however_old() -> None:
    known = Known()
    run = a_run(1, "completed", conclusion="action_required", ago=90000)
    known.runs.put(run.key, run)
    known.approvals["acme/web"] = frozenset({run.key})
    known.forget_old(START, {"acme/web"})
    assert run.key in known.snapshot(START).runs


def test_busy_time_begins_when_it_is_first_seen_and_ends_with_idling_or_where_nobody_looked() -> None:
    known = Known()

    def since() -> timedelta | None:
        at = known.snapshot(START).busy_since.get(KEY)
        return None if at is None else at - START

    look(known, 1)
    assert since() is None
    look(known, 1, seconds=15, busy=(1,))
    look(known, 1, seconds=300, busy=(1,))
    assert since() == timedelta(seconds=15)
    look(known, 1, seconds=1500, busy=(1,))
    assert since() == timedelta(seconds=1500)
    look(known, 1, seconds=1515)
    assert since() is None


def test_a_runner_that_is_seen_to_go_offline_went_then_and_is_back_when_it_is_online() -> None:
    known, offline = Known(), msgspec.structs.replace(a_runner(1), status="offline")
    known.add_runners([a_runner(1), msgspec.structs.replace(a_runner(2), status="offline")], START)
    at = START + timedelta(minutes=1)
    known.add_runners([offline], at)
    known.add_runners([offline], at + timedelta(minutes=1))
    assert known.snapshot(START).went_offline == {KEY: at}, "of who was offline from the start that is not known"
    assert known.snapshot(START).last_online == {KEY: START}
    known.add_runners([a_runner(1)], at + timedelta(minutes=2))
    assert known.snapshot(START).went_offline == {}
    assert known.snapshot(START).last_online == {}


def test_when_a_runner_went_offline_outlives_the_program_and_a_long_time_without_looking_says_nothing() -> None:
    first, offline = Known(), msgspec.structs.replace(a_runner(1), status="offline")
    first.add_runners([a_runner(1)], START)
    first.add_runners([offline], START + timedelta(minutes=1))
    second = Known()
    second.seed(first.snapshot(START))
    assert second.snapshot(START).went_offline == {KEY: START + timedelta(minutes=1)}
    assert second.snapshot(START).last_online == {KEY: START}
    known = Known()
    known.add_runners([a_runner(1)], START)
    known.add_runners([offline], START + timedelta(hours=3))
    assert known.snapshot(START).went_offline == {}
