"""How the console words why a job failed: in a few words for a table, and as an explanation."""

from msgspec.structs import replace

from console.fleet.failure import Cause, Failure, Kind
from console.fleet.findings import CERTAINTY, Condition, Explanation
from console.fleet.models import Job, Name, Phrase
from console.fleet.words import count, sentence

KIND_WORDS: dict[Kind, str] = {
    "infrastructure": "infrastructure",
    "cache": "cache",
    "remote-cache": "remote build cache",
    "artifact": "artifact",
    "release": "release or publishing",
    "permission": "permission",
    "network": "network or registry",
    "github": "GitHub",
    "tests": "its own tests",
    "unknown": "unknown",
}
NOT_READ = "its log has not been read"


def failure_reason(failure: Failure, *, classed: bool = False) -> Phrase:
    """For a column of a table: the class, and what it is. What is only possible is said to be.

    `classed`: the class stands beside it.
    """
    if not failure.causes:
        return (f"{'' if classed else 'unknown: '}{failure.unknown or NOT_READ}",)
    first = failure.causes[0]
    perhaps = "perhaps " if first.certainty == "possible" else ""
    return (f"{perhaps}{'' if classed else f'{first.kind}: '}{first.title}",)


def evidence_of(cause: Cause) -> Phrase:
    """Where it is said, and in which words."""
    where = "GitHub says: " if cause.line is None else f"line {count(cause.line + 1)}: "
    return (where, Name(cause.words))


def explained_failure(explanation: Explanation, job: Job, failure: Failure | None) -> Explanation:
    """How a job ended, and why it did not end well."""
    links = (Condition("it ended well", (Name(job.conclusion or job.status),), False),)
    if failure is None or not failure.causes:
        why = NOT_READ if failure is None else failure.unknown
        return replace(
            explanation,
            conditions=links,
            cause="failed-unknown",
            certainty="unknown",
            suspicion=(f"unknown: {why}",),
            helps=("Read its log, from the step that failed.",),
        )
    first, *more = failure.causes
    return replace(
        explanation,
        conditions=links,
        cause=f"failed-{first.kind}",
        certainty=first.certainty,
        suspicion=(f"{KIND_WORDS[first.kind]}: {first.title}",),
        helps=(first.helps,),
        notes=(evidence_of(first), *(((first.meaning,),) if first.meaning else ()), *map(_also, more)),
    )


def _also(cause: Cause) -> Phrase:
    means = f"{cause.meaning} " if cause.meaning else ""
    said = f"also {KIND_WORDS[cause.kind]} ({CERTAINTY[cause.certainty]}): {cause.title}. {means}{cause.helps} "
    return sentence(said, evidence_of(cause))
