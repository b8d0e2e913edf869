"""What an operator sees of a test host, by the console's own means: its logs over the real ssh."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from console.fleet.models import FleetSnapshot, Job, JobKey, Runner, RunnerKey, plain
from console.fleet.signatures import shipped_catalogue
from console.operations.host_logs import RunnerHostLogs
from console.operations.interfaces import SystemClock
from console.operations.locate import HostNames
from console.operations.logs import OpenLog
from console.remote.log_text import Spool
from console.remote.sanitize import text as harmless
from tests.host.conftest import Host
from tests.host.runners import StandIn

RUNNER, JOB = RunnerKey("repo:acme/web", 21), JobKey("acme/web", 7)
TIMELINE, GUID, PLAN = (f"5b3c1d2e-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))


def registered(stand_in: StandIn) -> Runner:
    """As GitHub's API has it."""
    scope = f"{'repo' if '/' in stand_in.owner else 'org'}:{stand_in.owner}"
    return Runner(scope, stand_in.agent_id, stand_in.name, "Linux", "online", busy=True, labels=())


@asynccontextmanager
async def logs_of(host: Host, *more: Runner, user: str = "ops", name: str = "web") -> AsyncIterator[RunnerHostLogs]:
    """Of a fleet of this runner and more."""
    now = datetime.now(UTC)
    job = Job(
        "acme/web", 7, 70, 1, "build", "ci", "main", (), "in_progress", None,
        created_at=now, started_at=now, runner_id=21, runner_name="web-1",
    )  # fmt: skip
    runners = {runner.key: runner for runner in (registered(host.runner), *more)}
    snapshot = FleetSnapshot(now, runners=runners, jobs={job.key: job})
    async with host.ssh.hosts(user) as hosts:
        yield RunnerHostLogs(
            hosts,
            HostNames("prod", {"*": name}, "https://github.com"),
            lambda: snapshot,
            spool=lambda: Spool(Path(os.environ["TEST_HOST_PLACE"])),
            catalogue=shipped_catalogue,
            clean=harmless,
            clock=SystemClock(),
            now=SystemClock().wall,
        )


@asynccontextmanager
async def closing(*logs: OpenLog) -> AsyncIterator[None]:
    try:
        yield
    except BaseException:
        for log in logs:
            print(plain(log.name), log.state, log.text.extent(), *said(log)[-3:], sep="\n  ")
        raise
    finally:
        await asyncio.gather(*(log.close() for log in logs))


async def until(enough: Callable[[], object], seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not enough():
            await asyncio.sleep(0.05)


def said(log: OpenLog) -> list[str]:
    """All its lines, without their times."""
    return [line.text for line in log.text.lines(0, log.text.extent().lines + 1)]


def numbered(log: OpenLog, words: str) -> list[str]:
    """The lines that begin with these words."""
    return [line for line in said(log) if line.startswith(words)]


def state(log: OpenLog) -> str:
    return "" if log.state is None else log.state.word


def diary(host: Host) -> list[str]:
    """The listener's log, as it lies on the host's disk."""
    files = sorted(host.runner.home.glob("_diag/Runner_2*"))
    return [line for path in files if path.is_file() for line in path.read_text(errors="replace").splitlines()]


def logged(host: Host, words: str) -> bool:
    """Whether the listener has written that."""
    return any(words in line for line in diary(host))


def begin_job(stand_in: StandIn, name: str = "build", **more: object) -> None:
    stand_in.order(do="job", id=GUID, timeline=TIMELINE, plan=PLAN, request=7, name=name, **more)
