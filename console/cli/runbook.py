"""`runbook`: what there is, what is wrong with your own, and how the steps of one stand now."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from console.cli.asked import asked_for
from console.cli.facts import Answer, as_json_option, newest_failed, report
from console.cli.json_values import as_time
from console.cli.names import runbook_names
from console.cli.output import print_json, print_lines, width_of
from console.cli.parts import Called
from console.cli.table import Column, table
from console.errors import EXIT_COULD_NOT_LOOK, EXIT_FINDINGS, EXIT_HEALTHY, UsageError, printable
from console.fleet.ages import age
from console.fleet.models import RunnerKey, plain
from console.fleet.runbook_checks import RUNBOOK_CHECKS, Checked
from console.fleet.runbook_leads import Lead, lead_to, leads
from console.fleet.runbooks import Fault, Runbook
from console.fleet.walk_state import Unfinished
from console.fleet.words import several
from console.operations.interfaces import SystemClock
from console.operations.look import Look
from console.operations.runbooks import asked_of_hosts, checks, library, read_own, walks_beside
from console.settings.paths import paths

COLUMNS = (Column("NAME"), Column("TITLE", 20), Column("FOR", 12, 2), Column("STEPS", 0, 1), Column("WHOSE", 0, 3))
CODES = (
    "Exit code 0: every check holds; 1: one does not; 2: usage; 3: one could not be told, or the fleet could not be "
    "read; 70: a fault of the console."
)
_SIGNS = {True: "[x]", False: "[ ]", None: "[?]"}


class _Group(click.Group):
    """What is none of its commands is the name of a runbook."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return None, state, args
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        names = runbook_names(ctx, self.params[0], incomplete)
        return [*super().shell_complete(ctx, incomplete), *map(CompletionItem, names)]


@click.group(cls=_Group, subcommand_metavar="NAME [RUNNER_JOB_OR_RUN...] | list | show NAME | check [FILE...]")
def runbook() -> None:
    """What to do about one kind of incident, step by step; with a NAME alone, how its steps stand now.

    Your own are in files of the same form beside the configuration file, in runbooks/*.md.
    """


@runbook.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: all that each says.")
@click.pass_obj
def list_(called: Called, as_json: bool) -> None:
    """List all runbooks, shipped and your own, and walks that have no end."""
    known, faults = library()
    warn(faults)
    walks = walks_beside(called.parts.history(), SystemClock())
    left = [(each, walks.place(each.walk)) for each in walks.unfinished(known)]
    if as_json:
        unfinished = [_left_as_dict(each, place) for each, place in left]
        print_json({"runbooks": [as_dict(each) for each in known.values()], "unfinished": unfinished})
        return
    rows = [
        (each.name, each.title, each.audience, str(len(each.steps)), "your own" if each.own else "shipped")
        for each in known.values()
    ]
    print_lines(table(COLUMNS, [tuple(map(printable, row)) for row in rows], width_of(sys.stdout)))
    print_lines(chain.from_iterable(_left(each, place) for each, place in left))


def _left(each: Unfinished, place: Path) -> Iterator[str]:
    """What it is, and how it goes on."""
    walk, ago = each.walk, age(datetime.now(UTC) - each.changed_at)
    about = f", about {printable(plain(walk.lead.subject))}" if walk.lead is not None else ""
    done = f"{walk.done} of {len(walk.standings)} steps done"
    yield ""
    yield f"unfinished, {ago} ago: {walk.runbook.name} in {printable(walk.context)}{about}, {done}"
    yield f"  to go on: runner-console --context {printable(walk.context)}, then 6"
    yield f"  its record: {printable(str(place), 2000)}"


def _left_as_dict(each: Unfinished, place: Path) -> dict[str, Any]:
    walk = each.walk
    return {
        "runbook": walk.runbook.name,
        "context": walk.context,
        "about": plain(walk.lead.subject) if walk.lead is not None else None,
        "began_at": as_time(walk.began),
        "changed_at": as_time(each.changed_at),
        "done": walk.done,
        "steps": len(walk.standings),
        "record": str(place),
    }


@runbook.command()
@click.argument("name", metavar="NAME", shell_complete=runbook_names)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(name: str, as_json: bool) -> None:
    """Print a runbook, as it is without a fleet."""
    found = _called(name)
    if as_json:
        print_json(as_dict(found))
    else:
        print_lines(_whole(found))


@runbook.command()
@click.argument("files", metavar="[FILE...]", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON: ok, runbooks, complaints.")
@click.pass_obj
def check(called: Called, files: tuple[Path, ...], as_json: bool) -> int:
    """Check your own runbooks, or those in FILE.

    Their form, and that every check, action and cause they name is there. Exit code 0 when all are in order, and 1 when
    something is wrong.
    """
    known, faults = read_own(files)
    if as_json:
        complaints = [{"file": each.file, "line": each.line or None, "message": each.text} for each in faults]
        print_json({"ok": not faults, "runbooks": list(known), "complaints": complaints})
    else:
        where = "in the files named" if files else f"in {printable(str(paths().runbooks_dir))}"
        usable = f"{several(len(known), 'runbook')} of your own {where}"
        print_lines(f"wrong: {printable(str(each), 2000)}" for each in faults)
        print_lines([f"usable: {usable}" if faults else f"ok: {usable}", *_notes(called, known.values())])
    return EXIT_FINDINGS if faults else EXIT_HEALTHY


@click.command("NAME", epilog=CODES)
@click.argument("name", shell_complete=runbook_names)
@click.argument("target", metavar="[RUNNER_JOB_OR_RUN...]", nargs=-1)
@as_json_option
@click.pass_obj
def state(called: Called, name: str, target: tuple[str, ...], as_json: bool) -> int:
    """A runbook, and how its checks stand now: about what leads to it, or about what is named."""
    found = _called(name)

    def answer(look: Look) -> Answer:
        lead = _lead(found, look, " ".join(target))
        results = checks(found, lead, look)
        return Answer(_code(results), _stands(found, lead, results), chain(("",), _lines(found, lead, results)))

    def named(look: Look) -> list[RunnerKey]:
        lead = _lead(found, look, " ".join(target))
        return [*asked_of_hosts(found, lead)]

    return report(called, answer, as_json=as_json, logs_of=newest_failed, hosts=True, named=named)


def _lead(found: Runbook, look: Look, words: str) -> Lead | None:
    if not words:
        return next(iter(leads(found, look)), None)
    target = asked_for(look.snapshot, words)
    about = (each for each in leads(found, look) if target in each.targets)
    return next(about, None) or lead_to(target, look.snapshot)


def _code(results: Sequence[Checked | None]) -> int:
    met = [each.met for each in results if each is not None]
    if False in met:
        return EXIT_FINDINGS
    return EXIT_COULD_NOT_LOOK if None in met else EXIT_HEALTHY


def _called(name: str) -> Runbook:
    known, faults = library()
    warn(faults)
    if name in known:
        return known[name]
    near = get_close_matches(name, known, n=2)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`runner-console runbook list` lists them."
    raise UsageError(f"There is no runbook “{printable(name, 80)}”", hint)


def _notes(called: Called, known: Iterable[Runbook]) -> Iterator[str]:
    """What may be meant otherwise, and stops nothing."""
    scenarios = {name for name, _, _ in called.parts.scenarios()}
    for each in known:
        for name in each.training:
            if name not in scenarios:
                yield f"note: {each.name}: there is no scenario “{printable(name, 80)}” to practise it in"


def warn(faults: Sequence[Fault]) -> None:
    """That something is not in use; on standard error, for the rest is. One alone is told, of more where they are."""
    if len(faults) == 1:
        click.echo(f"warning: {printable(str(faults[0]), 2000)}", err=True)
    elif faults:
        files = several(len({each.file for each in faults}), "file")
        found = f"{several(len(faults), 'fault')} in {files} of your own runbooks"
        click.echo(f"warning: {found}: `runner-console runbook check`", err=True)


def as_dict(found: Runbook) -> dict[str, Any]:
    """All that it says; null for what is not there."""
    return {
        "name": found.name,
        "title": found.title,
        "for": found.audience,
        "own": found.own,
        "findings": list(found.findings),
        "training": list(found.training),
        "intro": found.intro,
        "steps": [
            {"title": each.title, "text": each.text, "check": each.check or None, "action": each.action or None}
            for each in found.steps
        ],
    }


def _stands(found: Runbook, lead: Lead | None, results: Sequence[Checked | None]) -> dict[str, Any]:
    told = as_dict(found)
    for step, result in zip(told["steps"], results, strict=True):
        step["met"] = result.met if result is not None else None
        step["found"] = plain(result.found) if result is not None else None
    about = None
    if lead is not None:
        summary = plain(lead.summary) or None
        about = {"cause": lead.cause or None, "subject": plain(lead.subject), "summary": summary}
    return {"about": about, "runbook": told}


def _whole(found: Runbook) -> Iterator[str]:
    yield from (f"{found.title} (for {found.audience})", "", *found.intro.splitlines())
    for number, step in enumerate(found.steps, 1):
        yield from ("", f"{number}. {step.title}")
        if step.check:
            yield f"   looks for: {RUNBOOK_CHECKS[step.check].says}"
        if step.action:
            yield f"   action: {step.action}"
        yield from (f"   {line}".rstrip() for line in step.text.splitlines())


def _lines(found: Runbook, lead: Lead | None, results: Sequence[Checked | None]) -> Iterator[str]:
    yield f"{found.title} (for {found.audience})"
    if lead is None:
        yield "Nothing that was found leads here now."
    else:
        yield plain((*lead.subject, *((": ", *lead.summary) if lead.summary else ())))
    yield from ("", *found.intro.splitlines())
    for number, (step, result) in enumerate(zip(found.steps, results, strict=True), 1):
        sign = _SIGNS[result.met] if result is not None else "   "
        yield from ("", f"{sign} {number}. {step.title}")
        if result is not None:
            yield f"      {plain(result.found)}"
        if step.action:
            yield f"      action: {step.action}"
        yield from (f"      {line}".rstrip() for line in step.text.splitlines())
