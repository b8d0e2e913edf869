"""What the fleet must show before an act, or as its proof. Frozen values, so that two plans can be compared."""

from datetime import datetime, timedelta

import msgspec
from msgspec.structs import replace

from console.fleet.evidence import Evidence, JobNow, RunnerNow, RunNow, ServiceOf
from console.fleet.hosts import Located
from console.fleet.models import JobKey, Name, Phrase, RunKey, RunnerKey
from console.fleet.plans import Judgement
from console.fleet.service_state import ServiceState
from console.fleet.words import sentence, several

_LINGERS = " While GitHub still holds the session before, that takes up to 4 min."
_ASK_WHY: Phrase = ("Its host says why, and Explain (x) tells it: the same once more would end the same way.",)
_UNSURE = timedelta(seconds=2)
"""Ages of processes and stamps of lines are whole seconds."""


class RunnerIdle(msgspec.Struct, frozen=True):
    """No job runs there: neither GitHub nor the host knows of one."""

    runner: RunnerKey
    located: Located

    def judge(self, evidence: Evidence) -> Judgement:
        """GitHub first: while it says busy, the host is not asked."""
        runner = evidence.of(RunnerNow(self.runner))
        if runner is None:
            return Judgement(False, ("GitHub does not list it any more.",), hopeless=True)
        if runner.busy:
            return Judgement(False, ("It runs a job, as GitHub says.",))
        service = evidence.of(ServiceOf(self.located))
        if service.workers:
            return Judgement(False, ("A worker runs on its host.",))
        if service.unreadable or not service.group_known:
            return Judgement(False, ("Whether a worker runs on its host could not be told.",))
        return Judgement(True, ("It is idle.",))


class ServiceBack(msgspec.Struct, frozen=True):
    """The service was started anew, listens, and GitHub sees it; where jobs waited, one was taken."""

    runner: RunnerKey
    located: Located
    before: str
    """InvocationID before the act."""
    since: datetime | None
    """The host's clock before the act."""
    waiting: tuple[JobKey, ...] = ()

    def judge(self, evidence: Evidence) -> Judgement:
        """Says what is missing, the first thing first."""
        service = evidence.of(ServiceOf(self.located))
        return replace(self._judged(evidence, service), after=service.words)

    def _judged(self, evidence: Evidence, service: ServiceState) -> Judgement:
        if not service.invocation or service.invocation == self.before:
            # A stop takes up to five minutes, and whoever does it holds the lock.
            undone = service.invocation != "" and service.active != "deactivating" and service.lock != "held"
            return Judgement(False, ("The service has not been started anew.",), undone=undone)
        if service.ended:
            how = f"{service.active}, {service.result}" if service.result not in {"", "success"} else service.active
            ended: Phrase = ("The service was started and has ended again: ", Name(how), ".")
            return Judgement(False, ended, hopeless=True, helps=_ASK_WHY)
        missing = self._missing_on_host(service)
        if missing:
            return Judgement(False, missing)
        runner = evidence.of(RunnerNow(self.runner))
        if runner is None or not runner.online:
            gone = "GitHub does not list it any more." if runner is None else "GitHub does not see it online yet."
            return Judgement(False, (gone,))
        return self._jobs(evidence, busy=runner.busy)

    def _missing_on_host(self, service: ServiceState) -> Phrase:
        if service.active != "active":
            return ("The service is ", Name(service.active or "in a state that could not be read"), ".")
        if len(service.listeners) != 1:
            return (f"{several(len(service.listeners), 'listener runs', 'listeners run')} there instead of one.",)
        heard, began = service.listening_since, _began(service)
        if heard is None or any(each is not None and heard < each for each in (self.since, began)):
            return ("Its listener has not said “Listening for Jobs” since.", _LINGERS)
        return ()

    def _jobs(self, evidence: Evidence, *, busy: bool) -> Judgement:
        back: Phrase = ("One listener, started anew, listens for jobs; GitHub sees it online",)
        if not self.waiting:
            return Judgement(True, sentence(back, "."))
        if busy:
            return Judgement(True, sentence(back, " and busy."))
        jobs = [evidence.of(JobNow(key)) for key in self.waiting]
        if any(job is not None and job.runner_id == self.runner.id for job in jobs):
            return Judgement(True, sentence(back, "; it has taken a job that waited."))
        if not any(job is not None and job.queued for job in jobs):
            return Judgement(True, sentence(back, "; none of the jobs that waited waits any more."))
        return Judgement(False, sentence(back, "; none of the jobs that waited was taken yet."))


def _began(service: ServiceState) -> datetime | None:
    """When its listener did, by the host's clock: after hours of waiting there are lines of those before it."""
    age = service.listeners[0].age
    return None if age is None or service.host_time is None else service.host_time - age - _UNSURE


class ServiceStopped(msgspec.Struct, frozen=True):
    """The service has ended, and no listener is left."""

    located: Located

    def judge(self, evidence: Evidence) -> Judgement:
        """By what the host shows: GitHub sees it some minutes later."""
        service = evidence.of(ServiceOf(self.located))
        return replace(self._judged(service), after=service.words)

    @staticmethod
    def _judged(service: ServiceState) -> Judgement:
        if not service.ended:
            return Judgement(
                False, ("The service is ", Name(service.active or "in a state that could not be read"), ".")
            )
        if service.listeners:
            return Judgement(False, (f"{several(len(service.listeners), 'listener')} still there.",))
        return Judgement(True, ("The service has ended, and no listener is left.",))


class RunnerGone(msgspec.Struct, frozen=True):
    """GitHub does not list it any more."""

    runner: RunnerKey

    def judge(self, evidence: Evidence) -> Judgement:
        """One read."""
        gone = evidence.of(RunnerNow(self.runner)) is None
        words = "GitHub does not list it any more." if gone else "GitHub still lists it."
        return Judgement(gone, (words,), undone=not gone)


class NewAttempt(msgspec.Struct, frozen=True):
    """The run has begun another attempt."""

    run: RunKey
    before: int

    def judge(self, evidence: Evidence) -> Judgement:
        """The number of its attempt has grown."""
        run = evidence.of(RunNow(self.run))
        if run is None:
            return Judgement(False, ("GitHub does not know the run any more.",), hopeless=True)
        if run.attempt > self.before:
            return Judgement(True, (f"Attempt {run.attempt} of the run has begun.",))
        return Judgement(False, (f"The run is still at attempt {run.attempt}.",), undone=True)
