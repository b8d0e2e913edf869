"""Which permission each question and each change needs, in GitHub's words."""

import re

import msgspec

from console.remote.sanitize import text


class Needs(msgspec.Struct, frozen=True):
    """The least that will do: of a fine-grained token or an App, and of a classic token (any one of these scopes)."""

    fine_grained: str
    classic: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.fine_grained} (classic token: {' or '.join(self.classic)})"


READ_ORG_RUNNERS = Needs("organization permission Self-hosted runners: read", ("admin:org", "manage_runners:org"))
READ_REPO_RUNNERS = Needs("repository permission Administration: read", ("repo",))
READ_ACTIONS = Needs("repository permission Actions: read", ("repo",))
READ_CHECKS = Needs("repository permission Checks: read", ("repo",))
READ_CONTENTS = Needs("repository permission Contents: read; drafts are only shown to who may write", ("repo",))
READ_REPOSITORIES = Needs("repository permission Metadata: read", ("repo",))
READ_NOTHING = Needs("no permission", ("no scope",))

WRITE_ORG_RUNNERS = Needs("organization permission Self-hosted runners: write", ("admin:org", "manage_runners:org"))
WRITE_REPO_RUNNERS = Needs("repository permission Administration: write", ("repo",))
WRITE_ACTIONS = Needs("repository permission Actions: write", ("repo",))

_NAMES = {
    "organization_self_hosted_runners": "organization permission Self-hosted runners",
    "organization_administration": "organization permission Administration",
    "administration": "repository permission Administration",
    "actions": "repository permission Actions",
    "metadata": "repository permission Metadata",
    "contents": "repository permission Contents",
    "checks": "repository permission Checks",
}
_PAIR = re.compile(r"\s*([a-z_]{1,60})=(read|write|admin)\s*")


def named(accepted_permissions: str, accepted_scopes: str) -> str:
    """What GitHub's headers say would have done, in words; empty when they say nothing.

    Semicolons part alternatives, commas what is needed together.
    """
    ways = [" and ".join(map(_permission, way.split(","))) for way in accepted_permissions.split(";") if way.strip()]
    scopes = [text(scope.strip()) for scope in accepted_scopes.split(",") if scope.strip()]
    if scopes:
        ways.append(f"classic scope {' or '.join(scopes)}")
    return ", or ".join(ways)


def _permission(pair: str) -> str:
    found = _PAIR.fullmatch(pair)
    if found is None:
        return text(pair.strip())
    return f"{_NAMES.get(found[1], found[1])}: {found[2]}"
