"""`context list`, `context add` and `context use`."""

from typing import Any

import click

from console.cli.drafts import agreed_to_write, asked_scopes, command_from, token_in_words, write
from console.cli.names import context_names
from console.cli.output import print_json, print_lines
from console.cli.parts import Called
from console.cli.questions import refuse_tokens
from console.credentials.origin import GITHUB_COM
from console.errors import printable
from console.settings.checked import checked, checked_name
from console.settings.file import read_config, refuse_taken, use_context
from console.settings.paths import paths
from console.settings.schema import Context


@click.group()
def context() -> None:
    """List, add and choose contexts."""


@context.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: name, default, api_url, scopes, token, read_only …")
@click.pass_obj
def list_(called: Called, as_json: bool) -> None:
    """All contexts; the default one is marked."""
    settings = called.settings()
    told = [_facts(name, each, settings.default_name) for name, each in settings.contexts.items()]
    if as_json:
        print_json(told)
        return
    width = max((len(fact["name"]) for fact in told), default=0)
    for fact in told:
        mark, rights = "*" if fact["default"] else " ", "read-only" if fact["read_only"] else "WRITE"
        line = f"{mark} {fact['name']:<{width}}  {rights}  {fact['api_url']}  token: {fact['token']}"
        print_lines([printable(line, 2000), printable(f"    {' '.join(fact['scopes'])}", 2000)])
    if not told:
        click.echo("No context yet: `runner-console auth login` or `context add NAME` makes one.", err=True)


def _facts(name: str, context: Context, default: str) -> dict[str, Any]:
    return {
        "name": name,
        "default": name == default,
        "api_url": context.api_url,
        "scopes": list(context.scopes),
        "repositories": list(context.repositories),
        "token": token_in_words(context.token),
        "theme": context.theme,
        "read_only": context.read_only,
    }


@context.command()
@click.argument("name")
@click.option("--api-url", default=GITHUB_COM, show_default=True, help="The REST API's address.")
@click.option(
    "--scope", "scopes", multiple=True, help="enterprise:NAME, org:NAME or repo:OWNER/NAME; may be given again."
)
@click.option("--repository", "repositories", multiple=True, help="OWNER/NAME whose jobs are watched, with * and ?.")
@click.option("--token", type=click.Choice(["keyring", "env"]), default="keyring", help="Where the token is.")
@click.option("--token-command", metavar="COMMAND", help="A command that prints the token; run without a shell.")
@click.option("--theme", help="This context's theme.")
def add(
    *,
    name: str,
    api_url: str,
    scopes: tuple[str, ...],
    repositories: tuple[str, ...],
    token: str,
    token_command: str | None,
    theme: str | None,
) -> None:
    """Add a context to the configuration file."""
    refuse_tokens(name, api_url, *scopes, *repositories, token_command)
    checked_name(name)
    file = paths().config_file
    refuse_taken(file, name)
    wanted = {
        "api_url": api_url,
        "scopes": asked_scopes(scopes),
        "repositories": repositories,
        "token": {"command": command_from(token_command)} if token_command else token,
        "theme": theme,
    }
    values = {key: value for key, value in wanted.items() if value}
    values["api_url"] = checked(values).api_url
    if agreed_to_write(name, values, file):
        write(name, values, file)
        click.echo(
            f"Next: `runner-console --context {name} auth status` says whether there is a token for it.", err=True
        )
    else:
        click.echo("Nothing was written.")


@context.command()
@click.argument("name", shell_complete=context_names)
def use(name: str) -> None:
    """Make a context the default one."""
    file = paths().config_file
    before = read_config(file).data.get("default_context")
    use_context(file, name)
    click.echo(f"Default context: {name}" + (f" (before: {printable(str(before), 80)})" if before else ""))
