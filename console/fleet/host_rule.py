"""What a rule of hosts is, and what it is asked about: a suspected runner, as GitHub lists it and as its host tells."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from console.fleet.findings import Certainty
from console.fleet.host_evidence import HostEvidence, SeenLine
from console.fleet.hosts import HostFacts
from console.fleet.models import Age, Name, Phrase, Runner
from console.fleet.words import sentence

RECENT = timedelta(minutes=10)
AGAIN = timedelta(minutes=5)
"""A V2 listener that is refused asks again within two minutes, and within four where nobody answers."""


class HostVerdict(msgspec.Struct, frozen=True):
    """What a rule says of a host that it fits."""

    suspicion: Phrase
    certainty: Certainty
    evidence: tuple[Phrase, ...] = ()
    helps: Phrase = ()
    remedied: str = ""
    """As that of a finding."""


class HostCase(NamedTuple):
    """A suspected runner, as GitHub lists it, and what its host says."""

    runner: Runner
    evidence: HostEvidence
    facts: HostFacts
    waiting: bool = False
    """Jobs wait that it could take, and it idles."""
    jobless: bool = True
    """No job that is watched names it."""
    elsewhere: int = 0
    """Other hosts on which GitHub answered with the same errors lately."""
    also_on: tuple[str, ...] = ()
    """Other hosts on which a service runs with its registration."""
    newest: bool = False
    """None of the fleet runs a newer version; only asked where its version is refused."""
    listed_at: datetime | None = None
    """When GitHub's list that has it was read; only asked where a worker runs. None: a moment ago."""
    idle_since: datetime | None = None
    """By that list; None: it does not idle, or that was not noted."""
    idle_longer: bool = False
    """It was not seen to begin."""

    @property
    def v1(self) -> bool:
        return self.facts.flow == "V1"

    def lines(self, *signatures: str) -> tuple[SeenLine, ...]:
        """Those of these that nothing has ended."""
        return tuple(line for line in self.evidence.log.lines if line.signature in signatures)

    def fresh(self, line: SeenLine, within: timedelta = RECENT) -> bool:
        """Whether it was written lately. Of when nothing is known it is not."""
        now = self.evidence.now
        return line.at is not None and now is not None and now - line.at <= within

    def lasting(self, *signatures: str) -> tuple[SeenLine, ...]:
        """Of these what still holds: on V1 until the log says otherwise, on V2 only what comes again and again.

        What V1 says every half hour, that nothing has come, it says after a question that was answered.
        """
        found = self.lines(*signatures)
        if not self.v1:
            return tuple(line for line in found if self.fresh(line, AGAIN) and line.times > 1)
        return tuple(line for line in found if line in self.evidence.log.unanswered)

    def said(self, *lines: SeenLine) -> tuple[Phrase, ...]:
        """A sentence for each line."""
        return tuple(_sentence(line, self.evidence) for line in lines)


class HostRule(NamedTuple):
    """A cause, and how to tell whether it is the one."""

    cause: str
    judge: Callable[[HostCase], HostVerdict | None]


def _sentence(line: SeenLine, evidence: HostEvidence) -> Phrase:
    often, last = (f", {line.times} times", "last ") if line.times > 1 else ("", "")
    when: Phrase = ()
    if evidence.now is not None and line.at is not None and line.at <= evidence.now:
        when = (f", {last}", Age(evidence.now - line.at), " before it was looked at")
    return sentence("On ", Name(evidence.host), often, *when, ": ", Name(line.text))
