"""Which runner could take which job: scope, labels and group, for whole fleets at once.

A set of runners is an integer with one bit for each place in `Pool.runners`. So a job is held against ten thousand
runners in a handful of `&`, and jobs that ask for the same thing are one `Request`.
"""

import re
from collections import defaultdict
from collections.abc import Generator, Hashable, Iterable
from heapq import nlargest
from typing import Generic, NamedTuple, TypeVar

import msgspec

from console.fleet.admission import ADMITTED, Admission, Workflow, admission, admission_through, workflow_of
from console.fleet.models import FleetSnapshot, GroupKey, Job, Repository, Runner, RunnerGroup, RunnerKey

K = TypeVar("K", bound=Hashable)

_SLICE = 250
# What GitHub calls its own machines: ubuntu-latest, ubuntu-24.04-arm, windows-2022, macos-15-xlarge, ubuntu-slim.
_GITHUB_HOSTED = re.compile(r"(ubuntu|windows|macos)-(latest|slim|\d+(\.\d+)?)(-[a-z0-9]+)*")


class Request(NamedTuple):
    """What a queued job asks for. Jobs with equal requests could run on the same runners."""

    repository: str
    """`owner/name` in lower case."""
    labels: frozenset[str]
    """Folded: labels compare without case."""
    workflow: Workflow | None = None
    """Only where a group lets in some workflows and not others."""

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def github_hosted(self) -> bool:
        """It asks for one of GitHub's own machines. Larger ones have free names and cannot be told by them."""
        return bool(self.labels) and all(_GITHUB_HOSTED.fullmatch(label) for label in self.labels)


class GroupMatch(NamedTuple):
    """One group, its verdict about a request, and those of its runners that have the labels."""

    key: GroupKey
    name: str
    verdict: Admission
    runners: int


class Match(msgspec.Struct, frozen=True, gc=False):
    """How the runners stand to one request: each number a set of runners, each inside the one before it."""

    covered: int
    """Their scope serves the repository."""
    labelled: int
    """… and they have all labels."""
    online: int
    """… and are online, and in the last list of their scope."""
    admitted: int
    """… and their group admits the job."""
    uncertain: int
    """Online with all labels, but whether their group admits the job could not be told."""
    idle: int
    """Admitted and not busy."""
    groups: tuple[GroupMatch, ...]
    """Groups of `labelled`."""

    @property
    def takers(self) -> int | None:
        """How many runners could take it, busy ones included; None when that could not be told."""
        return None if self.uncertain and not self.admitted else self.admitted.bit_count()

    @property
    def would_take(self) -> int:
        """With all labels and of a group that admits the job, or might: online or not."""
        able = 0
        for group in self.groups:
            able |= group.runners if group.verdict.admits is not False else 0
        return able

    @property
    def shut_out(self) -> bool:
        """The groups of all that have the labels refuse the job: whether one of these is online does not matter."""
        return bool(self.labelled) and not self.would_take


class NearMiss(NamedTuple):
    """The one label, folded, without which there would be runners; and these runners."""

    label: str
    runners: int


class _Places(Generic[K]):
    """Places of runners under a key; the set is made when it is first asked for."""

    def __init__(self) -> None:
        self.places: defaultdict[K, list[int]] = defaultdict(list)
        self._sets: dict[K, int] = {}

    def runners(self, key: K) -> int:
        if key not in self._sets:
            self._sets[key] = as_set(self.places.get(key, ()))
        return self._sets[key]


class Pool:
    """All runners of a snapshot, ready to be held against requests. Made by `pooling`."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        self.snapshot = snapshot
        self.runners: list[Runner] = []
        self.keys: list[RunnerKey] = list(snapshot.runners)
        """Their keys, in the same places."""
        self.spelling: dict[str, str] = {}
        """Folded label -> as it was first seen."""
        self.online = 0
        self.busy = 0
        self._labels: _Places[str] = _Places()
        self._groups: _Places[tuple[str, int | None]] = _Places()
        self._scopes: _Places[str] = _Places()
        self._repositories = {name.lower(): repository for name, repository in snapshot.repositories.items()}
        self._restricted = any(group.restricted_to_workflows for group in snapshot.groups.values())
        self._inherited = _inherited(snapshot)
        self._matches: dict[Request, Match] = {}
        self._common: list[str] | None = None

    def fill(self) -> Generator[None]:
        """Take the runners in, a slice at a time."""
        snapshot, folded = self.snapshot, _Folding(self.spelling)
        labels, groups, scopes = self._labels.places, self._groups.places, self._scopes.places
        online, busy = [], []
        for place, runner in enumerate(snapshot.runners.values()):
            if place % _SLICE == _SLICE - 1:
                yield
            self.runners.append(runner)
            for label in {folded[label] for label in runner.labels}:
                labels[label].append(place)
            groups[runner.scope, runner.group_id].append(place)
            scopes[runner.scope].append(place)
            if runner.online and self.keys[place] not in snapshot.missing:
                online.append(place)
            if runner.busy:
                busy.append(place)
        self.online, self.busy = as_set(online), as_set(busy)
        for scope in scopes:
            yield
            self._scopes.runners(scope)
        for group in groups:
            yield
            self._groups.runners(group)

    def request(self, job: Job) -> Request:
        """What the job asks for."""
        labels = frozenset(label.casefold() for label in job.labels)
        workflow = workflow_of(job, self.snapshot.runs.get(job.run_key)) if self._restricted else None
        return Request(job.repository.lower(), labels, workflow)

    def match(self, request: Request) -> Match:
        """How all runners stand to the request."""
        if request not in self._matches:
            self._matches[request] = self._match(request)
        return self._matches[request]

    def _match(self, request: Request) -> Match:
        covered = self.covering(request.repository)
        labelled = self.having(request.labels, covered)
        online = labelled & self.online
        groups = tuple(self._groups_of(labelled, request))
        admitted = uncertain = 0
        for group in groups:
            if group.verdict.admits:
                admitted |= group.runners & online
            elif group.verdict.admits is None:
                uncertain |= group.runners & online
        return Match(covered, labelled, online, admitted, uncertain, admitted & ~self.busy, groups)

    def covering(self, repository: str) -> int:
        """Runners whose scope serves the repository (`owner/name` in lower case)."""
        runners = 0
        for scope in self._scopes.places:
            if covers(scope, repository):
                runners |= self._scopes.runners(scope)
        return runners

    def set_of(self, key: RunnerKey) -> int:
        """The set of this one runner, empty if it is not there."""
        return 1 << self.keys.index(key) if key in self.snapshot.runners else 0

    def repository(self, name: str) -> Repository | None:
        """By its name in lower case; None: nothing is known of it."""
        return self._repositories.get(name)

    def registered_at(self, scope: str) -> int:
        """All runners of a scope."""
        return self._scopes.runners(scope)

    def having(self, labels: Iterable[str], among: int) -> int:
        """Those of `among` that have all of the folded labels."""
        for label in labels:
            among &= self._labels.runners(label)
        return among

    def having_most(self, labels: Iterable[str], among: int) -> list[int]:
        """Those of `among` that have at least none, at least one, at least two of the folded labels, and so on."""
        levels = [among]
        for label in labels:
            own = self._labels.runners(label)
            shifted = [0, *(level & own for level in levels)]
            levels = [level | more for level, more in zip([*levels, 0], shifted, strict=True)]
        return levels

    def admission(self, runner: Runner, request: Request) -> Admission:
        """Whether the runner's group admits the request. Runners of a repository have no group."""
        return self._admission(runner.scope, runner.group_id, request)

    def lent(self, request: Request) -> tuple[str, ...]:
        """Groups with the labels that the organisation has from an enterprise which is not watched, and that may admit
        it. Whether a runner of them is online, no list of the organisation says.
        """
        watched = any(scope.startswith("enterprise:") for scope in self._scopes.places)
        groups = () if watched else self._inherited.get(request.owner, ())
        known = self._repositories.get(request.repository)
        return tuple(
            group.name
            for group in groups
            if any(request.labels <= labels for labels in group.lent)
            and admission(group, request.repository, known, request.workflow).admits is not False
        )

    def _admission(self, scope: str, group_id: int | None, request: Request) -> Admission:
        if scope.startswith("repo:"):
            return ADMITTED
        group = None if group_id is None else self.snapshot.groups.get(GroupKey(scope, group_id))
        repository = self._repositories.get(request.repository)
        if scope.startswith("enterprise:"):
            shared = self._inherited.get(request.owner)
            return admission_through(group, shared, request.repository, repository, request.workflow)
        return admission(group, request.repository, repository, request.workflow)

    def _groups_of(self, runners: int, request: Request) -> Iterable[GroupMatch]:
        for scope, group_id in self._groups.places:
            inside = self._groups.runners((scope, group_id)) & runners
            if inside:
                key = GroupKey(scope, -1 if group_id is None else group_id)
                group = self.snapshot.groups.get(key)
                verdict = self._admission(scope, group_id, request)
                yield GroupMatch(key, group.name if group else "", verdict, inside)

    def near_miss(self, request: Request) -> NearMiss | None:
        """The single label that, left out, would find most runners; None when none would find any."""
        covered = self.covering(request.repository)
        misses = [NearMiss(label, self.having(request.labels - {label}, covered)) for label in sorted(request.labels)]
        best = max(misses, key=lambda miss: miss.runners.bit_count(), default=None)
        return best if best is not None and best.runners else None

    def common_labels(self, most: int = 200) -> list[str]:
        """The labels, folded, that most runners have."""
        if self._common is None:
            places = self._labels.places
            self._common = nlargest(most, places, key=lambda label: len(places[label]))
        return self._common

    def members(self, runners: int, most: int | None = None) -> list[Runner]:
        """The runners of a set, the first `most` of them."""
        return [self.runners[place] for place in places_of(runners, most)]


def _inherited(snapshot: FleetSnapshot) -> dict[str, list[RunnerGroup]]:
    """Organisations whose groups were read, in lower case, and which of these are their enterprise's."""
    found: dict[str, list[RunnerGroup]] = {}
    for group in snapshot.groups.values():
        kind, _, name = group.scope.lower().partition(":")
        if kind == "org":
            found.setdefault(name, []).extend([group] if group.inherited else [])
    return found


class _Folding(dict[str, str]):
    """Label -> folded label, remembering both, since a fleet repeats a few labels many times."""

    def __init__(self, spelling: dict[str, str]) -> None:
        super().__init__()
        self._spelling = spelling

    def __missing__(self, label: str) -> str:
        folded = self[label] = label.casefold()
        self._spelling.setdefault(folded, label)
        return folded


def pooling(snapshot: FleetSnapshot) -> Generator[None, None, Pool]:
    """Make the pool of a snapshot, in slices."""
    pool = Pool(snapshot)
    yield from pool.fill()
    return pool


def covers(scope: str, repository: str) -> bool:
    """Whether the runners of a scope may serve a repository (`owner/name` in lower case).

    Those of an enterprise may serve any: whether they do is told by their groups alone.
    """
    kind, _, name = scope.lower().partition(":")
    if kind == "enterprise":
        return True
    return repository == name if kind == "repo" else repository.partition("/")[0] == name


def as_set(places: Iterable[int]) -> int:
    """The set with these places in it."""
    ordered = list(places)
    last = max(ordered, default=0)
    digits = bytearray(b"0") * (last + 1)
    for place in ordered:
        digits[last - place] = 49
    return int(digits, 2)


def places_of(runners: int, most: int | None = None) -> list[int]:
    """The places in a set, lowest first, at most so many."""
    bits = f"{runners:b}"[::-1]
    found: list[int] = []
    place = bits.find("1")
    while place >= 0 and (most is None or len(found) < most):
        found.append(place)
        place = bits.find("1", place + 1)
    return found
