"""What the pretend world is made of: organisations, repositories, groups, runners, runs and jobs, all changeable."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from console.simulator.diary import Diary, Words
from console.simulator.workflows import JobPlan, WorkflowPlan

CURRENT_VERSION = "2.336.0"
"""What a well-kept pretend runner runs."""

Rendered = dict[str, bytes]
"""JSON of one thing, by the address it was made for; emptied when the thing changes."""


@dataclass(eq=False, slots=True)
class Account:
    """An organisation or a user."""

    id: int
    login: str
    kind: Literal["Organization", "User"] = "Organization"


@dataclass(eq=False, slots=True)
class Enterprise(Account):
    """Organisations that share runners."""

    organizations: list[Account] = field(default_factory=list)

    @property
    def scope(self) -> str:
        """Of its own runners."""
        return f"enterprise:{self.login}"


@dataclass(eq=False, slots=True)
class Repository:
    """One repository."""

    id: int
    owner: Account
    name: str
    private: bool
    created_at: datetime
    pushed_at: datetime
    description: str = ""
    archived: bool = False
    actions_on: bool = True
    rendered: Rendered = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"


@dataclass(eq=False, slots=True)
class Label:
    """One label of a runner; those that the runner's own machine gives it are read-only."""

    id: int
    name: str
    type: Literal["read-only", "custom"]


@dataclass(eq=False, slots=True)
class Group:
    """A runner group of an organisation or an enterprise, and whom it admits."""

    id: int
    organization: Account
    name: str
    visibility: Literal["all", "selected", "private"] = "all"
    default: bool = False
    allows_public_repositories: bool = False
    repositories: list[Repository] = field(default_factory=list)
    workflows: tuple[str, ...] | None = None
    """None: any workflow; else only these, each `owner/name/.github/workflows/file.yml@ref`."""

    parent: "Group | None" = None
    """The enterprise's group that an organisation has here, and shares further."""
    shared: "dict[str, Group]" = field(default_factory=dict)
    """Of an enterprise: as each organisation that it admits has it, by login in lower case."""

    @property
    def scope(self) -> str:
        """Where its runners are registered."""
        return (
            self.organization.scope if isinstance(self.organization, Enterprise) else f"org:{self.organization.login}"
        )

    def serves(self, repository: Repository, workflow: str) -> bool:
        """Whether jobs of that repository's workflow may use the group's runners; of an enterprise, both must agree."""
        if isinstance(self.organization, Enterprise):
            shared = self.shared.get(repository.owner.login.lower())
            return shared is not None and shared.admits(repository, workflow)
        return self.organization is repository.owner and self.admits(repository, workflow)

    def admits(self, repository: Repository, workflow: str) -> bool:
        """Whether jobs of that repository's workflow (`owner/name/path@ref`) may use the group's runners."""
        if self.visibility == "selected" and repository not in self.repositories:
            return False
        if self.visibility == "private" and not repository.private:
            return False
        if not repository.private and not self.allows_public_repositories:
            return False
        return self.workflows is None or workflow in self.workflows


@dataclass(slots=True)
class Service:
    """What becomes of a runner's service when somebody acts on it."""

    sudo: Literal["allowed", "password", "tty", "not-allowed"] = "allowed"
    """What sudo says to the operator."""
    trouble: Words | None = None
    """Started, its listener says this and ends; None: all is well."""
    ends_after: float = 3.0
    """Seconds until it does."""
    next_trouble: tuple[Words, float] | None = None
    """The same of every start after that."""
    stops_in: float = 0.0
    """Seconds that its listener takes to end."""
    held_by: str = ""
    """The note of another operator, who is at work on it."""


@dataclass(eq=False, slots=True)
class Runner:
    """One self-hosted runner. `stuck`: GitHub calls it online and idle, and it never takes a job."""

    id: int
    scope: str
    name: str
    os: str
    labels: tuple[Label, ...]
    group: Group | None
    version: str | None = CURRENT_VERSION
    ephemeral: bool = False
    status: str = "online"
    busy: bool = False
    stuck: bool = False
    job: "Job | None" = None
    host: str = ""
    """The machine that it shares with others; empty: one of its own, of the same name."""
    v2: bool = True
    """Whether it speaks the newer protocol with GitHub."""
    full: bool = False
    """No room is left on its disk."""
    removed: frozenset[str] = frozenset()
    """Directories of it that somebody has removed."""
    free: int | None = None
    """KiB on its disk since then; None: as ever."""
    twin: bool = False
    """A second listener runs in its directory."""
    orphaned_at: datetime | None = None
    """Since then a worker runs whose job GitHub has given up."""
    unpacked: str = ""
    """The version that somebody has put over its own: whatever starts next is of that one."""
    updates: bool = True
    """Whether it may update itself."""
    jit: bool = False
    """Somebody had it made for one job: nobody makes another one when it is gone."""
    hangs: bool = False
    """The next job that it is offered it acknowledges, and says nothing more."""
    service: Service = field(default_factory=Service)
    diary: Diary = field(default_factory=Diary)
    rendered: Rendered = field(default_factory=dict)

    @property
    def takes_jobs(self) -> bool:
        return self.status == "online" and not self.busy and not self.stuck


@dataclass(eq=False, slots=True)
class Step:
    """A step of a job that has started: when it begins and ends, in seconds from the job's start."""

    name: str
    begins: float
    ends: float
    conclusion: str


@dataclass(eq=False, slots=True)
class Job:
    """One job of one attempt of a run."""

    id: int
    run: "Run"
    name: str
    plan: JobPlan
    labels: tuple[str, ...]
    created_at: datetime
    status: str = "queued"
    attempt: int = 1
    debug: bool = False
    conclusion: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    runner_id: int | None = None
    runner_name: str | None = None
    group_id: int | None = None
    group_name: str | None = None
    machine: Runner | None = None
    """What it runs on, or ran on: kept although the runner may be gone."""
    outcome: str = "success"
    """How it will end, once it runs."""
    lost: bool = False
    """Its runner was never heard of again."""
    crashed: bool = False
    """The runner's own program ended in the middle of it."""
    steps: tuple[Step, ...] = ()
    rendered: Rendered = field(default_factory=dict)

    @property
    def cut_short(self) -> bool:
        """Its runner could not tell the end: GitHub has no log of it."""
        return self.lost or self.crashed


@dataclass(eq=False, slots=True)
class Cache:
    """One entry of GitHub's cache for jobs. One whose upload never ended holds its key and is not listed."""

    id: int
    key: str
    ref: str
    created_at: datetime
    size: int
    finished: bool = True


@dataclass(slots=True)
class Outage:
    """A service that jobs use does not work."""

    begins: datetime
    ends: datetime | None = None
    """None: nobody knows yet."""

    def struck(self, at: datetime) -> bool:
        return self.begins <= at and (self.ends is None or at < self.ends)


@dataclass(eq=False, slots=True)
class Release:
    """One release; while it is a draft only who may write to the repository sees it."""

    id: int
    tag: str
    author: Account
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None = None
    assets: tuple[tuple[str, int], ...] = ()
    """Names and sizes."""

    @property
    def draft(self) -> bool:
        return self.published_at is None


@dataclass(eq=False, slots=True)
class Run:
    """One workflow run."""

    id: int
    repository: Repository
    workflow: WorkflowPlan
    workflow_id: int
    number: int
    title: str
    branch: str
    event: str
    actor: Account
    head_sha: str
    created_at: datetime
    updated_at: datetime
    attempt: int = 1
    started_at: datetime | None = None
    """The attempt, where it is not the first."""
    started_by: Account | None = None
    debug: bool = False
    """Jobs of this attempt log more than usual."""
    before: "list[Run]" = field(default_factory=list)
    """The attempts before this one, as they ended."""
    status: str = "queued"
    conclusion: str | None = None
    jobs: list[Job] = field(default_factory=list)
    """Of this attempt, and those of earlier ones that it left as they were."""
    unstarted: list[JobPlan] = field(default_factory=list)
    """Jobs that still need others; GitHub does not list them yet."""
    fork: bool = False
    rendered: Rendered = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Something is still to come: it runs, waits, or an approval is asked for."""
        return self.status != "completed" or self.conclusion == "action_required"

    def all_jobs(self) -> list[Job]:
        """Of every attempt, the oldest first."""
        return list({job.id: job for attempt in (*self.before, self) for job in attempt.jobs}.values())

    @property
    def workflow_ref(self) -> str:
        """As a group's workflow restriction spells it."""
        return f"{self.repository.full_name}/{self.workflow.path}@refs/heads/{self.branch}"
