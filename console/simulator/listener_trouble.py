"""What a runner's listener and the service around it write when they meet trouble."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from heapq import merge
from random import Random

from console.simulator.diary import Happening, Line, Words
from console.simulator.guids import guid
from console.simulator.inhabitants import Runner
from console.simulator.listener_words import acknowledged, connected, exited, listener_of, stamp

MESSAGE = (
    "Failed to get job message. Request to https://broker.actions.githubusercontent.com/message failed with status: "
)
STACK = (
    "\n   at GitHub.Actions.RunService.WebApi.BrokerHttpClient.GetRunnerMessageAsync(Nullable`1 sessionId, String "
    "runnerVersion, Nullable`1 status, String os, String architecture, Nullable`1 disableUpdate, CancellationToken "
    "cancellationToken)\n   at GitHub.Runner.Common.RunnerService.RetryRequest[T](Func`1 func, CancellationToken "
    "cancellationToken, Int32 maxAttempts, Func`2 shouldRetry)"
)


def refused(status: str, words: str) -> Words:
    """It asks for work again and again and is answered with that; the service hears only of the first time."""

    def said(runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
        message = f"{MESSAGE}{status}. Error message Error: {words}"
        random = Random(f"{runner.id} {happening.begins}")  # noqa: S311 (repeatable, not secret)
        at, first = happening.begins, True
        while at < (happening.ends or now):
            yield Line(at, "Catch exception during request", "BrokerServer", "ERR ")
            yield Line(at, f"System.Exception: {message}{STACK}", "BrokerServer", "ERR ")
            pause = random.uniform(8, 14)
            yield Line(at, f"Back off {pause:.3f} seconds before next retry. 4 attempt left.", "BrokerServer", "WARN")
            at += timedelta(seconds=pause)
            yield Line(at, "Catch exception during get next message.", listener_of(runner), "ERR ")
            yield Line(at, f"System.Exception: {message}{STACK}", listener_of(runner), "ERR ")
            if first:
                lost = f"{stamp(at)}: Runner connect error: {message}. Retrying until reconnected."
                yield Line(at, lost, level="ERR ")
                first = False
            pause = random.uniform(30, 60)
            yield Line(at, f"Sleeping for {pause:.2f} seconds before retrying.", listener_of(runner))
            at += timedelta(seconds=pause)

    return said


UNAVAILABLE = refused("ServiceUnavailable", "Service Unavailable")
BAD_REQUEST = refused("BadRequest", "Bad Request")
CONFLICT_LIMIT = timedelta(seconds=240)
UPDATE_TAKES = 12.0
"""Seconds until a listener that updates itself has ended."""
LAPSES_AFTER = timedelta(seconds=60)
"""A session whose listener has died, at its quickest."""


def conflicted(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """GitHub holds another session: it tries for four minutes, and then it ends for good."""
    at = happening.begins + timedelta(seconds=3)
    ends = at + CONFLICT_LIMIT
    yield from _held(runner, at, ends)
    yield Line(ends, "The session conflict exception have reached retry limit.", listener_of(runner))
    yield Line(ends, "Stop retry on SessionConflictException after retried for 240 seconds.", level="ERR ")
    yield Line(ends, f"Failed to create session. {_conflict(runner)}", level="ERR ")
    yield from exited(runner, ends, 5, "Session Conflict error")


def held_a_while(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """GitHub holds the session of the listener before it until that lapses; then it listens."""
    at = happening.begins + timedelta(seconds=3)
    listens = at + LAPSES_AFTER
    yield from _held(runner, at, listens - timedelta(seconds=30))
    yield Line(listens, "Session created.", listener_of(runner))
    yield from connected(runner, happening, listens)


def _held(runner: Runner, at: datetime, ends: datetime) -> Iterator[Line]:
    """Every 30 seconds the same answer; the service hears of the first alone that it goes on."""
    first = True
    while True:
        yield Line(at, "Catch exception during create session.", listener_of(runner), "ERR ")
        thrown = "GitHub.DistributedTask.WebApi.TaskAgentSessionConflictException"
        yield Line(at, f"{thrown}: {_conflict(runner)}", listener_of(runner), "ERR ")
        yield Line(at, "The session for this runner already exists.", listener_of(runner))
        yield Line(at, "A session for this runner already exists.", level="ERR ")
        if at >= ends:
            return
        yield Line(at, "The session conflict exception haven't reached retry limit.", listener_of(runner))
        if first:
            lost = f"{stamp(at)}: Runner connect error: Error: Conflict. Retrying until reconnected."
            yield Line(at, lost, level="ERR ")
            first = False
        yield Line(at, "Sleeping for 30 seconds before retrying.", listener_of(runner))
        at += timedelta(seconds=30)


def _conflict(runner: Runner) -> str:
    return f"The actions runner {runner.name} already has an active session."


def unregistered(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """GitHub knows no such registration: it ends at once and for good."""
    at = happening.begins + timedelta(seconds=3)
    unknown = f"Registration {guid('registration', runner.id)} was not found."
    address = "https://pipelinesghubeus7.actions.githubusercontent.com/_apis/oauth2/token"
    said = f"POST request to {address} failed. HTTP Status: BadRequest"
    yield Line(at, said, "GitHubActionsService", "ERR ")
    yield Line(at, "Catch exception during create session.", listener_of(runner), "ERR ")
    thrown = "GitHub.Services.OAuth.VssOAuthTokenRequestException"
    yield Line(at, f"{thrown}: {unknown}", listener_of(runner), "ERR ")
    deleted = (
        "Failed to create a session. The runner registration has been deleted from the server, please re-configure. "
        "Runner registrations are automatically deleted for runners that have not connected to the service recently."
    )
    yield Line(at, deleted, level="ERR ")
    yield from exited(runner, at, 1, "terminated error")


def version_refused(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """GitHub gives its version no jobs any more: it ends at once and for good."""
    at, version = happening.begins, happening.version or runner.version
    said = f"Runner version v{version} is deprecated and cannot receive messages."
    yield Line(at, "Catch exception during get next message.", listener_of(runner), "ERR ")
    yield Line(at, f"GitHub.DistributedTask.WebApi.AccessDeniedException: {said}", listener_of(runner), "ERR ")
    yield Line(at, f"An error occured: {said}", level="ERR ")
    yield from exited(runner, at, 1, "terminated error")


def started_and_refused(runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
    """A listener of such a version gets a session, and no answer to its first question for work but that."""
    listens = happening.begins + timedelta(seconds=3)
    yield Line(listens, "Session created.", listener_of(runner))
    yield from connected(runner, happening, listens)
    asked = replace(happening, begins=listens + timedelta(seconds=1))
    yield from version_refused(runner, asked, now)


def updated_itself(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """It fetches a newer version of itself, ends, and is started again as that."""
    at = happening.begins
    for seconds, said in enumerate(
        (
            "Runner update in progress, do not shutdown runner.",
            "Downloading 2.336.0 runner",
            "Waiting for current job finish running.",
            "Generate and execute update script.",
            "Runner will exit shortly for update, should be back online within 10 seconds.",
        )
    ):
        yield Line(at + timedelta(seconds=seconds * 2), said)
    ends = at + timedelta(seconds=UPDATE_TAKES - 1)
    yield Line(ends, "Runner listener exited with error code 3", "runsvc")
    yield Line(ends, "Runner listener exit because of updating, re-launch runner in 5 seconds.", "runsvc")


def relaunched(_runner: Runner, happening: Happening, _now: datetime) -> Iterable[Line]:
    """After ten errors in a row the listener ends, and is started again."""
    again = "Runner listener exit with retryable error, re-launch runner in 5 seconds."
    return (Line(happening.begins, again, "runsvc"),)


def reconnected(_runner: Runner, happening: Happening, _now: datetime) -> Iterable[Line]:
    """What a listener of the older protocol says when a trouble is over; those of the newer one say nothing."""
    return (Line(happening.begins, f"{stamp(happening.begins)}: Runner reconnected."),)


def lost_race(runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
    """A job was offered to several, and another one was quicker."""
    yield from acknowledged(runner, happening, now)
    at = happening.begins + timedelta(seconds=1)
    said = "POST request to https://run.actions.githubusercontent.com/1/acquirejob failed. HTTP Status: Conflict"
    yield Line(at, said, "GitHubActionsService", "ERR ")
    job = guid("request", f"{runner.id} {happening.begins}")
    yield Line(at, f"Skipping message Job. Job message already acquired '{job}'.", "Runner")


def breaker_open(_runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
    """A part of GitHub protects itself, again and again."""
    at = happening.begins + timedelta(seconds=75)
    while at < (happening.ends or now):
        yield Line(at, "System.Exception: GET request failed: 503 breaker open", "BrokerServer", "ERR ")
        at += timedelta(seconds=95)


def migrated(_runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
    """GitHub's notice of another broker comes through as if it were work."""
    at = happening.begins + timedelta(seconds=40)
    while at < (happening.ends or now):
        yield Line(at, "Received message 0 with unsupported message type BrokerMigration.", "Runner", "ERR ")
        at += timedelta(seconds=120)


def together(*several: Words) -> Words:
    """All of that at the same time, in the order in which it is written."""

    def said(runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
        return merge(*(words(runner, happening, now) for words in several), key=lambda line: line.at)

    return said


JIT_REFUSED = together(BAD_REQUEST, migrated, breaker_open)
