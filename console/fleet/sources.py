"""How old the sources of a snapshot are, and as of when a verdict that rests on them holds."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cached_property

from console.fleet.models import Age, FleetSnapshot, Freshness, Name, Phrase, Problem, SourceKind
from console.fleet.scopes import covers
from console.fleet.words import several

_UNREAD: tuple[tuple[SourceKind, str, str, str], ...] = (
    ("runners", "the runners of", "scope", ""),
    ("groups", "the runner groups of", "scope", ""),
    ("repositories", "the repositories of", "place", ""),
    ("jobs", "the jobs of", "repository", "repositories"),
    ("waiting", "what is held back in", "repository", "repositories"),
    ("finished", "what ended lately in", "repository", "repositories"),
)
_NO_HICCUP = timedelta(seconds=90)
_A_FEW = 10
"""Fewer than one of so many: GitHub has trouble with these places, and not in general."""
_SEVERAL = 3
"""Beside so many that are answered a single one says as little."""


def not_read_yet(snapshot: FleetSnapshot) -> Phrase:
    """What nobody has looked at so far, and nothing has kept from being looked at; empty when there is nothing."""
    unread = Counter(each.kind for each in snapshot.freshness if each.looked_at is None and each.problem is None)
    parts = [f"{what} {several(unread[kind], one, many)}" for kind, what, one, many in _UNREAD if unread[kind]]
    return (", ".join(parts),) if parts else ()


def known_until(snapshot: FleetSnapshot, kind: SourceKind, *, all_old: bool = False) -> dict[str, datetime]:
    """Places, in lower case, of which the facts of this kind are late, and until when these are known to hold."""
    now, sources = snapshot.taken_at, (source for source in snapshot.freshness if source.kind == kind)
    return {
        source.place.lower(): min(source.looked_at, now)
        for source in sources
        if source.looked_at is not None and (all_old or source.late(now))
    }


class Sources:
    """Answers for one snapshot. A place that no source names is taken to be as fresh as the snapshot."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        self._now = snapshot.taken_at
        self._by_place = {(source.kind, source.place.lower()): source for source in snapshot.freshness}
        self._snapshot = snapshot
        self._serving: dict[str, tuple[str, ...]] = {}

    @cached_property
    def scopes(self) -> tuple[str, ...]:
        """Scopes whose runners are watched."""
        listed = {source.place for source in self._snapshot.freshness if source.kind == "runners"}
        return tuple(sorted(listed | {key.scope for key in self._snapshot.runners}))

    @cached_property
    def _late(self) -> dict[tuple[SourceKind, str], Freshness]:
        return {key: source for key, source in self._by_place.items() if source.late(self._now)}

    def late(self, kind: SourceKind, place: str) -> Freshness | None:
        """The source of these facts, if it is late."""
        return self._late.get((kind, place.lower())) if self._late else None

    def as_of(self, kind: SourceKind, place: str) -> datetime:
        """Until when these facts are known to hold: now, or the last look where that is late.

        Without this, a job seen for ten seconds before the network went would seem to have waited an hour.
        """
        source = self.late(kind, place)
        return self._now if source is None or source.looked_at is None else min(source.looked_at, self._now)

    def read_at(self, kind: SourceKind, place: str) -> datetime:
        """As of when these facts are, late or not; where they were never read whole, when that began to fail."""
        source = self._by_place.get((kind, place.lower()))
        if source is None:
            return self._now
        failing = source.problem.since if source.problem is not None else self._now
        return min(source.looked_at or failing, self._now)

    def serving(self, repository: str) -> tuple[str, ...]:
        """The watched scopes whose runners serve the repository (lower case)."""
        if repository not in self._serving:
            self._serving[repository] = tuple(scope for scope in self.scopes if covers(scope, repository))
        return self._serving[repository]

    def unread(self, scopes: Iterable[str]) -> tuple[str, ...]:
        """Those of the scopes whose runners have never been read whole."""
        sources = ((scope, self._by_place.get(("runners", scope.lower()))) for scope in scopes)
        return tuple(scope for scope, source in sources if source is not None and source.looked_at is None)

    def why_unread(self, kind: SourceKind, places: Iterable[str]) -> Iterator[str]:
        """Why these could not be read, for each: which permission it takes, or what else went wrong."""
        for place in places:
            source = self._by_place.get((kind, place.lower()))
            if source is not None and source.problem is not None:
                yield source.problem.hint if _is_refused(source) else _in_words(source.problem)

    def groups_unread(self, scope: str) -> str:
        """Why rules of the groups of a scope are not known that the token may read; empty where it may not."""
        source = self._by_place.get(("groups", scope.lower()))
        if source is None or _is_refused(source):
            return ""
        if source.problem is not None:
            return f"The runner groups of {source.place} could not be read. {_in_words(source.problem)}"
        return f"Wait: the next look at the runner groups of {source.place} will tell." if source.looked_at else ""

    def unread_jobs(self, scope: str) -> tuple[str, ...]:
        """Repositories, or their owners, whose jobs may be meant for this scope's runners and were never read."""
        kind, _, name = scope.lower().partition(":")
        owner = "" if kind == "enterprise" else name.partition("/")[0]
        unread = [each for each in self._by_place.values() if each.looked_at is None]
        return tuple(
            each.place
            for each in unread
            if (each.kind == "jobs" and covers(scope, each.place.lower()))
            or (each.kind == "repositories" and owner in {"", each.place.lower()})
        )

    def all_jobs_of(self, scope: str) -> bool:
        """Whether every repository that may use this scope's runners is watched, as far as the token shows it.

        Of an enterprise that cannot be told.
        """
        kind, _, name = scope.lower().partition(":")
        if kind == "enterprise":
            return False
        source = self._by_place.get(("jobs" if kind == "repo" else "repositories", name))
        return source is not None and source.looked_at is not None and not self.unread_jobs(scope)

    @cached_property
    def server_trouble(self) -> tuple[Freshness, ...]:
        """Sources that GitHub answers with errors of its own, for longer than a moment; none where it answers nearly
        all others meanwhile.
        """
        failing = tuple(
            source
            for source in self._by_place.values()
            if source.problem is not None
            and source.problem.kind == "server"
            and self._now - source.problem.since >= _NO_HICCUP
        )
        began = min((source.problem.since for source in failing if source.problem is not None), default=self._now)
        read = [each for each in self._by_place.values() if each.problem is None and each.looked_at is not None]
        answered = [each for each in read if each.looked_at is not None and each.looked_at > began]
        alone = len(failing) == 1 and len(answered) >= _SEVERAL
        return failing if _A_FEW * len(failing) >= len(answered) and not alone else ()

    def warnings(self, repository: str) -> tuple[Phrase, ...]:
        """A sentence about each late source that a verdict about the repository's queued jobs rests on."""
        if not self._late:
            return ()
        warnings = self.warnings_of("jobs", repository)
        for scope in self.serving(repository.lower()):
            warnings += self.warnings_of("runners", scope)
        return warnings

    def warnings_of(self, kind: SourceKind, place: str) -> tuple[Phrase, ...]:
        """A sentence about one source if it is late."""
        source = self.late(kind, place)
        return () if source is None else (self._warning(source),)

    def _warning(self, source: Freshness) -> Phrase:
        what: Phrase = (f"The {source.kind} of ", Name(source.place))
        old = source.age(self._now)
        if old is None:
            return (*what, " have not been read yet.")
        return (*what, " were last read ", Age(old, self._now), " ago; this is judged as of then.")


def _is_refused(source: Freshness) -> bool:
    """To whom something is not shown, GitHub may say that it is not there."""
    return source.problem is not None and source.problem.kind in {"permission", "not-found"}


def _in_words(problem: Problem) -> str:
    return f"{problem.message}. {problem.hint}"
