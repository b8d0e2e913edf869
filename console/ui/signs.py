"""Signs, numbers and ages as the screen writes them. Every sign has an ASCII twin, for a terminal that is not UTF-8."""

import codecs
from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from console.fleet import ages, words

Sign = Literal[
    "idle", "busy", "offline", "wedged", "draining", "outdated", "alert", "watch", "info", "selected",
    "proved", "failed", "unproved", "queued", "waiting", "running", "cut", "up", "down", "unknown", "at least",
    "badge left", "badge right", "into", "bookmark", "folded", "open", "rule", "left out",
    "acknowledged", "muted",
]  # fmt: skip

_SIGNS: dict[Sign, tuple[str, str]] = {
    "idle": ("○", "o"),
    "busy": ("●", "*"),
    "offline": ("×", "x"),
    "wedged": ("◆", "#"),
    "draining": ("◌", "~"),
    "outdated": ("↑", "^"),
    "alert": ("‼", "!!"),
    "watch": ("!", "!"),
    "info": ("·", "."),
    "selected": ("▸", ">"),
    "proved": ("✓", "+"),
    "failed": ("✗", "x"),
    "unproved": ("?", "?"),
    "queued": ("…", "."),
    "waiting": ("‖", "="),
    "running": ("▶", ">"),
    "cut": ("…", "~"),
    "up": ("▲", "^"),
    "down": ("▼", "v"),
    "unknown": ("?", "?"),
    "at least": ("≥", ">"),
    "badge left": ("▌", "["),
    "badge right": ("▐", "]"),
    "into": ("›", ">"),
    "bookmark": ("▪", "b"),
    "folded": ("▸", "+"),
    "open": ("▾", "-"),
    "rule": ("─", "-"),
    "left out": ("⋯", "..."),
    "acknowledged": ("◎", "@"),
    "muted": ("–", "-"),
}
_SPARKS = ("▁▂▃▄▅▆▇█", "_.-:=+*#")

_IN_PROSE = str.maketrans({drawn: twin for drawn, twin in _SIGNS.values() if not drawn.isascii()} | {"…": "..."})

_twin = 0
"""Which of the two is in use: one for the whole process, as its terminal's encoding is."""


def choose(encoding: str | None) -> None:
    """Use the signs that a terminal with this encoding can show."""
    global _twin  # noqa: PLW0603 -- there is one terminal for each process
    try:
        _twin = 0 if codecs.lookup(encoding or "ascii").name == "utf-8" else 1
    except LookupError:
        _twin = 1


def ascii_only() -> bool:
    """Whether this terminal can show nothing but ASCII."""
    return _twin == 1


def sign(name: Sign) -> str:
    """The sign as this terminal can show it."""
    return _SIGNS[name][_twin]


def prose(text: str) -> str:
    """Our own words about signs, with those that this terminal can show."""
    return text.translate(_IN_PROSE) if ascii_only() else text


def age(span: timedelta | None) -> str:
    """`4 s`, `14 min`, `3 h 05`, `2 d`: seven cells at most; `?` for what is not known."""
    return sign("unknown") if span is None else ages.age(span)


def count(number: int | None) -> str:
    """With a space between thousands; `?` for what is not known."""
    return sign("unknown") if number is None else words.count(number)


def sparkline(values: Sequence[float], width: int, top: float | None = None) -> str:
    """The last `width` values as bars between 0 and `top`, or their greatest."""
    last = values[-width:] if width > 0 else ()
    bars = _SPARKS[_twin]
    greatest = max(last, default=0.0) if top is None else top
    if greatest <= 0:
        return bars[0] * len(last)
    return "".join(bars[round(min(max(value / greatest, 0.0), 1.0) * (len(bars) - 1))] for value in last)
