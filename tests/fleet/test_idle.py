"""Runners that idle while jobs wait: from when, how sure, and how many findings."""

from datetime import timedelta
from typing import Any

import pytest

from console.fleet.diagnosis import diagnose, judge
from console.fleet.findings import Finding
from console.fleet.models import FleetSnapshot, Freshness, plain
from tests.fleet.fleets import LINUX, NOON, ago, fleet, job, runner


def only(snapshot: FleetSnapshot) -> Finding:
    (finding,) = diagnose(snapshot)
    assert finding.cause == "idle-while-queued"
    return finding


@pytest.mark.parametrize(
    ("waited", "idle", "severity"),
    [
        (1.5, 30, "watch"),
        (2.9, 30, "watch"),
        (3, 30, "alert"),
        (60, 1.5, "watch"),
        (60, 2.9, "watch"),
        (60, 3, "alert"),
    ],
)
def test_the_grace_counts_from_when_both_waited(waited: float, idle: float, severity: str) -> None:
    assert only(fleet(runners=[runner()], jobs=[job(minutes=waited)], idle_minutes=idle)).severity == severity


def first_seen(minutes: float, **more: Any) -> FleetSnapshot:
    """The console started so many minutes ago and has seen the runner idle ever since."""
    given: dict[str, Any] = {"runners": [runner()], "jobs": [job(minutes=20)]}
    return fleet(**{**given, "idle_minutes": minutes, "idle_longer": frozenset({runner().key}), **more})


def test_an_idling_whose_start_was_not_seen_is_judged_by_the_job_and_is_less_sure() -> None:
    finding = only(first_seen(0))
    assert (finding.severity, finding.certainty) == ("alert", "possible")
    assert plain(finding.summary) == "idle, 1 matching job waits"


def test_it_becomes_likely_when_the_console_has_watched_it_long_enough() -> None:
    assert only(first_seen(1.4)).certainty == "possible"
    finding = only(first_seen(1.5))
    assert finding.certainty == "likely"
    assert plain(finding.summary) == "idle, 1 matching job waits", "a job that waits for longer says more"
    assert "is online and idle for at least 1 min, and could take:" in plain(finding.evidence[0])


def test_it_is_likely_at_once_when_several_jobs_wait() -> None:
    assert only(first_seen(0, jobs=[job(1), job(2)])).certainty == "likely"


def test_a_runner_whose_idling_was_not_noted_is_treated_as_first_seen_now() -> None:
    finding = only(fleet(runners=[runner()], jobs=[job()], idle_since={}))
    assert (finding.severity, finding.certainty) == ("alert", "possible")


def test_equal_runners_that_idle_are_one_finding() -> None:
    finding = only(fleet(runners=[runner(n) for n in range(1, 6)], jobs=[job()]))
    assert plain(finding.subject) == "5 runners like linux-1"
    assert len(finding.runners) == 5
    assert "GitHub's status" in plain(finding.helps)
    assert judge(fleet(runners=[runner(n) for n in range(1, 6)], jobs=[job()])).wedged == set(finding.runners)


def test_runners_with_labels_of_their_own_are_one_finding_where_the_same_jobs_wait_for_them() -> None:
    runners = [runner(n, labels=(*LINUX, f"host-{n}")) for n in range(1, 4)]
    assert len(only(fleet(runners=runners, jobs=[job()])).runners) == 3


def test_runners_for_which_different_jobs_wait_are_told_apart() -> None:
    runners = [runner(1), runner(2, labels=(*LINUX, "gpu"))]
    jobs = [job(1), job(2, labels=("self-hosted", "gpu"))]
    found = {plain(finding.subject): finding for finding in diagnose(fleet(runners=runners, jobs=jobs))}
    assert found["linux-1"].jobs == (job(1).key,)
    assert set(found["linux-2"].jobs) == {job(1).key, job(2).key}


def test_in_which_order_jobs_are_listed_makes_no_difference_to_which_runners_are_told_apart() -> None:
    runners = [runner(1), runner(2, labels=(*LINUX, "gpu"))]
    jobs = [job(2, labels=("self-hosted", "gpu")), job(1)]
    assert {finding.runners for finding in diagnose(fleet(runners=runners, jobs=jobs))} == {
        (runner(1).key,),
        (runner(2).key,),
    }


def test_the_evidence_names_the_runners_that_idled_longest() -> None:
    assert plain(only(fleet(runners=[runner()], jobs=[job()])).evidence[0]) == (
        "linux-1 is online and idle, and could take:"
    )
    since = {runner(n).key: ago(10 + n) for n in range(1, 6)}
    finding = only(fleet(runners=[runner(n) for n in range(1, 6)], jobs=[job()], idle_since=since))
    assert plain(finding.subject) == "5 runners like linux-5"
    assert plain(finding.evidence[0]) == ("linux-5, linux-4, linux-3 and 2 others are online and idle, and could take:")
    assert finding.runners[0] == runner(5).key
    assert set(finding.runners) == set(since)


def test_one_unseen_start_among_equal_runners_makes_the_job_the_measure() -> None:
    since = {runner(1).key: ago(120), runner(2).key: ago(2)}
    unseen = frozenset({runner(1).key})
    finding = only(fleet(runners=[runner(1), runner(2)], jobs=[job(minutes=20)], idle_since=since, idle_longer=unseen))
    assert (finding.severity, finding.since) == ("alert", ago(20))


def test_so_many_kinds_of_idle_runners_are_one_incident() -> None:
    runners = [runner(n, labels=("self-hosted", f"kind-{n}")) for n in range(30)]
    jobs = [job(n, labels=(f"kind-{n}",)) for n in range(30)]
    finding = only(fleet(runners=runners, jobs=jobs))
    assert (len(finding.runners), len(finding.jobs)) == (30, 30)


def test_a_busy_runner_beside_it_is_not_suspected() -> None:
    finding = only(fleet(runners=[runner(1), runner(2, busy=True)], jobs=[job()]))
    assert finding.runners == (runner(1).key,)


def test_only_runners_that_have_idled_long_enough_are_named() -> None:
    runners = [runner(1), runner(2)]
    since = {runner(1).key: ago(30), runner(2).key: ago(1)}
    assert only(fleet(runners=runners, jobs=[job()], idle_since=since)).runners == (runner(1).key,)


def test_the_jobs_come_oldest_first_and_the_oldest_says_since_when() -> None:
    finding = only(fleet(runners=[runner()], jobs=[job(1, minutes=5), job(2, minutes=14), job(3, minutes=9)]))
    assert [key.id for key in finding.jobs] == [2, 3, 1]
    assert finding.since == ago(14)
    assert plain(finding.evidence[1]) == "queued acme/web build (2) for 14 min, wants self-hosted linux"


def test_a_runner_that_became_idle_later_than_the_job_says_since_when() -> None:
    assert only(fleet(runners=[runner()], jobs=[job(minutes=60)], idle_minutes=14)).since == ago(14)


def test_the_finding_keeps_its_key_while_jobs_come_and_go() -> None:
    before = only(fleet(runners=[runner()], jobs=[job(1, minutes=20), job(2)]))
    after = only(fleet(runners=[runner()], jobs=[job(2), job(3)]))
    assert before.key == after.key


def test_two_runners_of_one_name_have_different_keys() -> None:
    runners = [runner(1, name="twin"), runner(1, name="twin", scope="repo:acme/web", labels=(*LINUX, "gpu"))]
    found = diagnose(fleet(runners=runners, jobs=[job(1), job(2, labels=("gpu",))]))
    assert len({finding.key for finding in found}) == 2


def test_the_finding_of_a_late_look_does_not_grow_more_severe() -> None:
    """Seen idle and queued for two minutes, an hour ago."""
    late = (Freshness("runners", "org:acme", timedelta(seconds=15), ago(60)),)
    finding = only(fleet(runners=[runner()], jobs=[job(minutes=62)], idle_minutes=62, freshness=late))
    assert (finding.severity, finding.certainty) == ("watch", "possible")
    assert plain(finding.summary).startswith("idle at least 2 min")
    assert finding.since < NOON
