"""The tokens of one context: where each comes from, which API they are for, and what to say when there is none."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from console.credentials.keyrings import Keyring
from console.credentials.origin import GITHUB_COM, origin_of
from console.credentials.secret import TOKEN_VARIABLES, Secret, secret_from
from console.credentials.token_command import run_token_command, spelled
from console.errors import ConsoleError, NoTokenError, printable

Source = Literal["keyring", "env"] | tuple[str, ...]
"""A tuple is a command's arguments."""

_Key = tuple[str, ...]

_NO_VARIABLE_FITS = (
    "Use another `token`: RUNNER_CONSOLE_TOKEN is for the default context's address, "
    "GH_TOKEN and GITHUB_TOKEN are for github.com or the host that GH_HOST names."
)

PATIENCE = 30.0
"""Seconds for which "there is none" is believed: a look asks hundreds of times."""


@dataclass(frozen=True)
class TokenRules:
    """What a context says of its tokens, and which addresses they are for."""

    api_url: str
    owners: tuple[str, ...]
    token_from: Callable[[str], Source | None]
    """By owner; None where the context names no token for one."""
    default_api_url: str = ""
    """The default context's address: the only one RUNNER_CONSOLE_TOKEN is for."""
    command_for: str = ""
    """The address that stands beside the token command in the file; empty: the same."""
    distrust: str = ""
    """Why the file's commands must not be run."""
    given: Secret | None = None
    """A token that was typed just now; it goes before all others."""


@dataclass
class _Kept:
    """What is known of one source by now."""

    secret: Secret | None = None
    failure: ConsoleError | None = None
    asked_at: float | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Tokens:
    """Gives out the tokens of one context, each for its one API origin."""

    def __init__(
        self,
        rules: TokenRules,
        *,
        environ: Mapping[str, str],
        keyring: Keyring,
        clean: Callable[[str], str],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`environ` is the environment as it was before its tokens were taken out; `clean` redacts foreign words."""
        self._rules = rules
        self._environ = {name: value for name, value in environ.items() if value}
        self._keyring = keyring
        self._clean = clean
        self._now = now
        self._kept: defaultdict[_Key, _Kept] = defaultdict(_Kept)

    @property
    def origin(self) -> str:
        """The only place these tokens may be sent to."""
        return origin_of(self._rules.api_url)

    @property
    def keyring(self) -> Keyring:
        """The keyring, for `auth`."""
        return self._keyring

    def live(self) -> tuple[str, ...]:
        """The values in use, for the redaction."""
        known = [kept.secret for kept in self._kept.values()] + [self._rules.given]
        variables = [self._environ[name] for name in TOKEN_VARIABLES if name in self._environ]
        return tuple({*(secret.reveal() for secret in known if secret is not None), *variables})

    async def token(self, owner: str) -> Secret | None:
        """The token for this owner; without an owner, the first one there is.

        None: the source works and has none, see `missing`. Raises a ConsoleError where the source itself fails.
        """
        if self._rules.given is not None:
            return self._rules.given
        if not owner:
            return await self._first()
        source = self._rules.token_from(owner)
        if source is None:
            return None
        kept = self._kept[_key(source, owner)]
        async with kept.lock:
            if kept.secret is None and (kept.asked_at is None or self._now() - kept.asked_at > PATIENCE):
                await self._fill(kept, source, owner)
        if kept.failure is not None:
            raise kept.failure.with_traceback(None)
        return kept.secret

    async def renew(self, owner: str, rejected: Secret | None = None) -> bool:
        """Ask the source once more, after GitHub refused the token. True: another one is there now.

        `rejected` is the token that was refused: who comes late learns that it has been replaced already.
        """
        source = self._rules.token_from(owner or next(iter(self._rules.owners), ""))
        if source is None or self._rules.given is not None:
            return False
        kept = self._kept[_key(source, owner or self._rules.owners[0])]
        before = rejected or kept.secret
        async with kept.lock:
            if kept.secret is None or kept.secret == before:
                await self._fill(kept, source, owner)
        return kept.secret is not None and kept.secret != before

    def source(self, owner: str) -> str:
        """Where this owner's token comes from, in words."""
        if self._rules.given is not None:
            return "this login"
        match self._rules.token_from(owner):
            case None:
                return "none named for this owner"
            case "keyring":
                return f"keyring ({self._keyring.words})" if self._keyring.words else "keyring"
            case "env":
                return self.variable or "environment"
            case command:
                return printable(f"command {self._clean(spelled(command))}", 80)

    def missing(self, owner: str) -> NoTokenError:
        """Why `token` has none for this owner, and what helps."""
        owner = owner or next(iter(self._rules.owners), "")
        shown = printable(owner, 80)
        hint = "`runner-console auth login` keeps one in the keyring."
        match self._rules.token_from(owner):
            case None:
                return NoTokenError(f"The context names no token for {shown}", f"Add {shown} to its table `token`.")
            case "keyring":
                where = f" ({self._keyring.words})" if self._keyring.words else ""
                text = f"The keyring{where} holds no token for {shown} at {self.origin}"
            case _:
                text = f"No variable holds a token for {self.origin}"
                fitting = [name for name in TOKEN_VARIABLES if self.origin in self._serves(name)]
                hint = f"Set {' or '.join(fitting)}, or use another `token`." if fitting else _NO_VARIABLE_FITS
        return NoTokenError(". ".join((text, *self.notes())), hint)

    def notes(self) -> tuple[str, ...]:
        """Token variables that are set and not used, and why."""
        sources = {self._rules.token_from(owner) for owner in self._rules.owners}
        found = []
        for name in TOKEN_VARIABLES:
            if name not in self._environ or name == self.variable:
                continue
            serves = self._serves(name)
            if self.origin not in serves:
                found.append(f"{name} is set and not used: it is for {' or '.join(serves) or 'a default context'} only")
            elif "env" not in sources:
                found.append(f'{name} is set and not used: the context does not say token = "env"')
        return tuple(found)

    async def _first(self) -> Secret | None:
        failure: ConsoleError | None = None
        for owner in self._rules.owners:
            try:
                found = await self.token(owner)
            except ConsoleError as error:
                failure = failure or error
            else:
                if found is not None:
                    return found
        if failure is not None:
            raise failure
        return None

    async def _fill(self, kept: _Kept, source: Source, owner: str) -> None:
        try:
            kept.secret, kept.failure = await self._resolve(source, owner), None
        except ConsoleError as error:
            kept.secret, kept.failure = None, error
        kept.asked_at = self._now()

    async def _resolve(self, source: Source, owner: str) -> Secret | None:
        match source:
            case "keyring":
                return await self._keyring.get(owner)
            case "env":
                return self._from_environment()
            case command:
                self._refuse_foreign_command(command)
                return await run_token_command(command, environ=self._environ, clean=self._clean)

    def _refuse_foreign_command(self, command: tuple[str, ...]) -> None:
        named = f"The token command `{printable(self._clean(spelled(command)), 120)}` was not run"
        if self._rules.distrust:
            raise NoTokenError(f"{named}: {self._rules.distrust}", "Whoever can write there could run what they like.")
        meant = origin_of(self._rules.command_for or self._rules.api_url)
        if meant != self.origin:
            raise NoTokenError(
                f"{named}: it is for {meant}, and RUNNER_CONSOLE_API_URL points to {self.origin}",
                "A token goes to one address only. Make a context of its own for the other one.",
            )

    def _from_environment(self) -> Secret | None:
        name = self.variable
        if not name:
            return None
        try:
            return secret_from(self._environ[name])
        except ValueError as error:
            raise NoTokenError(f"{name} holds no token: {error}", "Set it anew.") from None

    @property
    def variable(self) -> str:
        """The variable that `token = "env"` means here; empty when none is for this origin."""
        sources = {self._rules.token_from(owner) for owner in self._rules.owners}
        if "env" not in sources:
            return ""
        fitting = (name for name in TOKEN_VARIABLES if name in self._environ and self.origin in self._serves(name))
        return next(fitting, "")

    def _serves(self, variable: str) -> tuple[str, ...]:
        """The origins a variable's token is for."""
        if variable == "RUNNER_CONSOLE_TOKEN":
            return (origin_of(self._rules.default_api_url),) if self._rules.default_api_url else ()
        host = self._environ.get("GH_HOST", "").lower()
        if not host or host == "github.com":
            return (origin_of(GITHUB_COM),)
        api = f"https://api.{host}" if host.endswith(".ghe.com") else f"https://{host}"
        return (origin_of(GITHUB_COM), origin_of(api))


def _key(source: Source, owner: str) -> _Key:
    """One command or variable serves all its owners; the keyring keeps one token for each."""
    return ("keyring", owner.lower()) if source == "keyring" else ("env",) if source == "env" else ("command", *source)
