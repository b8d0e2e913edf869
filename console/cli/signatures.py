"""`signatures list`, `show` and `check`."""

import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click
import msgspec

from console.cli.names import signature_ids
from console.cli.output import print_json, print_lines, print_pairs, width_of
from console.cli.table import Column, table
from console.errors import EXIT_FINDINGS, EXIT_HEALTHY, UsageError, printable
from console.fleet.signature_rules import Complaint
from console.fleet.signatures import Signature
from console.fleet.words import several
from console.operations.catalogue import checked, whole_catalogue
from console.settings.paths import paths

COLUMNS = (
    Column("ID", 24),
    Column("SEVERITY"),
    Column("HARMLESS", 0, 2),
    Column("WHAT IT IS", 20),
    Column("IN", 12, 1),
)


@click.group()
def signatures() -> None:
    """What lines of logs are known, and your own.

    Your own are in files of the same form beside the configuration file, in signatures/*.toml.
    """


@signatures.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: all that is known of each.")
def list_(as_json: bool) -> None:
    """List all signatures, shipped and your own."""
    catalogue, complaints, _ = whole_catalogue()
    warn(complaints)
    if as_json:
        print_json({"signatures": [as_dict(each) for each in catalogue.signatures]})
        return
    rows = [(each.id, each.severity, each.harmless, each.title, " ".join(each.where)) for each in catalogue.signatures]
    width = width_of(sys.stdout)
    for line in table(COLUMNS, [tuple(printable(cell) for cell in row) for row in rows], width):
        click.echo(line)


@signatures.command()
@click.argument("signature_id", metavar="ID", shell_complete=signature_ids)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(signature_id: str, as_json: bool) -> None:
    """Show all that is known of one signature."""
    catalogue, complaints, _ = whole_catalogue()
    warn(complaints)
    signature = catalogue.by_id.get(signature_id)
    if signature is None:
        near = get_close_matches(signature_id, catalogue.by_id)
        hint = f"Did you mean {' or '.join(near)}?" if near else "`runner-console signatures list` lists them."
        raise UsageError(f"There is no signature “{printable(signature_id, 80)}”", hint)
    if as_json:
        print_json(as_dict(signature))
    else:
        print_pairs(list(_pairs(as_dict(signature))))


@signatures.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: ok, signatures, complaints, notes.")
def check(files: tuple[Path, ...], as_json: bool) -> int:
    """Check your own signatures, or those in FILE.

    Every one is held to the rules, to its own examples and near misses, and to the rest of the catalogue. Exit code 0
    when all are in order, and 1 when something is wrong.
    """
    catalogue, complaints, notes = checked(list(files))
    if as_json:
        told = {"complaints": [*map(_complaint, complaints)], "notes": [*map(_complaint, notes)]}
        print_json({"ok": not complaints, "signatures": list(catalogue.by_id), **told})
    else:
        where = "in the files named" if files else f"in {printable(str(paths().signatures_dir))}"
        usable = f"{several(len(catalogue.signatures), 'signature')} of your own {where}"
        print_lines([*(f"wrong: {printable(str(each), 2000)}" for each in complaints)])
        print_lines([*(f"note: {printable(str(each), 2000)}" for each in notes)])
        print_lines([f"usable: {usable}" if complaints else f"ok: {usable}"])
    return EXIT_FINDINGS if complaints else EXIT_HEALTHY


def _complaint(each: Complaint) -> dict[str, str | None]:
    return {"file": each.file, "id": each.id or None, "message": each.text}


def warn(complaints: tuple[Complaint, ...]) -> None:
    """That something is not in use; on standard error, for the rest is. One alone is told, of more where they are."""
    if len(complaints) == 1:
        click.echo(f"warning: {printable(str(complaints[0]), 2000)}", err=True)
    elif complaints:
        files = several(len({each.file for each in complaints}), "file")
        found = f"{several(len(complaints), 'fault')} in {files} of your own signatures"
        click.echo(f"warning: {found}: `runner-console signatures check`", err=True)


def as_dict(signature: Signature) -> dict[str, Any]:
    """As in its file; null for what is not said there."""
    found: dict[str, Any] = msgspec.to_builtins(signature)
    return found


def _pairs(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in found.items():
        name = key.replace("_", " ")
        if value is None:
            continue
        if isinstance(value, dict):
            yield from ((f"{name} {inner.replace('_', ' ')}", str(each)) for inner, each in value.items())
        elif isinstance(value, bool):
            yield name, "yes" if value else "no"
        elif isinstance(value, (list, tuple)) and key != "where":
            yield from ((name, str(each)) for each in value)
        else:
            yield name, " ".join(value) if isinstance(value, (list, tuple)) else str(value)
