"""HOST_RULES: what a suspected runner's host tells of its cause, in the order of evaluation. One rule, one function.

Runners that use GitHub's newer protocol (V2) are silent while they idle and do not say when they are connected again:
of them an old error proves nothing, nor does silence. The older ones (V1) say both.
"""

from collections.abc import Callable, Container
from datetime import timedelta

from console.fleet.by_hand import end_worker, keep_it_on_one_host, new_session, numbers, stop_second_listener
from console.fleet.findings import Certainty
from console.fleet.host_evidence import HostEvidence, SeenLine
from console.fleet.host_rule import RECENT, HostCase, HostRule, HostVerdict
from console.fleet.host_strength import killed_lately, shortages
from console.fleet.models import Age, Name, Phrase
from console.fleet.words import named, sentence, several

CLOCK_WRONG = timedelta(minutes=5)
"""GitHub takes no token that is made with a clock further off."""
HEARTBEAT = timedelta(minutes=35)
"""A V1 listener says every 30 minutes that nothing has come."""
ORPHANED = timedelta(minutes=2)
NO_ROOM = 50_000_000
"""Bytes: less than a job's own log may take."""
LITTLE_ROOM = 1_000_000_000
LOOPS = 3
SERVICE_STOPPED = "service-stopped"
"""What is said where nothing else says why."""
OVERLOADED_HOST = "host-overloaded"

GONE = ("registration.deleted", "registration.removed", "registration.removed-live", "registration.not-configured")
KEY_GONE = "registration.key-missing"
GAVE_UP = ("listener.session-conflict-gave-up", "listener.service-exit-session-conflict")
CONFLICT = (
    "listener.session-conflict",
    "listener.session-conflict-server",
    "listener.connect-conflict",
    "network.http-conflict",
)
NO_WAY = (
    "network.dns",
    "network.refused",
    "network.unreachable",
    "network.tls",
    "network.tls-handshake",
    "network.proxy",
    "network.timeout",
)
REFUSED = "update.version-deprecated"
BREAKER_OPEN = "broker.breaker-open"
BAD_REQUEST = ("broker.message-bad-request", "broker.migration-unsupported")
SERVER = ("broker.message-5xx", BREAKER_OPEN)
ACQUIRE = ("broker.acquire-failed", "broker.acquire-exception")
STUCK = (
    "broker.message-not-found",
    "broker.message-denied",
    "broker.message-5xx",
    "broker.message-failed",
    "broker.session-create-failed",
    "listener.session-expired",
    "listener.connect-error",
)
OVERLOADED = ("worker.ipc-timeout", "host.limits", "host.kernel-oom", "host.systemd-oom", "host.out-of-memory")


HOST_RULES: list[HostRule] = []
Judge = Callable[[HostCase], HostVerdict | None]


def host_rule(cause: str) -> Callable[[Judge], Judge]:
    """Put a rule at the end of HOST_RULES."""

    def add(judge: Judge) -> Judge:
        HOST_RULES.append(HostRule(cause, judge))
        return judge

    return add


@host_rule("clock-wrong")
def clock_wrong(case: HostCase) -> HostVerdict | None:
    """GitHub takes no token that was made at another time than its own. A clock that is right now was set since."""
    off, lines = case.facts.clock_ahead, case.lines("listener.clock-skew", "network.tls-not-time-valid")
    measured = off is not None and abs(off) - case.facts.clock_unsure > CLOCK_WRONG
    if not measured and (not lines or off is not None):
        return None
    evidence = case.said(*lines)
    if measured and off is not None:
        way = "ahead" if off > timedelta() else "behind"
        evidence = (sentence("The clock of ", Name(case.evidence.host), " is ", Age(abs(off)), f" {way}."), *evidence)
    helps = ("Set the clock of the host (chrony, timesyncd). A restart cannot help before.",)
    return HostVerdict(("the clock of its host is wrong",), "proved" if measured else "likely", evidence, helps)


@host_rule("disk-full")
def disk_full(case: HostCase) -> HostVerdict | None:
    """Nothing works without room: no job, no log, no update."""
    full = [space for space in case.facts.disks if space.free < NO_ROOM]
    little = [space for space in case.facts.disks if space.free < min(LITTLE_ROOM, space.size // 100)]
    lines = case.lines("host.disk-full") if not case.facts.disks else ()
    if not full and not little and not lines:
        return None
    places = {space.directory: space.free // 1_000_000 for space in full or little}
    left = tuple(sentence("Room in ", Name(place), f": {mega} MB.") for place, mega in places.items())
    helps = ("Free room on the host: old work folders, unused images, _diag, old bin.* and externals.*.",)
    return HostVerdict(("its disk is full",), "proved" if full else "likely", left + case.said(*lines), helps)


@host_rule("registration-lost")
def registration_lost(case: HostCase) -> HostVerdict | None:
    """GitHub knows it no more, whatever its list says. Who met a conflict since then was known again."""
    lines = case.lines(*GONE, KEY_GONE)
    if not lines or case.runner.ephemeral or _later(case.lines(*GAVE_UP, *CONFLICT), lines):
        return None
    helps = ("Register it again. A restart cannot help: there is nothing left to connect with.",)
    return HostVerdict(("its registration is gone",), "proved", case.said(*lines), helps)


@host_rule("jit-used-up")
def jit_used_up(case: HostCase) -> HostVerdict | None:
    """It was made for one job, and had it, or waited for it too long."""
    lines = case.lines(*GONE, KEY_GONE)
    if not lines or not case.runner.ephemeral:
        return None
    helps = ("Make a new JIT configuration: the old one is good for nothing any more.",)
    return HostVerdict(("its JIT configuration is used up",), "proved", case.said(*lines), helps)


@host_rule("version-refused")
def version_refused(case: HostCase) -> HostVerdict | None:
    """GitHub gives its version no jobs. If it is the newest, that is GitHub's mistake.

    What was replaced since may be of another version.
    """
    lines = case.lines(REFUSED)
    if not lines or case.newest or case.facts.renewed:
        return None
    alone: tuple[Phrase, ...] = ()
    if case.facts.updates_itself is False:
        alone = (("It does not update itself: its settings say disableUpdate.",),)
    helps = ("Update the runner's software or its image, then start it. A restart alone cannot help.",)
    return HostVerdict(("GitHub refuses its version",), "proved", (*case.said(*lines), *alone), helps)


@host_rule("session-conflict")
def session_conflict(case: HostCase) -> HostVerdict | None:
    """It tried for four minutes to get a session that another listener held, and ended for good."""
    lines, since = case.lines(*GAVE_UP), case.lines(*GONE, KEY_GONE)
    if not lines or case.facts.listeners or _later(since, lines):
        return None
    helps = ("Make sure that no second listener runs (a cloned machine, a container), then start the service.",)
    return HostVerdict(("another listener held its session, and it gave up",), "proved", case.said(*lines), helps)


@host_rule("session-held")
def session_held(case: HostCase) -> HostVerdict | None:
    """Another listener holds its session now. Where services of two hosts run with it, that is no guess."""
    if case.also_on:
        held = sentence("Services run with its registration on other hosts, too: ", named(case.also_on), ".")
        suspicion: Phrase = ("its registration is in use on several hosts",)
        return HostVerdict(suspicion, "proved", (held,), keep_it_on_one_host(case.also_on))
    listeners = len(case.facts.listeners)
    lines = () if case.facts.down else tuple(each for each in case.lines(*CONFLICT) if case.fresh(each))
    twins = case.facts.located.twins if case.facts.unit_state.startswith("active") else ()
    if listeners < 2 and not lines and not twins:
        return None
    evidence = case.said(*lines)
    if twins:
        copies = sentence("Services run with its registration in other directories, too: ", named(twins), ".")
        evidence = (copies, *evidence)
    if listeners > 1:
        where, which = Name(case.facts.located.directory), f" (processes {numbers(case.facts.listeners)})."
        evidence = (sentence(f"{listeners} listeners run in ", where, which), *evidence)
    helps = stop_second_listener(case.facts)
    certain: Certainty = "proved" if listeners > 1 else "likely"
    return HostVerdict(("another listener holds its session",), certain, evidence, helps)


@host_rule("no-way-to-github")
def no_way_to_github(case: HostCase) -> HostVerdict | None:
    """Name server, proxy, certificates, routes."""
    lines = case.lasting(*NO_WAY)
    if not lines or (case.v1 and not any(case.fresh(line, HEARTBEAT) for line in lines)):
        return None
    helps = (f"Mend the way to GitHub from the host: {lines[-1].remedy} A restart cannot help before.",)
    return HostVerdict(("its host does not reach GitHub",), "likely", case.said(*lines), helps)


@host_rule("self-update-stuck")
def self_update_stuck(case: HostCase) -> HostVerdict | None:
    """It began an update that does not end, failed, or begins again and again.

    After one that failed it goes on with the version that it has: only where it is tried again it is in the way.
    """
    endless = tuple(line for line in case.lines("update.running") if line.followed is False)
    failed = case.lines("update.failed", "update.package")
    lines = endless + tuple(line for line in failed if line.at is None or case.fresh(line, HEARTBEAT))
    loops = case.evidence.log.updates >= LOOPS and case.evidence.log.alive_at is None
    if not lines and not loops:
        return None
    evidence = case.said(*lines)
    if loops:
        evidence = (*evidence, (f"It has ended {case.evidence.log.updates} times for an update.",))
    helps = ("Look for room on its disk and the way to GitHub's downloads, then update it by hand. Do not restart it.",)
    return HostVerdict(("its update of itself does not come to an end",), "likely", evidence, helps)


@host_rule("self-update")
def self_update(case: HostCase) -> HostVerdict | None:
    """It takes no jobs meanwhile, and GitHub calls it idle."""
    lines = tuple(line for line in case.lines("update.running") if line.followed is None)
    if not lines:
        return None
    helps = ("Wait: it takes minutes. Do not restart it.",)
    return HostVerdict(("it is updating itself",), "proved", case.said(*lines), helps)


@host_rule("orphan-worker")
def orphan_worker(case: HostCase) -> HostVerdict | None:
    """Its job has ended for GitHub, and its worker has not.

    What GitHub lists and what the host says are of two moments: at the earlier of them it must have idled beside it.
    """
    taken_at = case.facts.taken_at
    both = min(case.listed_at or taken_at, taken_at)
    ages = [worker.age for worker in case.facts.workers if worker.age is not None]
    if case.runner.busy or not case.jobless or not ages or both - (taken_at - max(ages)) < ORPHANED:
        return None
    idled = not case.runner.online or (case.idle_since is not None and both - case.idle_since >= ORPHANED)
    if not idled and not (case.idle_longer and both == case.listed_at):
        return None
    evidence: Phrase = ("A Runner.Worker has run there for ", Age(max(ages)), ", and GitHub knows of no job.")
    helps = end_worker(case.facts)
    certain: Certainty = "likely" if idled else "possible"
    return HostVerdict(("a worker of an old job still runs",), certain, (evidence,), helps)


@host_rule("phantom-busy")
def phantom_busy(case: HostCase) -> HostVerdict | None:
    """GitHub counts it as busy, and it is not."""
    if not case.runner.busy or not case.jobless or case.facts.workers or not case.facts.listeners:
        return None
    evidence: Phrase = ("No Runner.Worker runs on ", Name(case.evidence.host), ", and no job that is watched names it.")
    helps = ("Wait ten minutes for GitHub to let go; then delete the runner and register it again.",)
    return HostVerdict(("GitHub counts it as busy with a job that is lost",), "likely", (evidence,), helps)


@host_rule("hung-after-acknowledge")
def hung_after_acknowledge(case: HostCase) -> HostVerdict | None:
    """It said yes to a job, and nothing since."""
    lines = tuple(line for line in case.lines("broker.acknowledge") if line.followed is False)
    if not lines or case.facts.workers:
        return None
    one = "Delete its pod or make a new one: it is for one job." if case.runner.ephemeral else "Restart its service."
    helps = (f"{one} GitHub fails the job ten minutes after it was given out.",)
    more: Phrase = ("No Runner.Worker runs there.",)
    remedied = "hung-for-one-job" if case.runner.ephemeral else ""
    return HostVerdict(("it hangs since it said yes to a job",), "likely", (*case.said(*lines), more), helps, remedied)


@host_rule("jit-refused")
def jit_refused(case: HostCase) -> HostVerdict | None:
    """GitHub calls its questions for work bad requests."""
    lines = case.lasting(*BAD_REQUEST)
    if not lines:
        return None
    helps = (
        "Make a new JIT configuration for each: what it was made with stays refused, and a restart cannot help. If it"
        " comes back: register one ordinary runner in the same place.",
    )
    suspicion: Phrase = ("GitHub refuses its every question for work",)
    return HostVerdict(suspicion, "likely", case.said(*lines), helps)


@host_rule("acquire-failed")
def acquire_failed(case: HostCase) -> HostVerdict | None:
    """Jobs are offered to it, and GitHub fails when it takes them. What it refused once it may offer again."""
    lines = tuple(line for line in case.lines(*ACQUIRE) if case.fresh(line))
    if not lines:
        return None
    helps = ("Look at GitHub's status; run the job again if it stays queued. A restart makes it worse.",)
    again = any(line.times > 1 or case.fresh(line, ORPHANED) for line in lines)
    certain: Certainty = "likely" if again else "possible"
    return HostVerdict(("GitHub fails when it takes a job",), certain, case.said(*lines), helps)


@host_rule("github-incident")
def github_incident(case: HostCase) -> HostVerdict | None:
    """The same errors on several hosts, or the newest version refused: that is no fault of one host."""
    refused = case.lines(REFUSED) if case.newest else ()
    # Where all questions are refused, the breaker is that of the same trouble.
    told = SERVER if case.elsewhere else () if case.lasting(*BAD_REQUEST) else (BREAKER_OPEN,)
    lines = tuple(line for line in case.lines(*told) if case.fresh(line))
    if not lines and not refused:
        return None
    evidence = case.said(*refused, *lines)
    if lines and case.elsewhere:
        evidence = (*evidence, (f"The same on {several(case.elsewhere, 'other host')} within minutes.",))
    helps = ("Wait, and look at GitHub's status. A restart cannot help.",)
    certain: Certainty = "likely" if case.elsewhere > 1 else "possible"
    return HostVerdict(("GitHub is in trouble, and hands out no jobs",), certain, evidence, helps)


@host_rule(OVERLOADED_HOST)
def host_overloaded(case: HostCase) -> HostVerdict | None:
    """Too little memory, processes or time for a job to begin."""
    lines = tuple(line for line in case.lines(*OVERLOADED) if case.fresh(line, HEARTBEAT))
    evidence = (*case.said(*lines), *shortages(case.evidence))
    if not evidence:
        return None
    helps = ("Take load off the host, or give it more. A restart cannot help.",)
    certain: Certainty = "likely" if lines or killed_lately(case.evidence) else "possible"
    return HostVerdict(("its host is overloaded",), certain, evidence, helps)


@host_rule("session-stuck")
def session_stuck(case: HostCase) -> HostVerdict | None:
    """It is online for GitHub, asks for work and gets none; a new session is what helps."""
    if not case.waiting or not case.facts.listeners:
        return None
    lines = case.lasting(*STUCK, *(("broker.migration-polling",) if case.v1 else ()))
    silent = case.evidence.log.written_at
    now = case.evidence.now
    if not lines and case.v1 and silent is not None and now is not None and now - silent > HEARTBEAT:
        evidence: tuple[Phrase, ...] = (
            ("Its log is silent since ", Age(now - silent), ". A V1 listener writes at least every 30 minutes."),
        )
    elif lines:
        evidence = case.said(*lines)
    else:
        return None
    one_job = bool(case.runner.ephemeral)
    helps = new_session(case.facts, one_job=one_job)
    remedied = "hung-for-one-job" if one_job and not case.facts.located.unit else ""
    return HostVerdict(("its session with GitHub is stuck",), "likely", evidence, helps, remedied)


@host_rule(SERVICE_STOPPED)
def service_stopped(case: HostCase) -> HostVerdict | None:
    """Its service has ended, and nothing above says why."""
    if not case.facts.down or case.runner.ephemeral:
        return None
    evidence: tuple[Phrase, ...] = (("systemd says of its service: ", Name(case.facts.unit_state), "."),)
    if case.facts.exit_line:
        evidence = (*evidence, ("Its last words: ", Name(case.facts.exit_line)))
    if case.facts.renewed:
        evidence = (*evidence, ("Its software was replaced since.",))
    helps = ("Start its service.",)
    return HostVerdict(("its service does not run",), "proved", evidence, helps)


def lately(evidence: HostEvidence, signatures: Container[str]) -> bool:
    """Whether one of these was written there a moment ago, and is not over."""
    now, lines = evidence.now, (line for line in evidence.log.lines if line.signature in signatures)
    return now is not None and any(line.at is not None and now - line.at <= RECENT for line in lines)


def _later(lines: tuple[SeenLine, ...], others: tuple[SeenLine, ...]) -> bool:
    """Whether one of these was written after all of those, as far as times are known."""
    first, last = ([each.at for each in some if each.at is not None] for some in (lines, others))
    return bool(first and last) and max(first) > max(last)
