"""`config check` and `config schema`."""

import click

from console.cli.drafts import NO_JOBS_WATCHED
from console.cli.output import print_json
from console.cli.parts import Called
from console.errors import EXIT_HEALTHY, EXIT_USAGE, NoContextError, NoTokenError, UsageError, printable
from console.settings.complaints import Complaint, InvalidSettingsError, to_blame
from console.settings.paths import paths
from console.settings.schema import Context, Settings, json_schema

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
        click.echo(f"Not usable: {to_blame(file, complaints)}" if complaints else f"ok: {printable(str(file))}")
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
        chosen, _ = settings.context(called.options.context)
    except NoContextError as error:
        return (Complaint("contexts", error.message, error.hint),), warnings
    except UsageError as error:
        return (Complaint("--context", error.message, error.hint, in_file=False),), warnings
    complaints = []
    for name, context in settings.contexts.items():
        if context.owners and not context.watches_jobs:
            warnings.append(f"contexts.{name}: {NO_JOBS_WATCHED}")
        missing = _missing_tokens(called, settings, context)
        if not context.owners:
            complaints.append(Complaint(f"contexts.{name}", *_NOTHING_TO_LOOK_AT))
        elif name == chosen and len(missing) == len(context.owners):
            unnamed = context.token_from(context.owners[0]) is None
            told = missing[0].message, missing[0].hint
            complaints.append(Complaint(f"contexts.{name}.token", *told, in_file=unnamed))
        else:
            warnings += dict.fromkeys(f"contexts.{name}.token: {each.message}" for each in missing)
    return tuple(complaints), warnings


def _missing_tokens(called: Called, settings: Settings, context: Context) -> list[NoTokenError]:
    """For each owner whose token certainly is nowhere. No keyring is opened, no command run, nobody asked."""
    tokens = called.parts.tokens(settings, context)
    sources = {owner: context.token_from(owner) for owner in context.owners}
    without = [
        owner for owner, source in sources.items() if source is None or (source == "env" and not tokens.variable)
    ]
    return [tokens.missing(owner) for owner in without]


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration file, for editors."""
    print_json(json_schema())
