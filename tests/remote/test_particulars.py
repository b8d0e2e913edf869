"""What GitHub says of single things that its lists leave out, out of its own words."""

from base64 import b64encode, encodebytes
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from console.errors import NotFoundError, NotJsonError
from console.fleet.models import RunKey, Scope
from console.fleet.particulars import ActionsPolicy, Environment, Holder, NamedGroup, Unread, WorkflowText
from console.fleet.versions import RunnerRelease
from console.remote.github import GitHubApi
from console.remote.workflow_text import workflow_text
from tests.operations.pretend_github import a_run
from tests.remote.fault_server import FaultServer, reply

ACME = Scope("org", "acme")
LATEST = "/repos/actions/runner/releases/latest"
DOWNLOADS = "/orgs/acme/actions/runners/downloads"


def a_file(name: str) -> dict[str, str]:
    return {"os": "linux", "architecture": "x64", "download_url": "https://github.com/x", "filename": name}


async def test_the_newest_runner_is_the_one_that_was_released_last(server: FaultServer, api: GitHubApi) -> None:
    server.script(LATEST, reply({"tag_name": "v2.337.0", "published_at": "2026-09-02T08:00:00Z", "assets": []}))
    found = await api.particulars.latest_runner([ACME])
    assert (found.version, found.published_at) == ("2.337.0", datetime(2026, 9, 2, 8, tzinfo=UTC))


async def test_a_server_without_releases_of_the_runner_tells_which_it_hands_out(
    server: FaultServer, api: GitHubApi
) -> None:
    files = [a_file(f"actions-runner-linux-x64-{version}.tar.gz") for version in ("2.331.0", "2.333.1")]
    server.script(LATEST, reply({"message": "Not Found"}, status=404))
    server.script(DOWNLOADS, reply([*files, a_file("readme.txt"), a_file("actions-runner-win-x64-2.333.1.zip")]))
    found = await api.particulars.latest_runner([ACME])
    assert isinstance(found, RunnerRelease)
    assert (found.version, found.published_at) == ("2.333.1", None)


async def test_a_server_that_tells_of_no_runner_at_all_is_done_without(server: FaultServer, api: GitHubApi) -> None:
    server.script(LATEST, reply({"message": "Not Found"}, status=404))
    server.script(DOWNLOADS, reply([]))
    with pytest.raises(NotFoundError):
        await api.particulars.latest_runner([ACME])


async def test_until_when_versions_get_jobs_is_known_of_those_that_github_follows(
    server: FaultServer, api: GitHubApi
) -> None:
    place = "/orgs/acme/actions/runners/deprecations"
    ends = {"runner_version": "2.333.0", "runtime_deprecates_at": "2026-09-02T08:00:00Z"}
    server.script(f"{place}/2.333.0", reply(ends))
    server.script(f"{place}/2.334.0", reply({"runner_version": "2.334.0", "runtime_deprecates_at": None}))
    server.script(f"{place}/2.332.0", reply({"message": "Not Found"}, status=404))
    server.script(f"{place}/2.331.0", reply({"message": "Must have admin rights"}, status=403))
    found = await api.particulars.version_ends([ACME], ["2.331.0", "2.332.0", "2.333.0", "2.334.0"])
    assert found == {"2.333.0": datetime(2026, 9, 2, 8, tzinfo=UTC)}


async def test_a_release_whose_name_is_no_version_is_not_believed(server: FaultServer, api: GitHubApi) -> None:
    server.script(LATEST, reply({"tag_name": "nightly", "published_at": None}))
    with pytest.raises(NotJsonError):
        await api.particulars.latest_runner([ACME])


RUN = RunKey("acme/web", 7)
OF_RUN = "/repos/acme/web/actions/runs/7"
NO = reply({"message": "Resource not accessible by integration"}, status=403)


async def test_a_held_deployment_names_its_environment_its_timer_and_who_may_approve(
    server: FaultServer, api: GitHubApi
) -> None:
    people = [{"type": "User", "reviewer": {"login": "mona"}}, {"type": "Team", "reviewer": {"slug": "release-crew"}}]
    began = "2026-03-01T11:50:00Z"
    held = {
        "environment": {"name": "prod\u001b[2J"},
        "wait_timer": 30,
        "wait_timer_started_at": began,
        "reviewers": people,
    }
    server.script(f"{OF_RUN}/pending_deployments", reply([held]))
    (found,) = await found_environments(api)
    assert "\x1b" not in found.name
    assert (found.wait_timer, found.wait_began) == (timedelta(minutes=30), datetime(2026, 3, 1, 11, 50, tzinfo=UTC))
    assert found.reviewers == ("mona", "release-crew")


async def found_environments(api: GitHubApi) -> tuple[Environment, ...]:
    found = await api.particulars.environments(RUN)
    assert not isinstance(found, Unread)
    return found


async def test_what_is_ahead_in_a_concurrency_group_is_asked_of_the_group(server: FaultServer, api: GitHubApi) -> None:
    own = {"run_id": 7, "run_name": "Apply", "status": "pending", "position": 1}
    server.script(
        f"{OF_RUN}/concurrency_groups",
        reply({"total_count": 1, "concurrency_groups": [{"group_name": "terraform/prod", "group_members": [own]}]}),
    )
    ahead = {"run_id": 5, "run_name": "Apply earlier", "status": "in_progress"}
    group = "/repos/acme/web/actions/concurrency_groups/terraform%2Fprod"
    server.script(group, reply({"group_name": "terraform/prod", "group_members": [ahead]}))
    assert await api.particulars.holders(RUN) == (Holder("terraform/prod", 5, "Apply earlier"),)
    assert server.asked[-1].target == f"{group}?ahead_of_run=7"


async def test_a_concurrency_group_is_asked_about_as_it_is_called_and_told_as_what_is_harmless(
    server: FaultServer, api: GitHubApi
) -> None:
    called = "deploy\u00a0\u202e" + "x" * 1_200
    own = {"run_id": 7, "status": "pending"}
    listed = {"concurrency_groups": [{"group_name": called, "group_members": [own]}]}
    server.script(f"{OF_RUN}/concurrency_groups", reply(listed))
    group = f"/repos/acme/web/actions/concurrency_groups/{quote(called)}"
    server.script(group, reply({"group_name": called, "group_members": [{"run_id": 5, "run_name": "Apply"}]}))
    holders = await api.particulars.holders(RUN)
    assert isinstance(holders, tuple)
    assert [each.group[:14] for each in holders] == ["deploy<00A0><2"]
    assert len(holders[0].group) <= 1_000


async def test_a_run_that_waits_in_no_group_has_nothing_ahead(server: FaultServer, api: GitHubApi) -> None:
    server.script(f"{OF_RUN}/concurrency_groups", reply({"total_count": 0, "concurrency_groups": []}))
    assert await api.particulars.holders(RUN) == ()


async def test_a_server_that_does_not_know_the_question_lacks_no_permission(
    server: FaultServer, api: GitHubApi
) -> None:
    for what in ("pending_deployments", "concurrency_groups"):
        server.script(f"{OF_RUN}/{what}", reply({"message": "Not Found"}, status=404))
    assert await api.particulars.environments(RUN) == ()
    assert await api.particulars.holders(RUN) == ()


async def test_a_missing_permission_is_named_and_is_no_error(server: FaultServer, api: GitHubApi) -> None:
    paths = (f"{OF_RUN}/pending_deployments", f"{OF_RUN}/concurrency_groups", "/repos/acme/web/actions/permissions")
    for path in (*paths, "/orgs/acme/actions/permissions", "/repos/acme/web/contents/.github/workflows/ci.yml"):
        server.script(path, NO)
    assert await api.particulars.environments(RUN) == Unread(
        "repository permission Actions: read (classic token: repo)"
    )
    assert isinstance(await api.particulars.holders(RUN), Unread)
    run = replace(a_run(7), sha="3f2a1c9")
    assert await api.particulars.workflow(run) == Unread("repository permission Contents: read (classic token: repo)")
    policy = await api.particulars.policy("acme/web")
    assert policy.enabled is None
    assert [words.partition(" (")[0] for words in policy.needs] == [
        "repository permission Administration: read",
        "organization permission Administration: read",
    ]


async def test_where_actions_is_on_the_organization_is_not_asked(server: FaultServer, api: GitHubApi) -> None:
    server.script("/repos/acme/web/actions/permissions", reply({"enabled": True}))
    assert await api.particulars.policy("acme/web") == ActionsPolicy(enabled=True)


async def test_where_actions_is_off_the_organization_may_say_why(server: FaultServer, api: GitHubApi) -> None:
    server.script("/repos/acme/web/actions/permissions", reply({"enabled": False}))
    server.script("/orgs/acme/actions/permissions", reply({"enabled_repositories": "none"}))
    assert await api.particulars.policy("acme/web") == ActionsPolicy(enabled=False, owner_allows="none")


async def test_a_workflow_file_is_read_at_the_commit_of_its_run(server: FaultServer, api: GitHubApi) -> None:
    path = "/repos/acme/web/contents/.github/workflows/ci.yml"
    written = b64encode(b"jobs:\n  build:\n    runs-on:\n      group: large-runners\n").decode()
    server.script(path, reply({"content": f"{written[:20]}\n{written[20:]}", "encoding": "base64"}))
    found = await api.particulars.workflow(replace(a_run(7), sha="3f2a1c9"))
    assert found == WorkflowText("ci.yml", "3f2a1c9", (NamedGroup("large-runners", 4, "build"),), unlimited=True)
    assert server.asked[-1].target == f"{path}?ref=3f2a1c9"


async def test_a_workflow_file_is_read_to_its_end_however_long_it_is(server: FaultServer, api: GitHubApi) -> None:
    step = "      - run: make check # one of many\n"
    jobs = f"jobs:\n  a:\n    runs-on:\n      group: big\n    steps:\n{step * 3_000}  b:\n    runs-on: [x]\n"
    path = "/repos/acme/web/contents/.github/workflows/ci.yml"
    server.script(path, reply({"content": encodebytes(jobs.encode()).decode(), "encoding": "base64"}))
    found = await api.particulars.workflow(replace(a_run(7), sha="3f2a1c9"))
    assert found == WorkflowText("ci.yml", "3f2a1c9", (NamedGroup("big", 4, "a"),), others=True, unlimited=True)


@pytest.mark.parametrize(
    "answer",
    [
        [{"type": "file", "name": "ci.yml"}],
        {"type": "symlink", "target": "../../ci.yml"},
        {"type": "submodule", "submodule_git_url": "git://example.com/x.git"},
        {"type": "file", "size": 2_000_000, "content": "", "encoding": "none"},
        {"type": "file", "content": "AAAAA", "encoding": "base64"},
        {"type": "file", "content": 7, "encoding": "base64"},
        {"type": "file", "content": b64encode("jobs:".encode("utf-16")).decode(), "encoding": "base64"},
    ],
    ids=["directory", "symlink", "submodule", "too-large", "cut", "wrong-type", "utf-16"],
)
async def test_what_is_no_workflow_file_does_not_say_that_no_group_is_named(
    server: FaultServer, api: GitHubApi, answer: object
) -> None:
    server.script("/repos/acme/web/contents/.github/workflows/ci.yml", reply(answer))
    found = await api.particulars.workflow(replace(a_run(7), sha="3f2a1c9"))
    assert found == WorkflowText("ci.yml", "3f2a1c9", open_ends=True)


@pytest.mark.parametrize(
    ("written", "groups", "open_ends"),
    [
        ("jobs:\n  a:\n    runs-on: ubuntu-latest\n", [], False),
        ("concurrency:\n  group: deploy\njobs:\n  a:\n    runs-on: [self-hosted]\n", [], False),
        ("jobs:\n  a:\n    runs-on: {labels: [x], group: 'Big ones'}\n", [("Big ones", 3)], False),
        (
            "jobs:\n  a:\n    runs-on:\n      labels: x\n\n      group: big # why\n    concurrency:\n      group: y\n",
            [("big", 6)],
            False,
        ),
        ("jobs:\n  a:\n    runs-on:\n      group: ${{ inputs.group }}\n", [], True),
        ("jobs:\n  a:\n    uses: acme/ci/.github/workflows/build.yml@v1\n", [], True),
        (
            "jobs:\n  a:\n    runs-on:\n      group: one\n  b:\n    runs-on:\n      group: two\n",
            [("one", 4), ("two", 7)],
            False,
        ),
        ("jobs:\n  a:\n    runs-on:\n      group: C#-team # why\n", [("C#-team", 4)], False),
        ("jobs:\n  a:\n    runs-on:\n      group: >-\n        big\n", [("big", 4)], False),
        ("jobs:\n  a:\n    runs-on:\n      group: *where\n", [], True),
        ('jobs:\n  a:\n    runs-on:\n      group: "b\\u0069g"\n', [("big", 4)], False),
        ("jobs:\n  a:\n    runs-on:\n      group: ''\n", [], True),
        ("jobs:\n  a:\n    runs-on: *where\n", [], True),
        (
            "jobs:\n  a: {runs-on: {group: two}}\n  b:\n    runs-on:\n      group: one\n",
            [("two", 2), ("one", 5)],
            False,
        ),
        ("x: &where {group: one}\njobs:\n  a:\n    runs-on: *where\n", [("one", 1)], False),
        ("jobs:\n  a:\n    runs-on: [self-hosted, '${{ inputs.size }}']\n", [], True),
        ("jobs:\n  a:\n    runs-on: !!python/object/apply:os.getcwd []\n", [], False),
        ("jobs:\n\ta:\n\t\truns-on:\n\t\t\tgroup: x\n", [], True),
        ("# runs-on: nothing\njobs:\n  a:\n    runs-on:\n      group: one\n", [("one", 5)], False),
    ],
)
def test_only_what_stands_below_runs_on_is_a_runner_group(
    written: str, groups: list[tuple[str, int]], *, open_ends: bool
) -> None:
    found = workflow_text(written, "ci.yml", "3f2a1c9")
    assert [(each.name, each.line) for each in found.groups] == groups
    assert found.open_ends is open_ends


@pytest.mark.parametrize(
    ("written", "unlimited"),
    [
        ("jobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix: {n: [1, 2]}\n", True),
        ("jobs:\n  a:\n    runs-on: x\n    strategy: {max-parallel: 2, matrix: {n: [1, 2]}}\n", False),
        ("jobs:\n  a: {runs-on: x}\n  b: {runs-on: x, strategy: {max-parallel: '${{ inputs.n }}'}}\n", False),
        ("jobs:\n  a:\n    runs-on: x\n    strategy: ${{ fromJSON(inputs.s) }}\n", False),
        ("jobs:\n  a:\n    uses: acme/ci/.github/workflows/build.yml@v1\n", False),
        ("on: push\n", False),
        ("jobs:\n\ta:\n", False),
    ],
)
def test_that_no_matrix_is_limited_is_said_only_of_a_file_that_shows_it(written: str, *, unlimited: bool) -> None:
    assert workflow_text(written, "ci.yml", "3f2a1c9").unlimited is unlimited


@pytest.mark.parametrize(
    ("job", "called"),
    [("name: Build it\n", "Build it"), ("", "a"), ("name: ${{ matrix.os }}\n", "")],
)
def test_a_group_is_known_with_the_job_that_asks_for_it(job: str, called: str) -> None:
    written = f"jobs:\n  a:\n    {job or 'needs: []' + chr(10)}    runs-on: {{group: big}}\n"
    (found,) = workflow_text(written, "ci.yml", "3f2a1c9").groups
    assert found.job == called


def test_a_hostile_workflow_file_tells_nothing_and_its_names_are_harmless() -> None:
    job = '  {0}:\n    runs-on:\n      group: "a\\e]0;b\\a"\n'
    named = workflow_text("jobs:\n" + "".join(job.format(f"j{number}") for number in range(50)), "ci.yml", "3").groups
    assert len(named) == 20
    assert not any("\x1b" in each.name for each in named)
    bomb = "a: &a [x]\n" + "".join(f"b{number}: &b{number} [*a,*a]\n" for number in range(2_000))
    for hostile in (bomb, "{" * 20_000, "[" * 100_000, "\n" * 100_000, "jobs: {a: " * 5_000, "runs-on" * 200_000):
        assert workflow_text(hostile, "ci.yml", "3").open_ends


@pytest.mark.parametrize("odd", ['"\\UFFFFFFFF"', '"\\U00110000"', f"%YAML {'9' * 5_000}.1\n---\nx"])
def test_characters_and_numbers_that_there_are_none_of_end_nothing(odd: str) -> None:
    assert workflow_text(f"{odd}\n", "ci.yml", "3") == WorkflowText("ci.yml", "3", open_ends=True)


def test_a_secret_in_a_workflow_file_is_not_shown() -> None:
    secret = "ghp_" + "a1B2" * 9
    found = workflow_text(f"env: {{T: {secret}}}\njobs:\n  a:\n    runs-on:\n      group: {secret}\n", "ci.yml", "3")
    assert secret not in repr(found)
