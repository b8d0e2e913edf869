"""How a spread is told: on how many of how many hosts or runners, and where. Pure."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from console.fleet.models import Name, Phrase
from console.fleet.spread import Kind, Spread, Trait
from console.fleet.words import count, sentence, several

_SAME_DAY = timedelta(hours=20)
"""What began longer ago is told by its day: the time alone would be taken for that of today."""
_WORDS: dict[Kind, tuple[str, str]] = {
    "host": (" on one host, ", ""),
    "label": (" with the label ", ""),
    "name": (" named ", "…"),
    "group": (" in the group ", ""),
    "version": (" of version ", ""),
    "os": (" on ", ""),
    "scope": (" of ", ""),
    "labels": (" with the labels ", ""),
}


class _Counted(NamedTuple):
    """Runners, or the hosts that carry them."""

    noun: str
    affected: int
    inside: int
    having: int
    outside: int
    others: int


def _counted(spread: Spread) -> _Counted:
    if spread.hosts is not None:
        return _Counted("host", *spread.hosts)
    having = spread.having if spread.trait is not None else spread.comparable
    outside, others = spread.affected - spread.inside, spread.comparable - spread.having
    return _Counted("runner", spread.affected, spread.inside, having, outside, others)


def spread_words(spread: Spread, since: datetime, now: datetime, *, looked_into: bool = False) -> Phrase:
    """`on 7 of 9 hosts with the label rack-b, on no other, all of version 2.335.0; since 02:14Z`.

    `looked_into`: of other runners it is not known.
    """
    known: Phrase = (" that were looked into",) if looked_into else ()
    form = "%H:%MZ" if abs(now - since) < _SAME_DAY else "%Y-%m-%d"
    return sentence(*_where(spread, known), _besides(spread), f"; since {since.astimezone(UTC):{form}}")


def _where(spread: Spread, known: Phrase) -> Phrase:
    told = _counted(spread)
    if spread.affected == spread.comparable:
        return sentence("on all ", several(told.affected, told.noun), known)
    if spread.trait is None:
        of = _of(told.affected, told.having, told.noun)
        return sentence(of, known, ", nothing in common that the others lack")
    whole = spread.inside == spread.having
    of = f"on all {several(told.having, told.noun)}" if whole else _of(told.inside, told.having, told.noun)
    rest = f", and {count(told.outside)} of {several(told.others, 'other')}" if told.outside else ", on no other"
    return sentence(of, _worded(spread.trait), known, rest)


def _of(number: int, every: int, noun: str) -> str:
    return f"on {count(number)} of {several(every, noun)}"


def _besides(spread: Spread) -> Phrase:
    also = tuple(part for trait in spread.shared for part in (", all", *_worded(trait)))
    return (*also, f", all on {several(spread.shared_hosts, 'host')}") if spread.shared_hosts else also


def _worded(trait: Trait) -> Phrase:
    before, after = _WORDS[trait.kind]
    return (before, Name(trait.value), after)
