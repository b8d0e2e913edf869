"""What the commands need of the rest of the program; `assemble.py` provides it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    # Only for the checker: `--help` and `--version` must not wait for any of it.
    from console.credentials.keyrings import Keyring
    from console.credentials.secret import Secret
    from console.credentials.tokens import Tokens
    from console.fleet.access import TokenReport
    from console.fleet.log_lines import Where
    from console.operations.connection import Connector
    from console.operations.finding_lives import FindingLives
    from console.operations.history import History
    from console.operations.logs import OpenLog
    from console.settings.schema import Context, Settings

    Opening = Callable[[], AbstractAsyncContextManager[OpenLog]]


class Options(NamedTuple):
    """The options before the command's name."""

    context: str | None = None
    read_only: bool | None = None
    """None: as the context's settings say."""
    debug: bool = False
    mouse: bool | None = None
    """None: as the settings say."""


class Parts(Protocol):
    """The joined program, part by part, each made when it is asked for."""

    def begin(self, options: Options) -> None:
        """Called once, before any command: the own log starts here."""
        ...

    def settings(self, options: Options) -> "Settings":
        """Raises SettingsError."""
        ...

    def keyring(self, api_url: str) -> "Keyring": ...

    def tokens(self, settings: "Settings", context: "Context", given: "Secret | None" = None) -> "Tokens":
        """The tokens of a context, which need not be among the settings yet. `given` goes before all others."""
        ...

    async def access(self, context: "Context", tokens: "Tokens", owner: str) -> "TokenReport":
        """What the token for this owner may do, asked of GitHub. Raises ConsoleError kinds."""
        ...

    def proxy(self, api_url: str) -> str:
        """The proxy and certificate settings in use for this address, in words; empty when there are none."""
        ...

    def connector(self, options: Options) -> "Connector":
        """Opens contexts, for the commands that look at a fleet."""
        ...

    def history(self) -> "History":
        """What was done with the console by this user, kept in the state directory."""
        ...

    def lives(self, options: Options) -> "FindingLives":
        """What was said of the findings of the chosen context. Raises SettingsError."""
        ...

    def scenarios(self) -> tuple[tuple[str, str, str], ...]:
        """Id, title and summary of each pretend fleet."""
        ...

    def run_demo(
        self, options: Options, scenario: str | None, speed: float, *, mouse: bool, say: Callable[[str], None] | None
    ) -> int:
        """The console on a pretend fleet; its exit code. Raises UsageError for a scenario that does not exist.

        With `say` the scenario's runbook is opened, and it is told in the end how long everything took.
        """
        ...

    def simulate(self, scenario: str | None, port: int, speed: float, say: Callable[[str], None]) -> None:
        """Serve a pretend GitHub until SIGINT or SIGTERM."""
        ...

    def run_console(self, options: Options) -> int:
        """The console on the screen, until it ends; its exit code."""
        ...

    def run_log(self, options: Options, path: "Path", where: "Where") -> int:
        """One file on the whole screen, until it is left. Raises LogError."""
        ...

    def print_log(self, path: "Path", write: Callable[[str], None]) -> None:
        """A file as the screen would show it, line by line. Raises LogError."""
        ...

    def show_log(self, options: Options, opening: "Opening", instead: str) -> int:
        """A log of the fleet on the whole screen, until it is left. `instead` needs no terminal."""
        ...

    def print_opened(self, opening: "Opening", write: Callable[[str], None]) -> None:
        """What is there of a log of the fleet. Raises ConsoleError kinds."""
        ...

    def line_of_a_log(self, line: bytes) -> str:
        """Foreign bytes as one harmless line of text, without secrets."""
        ...

    def clean(self, text: str) -> str:
        """Text without the secrets it may hold, for a crash's last words."""
        ...


class Called(NamedTuple):
    """What click hands to every command (`@click.pass_obj`)."""

    parts: Parts
    options: Options

    def settings(self) -> "Settings":
        """Raises SettingsError."""
        return self.parts.settings(self.options)
