"""`info`: version, keyring, and where the files are."""

import asyncio
import os
import platform
from importlib import metadata
from typing import Any

import click

from console.cli.drafts import token_in_words
from console.cli.output import print_json, print_pairs
from console.cli.parts import Called
from console.credentials.origin import GITHUB_COM
from console.errors import ConsoleError, printable
from console.settings.paths import paths


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def info(called: Called, as_json: bool) -> None:
    """Version, keyring, and where the files are."""
    facts = _facts(called)
    if as_json:
        print_json(facts)
    else:
        print_pairs([(name.replace("_", " "), _shown(value)) for name, value in facts.items()])


def _facts(called: Called) -> dict[str, Any]:
    places = paths()
    keyring, keyring_problem = asyncio.run(_keyring(called))
    context, problem = _context(called)
    return {
        "version": metadata.version("runner-console"),
        "python": platform.python_version(),
        "platform": printable(platform.platform()),
        "config_file": str(places.config_file),
        "config_exists": os.access(places.config_file, os.F_OK),
        "config_problem": problem,
        "context": context,
        "state_dir": str(places.state_dir),
        "cache_dir": str(places.cache_dir),
        "log_file": str(places.log_file),
        "keyring": keyring,
        "keyring_problem": keyring_problem,
    }


def _context(called: Called) -> tuple[dict[str, Any] | None, str | None]:
    """The chosen context; or why there is none."""
    try:
        settings = called.settings()
        name, context = settings.context(called.options.context)
    except ConsoleError as error:
        return None, error.message
    return {
        "name": name,
        "api_url": context.api_url,
        "scopes": list(context.scopes),
        "token": token_in_words(context.token),
        "read_only": context.read_only,
    }, settings.distrust or None


async def _keyring(called: Called) -> tuple[str | None, str | None]:
    """Which keyring would be used; or why none can be."""
    try:
        return await called.parts.keyring(GITHUB_COM).find(), None
    except ConsoleError as error:
        return None, error.message


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name.replace('_', ' ')} {_shown(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " ".join(str(each) for each in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)
