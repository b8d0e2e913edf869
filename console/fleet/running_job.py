"""Which job a listener says it runs, and in which step its worker is. Out of the script `listener-tail`."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from console.fleet.frames import Frame

_GUID = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_AT = rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"
_RECEIVED = re.compile(
    rb"\[(" + _AT + rb") INFO [^\]]{1,80}\] Job request \d+ for plan \S{1,80} job (" + _GUID + rb") "
)
_RUNNING = re.compile(rb"\[" + _AT + rb" INFO Terminal\] WRITE LINE: " + _AT + rb": Running job: (.{0,1000})")
_ENDED = re.compile(
    rb"\[" + _AT + rb" INFO Terminal\] WRITE LINE: " + _AT + rb": Job .{0,1000} completed with result: (\w{1,40})"
)
_STEP = re.compile(
    rb"\[" + _AT + rb" INFO StepsRunner\] (?:Processing step: DisplayName='(.{0,1000})'|(Step result: |Skipping step ))"
)
_WORKER_JOB = re.compile(
    rb"\[" + _AT + rb" INFO JobRunner\] (?:Job ID (" + _GUID + rb")|(Job result after all job steps ))"
)


class RunningJob(msgspec.Struct, frozen=True):
    """The last job that a listener was given."""

    guid: str
    received_at: datetime
    """By the host's clock."""
    name: str = ""
    """As its listener calls it; empty: it has not said that it runs it."""
    result: str = ""
    """Empty: nothing says that it has ended."""


def running_job(frames: Iterable[Frame], clean: Callable[[str], str]) -> RunningJob | None:
    """None: the logs name no job as far back as they were read."""
    job: RunningJob | None = None
    for line in (line for frame in frames if frame.word == "listener" for line in frame.data.split(b"\n")):
        if found := _RECEIVED.match(line):
            job = RunningJob(found[2].decode(), datetime.fromisoformat(found[1].decode()))
        elif job is not None and (found := _RUNNING.match(line)):
            job = msgspec.structs.replace(job, name=clean(found[1].decode("utf-8", "replace").rstrip("\r")))
        elif job is not None and (found := _ENDED.match(line)):
            job = msgspec.structs.replace(job, result=found[1].decode())
    return job


def current_step(frames: Iterable[Frame], job: str, clean: Callable[[str], str]) -> str:
    """The step that the worker of that job is in; empty: between two, or not known."""
    step, whose = "", ""
    for line in (line for frame in frames if frame.word == "worker" for line in frame.data.split(b"\n")):
        if found := _WORKER_JOB.match(line):
            step, whose = "", found[1].decode() if found[1] else whose
        elif found := _STEP.match(line):
            step = clean(found[1].decode("utf-8", "replace")) if found[1] is not None else ""
    return step if whose in {"", job} else ""
