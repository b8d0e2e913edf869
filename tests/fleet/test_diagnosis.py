"""Each rule alone: a fleet that it fits, and the nearest one that it does not."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.diagnosis import diagnose, judge
from console.fleet.findings import Finding
from console.fleet.models import FleetSnapshot, Freshness, Problem, RunnerGroup, Thresholds, plain
from console.fleet.rules import RULES
from tests.fleet.fleets import LINUX, NOON, ago, fleet, group, job, run, runner


def cause(snapshot: FleetSnapshot) -> str:
    """The cause of the only job."""
    (reason,) = judge(snapshot).reasons.values()
    return reason.cause


def only_finding(snapshot: FleetSnapshot) -> Finding:
    (finding,) = diagnose(snapshot)
    return finding


def said(finding: Finding) -> str:
    return " ".join([plain(sentence) for sentence in finding.evidence] + [plain(finding.helps)])


def test_the_rules_stand_in_the_order_in_which_they_are_asked() -> None:
    assert [rule.cause for rule in RULES] == [
        "waiting-for-approval",
        "unknown",
        "held-by-concurrency",
        "not-queued-yet",
        "assigned",
        "unknown",
        "actions-disabled",
        "just-queued",
        "queued-past-limit",
        "matrix-limit",
        "unknown",
        "github-hosted",
        "unknown",
        "unknown",
        "jit-without-default-labels",
        "runners-elsewhere",
        "no-autoscaled-runner",
        "no-runner-has-labels",
        "unknown",
        "only-offline-runners",
        "group-named",
        "group-named",
        "group-excludes-public",
        "group-excludes-repository",
        "group-excludes-organization",
        "group-restricts-workflows",
        "unknown",
        "phantom-busy",
        "taken-by-lesser-job",
        "all-matching-busy",
        "runner-just-idle",
        "unknown",
        "github-incident",
        "outdated-runner",
        "idle-while-queued",
    ]
    of_job = [rule.about == "job" for rule in RULES]
    assert of_job == sorted(of_job, reverse=True)


def test_a_job_that_waits_for_a_deployment_rule_is_no_runners_fault() -> None:
    finding = only_finding(fleet(runners=[runner()], jobs=[job(status="waiting")]))
    assert (finding.cause, finding.severity) == ("waiting-for-approval", "info")
    assert plain(finding.subject) == "acme/web build (1)"


def test_a_job_of_a_run_that_needs_approval_waits_for_it() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job()], runs=[run(conclusion="action_required")])
    assert cause(snapshot) == "waiting-for-approval"


def test_a_run_that_needs_approval_is_found_before_it_has_any_job() -> None:
    runs = [run(101, conclusion="action_required"), run(102, conclusion="success")]
    finding = only_finding(fleet(runs=runs))
    assert (finding.cause, plain(finding.subject)) == ("waiting-for-approval", "acme/web #1 Change a thing")


def test_a_run_that_nobody_let_go_for_days_is_no_news() -> None:
    assert diagnose(fleet(runs=[run(conclusion="action_required", created_at=NOON - timedelta(days=2))])) == ()


def test_a_pending_job_is_held_by_its_concurrency_group() -> None:
    finding = only_finding(fleet(runners=[runner()], jobs=[job(status="pending")]))
    assert (finding.cause, finding.severity) == ("held-by-concurrency", "info")


def test_a_requested_job_is_not_queued_yet() -> None:
    assert cause(fleet(runners=[runner()], jobs=[job(status="requested")])) == "not-queued-yet"


def test_a_queued_job_that_a_runner_has_is_assigned() -> None:
    assert cause(fleet(runners=[runner()], jobs=[job(runner_id=1, runner_name="linux-1")])) == "assigned"


def test_a_status_that_is_not_known_is_not_explained_away() -> None:
    diagnosis = judge(fleet(runners=[runner()], jobs=[job(status="[pondering]")]))
    (reason,) = diagnosis.reasons.values()
    assert (reason.cause, plain(reason.text)) == ("unknown", "unknown status [pondering]")


@pytest.mark.parametrize(("minutes", "expected"), [(1.4, "just-queued"), (1.5, "no-runner-has-labels")])
def test_nothing_is_said_of_a_job_in_its_first_ninety_seconds(minutes: float, expected: str) -> None:
    assert cause(fleet(jobs=[job(minutes=minutes)], runners=[runner(labels=("x",))])) == expected


def test_the_grace_is_a_setting() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job(minutes=5)])
    (reason,) = judge(snapshot, Thresholds(timedelta(minutes=6), timedelta(minutes=9))).reasons.values()
    assert reason.cause == "just-queued"


def test_before_the_first_look_is_whole_nothing_is_found() -> None:
    diagnosis = judge(fleet(runners=[runner()], jobs=[job()], whole=False))
    (reason,) = diagnosis.reasons.values()
    assert (reason.cause, diagnosis.findings, diagnosis.wedged) == ("unknown", (), frozenset())
    assert list(diagnosis.takers.values()) == [None]


def test_a_job_for_githubs_own_runners_is_not_ours() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job(labels=("ubuntu-latest",))])
    assert cause(snapshot) == "github-hosted"
    assert diagnose(snapshot) == ()


def test_an_own_runner_with_such_a_label_may_take_it_but_that_is_not_sure() -> None:
    finding = only_finding(fleet(runners=[runner(labels=("ubuntu-latest",))], jobs=[job(labels=("ubuntu-latest",))]))
    assert (finding.cause, finding.certainty) == ("idle-while-queued", "possible")


def test_runners_that_are_not_watched_are_not_called_missing() -> None:
    snapshot = fleet(runners=[runner(scope="org:other")], jobs=[job()])
    finding = only_finding(snapshot)
    assert (finding.cause, finding.certainty) == ("unknown", "unknown")
    assert "org:acme" in said(finding)
    assert list(judge(snapshot).takers.values()) == [None]


def source(kind: Any, place: str, looked_at: Any, problem: Problem | None = None) -> Freshness:
    return Freshness(kind, place, timedelta(seconds=15), looked_at, problem)


def test_runners_that_could_not_be_read_are_not_called_missing() -> None:
    snapshot = fleet(jobs=[job()], freshness=(source("runners", "org:acme", None),))
    assert cause(snapshot) == "unknown"
    assert list(judge(snapshot).takers.values()) == [None]


def test_runners_of_which_only_some_were_read_are_not_called_all_busy() -> None:
    freshness = (source("runners", "org:acme", None),)
    assert cause(fleet(runners=[runner(busy=True)], jobs=[job()], freshness=freshness)) == "unknown"
    assert cause(fleet(runners=[runner()], jobs=[job()], freshness=freshness)) == "idle-while-queued"


def test_a_scope_without_any_runner_has_none_with_the_labels() -> None:
    assert cause(fleet(jobs=[job()], freshness=(source("runners", "org:acme", NOON),))) == "no-runner-has-labels"


def test_a_misspelt_label_is_named_with_the_one_that_was_perhaps_meant() -> None:
    runners = [runner(1, labels=(*LINUX, "gpu-a10")), runner(2, labels=(*LINUX, "GPU-A10")), runner(3)]
    finding = only_finding(fleet(runners=runners, jobs=[job(labels=("self-hosted", "linux", "gpu-a01"))]))
    assert (finding.cause, finding.severity, finding.certainty) == ("no-runner-has-labels", "watch", "likely")
    assert plain(finding.summary) == "no runner has gpu-a01"
    assert "3 runners have all labels but gpu-a01: linux-1, linux-2, linux-3." in said(finding)
    assert "The closest label that runners have is gpu-a10." in said(finding)
    assert "If gpu-a01 was meant to be gpu-a10" in said(finding)


def test_labels_that_no_single_runner_unites_are_not_called_absent() -> None:
    runners = [runner(1, labels=(*LINUX, "gpu")), runner(2, labels=(*LINUX, "ssd"))]
    finding = only_finding(fleet(runners=runners, jobs=[job(labels=("gpu", "ssd", "self-hosted"))]))
    assert finding.cause == "no-runner-has-labels"
    assert "No runner that serves" not in said(finding)
    assert "runner has all labels but" in said(finding)


def test_labels_that_no_runner_has_are_all_named() -> None:
    finding = only_finding(fleet(runners=[runner()], jobs=[job(labels=("sparc", "solaris", "self-hosted"))]))
    assert "No runner that serves acme/web has sparc, solaris." in said(finding)
    assert "closest" not in said(finding)
    assert "registered elsewhere" not in said(finding)
    assert "No runner is registered where" not in said(finding)
    assert plain(finding.helps).startswith("Register a runner with these labels")


def test_a_label_that_resembles_none_may_be_added() -> None:
    finding = only_finding(fleet(runners=[runner()], jobs=[job(labels=("self-hosted", "sparc"))]))
    assert plain(finding.helps).startswith("Add the label sparc to a runner")


def test_a_misspelt_label_is_recognised_even_on_a_runner_that_lacks_others() -> None:
    runners = [runner(1, labels=("self-hosted", "gpu-a10")), runner(2, labels=("Windows",))]
    finding = only_finding(fleet(runners=runners, jobs=[job(labels=("self-hosted", "Windows", "gpu-a01"))]))
    assert "If gpu-a01 was meant to be gpu-a10" in said(finding)


def test_runners_with_the_labels_elsewhere_are_pointed_out() -> None:
    elsewhere = runner(5, scope="repo:acme/api", labels=("self-hosted", "gpu"), group_id=None)
    finding = only_finding(fleet(runners=[runner(), elsewhere], jobs=[job(labels=("self-hosted", "gpu"))]))
    assert (finding.cause, finding.certainty) == ("runners-elsewhere", "likely")
    assert "registered where only others may use them: repo:acme/api." in said(finding)


def test_runners_of_somebody_else_do_not_hide_that_no_own_one_has_the_labels() -> None:
    elsewhere = runner(5, scope="org:other", labels=("self-hosted", "gpu"), group_id=None)
    finding = only_finding(fleet(runners=[runner(), elsewhere], jobs=[job(labels=("self-hosted", "gpu"))]))
    assert finding.cause == "no-runner-has-labels"
    assert "Runners with all labels are registered elsewhere: org:other." in said(finding)


def test_a_free_label_without_self_hosted_may_be_a_larger_runner_of_githubs() -> None:
    finding = only_finding(fleet(runners=[runner()], jobs=[job(labels=("big-machine",))]))
    assert (finding.severity, finding.certainty) == ("info", "possible")
    assert "larger GitHub-hosted runner" in plain(finding.suspicion)


def test_labels_that_only_offline_runners_have_are_told_from_labels_that_none_has() -> None:
    runners = [runner(1, status="offline"), runner(2, labels=("self-hosted",))]
    finding = only_finding(fleet(runners=runners, jobs=[job(minutes=5)]))
    assert (finding.cause, finding.severity, finding.certainty) == ("only-offline-runners", "watch", "proved")
    assert "linux-1" in said(finding)
    assert "Start its service" in said(finding)
    assert finding.suspect == runners[0].key


def test_only_offline_runners_become_an_alert_in_time() -> None:
    assert only_finding(fleet(runners=[runner(status="offline")], jobs=[job(minutes=11)])).severity == "alert"


def test_a_runner_that_went_a_moment_ago_is_no_alert_however_long_the_job_has_waited() -> None:
    gone = runner(status="offline")
    snapshot = fleet(runners=[gone], jobs=[job(minutes=14)], went_offline={gone.key: ago(0.5)})
    assert only_finding(snapshot).severity == "watch"
    assert only_finding(replace(snapshot, went_offline={gone.key: ago(2)})).severity == "alert"


def test_a_runner_missing_from_the_last_list_is_neither_idle_nor_offline() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job()], missing=frozenset({runner().key}))
    assert cause(snapshot) == "unknown"


def test_a_job_that_names_only_a_group_cannot_be_judged() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job(labels=())])
    assert cause(snapshot) == "group-named"
    assert "Look into the workflow file" in said(only_finding(snapshot))
    assert list(judge(snapshot).takers.values()) == [None]


def test_a_group_for_other_repositories_is_named() -> None:
    groups = [group(name="deployers", visibility="selected", repositories=frozenset({"acme/api"}))]
    finding = only_finding(fleet(runners=[runner()], groups=groups, jobs=[job()]))
    assert (finding.cause, finding.severity, finding.certainty) == ("group-excludes-repository", "watch", "proved")
    assert "The group deployers (1 runner with the labels, 1 online) does not include this repository." in said(finding)


def test_of_many_groups_in_the_way_a_few_are_named_and_the_others_counted() -> None:
    groups = [group(n, visibility="selected", repositories=frozenset()) for n in range(1, 8)]
    finding = only_finding(fleet(runners=[runner(n, group_id=n) for n in range(1, 8)], groups=groups, jobs=[job()]))
    assert "group-4" in said(finding)
    assert "group-5" not in said(finding)
    assert "3 more groups do not admit it, or may not." in said(finding)
    four = only_finding(fleet(runners=[runner(n, group_id=n) for n in range(1, 5)], groups=groups, jobs=[job()]))
    assert "more groups" not in said(four)


def test_a_group_that_takes_no_public_repository_is_named() -> None:
    finding = only_finding(fleet(runners=[runner()], private=False, jobs=[job()]))
    assert finding.cause == "group-excludes-public"
    assert "group-1" in said(finding)


def test_a_group_that_takes_other_workflows_is_named() -> None:
    groups = [group(restricted_to_workflows=True, selected_workflows=("acme/web/.github/workflows/deploy.yml@main",))]
    assert cause(fleet(runners=[runner()], groups=groups, jobs=[job()], runs=[run()])) == "group-restricts-workflows"


def test_a_group_in_the_way_does_not_count_where_another_admits_the_job() -> None:
    groups = [group(1), group(2, visibility="selected", repositories=frozenset())]
    runners = [runner(1, busy=True), runner(2, group_id=2)]
    assert cause(fleet(runners=runners, groups=groups, jobs=[job()])) == "all-matching-busy"


@pytest.mark.parametrize(
    ("groups", "private", "runs", "would_tell"),
    [
        ([], True, (), "Self-hosted runners: read"),
        ([group(visibility="selected", repositories=None)], True, (), "Self-hosted runners: read"),
        ([group()], None, (), "Metadata: read"),
        ([group(restricted_to_workflows=True)], True, (), "against the group's selected workflows"),
    ],
)
def test_rules_that_could_not_be_read_never_make_a_runner_guilty(
    groups: list[RunnerGroup], private: bool | None, runs: Any, would_tell: str
) -> None:
    snapshot = fleet(runners=[runner()], groups=groups, private=private, jobs=[job()], runs=runs)
    finding = only_finding(snapshot)
    assert (finding.cause, finding.certainty) == ("unknown", "unknown")
    assert would_tell in plain(finding.helps)
    assert judge(snapshot).wedged == frozenset()


def test_busy_runners_explain_a_wait_without_an_alarm_until_it_is_long() -> None:
    runners = [runner(1, busy=True), runner(2, busy=True)]
    finding = only_finding(fleet(runners=runners, jobs=[job(minutes=29)]))
    assert (finding.cause, finding.severity) == ("all-matching-busy", "info")
    assert plain(finding.summary) == "all 2 matching runners busy"
    assert only_finding(fleet(runners=runners, jobs=[job(minutes=31)])).severity == "watch"


def test_busy_runners_explain_a_wait_even_if_their_groups_rules_are_not_known() -> None:
    finding = only_finding(fleet(runners=[runner(busy=True)], groups=[], jobs=[job()]))
    assert (finding.cause, finding.certainty) == ("all-matching-busy", "possible")


def test_a_runner_that_has_only_just_become_idle_is_not_suspected() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job()], idle_minutes=1)
    assert cause(snapshot) == "runner-just-idle"
    assert diagnose(snapshot) == ()


def test_an_idle_runner_and_a_waiting_job_are_found() -> None:
    diagnosis = judge(fleet(runners=[runner()], jobs=[job()]))
    (finding,) = diagnosis.findings
    assert (finding.cause, finding.severity, finding.certainty) == ("idle-while-queued", "alert", "likely")
    assert plain(finding.subject) == "linux-1"
    assert plain(finding.summary) == "idle 30 min, 1 matching job waits"
    assert finding.runners == (runner().key,)
    assert finding.jobs == (job().key,)
    assert diagnosis.wedged == {runner().key}
    assert diagnosis.takers == {job().key: 1}


def test_running_and_finished_jobs_need_no_reason() -> None:
    jobs = [job(1, status="in_progress", runner_id=1), job(2, status="completed", conclusion="failure")]
    assert judge(fleet(runners=[runner()], jobs=jobs)).reasons == {}


def test_takers_are_counted_busy_ones_included_and_offline_ones_not() -> None:
    runners = [runner(1), runner(2, busy=True), runner(3, status="offline"), runner(4, labels=("other",))]
    assert judge(fleet(runners=runners, jobs=[job()])).takers == {job().key: 2}


def test_findings_come_worst_first_and_then_oldest() -> None:
    jobs = [
        job(1, status="pending", minutes=500),
        job(2, labels=("self-hosted", "gpuu"), minutes=20),
        job(3, labels=("self-hosted", "sparc"), minutes=40),
        job(4, minutes=9),
    ]
    found = diagnose(fleet(runners=[runner()], jobs=jobs))
    assert [finding.severity for finding in found] == ["alert", "watch", "watch", "info"]
    assert found[1].since < found[2].since


def test_stale_jobs_are_not_taken_to_have_waited_on() -> None:
    """Seen queued for a minute before the network went: an hour later that is still all there is to know."""
    late = (source("jobs", "acme/web", ago(59)),)
    assert cause(fleet(runners=[runner()], jobs=[job(minutes=60)], freshness=late)) == "just-queued"


def test_stale_runners_are_not_taken_to_have_idled_on() -> None:
    late = (source("runners", "org:acme", ago(29.5)),)
    assert cause(fleet(runners=[runner()], jobs=[job(minutes=60)], freshness=late)) == "runner-just-idle"


def test_a_finding_that_rests_on_a_late_source_says_so_and_is_less_sure() -> None:
    late = (source("jobs", "acme/web", ago(5)), source("runners", "org:acme", NOON))
    finding = only_finding(fleet(runners=[runner()], jobs=[job(minutes=20)], freshness=late))
    assert (finding.cause, finding.certainty) == ("idle-while-queued", "possible")
    assert "The jobs of acme/web were last read 5 min ago" in said(finding)
    other = only_finding(fleet(runners=[runner(labels=())], jobs=[job(minutes=20)], freshness=late))
    assert (other.cause, other.certainty) == ("no-runner-has-labels", "possible")


def test_a_reason_fits_its_column_on_a_narrow_screen() -> None:
    groups = [group(visibility="selected", repositories=frozenset())]
    closed = fleet(runners=[runner()], jobs=[job()], groups=groups)
    strangers = fleet(runners=[runner()], jobs=[job()], private=False)
    unread = fleet(runners=[runner()], jobs=[job()], groups=[])
    offline = fleet(runners=[runner(status="offline")], jobs=[job()])
    taken = fleet(runners=[runner(busy=True)], jobs=[job()])
    for snapshot in (closed, strangers, unread, offline, taken, fleet(runners=[runner()], jobs=[job()])):
        (reason,) = judge(snapshot).reasons.values()
        assert len(plain(reason.text)) <= 27, plain(reason.text)


def test_labels_stand_in_one_order_everywhere_those_that_tell_runners_apart_first() -> None:
    jobs = [job(number, labels=("self-hosted", "Linux", "gpu", "X64", "a100")) for number in (1, 2)]
    told = said(only_finding(fleet(runners=[runner()], jobs=jobs)))
    subject = plain(only_finding(fleet(runners=[runner()], jobs=jobs)).subject)
    assert "wants gpu a100 self-hosted Linux X64" in told
    assert "that want gpu a100 self-hosted Linux X64" in subject
    assert "has gpu, a100." in told
