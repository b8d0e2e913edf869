"""`logs`: one log on the whole screen, or written out."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from console.cli.parts import Called
from console.errors import NoContextError, UsageError, printable
from console.fleet.log_kind import HostSource, kind_by_name

if TYPE_CHECKING:
    from console.operations.logs import OpenLog

_LOOKS_LIKE_A_FILE = ((".", "/", "~"), (".log", ".txt"))
"""How it begins, or how it ends: then nobody is asked whether a job is called so."""


@click.command()
@click.argument("words", metavar="FILE_RUNNER_OR_JOB...", nargs=-1, required=True)
@click.option(
    "--source",
    type=click.Choice(get_args(HostSource)),
    help="Of a runner or a job: its journal, its listener's or worker's log, or the output of the running job.",
)
@click.option(
    "--print", "as_text", is_flag=True, help="Write out what is there now, harmless and without secrets, and end."
)
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.pass_obj
def logs(called: Called, words: tuple[str, ...], source: HostSource | None, *, as_text: bool, no_mouse: bool) -> int:
    """Open one log on the whole screen, with the lines that mean trouble marked and explained.

    It is a file, where there is one of that name. Else a runner or a job is meant, named as for `explain`: of a runner
    it is the journal of its service, of a job its log or, while it runs, its output. What grows is followed.
    """
    name = " ".join(words)
    write = partial(click.echo, nl=False)
    options = called.options._replace(mouse=False) if no_mouse else called.options
    if source is None and _is_file(name):
        file = Path(name)
        if as_text:
            called.parts.print_log(file, write)
            return 0
        return called.parts.run_log(options, file, kind_by_name(file.name))
    opening = partial(_opened, called, name, source)
    if as_text:
        called.parts.print_opened(opening, write)
        return 0
    return called.parts.show_log(options, opening, "`runner-console logs --print RUNNER_OR_JOB`")


def _is_file(name: str) -> bool:
    begins, ends = _LOOKS_LIKE_A_FILE
    return os.path.lexists(name) or name.startswith(begins) or name.endswith(ends)


@asynccontextmanager
async def _opened(called: Called, words: str, source: HostSource | None) -> "AsyncIterator[OpenLog]":
    from console.cli.asked import asked_for
    from console.cli.facts import tell_progress
    from console.cli.output import print_progress
    from console.operations.named_log import open_named

    try:
        connection = await called.parts.connector(called.options).open(called.options.context)
    except NoContextError as error:
        why = f"And without a context no runner or job can be meant. {error.hint}"
        raise UsageError(f"There is no file “{printable(words, 200)}”", why) from None
    try:
        look = await connection.watch.first_whole_look(tell_progress)
        opened = await open_named(connection, look.snapshot, asked_for(look.snapshot, words), source)
        print_progress("")
        try:
            yield opened
        finally:
            await opened.close()
    finally:
        print_progress("")
        await connection.close()
