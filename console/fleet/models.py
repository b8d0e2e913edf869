"""The fleet as of one moment: runners, groups, repositories, runs and jobs, and how old each of these facts is.

Every `str` that came from outside has passed `remote/sanitize.py` before it gets here; it is harmless to draw, and it
is data, never markup. Labels, names and statuses keep their spelling; labels compare without case (`matching.py`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

import msgspec

from console.fleet.ages import age, in_seconds
from console.fleet.github_status import GithubStatus
from console.fleet.particulars import Particulars
from console.fleet.release import Releases
from console.fleet.server import Budget, Meta
from console.fleet.versions import RunnerRelease

_NO_TIME = timedelta()


class Name(msgspec.Struct, frozen=True, gc=False):
    """Text that came from outside, inside a sentence of ours: drawn apart from the console's own words."""

    text: str


class Age(msgspec.Struct, frozen=True, gc=False):
    """How long something has lasted, inside a sentence of ours."""

    span: timedelta
    """When the sentence was made."""
    as_of: datetime | None = None
    """From then on it counts; None: it is not known to last, and stands still."""
    at_least: bool = False
    """It may have lasted longer: its beginning was not seen, or what is known of it is old."""
    exact: bool = False
    """In seconds up to ten minutes: it is held against a threshold."""

    def text(self, now: datetime | None = None) -> str:
        """As of `now`; without it, as of when the sentence was made."""
        later = now - self.as_of if now is not None and self.as_of is not None else timedelta()
        span = self.span + max(later, timedelta())
        return f"{'at least ' if self.at_least else ''}{in_seconds(span) if self.exact else age(span)}"


Phrase = tuple[str | Name | Age, ...]
"""A sentence: our own words as `str`, foreign text as `Name`, and ages, which count on."""


def plain(phrase: Phrase) -> str:
    """The sentence as one string, for JSON and for searching; its ages as of when it was made."""
    return "".join(_text(part) for part in phrase)


def _text(part: str | Name | Age) -> str:
    if isinstance(part, str):
        return part
    return part.text if isinstance(part, Name) else part.text()


def counted(phrase: Phrase, now: datetime) -> Phrase:
    """The sentence with its ages as they are now."""
    return tuple(part.text(now) if isinstance(part, Age) else part for part in phrase)


class RunnerKey(NamedTuple):
    """A runner's id is unique in its scope only."""

    scope: str
    id: int

    @property
    def path(self) -> str:
        """`org:acme/21`, which does not change while it is registered."""
        return f"{self.scope}/{self.id}"


class GroupKey(NamedTuple):
    """A runner group's id is unique in its scope only."""

    scope: str
    id: int


class RunKey(NamedTuple):
    """`repository` is `owner/name`."""

    repository: str
    id: int


class JobKey(NamedTuple):
    """`repository` is `owner/name`."""

    repository: str
    id: int


class Scope(msgspec.Struct, frozen=True):
    """Where runners are registered: `enterprise:acme-corp`, `org:acme` or `repo:acme/web`; `str(scope)` is that."""

    kind: Literal["enterprise", "org", "repo"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @property
    def owner(self) -> str:
        """The enterprise, organisation or user whose token can see this scope."""
        return self.name.partition("/")[0]


class Runner(msgspec.Struct, frozen=True, gc=False):
    """One registered runner, as the list of its scope says."""

    scope: str
    id: int
    name: str
    os: str
    status: str
    """`online` or `offline` so far; anything else is shown as it is and counts as not online."""
    busy: bool
    labels: tuple[str, ...]
    group_id: int | None = None
    version: str | None = None
    """None where the server does not say (older GitHub Enterprise Server)."""
    ephemeral: bool | None = None

    @property
    def key(self) -> RunnerKey:
        return RunnerKey(self.scope, self.id)

    @property
    def online(self) -> bool:
        return self.status == "online"

    @property
    def idle(self) -> bool:
        """Online and not busy: it could take a job now, as far as GitHub says."""
        return self.status == "online" and not self.busy


class RunnerGroup(msgspec.Struct, frozen=True, gc=False):
    """Who may use the runners of one group of an organisation or an enterprise."""

    scope: str
    id: int
    name: str
    visibility: str
    """`all`, `selected` or `private`."""
    default: bool = False
    inherited: bool = False
    """It is its enterprise's, and this is how the organisation shares it among its repositories."""
    allows_public_repositories: bool = False
    restricted_to_workflows: bool = False
    selected_workflows: tuple[str, ...] = ()
    """Each `owner/name/.github/workflows/file.yml@ref`."""
    repositories: frozenset[str] | None = None
    """`owner/name` in lower case, for `selected` groups; None where this could not be read."""
    organizations: frozenset[str] | None = None
    """In lower case, for `selected` groups of an enterprise, which know of no repositories; None as above."""
    lent: frozenset[frozenset[str]] = frozenset()
    """The labels, folded, of each kind of runner that an inherited group has: no list of the organisation has these."""

    @property
    def key(self) -> GroupKey:
        return GroupKey(self.scope, self.id)


class Repository(msgspec.Struct, frozen=True, gc=False):
    """A repository whose jobs are watched. `private` is None until GitHub has said."""

    name: str
    """`owner/name`."""
    private: bool | None = None
    pushed_at: datetime | None = None
    archived: bool = False

    @property
    def owner(self) -> str:
        return self.name.partition("/")[0]


class Run(msgspec.Struct, frozen=True, gc=False):
    """One workflow run. `status` and `conclusion` are GitHub's words, known or not."""

    repository: str
    id: int
    number: int
    attempt: int
    title: str
    workflow: str
    path: str
    """The workflow file, `.github/workflows/ci.yml`, sometimes with `@ref`."""
    branch: str
    event: str
    status: str
    conclusion: str | None
    created_at: datetime
    updated_at: datetime
    url: str
    sha: str = ""

    @property
    def key(self) -> RunKey:
        return RunKey(self.repository, self.id)


class Step(msgspec.Struct, frozen=True, gc=False):
    """One step of a job."""

    number: int
    name: str
    status: str
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None


class Annotation(msgspec.Struct, frozen=True, gc=False):
    """What GitHub says of a job beside its log: a lost runner is only told of here."""

    level: str
    """`failure`, `warning` or `notice` so far."""
    message: str
    title: str = ""


class Job(msgspec.Struct, frozen=True, gc=False):
    """One job of a run's latest attempt. `labels` are what it asks for."""

    repository: str
    id: int
    run_id: int
    attempt: int
    name: str
    workflow: str
    branch: str
    labels: tuple[str, ...]
    status: str
    """queued, in_progress, completed, waiting, pending, requested; others are shown as they are."""
    conclusion: str | None
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    runner_id: int | None = None
    """None while no runner has it; GitHub's three ways to say so are one here."""
    runner_name: str | None = None
    group_id: int | None = None
    group_name: str | None = None
    url: str = ""
    steps: tuple[Step, ...] = ()
    let_go_at: datetime | None = None
    """It had been held back, by an approval or its concurrency group, when it was first seen queued then."""

    @property
    def key(self) -> JobKey:
        return JobKey(self.repository, self.id)

    @property
    def run_key(self) -> RunKey:
        return RunKey(self.repository, self.run_id)

    @property
    def queued(self) -> bool:
        """It waits for a runner and for nothing else."""
        return self.status == "queued" and self.runner_id is None

    @property
    def waits_since(self) -> datetime:
        """For a runner, once nothing else holds it back."""
        return self.created_at if self.let_go_at is None else max(self.created_at, self.let_go_at)

    def waited(self, now: datetime) -> timedelta:
        """Never negative, whatever the clocks say."""
        return max(now - self.waits_since, _NO_TIME)


class Problem(msgspec.Struct, frozen=True):
    """Why a source could not be read. `kind` is a `ConsoleError.kind`."""

    kind: str
    message: str
    hint: str
    since: datetime


SourceKind = Literal["runners", "groups", "repositories", "jobs", "waiting", "finished", "server", "status"]


class Freshness(msgspec.Struct, frozen=True):
    """How old one source is: one kind of fact about one place (a scope, an owner or a repository)."""

    kind: SourceKind
    place: str
    every: timedelta
    """How often it is meant to be looked at."""
    looked_at: datetime | None = None
    """Server time at which the last whole look began; None when there was none yet."""
    problem: Problem | None = None
    next_try: datetime | None = None
    """When it is read again after a failure; None without one."""
    overtaken: bool = False
    """Something was done there from here since then: it is old, whatever its age."""

    def age(self, now: datetime) -> timedelta | None:
        return None if self.looked_at is None else max(now - self.looked_at, timedelta())

    def late(self, now: datetime) -> bool:
        """Older than twice its interval (and at least 10 s over it): what it says must look stale."""
        age = self.age(now)
        return age is None or age > max(self.every * 2, self.every + timedelta(seconds=10))


class Progress(msgspec.Struct, frozen=True):
    """How far the look under way has come. Totals are None until the first page has said."""

    runners: int = 0
    runners_total: int | None = None
    repositories: int = 0
    repositories_total: int | None = None


class FleetSnapshot(msgspec.Struct, frozen=True):
    """Everything the console knows about the fleet of one context, as of `taken_at` (the server's clock).

    Mappings are never changed after they were put in; parts that did not change are the same objects as before.
    """

    taken_at: datetime
    context: str = ""
    runners: Mapping[RunnerKey, Runner] = {}
    missing: frozenset[RunnerKey] = frozenset()
    """Not in the last whole list of their scope, but not yet proved gone."""
    idle_since: Mapping[RunnerKey, datetime] = {}
    """Idle at least since then: first seen idle without interruption, or the end of its last known job."""
    idle_longer: frozenset[RunnerKey] = frozenset()
    """Of these it was not seen when they became idle: it may have been long before `idle_since`."""
    busy_since: Mapping[RunnerKey, datetime] = {}
    """Seen busy without interruption since then."""
    went_offline: Mapping[RunnerKey, datetime] = {}
    """Seen online, not long after that offline for the first time, which was then, and not online since."""
    last_online: Mapping[RunnerKey, datetime] = {}
    """Of these, when they were last seen online: they went at some time between."""
    groups: Mapping[GroupKey, RunnerGroup] = {}
    repositories: Mapping[str, Repository] = {}
    runs: Mapping[RunKey, Run] = {}
    jobs: Mapping[JobKey, Job] = {}
    """Queued, waiting, pending, in progress, and those that finished lately."""
    releases: Mapping[str, Releases] = {}
    """Of the repositories that release, as far as they were asked for."""
    particulars: Particulars = Particulars()
    latest_runner: RunnerRelease | None = None
    """The newest version of the runner; None until that was read."""
    server: Meta | None = None
    """What is at the other end; None until it has said."""
    github_status: GithubStatus | None = None
    """What GitHub's status page said last, however long ago that was: `github_says` is what still holds."""
    status_page: Freshness | None = None
    """How old that is; None: that page is not asked. It is none of `freshness`: no fact of the fleet rests on it."""
    freshness: tuple[Freshness, ...] = ()
    budget: Budget = Budget()
    progress: Progress = Progress()
    whole: bool = False
    """False until every source has been looked at once. Before, nothing is called healthy or idle-while-queued."""
    set_aside: int = 0
    """Items that could not be understood and are not shown."""

    def group_of(self, runner: Runner) -> RunnerGroup | None:
        """None: the group's rules are not known (no right to read them, or the scope has no groups)."""
        return None if runner.group_id is None else self.groups.get(GroupKey(runner.scope, runner.group_id))

    def github_says(self, now: datetime) -> GithubStatus | None:
        """What GitHub's status page says. None: it is not asked, has not answered, or too long ago."""
        return None if self.status_page is None or self.status_page.late(now) else self.github_status


class Thresholds(msgspec.Struct, frozen=True):
    """From when on a queued job with an idle matching runner is worth a look, and when it is an alert."""

    queued_watch: timedelta = timedelta(seconds=90)
    queued_alert: timedelta = timedelta(seconds=180)
