"""The log of a runner or a job that is asked for alone: which it is, and when all that is there of it has come."""

from console.errors import ConsoleError, LogError, UsageError
from console.fleet.at_work import job_at_work, runner_of
from console.fleet.log_kind import HostSource
from console.fleet.models import FleetSnapshot, JobKey, RunKey, RunnerKey
from console.operations.connection import Connection
from console.operations.interfaces import Clock
from console.operations.logs import OpenLog

QUIET = 1.0
"""Seconds without a byte over a connection that stands, after which what was there has come."""
LONGEST = 30.0
"""Seconds that are waited for that where lines come without a pause."""
LOOK_EVERY = 0.1


async def open_named(
    connection: Connection, snapshot: FleetSnapshot, key: RunnerKey | JobKey | RunKey, source: HostSource | None
) -> OpenLog:
    """By itself, of a runner its service journal, and of a job its log or, while it runs, its output.

    Raises `ConsoleError` kinds.
    """
    if isinstance(key, RunKey):
        raise UsageError("That is a run, and only its jobs have logs", "Name one of them: `runner-console jobs`.")
    hosts = connection.host_logs
    if source == "output" or (source is None and isinstance(key, JobKey)):
        job = key if isinstance(key, JobKey) else _job_of(snapshot, key)
        ended = await connection.logs.job(job) if source is None else None
        return ended or await hosts.output(_begun(snapshot, job))
    runner = key if isinstance(key, RunnerKey) else _runner_of(snapshot, key)
    if source in {None, "journal"}:
        return await hosts.journal(runner)
    return await hosts.diag(runner, "worker" if source == "worker" else "listener")


async def arrival(opened: OpenLog, clock: Clock) -> ConsoleError | None:
    """Waits until all that is there has come; why it has not, where that is so. A log that goes on may be cut there."""
    began, size, changed = clock.elapsed(), -1, clock.elapsed()
    while not (extent := opened.text.extent()).ended:
        state, now = opened.state, clock.elapsed()
        if state is not None and state.word == "disconnected":
            return LogError(state.reason, state.hint)
        if state is None or state.word == "connecting":
            began = now
        if extent.size != size or began == now:
            size, changed = extent.size, now
        elif now - changed >= QUIET:
            return None
        if now - began >= LONGEST:
            return LogError(
                f"It goes on and on: this is what came within {LONGEST:g} s", "Without --print it is followed."
            )
        await clock.sleep(LOOK_EVERY)
    if not extent.trouble:
        return None
    return LogError(extent.trouble, "\n".join(note.text for note in opened.notes))


def _job_of(snapshot: FleetSnapshot, runner: RunnerKey) -> JobKey:
    job = job_at_work(snapshot, runner)
    if job is None:
        raise LogError("This runner does no job of a watched repository now", "Without --source its journal is shown.")
    return job.key


def _begun(snapshot: FleetSnapshot, job: JobKey) -> JobKey:
    known = snapshot.jobs.get(job)
    if known is not None and known.status not in {"in_progress", "completed"}:
        raise LogError(
            "This job has not begun, so there is no log of it", "`runner-console explain` says why it waits."
        )
    return job


def _runner_of(snapshot: FleetSnapshot, job: JobKey) -> RunnerKey:
    runner = runner_of(snapshot, job)
    if runner is None:
        raise LogError("No runner that is listed has or had this job", "It may be gone, or another owner's.")
    return runner
