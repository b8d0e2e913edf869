"""The catalogue: what known lines of logs mean."""

import threading
import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

import msgspec

from console.fleet.failure import FailureClass
from console.fleet.patterns import compiled
from console.fleet.shapes import ready

Severity = Literal["critical", "error", "warning", "notice", "info"]
Harmless = Literal["never", "sometimes", "usually", "always"]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Place = Literal["runner-diag", "worker-diag", "service-log", "job-log", "annotation", "arc-log", "kernel-log", "api"]
_reading = threading.Lock()
_ID = r"^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$"


class Followup(msgspec.Struct, frozen=True):
    """What must follow, and how bad it is when it does not."""

    expect: Text
    within_seconds: Annotated[int, msgspec.Meta(ge=1)]
    severity: Severity


class Worse(msgspec.Struct, frozen=True):
    """What the line is when another line follows in the same log, and what helps then if not the same."""

    when: Text
    severity: Severity
    meaning: Text
    remedy: Text | None = None


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """A known line: what it is, how bad, whether it is harmless and when, and what helps."""

    id: Annotated[str, msgspec.Meta(pattern=_ID)]
    title: Text
    pattern: Text
    where: Annotated[tuple[Place, ...], msgspec.Meta(min_length=1)]
    severity: Severity
    harmless: Harmless
    meaning: Text
    remedy: Text
    source: Text
    examples: Annotated[tuple[Text, ...], msgspec.Meta(min_length=1)]
    near_misses: tuple[Text, ...]
    unless: Text | None = None
    harmless_when: Text | None = None
    action: Text | None = None
    priority: int = 50
    clears: Text | None = None
    followup: Followup | None = None
    worse: Worse | None = None
    hint: bool = False
    failure_class: FailureClass | None = msgspec.field(default=None, name="class")
    since: Text | None = None
    until: Text | None = None

    def describes(self, line: bytes) -> bool:
        """Whether the line is meant, looked at alone."""
        return describes(self.pattern, self.unless, line)


def describes(pattern: str, unless: str | None, line: bytes) -> bool:
    """Whether a signature with these two means the line."""
    if compiled(pattern).search(line) is None:
        return False
    return unless is None or compiled(unless).search(line) is None


class Catalogue:
    """Signatures in order: what is shipped comes first."""

    def __init__(self, signatures: tuple[Signature, ...]) -> None:
        self.signatures = signatures
        self.by_id = {each.id: each for each in signatures}


def shipped_catalogue() -> Catalogue:
    """What comes with the console. It keeps the rules, for a test holds it to them: they are not checked again here."""
    # Several threads want it first of all, and one has to read it.
    with _reading:
        return _shipped()


@cache
def _shipped() -> Catalogue:
    ready(list[Signature])
    found: list[Signature] = []
    for text in shipped_files().values():
        found += msgspec.convert(tomllib.loads(text.decode())["signature"], list[Signature])
    return Catalogue(tuple(found))


def shipped_files() -> dict[str, bytes]:
    """By name."""
    folder = files("console") / "fleet" / "signatures"
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name: file.read_bytes() for file in found if file.name.endswith(".toml")}
