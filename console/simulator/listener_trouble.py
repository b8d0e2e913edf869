"""What a runner's listener and the service around it write when they meet trouble."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from random import Random

from console.simulator.diary import Happening, Line, Words
from console.simulator.guids import guid
from console.simulator.inhabitants import Runner
from console.simulator.listener_words import exited, listener_of, stamp

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


def conflicted(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """GitHub holds another session: it tries for four minutes, and then it ends for good."""
    at = happening.begins + timedelta(seconds=3)
    gives_up, first = at + CONFLICT_LIMIT, True
    while True:
        conflict = f"The actions runner {runner.name} already has an active session."
        yield Line(at, "Catch exception during create session.", listener_of(runner), "ERR ")
        thrown = "GitHub.DistributedTask.WebApi.TaskAgentSessionConflictException"
        yield Line(at, f"{thrown}: {conflict}", listener_of(runner), "ERR ")
        yield Line(at, "The session for this runner already exists.", listener_of(runner))
        yield Line(at, "A session for this runner already exists.", level="ERR ")
        if at >= gives_up:
            break
        yield Line(at, "The session conflict exception haven't reached retry limit.", listener_of(runner))
        if first:
            lost = f"{stamp(at)}: Runner connect error: Error: Conflict. Retrying until reconnected."
            yield Line(at, lost, level="ERR ")
            first = False
        yield Line(at, "Sleeping for 30 seconds before retrying.", listener_of(runner))
        at += timedelta(seconds=30)
    yield Line(at, "The session conflict exception have reached retry limit.", listener_of(runner))
    yield Line(at, "Stop retry on SessionConflictException after retried for 240 seconds.", level="ERR ")
    yield Line(at, f"Failed to create session. {conflict}", level="ERR ")
    yield from exited(runner, at, 5, "Session Conflict error")


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


def relaunched(_runner: Runner, happening: Happening, _now: datetime) -> Iterable[Line]:
    """After ten errors in a row the listener ends, and is started again."""
    again = "Runner listener exit with retryable error, re-launch runner in 5 seconds."
    return (Line(happening.begins, again, "runsvc"),)
