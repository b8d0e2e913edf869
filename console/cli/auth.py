"""`auth login`, `auth status` and `auth logout`."""

import asyncio

import click

from console.cli.access_text import OwnersToken, as_json, lines
from console.cli.login import Login, Wishes
from console.cli.output import print_json, print_lines
from console.cli.parts import Called
from console.credentials.tokens import Tokens
from console.errors import (
    EXIT_COULD_NOT_LOOK,
    EXIT_FINDINGS,
    EXIT_HEALTHY,
    BadTokenError,
    ConsoleError,
    KeyringError,
    PermissionMissingError,
    UsageError,
    printable,
)
from console.settings.schema import Context

KeyringState = dict[str, str | bool | None]


@click.group()
def auth() -> None:
    """Tokens: log in, look what they may do, log out."""


@auth.command()
@click.option("--api-url", metavar="URL", help="A new context's API, if it is not https://api.github.com.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="A new context's enterprise:NAME, org:NAME or repo:OWNER/NAME; may be repeated.",
)
@click.option("--name", help="A new context's name; the owner's, where none is given.")
@click.option("--owner", "owners", multiple=True, help="Whose token this is; all the context's owners', if not given.")
@click.option("--token-command", metavar="COMMAND", help="Keep nothing: run this command when a token is needed.")
@click.pass_obj
def login(
    called: Called,
    /,
    *,
    api_url: str | None,
    scopes: tuple[str, ...],
    name: str | None,
    owners: tuple[str, ...],
    token_command: str | None,
) -> int:
    """Keep a token in the keyring. It is asked for without echo, or read from standard input.

    Without any context yet, one is made. A token never goes on the command line.
    """
    wishes = Wishes(api_url=api_url, scopes=scopes, name=name, owners=owners, token_command=token_command)
    return Login(called, wishes).run()


@auth.command()
@click.option("--json", "as_json_", is_flag=True, help="Print JSON: context, api_url, keyring, owners, notes.")
@click.pass_obj
def status(called: Called, as_json_: bool) -> int:
    """Where the tokens come from and what they may do.

    Exit code 0 when they may read all that the console reads, 1 when one is not to be had, is refused or may not read
    enough, 2 when the configuration cannot be used, and 3 when GitHub could not be asked.
    """
    settings = called.settings()
    name, context = settings.context(called.options.context)
    tokens = called.parts.tokens(settings, context)
    keyring, found = asyncio.run(_looked_at(called, context, tokens))
    told = {
        "context": name,
        "api_url": context.api_url,
        "keyring": keyring,
        "owners": [as_json(each) for each in found],
        "notes": list(tokens.notes()),
    }
    if as_json_:
        print_json(told)
    else:
        _print_status(name, context, keyring, found)
        print_lines(printable(f"note: {note}") for note in tokens.notes())
    return _exit_code(found)


async def _looked_at(called: Called, context: Context, tokens: Tokens) -> tuple[KeyringState | None, list[OwnersToken]]:
    keyring: KeyringState | None = None
    if any(context.token_from(owner) == "keyring" for owner in context.owners):
        try:
            keyring = {"name": await tokens.keyring.prove(), "works": True, "problem": None}
        except KeyringError as error:
            keyring = {"name": tokens.keyring.words or None, "works": False, "problem": error.message}
    return keyring, [await _owners_token(called, context, tokens, owner) for owner in context.owners]


async def _owners_token(called: Called, context: Context, tokens: Tokens, owner: str) -> OwnersToken:
    found = False
    try:
        found = await tokens.token(owner) is not None
        if not found:
            raise tokens.missing(owner)
        report = await called.parts.access(context, tokens, owner)
    except ConsoleError as error:
        return OwnersToken(owner, tokens.source(owner), found, problem=error)
    return OwnersToken(owner, tokens.source(owner), found, report=report)


def _print_status(name: str, context: Context, keyring: KeyringState | None, found: list[OwnersToken]) -> None:
    told = [f"context {name}: {context.api_url}"]
    if keyring is not None:
        state = "writes, reads and deletes" if keyring["works"] else f"does not work: {keyring['problem']}"
        told.append(f"keyring {keyring['name']}: {state}" if keyring["name"] else f"keyring: {state}")
    told += [line for each in found for line in lines(each)]
    print_lines(printable(line, 2000) for line in told)


def _exit_code(found: list[OwnersToken]) -> int:
    if all(each.good for each in found):
        return EXIT_HEALTHY
    about_the_token = (BadTokenError, PermissionMissingError)
    could_not_look = any(
        each.found and each.problem and not isinstance(each.problem, about_the_token) for each in found
    )
    return EXIT_COULD_NOT_LOOK if could_not_look else EXIT_FINDINGS


@auth.command()
@click.option("--owner", "owners", multiple=True, help="Whose token; all the context's owners', if not given.")
@click.pass_obj
def logout(called: Called, owners: tuple[str, ...]) -> None:
    """Take this context's tokens out of the keyring. They stay valid until they are revoked on GitHub."""
    settings = called.settings()
    name, context = settings.context(called.options.context)
    wanted = owners or tuple(owner for owner in context.owners if context.token_from(owner) == "keyring")
    if not wanted:
        raise UsageError(f"The context “{name}” keeps no token in the keyring", "`auth status` says where they are.")
    tokens = called.parts.tokens(settings, context)
    for owner, there in asyncio.run(_deleted(tokens, wanted)):
        click.echo(printable(f"{owner}: {'deleted from the keyring' if there else 'there was none'}"))


async def _deleted(tokens: Tokens, owners: tuple[str, ...]) -> list[tuple[str, bool]]:
    return [(owner, await tokens.keyring.delete(owner)) for owner in owners]
