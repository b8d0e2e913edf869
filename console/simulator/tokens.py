"""The tokens that the pretend GitHub knows, and what each may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from console.simulator.inhabitants import Account

DEMO_TOKEN = "ghp_" + "DEMO" * 9
"""Opens the pretend GitHub, and nothing else."""

ENTERPRISE_SCOPE = "manage_runners:enterprise"

Kind = Literal["classic", "fine-grained", "installation", "anonymous"]


@dataclass(frozen=True, slots=True)
class Access:
    """What an endpoint asks for: a fine-grained permission, or one of some classic scopes."""

    permission: str
    """Such as `actions=read`; empty: every token will do."""
    scopes: tuple[str, ...] = ()
    private_only: bool = False
    """Public repositories need neither."""
    classic_only: bool = False
    """No other kind of token will do, whatever it may."""


ENTERPRISE_RUNNERS = Access("", (ENTERPRISE_SCOPE, "admin:enterprise"), classic_only=True)


@dataclass(frozen=True, slots=True)
class Token:
    """`scopes` count for classic tokens, `permissions` (name: read or write) for all others."""

    user: Account | None
    kind: Kind = "classic"
    scopes: tuple[str, ...] = ("admin:org", "repo")
    permissions: Mapping[str, str] | None = None
    owners: tuple[str, ...] | None = None
    """The owners it can see, in lower case; None: all of them."""
    hourly_limit: int = 5000
    expires_at: datetime | None = None

    def sees(self, owner: str) -> bool:
        return self.owners is None or owner.lower() in self.owners

    def may(self, access: Access) -> bool:
        """Whether scopes or permissions suffice."""
        if self.kind == "classic" and (access.permission or access.classic_only):
            return not access.scopes or any(scope in self.scopes for scope in access.scopes)
        if access.classic_only or not access.permission:
            return not access.classic_only
        name, _, level = access.permission.partition("=")
        return (self.permissions or {}).get(name) in {level, "write"}


ANONYMOUS = Token(None, "anonymous", (), {"metadata": "read"}, None, 60)
