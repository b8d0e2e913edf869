"""A context as it is put together on the command line, before it is anywhere."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from console.cli.questions import agreed, asked, somebody_answers
from console.errors import UsageError, printable
from console.settings.checked import checked, checked_name, checked_scope
from console.settings.file import add_context, context_table
from console.settings.schema import Context, TokenCommand, TokenSetting

NO_JOBS_WATCHED = "GitHub lists no repositories of an enterprise: name those whose jobs are watched, as `repositories`"


def command_from(line: str) -> tuple[str, ...]:
    """The arguments of a command line. No shell is asked, so nothing in it is expanded."""
    try:
        parts = tuple(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"The token command cannot be read: {error}") from None
    if not parts:
        raise UsageError("The token command is empty")
    return parts


def token_in_words(setting: TokenSetting) -> str:
    """As short as a table needs; of a command only its program, for its arguments might hold a secret."""
    if isinstance(setting, dict):
        return "; ".join(f"{owner}: {token_in_words(each)}" for owner, each in setting.items())
    return f"command {setting.command[0]}" if isinstance(setting, TokenCommand) else setting


def scope_of(text: str) -> str:
    """`acme` and `acme/web` are understood as the scopes they must be."""
    if ":" in text:
        return text.strip()
    return f"{'repo' if '/' in text else 'org'}:{text.strip()}"


def asked_scopes(given: tuple[str, ...]) -> tuple[str, ...]:
    """The scopes that were given, or asked for where somebody can answer."""
    if not given and not somebody_answers():
        raise UsageError(
            "A context needs a scope", "Say --scope enterprise:NAME, --scope org:NAME or --scope repo:OWNER/NAME."
        )
    answer = (
        given or asked("Organisation or repository (NAME or OWNER/NAME; or enterprise:NAME)").replace(",", " ").split()
    )
    return tuple(checked_scope(scope_of(text)) for text in answer)


def free_name(wanted: str | None, context: Context, taken: Mapping[str, object]) -> str:
    """The name asked for, or one after the first owner."""
    if wanted:
        return checked_name(wanted)
    base = context.owners[0].lower() if context.owners else "default"
    names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)


def agreed_to_write(name: str, values: dict[str, Any], file: Path, *, default: bool = True) -> bool:
    """Show what would be written, and ask; yes where nobody can answer."""
    if not somebody_answers():
        return True
    click.echo(f"\nTo be written to {printable(str(file))}:\n\n{_indented(name, values)}")
    return agreed("Write this?", default=default)


def write(name: str, values: dict[str, Any], file: Path) -> None:
    """Add the context to the file, and say so."""
    add_context(file, name, values)
    told = "" if somebody_answers() else f"\n{_indented(name, values)}"
    click.echo(f"Written to {printable(str(file))}: the context {name}.{told}")
    if not checked(values).watches_jobs:
        click.echo(f"{NO_JOBS_WATCHED}.", err=True)


def _indented(name: str, values: dict[str, Any]) -> str:
    return "".join(f"    {line}\n" for line in context_table(name, values).splitlines())
