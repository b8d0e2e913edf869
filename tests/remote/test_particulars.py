"""What GitHub says of single things that its lists leave out, out of its own words."""

from datetime import UTC, datetime

import pytest

from console.errors import NotFoundError, NotJsonError
from console.fleet.models import Scope
from console.fleet.versions import RunnerRelease
from console.remote.github import GitHubApi
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


async def test_a_release_whose_name_is_no_version_is_not_believed(server: FaultServer, api: GitHubApi) -> None:
    server.script(LATEST, reply({"tag_name": "nightly", "published_at": None}))
    with pytest.raises(NotJsonError):
        await api.particulars.latest_runner([ACME])
