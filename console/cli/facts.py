"""`now`, `runners`, `jobs` and `explain`: the facts of the screen, for scripts and for people without one."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeVar

import click

from console.cli import facts_json, facts_text
from console.cli.asked import asked_for
from console.cli.json_values import no_answer
from console.cli.output import print_json, print_lines, print_progress, width_of
from console.cli.parts import Called
from console.cli.verdict import exit_code
from console.errors import EXIT_COULD_NOT_LOOK, ConsoleError
from console.fleet.cache_trouble import LATELY
from console.fleet.explain import explain_job, explain_runner
from console.fleet.explain_run import explain_run
from console.fleet.failure import failed
from console.fleet.findings import Explanation
from console.fleet.github_incident import explained_beside
from console.fleet.models import JobKey, Progress, RunKey, RunnerKey
from console.fleet.newest_runs import of_newest_runs
from console.fleet.warnings import warned_beside
from console.fleet.words import count, several
from console.operations.connection import ContextFacts
from console.operations.look import Look

CODES = (
    "Exit code 0: healthy; 1: findings, even if a part could not be read; 2: usage; 3: a part could not be read and "
    "the rest is healthy, or nothing could be read and what is shown is old; 70: a fault of the console."
)

MOST_LOGS = 20
"""Of so many failed jobs, the newest, a list says why they failed: each costs two requests."""

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON; docs/json.md documents the names.")


K = TypeVar("K", JobKey, RunnerKey)


class Answer(NamedTuple):
    """What a command has found out."""

    code: int
    as_dict: dict[str, Any]
    lines: Iterable[str]


@click.command(epilog=CODES)
@as_json_option
@click.pass_obj
def now(called: Called, as_json: bool) -> int:
    """What is wrong now, worst first."""
    answer = _of_the_fleet(facts_json.now, facts_text.now)
    return report(called, answer, as_json=as_json, logs_of=failed_lately, hosts=True, lives=True)


@click.command(epilog=CODES)
@as_json_option
@click.pass_obj
def runners(called: Called, as_json: bool) -> int:
    """Every runner and what it is doing."""
    return report(called, _of_the_fleet(facts_json.runners, facts_text.runners), as_json=as_json)


@click.command(epilog=CODES)
@as_json_option
@click.pass_obj
def jobs(called: Called, as_json: bool) -> int:
    """Jobs that are queued, held, running or ended lately; of those that failed, why."""
    answer = _of_the_fleet(facts_json.jobs, facts_text.jobs)
    return report(called, answer, as_json=as_json, logs_of=newest_failed)


@click.command(
    epilog=CODES.replace("healthy; 1: findings", "nothing to act on; 1: a cause to act on, or a job that failed")
)
@click.argument("job_or_runner", metavar="JOB_RUN_OR_RUNNER...", nargs=-1, required=True)
@as_json_option
@click.pass_obj
def explain(called: Called, job_or_runner: tuple[str, ...], as_json: bool) -> int:
    """Why a job waits or failed, what became of a run and its release, or what a runner is doing.

    It is whatever `jobs` and `runners` print: a job's id, a runner's name, OWNER/NAME JOB; also OWNER/NAME,
    OWNER/NAME#RUN, OWNER/NAME RUN-ID, a run's id, or an address out of the browser. Of several jobs of a run it is the
    one that is not over yet, and the run itself where all are.
    """
    words = " ".join(job_or_runner)

    def answer(look: Look) -> Answer:
        key = asked_for(look.snapshot, words)
        explanation = _explanation(look, key)
        job = look.snapshot.jobs.get(key) if isinstance(key, JobKey) else None
        as_dict = facts_json.explained(explanation, look, job)
        return Answer(
            exit_code(look, key), as_dict, chain(("",), facts_text.explained(explanation, width_of(sys.stdout)))
        )

    def logs_of(look: Look) -> list[JobKey]:
        key = asked_for(look.snapshot, words)
        if isinstance(key, RunKey):
            return [job.key for job in look.snapshot.jobs.values() if job.run_key == key and failed(job)][:MOST_LOGS]
        return [key] if isinstance(key, JobKey) else []

    return report(called, answer, as_json=as_json, logs_of=logs_of, hosts=True)


def newest_failed(look: Look) -> list[JobKey]:
    """Jobs whose logs a list is worth."""
    ended = [job for job in look.snapshot.jobs.values() if failed(job)]
    return [job.key for job in sorted(ended, key=lambda job: job.completed_at or job.created_at)[-MOST_LOGS:]]


def failed_lately(look: Look) -> list[JobKey]:
    """Of the last hour; those that nothing has mended since go first, where that is too many."""
    jobs, now = look.snapshot.jobs.values(), look.snapshot.taken_at
    red = {job.key for job in of_newest_runs(jobs, now, LATELY)}
    ended = [(job.completed_at, job) for job in jobs if failed(job) and job.completed_at is not None]
    found = sorted(((job.key in red, at, job.id), job.key) for at, job in ended if now - at <= LATELY)
    return [key for _, key in found[-MOST_LOGS:]]


def _explanation(look: Look, key: RunnerKey | JobKey | RunKey) -> Explanation:
    if isinstance(key, RunKey):
        return explain_run(look.snapshot, key, look.failures)
    if isinstance(key, JobKey):
        explained = explain_job(look.snapshot, key, look.thresholds, look.failures, look.hosts)
    else:
        explained = explain_runner(look.snapshot, key, look.thresholds, look.hosts)
    return warned_beside(explained_beside(explained, key, look.findings, look.snapshot), key, look.findings)


def _of_the_fleet(
    as_dict: Callable[[Look], dict[str, Any]], as_lines: Callable[[Look, int | None], Iterable[str]]
) -> Callable[[Look], Answer]:
    return lambda look: Answer(exit_code(look), as_dict(look), as_lines(look, width_of(sys.stdout)))


def report(
    called: Called,
    answer: Callable[[Look], Answer],
    *,
    as_json: bool,
    logs_of: Callable[[Look], Sequence[JobKey]] = lambda _look: (),
    hosts: bool = False,
    lives: bool = False,
    named: Callable[[Look], Sequence[RunnerKey]] = lambda _look: (),
) -> int:
    """Look, and print the answer. Where there is none, the JSON says why, too: standard output is never half.

    `logs_of` names the jobs whose logs the answer needs; `hosts`: those of suspected runners are asked;
    `lives`: what was said of findings counts. The hosts of the runners that are `named` are asked, too.
    """
    about: dict[str, Any] = {}
    try:
        look, facts = asyncio.run(_look(called, logs_of, named, hosts=hosts, lives=lives))
        about = facts_json.about(look, facts)
        found = answer(look)
    except ConsoleError as error:
        if as_json:
            print_json({**about, **no_answer(error)})
        elif about and error.exit_code == EXIT_COULD_NOT_LOOK:
            print_lines(facts_text.heading(look, facts))
        raise
    if as_json:
        print_json({**about, "exit_code": found.code, "error": None, **found.as_dict})
    else:
        print_lines(chain(facts_text.heading(look, facts), found.lines))
    return found.code


async def _look(
    called: Called,
    logs_of: Callable[[Look], Sequence[JobKey]],
    named: Callable[[Look], Sequence[RunnerKey]],
    *,
    hosts: bool,
    lives: bool,
) -> tuple[Look, ContextFacts]:
    """One whole look. A source that could not be read is in it, with its reason."""
    connection = await called.parts.connector(called.options).open(called.options.context)
    try:
        look = await connection.watch.first_whole_look(tell_progress)
        if hosts:
            look = await connection.watch.with_hosts(look, _wanted(look, named))
        look = await connection.watch.with_failures(look, _wanted(look, logs_of))
        return await connection.watch.lives.followed(look) if lives else look, connection.facts
    finally:
        print_progress("")
        await connection.close()


def tell_progress(progress: Progress) -> None:
    """How far a look has come, for who waits."""
    if progress.repositories_total:
        total = several(progress.repositories_total, "repository", "repositories")
        print_progress(f"Looking: {count(progress.repositories)} of {total}")


def _wanted(look: Look, of: Callable[[Look], Sequence[K]]) -> Sequence[K]:
    """What is named by nobody is told of when it is answered, after what the look says."""
    try:
        return of(look)
    except ConsoleError:
        return ()
