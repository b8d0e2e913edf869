"""A pattern as a small tree. This is the only file that knows how Python's `re` parses: its parser is a private module.

`tests/fleet/test_patterns.py` holds it to what is needed of it, on each Python the product runs on.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, TypeAlias

_PARSER: Any = import_module("re._parser")
_REPEATS = {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}
_CATEGORIES = {
    "CATEGORY_DIGIT": rb"\d",
    "CATEGORY_NOT_DIGIT": rb"\D",
    "CATEGORY_SPACE": rb"\s",
    "CATEGORY_NOT_SPACE": rb"\S",
    "CATEGORY_WORD": rb"\w",
    "CATEGORY_NOT_WORD": rb"\W",
}
_LOOK_AROUND = "look-around, which takes too long on long lines; `unless` serves exceptions"
_BACK_REFERENCE = "a back-reference, which takes too long on long lines"
_FORBIDDEN = {
    "ASSERT": _LOOK_AROUND,
    "ASSERT_NOT": _LOOK_AROUND,
    "GROUPREF": _BACK_REFERENCE,
    "GROUPREF_EXISTS": _BACK_REFERENCE,
}
ALL = frozenset(range(256))
Bytes: TypeAlias = frozenset[int]


class One(NamedTuple):
    """One byte: exactly `literal`, or one of those the class of the pattern names."""

    literal: int | None
    caseless: bool
    parsed: Any = None

    def bytes(self) -> Bytes:
        """Which bytes it takes."""
        if self.literal is not None:
            return _both_cases(frozenset([self.literal])) if self.caseless else frozenset([self.literal])
        return _class(self.parsed, self.caseless)


class Repeat(NamedTuple):
    """The body so many times; `most` may be very large."""

    least: int
    most: int
    body: "Sequence"


class Choice(NamedTuple):
    """One of the branches."""

    branches: "tuple[Sequence, ...]"


class Forbidden(NamedTuple):
    """What a signature's pattern may not have, in words."""

    what: str


Node: TypeAlias = One | Repeat | Choice | Forbidden
Sequence: TypeAlias = tuple[Node, ...]


def tree(pattern: str) -> Sequence:
    """The pattern, for bytes. Anchors are left out: they take no byte. Raises re.error."""
    parsed = _PARSER.parse(pattern.encode())
    return tuple(_nodes(parsed, bool(parsed.state.flags & re.IGNORECASE)))


def _nodes(parsed: Any, caseless: bool) -> Iterator[Node]:  # noqa: ANN401 - the private parser's own lists
    for operation, argument in parsed:
        if operation is _PARSER.LITERAL:
            yield _literal(argument, caseless)
            continue
        name = str(operation)
        if name in {"NOT_LITERAL", "ANY", "IN"}:
            yield One(None, caseless, (name, argument))
        elif name in _REPEATS:
            least, most, body = argument
            yield Repeat(least, int(most), tuple(_nodes(body, caseless)))
        elif name == "BRANCH":
            yield Choice(tuple(tuple(_nodes(branch, caseless)) for branch in argument[1]))
        elif name == "SUBPATTERN":
            _, added, removed, body = argument
            yield from _nodes(body, (caseless or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE)
        elif name == "ATOMIC_GROUP":
            yield from _nodes(argument, caseless)
        elif name in _FORBIDDEN:
            yield Forbidden(_FORBIDDEN[name])
        elif name == "AT":
            if str(argument) == "AT_BEGINNING_STRING":
                yield Forbidden("\\A; write ^")
        else:
            raise re.error(f"{name} is not known here")


@cache
def _literal(code: int, caseless: bool) -> One:
    return One(code, caseless)


def _class(parsed: Any, caseless: bool) -> Bytes:  # noqa: ANN401 - the private parser's own tuples
    name, argument = parsed
    if name == "ANY":
        return ALL - {10}
    if name == "NOT_LITERAL":
        return ALL - (_both_cases(frozenset([argument])) if caseless else {argument})
    found: set[int] = set()
    negated = False
    for operation, value in argument:
        match str(operation):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.add(value)
            case "RANGE":
                found.update(range(value[0], value[1] + 1))
            case _:
                found |= _category(str(value))
    taken = _both_cases(frozenset(found)) if caseless else frozenset(found)
    return ALL - taken if negated else taken


@cache
def _category(name: str) -> Bytes:
    matching = re.compile(_CATEGORIES[name])
    return frozenset(code for code in ALL if matching.match(bytes([code])))


def _both_cases(codes: Bytes) -> Bytes:
    return frozenset(bytes([code]).lower()[0] for code in codes) | {bytes([code]).upper()[0] for code in codes}
