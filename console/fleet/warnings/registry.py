"""WARNINGS: what is not wrong yet, or wrong and in nobody's way yet. One rule is one decorated pure function."""

from collections.abc import Callable, Generator, Iterable, Mapping
from typing import NamedTuple

from console.fleet.findings import Finding
from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot, RunnerKey
from console.fleet.past import Past


class Signs(NamedTuple):
    """What a rule may look at."""

    snapshot: FleetSnapshot
    past: Past = Past()
    hosts: Mapping[RunnerKey, HostEvidence] = {}
    """What the hosts of suspected runners said."""
    told: tuple[Finding, ...] = ()
    """What was found already, of jobs that wait and of runners that idle: a warning does not say it again."""


Rule = Callable[[Signs], Iterable[Finding]]


class EarlyWarning(NamedTuple):
    """The cause that its findings have, and the rule."""

    cause: str
    judge: Rule


WARNINGS: list[EarlyWarning] = []


def warning(cause: str) -> Callable[[Rule], Rule]:
    """Put a rule at the end of WARNINGS."""

    def add(judge: Rule) -> Rule:
        WARNINGS.append(EarlyWarning(cause, judge))
        return judge

    return add


def warning_findings(signs: Signs) -> Generator[None, None, tuple[Finding, ...]]:
    """What all rules say, a finding at a time. Nothing before a look is whole."""
    found: list[Finding] = []
    if signs.snapshot.whole:
        for rule in WARNINGS:
            for finding in rule.judge(signs):
                found.append(finding)
                yield
            yield
    return tuple(found)
