"""What a suspected runner's host says, as conditions: each met, not met, or not known."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from console.fleet.findings import Condition, Found
from console.fleet.host_causes import HostCause
from console.fleet.host_evidence import HostEvidence
from console.fleet.host_rules import CONFLICT, GAVE_UP, SERVICE_STOPPED
from console.fleet.host_strength import strength
from console.fleet.hosts import HostFacts
from console.fleet.models import Age, Name
from console.fleet.versions import FLOOR, version_of
from console.fleet.words import sentence, several

_UNREAD: Found = (("its log could not be read",), None)
_SILENT: Found = (("its log is silent, which tells nothing of a V2 listener",), None)


class Link(NamedTuple):
    """What must hold there, which causes say that it does not, and what is known where none does."""

    brief: str
    text: str
    causes: frozenset[str]
    otherwise: Callable[[HostEvidence, HostFacts], Found]


def host_chain(evidence: HostEvidence, causes: tuple[HostCause, ...]) -> tuple[Condition, ...]:
    """In the order in which the rules of hosts are asked, so that the first that is not met is the cause."""
    facts = evidence.facts
    found: dict[str, Found] = {each.cause: (each.suspicion, False) for each in causes}
    # What is only possible, beside something likelier, is no link that is known to be broken.
    guesses = (each for each in causes[1:] if each.certainty == "possible")
    found.update((each.cause, (sentence("possible: ", each.suspicion), None)) for each in guesses)
    if facts is None:
        return tuple(Condition(link.text, (Name(evidence.unknown),), None) for link in LINKS[:1])
    if found and facts.down:
        found.setdefault(SERVICE_STOPPED, ((Name(facts.unit_state),), False))
    return tuple(_condition(link, evidence, facts, found) for link in LINKS)


def _condition(link: Link, evidence: HostEvidence, facts: HostFacts, found: Mapping[str, Found]) -> Condition:
    said = next((said for cause, said in found.items() if cause in link.causes), None)
    if said is not None:
        return Condition(link.text, *said)
    words, met = link.otherwise(evidence, facts)
    return Condition(link.text, words, met, brief=link.brief)


def _clock(_evidence: HostEvidence, facts: HostFacts) -> Found:
    if facts.clock_ahead is None:
        return ("its clock could not be read",), None
    return ("off by ", Age(max(abs(facts.clock_ahead) - facts.clock_unsure, timedelta()))), True


def _disk(_evidence: HostEvidence, facts: HostFacts) -> Found:
    if not facts.disks:
        return ("what is free could not be read",), None
    free = min(space.free for space in facts.disks)
    return (f"{free // 1_000_000_000} GB free" if free >= 1_000_000_000 else f"{free // 1_000_000} MB free",), True


def _registration(evidence: HostEvidence, _facts: HostFacts) -> Found:
    if evidence.log.alive_at is not None:
        return ("its listener has listened, and says nothing else since",), True
    return ("its log does not tell",), None


def _version(_evidence: HostEvidence, facts: HostFacts) -> Found:
    version = version_of(facts.version)
    if version is None:
        return ("which it is could not be told",), None
    return (Name(facts.version),), True if version >= FLOOR else None


def _session(evidence: HostEvidence, facts: HostFacts) -> Found:
    """Of a listener on another host only the log of this one tells."""
    listeners = len(facts.listeners)
    if listeners != 1:
        return ((f"{listeners} listeners run there",) if listeners else ("no listener runs there",)), None
    if evidence.log.written_at is None:
        return _UNREAD
    if any(line.signature in {*CONFLICT, *GAVE_UP} for line in evidence.log.lines):
        return ("1 listener, and its log has a conflict that nothing has ended",), None
    return ("1 listener, and no conflict in its log",), True


def _quiet(evidence: HostEvidence, facts: HostFacts) -> Found:
    """Of errors: only V1 says when they are over."""
    if not facts.listeners:
        return ("no listener runs there",), None
    if facts.flow != "V1":
        return _SILENT
    if evidence.log.written_at is None or evidence.now is None:
        return _UNREAD
    if evidence.log.unanswered:
        return ("its log has errors that nothing has ended",), None
    return sentence("its log is quiet, last written ", Age(evidence.now - evidence.log.written_at), " ago"), True


def _update(evidence: HostEvidence, _facts: HostFacts) -> Found:
    return (("none is under way",), True) if evidence.log.written_at is not None else _UNREAD


def _ready(_evidence: HostEvidence, facts: HostFacts) -> Found:
    """Workers are named: whether one belongs to a job is for the rules to say."""
    return (several(len(facts.workers), "worker") if facts.workers else "no worker runs",), True


def _strong(_evidence: HostEvidence, facts: HostFacts) -> Found:
    known = strength(facts)
    return (known, True) if known else (("its load could not be read",), None)


def _runs(_evidence: HostEvidence, facts: HostFacts) -> Found:
    if facts.listeners:
        ages = [each.age for each in facts.listeners if each.age is not None]
        return sentence("its listener runs", *((" for ", Age(max(ages))) if ages else ())), True
    return ((Name(facts.unit_state),), None) if facts.unit_state else (("no listener was seen",), None)


LINKS = (
    Link("clock", "the clock of its host is right", frozenset({"clock-wrong"}), _clock),
    Link("disk", "its disk has room", frozenset({"disk-full"}), _disk),
    Link("registration", "its registration is good", frozenset({"registration-lost", "jit-used-up"}), _registration),
    Link("version", "GitHub takes its version", frozenset({"version-refused"}), _version),
    Link("session", "its session is its own", frozenset({"session-conflict", "session-held"}), _session),
    Link("way to GitHub", "its host reaches GitHub", frozenset({"no-way-to-github"}), _quiet),
    Link("update", "it is not updating itself", frozenset({"self-update", "self-update-stuck"}), _update),
    Link(
        "worker",
        "no old job is in its way",
        frozenset({"orphan-worker", "phantom-busy", "hung-after-acknowledge"}),
        _ready,
    ),
    Link(
        "answers",
        "GitHub answers its listener",
        frozenset({"jit-refused", "acquire-failed", "github-incident"}),
        _quiet,
    ),
    Link("load and memory", "its host has time and memory for a job", frozenset({"host-overloaded"}), _strong),
    Link("work", "its session brings it jobs", frozenset({"session-stuck"}), _quiet),
    Link("service", "its service runs", frozenset({SERVICE_STOPPED}), _runs),
)
