"""Which runner could take which job: scope, labels and group, for whole fleets at once.

A set of runners is an integer with one bit for each place in `Pool.runners` (`runner_sets.py`). So a job is held
against ten thousand runners in a handful of `&`, and jobs that ask for the same thing are one `Request`.
"""

import re
from collections import defaultdict
from collections.abc import Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import nlargest
from typing import Generic, NamedTuple, TypeVar

import msgspec

from console.fleet.admission import (
    ADMITTED,
    RULES_UNKNOWN,
    Admission,
    Workflow,
    admission,
    admission_through,
    open_to_all,
    workflow_of,
)
from console.fleet.models import FleetSnapshot, GroupKey, Job, Repository, Runner, RunnerGroup, RunnerKey
from console.fleet.runner_sets import as_set, places_of
from console.fleet.scopes import covers

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
    would_take: int
    """With all labels and of a group that admits the job, or might: online or not."""

    @property
    def takers(self) -> int | None:
        """How many runners could take it, busy ones included; None when that could not be told."""
        return None if self.uncertain and not self.admitted else self.admitted.bit_count()

    @property
    def shut_out(self) -> bool:
        """The groups of all that have the labels refuse the job: whether one of these is online does not matter."""
        return bool(self.labelled) and not self.would_take


class NearMiss(NamedTuple):
    """The one label, folded, without which there would be runners; and these runners."""

    label: str
    runners: int


class _Inside(NamedTuple):
    """One group, and those of its runners that have some labels."""

    key: GroupKey
    name: str
    standing: Admission | None
    """What it says to every job; None: that depends on the job."""
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
        self.runners: list[Runner] = list(snapshot.runners.values())
        self.keys: list[RunnerKey] = list(snapshot.runners)
        """Their keys, in the same places."""
        self.spelling: dict[str, str] = {}
        """Folded label -> as it was first seen."""
        self.online = 0
        self.busy = 0
        self._labels: _Places[str] = _Places()
        self._groups: _Places[GroupKey] = _Places()
        self._scopes: _Places[str] = _Places()
        self._repositories = {name.lower(): repository for name, repository in snapshot.repositories.items()}
        self._restricted = any(group.restricted_to_workflows for group in snapshot.groups.values())
        self._inherited = _inherited(snapshot)
        self._requests: dict[tuple[str, tuple[str, ...]], Request] = {}
        self._covering: dict[str, int] = {}
        self._inside: dict[tuple[int, frozenset[str]], tuple[_Inside, ...]] = {}
        self._alike: dict[tuple[int, frozenset[str], tuple[Admission, ...]], Match] = {}
        self._matches: dict[Request, Match] = {}
        self._common: list[str] | None = None

    def fill(self) -> Generator[None]:
        """Take the runners in, a slice at a time. Of those that have the same of everything one speaks for all."""
        kinds: dict[tuple[tuple[str, ...], str, int | None], list[int]] = {}
        online, busy = [], []
        for place, runner in enumerate(self.runners):
            if place % _SLICE == _SLICE - 1:
                yield
            kinds.setdefault((runner.labels, runner.scope, runner.group_id), []).append(place)
            if runner.online:
                online.append(place)
            if runner.busy:
                busy.append(place)
        missing = self.snapshot.missing
        self.online, self.busy = as_set(at for at in online if self.keys[at] not in missing), as_set(busy)
        yield from self._index(kinds)

    def _index(self, kinds: Mapping[tuple[tuple[str, ...], str, int | None], Sequence[int]]) -> Generator[None]:
        folded = _Folding(self.spelling)
        labels, groups, scopes = self._labels.places, self._groups.places, self._scopes.places
        for number, ((spelled, scope, group_id), places) in enumerate(kinds.items()):
            if number % _SLICE == _SLICE - 1:
                yield
            for label in {folded[label] for label in spelled}:
                labels[label] += places
            groups[_group_key(scope, group_id)] += places
            scopes[scope] += places
        for scope in scopes:
            yield
            self._scopes.runners(scope)
        for group in groups:
            yield
            self._groups.runners(group)

    def request(self, job: Job) -> Request:
        """What the job asks for."""
        if self._restricted:
            return _request(job, workflow_of(job, self.snapshot.runs.get(job.run_key)))
        asked = (job.repository, job.labels)
        if asked not in self._requests:
            self._requests[asked] = _request(job, None)
        return self._requests[asked]

    def match(self, request: Request) -> Match:
        """How all runners stand to the request."""
        if request not in self._matches:
            self._matches[request] = self._match(request)
        return self._matches[request]

    def _match(self, request: Request) -> Match:
        """Requests for the same labels to whom the groups say the same have one."""
        covered = self.covering(request.repository)
        if (covered, request.labels) not in self._inside:
            self._inside[covered, request.labels] = tuple(self._groups_of(self.having(request.labels, covered)))
        groups = self._inside[covered, request.labels]
        verdicts = tuple(group.standing or self._admission(group.key, request) for group in groups)
        alike = (covered, request.labels, verdicts)
        if alike not in self._alike:
            self._alike[alike] = self._held_against(covered, groups, verdicts)
        return self._alike[alike]

    def _held_against(self, covered: int, groups: Iterable[_Inside], verdicts: Iterable[Admission]) -> Match:
        labelled = admitted = uncertain = 0
        matches = []
        for group, verdict in zip(groups, verdicts, strict=True):
            labelled |= group.runners
            if verdict.admits:
                admitted |= group.runners
            elif verdict.admits is None:
                uncertain |= group.runners
            matches.append(GroupMatch(group.key, group.name, verdict, group.runners))
        return Match(
            covered,
            labelled,
            labelled & self.online,
            admitted & self.online,
            uncertain & self.online,
            admitted & self.online & ~self.busy,
            tuple(matches),
            admitted | uncertain,
        )

    def covering(self, repository: str) -> int:
        """Runners whose scope serves the repository (`owner/name` in lower case)."""
        if repository not in self._covering:
            runners = 0
            for scope in self._scopes.places:
                if covers(scope, repository):
                    runners |= self._scopes.runners(scope)
            self._covering[repository] = runners
        return self._covering[repository]

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
        return self._admission(_group_key(runner.scope, runner.group_id), request)

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

    def _standing(self, key: GroupKey) -> Admission | None:
        """What a group says to every job; None: that depends on the job."""
        if key.scope.startswith("repo:"):
            return ADMITTED
        group = self.snapshot.groups.get(key)
        if group is None:
            return RULES_UNKNOWN
        return ADMITTED if open_to_all(group) and not key.scope.startswith("enterprise:") else None

    def _admission(self, key: GroupKey, request: Request) -> Admission:
        standing = self._standing(key)
        if standing is not None:
            return standing
        group, repository = self.snapshot.groups.get(key), self._repositories.get(request.repository)
        if key.scope.startswith("enterprise:"):
            shared = self._inherited.get(request.owner)
            return admission_through(group, shared, request.repository, repository, request.workflow)
        return admission(group, request.repository, repository, request.workflow)

    def _groups_of(self, runners: int) -> Iterator[_Inside]:
        for key in self._groups.places:
            inside = self._groups.runners(key) & runners
            if inside:
                group = self.snapshot.groups.get(key)
                yield _Inside(key, group.name if group else "", self._standing(key), inside)

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


def _request(job: Job, workflow: Workflow | None) -> Request:
    return Request(job.repository.lower(), frozenset(label.casefold() for label in job.labels), workflow)


def _group_key(scope: str, group_id: int | None) -> GroupKey:
    """Also of runners that are in none, or of which GitHub does not say in which."""
    return GroupKey(scope, -1 if group_id is None else group_id)


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
