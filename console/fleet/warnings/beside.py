"""What is warned of a job or a runner, told beside the explanation of what it does now."""

from collections.abc import Iterable

from msgspec.structs import replace

from console.fleet.findings import Explanation, Finding, one_by_one
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.fleet.warnings.registry import WARNINGS
from console.fleet.words import sentence


def warned_beside(
    explanation: Explanation, about: JobKey | RunnerKey | RunKey, findings: Iterable[Finding]
) -> Explanation:
    """With a note for each early warning that is not the explanation itself."""
    causes = {rule.cause for rule in WARNINGS} - {explanation.cause}
    warned = (each for each in one_by_one(findings) if each.cause in causes and about in {*each.jobs, *each.runners})
    notes = tuple(sentence("Early warning: ", finding.summary, ". ", finding.helps) for finding in warned)
    return replace(explanation, notes=(*explanation.notes, *notes)) if notes else explanation
