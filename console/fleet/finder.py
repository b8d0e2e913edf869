"""Which lines may be a signature's: the literals of all its patterns, looked for at once and in bytes."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation

from console.fleet.log_lines import Where
from console.fleet.patterns import Needle, needles
from console.fleet.signatures import Catalogue, Signature

CASELESS_WINDOW = 6
"""Of a literal without case so many characters are looked for, in every spelling."""


class Expected(NamedTuple):
    """The rules that say what became of a signature's condition; None where it has none."""

    clears: int | None = None
    follows: int | None = None
    worsens: int | None = None


class Finder:
    """What is looked for in one kind of log. A rule is a number: signatures first, the one that wins before others."""

    def __init__(self, catalogue: Catalogue, where: Where) -> None:
        here = [each for each in catalogue.signatures if where in {"unknown", *each.where}]
        self.signatures: tuple[Signature, ...] = tuple(sorted(here, key=_rank))
        self.patterns = [each.pattern for each in self.signatures]
        """Of each rule: those of the signatures, then those that say what became of them."""
        numbers: dict[str, int] = {}
        self.expected = {each.id: self._expected(each, numbers) for each in self.signatures}
        self.follows = frozenset(each.follows for each in self.expected.values() if each.follows is not None)
        self._literals: dict[bytes, set[int]] = {}
        for rule, pattern in enumerate(self.patterns):
            for needle in needles(pattern):
                for spelling in _spellings(needle):
                    self._literals.setdefault(spelling, set()).add(rule)
        self.owners = tuple(tuple(sorted(rules)) for rules in self._literals.values())
        """The rules of each literal, by its number."""
        self._automaton = BytesAhoCorasick(list(self._literals), implementation=Implementation.DFA)

    def hits(self, block: bytes | memoryview) -> list[tuple[int, int, int]]:
        """Literal, start and end of each place, in order. Other threads run meanwhile."""
        return self._automaton.find_matches_as_indexes(block, overlapping=True)

    def _expected(self, signature: Signature, numbers: dict[str, int]) -> Expected:
        def number(pattern: str | None) -> int | None:
            if pattern is None:
                return None
            if pattern not in numbers:
                numbers[pattern] = len(self.patterns)
                self.patterns.append(pattern)
            return numbers[pattern]

        followup, worse = signature.followup, signature.worse
        return Expected(
            number(signature.clears),
            number(followup.expect if followup else None),
            number(worse.when if worse else None),
        )


@lru_cache(maxsize=16)
def finder(catalogue: Catalogue, where: Where) -> Finder:
    """Made once for each kind of log."""
    return Finder(catalogue, where)


def _rank(signature: Signature) -> tuple[int, int]:
    """Priority; then the specific goes before the generic: what must find more literal bytes."""
    return signature.priority, -min((len(needle.text) for needle in needles(signature.pattern)), default=0)


def _spellings(needle: Needle) -> Iterator[bytes]:
    if not needle.caseless:
        yield needle.text
        return
    size = min(len(needle.text), CASELESS_WINDOW)
    windows = [needle.text[start : start + size] for start in range(len(needle.text) - size + 1)]
    window = min(windows, key=lambda part: sum(part[at : at + 1].isalpha() for at in range(size)))
    both = [{window[at : at + 1].lower(), window[at : at + 1].upper()} for at in range(size)]
    yield from (b"".join(letters) for letters in product(*both))
