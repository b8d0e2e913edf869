"""What is done to a runner's service on its host: start, restart, restart when idle, drain and return."""

from datetime import timedelta
from typing import Literal, NamedTuple

from msgspec.structs import replace

from console.fleet.conditions import RunnerIdle, ServiceBack, ServiceStopped
from console.fleet.evidence import Evidence, PlaceOf, RouteTo, RunnerNow, ServiceOf
from console.fleet.guided_actions.action import on_runner
from console.fleet.guided_actions.runs import typed_text
from console.fleet.inquiry import drained, inquiring
from console.fleet.models import JobKey, Name, Phrase, Runner, RunnerKey, Thresholds
from console.fleet.plans import OnHost, Part, Plan, Refusal, Until
from console.fleet.runner_view import prospects
from console.fleet.scripts import SCRIPTS
from console.fleet.service_state import AtWork, ServiceState, Sudo
from console.fleet.sudoers import SUDOERS
from console.fleet.words import named, sentence, several

Verb = Literal["start", "restart", "stop"]

_STOP = timedelta(minutes=6)
"""systemd gives a runner five minutes to end."""
_BACK = timedelta(minutes=5)
"""A session that lingers at GitHub is waited for by the listener for up to four."""
_UNTIL_IDLE = timedelta(hours=12)
_ASKED_AFTER = 3
"""So many of the jobs that wait are asked about in the proof."""
_NOTHING: Phrase = ("Nothing: its service does not run.",)
_HARDLY: Phrase = ("Nothing, unless a job starts at this very moment: the script looks once more, then acts.",)


class At(NamedTuple):
    """The runner and its service that an action is about."""

    evidence: Evidence
    runner: Runner
    service: ServiceState


@on_runner(
    "restart-service", "Restart service", causes=("idle-while-queued", "session-stuck", "hung-after-acknowledge")
)
def restart_service(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Stops its listener and starts it anew, unless it runs a job."""
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    if runner.busy:
        return Refusal(("It runs a job, which would be cancelled.",), ("Restart when idle waits for the job's end.",))
    service = service_of(evidence, runner)
    if isinstance(service, Refusal):
        return service
    if service.ended:
        return Refusal(("Its service does not run: ", Name(service.active), "."), ("Start service starts it.",))
    refusal = not_now(service) or not_allowed(service, "restart")
    title: Phrase = ("Restart service on ", Name(runner.name))
    at = At(evidence, runner, service)
    return refusal or _plan(at, "restart-service", title, _begun_anew(at))


@on_runner(
    "start-service",
    "Start service",
    causes=("only-offline-runners", "service-stopped", "session-conflict", "near-removal"),
)
def start_service(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Starts its service, which has ended or was stopped."""
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    if runner.online:
        return Refusal(("It is online: its service runs.",), ("Restart service starts it anew.",))
    service = service_of(evidence, runner)
    if isinstance(service, Refusal):
        return service
    if not service.ended:
        return Refusal(("Its service is ", _state(service), "."), ("Restart service starts it anew.",))
    refusal = not_now(service) or not_allowed(service, "start")
    title: Phrase = ("Start service on ", Name(runner.name))
    at = At(evidence, runner, service)
    return refusal or _plan(at, "start-service", title, _begun_anew(at, "start"))


@on_runner("restart-when-idle", "Restart when idle")
def restart_when_idle(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Waits for the end of its job, then restarts its service; it can be given up while it waits."""
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    if not runner.online:
        return Refusal(("It is not online.",), ("Start service starts its service.",))
    if not runner.busy:
        return Refusal(("It is idle.",), ("Restart service does it at once.",))
    service = service_of(evidence, runner)
    if isinstance(service, Refusal):
        return service
    at = At(evidence, runner, service)
    title: Phrase = ("Restart ", Name(runner.name), " when idle")
    refusal = not_allowed(service, "restart")
    return refusal or _plan(at, "restart-when-idle", title, (_once_idle(at), *_begun_anew(at)))


@on_runner("drain", "Drain")
def drain(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Waits for the end of its job, then stops its service; Return starts it again."""
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    if not runner.online:
        return Refusal(("It is not online.",), ("Start service starts its service.",))
    service = service_of(evidence, runner)
    if isinstance(service, Refusal):
        return service
    at = At(evidence, runner, service)
    parts = (
        _once_idle(at),
        _act(at, "stop", "systemd stops the listener, unless a worker runs."),
        Until(ServiceStopped(service.located), ("The service has ended.",), timedelta(minutes=1)),
    )
    hurts: Phrase = ("It takes no jobs until somebody starts it again.",)
    title: Phrase = ("Drain ", Name(runner.name))
    return not_allowed(service, "stop") or _plan(at, "drain", title, parts, hurts)


@on_runner("return", "Return", causes=("drained",))
def return_to_work(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Starts the service of a runner that was drained."""
    planned = start_service(evidence, key)
    if isinstance(planned, Refusal):
        return planned
    runner = evidence.of(RunnerNow(key))
    return replace(planned, action="return", title=("Return ", Name(runner.name if runner else "?"), " to work"))


def known_runner(evidence: Evidence, key: RunnerKey) -> Runner | Refusal:
    """As GitHub says now; of a machine whose service can be acted on."""
    runner = evidence.of(RunnerNow(key))
    if runner is None:
        return Refusal(("GitHub does not list it any more.",))
    if runner.os.casefold() != "linux":
        words: Phrase = ("It runs on ", Name(runner.os or "a system that GitHub does not name"), ".")
        return Refusal(words, ("Services are acted on where systemd keeps them. Its logs can be read.",))
    return runner


def service_of(evidence: Evidence, runner: Runner) -> ServiceState | Refusal:
    """Its service, proved to be its own and known to systemd."""
    located = evidence.of(PlaceOf(runner.key))
    if located.unit is None:
        return Refusal(
            (
                "No systemd unit was found for it on ",
                Name(located.host),
                ", only its process.",
            ),
            ("Regenerate JIT config makes another one." if runner.ephemeral else "Restart it the way it was started.",),
        )
    if located.twins:
        where = sentence(Name(located.directory), " and ", named(located.twins))
        return Refusal(
            sentence("Its settings are in more than one directory of its host: ", where, "."),
            ("Nothing is done on a guess. Remove the one that was copied: each pushes the other out.",),
        )
    service = evidence.of(ServiceOf(located))
    if service.of_another:
        return Refusal(("Another runner lives in its directory by now.",), ("Look again, then try once more.",))
    if service.load != "loaded":
        return Refusal(("systemd says of its unit: ", Name(service.load or "nothing"), "."))
    return service


def not_now(service: ServiceState) -> Refusal | None:
    """What would be hurt."""
    if service.workers:
        return Refusal(("A worker runs on its host: it works on a job.",), ("Wait for the job's end.",))
    if service.unreadable or not service.group_known:
        why = (
            f"{several(service.unreadable, 'process', 'processes')} of its unit could not be looked at"
            if service.unreadable
            else "The processes of its unit could not be listed"
        )
        return Refusal(
            (f"{why}: whether a job runs is not known.",),
            ("This user may not see them. Nothing is done on a guess.",),
        )
    if service.updating:
        return Refusal(("It is updating itself.",), ("Wait until the update has ended.",))
    if service.at_work is not None or service.lock == "held":
        return _second(service.at_work)
    return None


def _second(other: AtWork | None) -> Refusal:
    who: Phrase = (": ", Name(f"{other.who}, {other.doing}")) if other is not None else ()
    since = f"It was begun at {other.since:%H:%M:%SZ}. " if other is not None and other.since is not None else ""
    return Refusal(("Somebody else is at work on it", *who, "."), (f"{since}Wait for its end, then look again.",))


def about_service(at: At) -> tuple[tuple[str, Phrase], ...]:
    """Who is meant, for the dialog and the record."""
    located, runner = at.service.located, at.runner
    return (
        ("runner", (Name(runner.name), f", id {runner.id} of ", Name(runner.scope))),
        ("host", (Name(located.host),)),
        ("ssh goes to", (Name(at.evidence.of(RouteTo(located.host))),)),
        ("machine", (Name(at.service.machine[:12] or "?"),)),
        ("unit", (Name(located.unit or "?"),)),
        ("directory", (Name(located.directory),)),
    )


def _plan(at: At, action: str, title: Phrase, parts: tuple[Part, ...], *hurts: Phrase) -> Plan:
    likely = at.service.located.certainty != "proved"
    notes: list[Phrase] = []
    if likely:
        notes.append(("That this is the runner is likely, not proved: its settings name no GitHub address.",))
    if at.service.lock == "none":
        notes.append(("This host keeps no lock: a second operator would not be seen.",))
    return Plan(
        action,
        at.runner.key,
        title,
        parts,
        hurts=hurts or (_NOTHING if at.service.ended else _HARDLY,),
        about=about_service(at),
        notes=tuple(notes),
        typed=typed_text(at.runner.name, str(at.runner.id)) if likely else "",
        rests_on=(at.service.invocation, at.service.machine, at.service.active),
        before=at.service.words,
    )


def _begun_anew(at: At, verb: Verb = "restart") -> tuple[Part, ...]:
    why = "systemd starts the listener." if verb == "start" else "systemd restarts the listener, unless a worker runs."
    waiting, service = waiting_for(at.evidence, at.runner), at.service
    back = ServiceBack(at.runner.key, service.located, service.invocation, service.host_time, waiting)
    shown = "One listener listens for jobs, and GitHub sees it online"
    until: Phrase = (f"{shown}; a job that waits is taken." if waiting else f"{shown}.",)
    return _act(at, verb, why), Until(back, until, _BACK)


def _act(at: At, verb: Verb, why: str) -> OnHost:
    located = at.service.located
    address, who = at.service.address or "-", at.evidence.operator or "-"
    begun = at.service.invocation or "-"
    values = (verb, located.unit or "-", located.directory, str(located.agent_id), address, begun, who)
    return OnHost(located.host, SCRIPTS["service-act"], values, (why,), within=_STOP)


def _once_idle(at: At) -> Until:
    return Until(RunnerIdle(at.runner.key, at.service.located), ("It has no job any more.",), _UNTIL_IDLE)


def not_allowed(service: ServiceState, verb: Verb) -> Refusal | None:
    """Where sudo would not do that to its service."""
    return refused_by_sudo(service.may(verb), SUDOERS)


def refused_by_sudo(said: Sudo, lines: str) -> Refusal | None:
    """With the lines that mend it."""
    return None if said in {"allowed", "root"} else Refusal((_SUDO[said],), (lines,))


_SUDO: dict[Sudo, str] = {
    "password": "sudo asks for a password there, or does not allow it to this user.",
    "tty": "sudo wants a terminal there (requiretty).",
    "not-allowed": "sudo does not allow it to this user.",
    "missing": "There is no sudo on this host, and this user is not root.",
    "unknown": "What sudo would say could not be told.",
}


def _state(service: ServiceState) -> Name:
    return Name(service.active or "in a state that could not be read")


def waiting_for(evidence: Evidence, runner: Runner) -> tuple[JobKey, ...]:
    """Jobs that it could take and that have waited too long, the oldest first, as far as the proof asks for them."""
    thresholds, snapshot = Thresholds(), evidence.snapshot
    queued = {key: job for key, job in snapshot.jobs.items() if job.queued}
    alone = replace(snapshot, runners={runner.key: runner}, jobs=queued)
    jobs = prospects(drained(inquiring(alone, thresholds)), runner).jobs
    return tuple(job.key for job in jobs if job.waited(evidence.now) >= thresholds.queued_watch)[:_ASKED_AFTER]
