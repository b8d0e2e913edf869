"""What a token may do, as far as it could be told; every string is ours or has been sanitised."""

from datetime import datetime
from typing import Literal

import msgspec

Verdict = Literal["allowed", "refused", "unknown"]


class Ability(msgspec.Struct, frozen=True):
    """One thing that the console wants to do with a token."""

    what: str
    """"read the runners of org acme"."""
    verdict: Verdict
    detail: str = ""
    """Refused: what is missing. Unknown: why it could not be told, or what it needs."""
    needed: bool = True
    """False: the console does without it, and shows less."""


class TokenReport(msgspec.Struct, frozen=True):
    """The token that serves one owner. Reads were tried; writes are told from a classic token's scopes."""

    owner: str
    login: str | None = None
    """Whose it is; None where GitHub does not say (installation tokens)."""
    kind: str = "unknown"
    """`classic`, `fine-grained`, `OAuth`, `app user`, `app installation`, else `unknown`; told by its prefix."""
    classic_scopes: tuple[str, ...] | None = None
    """None: the token is not a classic one."""
    expires_at: datetime | None = None
    """None: it does not expire, or GitHub does not say."""
    reads: tuple[Ability, ...] = ()
    writes: tuple[Ability, ...] = ()

    @property
    def reads_all(self) -> bool:
        """All that is needed."""
        return all(ability.verdict == "allowed" for ability in self.reads if ability.needed)
