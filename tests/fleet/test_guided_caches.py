"""Jobs that failed for a cache: what is decided, what is deleted, and what never is."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from console.fleet.cache_conditions import CachesGone
from console.fleet.cache_trouble import SIGNATURES, cache_failed_lately
from console.fleet.conditions import NewAttempt
from console.fleet.evidence import Cache, CachesOf, Evidence, Fact, FailureOf, JobNow, RunNow
from console.fleet.failure import Cause, Failure, Kind
from console.fleet.guided_actions.caches import rerun_cache_failed
from console.fleet.models import Job, Run, plain
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.signatures import shipped_catalogue
from tests.fleet.fleets import NOON, ago, fleet
from tests.fleet.planning import planned, refused, told
from tests.fleet.runs_and_jobs import FAILED, GREEN, JOBS, ended_job, evidence, failed_run

KEY, MAIN = "npm-Linux-7be1f0", "refs/heads/main"
RERUN = "/repos/acme/web/actions/jobs/1/rerun"


def cause(signature: str, key: str = "", *, kind: Kind = "cache", words: str = "") -> Cause:
    said = words or f"the line of {signature}"
    return Cause(kind, "proved", signature, f"What {signature} means", f"Helps against {signature}.", said, 80, key=key)


MISSED = cause("cache.fail-on-miss", KEY, words=f"Exiting as fail-on-cache-miss is set. Input key: {KEY}")
CONFLICT = cause("cache.create-409")
MOON = cause("remote-build-cache.grpc-call", kind="remote-cache")


def entry(number: int = 5, minutes: float = 60, **changes: Any) -> Cache:
    given: dict[str, Any] = {"key": KEY, "ref": MAIN, "version": "v1", "size": 84_000_000, "created_at": ago(minutes)}
    return Cache(**{"id": number, "last_used_at": ago(minutes), **given, **changes})


def asked(
    *causes: Cause,
    caches: Iterable[Cache] = (),
    run: Run | None = None,
    jobs: Iterable[Job] = JOBS,
    others: Mapping[Job, Failure | None] | None = None,
    unknown: str = "",
) -> Plan | Refusal:
    more: dict[Fact[Any], object] = {
        FailureOf(FAILED.key): Failure(1, causes, unknown),
        CachesOf("acme/web", KEY): tuple(caches),
        **{FailureOf(job.key): failure for job, failure in (others or {}).items()},
    }
    return rerun_cache_failed(evidence(run, jobs, more=more), FAILED.key)


def paths(plan: Plan) -> list[tuple[str, str]]:
    return [(part.method, part.path) for part in plan.parts if isinstance(part, Call)]


def test_an_entry_that_is_there_and_yet_was_missed_is_deleted_by_its_id_and_then_the_job_runs_again() -> None:
    plan = planned(asked(MISSED, CONFLICT, caches=[entry()]))
    assert paths(plan) == [("DELETE", "/repos/acme/web/actions/caches/5"), ("POST", RERUN)]
    gone, proof = (part.condition for part in plan.parts if isinstance(part, Until))
    assert gone == CachesGone("acme/web", KEY, (5,))
    assert proof == NewAttempt(failed_run().key, 1)
    assert plan.typed == "build"
    words = told(plan)
    assert f"It deletes the entry {KEY} on {MAIN}: 84.0 MB, last used 1 h 00 ago." in words
    assert "line 81: the line of cache.create-409" in words


def test_only_entries_of_exactly_this_key_and_ref_are_deleted_and_what_stays_is_said() -> None:
    listed = [entry(5), entry(6, key=f"{KEY}-longer"), entry(7, ref="refs/heads/other"), entry(8, version="v2")]
    plan = planned(asked(MISSED, CONFLICT, caches=listed))
    deleted = [path for method, path in paths(plan) if method == "DELETE"]
    assert deleted == ["/repos/acme/web/actions/caches/5", "/repos/acme/web/actions/caches/8"]
    assert f"2 other entries stay as they are: {KEY}-longer on {MAIN}, {KEY} on refs/heads/other." in told(plan)


def test_what_holds_a_key_and_is_not_listed_is_deleted_by_key_and_ref_never_by_key_alone() -> None:
    plan = planned(asked(MISSED, CONFLICT, caches=[entry(7, ref="refs/heads/other")]))
    held = ("DELETE", f"/repos/acme/web/actions/caches?key={KEY}&ref=refs%2Fheads%2Fmain")
    assert paths(plan) == [held, ("POST", RERUN)]
    assert plan.typed == "build"
    assert "is not listed, and still holds its key" in told(plan)


def test_a_key_that_another_job_saved_meanwhile_was_a_race_and_nothing_is_deleted() -> None:
    plan = planned(asked(MISSED, CONFLICT, caches=[entry(minutes=5)]))
    assert paths(plan) == [("POST", RERUN)]
    assert plan.typed == ""
    assert "Another job has saved the key since it began" in told(plan)


@pytest.mark.parametrize(
    "said",
    [cause("cache.reserve-read-only", KEY), cause("cache.write-denied"), cause("cache.read-denied")],
)
def test_no_re_run_helps_where_the_token_may_only_read(said: Cause) -> None:
    words = refused(asked(MISSED, said, caches=[entry()]))
    assert "Deleting entries does not help" in words
    assert said.words in words


def test_a_line_that_may_mean_a_read_only_token_is_taken_so_in_runs_that_may_have_one() -> None:
    race = cause("cache.reserve-race", KEY)
    assert "Deleting entries does not help" in refused(asked(MISSED, race, run=failed_run(event="workflow_run")))
    assert paths(planned(asked(MISSED, race)))[0][0] == "DELETE"


@pytest.mark.parametrize("signature", ["cache.create-404", "cache.twirp-exhausted", "cache.rate-limited"])
def test_trouble_of_the_cache_service_deletes_nothing_and_says_to_wait(signature: str) -> None:
    plan = planned(asked(MISSED, CONFLICT, cause(signature), caches=[entry()]))
    assert paths(plan) == [("POST", RERUN)]
    assert "It failed 4 min ago. While it still is, the job fails again: wait until it is over." in told(plan)


def test_an_entry_that_is_missing_has_to_be_saved_first() -> None:
    assert "has no entry of the key it needs" in refused(asked(MISSED))
    assert "has no entry of the key it needs" in refused(asked(MISSED, caches=[entry(key=f"{KEY}-longer")]))
    plan = planned(asked(MISSED, caches=[entry(minutes=2, ref="refs/heads/other")]))
    assert paths(plan) == [("POST", RERUN)]
    assert "By now there is an entry of its key, on refs/heads/other" in told(plan)


def test_what_only_the_workflow_can_change_is_refused() -> None:
    assert "would fail again" in refused(asked(cause("cache.too-large")))


def test_a_job_that_failed_for_its_build_cache_is_run_again_with_advice_that_does_not_promise_a_version() -> None:
    plan = planned(asked(MOON))
    assert paths(plan) == [("POST", RERUN)]
    assert "a newer moon alone does not rule it out" in told(plan)
    bazel = planned(asked(cause("remote-build-cache.bazel", kind="remote-cache")))
    assert "moon" not in told(bazel)


def test_a_job_that_failed_for_something_else_is_not_run_again_here() -> None:
    tests = cause("tests.pytest", kind="tests")
    assert "did not fail for a cache, but for its own tests" in refused(asked(tests, MISSED))
    assert "Why it failed is not known: its log is gone" in refused(asked(unknown="its log is gone"))


@pytest.mark.parametrize(
    ("run", "ref"),
    [
        (failed_run(), "refs%2Fheads%2Fmain"),
        (failed_run(branch="v1.2.0"), "refs%2Ftags%2Fv1.2.0"),
        (failed_run(event="schedule"), "refs%2Fheads%2Fmain"),
    ],
)
def test_the_ref_is_the_one_that_the_run_saves_under(run: Run, ref: str) -> None:
    assert paths(planned(asked(MISSED, CONFLICT, run=run)))[0][1].endswith(f"&ref={ref}")


def test_the_ref_of_a_pull_request_is_not_guessed_but_taken_from_the_line() -> None:
    pull = failed_run(event="pull_request", branch="fix")
    assert "cannot be told" in refused(asked(MISSED, CONFLICT, run=pull, caches=[entry(ref="refs/pull/7/merge")]))
    words = f"More details: Cache already exists. Scope: refs/pull/7/merge, Key: {KEY}, Version: 00aa"
    said = cause("cache.reserve-locked", KEY, words=words)
    listed = [entry(5, ref="refs/pull/7/merge"), entry(6, ref="refs/pull/8/merge"), entry(9)]
    plan = planned(asked(MISSED, said, run=pull, caches=listed))
    assert paths(plan)[0] == ("DELETE", "/repos/acme/web/actions/caches/5")
    assert len(paths(plan)) == 2


@pytest.mark.parametrize("key", ["", "npm␛[31m", "npm…(+400)"])
def test_a_key_that_is_not_known_to_the_letter_deletes_nothing(key: str) -> None:
    assert "cannot be read to the letter" in refused(asked(cause("cache.reserve-locked", key)))


def test_the_question_rests_on_the_entries_that_it_would_delete() -> None:
    one, other = (planned(asked(MISSED, CONFLICT, caches=[entry(number)])) for number in (5, 6))
    assert one.rests_on != other.rests_on


def test_jobs_of_one_run_that_failed_for_the_same_run_again_together() -> None:
    second = ended_job(7, name="build (2)")
    failure = Failure(1, (MISSED, CONFLICT))
    plan = planned(asked(MISSED, CONFLICT, jobs=(FAILED, second, GREEN), others={second: failure}, caches=[entry()]))
    assert paths(plan)[-1] == ("POST", "/repos/acme/web/actions/runs/101/rerun-failed-jobs")
    assert plan.target == FAILED.key
    assert "All failed jobs of the run failed for the same and run again, too: build (2)." in told(plan)
    alone = planned(asked(MISSED, CONFLICT, jobs=(FAILED, second), others={second: Failure(1)}, caches=[entry()]))
    assert paths(alone)[-1] == ("POST", RERUN)
    assert "The other failed jobs of the run are not run again by this: build (2)." in told(alone)


def test_legs_of_a_matrix_with_keys_of_their_own_are_freed_by_one_consent_to_one_list() -> None:
    other_key = "npm-Linux-node22-7be1f0"
    second = ended_job(7, name="build (2)")
    missed = cause("cache.fail-on-miss", other_key, words=f"Input key: {other_key}")
    more: dict[Fact[Any], object] = {
        FailureOf(FAILED.key): Failure(1, (MISSED, CONFLICT)),
        FailureOf(second.key): Failure(1, (missed, CONFLICT)),
        CachesOf("acme/web", KEY): (entry(),),
        CachesOf("acme/web", other_key): (),
    }
    plan = planned(rerun_cache_failed(evidence(None, (FAILED, second, GREEN), more=more), FAILED.key))
    assert paths(plan) == [
        ("DELETE", "/repos/acme/web/actions/caches/5"),
        ("DELETE", f"/repos/acme/web/actions/caches?key={other_key}&ref=refs%2Fheads%2Fmain"),
        ("POST", "/repos/acme/web/actions/runs/101/rerun-failed-jobs"),
    ]
    hurts = " ".join(plain(hurt) for hurt in plan.hurts)
    assert f"It deletes the entry {KEY} on {MAIN}" in hurts
    assert f"whatever there is of the key {other_key} on {MAIN}" in hurts
    assert plan.rests_on[-2:] == ("5", "unlisted")


def test_another_job_of_the_run_whose_entry_cannot_be_told_is_left_alone() -> None:
    second = ended_job(7, name="build (2)")
    unnamed = Failure(1, (cause("cache.fail-on-miss"), CONFLICT))
    plan = planned(asked(MISSED, CONFLICT, jobs=(FAILED, second), others={second: unnamed}, caches=[entry()]))
    assert paths(plan)[-1] == ("POST", RERUN)


def test_a_run_that_cannot_be_run_again_loses_no_entry() -> None:
    assert "GitHub allows 50" in refused(asked(MISSED, CONFLICT, caches=[entry()], run=failed_run(attempt=51)))


def test_cache_failed_jobs_of_the_last_hour_are_one_for_each_workflow_and_branch_the_newest_first() -> None:
    cache, tests = Failure(1, (MISSED,)), Failure(1, (cause("tests.pytest", kind="tests"),))
    jobs = [
        ended_job(1, run_id=101, completed_at=ago(30)),
        ended_job(2, run_id=102, completed_at=ago(25)),
        ended_job(3, run_id=102, completed_at=ago(20)),
        ended_job(4, run_id=103, completed_at=ago(10), branch="other"),
        ended_job(5, run_id=104, completed_at=ago(61), branch="old"),
        ended_job(6, run_id=105, completed_at=ago(5), branch="tests"),
        ended_job(7, run_id=106, completed_at=ago(5), branch="going"),
        ended_job(8, run_id=107, completed_at=ago(5), branch="cancelled", conclusion="cancelled"),
    ]
    failures = {job.key: tests if job.branch == "tests" else cache for job in jobs}
    going = failed_run(id=106, status="in_progress", conclusion=None)
    found = cache_failed_lately(fleet(jobs=jobs, runs=(going,)), failures, NOON)
    assert [key.id for key in found] == [4, 3]
    assert cache_failed_lately(fleet(jobs=jobs), failures, NOON + timedelta(hours=2)) == ()


def test_entries_are_gone_once_their_ids_are_not_listed_whatever_was_saved_since() -> None:
    gone = CachesGone("acme/web", KEY, (5,))

    def judged(*listed: Cache) -> bool:
        return gone.judge(Evidence(fleet(), {CachesOf("acme/web", KEY): listed}, now=NOON)).met

    assert not judged(entry(5), entry(6))
    assert judged(entry(6))
    assert judged()


def test_every_line_that_decides_is_one_of_the_catalogue_s_about_caches() -> None:
    known = {each.id: each.failure_class for each in shipped_catalogue().signatures}
    for _, signatures in SIGNATURES:
        for signature in signatures:
            assert known[signature] == "cache"


def test_the_menu_says_without_asking_anybody_that_a_run_under_way_has_to_be_waited_for() -> None:
    going = failed_run(status="in_progress", conclusion=None)
    known = Evidence(fleet(), {JobNow(FAILED.key): FAILED, RunNow(going.key): going}, now=NOON)
    assert "waits for its end" in refused(rerun_cache_failed(known, FAILED.key))
