"""Why jobs failed and what became of releases, without a screen, against a pretend GitHub over HTTP."""

import pytest

from tests.cli.console import Console


@pytest.mark.scenario("cache-conflict")
def test_jobs_and_explain_say_why_a_job_failed_with_the_line_that_says_so(console: Console) -> None:
    _, answer = console.json("jobs")
    failed = [job for job in answer["jobs"] if job["failure"] is not None]
    assert {job["conclusion"] for job in failed} == {"failure"}
    missed, *_ = [job for job in failed if job["failure"]["class"] == "cache"]
    cause = missed["failure"]["causes"][0]
    assert (cause["signature"], cause["certainty"]) == ("cache.fail-on-miss", "proved")
    assert "fail-on-cache-miss" in cause["text"]
    assert console("explain", str(missed["id"])) == 1
    assert "cause: cache: The job needs a cache that is not there (proved)" in console.out
    assert f"line {cause['line'] + 1}: Failed to restore cache entry" in console.out
    _, explained = console.json("explain", str(missed["id"]))
    assert explained["failure"] == missed["failure"]
    assert explained["cause"] == "failed-cache"


@pytest.mark.scenario("cache-conflict")
def test_a_conflict_that_the_log_makes_serious_is_told_with_what_helps_then(console: Console) -> None:
    _, answer = console.json("jobs")
    missed, *_ = [job for job in answer["jobs"] if job["failure"] and job["failure"]["class"] == "cache"]
    held = next(each for each in missed["failure"]["causes"] if each["signature"] == "cache.create-409")
    assert held["helps"] == "Delete the entry for this key and re-run."
    assert held["meaning"].startswith("The key could not be saved and is missing too")
    console("explain", str(missed["id"]))
    said = " ".join(console.out.split())
    assert "helps: Delete the entry and run the job again" in said
    assert held["meaning"] in said
    assert "Nothing, if later runs find the key" not in said


@pytest.mark.scenario("cache-conflict")
def test_the_table_of_jobs_names_the_class_of_a_failure(console: Console) -> None:
    console("jobs")
    assert any("cache: The job needs a cache" in line and " failure " in line for line in console.out.splitlines())


@pytest.mark.scenario("release-draft-race")
def test_a_green_run_whose_release_is_a_draft_again_is_found_and_its_twin_is_well(console: Console) -> None:
    code, answer = console.json("now")
    assert code == 1
    found = {finding["cause"]: finding for finding in answer["findings"]}
    assert {"release-draft", "release-twice"} <= set(found)
    assert found["release-draft"]["subject"].startswith("acme/web #")
    assert "release v2.5.1 is still a draft" in found["release-draft"]["summary"]
    assert not [finding for finding in answer["findings"] if "mobile-app" in finding["subject"]]


@pytest.mark.scenario("release-draft-race")
def test_explain_of_a_run_compares_it_with_its_release_however_the_run_is_named(console: Console) -> None:
    _, jobs = console.json("jobs")
    runs = {(job["repository"], job["workflow"]): job["run_id"] for job in jobs["jobs"]}
    run = runs["acme/api", "Publish"]
    for words in ((str(run),), ("acme/api", str(run)), (f"https://github.com/acme/api/actions/runs/{run}",)):
        assert console("explain", *words) == 1
        assert "Release v1.9.0 is there twice" in console.out
        assert "there is one release of its tag NO 2 releases" in " ".join(console.out.split())
        assert "a draft, made" in console.out
    assert console("explain", str(runs["acme/mobile-app", "Publish"])) == 0
    assert "is published, once." in console.out


@pytest.mark.scenario("cache-conflict")
def test_explain_of_another_run_says_how_it_ended_and_why_its_jobs_failed(console: Console) -> None:
    _, jobs = console.json("jobs")
    missed, *_ = [job for job in jobs["jobs"] if job["failure"] and job["failure"]["class"] == "cache"]
    code, answer = console.json("explain", str(missed["run_id"]))
    assert code == 1
    assert answer["conclusion"] == "It ended as failure."
    assert any("cache: The job needs a cache" in note for note in answer["notes"])


@pytest.mark.scenario("cache-conflict")
def test_explain_of_a_job_that_failed_ends_with_1_whatever_the_cause_and_of_one_that_ended_well_with_0(
    console: Console,
) -> None:
    _, answer = console.json("jobs")
    one_of_each = {
        (job["conclusion"], job["failure"] and job["failure"]["class"]): job["id"]
        for job in answer["jobs"]
        if job["conclusion"] in {"failure", "success"}
    }
    assert len(one_of_each) > 2
    codes = {(conclusion, console.json("explain", str(job))[0]) for (conclusion, _), job in one_of_each.items()}
    assert codes == {("failure", 1), ("success", 0)}
