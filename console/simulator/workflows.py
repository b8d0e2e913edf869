"""What the pretend repositories run: workflows, their jobs, and how often they start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.simulator.inhabitants import Job

SetUp = ("Set up job", "Check out")
CleanUp = ("Post Check out", "Complete job")


@dataclass(frozen=True, slots=True)
class JobPlan:
    """A job as the workflow file has it. `seconds` is the range of its duration."""

    name: str
    labels: tuple[str, ...]
    seconds: tuple[float, float] = (60, 180)
    steps: tuple[str, ...] = ("Install dependencies", "Build", "Test")
    group: str = ""
    """The runner group that it names; empty: any that admits it."""
    matrix: tuple[str, ...] = ()
    """One job each, named `name (value)`; empty: one job."""
    needs: tuple[str, ...] = ()
    environment: str | None = None
    """A deployment environment that wants approval before the job may start."""
    posts: tuple[str, ...] = ()
    """What actions of its steps do in the end: these run although a step has failed."""
    breaks_at: str = ""
    """The step that fails when it fails; empty: the last one."""
    fails: "Callable[[Job], bool] | None" = None
    """Whether one that starts now will fail; None: its workflow's share decides."""
    prints: "Callable[[Job, str], Sequence[str] | None] | None" = None
    """What a step of that name prints; None: what such steps print as a rule."""
    pours: int = 0
    """Bytes that its last step prints in a second, beside those."""
    leaves: "Callable[[Job], object] | None" = None
    """What has changed in the world when it has ended."""

    def names(self) -> tuple[str, ...]:
        """What its jobs are called."""
        return tuple(f"{self.name} ({value})" for value in self.matrix) if self.matrix else (self.name,)

    def all_steps(self) -> tuple[str, ...]:
        """With those that GitHub adds."""
        return (*SetUp, *self.steps, *self.posts, *CleanUp)

    def after_failure(self) -> tuple[int, int]:
        """Where the step is that fails when it fails, and where the clean-up begins, which runs nevertheless."""
        broken = self.steps.index(self.breaks_at) if self.breaks_at else len(self.steps) - 1
        return len(SetUp) + broken, len(SetUp) + len(self.steps)


@dataclass(frozen=True, slots=True)
class WorkflowPlan:
    """A workflow file."""

    name: str
    path: str
    jobs: tuple[JobPlan, ...]
    event: str = "push"
    branches: tuple[str, ...] = ("main",)
    titles: tuple[str, ...] = ("Update dependencies",)
    fails: float = 0.03
    """The share of its jobs that fail."""
    concurrency: str | None = None
    """One run of this group at a time, and one pending."""
    from_fork: bool = False
    """Pull requests of people who have not contributed before: their runs want approval."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A workflow that starts again and again: every `seconds` on average, never more than `at_most` open at once."""

    repository: str
    workflow: WorkflowPlan
    seconds: float
    at_most: int = 8
