"""The catalogue: what known lines of logs mean. Read from TOML, held to its rules; what breaks them is told."""

import tomllib
from collections.abc import Iterator, Mapping, Set
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec

from console.errors import printable
from console.fleet.failure import FailureClass
from console.fleet.patterns import compiled, faults

Severity = Literal["critical", "error", "warning", "notice", "info"]
Harmless = Literal["never", "sometimes", "usually", "always"]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Place = Literal["runner-diag", "worker-diag", "service-log", "job-log", "annotation", "arc-log", "kernel-log", "api"]
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
        if compiled(self.pattern).search(line) is None:
            return False
        return self.unless is None or compiled(self.unless).search(line) is None


class Complaint(NamedTuple):
    """What is wrong with a signature, or with a whole file: then `id` is empty. `file` is where it is not known."""

    file: str
    id: str
    text: str

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


class Catalogue:
    """Signatures in order: what is shipped comes first."""

    def __init__(self, signatures: tuple[Signature, ...]) -> None:
        self.signatures = signatures
        self.by_id = {each.id: each for each in signatures}


@cache
def shipped_catalogue() -> Catalogue:
    """What comes with the console. It keeps the rules, for a test holds it to them: they are not checked again here."""
    found: list[Signature] = []
    for text in shipped_files().values():
        found += msgspec.convert(tomllib.loads(text.decode())["signature"], list[Signature])
    return Catalogue(tuple(found))


def shipped_files() -> dict[str, bytes]:
    """By name."""
    folder = files("console") / "fleet" / "signatures"
    found = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name: file.read_bytes() for file in found if file.name.endswith(".toml")}


def read_catalogue(
    texts: Mapping[str, bytes], known_actions: Set[str], base: Catalogue | None = None
) -> tuple[Catalogue, tuple[Complaint, ...]]:
    """The signatures of these files after those of `base`. What breaks the rules is refused and told of.

    `texts` are the files' contents, by the names to complain under.
    """
    found = {} if base is None else dict(base.by_id)
    complaints: list[Complaint] = []
    for file, text in texts.items():
        try:
            entries = _entries(text)
        except ValueError as error:
            complaints.append(Complaint(file, "", str(error)))
            continue
        for number, entry in enumerate(entries, 1):
            name = printable(str(entry.get("id") or f"signature {number}"), 80)
            wrong = list(_wrong(entry, found.keys(), known_actions))
            complaints += [Complaint(file, name, text) for text in wrong]
            if not wrong:
                signature = msgspec.convert(entry, Signature)
                found[signature.id] = signature
    return Catalogue(tuple(found.values())), tuple(complaints)


def _entries(text: bytes) -> list[dict[str, Any]]:
    """Raises ValueError with what is wrong with the file as a whole."""
    try:
        read = tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    except RecursionError:
        raise ValueError("is no TOML that can be read: it is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is no TOML: {printable(str(error))}") from None
    unknown = [name for name in read if name != "signature"]
    if unknown:
        raise ValueError(f"has “{printable(unknown[0], 80)}”, and only [[signature]] may be there")
    entries = read.get("signature", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("has [signature] where it must be [[signature]]")
    return entries


def _wrong(entry: dict[str, Any], taken: Set[str], known_actions: Set[str]) -> Iterator[str]:
    misspelt = [*_misspelt(entry, Signature)]
    for key, kind in (("followup", Followup), ("worse", Worse)):
        if isinstance(entry.get(key), dict):
            misspelt += [f"{key}: {text}" for text in _misspelt(entry[key], kind)]
    yield from misspelt
    try:
        signature = msgspec.convert(entry, Signature)
    except msgspec.ValidationError:
        yield from _mistyped(entry, Signature)
        return
    if signature.id in taken:
        yield "there is another of this id"
    if signature.harmless in {"sometimes", "usually"} and signature.harmless_when is None:
        yield f"is {signature.harmless} harmless: harmless_when must say when"
    if signature.action is not None and signature.action not in known_actions:
        near = _near(signature.action, known_actions)
        yield f"action: there is no guided action “{printable(signature.action, 80)}”{near}"
    shown = {key: entry.get(key, "") for key in ("title", "meaning", "remedy", "harmless_when", "source")}
    shown |= {f"worse.{key}": entry.get("worse", {}).get(key, "") for key in ("meaning", "remedy")}
    for key, text in shown.items():
        if not text.isprintable():
            yield f"{key} holds a character that does not print: {printable(text, 80)}"
    broken = [*_broken_patterns(signature)]
    yield from broken or _unproven(signature)


def _misspelt(entry: dict[str, Any], kind: type[msgspec.Struct]) -> Iterator[str]:
    fields = msgspec.structs.fields(kind)
    known = {field.encode_name for field in fields}
    for key in entry:
        if key not in known:
            yield f"there is no key “{printable(key, 80)}”{_near(key, known)}"
    for field in fields:
        if field.required and field.encode_name not in entry:
            yield f"{field.encode_name} is missing"


def _mistyped(entry: dict[str, Any], kind: type[msgspec.Struct], within: str = "") -> Iterator[str]:
    """Each key is held to its own type, so that one that is wrong does not hide the next."""
    inner: dict[str, type[msgspec.Struct]] = {"followup": Followup, "worse": Worse}
    for field in msgspec.structs.fields(kind):
        key = field.encode_name
        value = entry.get(key)
        if key in inner and isinstance(value, dict):
            yield from _mistyped(value, inner[key], f"{key}.")
        elif key in entry:
            try:
                msgspec.convert(value, field.type)
            except msgspec.ValidationError as error:
                text, _, place = str(error).partition(" - at `$")
                yield _in_words(f"{text} - at `$.{within}{key}{place or '`'}")


def _near(wanted: str, known: Set[str]) -> str:
    from difflib import get_close_matches  # only for who misspelt

    close = get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean “{close[0]}”?" if close else ""


_ALLOWED = {
    "severity": get_args(Severity),
    "harmless": get_args(Harmless),
    "where": get_args(Place),
    "class": get_args(FailureClass),
}


def _in_words(error: str) -> str:
    """msgspec's complaint, with the key in front and with what may stand there."""
    text, _, place = error.partition(" - at `$")
    key = place.rstrip("`").removeprefix(".")
    name = key.rpartition(".")[2].partition("[")[0]
    if name == "id":
        text = "must be family.name in lower case, with - between words"
    elif name in _ALLOWED and "enum" in text:
        text = f"must be of {', '.join(_ALLOWED[name])}"
    else:
        text = printable(text.replace("`", "")).replace("str | null", "str").replace("Expected", "expected")
    return f"{key}: {text}" if key else text


def _broken_patterns(signature: Signature) -> Iterator[str]:
    followup, worse = signature.followup, signature.worse
    patterns = {
        "pattern": signature.pattern,
        "unless": signature.unless,
        "clears": signature.clears,
        "followup.expect": followup.expect if followup else None,
        "worse.when": worse.when if worse else None,
    }
    for key, pattern in patterns.items():
        if pattern is not None:
            for text in faults(pattern, needs_literal=key != "unless"):
                yield f"{key} {text}"


def _unproven(signature: Signature) -> Iterator[str]:
    """Its own examples are what it means, and its near misses are what it does not mean."""
    for number, example in enumerate(signature.examples, 1):
        if "\n" in example:
            yield f"example {number} is more than one line"
        elif not signature.describes(example.encode()):
            yield f"example {number} does not match: {printable(example, 120)}"
    for number, line in enumerate(signature.near_misses, 1):
        if signature.describes(line.encode()):
            yield f"near miss {number} matches: {printable(line, 120)}"
