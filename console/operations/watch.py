"""Looks at the fleet again and again; yields what is known as pages arrive and when a look is whole."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from msgspec.structs import replace

from console.errors import UnreachableError
from console.fleet.failure import Failure, failure_of
from console.fleet.models import FleetSnapshot, Job, JobKey, Progress, Run, RunKey, Runner, RunnerKey
from console.fleet.release import Release, Releases
from console.fleet.sightings import Sighting
from console.operations.annals import Annals
from console.operations.beside import Beside
from console.operations.conclusions import BREATH, Conclusions
from console.operations.finding_lives import FindingLives
from console.operations.interfaces import Clock, GitHub
from console.operations.look import Look
from console.operations.pulse import Pulse
from console.operations.schedule import Schedule, WatchPlan
from console.operations.suspects import Suspects

TICK = 1.0
SOON = 0.05
SLEPT = 10.0
"""Two ticks so far apart: the machine slept, or the program was stopped."""
COALESCE = 0.25
WHILE_BUSY = 2.0
PATIENCE = 20.0
LOGS_PATIENCE = 20.0
"""So long a command waits for the logs of jobs that failed."""
HOSTS_PATIENCE = 15.0
"""So long a command waits for the hosts of suspected runners."""
LONGEST_LOOK = 300.0
"""A look of a command ends by then, whatever has not been read."""


class Watch:
    """Looks at one context. `looks()` is consumed by one worker; all else may be called while it runs."""

    def __init__(
        self,
        plan: WatchPlan,
        github: GitHub,
        clock: Clock,
        remembered: FleetSnapshot | None = None,
        *,
        beside: Beside | None = None,
    ) -> None:
        """`remembered` is what the last session knew."""
        self.plan = plan
        self._github = github
        self._clock = clock
        self._arrival = asyncio.Event()
        self._schedule = Schedule(plan, github, clock, self._note_arrival)
        self._known = self._schedule.known
        self._beside = beside or Beside()
        self._beside.follow(self._known, self._note_arrival)
        self.relies = True
        """What another process read a moment ago will do for a command."""
        self.drained: Callable[[], frozenset[RunnerKey]] | None = None
        """Says in a thread which runners were stopped on purpose."""
        self.annals = Annals()
        """What is kept of the past; where nobody gives others, it is what this process has seen."""
        self.lives = FindingLives()
        """What has become of findings, and what was said of them."""
        self.walked: tuple[RunnerKey, ...] = ()
        """A walk is about them: their hosts are asked, too."""
        self._suspects: Suspects | None = None
        self._alone = False
        """For a command, which looks once and asks for what it needs of logs."""
        self._dirty = True
        self._paused = False
        self._remembered = remembered is not None
        self._conclusions = Conclusions(plan.thresholds, clock, plan.hosts)
        self._pulse = Pulse(plan.look_every)
        if remembered is not None:
            self._schedule.seed(remembered)
            self._beside.seed(remembered, github.now())

    def ask_hosts(self, suspects: Suspects) -> None:
        """From now on the hosts of suspected runners are asked what they say of them."""
        self._suspects = suspects
        suspects.arrived = self._note_arrival
        suspects.github_says = self._status_of

    def _status_of(self, key: RunnerKey) -> str:
        runner = self._known.runners.get(key)
        return runner.status if runner is not None else ""

    def look_again(self) -> None:
        """Make every source due now, and ask for a new token where one was refused: the operator may have mended it."""
        self._github.try_again()
        self._beside.look_again()
        self._schedule.all_due()
        self._arrival.set()

    def changed(self, target: RunnerKey | JobKey | RunKey) -> None:
        """Something was done to it from here: what is known of its scope or repository is read anew."""
        self._schedule.due_at(target.scope if isinstance(target, RunnerKey) else target.repository)
        if isinstance(target, RunnerKey) and self._suspects is not None:
            self._suspects.ask_again(target)
        self._arrival.set()

    def pause(self, paused: bool) -> None:
        """Paused: nothing new is asked until it is resumed; ages go on counting."""
        self._paused = paused
        self._note_arrival()

    async def job(self, key: JobKey) -> Job | None:
        """Read one job anew, out of turn, and merge it into the next look. None: it is gone."""
        job = await self._github.job(key)
        if job is None:
            self._known.jobs.drop(key)
        else:
            self._known.add_job(job, self._github.now())
            if self._beside.failures is not None:
                self._beside.failures.want(job)
        self._note_arrival()
        return job

    async def failure(self, key: JobKey) -> Failure | None:
        """Why this job failed, its log read now where it was not yet. None: it has not failed, or is not known."""
        job = self._known.jobs.get(key)
        if job is None or self._beside.failures is None:
            return None
        await self._beside.failures.read([job], LOGS_PATIENCE)
        return failure_of(job, self._beside.failures.frozen())

    def ask_why(self, key: JobKey) -> None:
        """The operator asks why this job failed: its log is read out of turn, and the next look knows."""
        job = self._known.jobs.get(key)
        if job is not None and self._beside.failures is not None:
            self._beside.failures.want(job)

    def note_sightings(self, sightings: Sequence[Sighting]) -> None:
        """A log of a runner that was opened here has these known lines."""
        if self._conclusions.note_sightings(sightings):
            self._note_arrival()

    async def runner(self, key: RunnerKey) -> Runner | None:
        """Read one runner anew, out of turn, and merge it into the next look. None: it is gone."""
        runner = await self._github.runner(key)
        if runner is None:
            self._known.runner_is_gone(key)
        else:
            self._known.add_runners((runner,), self._github.now())
        self._note_arrival()
        return runner

    async def run(self, key: RunKey) -> Run | None:
        """Read one run anew, out of turn; where it is watched, the next look has it. None: it is gone."""
        run = await self._github.run(key)
        if run is not None and self._known.runs.get(key) is not None:
            self._known.add_runs((run,))
            self._note_arrival()
        return run

    async def releases(self, repository: str) -> tuple[Release, ...]:
        """Read a repository's releases anew, out of turn; where they are watched, the next look has them."""
        at = self._github.now()
        found = await self._github.releases(repository)
        if self._known.releases.get(repository) is not None:
            self._known.releases.put(repository, Releases(at, found))
            self._note_arrival()
        return found

    async def looks(self) -> AsyncGenerator[Look]:
        """Never ends by itself and never raises for what GitHub or the network do: problems are in the freshness."""
        ticked, yielded = self._clock.elapsed(), float("-inf")
        self.lives.arrived = self._note_arrival
        try:
            while True:
                now = self._clock.elapsed()
                if now - ticked > SLEPT:
                    await self._woke_up()
                ticked = now
                if not self._paused:
                    self._schedule.start_due(once=self._alone)
                    self._read_more()
                patience = WHILE_BUSY if self._schedule.running and self._schedule.tried_everything() else COALESCE
                if self._dirty and now - yielded >= patience:
                    self._dirty = False
                    look = await self._look()
                    yielded = self._clock.elapsed()
                    yield look
                await self._wait(patience if self._dirty or self._alone else self._until_due())
                self._schedule.collect()
        finally:
            await self._schedule.stop()
            await self._beside.stop()
            if self._suspects is not None:
                await self._suspects.stop()

    def _until_due(self) -> float:
        return min(max(self._schedule.next_due(), SOON), TICK)

    def _read_more(self) -> None:
        """Once everything has been looked at. Jobs of which only that they ran is remembered are left out."""
        if self._beside.status is not None:
            self._beside.status.start_due(well=not self._schedule.fails())
        if self._beside.latest is not None and self._schedule.tried_everything():
            self._beside.latest.start_due()
        if self._alone or not self._schedule.tried_everything():
            return
        if self._beside.failures is not None:
            self._beside.failures.start_due(self._known.read_jobs)
        if self._beside.releases is not None:
            self._beside.releases.start_due(self._known)
        if self._suspects is not None:
            self._suspects.start_due(self._conclusions.suspects, self.walked)
        if self._beside.particulars is not None:
            self._beside.particulars.start_due(self.facts, self._conclusions.judged.reasons)

    async def first_whole_look(self, tell: Callable[[Progress], None] = lambda _progress: None) -> Look:
        """For commands without a screen: all sources read, or failed, once; `tell` hears how far it has come.

        What is held and what ended lately is waited for too, but in a large fleet no longer than `PATIENCE`. What had
        been read long before the rest is read again. What a slow server has not given after `LONGEST_LOOK` has failed.
        """
        self._alone = True
        if self.relies:
            self._schedule.rely_on_remembered()
        looks = self.looks()
        whole_at, again = None, False
        alarm = asyncio.create_task(self._give_up_after(LONGEST_LOOK))
        try:
            async for look in looks:
                tell(look.snapshot.progress)
                if not look.snapshot.whole:
                    continue
                whole_at = look.at if whole_at is None else whole_at
                patient = look.at - whole_at <= PATIENCE and not alarm.done()
                if not again and (self._schedule.tried_all_active() or not patient):
                    again = True
                    self._schedule.look_again_at_old()
                if again and (alarm.done() or not self._schedule.wants_more()):
                    await self._beside.answer()
                    break
        finally:
            alarm.cancel()
            await looks.aclose()
        if self._beside.releases is not None:
            await self._beside.releases.read(self._known)
        if self._beside.particulars is not None:
            await self._beside.particulars.read(self.facts, self._conclusions.judged.reasons)
        now, then = self.facts(), look.snapshot
        news = (now.status_page, now.latest_runner, now.particulars)
        later = news != (then.status_page, then.latest_runner, then.particulars)
        return await self._look() if self._known.releases or later else look

    async def with_hosts(self, look: Look, named: Sequence[RunnerKey] = ()) -> Look:
        """For commands without a screen: what the hosts of suspects and `named` say is known too, or why it is not."""
        if self._suspects is None:
            return look
        await self._suspects.read(self._conclusions.suspects, HOSTS_PATIENCE, named)
        hosts = self._suspects.frozen()
        self.annals.note(look.snapshot, hosts.values())
        findings = await self._conclusions.findings(look.snapshot, hosts, self.annals.past, look.drained)
        return replace(look, hosts=hosts, findings=findings, past=self.annals.past)

    async def with_failures(self, look: Look, keys: Sequence[JobKey]) -> Look:
        """For commands without a screen: why these jobs failed is known too, or why it is not."""
        if self._beside.failures is None:
            return look
        jobs = [look.snapshot.jobs[key] for key in keys if key in look.snapshot.jobs]
        await self._beside.failures.read(jobs, LOGS_PATIENCE)
        failures = self._beside.failures.frozen()
        self._conclusions.note_failures(failures, look.snapshot)
        findings = await self._conclusions.findings(look.snapshot, look.hosts, self.annals.past, look.drained)
        return replace(look, failures=failures, findings=findings, sightings=self._conclusions.sightings)

    async def _give_up_after(self, seconds: float) -> None:
        await self._clock.sleep(seconds)
        late = UnreachableError(
            f"It was not read within {seconds / 60:.0f} min",
            "The server is slow, or there is too much to read at once.",
        )
        self._schedule.give_up(late)
        self._note_arrival()

    def _note_arrival(self) -> None:
        self._dirty = True
        self._arrival.set()

    async def _wait(self, seconds: float) -> None:
        """Until that long has passed, or a source has ended, or something arrived that may be shown at once."""
        self._arrival.clear()
        helpers = [asyncio.ensure_future(self._clock.sleep(seconds))]
        if not self._dirty:
            helpers.append(asyncio.ensure_future(self._arrived()))
        try:
            await asyncio.wait([*helpers, *self._schedule.running], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for helper in helpers:
                helper.cancel()

    async def _arrived(self) -> None:
        await self._arrival.wait()

    async def _woke_up(self) -> None:
        """Connections are dead and everything is old: drop both, then look again, staggered as always."""
        await self._schedule.stop()
        await self._github.reset_connections()
        self._schedule.all_due()
        self._dirty = True

    async def _look(self) -> Look:
        self._known.forget_old(self._github.now(), self._schedule.reader.watched)
        snapshot = self.facts()
        if snapshot.whole:
            self._remembered = False
            await self._conclusions.judge(snapshot)
            if self._pulse.sample(snapshot, self._clock.elapsed()):
                self._schedule.spending.note(self._clock.elapsed(), snapshot.budget)
        await self._clock.sleep(BREATH)
        drained = await asyncio.to_thread(self.drained) if self.drained is not None else frozenset()
        failures = self._beside.failures.frozen() if self._beside.failures is not None else {}
        self._conclusions.note_failures(failures, snapshot)
        judged = self._conclusions.judged
        hosts = self._suspects.frozen() if self._suspects is not None else {}
        self.annals.note(snapshot, hosts.values())
        look = Look(
            snapshot=snapshot,
            findings=await self._conclusions.findings(snapshot, hosts, self.annals.past, drained),
            past=self.annals.past,
            hosts=hosts,
            sightings=self._conclusions.sightings,
            reasons=judged.reasons,
            takers=judged.takers,
            wedged=judged.wedged,
            drained=drained,
            failures=failures,
            thresholds=self.plan.thresholds,
            at=self._clock.elapsed(),
            remembered=self._remembered,
            paused=self._paused,
            queue_depth=self._pulse.queue_depth,
            busy_share=self._pulse.busy_share,
        )
        # A command knows only at its end what it has found.
        return look if self._alone else await self.lives.followed(look)

    def facts(self) -> FleetSnapshot:
        """What is known at this moment, without a verdict."""
        facts = replace(
            self._known.snapshot(self._github.now()),
            context=self.plan.context,
            freshness=self._schedule.freshness(),
            budget=self._github.budget,
            progress=self._schedule.progress(),
            whole=self._schedule.tried_everything(),
            set_aside=self._schedule.set_aside(),
        )
        return self._beside.told(facts)

    def settled_failures(self) -> dict[JobKey, Failure]:
        """Why jobs failed, as far as it will not change."""
        return self._beside.settled_failures()
