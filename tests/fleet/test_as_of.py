"""Idle runners held against jobs that were read earlier, or later: what was true at one moment, and what is a guess."""

import re
from datetime import timedelta

from msgspec.structs import replace

from console.fleet.diagnosis import diagnose, judge
from console.fleet.explain import explain_runner
from console.fleet.models import FleetSnapshot, Freshness, Problem, SourceKind, plain
from console.fleet.sources import not_read_yet
from tests.fleet.fleets import NOON, ago, fleet, job, runner


def read(kind: SourceKind, place: str, minutes: float, every: float = 1) -> Freshness:
    return Freshness(kind, place, timedelta(minutes=every), ago(minutes))


def a_fleet(*, jobs_read: float, runners_read: float = 0, waited: float = 10, idle: float = 30) -> FleetSnapshot:
    """One idle runner and one queued job; how many minutes ago their lists were read, every minute or so."""
    freshness = (read("runners", "org:acme", runners_read), read("jobs", "acme/web", jobs_read))
    return fleet(runners=[runner()], jobs=[job(minutes=waited)], idle_minutes=idle, freshness=freshness)


def test_a_job_that_had_just_been_queued_when_it_was_read_raises_nothing_however_long_ago_that_is() -> None:
    for jobs_read in (1.9, 5):
        assert diagnose(a_fleet(jobs_read=jobs_read, waited=jobs_read + 0.5)) == ()


def test_a_runner_that_became_idle_after_the_jobs_were_read_is_not_suspected() -> None:
    snapshot = a_fleet(jobs_read=1.9, idle=1.6)
    assert diagnose(snapshot) == ()
    assert judge(snapshot).reasons[job().key].cause == "unknown"
    assert explain_runner(snapshot, runner().key).cause == ""


def test_a_runner_first_seen_idle_after_the_jobs_were_read_is_not_suspected_either() -> None:
    snapshot = fleet(
        runners=[runner()],
        jobs=[job(minutes=20)],
        idle_since={runner().key: NOON},
        idle_longer=frozenset({runner().key}),
        freshness=(read("jobs", "acme/web", 2, every=5),),
    )
    assert diagnose(snapshot) == ()


def test_what_was_wrong_when_both_were_read_stays_and_does_not_grow_more_severe() -> None:
    (finding,) = diagnose(a_fleet(jobs_read=8, waited=10, idle=30))
    assert (finding.severity, finding.certainty) == ("watch", "possible")
    assert any("were last read 8 min ago" in plain(line) for line in finding.evidence)
    (finding,) = diagnose(a_fleet(jobs_read=6, waited=10, idle=30))
    assert finding.severity == "alert"


def test_the_time_of_the_runners_counts_as_well() -> None:
    assert diagnose(a_fleet(jobs_read=0, runners_read=1.9, waited=3)) == ()
    assert diagnose(a_fleet(jobs_read=0, runners_read=1.2, waited=3))[0].severity == "watch"


def test_jobs_of_a_repository_that_was_never_read_whole_do_not_grow_older_while_it_cannot_be_read() -> None:
    problem = Problem("unreachable", "no answer", "", ago(8))
    unread = Freshness("jobs", "acme/web", timedelta(seconds=15), None, problem)
    assert diagnose(fleet(runners=[runner()], jobs=[job(minutes=9)], freshness=(unread,))) == ()


def test_explain_does_not_claim_a_grace_that_nobody_saw_pass() -> None:
    snapshot = fleet(
        runners=[runner()],
        jobs=[job(minutes=20)],
        idle_since={runner().key: ago(0.05)},
        idle_longer=frozenset({runner().key}),
    )
    explanation = explain_runner(snapshot, runner().key)
    assert explanation.cause == "idle-while-queued"
    grace = explanation.conditions[-1]
    assert grace.met is None
    assert "idle at least 3 s" in plain(grace.found)
    assert plain(explanation.conditions[2].found) == "idle for at least 3 s"


def test_what_has_not_been_read_yet_is_told_apart_from_what_cannot_be_read() -> None:
    problem = Problem("permission", "no", "", NOON)
    unread = [Freshness("waiting", f"acme/r{number}", timedelta(minutes=1)) for number in range(290)]
    refused = Freshness("groups", "org:acme", timedelta(minutes=1), None, problem)
    snapshot = fleet(freshness=(*unread, refused, Freshness("jobs", "acme/new", timedelta(minutes=1))))
    assert plain(not_read_yet(snapshot)) == "the jobs of 1 repository, what is held back in 290 repositories"
    assert not_read_yet(fleet(freshness=(read("jobs", "acme/web", 1),))) == ()


def test_an_explanation_out_of_old_facts_neither_counts_on_nor_advises_to_wait() -> None:
    old = a_fleet(jobs_read=5, runners_read=5, waited=20)
    not_noted = replace(old, idle_since={}, idle_longer=frozenset())
    explanation = explain_runner(not_noted, runner().key)
    said = " ".join(plain(each.found) for each in explanation.conditions) + plain(explanation.conclusion)
    assert explanation.certainty == "unknown"
    assert plain(explanation.conclusion).startswith("I could not tell: it was idle")
    assert "Wait" not in plain(explanation.helps)
    assert "at least 0 s" not in said


def test_how_long_a_runner_has_idled_is_told_as_of_one_moment_in_one_explanation() -> None:
    explanation = explain_runner(a_fleet(jobs_read=5, runners_read=5, waited=20, idle=30), runner().key)
    said = [plain(each.found) for each in explanation.conditions] + [plain(explanation.conclusion)]
    idle = [re.findall(r"idle (?:for )?at least (\d+ min)", each) for each in said]
    assert [each for some in idle for each in some] == ["25 min"] * 3
