"""What the requests need of tokens. Anything of this shape fits."""

from typing import Protocol


class SecretToken(Protocol):
    """A token that hides itself; only the moment of sending reveals it."""

    def reveal(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """Says whether two tokens are the same, and nothing else about them."""
        ...


class Tokens(Protocol):
    """The tokens of one context, all of them for one API origin."""

    async def token(self, owner: str) -> SecretToken | None:
        """The token that can see this owner, None when there is none. `owner` empty: whichever there is."""
        ...

    async def renew(self, owner: str) -> bool:
        """Ask the source again, after GitHub refused the token. True: another one is there now."""
        ...
