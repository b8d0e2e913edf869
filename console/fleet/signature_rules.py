"""Reads signatures from TOML and holds them to their rules: all that is wrong with each is told at once."""

import tomllib
from collections.abc import Iterator, Mapping, Set
from typing import Any, NamedTuple, get_args

import msgspec

from console.errors import printable
from console.fleet.failure import FailureClass
from console.fleet.patterns import faults
from console.fleet.signatures import Catalogue, Followup, Harmless, Place, Severity, Signature, Worse, describes

_INNER: dict[str, type[msgspec.Struct]] = {"followup": Followup, "worse": Worse}
_PATTERNS = ("pattern", "unless", "clears", "followup.expect", "worse.when")
_PROSE = ("title", "meaning", "remedy", "harmless_when", "source", "worse.meaning", "worse.remedy")
_DECIDE = frozenset({"pattern", "unless", "priority", "examples"})
"""Who wins a line is decided by these alone."""
_MADE_UP: dict[str, Any] = {
    "id": "made.up", "title": "-", "where": ["job-log"], "severity": "info", "harmless": "never", "meaning": "-",
    "remedy": "-", "source": "-", "near_misses": [],
}  # fmt: skip


class Complaint(NamedTuple):
    """What is wrong with a signature, or with a whole file: then `id` is empty."""

    file: str
    id: str
    text: str

    def __str__(self) -> str:
        return ": ".join(filter(None, self))


class Checked(NamedTuple):
    """A signature of a file, or, without an id, the file as a whole."""

    file: str
    id: str
    faults: tuple[str, ...]
    signature: Signature | None = None
    """With faults it is no more than a draft: what is missing is made up. None: its lines cannot be looked for."""


class Read(NamedTuple):
    """What came of the files of signatures."""

    catalogue: Catalogue
    """Those that keep the rules, after those that were there."""
    checked: tuple[Checked, ...]
    """All, in the order of the files."""

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        return tuple(Complaint(each.file, each.id, text) for each in self.checked for text in each.faults)


def read_catalogue(texts: Mapping[str, bytes], known_actions: Set[str], base: Catalogue | None = None) -> Read:
    """The signatures of these files after those of `base`. What breaks the rules is refused and told of.

    `texts` are the files' contents, by the names to complain under.
    """
    found = {} if base is None else dict(base.by_id)
    taken = dict.fromkeys(found, "which comes with the console")
    checked: list[Checked] = []
    for file, text in texts.items():
        entries, wrong = _entries(text)
        checked += [Checked(file, "", tuple(wrong))] if wrong else []
        for number, entry in enumerate(entries, 1):
            name = printable(str(entry.get("id") or f"signature {number}"), 80)
            each = _checked(file, name, entry, taken, known_actions)
            checked.append(each)
            taken.setdefault(str(entry.get("id")), f"in {printable(file)}")
            if each.signature is not None and not each.faults:
                found[each.signature.id] = each.signature
    return Read(Catalogue(tuple(found.values())), tuple(checked))


def _entries(text: bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """And what is wrong with the file as a whole."""
    try:
        read = tomllib.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return [], ["is not UTF-8"]
    except RecursionError:
        return [], ["is no TOML that can be read: it is nested too deeply"]
    except tomllib.TOMLDecodeError as error:
        return [], [f"is no TOML: {printable(str(error))}"]
    unknown = (printable(name, 80) for name in read if name != "signature")
    wrong = [f"has “{name}”, and only [[signature]] may be there" for name in unknown]
    entries = read.get("signature", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [], [*wrong, "has [signature] where it must be [[signature]]"]
    return entries, wrong


def _checked(file: str, name: str, entry: dict[str, Any], taken: Mapping[str, str], known_actions: Set[str]) -> Checked:
    typed = _typed(entry, Signature)
    broken = {key: [*faults(typed[key], needs_literal=key != "unless")] for key in _PATTERNS if key in typed}
    findable = "pattern" in typed and not broken["pattern"] and ("unless" not in entry or broken.get("unless") == [])
    wrong = [
        *_misspelt(entry, Signature),
        *_mistyped(entry, Signature),
        *_unruly(entry, typed, taken, known_actions),
        *(f"{key} {text}" for key, texts in broken.items() for text in texts),
        *(_unproven(entry, typed) if findable else ()),
    ]
    decided = findable and "examples" in typed and entry.keys() & _DECIDE <= typed.keys()
    if not decided or typed.get("id") in taken:
        return Checked(file, name, tuple(wrong))
    if not wrong:
        return Checked(file, name, (), msgspec.convert(entry, Signature))
    known = {key: value for key, value in typed.items() if key in _DECIDE}
    draft = msgspec.convert(_MADE_UP | known, Signature)
    return Checked(file, name, tuple(wrong), msgspec.structs.replace(draft, id=name))


def _typed(entry: dict[str, Any], kind: type[msgspec.Struct], within: str = "") -> dict[str, Any]:
    """What is of the right type, by its key, with those of what is within by `outer.inner`."""
    found: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        key = field.encode_name
        value = entry.get(key)
        if key in _INNER and isinstance(value, dict):
            found |= _typed(value, _INNER[key], f"{key}.")
        elif key in entry and not [*_of_another_type(value, field.type)]:
            found[within + key] = value
    return found


def _misspelt(entry: dict[str, Any], kind: type[msgspec.Struct], within: str = "") -> Iterator[str]:
    fields = msgspec.structs.fields(kind)
    known = {field.encode_name for field in fields}
    for key in entry:
        if key not in known:
            yield f"{within}there is no key “{printable(key, 80)}”{_near(key, known)}"
    for field in fields:
        if field.required and field.encode_name not in entry:
            yield f"{within}{field.encode_name} is missing"
    for key, inner in _INNER.items():
        if key in known and isinstance(entry.get(key), dict):
            yield from _misspelt(entry[key], inner, f"{key}: ")


def _mistyped(entry: dict[str, Any], kind: type[msgspec.Struct], within: str = "") -> Iterator[str]:
    for field in msgspec.structs.fields(kind):
        key = field.encode_name
        value = entry.get(key)
        if key in _INNER and isinstance(value, dict):
            yield from _mistyped(value, _INNER[key], f"{key}.")
        elif key in entry:
            yield from (_in_words(within + key + at, text) for at, text in _of_another_type(value, field.type))


def _of_another_type(value: object, kind: object) -> Iterator[tuple[str, str]]:
    """Where within the value, and msgspec's words. Of a list, all that are wrong."""
    each_alone = [*enumerate(value)] if isinstance(value, list) else []
    wrong = [(f"[{number}]", text) for number, each in each_alone for text in _refusal([each], kind)]
    yield from wrong or (("", text) for text in _refusal(value, kind))


def _refusal(value: object, kind: object) -> Iterator[str]:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield str(error).partition(" - at `$")[0]


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


def _in_words(key: str, text: str) -> str:
    """msgspec's complaint, with the key in front and with what may stand there."""
    name = key.rpartition(".")[2].partition("[")[0]
    if name == "id":
        return f"{key}: must be family.name in lower case, with - between words"
    if name in _ALLOWED and "enum" in text:
        return f"{key}: must be of {', '.join(_ALLOWED[name])}"
    for theirs, ours in (("`", ""), (" | null", ""), ("object", "table"), ("Expected", "expected")):
        text = text.replace(theirs, ours)
    return f"{key}: {printable(text)}"


def _unruly(
    entry: Mapping[str, Any], typed: Mapping[str, Any], taken: Mapping[str, str], known_actions: Set[str]
) -> Iterator[str]:
    if typed.get("id") in taken:
        yield f"there is another of this id, {taken[typed['id']]}"
    if typed.get("harmless") in {"sometimes", "usually"} and "harmless_when" not in entry:
        yield f"is {typed['harmless']} harmless: harmless_when must say when"
    action = typed.get("action")
    if action is not None and action not in known_actions:
        yield f"action: there is no guided action “{printable(action, 80)}”{_near(action, known_actions)}"
    for key in _PROSE:
        if not typed.get(key, "").isprintable():
            yield f"{key} holds a character that does not print: {printable(typed[key], 80)}"


def _unproven(entry: Mapping[str, Any], typed: Mapping[str, Any]) -> Iterator[str]:
    """Its own examples are what it means, and its near misses are what it does not mean."""
    for number, example in _lines(entry, "examples"):
        if "\n" in example:
            yield f"example {number} is more than one line"
        elif not describes(typed["pattern"], typed.get("unless"), example.encode()):
            yield f"example {number} does not match: {printable(example, 120)}"
    for number, line in _lines(entry, "near_misses"):
        if describes(typed["pattern"], typed.get("unless"), line.encode()):
            yield f"near miss {number} matches: {printable(line, 120)}"


def _lines(entry: Mapping[str, Any], key: str) -> Iterator[tuple[int, str]]:
    """Those that are text, with their numbers."""
    given = entry.get(key)
    for number, line in enumerate(given if isinstance(given, list) else (), 1):
        if isinstance(line, str):
            yield number, line
