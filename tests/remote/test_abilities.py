"""What a token may do: reads are tried once each, writes are told from scopes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from console.errors import BadTokenError, NoTokenError
from console.fleet.access import Ability, TokenReport
from console.fleet.models import Scope
from console.remote.permissions import named
from tests.remote.fault_server import FaultServer, FixedTokens, reply, running, using
from tests.remote.test_github_json import a_job, a_run

SCOPES = [Scope("org", "acme"), Scope("repo", "acme/web"), Scope("org", "other")]
CLASSIC = {"X-OAuth-Scopes": "repo, admin:org", "GitHub-Authentication-Token-Expiration": "2027-01-31 12:00:00 +0100"}


@pytest.fixture
async def server() -> AsyncIterator[FaultServer]:
    async with running() as faults:
        faults.script("/user", reply({"login": "oct\u202eocat"}, headers=CLASSIC))
        faults.script("/orgs/acme/actions/runners", reply({"total_count": 0, "runners": []}))
        faults.script("/orgs/acme/actions/runner-groups", reply({"total_count": 0, "runner_groups": []}))
        faults.script("/orgs/acme/repos", reply([]))
        faults.script("/repos/acme/web/actions/runners", reply({"total_count": 0, "runners": []}))
        faults.script("/repos/acme/web/actions/runs", reply({"total_count": 0, "workflow_runs": []}))
        faults.script("/repos/acme/web/releases", reply([]))
        yield faults


async def report(server: FaultServer, secret: str = "ghp_x") -> TokenReport:
    async with using(server, FixedTokens(secret)) as api:
        return await api.access("Acme", SCOPES, ["acme/web", "acme/api", "other/x"])


async def test_each_feature_is_tried_once_and_cheaply(server: FaultServer) -> None:
    found = await report(server)
    assert found.reads_all
    assert found.login == "oct<202E>ocat"
    assert (found.kind, found.classic_scopes) == ("classic", ("repo", "admin:org"))
    assert found.expires_at == datetime(2027, 1, 31, 11, tzinfo=UTC)
    assert len(server.asked) == 7
    assert all("per_page=1" in asked.target for asked in server.asked[1:])
    assert {ability.verdict for ability in found.writes} == {"allowed"}


async def test_the_runs_of_a_found_repository_are_tried_where_none_is_named(server: FaultServer) -> None:
    server.script("/orgs/acme/repos", reply([{"full_name": "acme/found"}]))
    server.script("/repos/acme/found/actions/runs", reply({"total_count": 0, "workflow_runs": []}))
    server.script("/repos/acme/found/releases", reply([]))
    async with using(server, FixedTokens("ghp_x")) as api:
        found = await api.access("acme", SCOPES, ["acme/*"])
    assert "read the completed runs of acme/found" in {each.what for each in found.reads}
    assert found.reads_all


async def test_the_runs_of_a_repository_that_is_a_scope_are_tried_too(server: FaultServer) -> None:
    async with using(server, FixedTokens("github_pat_x")) as api:
        found = await api.access("acme", [Scope("repo", "acme/web")], [])
    assert [each.what for each in found.reads] == [
        "read the runners of repository acme/web",
        "read the completed runs of acme/web",
        "read the releases of acme/web",
        "read GitHub's notes on jobs of acme/web",
    ]


async def test_what_only_adds_to_a_job_is_tried_on_the_newest_one_and_is_not_needed(server: FaultServer) -> None:
    server.script("/repos/acme/web/actions/runs", reply({"total_count": 1, "workflow_runs": [a_run(id=7)]}))
    server.script("/repos/acme/web/actions/runs/7/jobs", reply({"total_count": 1, "jobs": [a_job(id=70, run_id=7)]}))
    server.script("/repos/acme/web/check-runs/70/annotations", reply([]))
    found = await report(server)
    *_, runs, releases, notes = found.reads
    assert notes == Ability("read GitHub's notes on job 70 of acme/web", "allowed", needed=False)
    assert (runs.needed, releases.needed) == (True, False)
    server.script("/repos/acme/web/releases", reply({"message": "Resource not accessible"}, 403))
    server.script("/repos/acme/web/check-runs/70/annotations", reply({"message": "Resource not accessible"}, 403))
    found = await report(server)
    *_, releases, notes = found.reads
    assert "Contents: read" in releases.detail
    assert "Checks: read" in notes.detail
    assert found.reads_all


async def test_where_no_job_has_ended_it_is_not_known_whether_notes_can_be_read(server: FaultServer) -> None:
    notes = (await report(server)).reads[-1]
    assert notes.verdict == "unknown"
    assert notes.detail.startswith(
        "no job of acme/web has ended to try it on, needs repository permission Checks: read"
    )


async def test_a_read_that_is_refused_names_the_permission_and_one_that_fails_is_not_known(server: FaultServer) -> None:
    server.script("/orgs/acme/actions/runners", reply({"message": "Resource not accessible"}, 403))
    server.script("/repos/acme/web/actions/runs", reply(b"<html>", 502))
    found = await report(server, "github_pat_x")
    verdicts = {ability.what: ability for ability in found.reads}
    refused = verdicts["read the runners of organization acme"]
    assert refused.verdict == "refused"
    assert "Self-hosted runners: read" in refused.detail
    assert verdicts["read the completed runs of acme/web"].verdict == "unknown"
    assert not found.reads_all


async def test_writes_of_a_token_without_scopes_are_not_known_until_tried(server: FaultServer) -> None:
    server.script("/user", reply({"login": "octocat"}))
    found = await report(server, "github_pat_x")
    assert found.kind == "fine-grained"
    assert found.classic_scopes is None
    assert all(ability.detail.startswith("unknown until tried, needs ") for ability in found.writes)


async def test_writes_that_no_scope_allows_are_refused(server: FaultServer) -> None:
    server.script("/user", reply({"login": "octocat"}, headers={"X-OAuth-Scopes": "repo"}))
    found = await report(server)
    assert {ability.what: ability.verdict for ability in found.writes} == {
        "register, label and remove runners of organization acme": "refused",
        "register, label and remove runners of repository acme/web": "allowed",
        "re-run and cancel jobs, delete caches": "allowed",
        "publish and delete releases": "allowed",
    }


async def test_an_installation_token_has_no_user(server: FaultServer) -> None:
    server.script("/user", reply({"message": "Resource not accessible by integration"}, 403))
    found = await report(server, "ghs_1_x.y.z")
    assert (found.login, found.kind, found.reads_all) == (None, "app installation", True)


async def test_a_bad_or_missing_token_is_raised(server: FaultServer) -> None:
    server.script("/user", reply({"message": "Bad credentials"}, 401))
    with pytest.raises(BadTokenError):
        await report(server)
    async with using(server, FixedTokens(None)) as api:
        with pytest.raises(NoTokenError):
            await api.access("acme", SCOPES, [])


def test_githubs_headers_are_put_into_words() -> None:
    assert named("", "") == ""
    assert named("administration=read", "") == "repository permission Administration: read"
    assert named("actions=read,metadata=read; contents=write", "repo, public_repo") == (
        "repository permission Actions: read and repository permission Metadata: read, "
        "or repository permission Contents: write, or classic scope repo or public_repo"
    )
    assert named("secret_\x1bthing", "") == "secret_␛thing"
