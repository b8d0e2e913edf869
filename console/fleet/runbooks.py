"""Runbooks: what a person does about one kind of incident, step by step, read from Markdown with a small header. Pure.

    +++
    title = "A runner is offline"
    for = "whoever is on call"
    findings = ["only-offline-runners"]
    training = ["session-conflict"]
    +++

    What one sees. Markdown, as all that follows.

    ## 1. See why it ended
    check: runner-online
    action: start-service

    What to do.

`title` and `for` are needed. `findings` are ids of causes that lead here, `training` scenarios of the demo in which it
can be practised. Each heading of the second level is a step; the lines directly below it may name a check, which the
console makes itself, and a guided action, which it offers.
"""

import re
import tomllib
from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple

import msgspec

NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"list", "check", "show"})
"""Names that the command line has for itself."""
MOST_STEPS = 40
_FENCE = "+++"
_KEYS = ("title", "for", "findings", "training")
_HEADING = re.compile(r"##[ \t]+(.*?)[ \t#]*")
_NUMBER = re.compile(r"\d+[.)]\s+")
_NAMED = re.compile(r"(\w+):\s*(\S*)\s*")
_MEANT = re.compile(r"\s*(?:[-*+]\s+)?(check|action)\s*:\s*(\S.{0,60})", re.IGNORECASE)
"""A line that may be meant to name one, and does not: in another place or spelling."""
_CODE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_AT_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_STEERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What would steer a terminal, or turn the order of what is read."""


class Step(msgspec.Struct, frozen=True):
    """One thing to do."""

    title: str
    text: str
    """Markdown."""
    check: str = ""
    """Id of what the console looks for by itself."""
    action: str = ""
    """Id of a guided action."""


class Runbook(msgspec.Struct, frozen=True):
    """What is done about one kind of incident."""

    name: str
    """Of its file."""
    title: str
    audience: str
    """For whom it is."""
    intro: str
    """Markdown: what one sees, and when to stop."""
    steps: tuple[Step, ...]
    findings: tuple[str, ...] = ()
    """Causes that lead here."""
    training: tuple[str, ...] = ()
    """Scenarios in which it can be practised."""
    own: bool = False
    """The user's, and not one that comes with the console."""


class Known(NamedTuple):
    """The ids that a runbook may name."""

    checks: Collection[str]
    actions: Collection[str]
    causes: Collection[str]


class Fault(msgspec.Struct, frozen=True):
    """What is wrong in a file, and in which line; 0: in none of them."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


class Read(NamedTuple):
    """A runbook, or everything that is wrong with it."""

    runbook: Runbook | None
    faults: tuple[Fault, ...]


def read_runbook(file: str, name: str, raw: bytes, known: Known, *, own: bool = False) -> Read:
    """`file` is what faults are told of, `name` its name without the ending."""
    reading = _Reading(file, known)
    if not NAME.fullmatch(name) or name in RESERVED:
        reading.wrong(0, "its name must be small letters, digits and hyphens, and none of list, check and show")
    lines = reading.lines(raw)
    header, rest = reading.header(lines) if lines else ({}, 0)
    if not rest:
        return Read(None, tuple(reading.faults))
    intro, steps = reading.steps(lines, rest)
    runbook = Runbook(
        name,
        title=reading.one(header, "title"),
        audience=reading.one(header, "for"),
        intro=intro,
        steps=steps,
        findings=reading.several(header, "findings", known.causes),
        training=reading.several(header, "training"),
        own=own,
    )
    return Read(None if reading.faults else runbook, tuple(sorted(reading.faults, key=lambda fault: fault.line)))


class _Reading:
    """One file, and what was wrong in it so far."""

    def __init__(self, file: str, known: Known) -> None:
        self.faults: list[Fault] = []
        self._file = file
        self._known = known
        self._header: Sequence[str] = ()

    def wrong(self, line: int, text: str) -> None:
        self.faults.append(Fault(self._file, line, text))

    def lines(self, raw: bytes) -> list[str]:
        """Each without its end."""
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.wrong(raw.count(b"\n", 0, error.start) + 1, "it is not UTF-8")
            return []
        found = text.replace("\r\n", "\n").split("\n")
        for number, line in enumerate(found, 1):
            if _STEERS.search(line):
                self.wrong(number, "it holds a character that cannot be seen and may steer a terminal")
        return found

    def header(self, lines: Sequence[str]) -> tuple[dict[str, object], int]:
        """What stands between the two lines of `+++`, and the number of lines up to its end; 0 where it is broken."""
        end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), 0)
        if lines[0].rstrip() != _FENCE or not end:
            self.wrong(1, f"it must begin with a header between two lines of {_FENCE}")
            return {}, 0
        self._header = lines[: end + 1]
        try:
            found = tomllib.loads("\n".join(["", *lines[1:end]]))
        except tomllib.TOMLDecodeError as error:
            said = _AT_LINE.search(str(error))
            at = int(said[1]) if said is not None and said[1] else end
            self.wrong(at, f"the header is no TOML: {_AT_LINE.sub('', str(error)).lower()}")
            return {}, 0
        for key in found:
            if key not in _KEYS:
                self.wrong(self._line_of(key), f"there is no key “{key}” in a header{_nearest(key, _KEYS)}")
        return found, end + 1

    def one(self, header: dict[str, object], key: str) -> str:
        """A text that has to be there."""
        value = header.get(key)
        if not isinstance(value, str) or not value.strip() or "\n" in value or _STEERS.search(value):
            self.wrong(self._line_of(key), f"{key} must be there, and be one line of text in quotes")
            return ""
        return value.strip()

    def several(self, header: dict[str, object], key: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """Ids that may be there."""
        value = header.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and NAME.fullmatch(each) for each in value):
            self.wrong(self._line_of(key), f'{key} must be a list of ids, such as ["idle-while-queued"]')
            return ()
        for each in value:
            if known is not None and each not in known:
                self.wrong(self._line_of(key), f"no finding has the cause “{each}”{_nearest(each, known)}")
        return tuple(value)

    def _line_of(self, key: str) -> int:
        """Of the header; its first where the key is not there."""
        begins = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        return next((number for number, line in enumerate(self._header, 1) if begins.match(line)), 1)

    def steps(self, lines: Sequence[str], first: int) -> tuple[str, tuple[Step, ...]]:
        """What stands before the first step, and the steps."""
        begins = [number for number in _outside_code(lines, first) if _HEADING.fullmatch(lines[number])]
        if not begins:
            self.wrong(len(lines), "it has no step: a heading such as “## 1. See what waits”")
        if len(begins) > MOST_STEPS:
            self.wrong(begins[MOST_STEPS] + 1, f"it has more than {MOST_STEPS} steps")
        ends = [*begins, len(lines)]
        steps = tuple(self._step(lines, begin, end) for begin, end in pairwise(ends))
        return _body(lines[first : ends[0]]), steps

    def _step(self, lines: Sequence[str], begin: int, end: int) -> Step:
        heading = _HEADING.fullmatch(lines[begin])
        title = _NUMBER.sub("", heading[1], count=1).strip() if heading is not None else ""
        if not title:
            self.wrong(begin + 1, "a step needs a title")
        named: dict[str, str] = {}
        at = begin + 1
        for at in range(begin + 1, end + 1):
            found = _NAMED.fullmatch(lines[at]) if at < end else None
            if found is None or found[1] not in {"check", "action"}:
                break
            self._name(at + 1, found[1], found[2], named)
        self._look_for_names(lines, at, end)
        return Step(title, _body(lines[at:end]), named.get("check", ""), named.get("action", ""))

    def _look_for_names(self, lines: Sequence[str], first: int, end: int) -> None:
        """In the text of a step: who wrote them there waits for a tick that never comes."""
        for number in _outside_code(lines[:end], first):
            found = _MEANT.fullmatch(lines[number].rstrip())
            if found is None:
                continue
            kind, value = found[1].lower(), found[2].strip("`\"' ").lower().replace(" ", "-")
            if value in (self._known.checks if kind == "check" else self._known.actions):
                says = f"“{kind}: {value}” must stand directly below the heading of its step, spelled like this"
                self.wrong(number + 1, says)

    def _name(self, line: int, kind: str, value: str, named: dict[str, str]) -> None:
        known = self._known.checks if kind == "check" else self._known.actions
        if kind in named:
            self.wrong(line, f"a step has one {kind}; this is the second")
        elif not value:
            self.wrong(line, f"after “{kind}:” its id is missing")
        elif value not in known:
            self.wrong(line, f"there is no {kind} “{value}”{_nearest(value, known)}")
        named[kind] = value


def _outside_code(lines: Sequence[str], first: int) -> Iterator[int]:
    """Lines that are no part of a fenced block of code."""
    fence = ""
    for number in range(first, len(lines)):
        found = _CODE.match(lines[number])
        if not fence:
            yield number
            fence = found[1] if found is not None else ""
        elif found is not None and found[1].startswith(fence) and lines[number].strip() == found[1]:
            fence = ""


def _body(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"; did you mean “{near[0]}”?" if near else ""
