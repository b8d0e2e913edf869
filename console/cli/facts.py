"""`now`, `runners`, `jobs` and `explain`: the facts of the screen, for scripts and for people without one."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any

import click

from console.cli import facts_json, facts_text
from console.cli.output import print_json
from console.cli.parts import Called
from console.errors import EXIT_COULD_NOT_LOOK, EXIT_FINDINGS, EXIT_HEALTHY, UsageError, printable
from console.fleet.explain import explain_job, explain_runner
from console.fleet.findings import Finding
from console.fleet.lookup import find
from console.fleet.models import JobKey, RunnerKey
from console.operations.connection import ContextFacts
from console.operations.look import Look

MOST_CANDIDATES = 12

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON; README.md documents the names.")


@click.command()
@as_json_option
@click.pass_obj
def now(called: Called, as_json: bool) -> int:
    """What is wrong now, worst first. Exit code 0: healthy, 1: findings, 3: could not look."""
    return _report(called, facts_json.now, facts_text.now, as_json=as_json)


@click.command()
@as_json_option
@click.pass_obj
def runners(called: Called, as_json: bool) -> int:
    """Every runner and what it is doing. Exit codes as those of `now`."""
    return _report(called, facts_json.runners, facts_text.runners, as_json=as_json)


@click.command()
@as_json_option
@click.pass_obj
def jobs(called: Called, as_json: bool) -> int:
    """Jobs that are queued, held, running or ended lately. Exit codes as those of `now`."""
    return _report(called, facts_json.jobs, facts_text.jobs, as_json=as_json)


@click.command()
@click.argument("job_or_runner")
@as_json_option
@click.pass_obj
def explain(called: Called, job_or_runner: str, as_json: bool) -> int:
    """Why a job waits, or what a runner is doing.

    JOB_OR_RUNNER is a job's id or address, or a runner's name or id. Exit code 1: there is a cause to act on.
    """
    look, facts = asyncio.run(_look(called))
    key = _one(look, job_or_runner)
    if isinstance(key, JobKey):
        explanation = explain_job(look.snapshot, key, look.thresholds)
    else:
        explanation = explain_runner(look.snapshot, key, look.thresholds)
    if as_json:
        print_json({**facts_json.about(look, facts), **facts_json.explained(explanation, look.snapshot)})
    else:
        _print(facts_text.heading(look, facts), ("",), facts_text.explained(explanation))
    return EXIT_FINDINGS if any(key in {*each.jobs, *each.runners} for each in _serious(look)) else EXIT_HEALTHY


async def _look(called: Called) -> tuple[Look, ContextFacts]:
    """One whole look. A source that could not be read is in it, with its reason."""
    connection = await called.parts.connector(called.options).open(called.options.context)
    try:
        return await connection.watch.first_whole_look(), connection.facts
    finally:
        await connection.close()


def _report(
    called: Called,
    as_dict: Callable[[Look], dict[str, Any]],
    as_lines: Callable[[Look], Iterable[str]],
    *,
    as_json: bool,
) -> int:
    look, facts = asyncio.run(_look(called))
    if as_json:
        print_json({**facts_json.about(look, facts), "exit_code": _verdict(look), **as_dict(look)})
    else:
        _print(facts_text.heading(look, facts), as_lines(look))
    return _verdict(look)


def _serious(look: Look) -> list[Finding]:
    return [finding for finding in look.findings if finding.severity != "info"]


def _verdict(look: Look) -> int:
    """Findings count even where the rest could not be read; healthy is said only of what was read as a whole.

    Where nothing at all could be read, findings would be those of the last time.
    """
    needed = [source for source in look.snapshot.freshness if source.kind in {"runners", "jobs", "repositories"}]
    unread = [source for source in needed if source.problem is not None]
    if len(unread) == len(needed):
        return EXIT_COULD_NOT_LOOK
    if _serious(look):
        return EXIT_FINDINGS
    return EXIT_COULD_NOT_LOOK if unread or look.snapshot.set_aside else EXIT_HEALTHY


def _one(look: Look, wanted: str) -> RunnerKey | JobKey:
    found = find(look.snapshot, wanted)
    if not found:
        raise UsageError(
            f"There is no watched job or runner “{printable(wanted, 200)}”",
            "`runner-console jobs` and `runner-console runners` list them; a job may have ended a while ago.",
        )
    if len(found) > 1:
        several = "\n".join(_spelled(key) for key in found[:MOST_CANDIDATES])
        raise UsageError(f"“{printable(wanted, 200)}” may be one of {len(found)}", f"Say which:\n{several}")
    return found[0]


def _spelled(key: RunnerKey | JobKey) -> str:
    """As `find` understands it, and alone."""
    return f"{key.scope}/{key.id}" if isinstance(key, RunnerKey) else f"{key.id} (a job of {key.repository})"


def _print(*parts: Iterable[str]) -> None:
    for line in chain(*parts):
        click.echo(line)
