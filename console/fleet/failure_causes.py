"""Which lines are the cause of a job's failure: the first in the step that failed, not the last line of the log."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from console.fleet.failure import FAILED, Cause, Failure
from console.fleet.findings import Certainty
from console.fleet.log_times import moment
from console.fleet.models import Job, Step
from console.fleet.verdicts import Verdict

MOST_CAUSES = 4
MOST_WORDS = 300
BEFORE = 40
"""Characters of a line that are kept, and of them before what is known."""
_EXIT_CODE = "job.exit-code"
"""What the runner prints below a script that failed. It is never the cause, and only scripts end in it."""
_TO_THE_SECOND = timedelta(seconds=1)
"""GitHub gives the times of steps without fractions."""
_READ_IT = "Read its log, from the step that failed."
_PRINTED_LATER = "A step that ran after the one that failed printed it."

Words = Callable[[bytes], str]
"""Makes foreign bytes harmless."""


class Evidence(msgspec.Struct, frozen=True):
    """What has been read of a job that failed."""

    log: Sequence[Verdict] = ()
    notes: Sequence[Verdict] = ()
    """Of GitHub's annotations."""
    unread: str = ""
    """Why the log could not be read, or not whole."""
    without_notes: bool = False
    """The annotations could not be read."""


def why_failed(job: Job, evidence: Evidence, words: Words) -> Failure:
    """What GitHub alone says goes first, then the step that failed, then what was wrong before it.

    A line before it that the rest of the log makes serious is a likely cause, though the job went on after it. Last
    comes what a later step printed: one that runs on failure often shows the reason.
    """
    step = _failed_step(job.steps)
    log = [verdict for verdict in evidence.log if verdict.match.signature.failure_class and not verdict.cleared]
    inside, before, later = _by_step(step, log, job.steps)
    ended = next((verdict for verdict in inside if verdict.match.signature.id == _EXIT_CODE), None)
    if ended is not None:  # in the same second as the next step began
        later = [*(each for each in inside if each.match.line > ended.match.line), *later]
        inside = [each for each in inside if each.match.line < ended.match.line]
    said = {verdict.match.signature.id for verdict in evidence.log}
    causes = [
        *(_cause(each, "proved", words, noted=True) for each in telling(evidence.notes) if _id(each) not in said),
        *(_cause(each, _sure(each, script=ended is not None), words) for each in telling(inside)),
        *(_cause(each, "possible", words) for each in _hints(inside)),
        *(_cause(each, "likely", words) for each in before if each.worse and _counts(each)),
        *(_cause(each, "possible", words) for each in telling(before)),
    ]
    if not causes and ended is not None and not evidence.unread:
        causes = [_own_command(ended, words)]
    causes += (
        msgspec.structs.replace(_cause(each, "possible", words), meaning=_PRINTED_LATER) for each in telling(later)
    )
    first = tuple({cause.signature: cause for cause in reversed(causes)}.values())[::-1][:MOST_CAUSES]
    first = _unblocked(first, [*before, *inside])
    return Failure(job.attempt, first, "" if first else _unknown(step, evidence))


def _failed_step(steps: Sequence[Step]) -> Step | None:
    """The first that failed; in a job whose runner was lost, the one that never ended."""
    failed = next((step for step in steps if step.conclusion in FAILED), None)
    unfinished = (step for step in steps if step.conclusion == "cancelled" or step.status == "in_progress")
    return failed or next(unfinished, None)


def _by_step(
    step: Step | None, log: Iterable[Verdict], steps: Sequence[Step]
) -> tuple[list[Verdict], list[Verdict], list[Verdict]]:
    """What is in the failed step, what came before it, and what steps after it printed that did not fail themselves."""
    inside: list[Verdict] = []
    before: list[Verdict] = []
    later: list[Verdict] = []
    for verdict in log:
        at = moment(verdict.match.text).get("zoned")
        if step is None or at is None or _within(step, at):
            inside.append(verdict)
        elif step.started_at is not None and at < step.started_at:
            before.append(verdict)
        elif not any(each.conclusion in FAILED and _within(each, at) for each in steps):
            later.append(verdict)
    return inside, before, later


def _within(step: Step, at: datetime) -> bool:
    if step.started_at is not None and at < step.started_at:
        return False
    return step.completed_at is None or at < step.completed_at + _TO_THE_SECOND


def _id(verdict: Verdict) -> str:
    return verdict.match.signature.id


def _counts(verdict: Verdict) -> bool:
    known = verdict.match.signature
    return (
        known.failure_class is not None
        and known.id != _EXIT_CODE
        and verdict.harmless in {"never", "sometimes"}
        and not verdict.cleared
    )


def telling(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """Those that may be a cause: errors, and what the repository's own tests say, which is no trouble of the fleet."""
    for verdict in verdicts:
        own = verdict.match.signature.failure_class == "tests" and not verdict.match.signature.hint
        if _counts(verdict) and (verdict.severity == "error" or own):
            yield verdict


def _hints(verdicts: Iterable[Verdict]) -> Iterator[Verdict]:
    """What may be part of a test's own output, and warnings: a step goes on after most of them."""
    known = [*verdicts]
    errors = [*telling(known)]
    return (each for each in known if _counts(each) and each not in errors and each.severity != "info")


def _sure(verdict: Verdict, *, script: bool) -> Certainty:
    """An action that fails says why in its `##[error]`; a script may print anything."""
    said_so = b"##[error]" in verdict.match.text and verdict.severity == "error" and verdict.harmless == "never"
    return "proved" if said_so and not script else "likely"


def _cause(verdict: Verdict, certainty: Certainty, words: Words, *, noted: bool = False) -> Cause:
    match, known = verdict.match, verdict.match.signature
    return Cause(
        kind=known.failure_class or "unknown",
        certainty=certainty,
        signature=known.id,
        title=known.title,
        helps=verdict.remedy,
        words=_around(words(match.text), words(match.text[match.start : match.end])),
        line=None if noted else match.line,
        meaning=verdict.meaning if verdict.worse else "",
        key=words(match.groups.get("key", b"")).strip(),
    )


def _unblocked(causes: tuple[Cause, ...], log: Iterable[Verdict]) -> tuple[Cause, ...]:
    """While an entry holds a key, saving it again ends in the same conflict: what frees it goes before what helps."""
    for verdict in log if causes else ():
        known = verdict.match.signature
        frees = verdict.worse and known.worse is not None and known.worse.remedy is not None
        first, *more = causes
        if frees and known.failure_class == first.kind and known.id != first.signature:
            return (msgspec.structs.replace(first, helps=f"{verdict.remedy} {first.helps}"), *more)
    return causes


def _around(line: str, known: str) -> str:
    """Of a long line the part that is known, with what stands before it."""
    if len(line) <= MOST_WORDS:
        return line
    start = max(line.find(known) - BEFORE, 0)
    shown = line[start : start + MOST_WORDS]
    return f"{'…' if start else ''}{shown}{'…' if start + MOST_WORDS < len(line) else ''}"


def _own_command(ended: Verdict, words: Words) -> Cause:
    """A script failed, and no line of it is known."""
    cause = _cause(ended, "likely", words)
    title = "Its own command failed, and no other line of it is known"
    return msgspec.structs.replace(cause, kind="tests", title=title, helps=_READ_IT)


def _unknown(step: Step | None, evidence: Evidence) -> str:
    which = "the step that failed" if step is not None else "its log"
    notes = "; GitHub's notes on it, too, could not be read" if evidence.without_notes else ""
    return f"{evidence.unread or f'no line of {which} is known'}{notes}"
