"""GitHub's own command line: against the pretend GitHub, and as the keeper of a token."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs
from tests.real.programs import Ended, Onlooker, PretendGitHub, files_with, run
from tests.terminal.terminal import environment

pytestmark = needs("gh")


def gh(home: Path, github: PretendGitHub, *arguments: str, token: str = "") -> Ended:
    """As for a server of one's own. Plain HTTP is to be had only by writing the whole address."""
    names = {
        "GH_HOST": github.api.removeprefix("http://"),
        "GH_ENTERPRISE_TOKEN": token or github.token,
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_PROMPT_DISABLED": "1",
    }
    ended = subprocess.run(
        ["gh", *arguments], env=environment(home) | names, capture_output=True, text=True, timeout=60, check=False
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def test_gh_follows_the_pages_of_the_pretend_github_to_the_runners_that_the_console_shows(
    home: Path, github: PretendGitHub
) -> None:
    pages = f"{github.api}/orgs/acme/actions/runners?per_page=20"
    github.configure(home, f'{{ command = ["echo", "{github.token}"] }}')
    before = gh(home, github, "api", "--paginate", pages, "--jq", ".runners[].name")
    shown = json.loads(run(home, "runners", "--json").out)["runners"]
    after = gh(home, github, "api", "--paginate", pages, "--jq", ".runners[].name")
    assert (before.code, after.code) == (0, 0), before.said + after.said
    names = [runner["name"] for runner in shown]
    assert len(set(names)) == len(names) > 40
    # Runners for one job come and go meanwhile.
    first, last = set(before.out.split()), set(after.out.split())
    assert first & last <= set(names) <= first | last


@pytest.mark.parametrize(
    ("path", "token", "words"),
    [
        ("/orgs/acme/actions/runners", "ghp_" + "wrong" * 7, "Bad credentials (HTTP 401)"),
        ("/orgs/acme/nowhere", "", "Not Found (HTTP 404)"),
    ],
)
def test_gh_takes_the_refusals_of_the_pretend_github_for_githubs_own(
    path: str, token: str, words: str, home: Path, github: PretendGitHub
) -> None:
    refused = gh(home, github, "api", f"{github.api}{path}", token=token)
    assert refused.code == 1
    assert words in refused.err


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the keyring is the operator's own")
def test_the_command_that_is_said_to_mend_a_missing_keyring_mends_it(home: Path, github: PretendGitHub) -> None:
    hosts = home / "config" / "gh" / "hosts.yml"
    hosts.parent.mkdir(parents=True, mode=0o700)
    (home / "config").chmod(0o700)
    hosts.write_text(f"127.0.0.1:\n    oauth_token: {github.token}\n    user: mona-dev\n    git_protocol: https\n")
    hosts.chmod(0o600)
    nowhere = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={home / 'nowhere'}"}
    scope = ("--scope", "acme")
    refused = run(home, "auth", "login", "--api-url", github.api, *scope, stdin=github.token, env=nowhere)
    said = next(line for line in refused.err.splitlines() if "--token-command" in line)
    with Onlooker() as onlooker:
        mended = run(home, *shlex.split(said)[1:], *scope, env=nowhere)
        now = run(home, "now", env=nowhere)
    assert (refused.code, mended.code, now.code) == (3, 0, 1), refused.said + mended.said
    assert "gh auth token --hostname 127.0.0.1" in mended.out
    assert files_with(home, github.token) == [hosts]
    assert any(seen.startswith(b"gh\0auth\0token") for seen in onlooker.seen)
    assert not [seen for seen in onlooker.seen if github.token.encode() in seen]
