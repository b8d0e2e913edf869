"""Names for the shell's completion, during which click holds the joined program itself: no command has begun."""

from collections.abc import Iterable

import click

from console.cli.parts import Options, Parts
from console.errors import ConsoleError


def context_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> Iterable[str]:
    """None where the settings cannot be read: a shell that completes is no place for complaints."""
    parts: Parts = ctx.find_root().obj
    try:
        return [name for name in parts.settings(Options()).contexts if name.startswith(incomplete)]
    except ConsoleError:
        return []


def scenario_names(ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> Iterable[str]:
    """Pretend fleets."""
    parts: Parts = ctx.find_root().obj
    return [name for name, _, _ in parts.scenarios() if name.startswith(incomplete)]


def signature_ids(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> Iterable[str]:
    """Shipped and own ones."""
    from console.operations.catalogue import whole_catalogue

    return [name for name in whole_catalogue().catalogue.by_id if name.startswith(incomplete)]


def runbook_names(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> Iterable[str]:
    """Shipped and own ones."""
    from console.operations.runbooks import library

    return [name for name in library().runbooks if name.startswith(incomplete)]
