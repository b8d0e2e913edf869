"""Opens the logs on the hosts of a context, and asks what a host is like."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from console.errors import ConsoleError, LogError, NotLocatedError
from console.fleet.at_work import runner_of
from console.fleet.frames import Frame
from console.fleet.host_facts import facts_from
from console.fleet.hosts import HostFacts, Leftover, Located
from console.fleet.log_lines import Where
from console.fleet.models import FleetSnapshot, Job, JobKey, Name, Phrase, Runner, RunnerKey, plain
from console.fleet.running_job import RunningJob, running_job
from console.fleet.scripts import SCRIPTS
from console.fleet.signatures import Catalogue
from console.operations.feed_sources import DiagLog, FeedSource, JobOutput, Journal, ServiceOutput
from console.operations.host_feed import HostLog
from console.operations.host_output import OutputLog
from console.operations.interfaces import Clock, Hosts
from console.operations.job_log import Spooled
from console.operations.locate import HostNames, Locator
from console.operations.logs import DiagKind, OpenLog, Salvaged
from console.operations.salvage import leftovers, salvage

FACTS_KEPT = 30.0
"""Seconds."""
SAME_JOB = timedelta(minutes=3)
"""GitHub and a listener do not tell the same moment for the beginning of a job, nor by the same clock."""


class RunnerHostLogs:
    """The hosts of one context."""

    def __init__(
        self,
        hosts: Hosts,
        names: HostNames,
        snapshot: Callable[[], FleetSnapshot],
        *,
        spool: Callable[[], Spooled],
        catalogue: Callable[[], Catalogue],
        clean: Callable[[str], str],
        clock: Clock,
        now: Callable[[], datetime],
    ) -> None:
        """`clean` makes foreign text harmless. `snapshot` is what is known of the fleet at that moment.

        `now` is GitHub's time: by that a host's clock is right or wrong, and this machine's may be wrong itself.
        """
        self._hosts = hosts
        self._snapshot = snapshot
        self._spool = spool
        self._catalogue = catalogue
        self._clean = clean
        self._clock = clock
        self._now = now
        self._locator = Locator(hosts, names, self._runner, clock)
        self._facts: dict[RunnerKey, tuple[float, HostFacts]] = {}
        self._asking: dict[RunnerKey, asyncio.Lock] = {}

    async def journal(self, runner: RunnerKey) -> OpenLog:
        """Raises NotLocatedError where the runner runs without a unit, too."""
        located = await self._locator.locate(runner)
        if located.output:
            return self._open(located, ("service output",), "service-log", ServiceOutput(located.output))
        if located.service:
            what: Phrase = ("journal of ", Name(located.service))
            return self._open(located, what, "service-log", Journal(located.service))
        if located.unit is None:
            raise NotLocatedError(
                "This runner has no systemd unit on its host, so it has no journal of its own",
                "`D` shows its listener's log, which says the same and more.\n" + _looked(located),
            )
        return self._open(located, ("service journal",), "service-log", Journal(located.unit))

    async def diag(self, runner: RunnerKey, which: DiagKind) -> OpenLog:
        """The newest, and those that follow."""
        located = await self._locator.locate(runner)
        where: Where = "worker-diag" if which == "worker" else "runner-diag"
        return self._open(located, (f"{which}'s log",), where, DiagLog(located, which))

    async def output(self, job: JobKey) -> OpenLog:
        """Raises LogError where its runner's own log says that it does not run it."""
        snapshot = self._snapshot()
        known, runner = snapshot.jobs.get(job), runner_of(snapshot, job)
        if known is None or runner is None:
            raise NotLocatedError("No runner that is listed has this job", "Its runner may be another owner's.")
        located = await self._locator.locate(runner)
        answer = await self._hosts.ask(located.host, SCRIPTS["listener-tail"], located.directory)
        running = running_job(answer.frames, self._clean)
        why_not = _why_not(running, known)
        if running is None or why_not:
            raise LogError(
                why_not, "`D` on its runner shows what its listener says; `l` shows GitHub's log once there is one."
            )
        source = JobOutput(located, running.guid)
        name: Phrase = (Name(known.repository), " ", Name(known.name), " as it runs on ", Name(located.host))
        opened = OutputLog(name, "job-log", self._spool(), self._catalogue, self._clock, source=source)
        opened.feed(self._hosts, located.host)
        opened.watch(self._hosts, located, running.guid, self._clean)
        return opened

    async def locate(self, runner: RunnerKey) -> Located:
        """Where it lives, proved there within the last minutes. Raises NoHostError, NotLocatedError and HostErrors."""
        return await self._locator.locate(runner)

    async def facts(self, runner: RunnerKey, *, anew: bool = False) -> HostFacts:
        """One script, whose answer is remembered for a while."""
        async with self._asking.setdefault(runner, asyncio.Lock()):
            known = self._facts.get(runner)
            if known is not None and not anew and self._clock.elapsed() - known[0] < FACTS_KEPT:
                return known[1]
            located = await self._locator.locate(runner)
            asked = self._now()
            answer = await self._hosts.ask(
                located.host, SCRIPTS["host-facts"], located.unit or located.service or "-", located.directory
            )
            found = facts_from(answer.frames, located, asked, self._now(), self._clean)
            if not found.listeners and not found.version:
                self._locator.forget(runner)
            self._facts[runner] = self._clock.elapsed(), found
            return found

    def has_host(self, runner: RunnerKey) -> bool:
        """Whether the settings name one for it."""
        try:
            self._locator.host_of(runner)
        except ConsoleError:
            return False
        return True

    async def listener_tail(self, runner: RunnerKey) -> tuple[Frame, ...]:
        """What the newest logs of its listener end with."""
        located = await self._locator.locate(runner)
        return (await self._hosts.ask(located.host, SCRIPTS["listener-tail"], located.directory)).frames

    async def leftovers(self, runner: RunnerKey) -> tuple[Leftover, ...]:
        """Files of job output that lie there now."""
        return await leftovers(self._hosts, await self._locator.locate(runner))

    async def salvage(self, runner: RunnerKey, to: Path) -> Salvaged:
        """Into a new file."""
        return await salvage(self._hosts, await self._locator.locate(runner), to)

    async def authenticate(self, runner: RunnerKey) -> str:
        """Lets a person answer what ssh asks; the host's name. Whoever calls has left the screen."""
        host = self._locator.host_of(runner)
        await self._hosts.authenticate(host)
        return host

    async def close(self) -> None:
        """Every connection."""
        await self._hosts.close()

    def _runner(self, key: RunnerKey) -> Runner | None:
        return self._snapshot().runners.get(key)

    def _open(self, located: Located, what: Phrase, where: Where, source: FeedSource) -> OpenLog:
        runner = self._runner(located.runner)
        who = Name(runner.name) if runner is not None else f"agent {located.agent_id}"
        likely = " (likely)" if located.certainty == "likely" else ""
        name: Phrase = (who, " ", *what, " on ", Name(located.host), likely)
        opened = HostLog(name, where, self._spool(), self._catalogue, self._clock, source=source)
        opened.feed(self._hosts, located.host)
        return opened


def _looked(located: Located) -> str:
    return "What was looked at there:\n" + "\n".join(f"- {plain(phrase)}" for phrase in located.looked)


def _why_not(running: RunningJob | None, job: Job) -> str:
    """Why what the runner runs is not the job that is meant; empty: nothing speaks against it."""
    if running is None:
        return "The log of its listener names no job, as far back as it was read"
    near = job.started_at is None or abs(job.started_at - running.received_at) < SAME_JOB
    if running.name not in {"", job.name} and not near:
        return "Its runner is busy with another job by now"
    return f"Its runner says that the job has ended: {running.result}" if running.result else ""
