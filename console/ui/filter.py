"""The filter line of a table: `gpu !status:offline label:linux /prod-0[1-4]/`. Pure; nothing typed ever raises."""

import difflib
import re
import warnings
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import msgspec

from console.fleet.failure import KINDS
from console.ui.columns import Fields, Row

FIELDS = ("label", "status", "group", "repo", "host", "os", "version", "branch", "class")
MAX_PATTERN = 200
MAX_SEARCHED = 1_000
"""A pattern looks at no more of one value than this, so that a hostile name cannot make it take long."""
MAX_REPEATS = 4
MAX_UNBOUNDED = 2

Matcher = Callable[[str], bool]


class FilterError(msgspec.Struct, frozen=True):
    """Why a filter cannot be used; shown below the line while it is typed."""

    message: str
    position: int
    """Where in the text."""
    hint: str = ""


class Term(NamedTuple):
    """One word of a filter."""

    field: str
    """`text` for a word without a field."""
    found_in: Matcher
    inverted: bool
    said: str
    """As it is written, without its field."""

    def accepts(self, fields: Fields) -> bool:
        """Whether a row with these fields passes this word."""
        return any(map(self.found_in, _values(fields.get(self.field, ())))) is not self.inverted


class Filter:
    """All its words must match. Without words it accepts everything."""

    def __init__(self, text: str, terms: Sequence[Term] = (), asked: str = "") -> None:
        self.text = text
        self.terms = tuple(terms)
        self.asked = asked
        """A field that has no word behind it yet."""

    def __bool__(self) -> bool:
        return bool(self.terms)

    def matches(self, fields: Fields) -> bool:
        """Whether a row with these fields is shown."""
        return all(term.accepts(fields) for term in self.terms)


_WORD = re.compile(
    r"""(?P<invert>!?)
        (?:(?P<field>[A-Za-z]+):)?
        (?: /(?P<pattern>(?:\\.|[^\\/])*+\\?)(?P<slash>/?)
          | "(?P<quoted>[^"]*)"?
          | (?P<plain>\S*) )""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"\s*")


def parse(text: str) -> Filter | FilterError:
    """The filter that this text means. A word that is not finished yet (`label:`, `!`) is not one yet."""
    terms: list[Term] = []
    asked = ""
    at = _after_space(text, 0)
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None or match.end() == at:
            return FilterError("This is not a word of a filter.", at, _HINT)
        term = _term(match)
        if isinstance(term, FilterError):
            return term
        if term is not None:
            terms.append(term)
        else:
            asked = (match["field"] or "").lower()
        at = _after_space(text, match.end())
        if at == match.end() < len(text):
            return FilterError("A space is missing here.", at, "Every word, pattern and quotation stands alone.")
    return Filter(text, terms, asked)


_FIELDS = " ".join(FIELDS)
_HINT = f"Words, /patterns/, and the fields {_FIELDS} with a colon. An ! before any of them inverts it."


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _term(match: re.Match[str]) -> Term | FilterError | None:
    name = (match["field"] or "text").lower()
    if match["field"] and name not in FIELDS:
        return _unknown(match)
    inverted = bool(match["invert"])
    if match["pattern"] is not None:
        pattern = _pattern(match["pattern"], match.start("pattern"))
        if not callable(pattern):
            return pattern
        return Term(name, pattern, inverted, f"/{match['pattern']}/")
    said = match["plain"] if match["quoted"] is None else match["quoted"]
    word = said.casefold()
    if not word:
        return None
    if name == "class":  # one class is a part of another's name
        return Term(name, lambda value: value.startswith(word), inverted, said)
    return Term(name, lambda value: word in value.casefold(), inverted, said)


def _unknown(match: re.Match[str]) -> FilterError:
    near = difflib.get_close_matches(match["field"].lower(), FIELDS, 1, 0.5)
    nearest = f"Nearest: {near[0]}. " if near else ""
    hint = f"{nearest}Fields: {_FIELDS}. In quotes it is text."
    return FilterError(f"There is no field {match['field']}.", match.start("field"), hint)


def unknown_here(filter_: Filter, states: Sequence[str], rows: Collection[Row]) -> FilterError | None:
    """Why a filter can match nothing in a list: a field that its rows do not have, a state that there is not.

    `states` are those that are known; GitHub may have others, and what a row has is taken too.
    """
    values: dict[str, Sequence[str]] = {"status": states, "class": KINDS}
    fields = next((row.fields() for row in rows), None)
    for term in filter_.terms:
        if fields is not None and term.field not in fields:
            here = " ".join(field for field in FIELDS if field in fields)
            known = f"Fields here: {here}." if here else "Only words and /patterns/ are looked for here."
            return FilterError(f"Nothing in this list has a {term.field}.", 0, known)
        there = values.get(term.field)
        if there and not (_found(term, there) or _found_in_rows(term, rows)):
            return FilterError(f"There is no {term.field} {term.said}.", 0, f"There are: {', '.join(there)}.")
    if (fields is None or filter_.asked in fields) and values.get(filter_.asked):
        return FilterError(f"Which {filter_.asked}?", 0, f"There are: {', '.join(values[filter_.asked])}.")
    return None


def _found(term: Term, values: str | Sequence[str]) -> bool:
    return any(map(term.found_in, _values(values)))


def _found_in_rows(term: Term, rows: Collection[Row]) -> bool:
    return any(_found(term, row.fields()[term.field]) for row in rows)


def _values(value: str | Sequence[str]) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


# Patterns.


def _pattern(pattern: str, at: int) -> Matcher | FilterError | None:
    if not pattern:
        return None
    if len(pattern) > MAX_PATTERN:
        return FilterError(f"A pattern has at most {MAX_PATTERN} characters.", at + MAX_PATTERN)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled = re.compile(pattern.replace(r"\/", "/"), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        where = getattr(error, "pos", None) or 0
        return FilterError(f"The pattern cannot be used: {_in_plain_words(error)}.", at + where)
    costly = _costly(pattern)
    if costly is not None:
        return FilterError("This pattern could take very long.", at + costly, "Split it: every word has to match.")
    return lambda value: compiled.search(value[:MAX_SEARCHED]) is not None


_PLAIN_WORDS = (
    ("missing ), unterminated subpattern", "a ( has no )"),
    ("unbalanced parenthesis", "a ) has no ("),
    ("unterminated character set", "a [ has no ]"),
    ("nothing to repeat", "there is nothing to repeat before * + ? or {"),
    ("multiple repeat", "it repeats a repeat"),
    ("min repeat greater", "a {least,most} has them the wrong way round"),
    ("bad character range", "a range in [ ] runs backwards"),
    ("bad escape (end of pattern)", "it ends in a single \\"),
    ("bad escape", "a letter behind \\ means nothing there"),
    ("unknown extension", "what follows (? means nothing"),
    ("look-behind", "what (?< looks back over must have a fixed length"),
    ("invalid group reference", "it refers to a group that is not there"),
)


def _in_plain_words(error: Exception) -> str:
    said = error.msg if isinstance(error, re.error) else "it is too large"
    return next((plain for begins, plain in _PLAIN_WORDS if said.startswith(begins)), said)


_PIECE = re.compile(
    r"""\\.
      | \[\^?\]?(?:\\.|[^\]\\])*+\]
      | (?P<open>\((?:\?(?:P?<[^>]*>|[^)]?))?)
      | (?P<close>\))
      | (?P<or>\|)
      | (?P<many>[*+]|\{\d*,\d*\}) [?+]?
      | (?P<times>\{\d+\}) [?+]?
      | (?P<maybe>\?) [?+]?
      | .""",
    re.VERBOSE | re.DOTALL,
)


def _costly(pattern: str) -> int | None:
    """Where a pattern starts to need time that grows too fast with the text: repeated choices, too many repeats."""
    choices = [False]
    repeats = unbounded = 0
    closed_choice = False
    for piece in _PIECE.finditer(pattern):
        kind = piece.lastgroup
        if kind in {"many", "times", "maybe"}:
            repeats += 1
            unbounded += kind == "many"
            repeated_choice = closed_choice and kind != "maybe"
            if repeated_choice or repeats > MAX_REPEATS or unbounded > MAX_UNBOUNDED:
                return piece.start()
            choices[-1] = True
        elif kind == "open":
            choices.append(False)
        elif kind == "or":
            choices[-1] = True
        closed_choice = False
        if kind == "close" and len(choices) > 1:
            closed_choice = choices.pop()
            choices[-1] |= closed_choice
    return None
