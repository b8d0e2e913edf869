"""The requests that change something are those that GitHub describes, and name nothing but what they are meant for."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from console.errors import UsageError
from console.fleet import calls
from console.fleet.calls import sendable
from console.fleet.models import JobKey, RunKey, RunnerKey, Scope
from console.fleet.plans import Call
from console.remote.sanitize import text
from tests.simulator.description import as_json_schema, description

CORP, ORG, REPO = Scope("enterprise", "acme-corp"), Scope("org", "acme"), Scope("repo", "acme/web")
BOX, MAC, PI = RunnerKey("enterprise:acme-corp", 6), RunnerKey("org:acme", 7), RunnerKey("repo:acme/web", 8)
RUN, JOB = RunKey("acme/web", 3), JobKey("acme/web", 4)

EVERY = {
    "/repos/{owner}/{repo}/actions/jobs/{job_id}/rerun": (calls.rerun_job(JOB), calls.rerun_job(JOB, debug=True)),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun": (calls.rerun_run(RUN), calls.rerun_run(RUN, debug=True)),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/rerun-failed-jobs": (
        calls.rerun_failed(RUN),
        calls.rerun_failed(RUN, debug=True),
    ),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/cancel": (calls.cancel_run(RUN),),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/force-cancel": (calls.force_cancel_run(RUN),),
    "/orgs/{org}/actions/runners/{runner_id}": (calls.remove_runner(MAC),),
    "/repos/{owner}/{repo}/actions/runners/{runner_id}": (calls.remove_runner(PI),),
    "/orgs/{org}/actions/runners/{runner_id}/labels": (calls.add_labels(MAC, ["gpu"]),),
    "/repos/{owner}/{repo}/actions/runners/{runner_id}/labels": (calls.add_labels(PI, ["gpu"]),),
    "/orgs/{org}/actions/runners/{runner_id}/labels/{name}": (calls.remove_label(MAC, "gpu"),),
    "/orgs/{org}/actions/runners/generate-jitconfig": (calls.generate_jitconfig(ORG, "mac-2", 3, ["gpu"]),),
    "/repos/{owner}/{repo}/actions/runners/generate-jitconfig": (calls.generate_jitconfig(REPO, "pi-2", 1, ["pi"]),),
    "/orgs/{org}/actions/runners/registration-token": (calls.registration_token(ORG),),
    "/repos/{owner}/{repo}/actions/runners/registration-token": (calls.registration_token(REPO),),
    "/orgs/{org}/actions/runners/remove-token": (calls.remove_token(ORG),),
    "/repos/{owner}/{repo}/actions/runners/remove-token": (calls.remove_token(REPO),),
    "/enterprises/{enterprise}/actions/runners/{runner_id}": (calls.remove_runner(BOX),),
    "/enterprises/{enterprise}/actions/runners/{runner_id}/labels": (calls.add_labels(BOX, ["gpu"]),),
    "/enterprises/{enterprise}/actions/runners/{runner_id}/labels/{name}": (calls.remove_label(BOX, "gpu"),),
    "/enterprises/{enterprise}/actions/runners/generate-jitconfig": (
        calls.generate_jitconfig(CORP, "box-2", 3, ["gpu"]),
    ),
    "/enterprises/{enterprise}/actions/runners/registration-token": (calls.registration_token(CORP),),
    "/enterprises/{enterprise}/actions/runners/remove-token": (calls.remove_token(CORP),),
    "/repos/{owner}/{repo}/actions/caches/{cache_id}": (calls.delete_cache("acme/web", 5, "npm-1"),),
    "/repos/{owner}/{repo}/actions/caches": (calls.delete_cache_of_key("acme/web", "npm", "refs/heads/main"),),
    "/repos/{owner}/{repo}/releases/{release_id}": (
        calls.publish_release("acme/web", 6),
        calls.delete_release("acme/web", 6),
    ),
}


@pytest.mark.parametrize(("path", "call"), [(path, call) for path, made in EVERY.items() for call in made])
def test_every_request_is_one_that_github_describes(path: str, call: Call) -> None:
    assert re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), call.path.partition("?")[0])
    described: Any = description()["paths"][path][call.method.lower()]
    body = described.get("requestBody", {"content": {"application/json": {"schema": {"type": "null"}}}})
    schema = as_json_schema(body["content"]["application/json"]["schema"])
    assert call.body is None or not list(Draft202012Validator(schema).iter_errors(dict(call.body)))
    assert call.body is not None or "required" not in schema
    assert ("manage_runners:enterprise" if path.startswith("/enterprises") else "write") in call.needs
    assert call.why


def test_debug_logging_is_asked_for_only_where_it_was_wished() -> None:
    assert calls.rerun_job(JOB).body is None
    assert calls.rerun_job(JOB, debug=True).body == {"enable_debug_logging": True}
    assert calls.rerun_job(JOB).path == "/repos/acme/web/actions/jobs/4/rerun"


def test_a_repository_its_organisation_and_its_enterprise_want_different_permissions() -> None:
    assert "no fine-grained token or App can" in calls.remove_runner(BOX).needs
    assert "Self-hosted runners: write" in calls.remove_runner(MAC).needs
    assert "Administration: write" in calls.remove_runner(PI).needs


def test_only_what_gives_a_secret_says_so() -> None:
    given = {call.gives for made in EVERY.values() for call in made}
    assert given == {None, "jit-config", "registration-token", "remove-token"}
    assert calls.generate_jitconfig(ORG, "mac-2", 3, ["gpu"]).gives == "jit-config"


def test_a_name_stays_one_segment_of_the_path() -> None:
    path = calls.remove_label(MAC, "../../runners/9?a=b#c d").path
    assert path == "/orgs/acme/actions/runners/7/labels/..%2F..%2Frunners%2F9%3Fa%3Db%23c%20d"


def test_a_key_and_a_ref_stay_one_value_each_of_the_query() -> None:
    path = calls.delete_cache_of_key("acme/web", "npm&ref=*#", "refs/heads/a&b").path
    assert path == "/repos/acme/web/actions/caches?key=npm%26ref%3D%2A%23&ref=refs%2Fheads%2Fa%26b"


@pytest.mark.parametrize("bad", ["acme/..", "acme", "acme/web/x", "acme/w eb", ""])
def test_what_is_no_repository_makes_no_request(bad: str) -> None:
    with pytest.raises(UsageError):
        calls.delete_cache(bad, 5, "npm-1")


@pytest.mark.parametrize("label", ["", ".", ".."])
def test_a_label_that_would_lead_elsewhere_makes_no_request(label: str) -> None:
    with pytest.raises(UsageError):
        calls.remove_label(MAC, label)


@pytest.mark.parametrize("bare", ["gpu", "größe-3", "a b", "<x>", "…", "日本", "C#/.NET", "ubuntu-24.04 <arm>"])
def test_ordinary_names_can_be_sent(bare: str) -> None:
    assert sendable(text(bare))


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "a\x7f", "a\u202eb", "a\xa0b", "\ufffd", "a\u0300" + "\u0301" * 20, "x" * 1_200, ""],
)
def test_a_name_that_was_made_harmless_is_not_sent(hostile: str) -> None:
    assert not sendable(text(hostile))


@given(st.text())
def test_what_can_be_sent_is_what_github_said(name: str) -> None:
    assert text(name) == name or not sendable(text(name))
