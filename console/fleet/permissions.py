"""Which permission each question and each change needs, in GitHub's words."""

import msgspec

from console.fleet.models import Scope


class Needs(msgspec.Struct, frozen=True):
    """The least that will do: of a fine-grained token or an App, and of a classic token (any one of these scopes)."""

    fine_grained: str
    """Empty: none of these can."""
    classic: tuple[str, ...]

    def __str__(self) -> str:
        if not self.fine_grained:
            return f"a classic token's scope {' or '.join(self.classic)}; no fine-grained token or App can"
        return f"{self.fine_grained} (classic token: {' or '.join(self.classic)})"


READ_ORG_RUNNERS = Needs("organization permission Self-hosted runners: read", ("admin:org", "manage_runners:org"))
READ_REPO_RUNNERS = Needs("repository permission Administration: read", ("repo",))
READ_ACTIONS = Needs("repository permission Actions: read", ("repo",))
READ_CHECKS = Needs("repository permission Checks: read", ("repo",))
READ_CONTENTS = Needs("repository permission Contents: read; drafts are only shown to who may write", ("repo",))
READ_FILES = Needs("repository permission Contents: read", ("repo",))
READ_REPO_SETTINGS = Needs("repository permission Administration: read", ("repo",))
READ_ORG_SETTINGS = Needs("organization permission Administration: read", ("admin:org",))
READ_REPOSITORIES = Needs("repository permission Metadata: read", ("repo",))
READ_ENTERPRISE_RUNNERS = Needs("", ("manage_runners:enterprise", "admin:enterprise"))
READ_NOTHING = Needs("no permission", ("no scope",))

WRITE_ORG_RUNNERS = Needs("organization permission Self-hosted runners: write", ("admin:org", "manage_runners:org"))
WRITE_REPO_RUNNERS = Needs("repository permission Administration: write", ("repo",))
WRITE_ENTERPRISE_RUNNERS = READ_ENTERPRISE_RUNNERS
WRITE_ACTIONS = Needs("repository permission Actions: write", ("repo",))
WRITE_CONTENTS = Needs(
    "repository permission Contents: write, and Workflows: write where the release's commit changes a workflow",
    ("repo",),
)

_READ_RUNNERS = {"enterprise": READ_ENTERPRISE_RUNNERS, "org": READ_ORG_RUNNERS, "repo": READ_REPO_RUNNERS}
_WRITE_RUNNERS = {"enterprise": WRITE_ENTERPRISE_RUNNERS, "org": WRITE_ORG_RUNNERS, "repo": WRITE_REPO_RUNNERS}


def to_read_runners(scope: Scope) -> Needs:
    """Of a scope, and their groups."""
    return _READ_RUNNERS[scope.kind]


def to_write_runners(scope: Scope) -> Needs:
    """Register, label and remove them."""
    return _WRITE_RUNNERS[scope.kind]
