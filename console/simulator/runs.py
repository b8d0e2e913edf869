"""The life of runs: they start, their jobs follow one another, they are held back, they end and are forgotten."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from random import Random

from console.simulator.dispatch import Dispatch
from console.simulator.inhabitants import Account, Job, Repository, Run
from console.simulator.timeline import Timeline
from console.simulator.workflows import JobPlan, Stream, WorkflowPlan

KEPT = timedelta(hours=1)
"""How long finished runs are remembered."""
QUEUE_LIMIT = timedelta(hours=24)
"""GitHub gives up on a job that no runner has taken by then."""

HEARD_AFTER = 4.0
"""Seconds until a runner has heard that its job is not wanted any more."""


class Runs:
    """All runs and their jobs, by repository and by id."""

    def __init__(self, timeline: Timeline, random: Random, dispatch: Dispatch) -> None:
        self._timeline = timeline
        self._random = random
        self._dispatch = dispatch
        self._of: dict[int, dict[int, Run]] = defaultdict(dict)
        self.jobs: dict[int, Job] = {}
        self._run_id = 17_503_112_000
        self._job_id = 49_771_305_000
        self._numbers: dict[tuple[int, str], int] = {}
        self._holding: dict[tuple[int, str], Run] = {}
        self._pending: dict[tuple[int, str], Run] = {}
        timeline.every(600, self._forget)
        timeline.every(600, self._give_up)

    def of(self, repository: Repository) -> dict[int, Run]:
        """A repository's runs by id, the oldest first."""
        return self._of[repository.id]

    def follow(self, repository: Repository, stream: Stream, actors: tuple[Account, ...]) -> None:
        """Let a workflow start again and again."""

        def arrive() -> None:
            mine = [run for run in self.of(repository).values() if run.open and run.workflow is stream.workflow]
            if len(mine) < stream.at_most:
                self.start(repository, stream.workflow, self._random.choice(actors))
            self._timeline.after(self._gap(stream), arrive)

        self._timeline.after(self._random.uniform(0, stream.seconds), arrive)

    def _gap(self, stream: Stream) -> float:
        return min(max(self._random.expovariate(1 / stream.seconds), stream.seconds / 4), stream.seconds * 3)

    def start(self, repository: Repository, workflow: WorkflowPlan, actor: Account) -> Run:
        """Start a run now."""
        run = self._new_run(repository, workflow, actor)
        self.of(repository)[run.id] = run
        if workflow.event == "push":
            repository.pushed_at = run.created_at
            repository.rendered.clear()
        if workflow.from_fork:
            run.fork, run.status, run.conclusion = True, "completed", "action_required"
        elif workflow.concurrency is not None and not self._take_place(run):
            self._create_ready(run, "pending")
        else:
            self._create_ready(run)
        return run

    def approve(self, run: Run) -> None:
        """A reviewer agrees: a fork's run may start, jobs for an environment may go ahead."""
        if run.conclusion == "action_required":
            run.status, run.conclusion = "queued", None
            self._create_ready(run)
        for job in run.jobs:
            if job.status == "waiting":
                self._queue(job)
        self._update(run)

    def finished(self, job: Job) -> None:
        """A job has ended: what needed it may follow."""
        if job.plan.leaves is not None:
            job.plan.leaves(job)
        if job.conclusion == "success":
            self._create_ready(job.run)
        else:
            job.run.unstarted.clear()
        self._update(job.run)

    def rerun(self, run: Run, by: Account, again: Sequence[Job] | None = None, *, debug: bool = False) -> None:
        """A new attempt of a run that has ended: of these jobs and those that need them, or of all its jobs."""
        run.before.append(replace(run, jobs=list(run.jobs), before=[], unstarted=[], rendered={}))
        later = list(run.workflow.jobs)
        if again is not None:
            begun = {job.plan.name for job in run.jobs}
            needing = _needing(run.workflow.jobs, {job.plan.name for job in again})
            later = [plan for plan in later if plan.name in needing or plan.name not in begun]
        left = [job for job in run.jobs if job.plan not in later and again is not None and job not in again]
        run.jobs, run.unstarted = left, later
        run.attempt, run.status, run.conclusion = run.attempt + 1, "queued", None
        run.started_at, run.started_by, run.debug = self._timeline.now, by, debug
        status = "queued" if run.workflow.concurrency is None or self._take_place(run) else "pending"
        for job in again or ():
            if job.plan not in later:
                self._create(run, job.plan, job.name, _begins(job.plan, status))
        self._create_ready(run, status)

    def stop(self, run: Run, *, force: bool = False) -> None:
        """Somebody wants it to end: a running job does when its runner has heard of it, or at once by force."""
        self.cancel(run)
        for job in [job for job in run.jobs if job.status == "in_progress"]:
            if force:
                self._dispatch.interrupt(job)
            elif job.machine is not None and job.machine.status == "online":
                self._timeline.after(HEARD_AFTER, partial(self._dispatch.interrupt, job))

    def cancel(self, run: Run) -> None:
        """End a run whose jobs have no runner yet."""
        run.unstarted.clear()
        for job in run.jobs:
            if job.status in {"queued", "waiting", "pending"}:
                self._dispatch.withdraw(job)
                job.status, job.conclusion, job.completed_at = "completed", "cancelled", self._timeline.now
                job.rendered.clear()
        self._update(run)

    def _new_run(self, repository: Repository, workflow: WorkflowPlan, actor: Account) -> Run:
        self._run_id += self._random.randint(3, 400)
        key = (repository.id, workflow.path)
        self._numbers[key] = self._numbers.get(key, repository.id % 700) + 1
        now = self._timeline.now
        return Run(
            id=self._run_id,
            repository=repository,
            workflow=workflow,
            workflow_id=90_000_000 + repository.id % 100_000 * 10 + len(workflow.path) % 10,
            number=self._numbers[key],
            title=self._random.choice(workflow.titles),
            branch=self._random.choice(workflow.branches),
            event=workflow.event,
            actor=actor,
            head_sha=f"{self._random.getrandbits(160):040x}",
            created_at=now,
            updated_at=now,
            unstarted=list(workflow.jobs),
        )

    def _create_ready(self, run: Run, status: str = "queued") -> None:
        done = {job.plan.name for job in run.jobs if job.conclusion == "success"}
        undone = {job.plan.name for job in run.jobs if job.conclusion != "success"}
        for plan in [plan for plan in run.unstarted if done - undone >= set(plan.needs)]:
            run.unstarted.remove(plan)
            for name in plan.names():
                self._create(run, plan, name, _begins(plan, status))
        self._update(run)

    def _create(self, run: Run, plan: JobPlan, name: str, status: str) -> None:
        self._job_id += self._random.randint(1, 90)
        job = Job(self._job_id, run, name, plan, plan.labels, self._timeline.now, status, run.attempt, run.debug)
        run.jobs.append(job)
        self.jobs[job.id] = job
        if status == "queued":
            self._queue(job)

    def _queue(self, job: Job) -> None:
        job.status = "queued"
        job.rendered.clear()
        self._dispatch.enqueue(job)

    def _give_up(self) -> None:
        limit = self._timeline.now - QUEUE_LIMIT
        for job in [job for job in self._dispatch.queue.values() if job.created_at < limit]:
            self.cancel(job.run)

    def ahead_of(self, run: Run) -> list[Run] | None:
        """The runs before it in its concurrency group, the first of them first; None: it is in no group now."""
        place = (run.repository.id, run.workflow.concurrency or "")
        members = [each for each in (self._holding.get(place), self._pending.get(place)) if each is not None]
        return members[: members.index(run)] if run in members else None

    def _take_place(self, run: Run) -> bool:
        """Whether the run may go ahead in its group; else it is pending, and what was pending is cancelled."""
        place = (run.repository.id, run.workflow.concurrency or "")
        if place not in self._holding:
            self._holding[place] = run
            return True
        outdone = self._pending.get(place)
        self._pending[place] = run
        if outdone is not None:
            self.cancel(outdone)
        return False

    def _leave_place(self, run: Run) -> None:
        place = (run.repository.id, run.workflow.concurrency or "")
        if self._pending.get(place) is run:
            del self._pending[place]
        if self._holding.get(place) is not run:
            return
        follower = self._pending.pop(place, None)
        if follower is None:
            del self._holding[place]
            return
        self._holding[place] = follower
        for job in follower.jobs:
            if job.status == "pending":
                self._queue(job)
        self._update(follower)

    def _update(self, run: Run) -> None:
        statuses = {job.status for job in run.jobs if job.attempt == run.attempt}
        if run.conclusion == "action_required" or not statuses:
            return
        run.updated_at = self._timeline.now
        run.rendered.clear()
        if statuses == {"completed"}:
            # What has not begun by now needs a job that has failed and was not run again.
            self._complete(run)
        elif "in_progress" in statuses or {"completed", "queued"} <= statuses:
            run.status = "in_progress"
        else:
            run.status = next(status for status in ("queued", "waiting", "pending", "completed") if status in statuses)

    def _complete(self, run: Run) -> None:
        if run.status == "completed":
            return
        endings = {job.conclusion for job in run.jobs}
        run.status = "completed"
        run.conclusion = next((bad for bad in ("failure", "cancelled") if bad in endings), "success")
        if run.workflow.concurrency is not None:
            self._leave_place(run)

    def _forget(self) -> None:
        horizon = self._timeline.now - KEPT
        for runs in self._of.values():
            for run in [run for run in runs.values() if not run.open and run.updated_at < horizon]:
                del runs[run.id]
                for job in run.all_jobs():
                    del self.jobs[job.id]


def _begins(plan: JobPlan, status: str) -> str:
    """Its status, in a run that is queued or held back."""
    return "waiting" if plan.environment and status == "queued" else status


def _needing(plans: Iterable[JobPlan], names: set[str]) -> set[str]:
    """What needs any of these, or something that does."""
    plans, found = list(plans), set[str]()
    while more := {plan.name for plan in plans if {*plan.needs} & (names | found)} - found:
        found |= more
    return found
