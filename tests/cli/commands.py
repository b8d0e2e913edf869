"""Runs the command line in this process, on a keyring and a GitHub of which a test knows what they do."""

import io
from dataclasses import dataclass, field
from typing import NamedTuple

import pytest

from console.__main__ import Program
from console.cli.failing import run
from console.cli.root import root
from console.credentials.keyrings import Keyring
from console.credentials.secret import Secret
from console.credentials.tokens import TokenRules, Tokens
from console.errors import ConsoleError
from console.fleet.access import Ability, TokenReport
from console.settings.schema import Context, Settings
from tests.credentials.backends import MemoryBackend, patience


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass
class Terminal:
    """A command line with everything that is around it."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    environ: dict[str, str]
    backend: MemoryBackend = field(default_factory=MemoryBackend)
    refusal: ConsoleError | None = None
    """What GitHub answers instead of a report."""
    seen: list[str] = field(default_factory=list)
    """The tokens that GitHub saw."""

    def __call__(self, *arguments: str, stdin: str = "") -> Ended:
        self.monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        code = run(root, arguments, PretendProgram(self))
        printed = self.capsys.readouterr()
        return Ended(code, printed.out, printed.err)


class PretendProgram(Program):
    """The real program, but for the keyring and GitHub."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(terminal.environ)
        self._terminal = terminal

    def keyring(self, api_url: str) -> Keyring:
        return Keyring(api_url, {}, backend=self._terminal.backend, deadline=patience(self._terminal.backend))

    def tokens(self, settings: Settings, context: Context, given: Secret | None = None) -> Tokens:
        rules = TokenRules(context.api_url, context.owners, context.token_from, context.api_url, given=given)
        environ, keyring = self._terminal.environ, self.keyring(context.api_url)
        return Tokens(rules, environ=environ, keyring=keyring, clean=lambda text: text)

    async def access(self, context: Context, tokens: Tokens, owner: str) -> TokenReport:
        secret = await tokens.token(owner)
        self._terminal.seen.append(secret.reveal() if secret else "")
        if self._terminal.refusal is not None:
            raise self._terminal.refusal
        reads = (Ability(f"read the runners of org {owner}", "allowed"),)
        return TokenReport(
            owner, "octocat", "classic", ("repo",), None, reads, (Ability("re-run jobs", "unknown", "x"),)
        )
