"""GitHub's JSON into models: what is understood is shown, what is not is counted."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import NotJsonError
from console.remote.github_json import GROUPS, JOBS, REPOSITORIES, RUNNERS, RUNS, message_of
from console.remote.sanitize import text

WHEN = "2026-11-20T12:00:00Z"


def a_runner(**changes: Any) -> dict[str, Any]:
    labels = [
        {"id": 1, "name": "self-hosted", "type": "read-only"},
        {"id": 7, "name": "GPU", "type": "custom"},
    ]
    return {
        "id": 5,
        "name": "mac-1",
        "os": "macos",
        "status": "online",
        "busy": False,
        "labels": labels,
        "runner_group_id": 2,
        "ephemeral": True,
        "version": "2.330.0",
        "new_field": {"a": [1]},
    } | changes


def a_job(**changes: Any) -> dict[str, Any]:
    return {
        "id": 9,
        "run_id": 3,
        "run_attempt": 2,
        "name": "build",
        "workflow_name": "CI",
        "head_branch": "main",
        "labels": ["self-hosted", "GPU"],
        "status": "queued",
        "conclusion": None,
        "created_at": WHEN,
        "started_at": WHEN,
        "completed_at": None,
        "runner_id": None,
        "runner_name": None,
        "runner_group_id": None,
        "runner_group_name": None,
        "html_url": "https://github.com/acme/web/actions/runs/3/job/9",
        "steps": [{"number": 1, "name": "Set up", "status": "queued", "conclusion": None}],
    } | changes


def a_run(**changes: Any) -> dict[str, Any]:
    return {
        "id": 3,
        "name": "CI",
        "run_number": 12,
        "run_attempt": 1,
        "display_title": "Fix it",
        "path": ".github/workflows/ci.yml",
        "head_branch": "main",
        "event": "push",
        "status": "queued",
        "conclusion": None,
        "created_at": WHEN,
        "updated_at": WHEN,
        "html_url": "https://github.com/acme/web/actions/runs/3",
    } | changes


def page(key: str, *items: object, **more: object) -> bytes:
    return json.dumps({"total_count": len(items), key: items} | more).encode()


def test_a_runner_is_read_whole() -> None:
    (runner,) = RUNNERS.page(page("runners", a_runner()), "org:acme").items
    assert runner.key == ("org:acme", 5)
    assert runner.labels == ("self-hosted", "GPU")
    assert (runner.group_id, runner.version, runner.ephemeral, runner.idle) == (2, "2.330.0", True, True)


def test_an_older_server_leaves_fields_out_of_a_runner() -> None:
    old = a_runner()
    for field in ("runner_group_id", "ephemeral", "version"):
        del old[field]
    (runner,) = RUNNERS.page(page("runners", old), "org:acme").items
    assert (runner.group_id, runner.version, runner.ephemeral) == (None, None, None)


@pytest.mark.parametrize(("number", "name"), [(0, ""), (None, None), (None, "")])
def test_no_runner_yet_is_one_thing_in_its_three_shapes(number: int | None, name: str | None) -> None:
    shape = {"runner_id": number, "runner_name": name, "runner_group_id": number, "runner_group_name": name}
    (job,) = JOBS.page(page("jobs", a_job(**shape)), "acme/web").items
    assert (job.runner_id, job.runner_name, job.group_id, job.group_name) == (None, None, None, None)
    assert job.queued


def test_a_job_is_read_with_its_steps_and_its_repository() -> None:
    (job,) = JOBS.page(page("jobs", a_job(runner_id=5, runner_name="mac-1", status="in_progress")), "acme/web").items
    assert job.key == ("acme/web", 9)
    assert (job.runner_id, job.attempt, job.steps[0].name) == (5, 2, "Set up")
    assert job.created_at == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_words_that_are_new_to_us_are_kept() -> None:
    (job,) = JOBS.page(page("jobs", a_job(status="hibernating", conclusion="startup_failure")), "acme/web").items
    assert (job.status, job.conclusion) == ("hibernating", "startup_failure")


def test_a_run_whose_branch_and_name_are_null_is_read() -> None:
    (run,) = RUNS.page(page("workflow_runs", a_run(head_branch=None, name=None, display_title=None)), "acme/web").items
    assert (run.branch, run.workflow, run.title, run.number) == ("", "", "", 12)


def test_an_address_that_is_no_web_address_is_dropped() -> None:
    (run,) = RUNS.page(page("workflow_runs", a_run(html_url="javascript:alert(1)")), "acme/web").items
    assert run.url == ""


def test_a_group_is_read() -> None:
    group = {"id": 2, "name": "gpu", "visibility": "selected", "default": False, "inherited": False}
    more = {"allows_public_repositories": True, "restricted_to_workflows": True, "selected_workflows": ["a/b/c.yml@x"]}
    (found,) = GROUPS.page(page("runner_groups", group | more), "org:acme").items
    assert (found.allows_public_repositories, found.selected_workflows, found.repositories) == (
        True,
        ("a/b/c.yml@x",),
        None,
    )


@pytest.mark.parametrize(
    "bad",
    [
        None,
        {},
        [],
        7,
        a_runner(id="5"),
        a_runner(id=-1),
        a_runner(id=10**30),
        a_runner(busy=None),
        a_runner(labels=None),
        a_runner(labels=[{"id": 3}]),
        a_runner(name=3),
    ],
)
def test_an_item_that_is_not_understood_is_counted_and_the_others_are_shown(bad: object) -> None:
    found = RUNNERS.page(page("runners", a_runner(), bad, a_runner(id=6)), "org:acme")
    assert [runner.id for runner in found.items] == [5, 6]
    assert found.set_aside == 1
    assert found.total == 3


def test_the_id_of_an_item_that_is_not_understood_is_read_where_it_can_be() -> None:
    found = RUNNERS.page(page("runners", a_runner(), a_runner(id=7, busy=None), a_runner(id="8")), "org:acme")
    assert (found.set_aside, found.unreadable) == (2, (7,))


def test_a_time_without_a_zone_sets_the_job_aside() -> None:
    assert JOBS.page(page("jobs", a_job(created_at="2026-11-20T12:00:00")), "acme/web").set_aside == 1


def test_half_a_surrogate_pair_becomes_a_replacement_character() -> None:
    names = ["\ud800", "\\ud800", "x\udc00y", "😀", "\\"]
    found = RUNNERS.page(page("runners", *[a_runner(name=name) for name in names]), "org:acme")
    assert [runner.name for runner in found.items] == ["\ufffd", "\\ud800", "x\ufffdy", "😀", "\\"]


def test_bytes_that_are_no_utf8_become_replacement_characters() -> None:
    body = page("runners", a_runner(name="m?c")).replace(b"m?c", b"m\xffc")
    assert RUNNERS.page(body, "org:acme").items[0].name == "m\ufffdc"


def test_of_two_values_under_one_key_the_last_one_counts() -> None:
    body = page("runners", a_runner()).replace(b'"id": 5', b'"id": 4, "id": 5')
    assert [runner.id for runner in RUNNERS.page(body, "org:acme").items] == [5]


def test_a_total_that_is_no_number_is_not_known() -> None:
    found = RUNNERS.page(page("runners", a_runner(), total_count="many"), "org:acme")
    assert (len(found.items), found.total, found.set_aside) == (1, None, 0)


def test_json_without_end_in_depth_is_no_page() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    with pytest.raises(NotJsonError):
        RUNNERS.page(page("runners", a_runner(x="?")).replace(b'"?"', deep), "org:acme")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        b"<html>Sign in</html>",
        b'{"runners":{}}',
        b'{"runners":null}',
        b'{"runners":[',
        b"1",
    ],
)
def test_what_is_no_page_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        RUNNERS.page(body, "org:acme")


def test_a_repository_list_is_bare_and_a_message_is_no_list() -> None:
    repositories = [{"full_name": "acme/web", "private": True, "pushed_at": WHEN, "archived": False}]
    assert REPOSITORIES.page(json.dumps(repositories).encode(), "acme").items[0].name == "acme/web"
    with pytest.raises(NotJsonError):
        REPOSITORIES.page(b'{"message": "Not Found"}', "acme")


@pytest.mark.parametrize(
    "name", ["acme/..", "./web", "acme", "acme/web/x", "acme/we b", "acme/web?x=1", "../etc", "a/b\n"]
)
def test_a_repository_whose_name_would_be_another_path_is_set_aside(name: str) -> None:
    found = REPOSITORIES.page(json.dumps([{"full_name": name}, {"full_name": "acme/web"}]).encode(), "acme")
    assert [repository.name for repository in found.items] == ["acme/web"]
    assert found.set_aside == 1


@given(name=st.text(max_size=30), label=st.text(max_size=30), ascii_only=st.booleans())
def test_every_foreign_string_of_a_page_is_made_harmless(name: str, label: str, ascii_only: bool) -> None:
    runner = a_runner(name=name, os=name, status=name, version=name, labels=[{"name": label}])
    body = json.dumps({"total_count": 1, "runners": [runner]}, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    for found in RUNNERS.page(body, "org:acme").items:
        assert {found.name, found.os, found.status, found.version} == {text(name)}
        assert found.labels == (text(label),)


@given(value=st.text(max_size=20))
def test_every_foreign_string_of_a_job_and_a_run_is_made_harmless(value: str) -> None:
    step = {"number": 1, "name": value, "status": value, "conclusion": value}
    told = {"name": value, "workflow_name": value, "head_branch": value, "status": value, "runner_name": value}
    (job,) = JOBS.page(page("jobs", a_job(**told, labels=[value], steps=[step])), "acme/web").items
    shown = text(value)
    assert {job.name, job.workflow, job.branch, job.status, *job.labels, job.runner_name or shown} == {shown}
    assert (job.steps[0].name, job.steps[0].conclusion) == (shown, shown)
    (run,) = RUNS.page(page("workflow_runs", a_run(display_title=value, head_branch=value, path=value)), "a/b").items
    assert (run.title, run.branch, run.path) == (shown, shown, shown)


def test_what_an_error_says_is_found_and_a_web_page_says_nothing() -> None:
    assert message_of(b'{"message":"Not Found","status":"404"}') == "Not Found"
    assert message_of(b"<html>502</html>") == ""
    assert message_of(b'{"message": 3}') == ""


@pytest.mark.parametrize(
    "strange",
    [
        {"created_at": "0001-01-01T00:00:00+23:59"},
        {"updated_at": "9999-12-31T23:59:59-23:59"},
        {"run_number": 10**25},
        {"run_attempt": 2**64},
    ],
)
def test_a_run_with_what_cannot_be_reckoned_with_is_set_aside(strange: dict[str, Any]) -> None:
    found = RUNS.page(page("workflow_runs", a_run(**strange), a_run()), "acme/web")
    assert (len(found.items), found.set_aside) == (1, 1)


def test_the_year_1_with_which_some_servers_say_never_is_no_time() -> None:
    never = "0001-01-01T00:00:00Z"
    step = {"number": 1, "name": "a", "status": "queued", "started_at": never}
    ran = a_job(status="completed", started_at=never, completed_at=never, steps=[step])
    job = JOBS.one(json.dumps(ran).encode(), "acme/web")
    assert (job.started_at, job.completed_at, job.steps[0].started_at) == (None, None, None)


@pytest.mark.parametrize(
    ("status", "started"),
    [("queued", False), ("waiting", False), ("pending", False), ("in_progress", True), ("completed", True)],
)
def test_a_job_that_has_not_started_has_no_time_of_its_start(status: str, started: bool) -> None:
    job = JOBS.one(json.dumps(a_job(status=status)).encode(), "acme/web")
    assert (job.started_at is not None) is started


def test_a_total_that_no_list_can_have_is_none() -> None:
    body = json.dumps({"total_count": 10**400, "runners": [a_runner()]}).encode()
    found = RUNNERS.page(body, "org:acme")
    assert (len(found.items), found.total) == (1, None)
