"""What GitHub must show of a runner, as a proof."""

import msgspec

from console.fleet.evidence import Evidence, RunnerNow
from console.fleet.models import Name, RunnerKey
from console.fleet.plans import Judgement
from console.fleet.words import named


class LabelsAre(msgspec.Struct, frozen=True):
    """It has these labels and no others."""

    runner: RunnerKey
    labels: frozenset[str]
    """In lower case: GitHub compares them without."""

    def judge(self, evidence: Evidence) -> Judgement:
        """Says what is missing before what is too much."""
        runner = evidence.of(RunnerNow(self.runner))
        if runner is None:
            return Judgement(False, ("GitHub does not list it any more.",), hopeless=True)
        has = {label.casefold() for label in runner.labels}
        lacks, more = sorted(self.labels - has), sorted(has - self.labels)
        if lacks:
            return Judgement(False, ("It does not have ", *named(lacks), " yet."))
        if more:
            return Judgement(False, ("It still has ", *named(more), "."))
        return Judgement(True, ("It has exactly these labels: ", Name(", ".join(runner.labels)), "."))
