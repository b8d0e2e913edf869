"""The command line's door: it imports nothing heavy, and makes each part of the program when it is asked for."""

import io
import os
import resource
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from console.cli.failing import last_words, run
from console.cli.output import print_aside
from console.cli.parts import Options
from console.cli.root import root
from console.cli.signals import end_on_signals
from console.credentials.running import stop_all as stop_token_commands
from console.errors import SPELT

if TYPE_CHECKING:
    from pathlib import Path

    from console.cli.parts import Opening
    from console.credentials.keyrings import Keyring
    from console.credentials.secret import Secret
    from console.credentials.tokens import Tokens
    from console.fleet.access import TokenReport
    from console.fleet.log_lines import Where
    from console.operations.connection import Connector
    from console.operations.finding_lives import FindingLives
    from console.operations.history import History
    from console.settings.schema import Context, Settings


class Program:
    """The joined program, as the commands get it. The tokens leave the environment before anything else happens."""

    def __init__(self, environ: dict[str, str]) -> None:
        self._environ = environ
        self._live: list[Callable[[], tuple[str, ...]]] = []

    def begin(self, options: Options) -> None:
        if options.debug or self._environ.get("RUNNER_CONSOLE_DEBUG", "").lower() in {"1", "true", "yes", "on"}:
            from console.assemble.own_log import start_log

            start_log(self.clean)

    def settings(self, options: Options) -> "Settings":
        from console.settings.reading import load

        settings = load(environ=self._environ, context=options.context)
        if settings.debug:
            from console.assemble.own_log import start_log

            start_log(self.clean)
        return settings

    def keyring(self, api_url: str) -> "Keyring":
        from console.credentials.keyrings import Keyring

        return Keyring(api_url, self._environ)

    def tokens(self, settings: "Settings", context: "Context", given: "Secret | None" = None) -> "Tokens":
        from console.assemble.parts import tokens_for

        tokens = tokens_for(settings, context, self._environ, given)
        self._live.append(tokens.live)
        return tokens

    async def access(self, context: "Context", tokens: "Tokens", owner: str) -> "TokenReport":
        from console.assemble.parts import access_of

        return await access_of(context, tokens, owner)

    def proxy(self, api_url: str) -> str:
        from console.remote.surroundings import proxy_in_words

        return proxy_in_words(api_url)

    def connector(self, options: Options) -> "Connector":
        return self._connector(options, say=print_aside)

    def _connector(self, options: Options, say: Callable[[str], None] | None = None) -> "Connector":
        from console.assemble.connectors import RealConnector
        from console.assemble.parts import memory
        from console.operations.interfaces import SystemClock

        def load(name: str | None) -> "Settings":
            return self.settings(Options(context=name or options.context))

        return RealConnector(
            load, self.tokens, memory(), SystemClock(), history=self.history, read_only=options.read_only, say=say
        )

    def history(self) -> "History":
        from console.assemble.parts import history_in
        from console.settings.paths import paths

        return history_in(paths().state_dir, self.clean)

    def lives(self, options: Options) -> "FindingLives":
        from console.assemble.parts import lives_for, memory

        name, context = self.settings(options).context(options.context)
        return lives_for(name, context.api_url, memory(), self.history)

    def scenarios(self) -> tuple[tuple[str, str, str], ...]:
        from console.simulator.scenarios import scenarios

        return tuple((each.id, each.title, each.summary) for each in scenarios().values())

    def run_demo(
        self, options: Options, scenario: str | None, speed: float, *, mouse: bool, say: Callable[[str], None] | None
    ) -> int:
        from console.assemble.running import run_demo

        read_only = options.read_only is True
        return run_demo(scenario, speed, mouse=mouse, read_only=read_only, clean=self.clean, stop_all=stop_all, say=say)

    def simulate(self, scenario: str | None, port: int, speed: float, say: Callable[[str], None]) -> None:
        from console.simulator.scenarios import DEFAULT, scenario_named
        from console.simulator.server import serve

        serve(scenario_named(scenario or DEFAULT), port, speed, say)

    def run_console(self, options: Options) -> int:
        from console.assemble.running import run_console

        return run_console(
            self._connector(options),
            options.context,
            options.read_only,
            options.mouse,
            clean=self.clean,
            stop_all=stop_all,
        )

    def run_log(self, options: Options, path: "Path", where: "Where") -> int:
        from console.assemble.running import run_log

        return run_log(path, where, mouse=options.mouse is not False, clean=self.clean)

    def print_log(self, path: "Path", write: Callable[[str], None]) -> None:
        from console.assemble.running import print_log

        print_log(path, write)

    def show_log(self, options: Options, opening: "Opening", instead: str) -> int:
        from console.assemble.running import show_log

        return show_log(opening, mouse=options.mouse is not False, clean=self.clean, stop_all=stop_all, instead=instead)

    def print_opened(self, opening: "Opening", write: Callable[[str], None]) -> None:
        from console.assemble.running import print_opened

        print_opened(opening, write)

    def line_of_a_log(self, line: bytes) -> str:
        from console.remote.sanitize import text

        return text(self.clean(line.decode("utf-8", "replace")))

    def clean(self, text: str) -> str:
        """Without secrets: those in use, and everything that has the shape of one."""
        from console.remote.sanitize import redact

        return redact(text, [token for live in self._live for token in live()])


def stop_all() -> None:
    """Ends what was started for the console; for who has to be gone at once, from any thread."""
    stop_token_commands()
    # Where no host was reached there is nothing to end, and nothing to import for it.
    stop_connections: Callable[[], None] | None = getattr(sys.modules.get("console.remote.ssh"), "stop_all", None)
    if stop_connections is not None:
        stop_connections()


def main() -> None:
    """Run the command line and exit with its code."""
    os.umask(0o077)
    # A core file would hold the token.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    end_on_signals(stop_all)
    from console.credentials.secret import take_environment

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name that the terminal's encoding lacks is spelt out; it must not end a command.
        sys.stdout.reconfigure(errors=SPELT)
    program = Program(take_environment())
    sys.excepthook = last_words(program)
    try:
        sys.exit(run(root, sys.argv[1:], program))
    finally:
        stop_all()


if __name__ == "__main__":
    main()
