"""Explanations read as a chain, and say the same as the findings."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.chain import in_short
from console.fleet.diagnosis import judge
from console.fleet.explain import explain_job, explain_runner
from console.fleet.explain_run import explain_run
from console.fleet.findings import Condition, Explanation
from console.fleet.models import FleetSnapshot, JobKey, RunnerKey, plain
from console.fleet.particulars import ActionsPolicy, Particulars
from console.fleet.versions import RunnerRelease
from tests.fleet.any_fleet import ANY_JOB, ANY_RUNNER, some_fleet
from tests.fleet.fleets import LINUX, NOON, ago, fleet, group, job, run, runner


def of_job(**given: Any) -> Explanation:
    return explain_job(fleet(**given), given["jobs"][0].key)


def of_runner(**given: Any) -> Explanation:
    return explain_runner(fleet(**given), given["runners"][0].key)


def links(explanation: Explanation) -> list[tuple[str, bool | None]]:
    """Those that were looked at."""
    return [(plain(condition.found), condition.met) for condition in explanation.conditions if condition.asked]


def first_text(explanation: Explanation) -> str:
    """Of the first condition that does not hold."""
    return explanation.first_unmet.text if explanation.first_unmet is not None else ""


def notes(explanation: Explanation) -> str:
    return " ".join(plain(note) for note in explanation.notes)


def test_a_job_that_could_run_and_does_not_meets_every_condition() -> None:
    explanation = of_job(runners=[runner(1), runner(2, busy=True)], jobs=[job(minutes=5)])
    assert links(explanation) == [
        ("status queued", True),
        ("300 s", True),
        ("2 runners of org:acme", True),
        ("2 of 2", True),
        ("2 of 2", True),
        ("2 of 2", True),
        ("1 of 2", True),
        ("it does", True),
    ]
    assert (explanation.cause, explanation.certainty) == ("idle-while-queued", "likely")
    assert plain(explanation.conclusion).startswith("Idle while queued: 1 runner that could take it is idle")
    assert "Restart" in plain(explanation.helps)


def test_nothing_is_looked_at_where_no_runner_is_left() -> None:
    explanation = of_job(runners=[runner(1), runner(2)], jobs=[job(labels=("self-hosted", "gpu"))])
    assert links(explanation)[-1] == ("none of 2; 2 lack only gpu", False)
    rest = explanation.conditions[len(links(explanation)) :]
    assert {(plain(each.found), each.met) for each in rest} == {("not looked at", None)}
    assert [each.text for each in rest][:2] == ["one of them is online", "its group admits the job"]
    assert explanation.cause == "no-runner-has-labels"
    assert plain(explanation.conclusion) == "No runner has gpu; it waits 10 min."


def test_labels_that_are_short_in_number_are_all_named() -> None:
    explanation = of_job(runners=[runner()], jobs=[job(labels=("self-hosted", "sparc", "solaris"))])
    assert links(explanation)[-1] == ("none of 1; none has sparc, solaris", False)


def test_each_missed_condition_is_the_last_that_is_looked_at() -> None:
    offline = of_job(runners=[runner(status="offline")], jobs=[job()])
    assert links(offline)[-1] == ("0 of 1", False)
    assert first_text(offline) == "one of them is online"
    excluded = of_job(runners=[runner()], groups=[group(visibility="selected", repositories=frozenset())], jobs=[job()])
    assert first_text(excluded) == "its group admits the job"
    assert links(excluded)[-1][1] is False
    busy = of_job(runners=[runner(busy=True)], jobs=[job()])
    assert (first_text(busy), links(busy)[-1][1]) == ("and is idle", False)


def test_what_could_not_be_told_is_neither_met_nor_missed() -> None:
    unclear = of_job(runners=[runner()], groups=[], jobs=[job()])
    assert links(unclear)[-1] == ("0 of 1, 1 could not be told", None)
    assert plain(unclear.conclusion).startswith("I could not tell")
    unwatched = of_job(jobs=[job()])
    assert links(unwatched)[-1] == ("no scope that serves it is watched", None)
    looking = of_job(runners=[runner(labels=())], jobs=[job()], whole=False)
    assert links(looking)[-1][1] is None


def test_a_job_just_queued_is_explained_all_the_same() -> None:
    explanation = of_job(runners=[runner()], jobs=[job(minutes=1)])
    assert explanation.cause == "just-queued"
    assert [met for _, met in links(explanation)] == [True, False, True, True, True, True, True, True]


def test_a_job_that_waits_for_no_runner_has_a_short_chain_and_no_table() -> None:
    explanation = of_job(runners=[runner()], jobs=[job(status="pending")])
    assert links(explanation) == [("status pending", False)]
    assert (explanation.cause, explanation.table) == ("held-by-concurrency", None)


def test_running_and_finished_jobs_say_where_and_how() -> None:
    running = of_job(
        jobs=[job(status="in_progress", started_at=ago(4), runner_id=3, runner_name="linux-3")],
    )
    assert plain(running.conclusion) == "It runs on linux-3, for 4 min now."
    ended = of_job(
        jobs=[job(status="completed", conclusion="failure", started_at=ago(9), completed_at=ago(2), runner_name="r")],
    )
    assert plain(ended.conclusion) == "It ended as failure on r after 7 min, 2 min ago."
    assert (running.cause, ended.cause) == ("", "failed-unknown")


@pytest.mark.parametrize(("conclusion", "well"), [("success", True), ("cancelled", None), ("skipped", None)])
def test_of_a_job_that_is_over_it_is_asked_how_it_ended(conclusion: str, well: bool | None) -> None:
    over = of_job(jobs=[job(status="completed", conclusion=conclusion, started_at=ago(9), completed_at=ago(2))])
    assert links(over) == [(conclusion, well)]
    assert over.conditions[0].text == "it ended well"


def test_a_job_that_is_not_known_is_said_to_be_so() -> None:
    explanation = explain_job(fleet(), JobKey("acme/web", 7))
    assert (explanation.cause, explanation.certainty) == ("unknown", "unknown")


def test_the_table_has_the_best_match_first_and_says_what_is_missing() -> None:
    runners = [
        runner(1, scope="repo:acme/api", group_id=None),
        runner(2, labels=("self-hosted",)),
        runner(3, status="offline"),
        runner(4, group_id=2),
        runner(5, busy=True),
        runner(6),
    ]
    groups = [group(), group(2, name="deployers", visibility="selected", repositories=frozenset())]
    table = of_job(runners=runners, groups=groups, jobs=[job()]).table
    assert table is not None
    assert table.columns == ("scope", "labels", "online", "group", "idle")
    assert [(row.name, row.checks, plain(row.note)) for row in table.rows] == [
        ("linux-6", (True, True, True, True, True), ""),
        ("linux-5", (True, True, True, True, False), "busy"),
        ("linux-4", (True, True, True, False, True), "group deployers does not admit it"),
        ("linux-3", (True, True, False, True, False), "offline"),
        ("linux-2", (True, False, True, True, True), "lacks linux"),
        ("linux-1", (False, True, True, False, True), "registered at repo:acme/api"),
    ]


def test_a_long_table_is_cut_and_says_how_much_is_left_out() -> None:
    table = of_job(runners=[runner(n) for n in range(300)], jobs=[job()]).table
    assert table is not None
    assert (len(table.rows), table.more) == (50, 250)
    assert len({row.runner for row in table.rows}) == 50


def test_a_group_whose_rules_are_not_known_is_open_in_the_table() -> None:
    table = of_job(runners=[runner()], groups=[], jobs=[job()]).table
    assert table is not None
    assert table.rows[0].checks == (True, True, True, None, True)


def test_a_wedged_runner_is_explained_by_the_jobs_that_wait_for_it() -> None:
    jobs = [job(1, minutes=14), job(2), job(3, labels=("self-hosted", "gpu"))]
    explanation = of_runner(runners=[runner()], jobs=jobs)
    assert (explanation.cause, explanation.certainty) == ("idle-while-queued", "likely")
    assert plain(explanation.conclusion) == "Idle while queued: idle 30 min, 2 matching jobs wait."
    assert [key.id for key in explanation.jobs] == [1, 2]
    assert "1 queued job would fit if it had the label gpu." in notes(explanation)


def test_an_idle_runner_that_nothing_waits_for_is_healthy_and_says_what_it_misses() -> None:
    jobs = [job(1, labels=("self-hosted", "gpu")), job(2, repository="acme/api"), job(3, repository="other/x")]
    groups = [group(visibility="selected", repositories=frozenset({"acme/web"}))]
    explanation = of_runner(runners=[runner()], groups=groups, jobs=jobs)
    assert (explanation.cause, plain(explanation.conclusion)) == ("", "Idle, and no queued job could run on it.")
    assert "would fit if it had the label gpu" in notes(explanation)
    assert "its group does not admit them: acme/api." in notes(explanation)
    assert "in repositories that its scope does not serve" in notes(explanation)


def test_what_an_idle_runner_does_not_miss_is_not_spoken_of() -> None:
    explanation = of_runner(runners=[runner()], jobs=[job(labels=("self-hosted", "gpu"))], idle_since={})
    assert notes(explanation) == "1 queued job would fit if it had the label gpu."
    assert links(explanation)[2] == ("idle", True)
    unsure = of_runner(runners=[runner()], groups=[], jobs=[job()])
    assert notes(unsure) == "1 queued job has its labels; whether its group admits them could not be told."


def test_a_job_whose_runner_was_busy_a_moment_ago_says_so() -> None:
    explanation = of_job(runners=[runner()], jobs=[job()], idle_minutes=1)
    assert ("1 of 1, since a moment ago", True) in links(explanation)


def test_an_idle_runner_is_given_its_grace() -> None:
    explanation = of_runner(runners=[runner()], jobs=[job()], idle_minutes=1)
    assert explanation.cause == ""
    assert explanation.conditions[-1].met is False
    assert explanation.jobs == (job().key,)


def test_a_busy_runner_names_its_job() -> None:
    running = job(4, status="in_progress", runner_id=1, runner_name="linux-1", started_at=ago(6))
    explanation = of_runner(runners=[runner(busy=True)], jobs=[running])
    assert plain(explanation.conclusion) == "It runs acme/web build (4), for 6 min now."


def test_the_job_of_another_runner_with_the_same_id_is_not_taken_for_its_own() -> None:
    other_scope = job(4, status="in_progress", runner_id=1, runner_name="linux-1", repository="other/x")
    other_name = job(5, status="in_progress", runner_id=1, runner_name="mac-1")
    explanation = of_runner(runners=[runner(busy=True)], jobs=[other_scope, other_name])
    assert plain(explanation.conclusion) == "Busy, but no job of the watched repositories names it."
    assert explanation.certainty == "unknown"


def test_a_runner_out_of_reach_is_not_guessed_at() -> None:
    offline = of_runner(runners=[runner(status="offline", busy=True)])
    assert offline.cause == "offline"
    assert "does not say since when" in plain(offline.conclusion)
    seen = of_runner(runners=[runner(status="offline")], went_offline={runner().key: ago(10)})
    assert plain(seen.conclusion) == "Not online: its status is offline; it was online until 11:50Z."
    unseen = {"went_offline": {runner().key: ago(10)}, "last_online": {runner().key: ago(24)}}
    asleep = of_runner(runners=[runner(status="offline")], **unseen)
    assert plain(asleep.conclusion).endswith("it was last seen online at 11:36Z, and offline at 11:50Z.")
    assert "still counts it as busy" in notes(offline)
    missing = of_runner(runners=[runner()], missing=frozenset({runner().key}))
    assert (missing.cause, missing.certainty) == ("missing", "unknown")
    assert explain_runner(fleet(), RunnerKey("org:acme", 9)).cause == "unknown"


def test_before_the_first_look_is_whole_an_idle_runner_is_not_called_healthy() -> None:
    explanation = of_runner(runners=[runner()], jobs=[job()], whole=False)
    assert (explanation.cause, explanation.certainty) == ("unknown", "unknown")


@given(st.lists(ANY_RUNNER, max_size=6), st.lists(ANY_JOB, max_size=6), st.booleans())
def test_explain_and_the_findings_never_contradict_each_other(runners: Any, jobs: Any, whole: bool) -> None:
    snapshot: FleetSnapshot = some_fleet(runners, jobs, whole)
    diagnosis = judge(snapshot)
    for key in snapshot.jobs:
        reason = diagnosis.reasons.get(key)
        assert explain_job(snapshot, key).cause == (reason.cause if reason else "")
    for runner_key in snapshot.runners:
        wedged = explain_runner(snapshot, runner_key).cause == "idle-while-queued"
        assert wedged == (runner_key in diagnosis.wedged)


def test_the_certainty_of_a_job_is_that_of_its_finding() -> None:
    given: dict[str, Any] = {"runners": [runner(labels=LINUX)], "jobs": [job()], "idle_since": {runner().key: NOON}}
    snapshot = fleet(**given, idle_longer=frozenset({runner().key}))
    (finding,) = judge(snapshot).findings
    assert explain_job(snapshot, job().key).certainty == finding.certainty == "possible"


def test_a_run_that_goes_on_says_that_jobs_which_need_others_are_not_listed_yet() -> None:
    going, over = run(101, status="in_progress"), run(102, status="completed", conclusion="success")
    snapshot = fleet(runs=[going, over], jobs=[job(1)])
    (note,) = explain_run(snapshot, going.key).notes
    assert "Jobs that need others are not listed" in plain(note)
    assert explain_run(snapshot, over.key).notes == ()


def test_on_a_screen_what_nobody_looked_at_is_one_line() -> None:
    explanation = of_job(runners=[runner(status="offline")], jobs=[job()])
    *_, missed, last = in_short(explanation.conditions)
    assert missed is explanation.first_unmet
    assert last.text == "not looked at"
    assert plain(last.found) == "group, workflow file, idle, GitHub, version"


def test_on_a_screen_what_is_well_on_a_host_is_one_line() -> None:
    conditions = (
        Condition("it waits", ("yes",), True),
        Condition("the clock is right", ("off by 0 s",), True, brief="clock"),
        Condition("its disk has room", ("its disk is full",), False),
        Condition("its version is taken", ("2.336.0",), True, brief="version"),
    )
    short = in_short(conditions)
    assert [(each.text, plain(each.found)) for each in short] == [
        ("it waits", "yes"),
        ("on its host all is well with", "clock, version"),
        ("its disk has room", "its disk is full"),
    ]


def test_an_idle_runner_whose_jobs_wait_for_something_else_says_what_and_not_that_it_takes_a_moment() -> None:
    old = of_runner(runners=[runner(version="2.320.0")], jobs=[job()], latest_runner=RunnerRelease("2.336.0", NOON))
    assert (old.cause, old.first_unmet is old.conditions[-1]) == ("outdated-runner", True)
    assert plain(old.conclusion) == (
        "Idle; 1 queued job has its labels and waits for something else: its idle runners are outdated."
    )


def test_a_condition_that_could_not_be_told_is_not_what_keeps_a_job_whose_cause_is_known() -> None:
    unread = ActionsPolicy(needs=("repository permission Administration: read",))
    explanation = of_job(runners=[runner()], jobs=[job()], particulars=Particulars(policies={"acme/web": unread}))
    assert ("not known; the token needs: repository permission Administration: read", None) in links(explanation)
    assert (explanation.cause, explanation.first_unmet) == ("idle-while-queued", None)
