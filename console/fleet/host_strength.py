"""Whether a host has the time and the memory that a job takes to begin."""

from datetime import timedelta

from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import HostFacts, KernelKill
from console.fleet.models import Age, Name, Phrase
from console.fleet.words import sentence, several

LATELY = timedelta(minutes=35)
OVER = 4.0
"""So many processes for each core wait for their turn: jobs begin too late for GitHub."""
_OF_A_CONTAINER = "Memory cgroup"
SCARCE = 0.02
"""Of its memory."""


def shortages(evidence: HostEvidence) -> tuple[Phrase, ...]:
    """Sentences about what is short there; none where nothing is, or it is not known."""
    facts = evidence.facts
    if facts is None:
        return ()
    return (*_killed(evidence), *_loaded(evidence, facts), *_scarce(evidence, facts))


def strength(facts: HostFacts) -> Phrase:
    """In a few words; empty where nothing is known of it."""
    load, free = load_of(facts), memory_of(facts)
    parts = [*([f"load {load}"] if load else []), *([f"{free} of memory free"] if free else [])]
    return (", ".join(parts),) if parts else ()


def load_of(facts: HostFacts) -> str:
    """`0.6 on 8 cores`; empty where it is not known."""
    known = facts.load is not None and facts.cores is not None
    return f"{facts.load:g} on {several(facts.cores or 0, 'core')}" if known else ""


def memory_of(facts: HostFacts) -> str:
    """How much is free; empty where it is not known."""
    return f"{facts.memory_free / 1e9:.1f} GB" if facts.memory_free is not None else ""


def killed_lately(evidence: HostEvidence) -> KernelKill | None:
    """The last that the kernel has killed for want of the host's memory, not long ago and not before its listener was
    well: that of a container which had no more of its own says nothing of a listener that runs."""
    now, facts = evidence.now, evidence.facts
    if now is None or facts is None:
        return None
    since = max(now - LATELY, evidence.log.alive_at or now - LATELY)
    lately = (each for each in reversed(facts.kills) if each.at >= since)
    return next((each for each in lately if not facts.listeners or _OF_A_CONTAINER not in each.text), None)


def _killed(evidence: HostEvidence) -> tuple[Phrase, ...]:
    kill, now = killed_lately(evidence), evidence.now
    if kill is None or now is None:
        return ()
    return (
        sentence("On ", Name(evidence.host), ", ", Age(now - kill.at), " before it was looked at: ", Name(kill.text)),
    )


def is_overloaded(facts: HostFacts) -> bool:
    """Jobs begin too late there, now."""
    return facts.load is not None and facts.cores is not None and facts.load >= OVER * facts.cores


def is_out_of_memory(facts: HostFacts) -> bool:
    """Nearly, now."""
    return facts.memory is not None and facts.memory_free is not None and facts.memory_free <= facts.memory * SCARCE


def _loaded(evidence: HostEvidence, facts: HostFacts) -> tuple[Phrase, ...]:
    if not is_overloaded(facts):
        return ()
    return (sentence("On ", Name(evidence.host), ": ", strength(facts), "."),)


def _scarce(evidence: HostEvidence, facts: HostFacts) -> tuple[Phrase, ...]:
    if not is_out_of_memory(facts):
        return ()
    free = (facts.memory_free or 0) // 1_000_000
    return (sentence("Of the memory of ", Name(evidence.host), f" {free} MB are free."),)
