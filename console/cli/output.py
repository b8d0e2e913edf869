"""JSON for programs and plain lines for people."""

import json
from typing import Any

import click

from console.errors import printable


def print_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    """One document, ASCII only: nothing in it can steer a terminal."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def print_pairs(pairs: list[tuple[str, str]]) -> None:
    """Names and values, the values below one another."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        click.echo(f"{name.ljust(width)}  {printable(value, 2000)}")
