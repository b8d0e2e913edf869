"""The command line's root: its options, and a table of commands whose modules are imported when they are called."""

import os
from importlib import import_module
from typing import NamedTuple

import click

from console.cli.names import context_names
from console.cli.parts import Called, Options, Parts


class Entry(NamedTuple):
    """Where a command is, and what the overview says of it."""

    module: str
    name: str
    help: str


COMMANDS = {
    "acknowledge": Entry("console.cli.lives", "acknowledge", "Say that you know of a finding."),
    "act": Entry("console.cli.act", "act", "A guided action: its plan, or done, proved and recorded."),
    "auth": Entry("console.cli.auth", "auth", "Tokens: log in, look what they may do, log out."),
    "completion": Entry("console.cli.completion", "completion", "Print the completion script of a shell."),
    "config": Entry("console.cli.config", "config", "Check the configuration, or print its schema."),
    "context": Entry("console.cli.context", "context", "List, add and choose contexts."),
    "demo": Entry("console.cli.demo", "demo", "The whole console on a pretend fleet."),
    "explain": Entry("console.cli.facts", "explain", "Why a job waits, or what a runner is doing."),
    "history": Entry("console.cli.history", "history", "What was done with the console, by whom, and how it ended."),
    "info": Entry("console.cli.info", "info", "Version, context, keyring, and where the files are."),
    "jobs": Entry("console.cli.facts", "jobs", "Jobs that wait, run or have just ended."),
    "logs": Entry("console.cli.logs", "logs", "A log on the whole screen, with its known lines marked."),
    "mute": Entry("console.cli.lives", "mute", "Not to be told of a finding for a while."),
    "now": Entry("console.cli.facts", "now", "What is wrong now; the exit code says so too."),
    "runbook": Entry("console.cli.runbook", "runbook", "What to do about an incident, and how its steps stand now."),
    "runners": Entry("console.cli.facts", "runners", "Runners and what they are doing."),
    "scan": Entry("console.cli.scan", "scan", "The known lines of a log, and what they mean."),
    "signatures": Entry("console.cli.signatures", "signatures", "What lines of logs are known, and your own."),
    "simulate": Entry("console.cli.demo", "simulate", "The pretend GitHub alone, on a port."),
    "unmute": Entry("console.cli.lives", "unmute", "Take back what was said of a finding."),
    "waits": Entry("console.cli.waits", "waits", "How long jobs wait for a runner, by labels."),
}


class LazyGroup(click.Group):
    """Knows its commands from the table, so that an overview imports none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command's module."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = getattr(import_module(entry.module), entry.name)
        if not isinstance(found, click.Command):
            raise TypeError(f"{entry.module}:{entry.name} is no command")
        # For the shell's completion, which would cut off the first sentence of the command's own help.
        found.short_help = entry.help
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A misspelt command is answered with the nearest one."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches  # only for who misspelt

            close = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean “{close[0]}”?" if close else ""
            ctx.fail(f"There is no command “{args[0]}”.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """From the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in sorted(COMMANDS.items())])


def _width() -> int:
    """Of the help: as wide as the terminal, up to 80. Click would load compression libraries to find it out."""
    try:
        columns = os.get_terminal_size().columns
    except OSError:
        columns = 80
    return max(min(columns, 80) - 2, 50)


def _version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib import metadata  # costs more than all of the overview

        click.echo(f"runner-console {metadata.version('runner-console')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": _width()},
)
@click.option(
    "--context", metavar="NAME", shell_complete=context_names, help="The context to use, not the default one."
)
@click.option("--read-only/--write", default=None, help="Forbid changes in this run, or allow them.")
@click.option("--debug", is_flag=True, help="Write a detailed log; `info` says where.")
@click.option("--mouse/--no-mouse", default=None, help="Take mouse clicks, or leave them to the terminal.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Print the version."
)
@click.pass_context
def root(ctx: click.Context, context: str | None, read_only: bool | None, debug: bool, mouse: bool | None) -> None:
    """A console for fleets of GitHub Actions self-hosted runners.

    Without a command it opens the default context on the screen.
    """
    parts: Parts = ctx.obj
    options = Options(context=context, read_only=read_only, debug=debug, mouse=mouse)
    parts.begin(options)
    ctx.obj = Called(parts, options)
    if ctx.invoked_subcommand is None:
        ctx.exit(parts.run_console(options))
