"""How the console words what it says: counts, lists of names, sentences."""

from collections.abc import Sequence

from console.fleet.models import Age, Job, Name, Phrase, Run

_UNITS = ("B", "KB", "MB", "GB", "TB")


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


def sentence(*parts: str | Name | Age | Phrase) -> Phrase:
    """One phrase out of words, names, ages and phrases."""
    joined: list[str | Name | Age] = []
    for part in parts:
        if isinstance(part, tuple):
            joined += part
        else:
            joined.append(part)
    return tuple(joined)


def job_name(job: Job) -> Phrase:
    """`acme/web build (3.12)`."""
    return (Name(job.repository), " ", Name(job.name))


def run_name(run: Run) -> Phrase:
    """`acme/web #812 Fix the login`."""
    return (Name(run.repository), f" #{run.number} ", Name(run.title))


def size_in_words(size: float) -> str:
    """`4.2 GB`; thousands, as disks are sold and `df -H` says."""
    at = 0
    while size >= 1000 and at < len(_UNITS) - 1:
        size, at = size / 1000, at + 1
    return f"{size:.1f} {_UNITS[at]}" if at and size < 100 else f"{size:.0f} {_UNITS[at]}"
