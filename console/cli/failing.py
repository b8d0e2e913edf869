"""How a command ends: every error as text and an exit code, in one place."""

import os
import sys
from collections.abc import Sequence

import click

from console.cli.parts import Parts
from console.errors import EXIT_HEALTHY, EXIT_OUR_FAULT, EXIT_USAGE, ConsoleError, printable

_INTERRUPTED = 130
_READER_GONE = 141


def run(command: click.Command, arguments: Sequence[str], parts: Parts) -> int:
    """Run a command to its exit code. A fault of ours ends in a traceback without local variables and code 70."""
    stdout = sys.stdout
    try:
        code = _ended(command, arguments, parts)
        if stdout is not None:  # whoever closes it wants the exit code alone
            stdout.flush()
    except BrokenPipeError:
        return _reader_gone()
    except SystemExit:
        if sys.stdout is stdout:
            raise
        return _reader_gone()  # click's own answer to a broken pipe: it puts something else in the place of stdout
    except Exception:  # noqa: BLE001 - a fault of ours must not look like exit code 1, "findings"
        import traceback

        click.echo(parts.clean(traceback.format_exc()), err=True)
        return EXIT_OUR_FAULT
    return code


def _ended(command: click.Command, arguments: Sequence[str], parts: Parts) -> int:
    try:
        ended = command.main(list(arguments), prog_name="runner-console", standalone_mode=False, obj=parts)
    except ConsoleError as error:
        show(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    return ended if isinstance(ended, int) else EXIT_HEALTHY


def _reader_gone() -> int:
    """Nobody reads our output any more; Python would complain once more when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return _READER_GONE


def show(error: ConsoleError) -> None:
    """The error and its hint, to standard error, line by line and harmless."""
    for prefix, text in (("error", error.message), ("hint", error.hint)):
        if text:
            first, *more = text.split("\n")
            click.echo(f"{prefix}: {printable(first, 2000)}", err=True)
            for line in more:
                click.echo(f"  {printable(line, 2000)}", err=True)
