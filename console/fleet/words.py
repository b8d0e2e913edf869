"""How the console words what it says: ages, counts, lists of names."""

from collections.abc import Sequence
from datetime import timedelta

from console.fleet.models import Name, Phrase


def age(span: timedelta) -> str:
    """`4 s`, `14 min`, `3 h 05`, `2 d`; rounded down, never negative."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h {minutes % 60:02}"
    return f"{hours // 24} d"


def in_seconds(span: timedelta) -> str:
    """Like `age`, but in seconds up to ten minutes: for what is held against a threshold."""
    return f"{max(int(span.total_seconds()), 0)} s" if span < timedelta(minutes=10) else age(span)


def count(number: int) -> str:
    """`4 812`. A plain space: every terminal and every font draws it one cell wide."""
    return f"{number:,}".replace(",", " ")


def several(number: int, one: str, many: str = "") -> str:
    """`1 job`, `12 jobs`."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def named(names: Sequence[str], separator: str = ", ", most: int = 3) -> Phrase:
    """The first few names, and how many more there are."""
    parts: list[str | Name] = []
    for name in names[:most]:
        parts += [Name(name), separator]
    if len(names) > most:
        return (*parts[:-1], f" and {count(len(names) - most)} more")
    return tuple(parts[:-1])


def sentence(*parts: str | Name | Phrase) -> Phrase:
    """One phrase out of words, names and phrases."""
    joined: list[str | Name] = []
    for part in parts:
        if isinstance(part, tuple):
            joined += part
        else:
            joined.append(part)
    return tuple(joined)
