"""Who did what with the console, when, and how it ended: as values, and as the lines that are kept of it."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from console.fleet.kept import KeptTime
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.fleet.shapes import ready

VERSION = 1
"""Of the lines. One that a newer console has written in another way is counted, and not guessed at."""

Outcome = Literal["proved", "refused", "failed", "not-proved", "unknown", "stopped"]
"""How a deed ended."""
PartOutcome = Literal["done", "refused", "failed", "unknown", "not-sent"]
"""How a part of it ended. `done` is not yet proved; `unknown`: it may have been done."""
State = Outcome | Literal["under-way", "unfinished", "elsewhere"]
"""Of a deed without an end: its console is still there, has gone, or is on another machine and cannot be seen."""
STATE_WORDS: dict[State, str] = {
    "unfinished": "unfinished",
    "under-way": "under way",
    "elsewhere": "elsewhere",
    "unknown": "unknown",
    "not-proved": "not proved",
    "failed": "failed",
    "stopped": "stopped",
    "refused": "refused",
    "proved": "proved",
}
"""In the order in which they want to be seen."""
STATES = tuple(STATE_WORDS)
TOLD_FOR = timedelta(days=7)
"""After that nobody is told of what was cut off unless they look."""
Clean = Callable[[str], str]

_MANY_LINES = "text"
"""The name of what may have many lines; all else is drawn as one."""
_YEARS = range(2000, 9000)
"""A time outside them was never written by us, and some zones cannot say it."""


class Operator(msgspec.Struct, frozen=True):
    """Who is at work, as far as this machine and GitHub know."""

    login: str
    address: str = ""
    """From where they have come over SSH; empty on the machine itself."""
    github: str = ""
    """Whose token is used."""


class Process(msgspec.Struct, frozen=True):
    """A console at work, told apart from any other process that ever has its number."""

    pid: int
    started: str = ""
    """When, in the words of its machine."""
    boot: str = ""
    """Which start of the machine."""
    machine: str = ""
    """Its name: a home directory may be shared by several."""


class Subject(msgspec.Struct, frozen=True):
    """What something was done to."""

    kind: Literal["runner", "job", "run"]
    place: str
    """The scope of a runner, the repository of a job or a run."""
    id: int
    name: str


class DeedPart(msgspec.Struct, frozen=True):
    """One part of a plan, word for word."""

    kind: Literal["script", "request", "wait"]
    text: str
    """Exactly as it is sent, with `***` for each secret; may have many lines."""


class Line(msgspec.Struct, frozen=True, kw_only=True, tag_field="what"):
    """What each line of the history has."""

    v: int = VERSION
    id: str
    """Of the deed."""
    at: KeptTime

    def __post_init__(self) -> None:
        if self.at.year not in _YEARS:
            raise ValueError("a time that nothing of ours can have")


class Deed(Line, frozen=True, kw_only=True, tag="intent"):
    """What is about to be done; kept before the first part of it is."""

    operator: Operator
    context: str
    action: str
    """Id of the guided action."""
    title: str
    target: Subject
    parts: tuple[DeedPart, ...]
    process: Process
    host: str = ""
    machine: str = ""
    """The host's machine id."""
    unit: str = ""
    directory: str = ""
    agent_id: int | None = None
    before: str = ""
    """The state of the target."""
    console: str = ""
    """Version of the console."""


class Result(Line, frozen=True, kw_only=True, tag="part"):
    """How one part ended."""

    index: int
    outcome: PartOutcome
    words: str = ""


class End(Line, frozen=True, kw_only=True, tag="end"):
    """How all of it ended."""

    outcome: Outcome
    words: str = ""
    after: str = ""
    """The state of the target then."""


class Entry(msgspec.Struct, frozen=True):
    """A deed, and what became of it."""

    deed: Deed
    results: tuple[Result | None, ...]
    """One for each part; None for what was not begun, or whose end is not known."""
    end: End | None = None
    there: bool | None = None
    """Whether its console is still at work. None: that cannot be told from here."""

    @property
    def state(self) -> State:
        """How it ended, or how it stands."""
        if self.end is not None:
            return self.end.outcome
        if self.there is None:
            return "elsewhere"
        return "under-way" if self.there else "unfinished"

    @property
    def ended_at(self) -> datetime | None:
        """When it ended, where it has."""
        return self.end.at if self.end is not None else None


class Chronicle(msgspec.Struct, frozen=True):
    """All that is known of the past."""

    entries: tuple[Entry, ...] = ()
    """Newest first."""
    unread: int = 0
    """Lines that could not be read."""


def subject_of(target: RunnerKey | JobKey | RunKey, name: str) -> Subject:
    """What an action is done to, as it is kept."""
    if isinstance(target, RunnerKey):
        return Subject("runner", target.scope, target.id, name)
    return Subject("job" if isinstance(target, JobKey) else "run", target.repository, target.id, name)


def line_of(line: Line, clean: Clean) -> bytes:
    """One line, its end included. Whatever a name holds, JSON's escapes keep it within its quotes and in ASCII.

    `clean` takes secrets out of every text.
    """
    import json  # the first paint knows of the history and does not wait for this

    built = _each_text(msgspec.to_builtins(line), lambda _name, text: clean(text))
    return json.dumps(built, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def recorded(raw: bytes, harmless: Clean) -> Chronicle:
    """What the lines say. What is not ours, was cut or was written by a newer console is counted.

    `harmless` makes one line of text fit to be drawn.
    """
    ready(Deed | Result | End)
    deeds: dict[str, Deed] = {}
    results: dict[str, list[Result | None]] = {}
    ends: dict[str, End] = {}
    unread = 0
    for line in _lines(raw):
        match _read(line, harmless):
            case Deed() as deed if deed.id not in deeds:
                deeds[deed.id] = deed
                results[deed.id] = [None] * len(deed.parts)
            case Result() as result if 0 <= result.index < len(results.get(result.id, ())):
                results[result.id][result.index] = result
            case End() as end if end.id in deeds and end.id not in ends:
                ends[end.id] = end
            case _:
                unread += 1
    entries = [Entry(deed, tuple(results[key]), ends.get(key)) for key, deed in deeds.items()]
    return Chronicle(tuple(reversed(entries)), unread)


def standing(kept: Chronicle, there: Callable[[Process], bool | None]) -> Chronicle:
    """How what has no end stands by now: `there` says whether a console is still at work."""
    if all(entry.end is not None for entry in kept.entries):
        return kept
    return replace(kept, entries=tuple(_standing(entry, there) for entry in kept.entries))


def _standing(entry: Entry, there: Callable[[Process], bool | None]) -> Entry:
    return entry if entry.end is not None else replace(entry, there=there(entry.deed.process))


def worth_telling(entries: Iterable[Entry], now: datetime) -> tuple[Entry, ...]:
    """What was cut off lately, and nothing was done to the same target since: nobody may know of it. Newest first."""
    found, since = [], set[tuple[str, str, int]]()
    for entry in entries:
        target = (entry.deed.target.kind, entry.deed.target.place, entry.deed.target.id)
        if entry.state == "unfinished" and target not in since and now - entry.deed.at < TOLD_FOR:
            found.append(entry)
        since.add(target)
    return tuple(found)


def _lines(raw: bytes) -> Iterable[bytes]:
    return (line for line in raw.split(b"\n") if line.strip())


def _read(line: bytes, harmless: Clean) -> Deed | Result | End | None:
    import json

    def one(text: str) -> str:
        return text if text.isascii() and text.isprintable() else harmless(text)

    def shown(name: str, text: str) -> str:
        return "\n".join(map(one, text.split("\n"))) if name == _MANY_LINES else one(text)

    try:
        built = json.loads(line)
        if not isinstance(built, dict) or built.get("v") != VERSION:
            return None
        return msgspec.convert(_each_text(built, shown), Deed | Result | End)
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors, as are those of JSON and of Unicode
        return None


def _each_text(built: object, change: Callable[[str, str], str], name: str = "") -> object:
    """The same, with every text in it changed; its own names, which `change` is told, stay."""
    if isinstance(built, str):
        return change(name, built)
    if isinstance(built, dict):
        return {name: _each_text(value, change, name) for name, value in built.items()}
    if isinstance(built, (list, tuple)):
        return [_each_text(value, change, name) for value in built]
    return built
