"""Findings about runners, joined with what their hosts say: the cause is then the one that was found there."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from console.fleet.at_work import job_at_work
from console.fleet.findings import WAITS_AS, Certainty, Finding
from console.fleet.host_evidence import HostEvidence
from console.fleet.host_rule import HostCase, HostVerdict
from console.fleet.host_rules import HOST_RULES, OVERLOADED_HOST, REFUSED, SERVER, SERVICE_STOPPED, lately
from console.fleet.hosts import HostFacts, Registered
from console.fleet.locating import folded
from console.fleet.models import FleetSnapshot, Name, Phrase, RunnerKey
from console.fleet.offline import OFFLINE, TOGETHER_FIRST
from console.fleet.rule import GROUP_NAMED, IDLE_WHILE_QUEUED
from console.fleet.sources import Sources
from console.fleet.versions import newest_of, version_of
from console.fleet.words import named, sentence, several

LEFT_LYING = frozenset({IDLE_WHILE_QUEUED, "outdated-runner"})
"""A runner idles, and jobs wait that it could take."""
SUSPICIOUS = LEFT_LYING | {OFFLINE, "only-offline-runners", GROUP_NAMED, "no-autoscaled-runner", "phantom-busy"}
"""Causes of findings that a host may tell more of."""
LISTENS_UNSEEN = "listens-unseen"
"""Decides that no start is offered."""
_OF_EACH = 3
"""So many runners of one finding are asked about."""

_STARTED_TOGETHER = timedelta(minutes=1)

Hosts = Mapping[RunnerKey, HostEvidence]


class HostCause(HostVerdict, frozen=True):
    """A verdict and its cause."""

    cause: str = ""


def suspects_of(findings: Iterable[Finding]) -> tuple[RunnerKey, ...]:
    """The runners whose hosts may tell more, those of the worst findings first."""
    found = (key for finding in findings if finding.cause in SUSPICIOUS for key in _suspects(finding))
    return tuple(dict.fromkeys(found))


def _suspects(finding: Finding) -> tuple[RunnerKey, ...]:
    suspect = (finding.suspect,) if finding.suspect is not None else ()
    return (*finding.runners, *suspect)[:_OF_EACH]


def causes_on_host(snapshot: FleetSnapshot, key: RunnerKey, hosts: Hosts, *, waiting: bool) -> tuple[HostCause, ...]:
    """What fits, the first to be named first; none where nothing is known or nothing was found."""
    runner, evidence = snapshot.runners.get(key), hosts.get(key)
    if runner is None or evidence is None or evidence.facts is None:
        return ()
    case = HostCase(
        runner,
        evidence,
        evidence.facts,
        waiting=waiting,
        jobless=not (runner.busy or evidence.facts.workers) or job_at_work(snapshot, key) is None,
        elsewhere=_elsewhere(evidence, hosts),
        also_on=_also_on(evidence.facts, hosts),
        newest=_refused(evidence) and _is_newest(snapshot, runner.version or evidence.facts.version),
        listed_at=Sources(snapshot).read_at("runners", key.scope) if evidence.facts.workers else None,
        idle_since=snapshot.idle_since.get(key),
        idle_longer=key in snapshot.idle_longer,
    )
    judged = ((rule.cause, rule.judge(case)) for rule in HOST_RULES)
    found = [
        HostCause(each.suspicion, each.certainty, each.evidence, each.helps, each.remedied, cause)
        for cause, each in judged
        if each is not None
    ]
    found.sort(key=_is_a_guess)
    if found and not _is_a_guess(found[0]):
        found = [replace(each, certainty="possible") if _is_a_guess(each) else each for each in found]
    if any(each.cause == WAITS_AS and each.certainty == "likely" for each in found):
        found = [each for each in found if each.cause != "session-stuck"]  # it only looks so
    return tuple(each for each in found if each.cause != SERVICE_STOPPED or len(found) == 1)


def _is_a_guess(cause: HostCause) -> bool:
    """A host that has or had much to do, or has little room, may be the cause: what its listener says is likelier."""
    return cause.cause == OVERLOADED_HOST or (cause.cause, cause.certainty) == ("disk-full", "likely")


def _elsewhere(evidence: HostEvidence, hosts: Hosts) -> int:
    """Other hosts whose logs tell of errors of GitHub's own, and lately."""
    return len({each.host for each in hosts.values() if lately(each, SERVER)} - {evidence.host})


def _also_on(own: HostFacts, hosts: Hosts) -> tuple[str, ...]:
    """Hosts that were asked about other runners, and were seen to run this one's registration as its own does."""
    mine = Registered(own.located.agent_id, folded(own.located.address))
    if mine not in own.located.at_work:
        return ()
    others = (each for each in hosts.values() if each.facts is not None and _is_another(own, each.facts))
    return tuple(sorted({each.host for each in others if each.facts and mine in each.facts.located.at_work}))


def _is_another(one: HostFacts, other: HostFacts) -> bool:
    """One machine may go by several names, and a copy has all that the first one has but the moment of its start."""
    if one.uptime is None or other.uptime is None:
        return False
    return abs((one.taken_at - one.uptime) - (other.taken_at - other.uptime)) > _STARTED_TOGETHER


def _refused(evidence: HostEvidence) -> bool:
    """Only of such a one it matters, and all of a large fleet is asked for its version."""
    return any(line.signature == REFUSED for line in evidence.log.lines)


def _is_newest(snapshot: FleetSnapshot, version: str) -> bool:
    """As GitHub has said; where it has not, no runner of the fleet has a newer one."""
    mine, latest = version_of(version), snapshot.latest_runner
    if latest is not None:
        newest = version_of(latest.version)
        return mine is not None and newest is not None and mine >= newest
    newest = newest_of({each.version for each in snapshot.runners.values() if each.version})
    return mine is not None and newest is not None and mine >= newest and len(snapshot.runners) > 1


def told_by_hosts(findings: Iterable[Finding], snapshot: FleetSnapshot, hosts: Hosts) -> tuple[Finding, ...]:
    """The same findings, in their order, with what was found on the hosts of their runners."""
    return tuple(_told(finding, snapshot, hosts) if finding.cause in SUSPICIOUS else finding for finding in findings)


def _told(finding: Finding, snapshot: FleetSnapshot, hosts: Hosts) -> Finding:
    waiting = finding.cause in LEFT_LYING
    asked = [key for key in _suspects(finding) if key in hosts]
    found = {key: causes_on_host(snapshot, key, hosts, waiting=waiting) for key in asked}
    first = {causes[0].cause for causes in found.values() if causes}
    if len(first) != 1:
        told = replace(finding, evidence=(*finding.evidence, *_words_of(asked, found, snapshot, hosts)))
        unseen = None if first else listens_unseen(finding.cause, snapshot, asked, hosts)
        return told if unseen is None else replace(told, helps=unseen, remedied=LISTENS_UNSEEN)
    struck = [key for key, causes in found.items() if causes]
    main = found[struck[0]][0]
    unasked = len(set(finding.runners) - set(asked))
    others = dict.fromkeys(_also(each) for causes in found.values() for each in causes if each.cause != main.cause)
    return replace(
        finding,
        cause=main.cause,
        runners=_those_first(finding.runners, struck),
        found_as=finding.found_as or finding.cause,
        certainty=of_several(main, len(struck), len(finding.runners)),
        evidence=(
            *_whose(finding, struck[0], snapshot),
            *main.evidence,
            *_the_same_of(struck[1:], snapshot, unasked),
            *_words_of([key for key in asked if key not in struck], found, snapshot, hosts),
            *finding.evidence,
            *others,
        ),
        suspicion=main.suspicion,
        helps=(*TOGETHER_FIRST, *main.helps) if finding.cause == OFFLINE else main.helps,
        remedied=main.remedied,
    )


def of_several(main: HostCause, struck: int, runners: int) -> Certainty:
    """What a few hosts say is not proved of the others."""
    return "likely" if struck < runners and main.certainty == "proved" else main.certainty


def _whose(finding: Finding, key: RunnerKey, snapshot: FleetSnapshot) -> tuple[Phrase, ...]:
    """Where a finding is about several, whose host it is that says what follows."""
    return (("The host of ", Name(snapshot.runners[key].name), ":"),) if len(finding.runners) > 1 else ()


def _the_same_of(keys: list[RunnerKey], snapshot: FleetSnapshot, unasked: int) -> tuple[Phrase, ...]:
    """What the first one's host says stands for them all; of so many others it is not known."""
    names = named([snapshot.runners[key].name for key in keys])
    same = (sentence("The same was found for ", names, "."),) if keys else ()
    return (*same, (f"Of {several(unasked, 'other')} it is not known.",)) if unasked else same


def _those_first(runners: tuple[RunnerKey, ...], found: list[RunnerKey]) -> tuple[RunnerKey, ...]:
    """What is done about a finding is done about its first runner."""
    return tuple(dict.fromkeys((*(key for key in found if key in runners), *runners)))


def _words_of(
    asked: list[RunnerKey], found: Mapping[RunnerKey, tuple[HostCause, ...]], snapshot: FleetSnapshot, hosts: Hosts
) -> tuple[Phrase, ...]:
    """Where there is no one cause: what each host says, or why that is not known."""
    return tuple(words_of_host(snapshot, key, hosts[key], found[key]) for key in asked)


def listens_unseen(cause: str, snapshot: FleetSnapshot, asked: Iterable[RunnerKey], hosts: Hosts) -> Phrase | None:
    """What helps where GitHub calls a runner offline whose listener runs: its service need not be started."""
    if cause not in {"only-offline-runners", GROUP_NAMED, "offline"}:
        return None
    for key in asked:
        facts = hosts[key].facts
        if facts is not None and facts.listeners:
            name = Name(snapshot.runners[key].name)
            helps = "Look at its log and at the way to GitHub from its host. To start its service cannot help."
            return ("The listener of ", name, f" runs, and GitHub does not see it. {helps}")
    return None


def words_of_host(
    snapshot: FleetSnapshot, key: RunnerKey, evidence: HostEvidence, causes: tuple[HostCause, ...]
) -> Phrase:
    """One sentence."""
    name = Name(snapshot.runners[key].name)
    if evidence.unknown:
        return ("What the host of ", name, " says is not known: ", Name(evidence.unknown))
    if causes:
        return sentence(name, ": ", causes[0].suspicion, ".")
    if evidence.facts is not None and evidence.facts.workers:
        workers = several(len(evidence.facts.workers), "worker runs", "workers run")
        return (f"{workers} on the host of ", name, ": it may have begun a job since GitHub was read.")
    silent = evidence.facts is not None and evidence.facts.flow == "V2" and snapshot.runners[key].online
    proves = " A V2 listener is silent while it idles: that proves nothing." if silent else ""
    return ("Nothing on the host of ", name, f" tells why.{proves}")


def _also(cause: HostCause) -> Phrase:
    how = " possible" if cause.certainty == "possible" else ""
    return sentence(f"Also{how}: ", cause.suspicion, ".")
