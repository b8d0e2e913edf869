"""Jobs that failed for a cache are told by what they have in common, and only until something has mended it."""

from msgspec.structs import replace

from console.fleet.cache_findings import cache_findings
from console.fleet.cache_trouble import cache_failed_lately
from console.fleet.failure import Cause, Failure, Kind
from console.fleet.models import Job, JobKey, plain
from console.fleet.newest_runs import one_of_each_run
from tests.fleet.fleets import NOON, ago, fleet
from tests.fleet.runs_and_jobs import ended_job, failed_run

LOST, HELD, MOON = "cache.create-404", "cache.create-409", "remote-build-cache.grpc-call"


def why(signature: str, kind: Kind = "cache") -> Failure:
    return Failure(1, (Cause(kind, "proved", signature, "A title", "Do this.", "the line", 7),))


def seen(*failed: tuple[Job, Failure], more: tuple[Job, ...] = ()) -> list[tuple[str, str, list[int]]]:
    jobs = [*(job for job, _ in failed), *more]
    runs = {job.run_id: failed_run(id=job.run_id, repository=job.repository) for job in jobs}
    snapshot = fleet(jobs=jobs, runs=runs.values())
    found = cache_findings(snapshot, {job.key: failure for job, failure in failed})
    return [(each.cause, plain(each.helps), [key.id for key in each.jobs]) for each in found]


def test_whoever_uses_a_service_in_trouble_is_one_finding_and_a_restart_is_no_help() -> None:
    web, api = ended_job(1), ended_job(2, run_id=102, repository="acme/api", completed_at=ago(2))
    ((cause, helps, jobs),) = seen((web, why(LOST)), (api, why(LOST)))
    assert (cause, jobs) == ("failed-cache", [2, 1])
    assert helps.startswith("Wait until it answers again")
    assert helps.endswith("a restart of runners cannot help.")


def test_who_has_it_and_what_it_is_read_as_one_sentence() -> None:
    web, beside = ended_job(1), ended_job(2, name="beside")
    runs = (failed_run(id=web.run_id, repository=web.repository),)
    (found,) = cache_findings(fleet(jobs=(web, beside), runs=runs), dict.fromkeys((web.key, beside.key), why(LOST)))
    said = f"{plain(found.subject)}: {plain(found.summary)}"
    assert said == "2 jobs of acme/web: failed, GitHub's cache is in trouble"


def test_held_keys_are_told_for_each_workflow_and_branch() -> None:
    one, leg, other = ended_job(1), ended_job(2, name="build (2)"), ended_job(3, run_id=103, workflow="other")
    assert [jobs for _, _, jobs in seen(*((job, why(HELD)) for job in (one, leg, other)))] == [[2, 1], [3]]


def test_a_newer_run_that_went_well_or_a_new_attempt_has_mended_it_and_one_that_was_cancelled_has_not() -> None:
    failed = (ended_job(1), why(HELD))
    assert seen(failed, more=(ended_job(5, run_id=105, conclusion="success"),)) == []
    assert seen(failed, more=(ended_job(6, name="build (1)", attempt=2, conclusion="success"),)) == []
    assert len(seen(failed, more=(ended_job(5, run_id=105, conclusion="cancelled"),))) == 1


def test_while_a_run_is_run_again_an_older_one_that_failed_for_the_same_does_not_come_back() -> None:
    older, newer = (ended_job(1), why(HELD)), (ended_job(2, run_id=109), why(HELD))
    assert [jobs for _, _, jobs in seen(older, newer)] == [[2]]
    again = replace(ended_job(3, run_id=109, attempt=2), name=newer[0].name, status="in_progress", conclusion=None)
    assert seen(older, newer, more=(replace(again, completed_at=None),)) == []
    first = replace(again, id=4, run_id=110, attempt=1, completed_at=None)
    assert [jobs for _, _, jobs in seen(older, newer, more=(first,))] == [[2]]


def test_jobs_that_failed_for_their_own_tests_or_long_ago_are_none() -> None:
    assert seen((ended_job(1), why("tests.pytest", "tests"))) == []
    assert seen((ended_job(1, completed_at=ago(61)), why(LOST))) == []


def test_a_job_that_had_failed_for_it_and_goes_well_again_says_that_it_answers() -> None:
    web, api = ended_job(1), ended_job(2, run_id=102, repository="acme/api", name="moon")
    later = ended_job(3, run_id=109, repository="acme/api", name="moon", conclusion="success", started_at=ago(3))
    failed = ((web, why(MOON, "remote-cache")), (api, why(MOON, "remote-cache")))
    ((cause, helps, jobs),) = seen(*failed, more=(replace(later, completed_at=ago(1)),))
    assert (cause, jobs) == ("failed-remote-cache", [1])
    assert helps.startswith("It seems to answer again")
    meanwhile = replace(later, started_at=ago(7), completed_at=ago(1))
    ((_, helps, _),) = seen(*failed, more=(meanwhile,))
    assert helps.startswith("Ask who runs the cache")


def test_a_key_that_is_held_says_that_the_service_answers() -> None:
    lost = (ended_job(1, repository="acme/api", completed_at=ago(4)), why(LOST))
    held = ended_job(2, run_id=109, started_at=ago(3), completed_at=ago(1))
    assert [helps for _, helps, jobs in seen(lost, (held, why(HELD))) if jobs == [1]] == [
        "It seems to answer again: run the jobs again; a restart of runners cannot help."
    ]


def test_of_each_run_one_job_stands_for_the_others() -> None:
    jobs = (ended_job(1), ended_job(2), ended_job(3, run_id=103))
    assert one_of_each_run([job.key for job in jobs], fleet(jobs=jobs)) == (
        JobKey("acme/web", 1),
        JobKey("acme/web", 3),
    )


def test_of_all_that_failed_for_a_cache_lately_those_that_need_a_deletion_come_last() -> None:
    lost, held = ended_job(1, completed_at=ago(20)), ended_job(2, run_id=109, repository="acme/api")
    runs = [failed_run(id=job.run_id, repository=job.repository) for job in (lost, held)]
    failures = {lost.key: why(LOST), held.key: why(HELD)}
    assert cache_failed_lately(fleet(jobs=(lost, held), runs=runs), failures, NOON) == (lost.key, held.key)
