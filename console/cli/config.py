"""`config check` and `config schema`."""

import click

from console.cli.output import print_json
from console.cli.parts import Called
from console.errors import EXIT_HEALTHY, EXIT_USAGE, NoContextError, UsageError, printable
from console.settings.complaints import Complaint, InvalidSettingsError
from console.settings.paths import paths
from console.settings.schema import json_schema

_NOTHING_TO_LOOK_AT = ("names neither scopes nor repositories", 'such as scopes = ["org:NAME"]')


@click.group()
def config() -> None:
    """Check the configuration, or print its schema."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON: file, ok, complaints, warnings.")
@click.pass_obj
def check(called: Called, as_json: bool) -> int:
    """Look the configuration over, the file and the environment.

    Exit code 0 when the console can look at something with it, and 2 when it cannot.
    """
    file = paths().config_file
    complaints, warnings = _looked_over(called)
    if as_json:
        told = [{"place": each.place, "message": each.message, "hint": each.hint or None} for each in complaints]
        print_json({"file": str(file), "ok": not complaints, "complaints": told, "warnings": warnings})
    else:
        for line in [f"wrong: {complaint}" for complaint in complaints] + [f"warning: {text}" for text in warnings]:
            click.echo(printable(line, 2000))
        click.echo(f"{'Not usable' if complaints else 'ok'}: {printable(str(file))}")
    return EXIT_USAGE if complaints else EXIT_HEALTHY


def _looked_over(called: Called) -> tuple[tuple[Complaint, ...], list[str]]:
    """What makes it unusable, and what is only worth knowing."""
    try:
        settings = called.settings()
    except InvalidSettingsError as error:
        return error.complaints, []
    warnings = []
    if settings.reading.file is None:
        warnings.append("there is no such file yet; the defaults hold")
    if settings.distrust:
        warnings.append(f"token commands will not be run: {settings.distrust}")
    try:
        settings.context(called.options.context)
    except NoContextError as error:
        return (Complaint("contexts", error.message, error.hint),), warnings
    except UsageError as error:
        return (Complaint("--context", error.message, error.hint),), warnings
    empty = [name for name, context in settings.contexts.items() if not context.owners]
    return tuple(Complaint(f"contexts.{name}", *_NOTHING_TO_LOOK_AT) for name in empty), [
        *warnings,
        *(
            f"contexts.{name}.token names no token for {owner}"
            for name, context in settings.contexts.items()
            for owner in context.owners
            if context.token_from(owner) is None
        ),
    ]


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors."""
    print_json(json_schema())
