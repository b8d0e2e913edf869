"""`logs`: one log on the whole screen, or written out."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from console.cli.parts import Called
from console.fleet.log_kind import kind_by_name


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--print", "as_text", is_flag=True, help="Write it out instead, harmless and without secrets.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal.")
@click.pass_obj
def logs(called: Called, file: Path, as_text: bool, no_mouse: bool) -> int:
    """Open the log FILE on the whole screen, with the lines that mean trouble marked and explained.

    A file that grows is followed.
    """
    if as_text:
        called.parts.print_log(file, partial(click.echo, nl=False))
        return 0
    options = replace(called.options, mouse=False) if no_mouse else called.options
    return called.parts.run_log(options, file, kind_by_name(file.name))
