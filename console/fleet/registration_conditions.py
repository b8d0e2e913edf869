"""What GitHub and a host must show of a runner that was registered, as a proof."""

from datetime import datetime

import msgspec
from msgspec.structs import replace

from console.fleet.conditions import ServiceBack
from console.fleet.evidence import Evidence, JobNow, RunnerNamed, RunnerNow, ServiceOf
from console.fleet.hosts import Located
from console.fleet.models import JobKey, Name, RunnerKey
from console.fleet.plans import Judgement


class RunnerUp(msgspec.Struct, frozen=True):
    """The new runner of that name has come online; where jobs waited, it has taken one."""

    scope: str
    name: str
    waiting: tuple[JobKey, ...] = ()

    def judge(self, evidence: Evidence) -> Judgement:
        """One that has ended its job already is not listed any more: then the job names it."""
        runner = evidence.of(RunnerNamed(self.scope, self.name))
        if runner is not None and not runner.online:
            return Judgement(False, ("GitHub lists it, and does not see it online yet.",))
        if runner is not None and (runner.busy or not self.waiting):
            return Judgement(True, ("GitHub sees it online and busy." if runner.busy else "GitHub sees it online.",))
        jobs = [evidence.of(JobNow(key)) for key in self.waiting]
        if any(job is not None and job.runner_name == self.name for job in jobs):
            return Judgement(True, ("It has taken a job that waited.",))
        if runner is None:
            gone = "GitHub does not list it any more: it was used up by another job, or somebody has removed it."
            return Judgement(False, (gone,))
        if not any(job is not None and job.queued for job in jobs):
            return Judgement(True, ("GitHub sees it online; the jobs that waited were taken by others.",))
        return Judgement(False, ("GitHub sees it online; it has taken none of the jobs that wait.",))


class Replaced(msgspec.Struct, frozen=True):
    """GitHub does not list the old runner any more, whose place a new one has taken."""

    old: RunnerKey
    new: str

    def judge(self, evidence: Evidence) -> Judgement:
        """One read: that the new one is there was seen before."""
        if evidence.of(RunnerNow(self.old)) is not None:
            return Judgement(False, ("GitHub still lists the old one.",), undone=True)
        return Judgement(True, (Name(self.new), " has come online, and GitHub does not list the old one any more."))


class RegisteredAnew(msgspec.Struct, frozen=True):
    """A runner of the same name is online with another id, and the service on its host is its own."""

    located: Located
    """As it was."""
    name: str
    invocation: str
    """Of the service, before."""
    since: datetime | None
    """The host's clock, before."""
    local: bool = False
    """GitHub was not asked to remove the old one, and may have kept its id."""

    def judge(self, evidence: Evidence) -> Judgement:
        """GitHub first: until it lists another id, the host is not asked."""
        runner = evidence.of(RunnerNamed(self.located.runner.scope, self.name))
        if runner is None:
            return Judgement(False, ("GitHub lists no runner of that name.",))
        if runner.id == self.located.runner.id and not self.local:
            return Judgement(False, (f"GitHub still lists it under its old id, {runner.id}.",))
        place = replace(self.located, runner=runner.key, agent_id=runner.id)
        if evidence.of(ServiceOf(place)).agent_id != runner.id:
            return Judgement(False, ("The settings on its host are not those of the runner that GitHub lists.",))
        back = ServiceBack(runner.key, place, self.invocation, self.since).judge(evidence)
        if not back.met:
            return back
        return replace(back, missing=(f"Its id is {runner.id} now. ", *back.missing))
