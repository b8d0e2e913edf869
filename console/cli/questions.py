"""Questions to a person. A token is the answer to none of them, but to the one that shows nothing."""

import sys

import click

from console.credentials.secret import Secret, looks_like_token, secret_from
from console.errors import NoTokenError, UsageError

_LONGEST_LINE = 16 * 1024


def somebody_answers() -> bool:
    """Whether there is anybody to ask."""
    return sys.stdin.isatty()


def refuse_tokens(*texts: str | None) -> None:
    """A token where none belongs has been seen by others: it is neither repeated nor kept. Raises UsageError."""
    if any(text and looks_like_token(text) for text in texts):
        raise UsageError(
            "A token does not belong here. It is neither repeated nor kept",
            "It was shown on the screen: revoke it on GitHub under Settings, Developer settings, and make another. "
            "`auth login` asks for it by itself, without showing it.",
        )


def asked(question: str, default: str | None = None) -> str:
    """The answer; the default where there is one and nothing is said."""
    answer: str = click.prompt(question, default=default)
    refuse_tokens(answer)
    return answer.strip()


def agreed(question: str, *, default: bool) -> bool:
    """Yes or no."""
    marked = f"{question} [{'Y/n' if default else 'y/N'}]"
    known = {"": default, "y": True, "yes": True, "n": False, "no": False}
    while True:
        answer: str = click.prompt(marked, default="", show_default=False)
        refuse_tokens(answer)
        if (said := answer.strip().lower()) in known:
            return known[said]
        click.echo("Please say y or n.")


def chosen(question: str, choices: dict[str, str], default: str | None) -> str:
    """The key of one of the choices, which are told by their numbers."""
    keys = list(choices)
    click.echo(question)
    for number, words in enumerate(choices.values(), 1):
        click.echo(f"  {number}  {words}")
    while True:
        answer = asked("Number", None if default is None else str(keys.index(default) + 1))
        if answer.isdecimal() and 1 <= int(answer) <= len(keys):
            return keys[int(answer) - 1]
        click.echo(f"Please say a number from 1 to {len(keys)}.")


def asked_token(api_url: str) -> Secret:
    """From a person, without showing it; else the first line of standard input."""
    if somebody_answers():
        text = click.prompt(f"Token for {api_url} (not shown)", hide_input=True, default="", show_default=False)
    else:
        text = sys.stdin.readline(_LONGEST_LINE)
    try:
        return secret_from(text)
    except ValueError as error:
        raise NoTokenError(
            f"This is no token: {error}", "Make one on GitHub under Settings, Developer settings."
        ) from None
