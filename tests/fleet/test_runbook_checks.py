"""What the console looks for by itself while a runbook is walked, and whom a walk is about."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.diagnosis import judge
from console.fleet.failure import Cause, Failure
from console.fleet.github_status import GithubStatus
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import DiskSpace, HostFacts, HostProcess, Located
from console.fleet.models import Freshness, Job, Problem, RunKey, Runner, RunnerKey, SourceKind, plain
from console.fleet.release import Releases
from console.fleet.runbook_checks import RUNBOOK_CHECKS, Checked, Walked, made
from console.fleet.runbook_leads import Lead, all_leads, as_of, lead_of, lead_to, leads
from console.fleet.runbooks import Runbook, Step
from console.fleet.sightings import Sighting
from console.operations.look import Look
from tests.fleet.fleets import LINUX, NOON, ago, fleet, job, runner

GPU = (*LINUX, "gpu")
STUCK = runner(3, name="prod-linux-03", labels=GPU, version="2.335.0")
OTHER = runner(1, name="prod-linux-01", busy=True, version="2.336.1")
WAITS = job(11, 14, labels=GPU)
BOOK = Runbook(
    "idle",
    "A runner is idle",
    "on call",
    "",
    (Step("See", ""),),
    findings=("idle-while-queued", "failed-cache", "release-draft"),
)


def look(*things: Runner | Job, **more: Any) -> Look:
    runners = [each for each in things if isinstance(each, Runner)]
    jobs = [each for each in things if isinstance(each, Job)]
    sources: tuple[tuple[SourceKind, str], ...] = (
        ("runners", "org:acme"),
        ("jobs", "acme/web"),
        ("finished", "acme/web"),
    )
    said: dict[str, Any] = {
        "freshness": tuple(
            Freshness(kind, place, timedelta(seconds=15), NOON - timedelta(seconds=4)) for kind, place in sources
        ),
    }
    of_the_look = {name: more.pop(name) for name in [*more] if name in Look.__struct_fields__ and name != "snapshot"}
    snapshot = fleet(runners=runners, jobs=jobs, **{**said, **more})
    judged = judge(snapshot)
    known = {"findings": judged.findings, "reasons": judged.reasons, "wedged": judged.wedged}
    return Look(snapshot, **{**known, **of_the_look})


def about(target: Runner, key: str = "") -> Lead:
    return Lead("", key, (target.name,), (), None, (target.key,), target.name)


def check(name: str, seen: Look, lead: Lead | None = None) -> Checked:
    return made(name, seen, Walked(BOOK, lead))


def ended(number: int, conclusion: str = "success", **more: Any) -> Job:
    values = {"status": "completed", "conclusion": conclusion, "completed_at": ago(5), **more}
    return job(number, 20, **values)


CACHE = Failure(1, (Cause("cache", "proved", "cache.fail-on-miss", "Missing", "Save it.", "the line"),))


@pytest.mark.parametrize(
    ("name", "holds", "does_not"),
    [
        ("runner-listed", (STUCK,), (OTHER,)),
        ("runner-online", (STUCK,), (replace(STUCK, status="offline"),)),
        ("runner-idle", (STUCK,), (replace(STUCK, busy=True),)),
        ("runner-takes-jobs", (replace(STUCK, busy=True), WAITS), (STUCK, WAITS)),
        ("runner-takes-jobs", (STUCK,), (replace(STUCK, status="offline"),)),
        ("finding-gone", (STUCK,), (STUCK, WAITS)),
        ("no-job-waits", (STUCK, job(11, 0.5, labels=GPU)), (STUCK, WAITS)),
        ("no-job-waits", (STUCK, job(11, 14, labels=("mac",))), (STUCK, job(11, 14, labels=("GPU",)))),
        ("no-runner-idles-beside-jobs", (STUCK,), (STUCK, WAITS)),
        ("versions-are-close", (STUCK, OTHER), (replace(STUCK, version="2.334.9"), OTHER)),
        (
            "job-went-well-there",
            (STUCK, ended(1, runner_id=3, runner_name=STUCK.name)),
            (STUCK, ended(1, "failure", runner_id=3, runner_name=STUCK.name)),
        ),
    ],
)
def test_a_check_holds_or_not_by_what_is_seen(name: str, holds: tuple[Any, ...], does_not: tuple[Any, ...]) -> None:
    assert check(name, look(*holds), about(STUCK)).met is True
    refused = check(name, look(*does_not), about(STUCK))
    assert refused.met is False
    assert plain(refused.found).endswith(".")


def test_a_check_of_a_runner_says_that_it_cannot_tell_without_one() -> None:
    for name in ("runner-listed", "runner-online", "runner-takes-jobs", "runner-drained", "log-is-quiet"):
        found = check(name, look(STUCK))
        assert found.met is None
        assert "No runner is known" in plain(found.found)


def test_nothing_holds_before_the_first_look_is_whole_or_by_what_is_remembered() -> None:
    for seen in (look(STUCK, whole=False), look(STUCK, remembered=True)):
        assert {check(name, seen, about(STUCK)).met for name in RUNBOOK_CHECKS} == {None}


def test_old_facts_prove_nothing_and_still_show_what_is_wrong() -> None:
    problem = Problem("unreachable", "GitHub does not answer", "Wait.", NOON)
    late = (Freshness("runners", "org:acme", timedelta(seconds=15), ago(7), problem),)
    found = check("runner-online", look(STUCK, freshness=late), about(STUCK))
    assert (found.met, plain(found.found)) == (
        None,
        "It cannot be relied on: the runners of org:acme were last read 7 min ago: GitHub does not answer.",
    )
    gone = look(replace(STUCK, status="offline"), freshness=late)
    assert check("runner-online", gone, about(STUCK)).met is False


def test_what_is_old_elsewhere_does_not_hide_what_is_known_of_this_runner() -> None:
    sources = (
        Freshness("runners", "org:acme", timedelta(seconds=15), NOON),
        Freshness("runners", "org:other", timedelta(seconds=15), ago(7)),
    )
    assert check("runner-online", look(STUCK, freshness=sources), about(STUCK)).met is True


def test_a_runner_that_was_registered_again_is_found_by_its_name() -> None:
    again = replace(STUCK, id=90)
    assert check("runner-listed", look(again), about(STUCK)).met is True
    assert as_of(about(STUCK), look(again)).targets == (RunnerKey("org:acme", 90),)
    elsewhere = replace(again, scope="org:other")
    assert check("runner-listed", look(elsewhere), about(STUCK)).met is False


def test_a_drained_runner_is_out_once_github_calls_it_offline() -> None:
    off = replace(STUCK, status="offline")
    assert check("runner-drained", look(off, drained=frozenset({STUCK.key})), about(STUCK)).met is True
    assert check("runner-drained", look(STUCK, drained=frozenset({STUCK.key})), about(STUCK)).met is False
    assert check("runner-drained", look(off), about(STUCK)).met is False


def test_a_job_run_again_after_a_failure_for_a_cache_has_mended_it() -> None:
    failed = ended(1, "failure", run_id=5)
    seen = look(failed, failures={failed.key: CACHE})
    assert check("no-job-fails-for-a-cache", seen).met is False
    assert check("no-job-fails-for-the-build-cache", seen).met is True
    newer = ended(2, run_id=6)
    assert check("no-job-fails-for-a-cache", look(failed, newer, failures={failed.key: CACHE})).met is True


def test_a_failure_whose_log_nobody_has_read_may_be_one_for_a_cache() -> None:
    found = check("no-job-fails-for-a-cache", look(ended(1, "failure")))
    assert (found.met, plain(found.found)) == (None, "Why 1 job failed has not been read yet.")


def test_releases_that_were_not_read_are_not_called_well() -> None:
    assert check("no-release-astray", look(STUCK)).met is None
    assert check("no-release-astray", look(STUCK, releases={"acme/web": Releases(NOON, unread="403")})).met is None
    assert check("no-release-astray", look(STUCK, releases={"acme/web": Releases(NOON)})).met is True


def test_whoever_has_opened_an_explanation_or_a_log_since_something_led_here_has_looked_into_it() -> None:
    seen = look(STUCK)
    assert made("looked-into", seen, Walked(BOOK, None, looked_into=True)).met is None
    assert made("looked-into", seen, Walked(BOOK, about(STUCK))).met is None
    assert made("looked-into", seen, Walked(BOOK, about(STUCK), looked_into=True)).met is True


def test_a_failing_cache_leads_nowhere_once_the_next_run_goes_well_and_a_machine_does_still() -> None:
    failed, well = ended(1, "failure"), replace(ended(2, "success"), name="build (1)")
    for kind, causes in (("cache", []), ("infrastructure", ["failed-infrastructure"])):
        failure = Failure(1, (Cause(kind, "proved", "a.b", "A title", "Do this.", "line"),))  # type: ignore[arg-type]
        seen = look(failed, well, failures={failed.key: failure})
        assert [each.cause for each in all_leads(seen)] == causes


def test_a_draft_that_somebody_may_be_meant_to_publish_is_not_astray() -> None:
    read = {"acme/web": Releases(NOON)}
    (finding,) = look(STUCK, WAITS).findings
    draft = replace(finding, cause="release-draft", severity="watch")
    assert check("no-release-astray", look(releases=read, findings=(draft,))).met is False
    assert check("no-release-astray", look(releases=read, findings=(replace(draft, severity="info"),))).met is True


def test_github_answers_only_while_every_source_is_read_in_time() -> None:
    assert check("github-answers", look(STUCK)).met is True
    problem = Problem("unreachable", "502", "Wait.", NOON)
    bad = (Freshness("jobs", "acme/web", timedelta(seconds=15), NOON, problem),)
    found = check("github-answers", look(STUCK, freshness=bad))
    said = "1 of 1 source not read in time, such as the jobs of acme/web: 502."
    assert (found.met, plain(found.found)) == (False, said)


def test_what_github_refuses_to_a_token_it_has_answered_and_what_rests_on_it_is_unknown() -> None:
    problem = Problem("permission", "May not read the runs of acme/web.", "Give it actions: read.", NOON)
    refused = (Freshness("jobs", "acme/web", timedelta(seconds=15), None, problem),)
    answers = check("github-answers", look(STUCK, freshness=refused))
    said = "It answers, and refuses 1 source, such as the jobs of acme/web."
    assert (answers.met, plain(answers.found)) == (True, said)
    paused = (replace(refused[0], problem=replace(problem, kind="limit")),)
    assert check("github-answers", look(STUCK, freshness=paused)).met is None
    waits = check("no-job-waits", look(STUCK, freshness=refused))
    said = "It cannot be relied on: the jobs of acme/web have not been read yet: May not read the runs of acme/web."
    assert (waits.met, plain(waits.found)) == (None, said)


def test_where_nothing_has_led_nobody_knows_whether_it_is_gone() -> None:
    assert check("finding-gone", look(STUCK)).met is None


@pytest.mark.parametrize(
    ("said", "minutes", "met"),
    [
        ("operational", 1, True),
        ("partial_outage", 1, False),
        ("on_holiday", 1, False),
        ("", 1, None),
        ("operational", 9, None),
    ],
)
def test_what_githubs_page_says_of_actions_counts_while_it_is_new(said: str, minutes: float, met: bool | None) -> None:
    page = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), ago(minutes))
    seen = look(STUCK, github_status=GithubStatus(said), status_page=page)
    assert check("actions-operational", seen).met is met
    assert check("actions-operational", look(STUCK)).met is None


def test_githubs_own_word_that_it_is_in_trouble_leads_to_what_to_do_about_it() -> None:
    page = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), ago(1))
    seen = look(STUCK, github_status=GithubStatus("partial_outage"), status_page=page)
    book = replace(BOOK, findings=("github-incident",))
    (lead,) = leads(book, seen)
    assert plain((*lead.subject, ": ", *lead.summary)) == "GitHub: its status page says of Actions: partial outage"
    assert check("finding-gone", seen, lead).met is False
    well = look(STUCK, github_status=GithubStatus("operational"), status_page=page)
    assert leads(book, well) == ()
    assert check("finding-gone", well, lead).met is True


def test_what_is_found_of_others_does_not_keep_a_walk_about_a_runner_of_which_nothing_was_found() -> None:
    seen = look(STUCK, OTHER, WAITS)
    assert check("finding-gone", seen, lead_to(OTHER.key, seen.snapshot)).met is True
    assert check("finding-gone", seen, lead_to(STUCK.key, seen.snapshot)).met is False


def test_logs_that_nobody_opened_say_nothing() -> None:
    assert check("not-on-several-hosts", look(STUCK)).met is None
    assert check("log-is-quiet", look(STUCK), about(STUCK)).met is None
    sighting = Sighting(STUCK.key, STUCK.name, "h", "broker.x", "Connect error", "", "error", ago(2))
    seen = look(STUCK, sightings={STUCK.key: sighting})
    assert check("not-on-several-hosts", seen).met is True
    assert check("not-on-several-hosts", seen).found == ("Known lines are on 1 runner only.",)
    assert check("log-is-quiet", seen, about(STUCK)).met is False


def test_a_version_that_github_does_not_say_is_unknown() -> None:
    assert check("versions-are-close", look(replace(STUCK, version=None), OTHER), about(STUCK)).met is None


def test_findings_and_failed_jobs_lead_to_a_runbook_worst_first() -> None:
    failed, leg = ended(1, "failure"), ended(2, "failure", run_id=101)
    seen = look(STUCK, OTHER, WAITS, failed, leg, failures={failed.key: CACHE, leg.key: CACHE})
    idle, cache = leads(BOOK, seen)
    assert (idle.cause, idle.runner, idle.runner_name) == ("idle-while-queued", STUCK.key, "prod-linux-03")
    assert (cache.cause, plain(cache.subject)) == ("failed-cache", "acme/web build (2) and 1 other job")
    assert cache.targets == (ended(2).key, failed.key)


def test_jobs_that_failed_for_their_machine_lead_to_the_runner_that_had_most_of_them() -> None:
    broken = Failure(1, (Cause("infrastructure", "proved", "host.disk-full", "Full", "Make room.", "the line"),))
    on = {"runner_id": 3, "runner_name": STUCK.name}
    jobs = (ended(1, "failure", **on), ended(2, "failure", **on), ended(3, "failure", runner_id=1))
    seen = look(STUCK, OTHER, *jobs, failures={each.key: broken for each in jobs})
    book = replace(BOOK, findings=("failed-infrastructure",))
    (lead,) = leads(book, seen)
    assert (lead.runner, lead.runner_name) == (STUCK.key, "prod-linux-03")


def test_a_walk_may_be_about_something_of_which_nothing_was_found() -> None:
    seen = look(STUCK, WAITS)
    assert plain(lead_to(STUCK.key, seen.snapshot).subject) == "prod-linux-03"
    assert plain(lead_to(WAITS.key, seen.snapshot).subject) == "acme/web build (11)"
    assert plain(lead_to(RunKey("acme/web", 7), seen.snapshot).subject) == "acme/web run 7"


def test_a_walk_about_a_finding_follows_it_to_whom_it_is_about_by_now() -> None:
    began = look(STUCK, OTHER, WAITS)
    lead = lead_of(began.findings[0], began.snapshot)
    later = look(STUCK, OTHER, WAITS, job(12, 5, labels=GPU))
    assert len(as_of(lead, later).targets) == len(lead.targets) + 1
    assert check("finding-gone", look(STUCK, OTHER), lead).met is True


GIGABYTE = 1_000_000_000
HOST_CHECKS = ("service-active", "listener-runs", "no-worker-runs", "disk-has-room")


def on_host(**changes: Any) -> HostEvidence:
    """What the host of the stuck runner said a minute ago: all is well there."""
    located = Located(STUCK.key, "build-03", "/opt/runner", "actions.runner.acme.service", 7, "proved", 3)
    well: dict[str, Any] = {
        "unit_state": "active (running)",
        "listeners": (HostProcess(7, timedelta(days=2)),),
        "disks": (DiskSpace("/opt/runner", 60 * GIGABYTE, 100 * GIGABYTE),),
    }
    at = changes.pop("taken_at", ago(1))
    return HostEvidence(STUCK.key, "build-03", HostFacts(located, at, **{**well, **changes}))


def seen_on_host(**changes: Any) -> Look:
    return look(STUCK, hosts={STUCK.key: on_host(**changes)})


@pytest.mark.parametrize("name", HOST_CHECKS)
def test_a_host_on_which_all_is_well_meets_every_check_and_it_is_told_when_it_said_so(name: str) -> None:
    found = check(name, seen_on_host(), about(STUCK))
    assert found.met is True
    assert "build-03" in plain(found.found)
    assert plain(found.found).endswith(". Asked 1 min ago.")


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [
        ("service-active", {"unit_state": "inactive (dead)", "listeners": ()}, "is inactive (dead)."),
        (
            "service-active",
            {"unit_state": "inactive (dead)", "listeners": (), "exit_line": "status 0."},
            "is inactive (dead), status 0.",
        ),
        ("listener-runs", {"listeners": ()}, "No listener of it runs"),
        ("listener-runs", {"listeners": (HostProcess(7), HostProcess(8))}, "2 listeners"),
        ("no-worker-runs", {"workers": (HostProcess(9),)}, "1 worker"),
        ("disk-has-room", {"disks": (DiskSpace("/opt/runner", 900_000_000, 100 * GIGABYTE),)}, "900 MB of 100 GB"),
    ],
)
def test_what_is_wrong_on_a_host_is_told(name: str, changes: dict[str, Any], words: str) -> None:
    found = check(name, seen_on_host(**changes), about(STUCK))
    assert found.met is False
    assert words in plain(found.found)


@pytest.mark.parametrize("name", HOST_CHECKS)
def test_what_no_host_has_said_or_said_long_ago_is_not_known(name: str) -> None:
    unknown = HostEvidence(STUCK.key, unknown="No host of the runner “prod-linux-03” is configured")
    for seen, words in (
        (look(STUCK), "has not been asked yet"),
        (look(STUCK, hosts={STUCK.key: unknown}), "is configured"),
        (seen_on_host(taken_at=ago(6)), "was asked 6 min ago"),
    ):
        found = check(name, seen, about(STUCK))
        assert found.met is None
        assert words in plain(found.found)


def test_a_host_that_tells_of_no_service_and_no_disk_leaves_both_unknown() -> None:
    bare = on_host(unit_state="", disks=())
    assert bare.facts is not None
    nowhere = replace(bare, facts=replace(bare.facts, located=replace(bare.facts.located, unit=None)))
    for evidence in (bare, nowhere):
        seen = look(STUCK, hosts={STUCK.key: evidence})
        assert check("service-active", seen, about(STUCK)).met is None
        assert check("disk-has-room", seen, about(STUCK)).met is None


def test_a_trouble_that_has_become_another_one_of_the_same_runner_is_not_gone() -> None:
    (lead,) = leads(BOOK, look(STUCK, WAITS))
    made_worse = look(replace(STUCK, status="offline"), WAITS)
    assert [each.cause for each in made_worse.findings] == ["only-offline-runners"]
    found = check("finding-gone", made_worse, lead)
    assert found.met is False
    assert "its only runner is offline" in plain(found.found)
    assert check("finding-gone", look(STUCK), lead).met
