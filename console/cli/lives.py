"""`acknowledge`, `mute` and `unmute`: what is said of a finding, kept for all consoles of this user."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import click

from console.cli.facts import as_json_option
from console.cli.json_values import no_answer
from console.cli.life_words import as_dict, words_of
from console.cli.output import print_json
from console.cli.parts import Called
from console.errors import EXIT_HEALTHY, ConsoleError, UsageError, printable
from console.fleet.lives import Life
from console.operations.finding_lives import FindingLives
from console.operations.finding_lives import called as meant
from console.operations.interfaces import SystemClock
from console.settings.durations import parse_duration

CODES = "Exit code 0; 2: usage, or there is no such finding; 3: it cannot be kept; 70: a fault of the console."
_finding = click.argument("finding", metavar="FINDING")
Said = Callable[[FindingLives, Life, datetime], Awaitable[None]]


@click.command(epilog=CODES)
@_finding
@as_json_option
@click.pass_obj
def acknowledge(called: Called, finding: str, as_json: bool) -> int:
    """Say that you know of a finding: `now` and the screen show by whom. It counts all the same.

    FINDING is what `now` prints in brackets, or its beginning.
    """
    return _say(called, finding, lambda lives, life, now: lives.acknowledge([life.id], now), as_json=as_json)


@click.command(epilog=CODES)
@_finding
@click.option("--for", "span", metavar="TIME", default="1h", show_default=True, help="30m, 2h, 24h; up to 168h.")
@as_json_option
@click.pass_obj
def mute(called: Called, finding: str, span: str, as_json: bool) -> int:
    """Say that a finding shall not be told of for a while. It comes back earlier when it gets worse.

    While all findings are muted, `now` ends with exit code 0, and says how many there are. FINDING is what `now`
    prints in brackets, or its beginning.
    """
    return _say(called, finding, lambda lives, life, now: lives.mute([life.id], now, span_of(span)), as_json=as_json)


@click.command(epilog=CODES)
@_finding
@as_json_option
@click.pass_obj
def unmute(called: Called, finding: str, as_json: bool) -> int:
    """Take back what was said of a finding: it is new again.

    FINDING is what `now` prints in brackets, or its beginning.
    """
    return _say(called, finding, lambda lives, life, _now: lives.unmute([life.id]), as_json=as_json)


def span_of(words: str) -> timedelta:
    """Raises UsageError."""
    try:
        return parse_duration(words)
    except ValueError:
        raise UsageError(f"{printable(words, 80)!r} is no span of time", "Write 30m, 2h or 24h.") from None


def _say(called: Called, words: str, said: Said, *, as_json: bool) -> int:
    try:
        life = asyncio.run(_said(called.parts.lives(called.options), words, said))
    except ConsoleError as error:
        if as_json:
            print_json(no_answer(error))
        raise
    now = SystemClock().wall()
    if as_json:
        about = {"key": life.keys[0], "cause": life.cause, "subject": life.subject}
        print_json({"exit_code": EXIT_HEALTHY, "error": None, "finding": {**about, **as_dict(life, now)}})
    else:
        click.echo(f"{life.subject} ({life.cause}): {', '.join(words_of(life, now)) or 'new'}")
    return EXIT_HEALTHY


async def _said(lives: FindingLives, words: str, said: Said) -> Life:
    await lives.load()
    life = meant(lives.known, words)
    await said(lives, life, SystemClock().wall())
    return next(each for each in lives.known if each.id == life.id)
