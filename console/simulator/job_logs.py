"""The log of a pretend job, made anew from what is true of the job whenever somebody asks: always the same."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from console.simulator.host_tree import crash_of
from console.simulator.inhabitants import Job, Step
from console.simulator.step_output import checked_out, printed, run_failed
from console.simulator.workflows import CleanUp, SetUp

BOM = b"\xef\xbb\xbf"
MOST_ANNOTATIONS = 10
"""Of each level; GitHub drops the rest."""

LOST = (
    "The self-hosted runner: {runner} lost communication with the server. Verify the machine is running and has a "
    "healthy network connection. Anything in your workflow that terminates the runner process, starves it for "
    "CPU/Memory, or blocks its network access can cause this error."
)

_MARKED = re.compile(r"##\[(error|warning|notice)\](.*)", re.DOTALL)
_LEVELS = {"error": "failure", "warning": "warning", "notice": "notice"}


class Annotation(NamedTuple):
    """What GitHub says of a job beside its log."""

    level: str
    line: int
    """Of its step's log, from 1."""
    message: str


def log_of(job: Job) -> bytes | None:
    """None: it has not ended, was cancelled before it began, or its runner was lost; GitHub has no log then."""
    if job.status != "completed" or job.started_at is None or job.cut_short:
        return None
    return BOM + text_of(lines_of(job))


def text_of(lines: Iterable[tuple[datetime, str]]) -> bytes:
    """As the runner writes them, and GitHub keeps them."""
    written = (f"{stamp(at)} {text}\r\n" if "\r" in text else f"{stamp(at)} {text}\n" for at, text in lines)
    # What is no text comes as half of a pair, and leaves as the byte that it was.
    return "".join(written).encode("utf-8", "surrogateescape")


def annotations_of(job: Job) -> list[Annotation]:
    """GitHub makes one of each line that is marked as an error, a warning or a notice. Of a lost runner it is all."""
    if job.status != "completed":
        return []
    if job.lost:
        return [Annotation("failure", 1, LOST.format(runner=job.runner_name))]
    if job.crashed and job.machine is not None:
        return [Annotation("failure", 1, crash_of(job.machine, job))]
    found: list[Annotation] = []
    for step in job.steps:
        for number, text in enumerate(_said(job, step), 1):
            marked = _MARKED.match(text)
            if marked is not None:
                message = marked[2].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
                found.append(Annotation(_LEVELS[marked[1]], number, message))
    return [
        each for level in _LEVELS.values() for each in [one for one in found if one.level == level][:MOST_ANNOTATIONS]
    ]


def lines_of(job: Job, until: datetime | None = None) -> Iterator[tuple[datetime, str]]:
    """Each with its time: what a step is told comes at once, what it prints is spread over the time that it takes."""
    assert job.started_at is not None
    for step in job.steps:
        if until is not None and job.started_at + timedelta(seconds=step.begins) > until:
            return
        said = _said(job, step)
        told = said.index("##[endgroup]") + 1 if said and said[0].startswith("##[group]Run ") else 0
        between = (step.ends - step.begins) / (len(said) - told + 1)
        for number, text in enumerate(said):
            after = between * (number - told + 1) if number >= told else min(0.0004 * number, between / 2)
            at = job.started_at + timedelta(seconds=step.begins + after)
            if until is not None and at > until:
                return
            yield at, text


def _said(job: Job, step: Step) -> Sequence[str]:
    """With debug logging every step is told of, one that is skipped, too."""
    if not job.debug or step.name == SetUp[0]:
        return _printed(job, step)
    met = "false" if step.conclusion == "skipped" else "true"
    asked = (f"##[debug]Evaluating condition for step: '{step.name}'", f"##[debug]Result: {met}")
    if step.conclusion == "skipped":
        return asked
    return (*asked, f"##[debug]Starting: {step.name}", *_printed(job, step), f"##[debug]Finishing: {step.name}")


def _printed(job: Job, step: Step) -> Sequence[str]:
    if step.conclusion == "skipped":
        return ()
    if step.conclusion == "cancelled":
        return (*printed(job, step.name), "##[error]The operation was canceled.")
    said = None if job.plan.prints is None else job.plan.prints(job, step.name)
    if said is not None:
        return said
    if step.name in _OWN:
        return _OWN[step.name](job)
    if step.name.startswith("Post "):
        return ("Post job cleanup.",)
    return run_failed(job, step.name) if step.conclusion == "failure" else printed(job, step.name)


def _set_up(job: Job) -> Sequence[str]:
    runner = job.machine
    assert runner is not None
    return (
        f"Current runner version: '{runner.version or 'unknown'}'",
        f"Runner name: '{runner.name}'",
        f"Runner group name: '{job.group_name or 'Default'}'",
        f"Machine name: '{runner.name}'",
        "##[group]GITHUB_TOKEN Permissions",
        "Contents: read",
        "Metadata: read",
        "##[endgroup]",
        "Secret source: Actions",
        "Prepare workflow directory",
        "Prepare all required actions",
        "Getting action download info",
        "Download action repository 'actions/checkout@v4' (SHA:11bd71901bbe5b1630ceea73d27597364c9af683)",
        f"Complete job name: {job.name}",
    )


def _post_check_out(_job: Job) -> Sequence[str]:
    return (
        "Post job cleanup.",
        "[command]/usr/bin/git version",
        "git version 2.47.1",
        "Removing auth from the git config",
        "[command]/usr/bin/git config --local --unset-all http.https://github.com/.extraheader",
    )


def _complete(_job: Job) -> Sequence[str]:
    return ("Cleaning up orphan processes",)


_OWN = {SetUp[0]: _set_up, SetUp[1]: checked_out, CleanUp[0]: _post_check_out, CleanUp[1]: _complete}


def stamp(at: datetime) -> str:
    """With the seven digits of a second that .NET writes."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond:06}{at.microsecond % 10}Z"
