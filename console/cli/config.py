"""`config check` and `config schema`."""

import click

from console.cli.output import print_json
from console.cli.parts import Called
from console.errors import EXIT_HEALTHY, EXIT_USAGE, printable
from console.settings.complaints import Complaint, InvalidSettingsError
from console.settings.paths import paths
from console.settings.schema import json_schema


@click.group()
def config() -> None:
    """Check the configuration, or print its schema."""


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON: file, ok, complaints, warnings.")
@click.pass_obj
def check(called: Called, as_json: bool) -> int:
    """Look the configuration over, the file and the environment; exit code 2 when something is wrong."""
    complaints: tuple[Complaint, ...] = ()
    warnings: list[str] = []
    file = paths().config_file
    try:
        settings = called.settings()
    except InvalidSettingsError as error:
        complaints = error.complaints
    else:
        if settings.distrust:
            warnings.append(f"token commands will not be run: {settings.distrust}")
        if settings.reading.file is None:
            warnings.append("there is no such file yet; the defaults hold")
    if as_json:
        told = [{"place": each.place, "message": each.message, "hint": each.hint or None} for each in complaints]
        print_json({"file": str(file), "ok": not complaints, "complaints": told, "warnings": warnings})
    else:
        for line in [f"wrong: {complaint}" for complaint in complaints] + [f"warning: {text}" for text in warnings]:
            click.echo(printable(line, 2000))
        click.echo(f"{'Not usable' if complaints else 'ok'}: {printable(str(file))}")
    return EXIT_USAGE if complaints else EXIT_HEALTHY


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors."""
    print_json(json_schema())
