"""Secret: a token that shows itself to nobody; and the environment without tokens."""

import os
import re
from collections.abc import Mapping, MutableMapping
from typing import NoReturn

TOKEN_VARIABLES = ("RUNNER_CONSOLE_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
"""In the order in which `token = "env"` asks them."""

_LONGEST = 8192
_NEVER_FOR_CHILDREN = frozenset(TOKEN_VARIABLES) | {"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}


_SHAPE = re.compile(r"(?:gh[a-z]_|github_pat_)[A-Za-z0-9_]{16}|(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")
"""GitHub's prefixes, and the forty digits from before there were any."""


class Secret:
    """A token. Whatever prints, formats, copies or stores it gets `***` or an error; `reveal()` is the one way out."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value

    def reveal(self) -> str:
        """The token itself: for the Authorization header and for the redaction, and for nothing else."""
        return self.__value

    @property
    def fingerprint(self) -> str:
        """Tells tokens apart without telling them: the first 12 hex digits of the SHA-256."""
        import hashlib  # loads OpenSSL, for which the overview of the commands must not wait

        return hashlib.sha256(self.__value.encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return "***"

    def __str__(self) -> str:
        return "***"

    def __format__(self, spec: str) -> str:
        return format("***", spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac

        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is not to be copied or stored")


def looks_like_token(text: str) -> bool:
    """Whether there is something in it that no name, scope or address would be."""
    return _SHAPE.search(text) is not None


def secret_from(text: str) -> Secret:
    """A token as it was typed or printed. ValueError says what is wrong with it, without repeating it."""
    value = text.strip()
    if not value:
        raise ValueError("it is empty")
    if len(value) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("it has characters that no token has")
    return Secret(value)


def child_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a program that we start: everything but the tokens."""
    source = os.environ if environ is None else environ
    return {name: value for name, value in source.items() if name not in _NEVER_FOR_CHILDREN}


def take_environment(environ: MutableMapping[str, str] | None = None) -> dict[str, str]:
    """A copy of the environment, whose tokens are then gone from this process, and so from every child's.

    Libraries start programs too (`pass`, a pager), and do not ask us which environment to give them.
    """
    source = os.environ if environ is None else environ
    taken = dict(source)
    for name in _NEVER_FOR_CHILDREN:
        source.pop(name, None)
    return taken
