"""The steps of `auth login`: prove the keyring, take the token, ask what it may do, keep it, make a context.

Only what has to wait runs on an event loop, and no question does: there ctrl+c would not end it.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import click

from console.cli.access_text import OwnersToken, lines
from console.cli.drafts import agreed_to_write, asked_scopes, command_from, free_name, write
from console.cli.failing import show
from console.cli.output import print_lines
from console.cli.parts import Called
from console.cli.questions import agreed, asked, asked_token, chosen, refuse_tokens, somebody_answers
from console.credentials.keyrings import Keyring
from console.credentials.origin import GITHUB_COM, host_of, origin_of
from console.credentials.secret import Secret
from console.credentials.tokens import Tokens
from console.errors import (
    EXIT_FINDINGS,
    EXIT_HEALTHY,
    BadTokenError,
    ConsoleError,
    KeyringError,
    NoTokenError,
    UsageError,
    printable,
)
from console.settings.checked import checked
from console.settings.complaints import nearest
from console.settings.file import set_token
from console.settings.paths import paths
from console.settings.schema import Context, Settings

_TRIES = 3
"""So often a person is asked for the token."""
_REFUSED = "Nothing was kept or written. Look whether all of it was copied, and whether it has expired."


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
        self._settings = called.settings()

    def run(self) -> int:
        """The exit code."""
        wishes = self._wishes
        refuse_tokens(wishes.api_url, *wishes.scopes, wishes.name, *wishes.owners, wishes.token_command)
        target = self._target(self._settings)
        self._refuse_strangers(target)
        if wishes.token_command:
            return self._from_elsewhere(target, {"command": command_from(wishes.token_command)})
        keyring = self._called.parts.keyring(target.context.api_url)
        elsewhere = self._source(target, keyring)
        return self._by_keyring(target, keyring) if elsewhere is None else self._from_elsewhere(target, elsewhere)

    def _target(self, settings: Settings) -> Target:
        wishes, given = self._wishes, self._called.options.context
        if not settings.contexts or wishes.name not in {None, *settings.contexts}:
            return self._new(settings)
        name, context = settings.context(wishes.name or given)
        address = checked({"api_url": wishes.api_url or context.api_url}).api_url
        other_scopes = bool(wishes.scopes) and set(asked_scopes(wishes.scopes)) != set(context.scopes)
        is_for = f"{' '.join(context.scopes)} at {context.api_url}"
        if other_scopes or origin_of(address) != origin_of(context.api_url):
            raise UsageError(
                printable(f"The context “{name}” exists and is for {is_for}"), "For a new context, say another --name."
            )
        click.echo(printable(f"Context {name}: {is_for}", 2000), err=True)
        return Target(name, context)

    def _new(self, settings: Settings) -> Target:
        wishes = self._wishes
        values: dict[str, Any] = {"api_url": wishes.api_url or GITHUB_COM}
        values = {"api_url": checked(values).api_url, "scopes": asked_scopes(wishes.scopes), "token": "keyring"}
        context = checked(values)
        name = free_name(wishes.name or self._called.options.context, context, settings.contexts)
        return Target(name, context, values)

    def _refuse_strangers(self, target: Target) -> None:
        known = {owner.lower(): owner for owner in target.context.owners}
        for owner in self._wishes.owners:
            if owner.lower() not in known:
                near = nearest(printable(owner, 80), known.values(), all_of_them=True)
                raise UsageError(f"The context “{target.name}” has nothing of {printable(owner, 80)}", near)

    def _owners(self, target: Target) -> tuple[str, ...]:
        return self._wishes.owners or target.context.owners

    def _source(self, target: Target, keyring: Keyring) -> object | None:
        """What `token` is to say instead of "keyring"; None: the keyring, which has been proved by then."""
        taken = [owner for owner in self._owners(target) if target.context.token_from(owner) != "keyring"]
        if taken:
            raise UsageError(
                f"“{target.name}” does not take the token of {printable(taken[0], 80)} from the keyring",
                "`auth status` says where from; `token` in the configuration file decides.",
            )
        asks = target.new is not None and somebody_answers()
        words = ""
        try:
            words = asyncio.run(keyring.prove())
            click.echo(printable(f"Keyring: {words} writes, reads and deletes."), err=True)
        except KeyringError as error:
            if not asks:
                raise
            show(error)
        from_variable = checked({**target.context.model_dump(exclude={"token"}), "token": "env"})
        variable = self._called.parts.tokens(self._settings, from_variable).variable if asks else ""
        if words and not variable:
            return None
        return self._asked_source(target.context.api_url, words, variable)

    def _asked_source(self, api_url: str, keyring: str, variable: str) -> object | None:
        host = host_of(api_url)
        command = "gh auth token" + ("" if host == "github.com" else f" --hostname {host}")
        choices = {"keyring": f"the keyring ({keyring}): asked for now and kept there"} if keyring else {}
        choices["env"] = f"the variable {variable}" if variable else "a variable; none for this address is set now"
        choices["command"] = f"a command that prints it, such as `{command}`"
        default = "keyring" if keyring else "env" if variable else None
        match chosen("Where does the token come from each time?", choices, default):
            case "keyring":
                return None
            case "env":
                return "env"
            case _:
                return {"command": command_from(asked("Command", command))}

    def _by_keyring(self, target: Target, keyring: Keyring) -> int:
        secret, good = self._asked_token(target)
        if not self._wanted(target, good=good):
            return EXIT_FINDINGS
        owners = self._owners(target)
        for owner in owners:
            asyncio.run(keyring.set(owner, secret))
        click.echo(printable(f"Kept in the keyring ({keyring.words}) for {', '.join(owners)}."))
        self._write(target)
        return EXIT_HEALTHY if good else EXIT_FINDINGS

    def _asked_token(self, target: Target) -> tuple[Secret, bool]:
        """The token, and whether it may do what is needed. Who mistypes it is asked again."""
        tries = 1
        while True:
            try:
                secret = asked_token(target.context.api_url)
                return secret, self._reported(target, self._called.parts.tokens(self._settings, target.context, secret))
            except (BadTokenError, NoTokenError) as error:
                if tries == _TRIES or not somebody_answers():
                    raise
                show(error)
            tries += 1

    def _from_elsewhere(self, target: Target, token: object) -> int:
        context = checked({**target.context.model_dump(exclude={"token"}), "token": token})
        tokens = self._called.parts.tokens(self._settings, context)
        new = None if target.new is None else {**target.new, "token": token}
        target = Target(target.name, context, new)
        good = self._reported(target, tokens)
        if not self._wanted(target, good=good):
            return EXIT_FINDINGS
        if new is None:
            set_token(paths().config_file, target.name, token)
            click.echo(printable(f"The context {target.name} takes its token from this command now."))
        self._write(target)
        return EXIT_HEALTHY if good else EXIT_FINDINGS

    def _reported(self, target: Target, tokens: Tokens) -> bool:
        """Say what the token may do. A token that GitHub refuses goes no further; a network that fails stops nobody."""
        click.echo(printable(f"Asking {host_of(target.context.api_url)} what it may do …"), err=True)
        found = asyncio.run(self._asked(target, tokens))
        print_lines(printable(line, 2000) for each in found for line in lines(each))
        return all(each.good for each in found)

    async def _asked(self, target: Target, tokens: Tokens) -> list[OwnersToken]:
        if isinstance(target.context.token, str) or await tokens.token("") is not None:
            return [await self._owners_token(target, tokens, owner) for owner in self._owners(target)]
        raise NoTokenError("The token command gave no token", "Try it in a shell.")

    async def _owners_token(self, target: Target, tokens: Tokens, owner: str) -> OwnersToken:
        try:
            report = await self._called.parts.access(target.context, tokens, owner)
        except BadTokenError as error:
            raise BadTokenError(error.message, _REFUSED) from None
        except ConsoleError as error:
            return OwnersToken(owner, tokens.source(owner), found=not isinstance(error, NoTokenError), problem=error)
        return OwnersToken(owner, tokens.source(owner), found=True, report=report)

    def _wanted(self, target: Target, *, good: bool) -> bool:
        """After a look that was not good, only whoever says so wants it all the same."""
        if target.new is not None:
            wanted = agreed_to_write(target.name, target.new, paths().config_file, default=good)
        else:
            wanted = good or not somebody_answers() or agreed("Keep it all the same?", default=False)
        if not wanted:
            click.echo("Nothing was written and no token was kept.")
        return wanted

    def _write(self, target: Target) -> None:
        if target.new is None:
            return
        write(target.name, target.new, paths().config_file)
        own = f" --context {target.name}" if self._settings.contexts else ""
        click.echo(f"Next: `runner-console{own}` opens the console.", err=True)
