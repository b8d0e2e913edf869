"""What a signature's pattern must be: compiled for bytes, found by its literals, and quick on the longest line."""

import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from console.fleet.pattern_tree import Bytes, Choice, Forbidden, Node, One, Repeat, Sequence, tree

LEAST_LITERAL = 4
MOST_NEEDLES = 40
"""Of one pattern."""
LONG_REPEAT = 512
MOST_WAYS = 30_000
MOST_WAYS_BESIDE_A_LONG_ONE = 100
_NO_BYTES: Bytes = frozenset()
_NEW_LINE = 10


class Needle(NamedTuple):
    """Bytes to look for before a pattern is tried."""

    text: bytes
    caseless: bool = False


@cache
def compiled(pattern: str) -> re.Pattern[bytes]:
    """Compiled when it is first needed: most patterns of the catalogue meet no line that may be theirs.

    With ^ and $ at the lines' ends, so that it can be searched where a line stands among others.
    """
    return re.compile(pattern.encode(), re.MULTILINE)


@cache
def needles(pattern: str) -> tuple[Needle, ...]:
    """A line that matches holds at least one of them; none where the pattern has nothing that it must find."""
    return _needles(tree(pattern))


def faults(pattern: str, *, needs_literal: bool = True) -> Iterator[str]:
    """What is wrong with a pattern, in words."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns of what will mean something else one day
            parsed = tree(pattern)
            compiled(pattern)
    except re.error as error:
        yield f"is no regular expression: {error}"
        return
    except (OverflowError, RecursionError, Warning) as error:
        yield f"cannot be used as a regular expression: {error}"
        return
    forbidden = sorted({node.what for node in _all_nodes(parsed) if isinstance(node, Forbidden)})
    yield from (f"has {what}" for what in forbidden)
    if any(_splits_a_character(node) for node in _all_nodes(parsed)):
        yield "repeats a character that is not ASCII, or has one between [ and ]: lines are bytes, write (?:x|y)"
    if any(isinstance(node, One) and node.literal == _NEW_LINE for node in _all_nodes(parsed)):
        yield "has the end of a line in it, and is looked for within one line"
    if forbidden:
        return
    if needs_literal and not _needles(parsed):
        yield f"has no {LEAST_LITERAL} characters in a row that every match must have; lines are found by them"
    yield from _slow(parsed)


def _all_nodes(sequence: Sequence) -> Iterator[Node]:
    for node in sequence:
        yield node
        if isinstance(node, Repeat):
            yield from _all_nodes(node.body)
        elif isinstance(node, Choice):
            for branch in node.branches:
                yield from _all_nodes(branch)


def _splits_a_character(node: Node) -> bool:
    """Of a character of several bytes, only the last would be repeated, and each would be a class of its own."""
    if isinstance(node, Repeat):
        return len(node.body) == 1 and isinstance(node.body[0], One) and (node.body[0].literal or 0) > 127
    if not isinstance(node, One) or node.parsed is None:
        return False
    name, argument = node.parsed
    if name == "IN":
        return any(str(operation) == "LITERAL" and value > 127 for operation, value in argument)
    return name == "NOT_LITERAL" and bool(argument > 127)


# The literals


def _needles(sequence: Sequence) -> tuple[Needle, ...]:
    """The best of what must be found: its shortest is the longest, and then there are few."""
    found = [each for each in _requirements(sequence) if len(each) <= MOST_NEEDLES and _shortest(each) >= LEAST_LITERAL]
    return max(found, key=lambda each: (_shortest(each), -len(each)), default=())


def _shortest(found: tuple[Needle, ...]) -> int:
    return min((len(needle.text) for needle in found), default=0)


def _requirements(sequence: Sequence) -> Iterator[tuple[Needle, ...]]:
    """Sets of which one member must be found: each run of literals, and what its required parts require."""
    run, caseless = bytearray(), False
    for node in _unrolled(sequence):
        if isinstance(node, One) and node.literal is not None:
            if node.caseless != caseless:
                yield _run(run, caseless)
                run, caseless = bytearray(), node.caseless
            run.append(node.literal)
            continue
        if run:
            yield _run(run, caseless)
            run = bytearray()
        if isinstance(node, Repeat) and node.least:
            yield _needles(node.body)
        elif isinstance(node, Choice):
            each = [_needles(branch) for branch in node.branches]
            if all(each):
                yield tuple(dict.fromkeys(needle for branch in each for needle in branch))
    yield _run(run, caseless)


def _run(run: bytearray, caseless: bool) -> tuple[Needle, ...]:
    return (Needle(bytes(run).lower() if caseless else bytes(run), caseless),)


def _unrolled(sequence: Sequence) -> Iterator[Node]:
    """What is there a fixed and small number of times, that many times."""
    for node in sequence:
        if isinstance(node, Repeat) and node.least == node.most <= 8:
            for _ in range(node.least):
                yield from _unrolled(node.body)
        else:
            yield node


# The growth


def _slow(parsed: Sequence) -> Iterator[str]:
    """Why it would take long on a long line, by how it is made; nothing where it would not.

    A choice is open where the next byte does not decide it: the engine may have to come back and try the other way.
    One open repeat without an end is borne, because a pattern is tried on a few thousand bytes at most.
    """
    walk = _Walk()
    walk.sequence(parsed, _NO_BYTES, in_loop=False)
    if walk.open_in_loop:
        yield "repeats something that can be read in several ways; say what cannot be in it, such as [^ ]+ for .+"
    elif walk.long_and_open > 1:
        yield (
            f"has {walk.long_and_open} repeats without an end that may overlap what follows them, and one is the most; "
            "say what cannot be in them, such as [^ ]+ for .+, or give them an end, such as .{0,9}"
        )
    elif walk.ways > (MOST_WAYS_BESIDE_A_LONG_ONE if walk.long_and_open else MOST_WAYS):
        yield "has repeats that can be read in too many ways; make their ends nearer, or say what cannot be in them"


class _Walk:
    """Goes from the end to the beginning, so that it knows the bytes that may follow each part."""

    def __init__(self) -> None:
        self.long_and_open = 0
        self.ways = 1
        self.open_in_loop = False

    def sequence(self, nodes: Sequence, follow: Bytes, *, in_loop: bool) -> Bytes:
        """The bytes it may begin with, `follow` among them where all of it may be empty."""
        for node in reversed(nodes):
            follow = self.node(node, follow, in_loop=in_loop)
        return follow

    def node(self, node: Node, follow: Bytes, *, in_loop: bool) -> Bytes:
        if isinstance(node, One):
            return node.bytes()
        if isinstance(node, Repeat):
            return self._repeat(node, follow, in_loop=in_loop)
        return self._choice(node, follow, in_loop=in_loop) if isinstance(node, Choice) else follow

    def _repeat(self, node: Repeat, follow: Bytes, *, in_loop: bool) -> Bytes:
        begins = _begins(node.body)
        loops = node.most > 1
        self.sequence(node.body, follow | begins if loops else follow, in_loop=in_loop or loops)
        spread = node.most - node.least
        if spread and begins & follow:
            if in_loop:
                self.open_in_loop = True
            elif spread >= LONG_REPEAT:
                self.long_and_open += 1
            else:
                self.ways *= spread + 1
        return begins | follow if node.least == 0 or _may_be_empty(node.body) else begins

    def _choice(self, node: Choice, follow: Bytes, *, in_loop: bool) -> Bytes:
        every: Bytes = _NO_BYTES
        before = (self.long_and_open, self.ways)
        worst = before
        for branch in node.branches:
            self.long_and_open, self.ways = before
            begins = self.sequence(branch, follow, in_loop=in_loop)
            worst = (max(worst[0], self.long_and_open), max(worst[1], self.ways))
            if in_loop and begins & every:
                self.open_in_loop = True
            every |= begins
        self.long_and_open, self.ways = worst
        return every


def _begins(nodes: Sequence) -> Bytes:
    return _Walk().sequence(nodes, _NO_BYTES, in_loop=False)


def _may_be_empty(nodes: Sequence) -> bool:
    return all(
        (isinstance(node, Repeat) and (node.least == 0 or _may_be_empty(node.body)))
        or (isinstance(node, Choice) and any(_may_be_empty(branch) for branch in node.branches))
        for node in nodes
    )
