"""`history`: who did what with the console, when, and how it ended."""

import sys
from collections.abc import Sequence
from datetime import UTC
from typing import Any

import click

from console.cli.json_values import as_time, no_answer
from console.cli.names import context_names
from console.cli.output import print_aside, print_json, print_lines, width_of
from console.cli.parts import Called
from console.cli.table import Column, table
from console.errors import EXIT_HEALTHY, ConsoleError, printable
from console.fleet.history import STATE_WORDS, DeedPart, Entry, Result
from console.fleet.words import several

COLUMNS = (
    Column("WHEN"),
    Column("OUTCOME"),
    Column("ACTION", 12),
    Column("TARGET", 14, middle=True),
    Column("WHO", 8, 1),
    Column("HOST", 12, 2, middle=True),
    Column("FROM", 9, 4),
    Column("CONTEXT", 8, 3),
)


@click.command(epilog="Exit code 0; 2: usage; 3: the history cannot be read; 70: a fault of the console.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the exact text; docs/json.md has the names.")
@click.option("--context", metavar="NAME", shell_complete=context_names, help="Only what was done in this context.")
@click.pass_obj
def history(called: Called, as_json: bool, context: str | None) -> int:
    """What was done with the console on this machine by this user, the newest first.

    It is what the screen shows under History. Nothing is asked of GitHub or of a host.
    """
    wanted = context or called.options.context
    try:
        known = called.parts.history().read()
    except ConsoleError as error:
        if as_json:
            print_json(no_answer(error))
        raise
    entries = [entry for entry in known.entries if wanted in {None, entry.deed.context}]
    if as_json:
        deeds = [_deed(entry) for entry in entries]
        print_json({"exit_code": EXIT_HEALTHY, "error": None, "unread_lines": known.unread, "deeds": deeds})
        return EXIT_HEALTHY
    if known.unread:
        print_aside(f"{several(known.unread, 'line')} of the history could not be read")
    _print(entries, wanted)
    return EXIT_HEALTHY


def _print(entries: Sequence[Entry], context: str | None) -> None:
    if entries:
        print_lines(table(COLUMNS, [_row(entry) for entry in entries], width_of(sys.stdout)))
    elif context is not None:
        click.echo(f"Nothing was done in the context “{printable(context, 80)}” on this machine yet.")
    else:
        click.echo("Nothing was done with this console on this machine yet.")


def _row(entry: Entry) -> tuple[str, ...]:
    deed = entry.deed
    name = deed.target.name if deed.target.kind == "runner" else f"{deed.target.place} {deed.target.name}"
    return (
        f"{deed.at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}",
        STATE_WORDS[entry.state],
        deed.action,
        name,
        deed.operator.login or "?",
        deed.host or "-",
        deed.operator.address or "-",
        deed.context,
    )


def _deed(entry: Entry) -> dict[str, Any]:
    """What is not known, or is not there, is null."""
    deed, end = entry.deed, entry.end
    return {
        "id": deed.id,
        "outcome": entry.state,
        "words": end.words or None if end is not None else None,
        "began_at": as_time(deed.at),
        "ended_at": as_time(entry.ended_at),
        "operator": {
            "login": deed.operator.login or None,
            "address": deed.operator.address or None,
            "github": deed.operator.github or None,
        },
        "context": deed.context,
        "action": deed.action,
        "title": deed.title,
        "target": {
            "kind": deed.target.kind,
            "place": deed.target.place,
            "id": deed.target.id,
            "name": deed.target.name,
        },
        "host": deed.host or None,
        "machine": deed.machine or None,
        "unit": deed.unit or None,
        "directory": deed.directory or None,
        "runner_id": deed.agent_id,
        "before": deed.before or None,
        "after": end.after or None if end is not None else None,
        "console": deed.console or None,
        "parts": [_part(part, result) for part, result in zip(deed.parts, entry.results, strict=True)],
    }


def _part(part: DeedPart, result: Result | None) -> dict[str, Any]:
    return {
        "kind": part.kind,
        "text": part.text,
        "outcome": result.outcome if result is not None else None,
        "words": result.words or None if result is not None else None,
        "ended_at": as_time(result.at) if result is not None else None,
    }
