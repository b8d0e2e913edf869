"""The steps of `auth login`: prove the keyring, take the token, ask what it may do, keep it, make a context."""

import sys
from dataclasses import dataclass
from typing import Any

import click

from console.cli.access_text import OwnersToken, lines
from console.cli.drafts import agreed, asked_scopes, command_from, free_name
from console.cli.parts import Called
from console.credentials.origin import GITHUB_COM, origin_of
from console.credentials.secret import Secret, secret_from
from console.credentials.tokens import Tokens
from console.errors import EXIT_FINDINGS, EXIT_HEALTHY, BadTokenError, ConsoleError, NoTokenError, UsageError, printable
from console.settings.checked import checked
from console.settings.file import add_context, set_token
from console.settings.paths import paths
from console.settings.schema import Context, Settings

_LONGEST_LINE = 16 * 1024


@dataclass(frozen=True)
class Wishes:
    """The options of `auth login`."""

    api_url: str | None
    scopes: tuple[str, ...]
    name: str | None
    owners: tuple[str, ...]
    token_command: str | None


@dataclass(frozen=True)
class Target:
    """The context to log in to. `new` holds what is to be written of it, where it does not exist yet."""

    name: str
    context: Context
    new: dict[str, Any] | None = None


class Login:
    """One login. Nothing is kept before GitHub had the chance to refuse the token."""

    def __init__(self, called: Called, wishes: Wishes) -> None:
        self._called = called
        self._wishes = wishes

    async def run(self) -> int:
        """The exit code."""
        settings = self._called.settings()
        target = self._target(settings)
        if self._wishes.token_command:
            return await self._by_command(settings, target)
        return await self._by_keyring(settings, target)

    def _target(self, settings: Settings) -> Target:
        wishes, given = self._wishes, self._called.options.context
        if not settings.contexts or wishes.name not in {None, *settings.contexts}:
            return self._new(settings)
        name, context = settings.context(wishes.name or given)
        address = checked({"api_url": wishes.api_url or context.api_url}).api_url
        other_scopes = bool(wishes.scopes) and set(asked_scopes(wishes.scopes)) != set(context.scopes)
        if other_scopes or origin_of(address) != origin_of(context.api_url):
            is_for = f"{' '.join(context.scopes)} at {context.api_url}"
            raise UsageError(
                printable(f"The context “{name}” exists and is for {is_for}"), "For a new context, say another --name."
            )
        return Target(name, context)

    def _new(self, settings: Settings) -> Target:
        wishes = self._wishes
        values: dict[str, Any] = {
            "api_url": wishes.api_url or GITHUB_COM,
            "scopes": asked_scopes(wishes.scopes),
            "token": {"command": command_from(wishes.token_command)} if wishes.token_command else "keyring",
        }
        context = checked(values)
        name = free_name(wishes.name or self._called.options.context, context, settings.contexts)
        return Target(name, context, {**values, "api_url": context.api_url})

    async def _by_keyring(self, settings: Settings, target: Target) -> int:
        owners = self._wishes.owners or target.context.owners
        elsewhere = [owner for owner in owners if target.context.token_from(owner) != "keyring"]
        if elsewhere:
            raise UsageError(
                f"“{target.name}” does not take the token of {printable(elsewhere[0], 80)} from the keyring",
                "`auth status` says where from; `token` in the configuration file decides.",
            )
        keyring = self._called.parts.keyring(target.context.api_url)
        click.echo(printable(f"Keyring: {await keyring.prove()} writes, reads and deletes."), err=True)
        secret = _asked_token(target)
        good = await self._reported(target, self._called.parts.tokens(settings, target.context, secret))
        if not self._made(target):
            return EXIT_FINDINGS
        for owner in owners:
            await keyring.set(owner, secret)
        click.echo(printable(f"Kept in the keyring ({keyring.words}) for {', '.join(owners)}."))
        return EXIT_HEALTHY if good else EXIT_FINDINGS

    async def _by_command(self, settings: Settings, target: Target) -> int:
        command = command_from(self._wishes.token_command or "")
        context = checked({**target.context.model_dump(exclude={"token"}), "token": {"command": command}})
        tokens = self._called.parts.tokens(settings, context)
        if await tokens.token("") is None:
            raise NoTokenError("The token command gave no token", "Try it in a shell.")
        good = await self._reported(Target(target.name, context), tokens)
        if target.new is None:
            set_token(paths().config_file, target.name, {"command": command})
            click.echo(printable(f"The context {target.name} takes its token from this command now."))
        elif not self._made(target):
            return EXIT_FINDINGS
        return EXIT_HEALTHY if good else EXIT_FINDINGS

    async def _reported(self, target: Target, tokens: Tokens) -> bool:
        """Say what the token may do. A token that GitHub refuses goes no further; a network that fails stops nobody."""
        good = True
        for owner in self._wishes.owners or target.context.owners:
            try:
                report = await self._called.parts.access(target.context, tokens, owner)
                told = OwnersToken(owner, tokens.source(owner), found=True, report=report)
                good = good and told.good
            except BadTokenError:
                raise
            except ConsoleError as error:
                told = OwnersToken(owner, tokens.source(owner), found=True, problem=error)
            for line in lines(told):
                click.echo(printable(line, 2000))
        return good

    def _made(self, target: Target) -> bool:
        """Write the new context, if it is one and the operator agrees."""
        if target.new is None:
            return True
        file = paths().config_file
        if not agreed(target.name, target.new, str(file)):
            click.echo("Nothing was written and no token was kept.")
            return False
        add_context(file, target.name, target.new)
        return True


def _asked_token(target: Target) -> Secret:
    if sys.stdin.isatty():
        text = click.prompt(
            f"Token for {target.context.api_url} (not shown)", hide_input=True, default="", show_default=False
        )
    else:
        text = sys.stdin.readline(_LONGEST_LINE)
    try:
        return secret_from(text)
    except ValueError as error:
        raise NoTokenError(
            f"This is no token: {error}", "Make one on GitHub under Settings, Developer settings."
        ) from None
