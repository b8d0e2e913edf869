"""Which source is read when: often where something happens, slowly where it is quiet, and never all at once."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from types import MappingProxyType

import msgspec

from console.errors import ConsoleError
from console.fleet.models import FleetSnapshot, Freshness, Progress, Scope, Thresholds
from console.operations.interfaces import Clock, GitHub
from console.operations.known import ENDED, Known
from console.operations.pace import Spending, quiet_cycle, stretch
from console.operations.sources import Reader, Source

AT_ONCE = 8
"""Sources read at the same time; the requests themselves are held to fewer by the governor."""
ACTIVE_FOR = timedelta(hours=1)
ALWAYS_ACTIVE = 10
SLOW_REQUESTS = 1
"""For an active repository: four of what waits and what ended, in every fourth look."""
NO_TOKEN_AGAIN = 30.0
LONGEST_BACKOFF = 300.0
EVERYWHERE = frozenset({"server", "unreachable", "not-json", "dns", "tls", "proxy"})
"""Trouble that is no single place's: when one source is read again, the others are worth a try."""
ORDER = ("runners", "repositories", "groups", "jobs", "waiting", "finished", "server")
LATER = frozenset({"waiting", "finished", "server"})
"""Kinds that a first look does not wait for."""
RECENT = timedelta(minutes=1)
"""A command does not ask again for what changes slowly and was read since."""
OFTEN = frozenset({"runners", "jobs"})
OUT_OF_STEP = timedelta(seconds=30)
"""Runners and jobs read so far apart do not fit together."""
MOST_AGAIN = 100
"""So many sources, at most, are read twice in one look."""


class WatchPlan(msgspec.Struct, frozen=True):
    """What a context wants watched, and how often."""

    context: str
    scopes: tuple[Scope, ...]
    repositories: tuple[str, ...] = ()
    """`owner/name` or patterns; empty means every repository of the scopes' owners."""
    look_every: timedelta = timedelta(seconds=15)
    quiet_every: timedelta = timedelta(minutes=5)
    thresholds: Thresholds = Thresholds()
    hosts: Mapping[str, str] = MappingProxyType({})
    """Which hosts runners live on, by patterns of their names."""

    @property
    def globs(self) -> tuple[str, ...]:
        """The configured patterns, or everything that the scopes cover; what an enterprise covers is not listed."""
        if self.repositories:
            return self.repositories
        covering = (scope for scope in self.scopes if scope.kind != "enterprise")
        return tuple(f"{scope.name}/*" if scope.kind == "org" else scope.name for scope in covering)

    @property
    def enterprises(self) -> tuple[Scope, ...]:
        """Those of the scopes whose runners serve several organisations."""
        return tuple(scope for scope in self.scopes if scope.kind == "enterprise")

    @property
    def grouped(self) -> tuple[Scope, ...]:
        """Whose runner groups are read: how an organisation shares its enterprise's groups is told by its own alone."""
        owners = dict.fromkeys(glob.partition("/")[0] for glob in self.globs if self.enterprises)
        return (*(scope for scope in self.scopes if scope.kind != "repo"), *(Scope("org", owner) for owner in owners))


class Schedule:
    """All sources of a context, and the tasks that read those which are due. `arrived` is told of every news."""

    def __init__(self, plan: WatchPlan, github: GitHub, clock: Clock, arrived: Callable[[], None]) -> None:
        self.known = Known()
        self.reader = Reader(github, self.known, arrived, plan.globs)
        self.running: dict[asyncio.Task[None], Source] = {}
        self.spending = Spending()
        self._plan = plan
        self._github = github
        self._clock = clock
        self._arrived = arrived
        self._sources: dict[tuple[str, str], Source] = {}
        self._tried_everything = False
        self.known.enterprises = tuple(map(str, plan.enterprises))
        self._add_fixed()
        self._follow_repositories()

    def seed(self, remembered: FleetSnapshot) -> None:
        """Start from old facts with their old age; repositories need not wait for the list that names them."""
        self.known.seed(remembered)
        for name in remembered.repositories:
            if self.reader.wants(name):
                self.reader.watch(name)
        self._follow_repositories()
        for old in remembered.freshness:
            source = self._sources.get((old.kind, old.place.casefold()))
            if source is not None:
                source.freshness = Freshness(old.kind, old.place, old.every, old.looked_at, overtaken=old.overtaken)

    # -- which sources there are --------------------------------------------------------------------------------

    def _add(self, source: Source) -> None:
        """One for each place: GitHub tells none apart by upper and lower case."""
        self._sources.setdefault((source.kind, source.place.casefold()), source)

    def _add_fixed(self) -> None:
        self._add(Source("server", "GitHub", self.reader.server))
        for scope in self._plan.scopes:
            self._add(Source("runners", str(scope), partial(self.reader.runners, scope=scope)))
        for scope in self._plan.grouped:
            self._add(Source("groups", str(scope), partial(self.reader.groups, scope=scope)))
        for scope in () if self._plan.globs else self._plan.enterprises:
            self._add(Source("repositories", str(scope), self.reader.unlisted))
        for glob in self._plan.globs:
            owner = glob.partition("/")[0]
            if any(sign in glob for sign in "*?["):
                self._add(Source("repositories", owner, partial(self.reader.repositories, owner=owner)))
            else:
                self._add(Source("repositories", glob, partial(self.reader.repository, name=glob)))
                self.reader.watch(glob)

    def _follow_repositories(self) -> None:
        """Three sources for each watched repository; those of repositories that went are dropped."""
        for name in self.reader.watched:
            if ("jobs", name.casefold()) not in self._sources:
                self._add(Source("jobs", name, partial(self.reader.jobs, repository=name)))
                self._add(Source("waiting", name, partial(self.reader.waiting, repository=name)))
                self._add(Source("finished", name, partial(self.reader.finished, repository=name)))
        for key, source in list(self._sources.items()):
            if source.kind in {"jobs", "waiting", "finished"} and source.place not in self.reader.watched:
                del self._sources[key]

    # -- when they are due --------------------------------------------------------------------------------------

    def all_due(self) -> None:
        """Look at everything again, as soon as the governor lets it through."""
        for source in self._sources.values():
            source.due, source.wanted = self._clock.elapsed(), True

    def due_at(self, place: str) -> None:
        """Look again at what is known of a scope or a repository: something was changed there."""
        for source in self._sources.values():
            if source.kind in OFTEN and source.place.casefold() == place.casefold():
                source.due, source.wanted = self._clock.elapsed(), True
                source.freshness = msgspec.structs.replace(source.freshness, overtaken=True)

    def rely_on_remembered(self) -> None:
        """For a command: what was read a moment ago is not asked for again, whichever process has read it.

        A time that is yet to come is of another clock, and tells nothing.
        """
        now = self._github.now()
        for source in self._sources.values():
            read, every = source.freshness.looked_at, source.freshness.every
            longest = self._plan.look_every if source.kind in OFTEN else min(every, RECENT)
            if read is not None and timedelta() <= now - read < longest and not source.freshness.overtaken:
                source.tried, source.began = True, self._clock.elapsed() - (now - read).total_seconds()
                source.due = source.began + every.total_seconds()

    def look_again_at_old(self) -> None:
        """Make due what had been read long before the look was whole, unless that is most of a large fleet."""
        now = self._github.now()
        read = ((source, source.freshness.looked_at) for source in self._sources.values() if source.kind in OFTEN)
        old = [source for source, at in read if at is not None and now - at > OUT_OF_STEP and not source.failures]
        for source in old if len(old) <= MOST_AGAIN else ():
            source.due, source.wanted = self._clock.elapsed(), True

    def wants_more(self) -> bool:
        """Something is to be read again now, or is being read."""
        often, now = [source for source in self._sources.values() if source.kind in OFTEN], self._clock.elapsed()
        busy = set(self.running.values())
        return any(source in busy or (source.wanted and source.due <= now) for source in often)

    def start_due(self, *, once: bool = False) -> None:
        """Start reading what is due, the most urgent first. `once`: nothing twice but what failed or is wanted."""
        now = self._clock.elapsed()
        self._follow_repositories()
        self._set_intervals()
        busy = set(self.running.values())
        due = [source for source in self._sources.values() if source.due <= now and source not in busy]
        if once:
            due = [source for source in due if not source.tried or source.failures or source.wanted]
        first_look = not self.tried_everything()
        due.sort(key=lambda source: self._urgency(source, first_look=first_look))
        for source in due[: max(AT_ONCE - len(busy), 0)]:
            self.running[asyncio.create_task(self._read(source))] = source

    def next_due(self) -> float:
        """Seconds until the next source is due; infinite while there is none."""
        busy = set(self.running.values())
        due = min((source.due for source in self._sources.values() if source not in busy), default=float("inf"))
        return due - self._clock.elapsed()

    def _urgency(self, source: Source, *, first_look: bool) -> tuple[bool, int, float, int, float]:
        """How late it is, measured by its interval: a long line of rarely read ones does not hold up the others.

        A first look goes before everything, and before what it has read already.
        """
        later = first_look and (source.kind in LATER or source.tried)
        late = (self._clock.elapsed() - source.due) / max(source.freshness.every.total_seconds(), 1.0)
        kind = ORDER.index(source.kind)
        return (later, kind if not source.tried else 0, -late, kind, -self._pushed(source.place))

    def _active(self) -> set[str]:
        """Repositories worth frequent looks: with unfinished runs, pushed to lately, or among the latest pushed."""
        by_push = sorted(self.reader.watched, key=self._pushed, reverse=True)
        since = (self._github.now() - ACTIVE_FOR).timestamp()
        active = {name for place, name in enumerate(by_push) if place < ALWAYS_ACTIVE or self._pushed(name) > since}
        active.update(key.repository for key, run in self.known.runs.items() if run.status not in ENDED)
        return active & self.reader.watched

    def _pushed(self, name: str) -> float:
        repository = self.known.repositories.get(name)
        return repository.pushed_at.timestamp() if repository is not None and repository.pushed_at else 0.0

    def _set_intervals(self) -> None:
        """Each source its interval; longer where the fleet is too large to be looked at as often as wished."""
        active = self._active()
        runs = sum(1 for _, run in self.known.runs.items() if run.status not in ENDED)
        pages = sum((source.total or 1) // 100 + 1 for source in self._sources.values() if source.kind == "runners")
        often = self._plan.look_every * stretch(
            (2 + SLOW_REQUESTS) * len(active) + runs + pages,
            self._plan.look_every,
            self.spending.a_second,
            self._github.budget,
            self._github.now(),
        )
        slow = max(often * 4, timedelta(minutes=1))
        quiet = max(self._plan.quiet_every, slow, quiet_cycle(len(self.reader.watched) - len(active)))
        by_kind = {"runners": often, "groups": quiet, "repositories": quiet, "server": quiet}
        for source in self._sources.values():
            by_activity = (often if source.kind == "jobs" else slow) if source.place in active else quiet
            source.look_every(by_kind.get(source.kind, by_activity))

    # -- reading ------------------------------------------------------------------------------------------------

    async def _read(self, source: Source) -> None:
        source.began, source.wanted = self._clock.elapsed(), False
        try:
            await source.read(source)
        except ConsoleError as error:
            self._failed(source, error)
        else:
            if source.failures:
                self._recovered(source)
            self._succeeded(source)
        source.tried = True
        self._arrived()

    def _succeeded(self, source: Source) -> None:
        overtaken = source.wanted and source.freshness.overtaken
        # Reckoned back from now: before its first answer the server's time is only what this machine makes of it.
        source.succeeded(self._github.now() - timedelta(seconds=self._clock.elapsed() - source.began))
        if source.wanted:
            # It was asked for while it was being read: what was read may be from before what was done.
            source.freshness = msgspec.structs.replace(source.freshness, overtaken=overtaken)
            return
        every = source.freshness.every.total_seconds()
        # Counted from its beginning, so that a look is there in each interval however long it takes.
        source.due = max(source.began + every, self._clock.elapsed() + every / 4)

    def _failed(self, source: Source, error: ConsoleError) -> None:
        """Ask less and less. Where all requests are held back, there is no use in trying the others meanwhile."""
        now = self._clock.elapsed()
        source.failed(error, self._github.now())
        source.failed_at = now
        wait = error.wait or self._back_off(source, error)
        self._try_again(source, now + wait)
        if error.wait and error.kind in EVERYWHERE:
            for other in self._sources.values():
                if other.tried and other.due < now + wait:
                    self._try_again(other, now + wait)

    def _back_off(self, source: Source, error: ConsoleError) -> float:
        every = source.freshness.every.total_seconds()
        if error.kind == "no-token":
            return NO_TOKEN_AGAIN
        return float(min(every * 2 ** min(source.failures - 1, 6), max(LONGEST_BACKOFF, every)))

    def _recovered(self, source: Source) -> None:
        """What has failed for the same reason is tried again too, but nothing more often than every look."""
        problem = source.freshness.problem
        if problem is None or problem.kind not in EVERYWHERE:
            return
        for other in self._sources.values():
            theirs = other.freshness.problem
            if other is not source and theirs is not None and theirs.kind in EVERYWHERE:
                again = other.failed_at + self._plan.look_every.total_seconds()
                self._try_again(other, min(other.due, max(self._clock.elapsed(), again)))

    def _try_again(self, source: Source, due: float) -> None:
        source.due = due
        if source.failures:
            later = timedelta(seconds=max(due - self._clock.elapsed(), 0.0))
            source.tries_again(self._github.now() + later)

    def collect(self) -> None:
        """Forget the tasks that ended. What one of them raised is a fault of ours, and is raised here."""
        for task in [task for task in self.running if task.done()]:
            del self.running[task]
            task.result()

    def give_up(self, error: ConsoleError) -> None:
        """Whatever has not been read once by now counts as failed."""
        self._follow_repositories()
        for source in self._sources.values():
            if not source.tried:
                source.failed(error, self._github.now())
                source.tried = True
        self._tried_everything = True

    async def stop(self) -> None:
        """Give up what is being read; facts that have arrived stay."""
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)
        self.running.clear()

    # -- how far it has come ------------------------------------------------------------------------------------

    def tried_everything(self) -> bool:
        """Every source that a first look needs has been read, or failed to be, at least once."""
        if not self._tried_everything:
            needed = [source for source in self._sources.values() if source.kind not in LATER]
            self._tried_everything = bool(needed) and all(source.tried for source in needed)
        return self._tried_everything

    def tried_all_active(self) -> bool:
        """As above, and of the active repositories also what waits and what ended lately."""
        active = self._active()
        later = [source for source in self._sources.values() if source.kind in LATER and source.place in active]
        return self.tried_everything() and all(source.tried for source in later)

    def freshness(self) -> tuple[Freshness, ...]:
        """Of every source, in a stable order."""
        return tuple(source.freshness for source in self._sources.values())

    def fails(self) -> bool:
        """Some source could not be read when it was last tried."""
        return any(source.failures for source in self._sources.values())

    def set_aside(self) -> int:
        """Items of the last answers that could not be understood."""
        return sum(source.set_aside for source in self._sources.values())

    def progress(self) -> Progress:
        """How much of the fleet has been looked at."""
        runners = [source for source in self._sources.values() if source.kind == "runners"]
        jobs = [source for source in self._sources.values() if source.kind == "jobs"]
        totals = [source.total for source in runners if source.total is not None]
        return Progress(
            runners=sum(source.seen for source in runners),
            runners_total=sum(totals) if totals else None,
            repositories=sum(1 for source in jobs if source.tried),
            repositories_total=len(jobs) or None,
        )
