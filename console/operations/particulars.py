"""What a job's wait hangs on and GitHub's lists leave out, asked for only while it does; no trouble of the fleet."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, Protocol, TypeVar

from console.errors import ConsoleError, LimitReachedError
from console.fleet.findings import Reason
from console.fleet.models import FleetSnapshot, JobKey, Run, RunKey
from console.fleet.open_questions import OpenQuestions, open_questions
from console.fleet.particulars import (
    ActionsPolicy,
    Environment,
    Holder,
    KeyOfRun,
    Particulars,
    Unread,
    WorkflowText,
)
from console.fleet.server import Budget
from console.operations.facts import Facts
from console.operations.interfaces import Clock
from console.operations.pace import affordable
from console.operations.reading_tasks import ReadingTasks

LOOK_FOR_WORK = 5.0
AGAIN = timedelta(minutes=2)
"""Before the same is asked again: somebody may approve, a run ahead may end."""
SETTINGS_AGAIN = timedelta(minutes=10)
FILE_AGAIN = timedelta(hours=1)
"""A file at a commit does not change; a permission may."""
PATIENCE = 10.0
"""So long a command waits for it."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
A = TypeVar("A")


class KnowsParticulars(Protocol):
    """What is needed of GitHub's answers here."""

    async def environments(self, run: RunKey) -> tuple[Environment, ...] | Unread: ...

    async def holders(self, run: RunKey) -> tuple[Holder, ...] | Unread: ...

    async def policy(self, repository: str) -> ActionsPolicy: ...

    async def workflow(self, run: Run) -> WorkflowText | Unread: ...


class Asked(NamedTuple):
    """One question: what it is known by, and how it is asked."""

    name: str
    every: timedelta
    ask: Callable[[], Awaitable[None]]
    miss: Callable[[ConsoleError], None]
    """It was not answered: unless it is known from before, that is what is known."""


class ParticularsReader:
    """Of one context. What cannot be read for want of a permission is known to be unknown."""

    def __init__(
        self, github: KnowsParticulars, budget: Callable[[], Budget], now: Callable[[], datetime], clock: Clock
    ) -> None:
        """`now` is GitHub's clock."""
        self.arrived: Callable[[], None] = lambda: None
        self._github = github
        self._budget = budget
        self._now = now
        self._clock = clock
        self._environments: Facts[KeyOfRun, tuple[Environment, ...] | Unread] = Facts()
        self._holders: Facts[KeyOfRun, tuple[Holder, ...] | Unread] = Facts()
        self._policies: Facts[str, ActionsPolicy] = Facts()
        self._workflows: Facts[KeyOfRun, WorkflowText | Unread] = Facts()
        self._asked_at: Facts[str, datetime] = Facts()
        self._looked_at = float("-inf")
        self._running: ReadingTasks[str] = ReadingTasks()

    def frozen(self) -> Particulars:
        """What is known now."""
        return Particulars(
            self._environments.frozen(),
            self._holders.frozen(),
            self._policies.frozen(),
            self._workflows.frozen(),
            self._asked_at.frozen(),
        )

    def seed(self, old: Particulars) -> None:
        """Start from what was remembered: a command that comes a moment later does not ask for the same again."""
        self._environments.put_all(old.environments.items())
        self._holders.put_all(old.holders.items())
        self._policies.put_all(old.policies.items())
        self._workflows.put_all(old.workflows.items())
        self._asked_at.put_all(old.asked_at.items())

    def start_due(self, facts: Callable[[], FleetSnapshot], reasons: Mapping[JobKey, Reason]) -> None:
        """Begin to ask what is due after a look was judged. Cheap to call often."""
        now = self._clock.elapsed()
        self._running.collect()
        busy = self._running.under_way or now - self._looked_at < LOOK_FOR_WORK
        if busy or not affordable(self._budget()):
            return
        self._looked_at = now
        snapshot = facts()
        due = self._due(snapshot, open_questions(snapshot, reasons))
        if due:
            self._running.start("particulars", self._read(due))

    async def read(self, facts: Callable[[], FleetSnapshot], reasons: Mapping[JobKey, Reason]) -> None:
        """For a command: what is due is known afterwards, as far as GitHub has answered by then."""
        self.start_due(facts, reasons)
        await self._running.wait(PATIENCE)
        await self.stop()

    async def stop(self) -> None:
        """Give up what is being asked."""
        await self._running.stop()

    def _due(self, snapshot: FleetSnapshot, wanted: OpenQuestions) -> list[Asked]:
        """What nobody asks any more is forgotten."""
        _keep(self._environments, wanted.environments)
        _keep(self._holders, wanted.holders)
        _keep(self._policies, wanted.policies)
        _keep(self._workflows, wanted.workflows)
        questions = list(self._questions(snapshot, wanted))
        _keep(self._asked_at, [each.name for each in questions])
        return [each for each in questions if self._is_due(each)]

    def _is_due(self, question: Asked) -> bool:
        """A time that is yet to come is of another clock, and tells nothing."""
        asked = self._asked_at.get(question.name)
        return asked is None or not timedelta() <= self._now() - asked < question.every

    def _questions(self, snapshot: FleetSnapshot, wanted: OpenQuestions) -> Iterator[Asked]:
        github = self._github
        for name in wanted.policies:
            yield Asked(
                f"policy {name}",
                SETTINGS_AGAIN,
                partial(_put, self._policies, name, github.policy, name),
                partial(_miss_policy, self._policies, name),
            )
        for key in wanted.workflows:
            ask = partial(_put, self._workflows, key, github.workflow, snapshot.runs[key])
            yield Asked(f"workflow {key.repository} {key.id}", FILE_AGAIN, ask, partial(_miss, self._workflows, key))
        for key in wanted.environments:
            waits = partial(_put, self._environments, key, github.environments, key)
            yield Asked(
                f"environments {key.repository} {key.id}", AGAIN, waits, partial(_miss, self._environments, key)
            )
        for key in wanted.holders:
            held = partial(_put, self._holders, key, github.holders, key)
            yield Asked(f"holders {key.repository} {key.id}", AGAIN, held, partial(_miss, self._holders, key))

    async def _read(self, questions: list[Asked]) -> None:
        for question in questions:
            self._asked_at.put(question.name, self._now())
            try:
                await question.ask()
            except ConsoleError as error:
                # What was not answered is asked again soon, however seldom an answer changes.
                self._asked_at.put(question.name, self._now() - question.every + AGAIN)
                if isinstance(error, LimitReachedError):
                    return
                question.miss(error)
            self.arrived()


async def _put(facts: Facts[K, V], key: K, ask: Callable[[A], Awaitable[V]], about: A) -> None:
    facts.put(key, await ask(about))


def _miss(facts: Facts[KeyOfRun, V | Unread], key: KeyOfRun, error: ConsoleError) -> None:
    if isinstance(facts.get(key), Unread | None):
        facts.put(key, Unread(why=error.message))


def _miss_policy(facts: Facts[str, ActionsPolicy], name: str, error: ConsoleError) -> None:
    known = facts.get(name)
    if known is None or known.why:
        facts.put(name, ActionsPolicy(why=error.message))


def _keep(facts: Facts[K, V], keys: Collection[K]) -> None:
    for key in facts.keys() - set(keys):
        facts.drop(key)
