"""What can be opened in a log pane, and how: logs of jobs from GitHub, logs on the hosts of runners."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from console.fleet.models import JobKey, RunnerKey

if TYPE_CHECKING:
    # The first paint does not wait for what reads logs.
    from console.operations.logs import HostLogs, OpenLog

OnRunner = Literal["journal", "listener", "worker"]


class RunnerLog(NamedTuple):
    """A log on the host of a runner."""

    kind: OnRunner
    runner: RunnerKey


class JobOutput(NamedTuple):
    """What a job that is still running has printed, on the host of its runner."""

    job: JobKey


LogKey = JobKey | RunnerLog | JobOutput
"""A job's own key stands for its log at GitHub."""

HostLog = RunnerLog | JobOutput

WORDS: dict[OnRunner, str] = {
    "journal": "service journal",
    "listener": "listener's log",
    "worker": "worker's log",
}


def target_of(key: LogKey) -> JobKey | RunnerKey:
    """The job or runner that it belongs to."""
    match key:
        case RunnerLog(_, runner):
            return runner
        case JobOutput(job):
            return job
    return key


def in_words(key: LogKey) -> str:
    """What kind of log it is."""
    if isinstance(key, RunnerLog):
        return WORDS[key.kind]
    return "output" if isinstance(key, JobOutput) else "log"


def opener(key: HostLog) -> "Callable[[HostLogs], Awaitable[OpenLog]]":
    """How it is opened."""
    match key:
        case RunnerLog("journal", runner):
            return lambda hosts: hosts.journal(runner)
        case RunnerLog("listener", runner):
            return lambda hosts: hosts.diag(runner, "listener")
        case RunnerLog(_, runner):
            return lambda hosts: hosts.diag(runner, "worker")
        case JobOutput(job):
            return lambda hosts: hosts.output(job)
