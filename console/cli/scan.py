"""`scan`: the known lines of logs, what they mean and what helps."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import click

from console.cli import scan_report
from console.cli.failing import show
from console.cli.output import width_of
from console.cli.parts import Called
from console.cli.signatures import warn
from console.errors import EXIT_COULD_NOT_LOOK, EXIT_FINDINGS, EXIT_HEALTHY, ConsoleError, printable
from console.fleet.log_kind import kind_by_name, packed
from console.fleet.log_lines import Where
from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue
from console.fleet.words import count, several
from console.operations.catalogue import whole_catalogue

CODES = """\b
Exit code 0: nothing serious; 1: an error that is neither harmless as a
rule nor ended by a later line; 2: usage; 3: nothing serious, and a file
could not be read."""
STANDARD_INPUT = "-"
_TRY = "Copy it to where it can be read, and scan the copy."
CHUNK = 1 << 20
KEPT_FOR_PEOPLE, KEPT_FOR_PROGRAMS = 1_000, 100_000
"""Matches of one signature that are listed. What each is, is only known when the log has ended."""
TELL_EVERY = 0.2
SOURCES = [place for place in get_args(Where) if place != "unknown"]


@click.command(epilog=CODES)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--source",
    metavar="KIND",
    type=click.Choice(SOURCES),
    help=f"What kind of log it is: {', '.join(SOURCES)}. Then only its signatures are tried. Without it all are, and "
    "the shapes of its lines tell the kind.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each line found.")
@click.pass_obj
def scan(called: Called, files: tuple[str, ...], source: Where | None, as_json: bool) -> int:
    """Find the known lines of logs, and say what they mean and what helps.

    FILE is a log of a job, of a runner's service or from its _diag directory; - is standard input.

    The severity is error, warning or info, judged by the whole log: what always is harmless is info, and what another
    line makes worse is what that says. Host and network trouble is at most a warning in a job's log, and in one whose
    kind cannot be told: it may stand in the output of the job's own tests.
    """
    catalogue, complaints, _ = whole_catalogue()
    warn(complaints)
    serious, unread, width = False, False, width_of(sys.stdout)
    for number, file in enumerate(files):
        try:
            report = scanned(file, catalogue, source, KEPT_FOR_PROGRAMS if as_json else KEPT_FOR_PEOPLE)
        except ConsoleError as error:
            show(error)
            unread = True
            continue
        serious = serious or report.serious
        clean = called.parts.line_of_a_log
        if number and not as_json:
            click.echo()
        told = scan_report.as_json(report, clean) if as_json else scan_report.as_text(report, clean, width)
        for line in told:
            click.echo(line)
        if report.interrupted:
            raise KeyboardInterrupt
        if report.broken_off is not None:
            show(report.broken_off)
            unread = True
    if serious:
        return EXIT_FINDINGS
    return EXIT_COULD_NOT_LOOK if unread else EXIT_HEALTHY


def scanned(file: str, catalogue: Catalogue, source: Where | None, keep: int) -> scan_report.Report:
    """Raises ConsoleError where no line of the file can be read. Ctrl+c ends it early, with what was found."""
    scanner, progress = Scanner(catalogue, source or kind_by_name(Path(file).name), keep), Progress(_name(file))
    broken_off, interrupted = None, False
    try:
        for chunk in _chunks(file):
            if not scanner.lines:
                _refuse_packed(file, chunk)
            with _undisturbed():
                scanner.feed(chunk)
            progress.tell(len(chunk), scanner)
    except OSError as error:
        if not scanner.lines:
            raise _unreadable(file, error) from None
        broken_off = _broken_off(file, error, scanner.lines)
    except KeyboardInterrupt:
        if not scanner.lines:
            raise
        interrupted = True
    finally:
        progress.wipe()
    scanner.end()
    return scan_report.Report(
        file=file,
        lines=scanner.lines,
        verdicts=scanner.verdicts(),
        counts=scanner.counts,
        where=scanner.where,
        told=source is not None,
        cut=scanner.cut,
        broken_off=broken_off,
        interrupted=interrupted,
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Ctrl+c waits until these lines have been looked at, or some of them would count twice."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _chunks(file: str) -> Iterator[bytes]:
    standard = file == STANDARD_INPUT
    opened = 0 if standard else os.open(file, os.O_RDONLY)
    try:
        while chunk := os.read(opened, CHUNK):
            yield chunk
    finally:
        if not standard:
            os.close(opened)


def _refuse_packed(file: str, beginning: bytes) -> None:
    found = packed(beginning)
    if found is not None:
        hint = f"Scan the lines in it: `{found.command} FILE | runner-console scan -`."
        raise ConsoleError(f"{_name(file)} is {found.what}", hint)


def _unreadable(file: str, error: OSError) -> ConsoleError:
    if file == STANDARD_INPUT:
        return ConsoleError(
            f"Standard input cannot be read: {error.strerror}", "Pipe a log into it: COMMAND | … scan -"
        )
    hints = {
        FileNotFoundError: "Is its name right? - is standard input.",
        PermissionError: "A runner's logs belong to its service's user: `sudo cat FILE | runner-console scan -`.",
        IsADirectoryError: "Name the files in it.",
    }
    return ConsoleError(f"{printable(file)} cannot be read: {error.strerror}", hints.get(type(error), _TRY))


def _name(file: str) -> str:
    return "Standard input" if file == STANDARD_INPUT else printable(file)


def _broken_off(file: str, error: OSError, lines: int) -> ConsoleError:
    return ConsoleError(
        f"{_name(file)} could not be read on after {several(lines, 'line')}: {error.strerror}",
        "What was found up to there is shown; what comes after it is not known.",
    )


class Progress:
    """How far it is, on a terminal alone, and gone when it is done."""

    def __init__(self, name: str) -> None:
        self._name = printable(name, 40)
        self._bytes = 0
        self._told_at = time.monotonic()
        self._shown = 0
        self._wanted = sys.stderr is not None and sys.stderr.isatty()

    def tell(self, size: int, scanner: Scanner) -> None:
        """So many bytes more."""
        self._bytes += size
        if not self._wanted or time.monotonic() - self._told_at < TELL_EVERY:
            return
        self._told_at = time.monotonic()
        found = count(sum(scanner.counts.values()))
        read = f"{count(self._bytes // 1_000_000)} MB, {several(scanner.lines, 'line')}"
        words = f"{self._name}: {read}, {found} known"
        click.echo("\r" + words.ljust(self._shown), nl=False, err=True)
        self._shown = len(words)

    def wipe(self) -> None:
        """Leaves the line empty."""
        if self._shown:
            click.echo("\r" + " " * self._shown + "\r", nl=False, err=True)
