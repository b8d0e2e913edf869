"""One snapshot made ready for the rules, and the cases that they judge."""

from bisect import bisect_right
from collections.abc import Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple, TypeVar

import msgspec

from console.fleet.at_work import runner_of
from console.fleet.findings import Certainty, Severity
from console.fleet.matching import Match, Pool, Request, pooling
from console.fleet.models import Age, FleetSnapshot, Job, Phrase, Run, RunKey, RunnerKey, Thresholds
from console.fleet.particulars import Unread, WorkflowText
from console.fleet.runner_sets import as_set, places_of
from console.fleet.sources import Sources
from console.fleet.versions import Version, newest_of, outdated

_SLICE = 250
SEEN = timedelta(seconds=1)
"""An idling of which less was seen is worth no number."""
TOGETHER = timedelta(seconds=15)
"""Answers that came within so much time of one another tell of the same moment."""


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """What a rule says of a case that it fits."""

    text: Phrase
    """A few words for a column of a table."""
    certainty: Certainty = "proved"
    severity: Severity | None = None
    """None: it explains the wait, but is nothing for Now."""
    evidence: tuple[Phrase, ...] = ()
    suspicion: Phrase = ()
    """What is probably behind it. The certainty is its own then, and `text` was seen."""
    helps: Phrase = ()
    grows: tuple[timedelta, Severity] | None = None
    """From that wait on it is more severe."""
    suspect: RunnerKey | None = None
    """The runner whose logs may tell why."""
    remedied: str = ""
    """As that of a finding."""


class Judgement(NamedTuple):
    """The cause of the first rule that fits, and what that rule says."""

    cause: str
    verdict: Verdict


class Idling(NamedTuple):
    """How long a runner has idled as far as is known. `whole`: that is all of it, its start was seen."""

    seen: timedelta
    whole: bool
    since: datetime | None


_NO_TIME = timedelta()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Inquiry:
    """A snapshot, its thresholds and what was worked out from them. Made by `inquiring`."""

    def __init__(self, snapshot: FleetSnapshot, thresholds: Thresholds, pool: Pool) -> None:
        self.snapshot = snapshot
        self.thresholds = thresholds
        self.pool = pool
        self.sources = Sources(snapshot)
        self.a_day_ago = snapshot.taken_at - timedelta(days=1)
        self.settled = 0
        """Idle runners whose idling may have outlasted the grace; the others have only just become idle."""
        self.judged: dict[Request, Judgement] = {}
        """Verdicts that hold for every job with the same request."""
        self.takers: dict[Request, int | None] = {}
        """By request, of those that were asked for."""
        self.idled: dict[int, timedelta] = {}
        """How long each runner that idles was seen to, by its place in the pool."""
        self.unseen_starts = 0
        """Idle runners of which it was not seen since when they are."""
        self._as_of: dict[str, datetime] = {}
        self._seen_until: dict[str, datetime] = {}
        self._settled_by: tuple[list[datetime], list[int]] = ([], [])
        """Since when each of the settled runners idles, the earliest first, and its place."""
        self._settled_at: dict[datetime, int] = {}
        self._idlers: dict[Request, int] = {}

    def runs_like(self, run: Run) -> Sequence[Run]:
        """The known runs of the same workflow in the same repository, itself included."""
        return self._runs[run.repository, run.path or run.workflow]

    @cached_property
    def _runs(self) -> dict[tuple[str, str], list[Run]]:
        found: dict[tuple[str, str], list[Run]] = {}
        for run in self.snapshot.runs.values():
            found.setdefault((run.repository, run.path or run.workflow), []).append(run)
        return found

    def workflow_of(self, key: RunKey) -> WorkflowText | Unread | None:
        """What the file of a run's workflow says; of a run whose own was not read, what all that were read agree on."""
        known = self.snapshot.particulars.workflows.get(key)
        run = self.snapshot.runs.get(key) if known is None and self._workflows else None
        others = self._workflows.get((run.repository, run.path), []) if run is not None else []
        agreed = len({(tuple(each.name for each in other.groups), other.unlimited) for other in others}) == 1
        return others[0] if known is None and agreed else known

    @cached_property
    def _workflows(self) -> dict[tuple[str, str], list[WorkflowText]]:
        found: dict[tuple[str, str], list[WorkflowText]] = {}
        for key, text in self.snapshot.particulars.workflows.items():
            run = self.snapshot.runs.get(RunKey(*key))
            if run is not None and isinstance(text, WorkflowText):
                found.setdefault((run.repository, run.path), []).append(text)
        return found

    def at_work_of(self, job: Job) -> Sequence[Job]:
        """The jobs of its run that runners are doing."""
        return self._at_work.get(job.run_key, ()) if self._at_work else ()

    @cached_property
    def _at_work(self) -> dict[RunKey, list[Job]]:
        found: dict[RunKey, list[Job]] = {}
        for job in self.snapshot.jobs.values():
            if job.status == "in_progress":
                found.setdefault(job.run_key, []).append(job)
        return found

    @cached_property
    def last_begun(self) -> dict[str, datetime]:
        """When the latest known job of a repository began."""
        found: dict[str, datetime] = {}
        for job in self.snapshot.jobs.values():
            if job.started_at is not None and job.started_at > found.get(job.repository, _LONG_AGO):
                found[job.repository] = job.started_at
        return found

    @cached_property
    def working(self) -> dict[int, Job]:
        """The job that a runner is doing, by its place in the pool, as far as it is in a watched repository."""
        places = {key: place for place, key in enumerate(self.pool.keys)} if self._at_work else {}
        found = {}
        for job in (job for jobs in self._at_work.values() for job in jobs):
            for scope in self.sources.serving(job.repository.lower()):
                place = places.get(RunnerKey(scope, job.runner_id or 0))
                if place is not None and job.runner_name in {None, self.pool.runners[place].name}:
                    found[place] = job
        return found

    @cached_property
    def missing(self) -> int:
        """Runners that the last list lacked, and that are not proved gone."""
        absent = self.snapshot.missing
        return as_set(place for place, key in enumerate(self.pool.keys) if key in absent) if absent else 0

    @cached_property
    def ran_elsewhere(self) -> dict[tuple[str, frozenset[str]], Job]:
        """By owner and labels, in lower case: the last job that ended and whose runner is not listed any more."""
        found: dict[tuple[str, frozenset[str]], Job] = {}
        ended = [job for job in self.snapshot.jobs.values() if job.completed_at is not None and self._had_runner(job)]
        for job in sorted(ended, key=lambda job: (job.completed_at or job.created_at, job.key)):
            labels = frozenset(label.casefold() for label in job.labels)
            found[job.repository.lower().partition("/")[0], labels] = job
        return found

    def _had_runner(self, job: Job) -> bool:
        """One of its own that is gone; GitHub's own machines are called "GitHub Actions 12"."""
        scopes = self.sources.serving(job.repository.lower())
        gone = all(RunnerKey(scope, job.runner_id or 0) not in self.snapshot.runners for scope in scopes)
        return bool(job.runner_id) and gone and not (job.runner_name or "").startswith("GitHub Actions ")

    @cached_property
    def newest_version(self) -> Version | None:
        """That is out, as far as GitHub has said; else that any listed runner has."""
        latest = self.snapshot.latest_runner
        return newest_of((*self._versions, latest.version) if latest is not None else self._versions)

    @cached_property
    def _versions(self) -> frozenset[str]:
        return frozenset(runner.version for runner in self.pool.runners if runner.version)

    @cached_property
    def ended(self) -> frozenset[str]:
        """Versions that get no jobs any more, as GitHub says itself."""
        return frozenset(version for version, end in self._ends.items() if end <= self.snapshot.taken_at)

    @property
    def _ends(self) -> Mapping[str, datetime]:
        return self.snapshot.latest_runner.ends if self.snapshot.latest_runner is not None else {}

    @cached_property
    def _given_jobs(self) -> frozenset[str]:
        """Versions of runners that work, or have worked lately: whatever the rule of thumb says, GitHub does."""
        began = (key for key, job in self.snapshot.jobs.items() if job.started_at is not None)
        ran = (runner_of(self.snapshot, key, self.sources) for key in began)
        worked = {self.snapshot.runners[key].version for key in ran if key is not None}
        worked |= {runner.version for runner in self.pool.runners if runner.busy}
        return frozenset(version for version in worked if version is not None)

    @cached_property
    def outdated(self) -> int:
        """Runners so old that GitHub may give them no jobs. Of a version whose end GitHub has named it knows best."""
        guessed = outdated(self._versions, self.newest_version) if self.newest_version is not None else frozenset()
        guessed -= self._ends.keys()
        old = (guessed - self._given_jobs if guessed else guessed) | self.ended
        return as_set(place for place, runner in enumerate(self.pool.runners) if runner.version in old) if old else 0

    def settle(self) -> Generator[None]:
        """Find out how long each idle runner has idled, and which have not only just become idle."""
        as_of = {scope: self.sources.as_of("runners", scope) for scope in self.sources.scopes}
        known, longer, grace = self.snapshot.idle_since, self.snapshot.idle_longer, self.thresholds.queued_watch
        settled: list[tuple[datetime, int]] = []
        doubtful = []
        for number, place in enumerate(places_of(self.pool.online & ~self.pool.busy)):
            if number % _SLICE == _SLICE - 1:
                yield
            key = self.pool.keys[place]
            since = known.get(key)
            if since is None or key in longer:
                doubtful.append(place)
            seen = self.idled[place] = max(_NO_TIME, as_of[key.scope] - since) if since is not None else _NO_TIME
            if seen >= grace or since is None or key in longer:
                settled.append((since or self.snapshot.taken_at, place))
        yield
        settled.sort()
        self._settled_by = ([since for since, _ in settled], [place for _, place in settled])
        self.settled, self.unseen_starts = as_set(self._settled_by[1]), as_set(doubtful)

    def idling(self, place: int) -> Idling:
        """Of a runner that idles, by its place in the pool."""
        key = self.pool.keys[place]
        since = self.snapshot.idle_since.get(key)
        return Idling(self.idled[place], since is not None and key not in self.snapshot.idle_longer, since)

    def idlers(self, request: Request) -> int:
        """Runners that could take it, and idled when its repository's jobs were last read.

        One that is idle now, held against a job as it was two minutes ago, proves nothing: the job may be taken.
        """
        if request not in self._idlers:
            self._idlers[request] = self._idlers_of(request)
        return self._idlers[request]

    def _idlers_of(self, request: Request) -> int:
        idle, read = self.pool.match(request).idle, self.sources.read_at("jobs", request.repository) + TOGETHER
        if read >= self.snapshot.taken_at:
            return idle & self.settled
        if read not in self._settled_at:
            sinces, places = self._settled_by
            self._settled_at[read] = as_set(places[: bisect_right(sinces, read)])
        return idle & self._settled_at[read]

    def seen_until(self, repository: str) -> datetime:
        """The last moment of which both the repository's queued jobs and their runners have been read."""
        if repository not in self._seen_until:
            scopes = self.sources.serving(repository.lower())
            moments = [self.sources.read_at("runners", scope) for scope in scopes]
            self._seen_until[repository] = min([self.sources.read_at("jobs", repository), *moments])
        return self._seen_until[repository]

    def seen_waiting(self, job: Job) -> timedelta:
        """How long it had waited at that moment: what was queued then may have been taken since."""
        return job.waited(self.seen_until(job.repository))

    def as_of(self, repository: str) -> datetime:
        """Until when all that is known about the repository's queued jobs and their runners holds."""
        if repository not in self._as_of:
            scopes = self.sources.serving(repository.lower())
            moments = [self.sources.as_of("runners", scope) for scope in scopes]
            self._as_of[repository] = min([self.sources.as_of("jobs", repository), *moments])
        return self._as_of[repository]

    def waited(self, job: Job) -> timedelta:
        """How long the job is known to have waited."""
        return job.waited(self.as_of(job.repository))

    def wait_of(self, job: Job, *, exact: bool = False) -> Age:
        """How long it has waited, for a sentence."""
        return self._age(self.waited(job), self.as_of(job.repository), exact=exact)

    def idleness_of(self, key: RunnerKey, idling: Idling) -> Age:
        """How long the runner has idled, for a sentence."""
        return self._age(idling.seen, self.sources.as_of("runners", key.scope), at_least=not idling.whole)

    def _age(self, span: timedelta, as_of: datetime, *, at_least: bool = False, exact: bool = False) -> Age:
        """It counts on while its source is looked at; what a late source said is only known to have lasted so long."""
        late = as_of < self.snapshot.taken_at
        return Age(span, None if late else as_of, at_least=at_least or late, exact=exact)


class Case:
    """A job that has not started. Who could take it is worked out when a rule asks."""

    __slots__ = ("_match", "inquiry", "job", "request")

    def __init__(self, inquiry: Inquiry, job: Job) -> None:
        self.inquiry = inquiry
        self.job = job
        self.request = inquiry.pool.request(job)
        self._match: Match | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """The watched scopes that serve its repository."""
        return self.inquiry.sources.serving(self.request.repository)

    @property
    def own_watched(self) -> bool:
        """Runners of the repository or of its owner are watched, and not only an enterprise's."""
        return any(not scope.startswith("enterprise:") for scope in self.scopes)

    @property
    def for_github(self) -> bool:
        """It asks for one of GitHub's own machines, and no runner of ours has its labels."""
        return self.request.github_hosted and not self.match.labelled

    @property
    def takers(self) -> int | None:
        """How many online runners could take it, busy ones included; None where that could not be told."""
        known = self.inquiry.takers
        if self.request not in known:
            known[self.request] = self._takers()
        return known[self.request]

    def _takers(self) -> int | None:
        inquiry = self.inquiry
        if not inquiry.snapshot.whole or not self.scopes or not self.request.labels:
            return None
        unseen = not self.match.admitted and inquiry.pool.lent(self.request)
        return None if inquiry.sources.unread(self.scopes) or unseen else self.match.takers

    @property
    def match(self) -> Match:
        if self._match is None:
            self._match = self.inquiry.pool.match(self.request)
        return self._match


def inquiring(snapshot: FleetSnapshot, thresholds: Thresholds) -> Generator[None, None, Inquiry]:
    """Make a snapshot ready for the rules, in slices."""
    pool = yield from pooling(snapshot)
    inquiry = Inquiry(snapshot, thresholds, pool)
    yield from inquiry.settle()
    return inquiry


T = TypeVar("T")


def drained(slices: Generator[None, None, T]) -> T:
    """What a computation in slices returns, at one go."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: T = end.value
            return result
