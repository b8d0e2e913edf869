"""Spread: on how many of how many runners something is, and what these have in common that the others lack. Pure."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import compress
from math import lgamma, log
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace

from console.fleet.labels import telling_first
from console.fleet.models import FleetSnapshot, Runner, RunnerKey
from console.fleet.runner_sets import as_set, bits_of, places_of

Kind = Literal["host", "label", "name", "group", "version", "os", "scope", "labels"]
_ORDER: tuple[Kind, ...] = ("host", "label", "name", "group", "version", "os", "scope", "labels")
"""Of two that separate as well the first is told."""
_SHARED: tuple[Kind, ...] = ("host", "version", "group", "os", "scope")
"""What is told besides where all have it."""
_MOST_OF_THEM = 0.75
"""So many of the affected must have what is said to be common to them."""
_BY_ACCIDENT = log(0.02)
"""What falls together by accident more often than that says nothing."""
_SAMPLE = 5
"""What is common to nearly all is common to one of the first few."""
_MOST_SHARED = 2
_PIECES = re.compile(r".*?[-_.]+|\D+(?=\d)")


class Trait(NamedTuple):
    """Something that a runner has and others may have, too. `value` is foreign text."""

    kind: Kind
    value: str


class HostNumbers(NamedTuple):
    """How many hosts carry runners of each kind; of an affected host all runners are affected that could be."""

    affected: int
    inside: int
    having: int
    outside: int
    others: int


class Spread(msgspec.Struct, frozen=True):
    """How something lies in the fleet."""

    affected: int
    comparable: int
    """Those that have it or could have it."""
    trait: Trait | None = None
    """What separates best; None: nothing does."""
    inside: int = 0
    """Affected ones that have it."""
    having: int = 0
    """All that have it."""
    shared: tuple[Trait, ...] = ()
    """What all of the affected have besides, and not all others."""
    hosts: HostNumbers | None = None
    """None: they cannot be counted instead of runners, or it is all one host."""
    shared_hosts: int = 0
    """So many hosts carry the affected, where these are fewer and cannot be counted instead."""


class Alike(NamedTuple):
    """Runners that have the same of everything but their names and their hosts."""

    places: list[int]
    like: Runner
    """The first of them."""
    labels: frozenset[str]
    """Folded."""
    joined: str
    """All of these."""


class Places:
    """The runners of one snapshot as sets: each number has a bit for each of them (`runner_sets.as_set`).

    What is asked for is worked out once, and what is not asked for never.
    """

    def __init__(self, snapshot: FleetSnapshot, homes: Mapping[RunnerKey, str] | None = None) -> None:
        """`homes` are their hosts; of a runner that is not in there it is unknown."""
        self._snapshot = snapshot
        self._homes = homes
        self._having: dict[Trait, int] = {}

    @cached_property
    def _runners(self) -> tuple[Runner, ...]:
        return tuple(self._snapshot.runners.values())

    @cached_property
    def _places(self) -> dict[RunnerKey, int]:
        return {key: place for place, key in enumerate(self._snapshot.runners)}

    @cached_property
    def _hosts(self) -> list[str]:
        homes = self._homes or {}
        return [homes.get(key, "") for key in self._snapshot.runners] if homes else []

    @cached_property
    def _alike(self) -> list[Alike]:
        alike: dict[tuple[object, ...], list[int]] = {}
        for place, runner in enumerate(self._runners):
            kind = (runner.labels, runner.group_id, runner.version, runner.os, runner.scope)
            alike.setdefault(kind, []).append(place)
        return [self._described(places) for places in alike.values()]

    @cached_property
    def online(self) -> int:
        """Those that are."""
        return as_set(place for place, runner in enumerate(self._runners) if runner.online)

    def _described(self, places: list[int]) -> Alike:
        like = self._runners[places[0]]
        labels = frozenset(map(str.casefold, like.labels))
        return Alike(places, like, labels, " ".join(sorted(labels)))

    def of(self, keys: Iterable[RunnerKey]) -> int:
        """Those of them that are listed."""
        return as_set(place for place in map(self._places.get, keys) if place is not None)

    @property
    def everyone(self) -> int:
        return (1 << len(self._runners)) - 1

    def having(self, trait: Trait, among: int) -> int:
        """Those who have it. Of a large fleet that is gone through once for each."""
        if trait not in self._having:
            self._having[trait] = self._with(trait)
        return self._having[trait] & among

    def _with(self, trait: Trait) -> int:
        kind, value = trait
        match kind:
            case "host":
                return as_set(at for at, host in enumerate(self._hosts) if host == value)
            case "name":
                return as_set(at for at, runner in enumerate(self._runners) if runner.name.startswith(value))
            case "label":
                found = [each for each in self._alike if value in each.labels]
            case "labels":
                found = [each for each in self._alike if each.joined == value]
            case "group":
                found = [each for each in self._alike if self._group_of(each.like) == value]
            case "version" | "os" | "scope":
                found = [each for each in self._alike if getattr(each.like, kind) == value]
        if len(found) == len(self._alike):
            return self.everyone
        return as_set(at for each in found for at in each.places)

    def _group_of(self, runner: Runner) -> str | None:
        group = self._snapshot.group_of(runner)
        return group.name if group is not None else None

    def traits(self, runners: int) -> list[Trait]:
        """Of the first few of these, each once; what would be told first comes first."""
        first = places_of(runners, _SAMPLE)
        found = dict.fromkeys(trait for at in first for trait in (*self._common(at), *_names(self._runners[at].name)))
        found.update(dict.fromkeys(self._one_host(runners)))
        return sorted(found, key=lambda trait: _ORDER.index(trait.kind))

    def hosts(self, runners: int) -> frozenset[str]:
        """That carry these; an empty name among them: of some it is unknown."""
        return frozenset(self._hosts_of(runners)) if self._hosts else frozenset([""])

    def _hosts_of(self, runners: int) -> Iterator[str]:
        """One for each of them."""
        return compress(self._hosts, bits_of(runners))

    def _one_host(self, runners: int) -> Iterator[Trait]:
        """That carries most of them, where one does."""
        if self._hosts:
            [(host, number)] = Counter(self._hosts_of(runners)).most_common(1)
            if host and number > 1 and number >= _MOST_OF_THEM * runners.bit_count():
                yield Trait("host", host)

    def _common(self, at: int) -> Iterator[Trait]:
        """All but its name."""
        runner = self._runners[at]
        folded = [label.casefold() for label in telling_first(runner.labels)]
        yield from (Trait("label", label) for label in folded)
        yield Trait("labels", " ".join(sorted(set(folded))))
        yield Trait("os", runner.os)
        yield Trait("scope", runner.scope)
        if runner.version:
            yield Trait("version", runner.version)
        group = self._group_of(runner)
        if group is not None:
            yield Trait("group", group)


def _names(name: str) -> Iterator[Trait]:
    """`rack-b-07` begins with `rack-` and with `rack-b-`."""
    for found in _PIECES.finditer(name):
        if 1 < found.end() < len(name):
            yield Trait("name", name[: found.end()])


def spread_of(affected: Collection[RunnerKey], places: Places, comparable: int) -> Spread | None:
    """Of several; None of a single one, or where none of them is listed. All that are affected are comparable."""
    hit = places.of(affected)
    number = hit.bit_count()
    if number < 2:
        return None
    comparable |= hit
    every = comparable.bit_count()
    having = {trait: places.having(trait, comparable) for trait in places.traits(hit)}
    shared = [trait for trait, runners in having.items() if runners & hit == hit and trait.kind in _SHARED]
    if number == every:
        return _on_hosts(
            Spread(number, every, shared=tuple(shared[:_MOST_SHARED])), places, hit, comparable, comparable
        )
    told = [(_chance(hit, runners, comparable), trait) for trait, runners in having.items()]
    likely = [(chance, trait) for chance, trait in told if chance is not None]
    if not likely:
        one_host = tuple(trait for trait in shared if trait.kind == "host")
        return _on_hosts(Spread(number, every, shared=one_host), places, hit, comparable, comparable)
    best = min(likely, key=lambda each: each[0])[1]
    also = [trait for trait in shared if trait.kind != best.kind and having[trait] != comparable]
    inside = (having[best] & hit).bit_count()
    spread = Spread(number, every, best, inside, having[best].bit_count(), tuple(also[:_MOST_SHARED]))
    return _on_hosts(spread, places, hit, having[best], comparable)


def _on_hosts(spread: Spread, places: Places, hit: int, having: int, comparable: int) -> Spread:
    """With hosts instead of runners, where all that are counted live on known ones and none is affected in part."""
    affected = places.hosts(hit)
    if "" in affected or len(affected) < 2:
        return spread
    # Of others nothing is counted where none of them is affected.
    counted = comparable if hit & ~having else having
    spared = places.hosts(counted & ~hit)
    if "" in spared or affected & spared:
        return replace(spread, shared_hosts=len(affected)) if len(affected) < spread.affected else spread
    numbers = (len(places.hosts(part)) for part in (hit, hit & having, having, hit & ~having, counted & ~having))
    return replace(spread, hosts=HostNumbers(*numbers))


def _chance(hit: int, having: int, comparable: int) -> float | None:
    """How likely, as a logarithm, so many of the affected have that by accident; None: too likely to say anything."""
    number, every = hit.bit_count(), comparable.bit_count()
    inside, all_having = (hit & having).bit_count(), having.bit_count()
    if inside < _MOST_OF_THEM * number or all_having == every:
        return None
    chance = _choose(number, inside) + _choose(all_having, inside) - _choose(every, inside)
    # That all have it and nobody else does is worth saying, however few they are.
    return chance if chance <= _BY_ACCIDENT or having == hit else None


def _choose(of: int, number: int) -> float:
    """The logarithm of how many ways there are to choose so many."""
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
