"""What a runner's listener and the service around it write, in the words of the real ones."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from console.simulator.diary import Happening, Line, listener_pid
from console.simulator.guids import guid
from console.simulator.host_tree import place_of
from console.simulator.inhabitants import CURRENT_VERSION, Runner

RENEWED_EVERY = timedelta(seconds=60)
LOCK_LASTS = timedelta(minutes=10)
RESULTS = {100: "Succeeded", 102: "Failed", 103: "Canceled"}


def stamp(at: datetime) -> str:
    """As the runner writes times on its console."""
    return f"{at:%Y-%m-%d %H:%M:%S}Z"


def started(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """The service and its listener come up and listen."""
    yield from launched(runner, happening, _now)
    listening = happening.begins + timedelta(seconds=3)
    yield Line(listening, "Session created.", listener_of(runner))
    yield from connected(runner, happening, listening)


def connected(runner: Runner, happening: Happening, at: datetime) -> Iterator[Line]:
    """A session is there, and it waits for work."""
    yield Line(at, "")
    yield Line(at, "√ Connected to GitHub")
    yield Line(at, "")
    yield Line(at, f"Current runner version: '{_version(runner, happening)}'")
    yield Line(at, f"{stamp(at)}: Listening for Jobs")
    yield Line(at, "Set runner/worker IPC timeout to 30 seconds.", "JobDispatcher")


def _version(runner: Runner, happening: Happening) -> str:
    return happening.version or runner.version or CURRENT_VERSION


def launched(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """Up to the question for a session."""
    at, place = happening.begins, place_of(runner)
    if place.unit:
        description = f"GitHub Actions Runner ({place.unit.removeprefix('actions.runner.').removesuffix('.service')})"
        yield Line(at, f"Started {place.unit} - {description}.", "systemd")
    if not runner.ephemeral:
        yield Line(at, ".path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "runsvc")
        yield Line(at, "Starting Runner listener with startup type: service", "runsvc")
        yield Line(at, f"Started listener process, pid: {listener_pid(happening.pid)}", "runsvc")
        yield Line(at, "Started running service", "runsvc")
    at += timedelta(seconds=1)
    system, architecture = ("macOS", "ARM64") if runner.os == "macOS" else ("Linux", "X64")
    for source, text in (
        ("HostContext", f"Well known directory 'Bin': '{place.directory}/bin'"),
        ("HostContext", f"Well known directory 'Root': '{place.directory}'"),
        ("Listener", f"Runner is built for {system} ({architecture}) - {system.lower()}-{architecture.lower()}."),
        ("Listener", f"Version: {_version(runner, happening)}"),
        ("Listener", f"Validating directory permissions for: '{place.directory}'"),
        ("ConfigurationStore", "IsConfigured: True"),
        ("Runner", f"Set runner startup type - {'Manual' if runner.ephemeral else 'Service'}"),
        (listener_of(runner), "Attempt to create session."),
        ("GitHubActionsService", "AAD Correlation ID for this token request: Unknown"),
    ):
        yield Line(at, text, source)


def stopped(runner: Runner, happening: Happening, _now: datetime) -> Iterator[Line]:
    """Somebody has stopped the service."""
    at, unit = happening.begins, place_of(runner).unit
    if unit:
        yield Line(at, f"Stopping {unit}...", "systemd")
    yield Line(at, "Shutting down runner listener", "runsvc")
    yield Line(at, "Sending SIGINT to runner listener to stop", "runsvc")
    yield Line(at, "Sending SIGKILL to runner listener", "runsvc")
    yield Line(at, "Exiting...")
    yield from exited(runner, at, 0, "0 return code")


def exited(runner: Runner, at: datetime, code: int, why: str) -> Iterator[Line]:
    """The last words of the service, once its listener has ended for good."""
    yield Line(at, f"Runner listener exited with error code {code}", "runsvc")
    yield Line(at, f"Runner listener exit with {why}, stop the service, no retry needed.", "runsvc")
    if unit := place_of(runner).unit:
        yield Line(at, f"{unit}: Deactivated successfully.", "systemd")


def worked(runner: Runner, happening: Happening, now: datetime) -> Iterator[Line]:
    """A job from its offer to its end, as far as it has got."""
    job, at = guid("job", happening.job), happening.begins
    if runner.v2:
        yield from acknowledged(runner, happening, now)
    yield Line(at, f"Job request 0 for plan {guid('plan', happening.job)} job {job} received.", "JobDispatcher")
    yield Line(at, f"{stamp(at)}: Running job: {happening.name}")
    yield Line(at, f"Start renew job request 0 for job {job}.", "JobDispatcher")
    yield from _renewed(job, at)
    yield from _worker_started(runner, happening)
    renewed = at + RENEWED_EVERY
    while renewed < (happening.ends or now):
        yield from _renewed(job, renewed)
        renewed += RENEWED_EVERY
    if happening.ends is not None and happening.code is not None:
        yield from _worker_ended(runner, happening, happening.ends, happening.code)


def acknowledged(_runner: Runner, happening: Happening, _now: datetime) -> Iterable[Line]:
    """The offer of a job, and not a word more."""
    said = f"Acknowledging runner request '{guid('request', happening.job)}'."
    return (Line(happening.begins, said, "BrokerMessageListener"),)


def _renewed(job: str, at: datetime) -> Iterable[Line]:
    till = f"{at + LOCK_LASTS:%m/%d/%Y %H:%M:%S}"
    return (Line(at, f"Successfully renew job {job}, job is valid till {till}", "JobDispatcher"),)


def worker_pid(happening: Happening) -> int:
    """Of the process that does the job."""
    return 20_000 + happening.job % 12_000


def _worker_started(runner: Runner, happening: Happening) -> Iterator[Line]:
    at, directory = happening.begins, place_of(runner).directory
    for text in (
        "Starting process:",
        f"  File name: '{directory}/bin/Runner.Worker'",
        "  Arguments: 'spawnclient 123 126'",
        f"  Working directory: '{directory}/bin'",
        f"Process started with process id {worker_pid(happening)}, waiting for process exit.",
    ):
        yield Line(at, text, "ProcessInvokerWrapper")
    yield Line(at, f"Send job request message to worker for job {guid('job', happening.job)}.", "JobDispatcher")


def _worker_ended(runner: Runner, happening: Happening, at: datetime, code: int) -> Iterator[Line]:
    job, took = guid("job", happening.job), at - happening.begins
    said = f"Finished process {worker_pid(happening)} with exit code {code}, and elapsed time {took}."
    yield Line(at, said, "ProcessInvokerWrapper")
    yield Line(at, f"Worker finished for job {job}. Code: {code}", "JobDispatcher")
    if code not in RESULTS:
        crashed = (
            "worker encounter an unhandled exception or app crash, attach worker stdout/stderr to JobRequest result"
        )
        yield Line(at, f"Return code {code} indicate {crashed}.", "JobDispatcher")
    result = RESULTS.get(code, "Failed")
    yield Line(at, f"finish job request for job {job} with result: {result}", "JobDispatcher")
    yield Line(at, f"{stamp(at)}: Job {happening.name} completed with result: {result}")
    yield Line(at, f"Stop renew job request for job {job}.", "JobDispatcher")
    yield Line(at, f"job renew has been cancelled, stop renew job {job}.", "JobDispatcher")


def listener_of(runner: Runner) -> str:
    """The part of it that talks to GitHub, by the protocol that it speaks."""
    return "BrokerMessageListener" if runner.v2 else "MessageListener"
