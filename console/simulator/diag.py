"""The files in `_diag` of a pretend runner, as far as they are written: its listener's, and one for each job."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import NamedTuple

from console.simulator.diary import Line
from console.simulator.guids import guid
from console.simulator.host_tree import crash_of, inode, listener_log_name
from console.simulator.inhabitants import Job, Runner, Step
from console.simulator.world import World


class DiagFile(NamedTuple):
    """One file, whole."""

    name: str
    inode: int
    text: bytes


def listener_files(runner: Runner, now: datetime) -> list[DiagFile]:
    """The oldest first."""
    return [
        _file(
            runner,
            listener_log_name(log.begins),
            (line for line in runner.diary.lines(runner, log, now) if line.in_diag),
        )
        for log in runner.diary.logs
    ]


def worker_files(world: World, runner: Runner, now: datetime) -> list[DiagFile]:
    """Of the jobs that the world still remembers, the oldest first."""
    ids = [each.job for log in runner.diary.logs for each in log.happenings if each.job]
    jobs = [world.runs.jobs[each] for each in ids if each in world.runs.jobs]
    return [_file(runner, worker_log_name(job), _worked(runner, job, now)) for job in jobs if job.started_at]


def worker_log_name(job: Job) -> str:
    """In `_diag`."""
    assert job.started_at is not None
    return f"Worker_{job.started_at:%Y%m%d-%H%M%S}-utc.log"


def _file(runner: Runner, name: str, lines: Iterable[Line]) -> DiagFile:
    return DiagFile(name, inode(runner, name), "".join(_written(line) for line in lines).encode())


def _written(line: Line) -> str:
    text = line.text
    if line.source == "Terminal":
        text = f"WRITE {'ERROR' if line.level == 'ERR ' else 'LINE'}: {text}"
    return f"[{line.at:%Y-%m-%d %H:%M:%S}Z {line.level} {line.source}] {text}\n"


def _worked(runner: Runner, job: Job, now: datetime) -> Iterator[Line]:
    """What the worker of a job has noted: only its steps say how far it is."""
    until = min(now, job.completed_at) if job.completed_at and job.cut_short else now
    yield from takewhile(lambda line: line.at <= until, _worker_lines(runner, job))
    if job.crashed and job.completed_at is not None:
        yield Line(job.completed_at, crash_of(runner, job), "Worker", "ERR ")


def _worker_lines(runner: Runner, job: Job) -> Iterator[Line]:
    assert job.started_at is not None
    at, identity = job.started_at, guid("job", job.id)
    yield Line(at, f"Version: {runner.version or '2.336.0'}", "Worker")
    yield Line(at, "Waiting to receive the job message from the channel.", "Worker")
    yield Line(at, "Message received.", "Worker")
    yield Line(at, f"Job message:\n {json.dumps(_message(job), indent=2)}", "Worker")
    yield Line(at, f"Job ID {identity}", "JobRunner")
    yield Line(at, f"Total job steps: {len(job.steps) - 2}.", "JobExtension")
    for number, step in enumerate(job.steps):
        yield from _step_lines(job, number, step)
    ended = at + timedelta(seconds=job.steps[-1].ends)
    if job.completed_at and not job.cut_short:
        ended = job.completed_at
    result = {"failure": "Failed", "cancelled": "Canceled"}.get(job.outcome, "Succeeded")
    yield Line(ended, f"Job result after all job steps finish: {result}", "JobRunner")
    yield Line(ended, f"Raising job completed against run service for job {identity}.", "JobRunner")
    yield Line(ended, "Job completed.", "Worker")


def _step_lines(job: Job, number: int, step: Step) -> Iterator[Line]:
    assert job.started_at is not None
    begins, ends = (job.started_at + timedelta(seconds=seconds) for seconds in (step.begins, step.ends))
    if number in {0, len(job.steps) - 1}:
        return  # what GitHub lists as the first and last step is no step of its own here
    yield Line(begins, f"Processing step: DisplayName='{step.name}'", "StepsRunner")
    if step.conclusion == "skipped":
        yield Line(begins, "Skipping step due to condition evaluation.", "StepsRunner")
        return
    yield Line(begins, "Starting the step.", "StepsRunner")
    pid, code = 30_000 + (job.id + number * 37) % 20_000, 1 if step.conclusion == "failure" else 0
    yield Line(begins, f"Process started with process id {pid}, waiting for process exit.", "ProcessInvokerWrapper")
    took = f"and elapsed time {ends - begins}."
    yield Line(ends, f"Finished process {pid} with exit code {code}, {took}", "ProcessInvokerWrapper")
    yield Line(ends, f"Step result: {'Failed' if code else 'Succeeded'}", "StepsRunner")


def _message(job: Job) -> dict[str, object]:
    """What GitHub sent: secrets are hidden, and it is nobody's business all the same."""
    told = {
        "repository": job.run.repository.full_name,
        "run_id": str(job.run.id),
        "run_number": str(job.run.number),
        "run_attempt": str(job.attempt),
        "job": job.plan.name,
        "workflow": job.run.workflow.name,
    }
    return {
        "messageType": "RunnerJobRequest",
        "plan": {"planId": guid("plan", job.id)},
        "timeline": {"id": guid("timeline", job.run.id)},
        "jobId": guid("job", job.id),
        "jobDisplayName": job.name,
        "requestId": 0,
        "variables": {"system.github.token": {"value": "***", "isSecret": True}},
        "contextData": {"github": {"t": 2, "d": [{"k": key, "v": value} for key, value in told.items()]}},
    }
