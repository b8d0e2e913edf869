"""How the pretend GitHub gives queued jobs to runners, and how long they run there."""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from random import Random
from typing import NamedTuple

from console.simulator.inhabitants import Group, Job, Runner, Step
from console.simulator.listener_words import acknowledged, worked
from console.simulator.timeline import Timeline

GIVES_UP_AFTER = 600.0
"""Seconds that GitHub waits for a runner that has acknowledged a job and does not take it."""


_WORKER_ENDS = {"failure": 102, "cancelled": 103}
"""The exit status of a worker, by how its job ended."""


class Pool(NamedTuple):
    """Runners that can take the same jobs: of one scope and group, with the same labels (in lower case)."""

    scope: str
    group: Group | None
    labels: frozenset[str]

    def fits(self, job: Job) -> bool:
        """Whether the job may run here, by scope, group and labels."""
        repository = job.run.repository
        if self.group is None:
            reached = self.scope == f"repo:{repository.full_name}"
        else:
            reached = self.group.serves(repository, job.run.workflow_ref)
        named = not job.plan.group or (self.group is not None and self.group.name == job.plan.group)
        allowed = reached and named and repository.actions_on
        return allowed and self.labels.issuperset(label.lower() for label in job.labels)


def pool_of(runner: Runner) -> Pool:
    """Where a runner belongs."""
    return Pool(runner.scope, runner.group, frozenset(label.name.lower() for label in runner.labels))


def _cut(step: Step, at: float, *, last: bool) -> Step:
    """What becomes of a step when its job is cancelled: the last one cleans up all the same."""
    if step.ends <= at:
        return step
    ending = step.conclusion if last else "cancelled" if step.begins <= at else "skipped"
    return Step(step.name, min(step.begins, at), at, ending)


class Dispatch:
    """The queue of jobs, and the idle runners that wait for them, the longest idle first."""

    def __init__(self, timeline: Timeline, random: Random, finished: Callable[[Job, Runner], None]) -> None:
        self._timeline = timeline
        self._random = random
        self._finished = finished
        self._idle: dict[Pool, OrderedDict[int, Runner]] = {}
        self.queue: dict[int, Job] = {}
        """Jobs that no runner has yet, the oldest first."""
        self._halted = False

    def enqueue(self, job: Job) -> None:
        """Offer it to the fleet in a few seconds, and whenever a runner gets free."""
        self.queue[job.id] = job
        self._timeline.after(self._random.uniform(2, 6), partial(self._offer, job))

    def withdraw(self, job: Job) -> None:
        """It needs no runner any more."""
        self.queue.pop(job.id, None)

    def regard(self, runner: Runner) -> None:
        """The runner has changed: see whether it takes jobs now, and which."""
        runner.rendered.clear()
        if not runner.takes_jobs:
            return
        self._idle.setdefault(pool_of(runner), OrderedDict())[runner.id] = runner
        if self.queue:
            self._timeline.after(self._random.uniform(1, 4), partial(self._offer_oldest, runner))

    def disregard(self, runner: Runner) -> None:
        """Before a runner changes: it takes no job until it is regarded again."""
        runner.rendered.clear()
        idle = self._idle.get(pool_of(runner))
        if idle is not None:
            idle.pop(runner.id, None)
            if not idle:
                del self._idle[pool_of(runner)]

    def offer_all(self) -> None:
        """Rules have changed: offer every queued job once more."""
        for job in list(self.queue.values()):
            self._timeline.after(self._random.uniform(2, 6), partial(self._offer, job))

    def halt(self) -> None:
        """From now on GitHub hands out no job: whatever is queued stays so."""
        self._halted = True

    def resume(self) -> None:
        """It hands them out again."""
        self._halted = False
        self.offer_all()

    def _offer(self, job: Job) -> None:
        if self._halted or job.id not in self.queue:
            return
        fitting = [pool for pool in self._idle if pool.fits(job)]
        if fitting:
            # Machines with special labels are left for the jobs that need them.
            idle = self._idle[min(fitting, key=lambda pool: len(pool.labels))]
            self._start(job, next(iter(idle.values())))

    def _offer_oldest(self, runner: Runner) -> None:
        if not runner.takes_jobs:
            return
        pool = pool_of(runner)
        job = next((job for job in self.queue.values() if pool.fits(job)), None)
        if job is not None:
            self._offer(job)

    def _start(self, job: Job, runner: Runner) -> None:
        self.disregard(runner)
        self.withdraw(job)
        if runner.hangs:
            self._acknowledge(job, runner)
            return
        runner.busy, runner.job = True, job
        job.status, job.started_at = "in_progress", self._timeline.now
        job.runner_id, job.runner_name = runner.id, runner.name
        job.machine = runner
        job.group_id, job.group_name = (runner.group.id, runner.group.name) if runner.group else (0, "")
        seconds = self._random.uniform(*job.plan.seconds)
        chance, fails = self._random.random(), job.plan.fails
        failing = chance < job.run.workflow.fails if fails is None else fails(job)
        job.outcome = "failure" if failing else "success"
        job.steps = self._steps(job, seconds)
        if runner.full:
            seconds, job.outcome, job.crashed = min(seconds, 12 + chance * 20), "failure", True
        runner.diary.took(runner, worked, self._timeline.now, job.id, job.name)
        job.rendered.clear()
        self._touch_run(job)
        self._timeline.after(seconds, partial(self._finish, job, runner))

    def _acknowledge(self, job: Job, runner: Runner) -> None:
        """It hangs: GitHub goes on calling it idle and the job queued, and gives the job up in the end."""
        runner.stuck, runner.hangs = True, False
        runner.diary.note(acknowledged, self._timeline.now, job.id, job.name)

        def give_up() -> None:
            if job.status != "queued":
                return
            job.status, job.conclusion, job.completed_at, job.lost = "completed", "failure", self._timeline.now, True
            job.runner_id, job.runner_name, job.machine = runner.id, runner.name, runner
            job.rendered.clear()
            self._finished(job, runner)

        self._timeline.after(GIVES_UP_AFTER, give_up)

    def _steps(self, job: Job, seconds: float) -> tuple[Step, ...]:
        names = job.plan.all_steps()
        shares = [0.2, *(self._random.uniform(0.5, 2) for _ in names[2:]), 0.2]
        if job.plan.pours:
            shares[names.index(job.plan.steps[-1])] = 1000.0
        endings = ["success"] * len(names)
        if job.outcome == "failure":
            broken, clean_up = job.plan.after_failure()
            endings[broken] = "failure"
            for skipped in range(broken + 1, clean_up):
                endings[skipped], shares[skipped] = "skipped", 0.0
        scale = seconds / sum(shares)
        steps, at = [], 0.0
        for name, share, ending in zip(names, shares, endings, strict=True):
            steps.append(Step(name, at, at + share * scale, ending))
            at += share * scale
        return tuple(steps)

    def lose(self, job: Job) -> None:
        """Its runner is cut off in the middle of it."""
        runner = job.machine
        assert runner is not None
        job.lost, job.outcome, runner.status = True, "failure", "offline"
        self._finish(job, runner)

    def interrupt(self, job: Job) -> None:
        """It ends in the middle, as cancelled. Its runner has time to say so, unless it is cut off."""
        if job.status != "in_progress":
            return
        runner, begun = job.machine, job.started_at
        assert runner is not None
        assert begun is not None
        at = (self._timeline.now - begun).total_seconds()
        job.outcome, job.lost = "cancelled", runner.status != "online"
        job.steps = tuple([_cut(step, at, last=step is job.steps[-1]) for step in job.steps])
        self._finish(job, runner)

    def _finish(self, job: Job, runner: Runner) -> None:
        if job.status != "in_progress":
            return
        job.status, job.conclusion, job.completed_at = "completed", job.outcome, self._timeline.now
        job.rendered.clear()
        runner.busy, runner.job = False, None
        ended = 1 if job.crashed else _WORKER_ENDS.get(job.outcome, 100)
        runner.diary.finished(self._timeline.now, job.id, None if job.lost else ended)
        self._finished(job, runner)

    def _touch_run(self, job: Job) -> None:
        run = job.run
        run.status, run.updated_at = "in_progress", self._timeline.now
        run.rendered.clear()
