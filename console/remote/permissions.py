"""Which permissions GitHub says would have done, in words."""

import re

from console.remote.sanitize import text

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
