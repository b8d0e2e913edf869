"""`info`: version, context, what stands between it and GitHub, keyring, and where the files are."""

import asyncio
import os
import platform
from collections.abc import Iterator
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
@click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md documents the names.")
@click.pass_obj
def info(called: Called, as_json: bool) -> None:
    """Version, context, proxy and certificates, keyring, and where the files are."""
    facts = _facts(called)
    if as_json:
        print_json(facts)
    else:
        print_pairs(list(_lines(facts)))


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
        "log_exists": os.access(places.log_file, os.F_OK),
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
    read_only = called.options.read_only
    return {
        "name": name,
        "api_url": context.api_url,
        "scopes": list(context.scopes),
        "repositories": list(context.repositories),
        "token": token_in_words(context.token),
        "theme": settings.theme_of(context),
        "read_only": context.read_only if read_only is None else read_only,
        "proxy": called.parts.proxy(context.api_url) or None,
    }, settings.distrust or None


async def _keyring(called: Called) -> tuple[str | None, str | None]:
    """Which keyring would be used; or why none can be."""
    try:
        return await called.parts.keyring(GITHUB_COM).find(), None
    except ConsoleError as error:
        return None, error.message


def _lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is not there, such as a problem, needs no line of its own; what belongs to the context follows its name."""
    missing = {"config_file": facts["config_exists"], "log_file": facts["log_exists"]}
    for name, value in facts.items():
        if name in {"config_exists", "log_exists"} or (value is None and name.endswith("_problem")):
            continue
        if name == "context" and value is not None:
            yield "context", value["name"]
            yield from ((f"  {each.replace('_', ' ')}", _shown(of)) for each, of in value.items() if each != "name")
        else:
            yield name.replace("_", " "), _shown(value) + ("" if missing.get(name, True) else " (not there yet)")


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(str(each) for each in value) or "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
