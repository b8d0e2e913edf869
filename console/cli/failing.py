"""How a command ends: every error as text and an exit code, in one place."""

import errno
import os
import sys
from collections.abc import Callable, Sequence
from types import TracebackType

import click

from console.cli.output import width_of, wrapped
from console.cli.parts import Parts
from console.errors import (
    EXIT_COULD_NOT_LOOK,
    EXIT_HEALTHY,
    EXIT_OUR_FAULT,
    EXIT_USAGE,
    ConsoleError,
    UsageError,
    printable,
)

_INTERRUPTED = 130
_READER_GONE = 141
_UNWRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}
"""Without a file's name: standard output. Whoever writes to a file of ours says which."""
Hook = Callable[[type[BaseException], BaseException, TracebackType | None], None]


def run(command: click.Command, arguments: Sequence[str], parts: Parts) -> int:
    """Run a command to its exit code. What is raised here is a fault of ours, and `last_words` has the say."""
    stdout = sys.stdout
    try:
        code = _ended(command, arguments, parts)
        if stdout is not None:  # whoever closes it wants the exit code alone
            stdout.flush()
    except BrokenPipeError:
        _give_up_output()
        return _READER_GONE
    except OSError as error:
        if error.errno not in _UNWRITABLE or error.filename is not None:
            raise
        _give_up_output()
        show(ConsoleError(f"Cannot write the output: {error.strerror}"))
        return EXIT_COULD_NOT_LOOK
    except SystemExit:
        if sys.stdout is stdout:
            raise
        _give_up_output()
        return _READER_GONE  # click's own answer to a broken pipe: it puts something else in the place of stdout
    return code


def last_words(parts: Parts) -> Hook:
    """For `sys.excepthook`: a fault of ours must not look like exit code 1, "findings", nor show a variable."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        import traceback

        from console.settings.paths import paths

        click.echo(parts.clean("".join(traceback.format_exception(kind, error, trace))), err=True)
        for line in wrapped("This is a fault of runner-console, not of yours or of GitHub.", width_of(sys.stderr)):
            click.echo(line, err=True)
        log = paths().log_file
        kept = "What led to it is" if log.exists() else "With --debug before the command, what led to it will be"
        click.echo(f"{kept} in {printable(str(log))}", err=True)
        sys.exit(EXIT_OUR_FAULT)

    return hook


def _ended(command: click.Command, arguments: Sequence[str], parts: Parts) -> int:
    try:
        ended = command.main(list(arguments), prog_name="runner-console", standalone_mode=False, obj=parts)
    except ConsoleError as error:
        show(error)
        return error.exit_code
    except click.ClickException as error:
        _show_usage(error, parts)
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return _INTERRUPTED
    return ended if isinstance(ended, int) else EXIT_HEALTHY


def _show_usage(error: click.ClickException, parts: Parts) -> None:
    words = error.format_message()
    cleaned = parts.clean(words)
    if isinstance(error, click.NoSuchOption) and (misplaced := _misplaced(error)) is not None:
        show(misplaced)
    elif cleaned != words:  # a token, as an argument of a command
        show(UsageError(cleaned, "It is in the shell's history now: revoke it on GitHub, and make another."))
    else:
        error.show()


def _misplaced(error: click.NoSuchOption) -> UsageError | None:
    """An option of the program itself that stands behind the command."""
    if error.ctx is None:
        return None
    root = error.ctx.find_root()
    if error.ctx is root or not any(
        error.option_name in (*each.opts, *each.secondary_opts) for each in root.command.params
    ):
        return None
    option, command = error.option_name, error.ctx.command_path.removeprefix(f"{root.command_path} ")
    named = f"{option} NAME" if option == "--context" else option
    return UsageError(f"{option} stands before the command", f"`{root.command_path} {named} {command}`")


def _give_up_output() -> None:
    """Nobody reads our output any more; Python would complain once more when it closes it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def show(error: ConsoleError) -> None:
    """The error and its hint, to standard error, line by line and harmless."""
    for prefix, text in (("error", error.message), ("hint", error.hint)):
        if text:
            first, *more = text.split("\n")
            for line in (f"{prefix}: {first}", *(f"  {line}" for line in more)):
                # What is indented is a command to copy: broken into lines it would be another one.
                width = None if line.startswith("    ") else width_of(sys.stderr)
                for part in wrapped(printable(line, 2000), width):
                    click.echo(part, err=True)
