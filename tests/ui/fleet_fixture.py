"""A small fleet of plain values, and the parts that stand in for a context: nothing here waits or asks a network."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from textual.pilot import Pilot

from console.errors import ConsoleError, NoHostError
from console.fleet.diagnosis import judge
from console.fleet.history import Chronicle, Entry
from console.fleet.hosts import HostFacts, Leftover
from console.fleet.models import (
    FleetSnapshot,
    Freshness,
    GroupKey,
    Job,
    JobKey,
    Problem,
    Repository,
    Run,
    Runner,
    RunnerGroup,
    RunnerKey,
    Step,
)
from console.fleet.runbooks import Runbook
from console.fleet.server import Budget
from console.fleet.sightings import Sighting
from console.fleet.signatures import Catalogue
from console.fleet.walk_state import Unfinished
from console.fleet.walks import Walk
from console.operations.connection import Connection, ContextFacts, FirstPaint
from console.operations.finding_lives import FindingLives
from console.operations.interfaces import SystemClock
from console.operations.logs import DiagKind, MergedSource, OpenLog, Salvaged
from console.operations.look import Look
from console.operations.merged_log import MergedLog
from console.remote.log_text import MergedSpool
from tests.ui.acting import FakeGate

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
ORG = "org:acme"
LINUX = ("self-hosted", "linux", "x64")


class FrozenClock:
    """Time stands still unless it is moved. The first few naps are over at once, the next never ends."""

    def __init__(self, naps: int = 3) -> None:
        self.seconds = 1000.0
        self.naps = naps

    def wall(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds - 1000)

    def elapsed(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.naps -= 1
        if self.naps < 0:
            await asyncio.Event().wait()


class FakeWatch:
    """Yields what a test puts in; remembers what it was asked."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Look | Exception] = asyncio.Queue()
        self.asked: list[str] = []
        self.walked: tuple[RunnerKey, ...] = ()
        self.sighted: list[tuple[Sighting, ...]] = []
        self.lives = FindingLives(who="ops")

    async def looks(self) -> AsyncGenerator[Look]:
        while True:
            look = await self.queue.get()
            if isinstance(look, Exception):
                raise look
            yield look

    def look_again(self) -> None:
        self.asked.append("look again")

    def pause(self, paused: bool) -> None:
        self.asked.append(f"pause {paused}")

    def ask_why(self, key: JobKey) -> None:
        self.asked.append(f"why {key.id}")

    async def job(self, key: JobKey) -> Job | None:
        self.asked.append(f"job {key.id}")
        return None

    async def runner(self, key: RunnerKey) -> Runner | None:
        self.asked.append(f"runner {key.id}")
        return None

    def note_sightings(self, sightings: Sequence[Sighting]) -> None:
        self.sighted.append(tuple(sightings))


class FakeLogs:
    """The logs that were put here; a job without one has not ended."""

    def __init__(self) -> None:
        self.opened: dict[JobKey, OpenLog | ConsoleError] = {}

    async def job(self, key: JobKey) -> OpenLog | None:
        found = self.opened.get(key)
        if isinstance(found, ConsoleError):
            raise found
        return found

    def merged(self, sources: Sequence[MergedSource], at: datetime | None) -> OpenLog:
        spool = MergedSpool(Path(tempfile.gettempdir()))
        return MergedLog(sources, spool, lambda: Catalogue(()), SystemClock(), at=at)


class FakeHostLogs:
    """What was put here; without it no hosts are configured."""

    def __init__(self) -> None:
        self.opened: dict[tuple[str, RunnerKey | JobKey], OpenLog | ConsoleError] = {}
        self.known: dict[RunnerKey, HostFacts] = {}
        self.saved: dict[RunnerKey, Salvaged] = {}
        self.let_in: list[RunnerKey] = []
        self.refuses: ConsoleError | None = None
        self.none: ConsoleError = NoHostError("No hosts are configured", "Write this:\nhosts = {}")

    def _open(self, kind: str, key: RunnerKey | JobKey) -> OpenLog:
        found = self.opened.get((kind, key), self.none)
        if isinstance(found, ConsoleError):
            raise found
        return found

    async def journal(self, runner: RunnerKey) -> OpenLog:
        return self._open("journal", runner)

    async def diag(self, runner: RunnerKey, which: DiagKind) -> OpenLog:
        return self._open(which, runner)

    async def output(self, job: JobKey) -> OpenLog:
        return self._open("output", job)

    async def facts(self, runner: RunnerKey, *, anew: bool = False) -> HostFacts:
        if runner not in self.known:
            raise self.none
        return self.known[runner]

    async def authenticate(self, runner: RunnerKey) -> str:
        self.let_in.append(runner)
        if self.refuses is not None:
            raise self.refuses
        return "build-host"

    async def leftovers(self, runner: RunnerKey) -> tuple[Leftover, ...]:
        return ()

    async def salvage(self, runner: RunnerKey, to: Path) -> Salvaged:
        if runner not in self.saved:
            raise self.none
        return msgspec.structs.replace(self.saved[runner], path=to)


class FakeHistory:
    """Tells what was put here, or refuses."""

    def __init__(self) -> None:
        self.chronicle = Chronicle()
        self.refuses: ConsoleError | None = None

    def read(self) -> Chronicle:
        if self.refuses is not None:
            raise self.refuses
        return self.chronicle

    def entries(self) -> tuple[Entry, ...]:
        return self.read().entries


class FakeWalks:
    """Remembers what it was given, or refuses."""

    def __init__(self) -> None:
        self.kept: list[Walk] = []
        self.copied: list[tuple[Walk, Path]] = []
        self.left: tuple[Unfinished, ...] = ()
        """Walks without an end, of another console."""
        self.refuses: ConsoleError | None = None
        self.directory = Path("/state/walks")

    def clean(self, text: str) -> str:
        return text.replace("hunter2", "***")

    def leave_in(self, directory: Path) -> None:
        self.directory = directory

    def place(self, walk: Walk) -> Path:
        return self.directory / f"{walk.runbook.name}.md"

    def keep(self, walk: Callable[[], Walk]) -> Path:
        if self.refuses is not None:
            raise self.refuses
        self.kept.append(walk())
        return self.place(self.kept[-1])

    def unfinished(self, runbooks: Mapping[str, Runbook], context: str | None = None) -> tuple[Unfinished, ...]:
        return self.left

    def copy(self, walk: Walk, to: Path) -> None:
        self.copied.append((walk, to))


class FakeConnection:
    """An open context."""

    def __init__(self, facts: ContextFacts, watch: FakeWatch, history: FakeHistory) -> None:
        self.facts = facts
        self.watch = watch
        self.logs = FakeLogs()
        self.host_logs = FakeHostLogs()
        self.gate = FakeGate()
        self.walks = FakeWalks()
        self.history = history
        self.closed = False

    async def close(self) -> None:
        self.closed = True


class FakeConnector:
    """Opens the fake context, or fails as often as it was told to."""

    def __init__(
        self, *looks: Look, facts: ContextFacts | None = None, errors: tuple[Exception, ...] = (), hangs: bool = False
    ) -> None:
        self.watch = FakeWatch()
        self.history = FakeHistory()
        self.facts = facts or FACTS
        self.errors = list(errors)
        self.opened: list[str | None] = []
        self.connections: list[FakeConnection] = []
        self.left: tuple[Unfinished, ...] = ()
        self._looks = looks
        self._hangs = hangs

    def contexts(self) -> tuple[str, ...]:
        return ("acme-prod", "acme-lab")

    async def open(self, name: str | None) -> Connection:
        self.opened.append(name)
        if self._hangs:
            await asyncio.Event().wait()
        if self.errors:
            raise self.errors.pop(0)
        for look in self._looks:
            self.watch.queue.put_nowait(look)
        facts = msgspec.structs.replace(self.facts, name=name) if name else self.facts
        connection = FakeConnection(facts, self.watch, self.history)
        connection.walks.left = self.left
        self.connections.append(connection)
        return connection  # type: ignore[return-value] # Watch is a class; this one has its public methods


FACTS = ContextFacts(
    name="acme-prod",
    api_url="https://api.github.com",
    scopes=("org:acme",),
    token_source="keyring (SecretService)",
)
FIRST = FirstPaint(context="acme-prod")


def runner(
    number: int, name: str, *, busy: bool = False, status: str = "online", labels: tuple[str, ...] = LINUX
) -> Runner:
    return Runner(ORG, number, name, "linux", status, busy, labels, group_id=1, version="2.331.0", ephemeral=False)


def job(
    number: int,
    name: str,
    *,
    status: str = "queued",
    minutes: float = 1,
    on: Runner | None = None,
    labels: tuple[str, ...] = LINUX,
    conclusion: str | None = None,
    repository: str = "acme/web",
) -> Job:
    created = NOON - timedelta(minutes=minutes)
    started = created + timedelta(seconds=8) if on is not None else None
    return Job(
        repository=repository,
        id=number,
        run_id=7000 + number,
        attempt=1,
        name=name,
        workflow="ci",
        branch="main",
        labels=labels,
        status=status,
        conclusion=conclusion,
        created_at=created,
        started_at=started,
        completed_at=NOON - timedelta(minutes=1) if conclusion else None,
        runner_id=on.id if on is not None else None,
        runner_name=on.name if on is not None else None,
        url=f"https://github.com/{repository}/actions/runs/{7000 + number}/job/{number}",
        steps=STEPS if on is not None else (),
    )


STEPS = (
    Step(1, "Set up job", "completed", "success", NOON - timedelta(seconds=170), NOON - timedelta(seconds=168)),
    Step(
        2,
        "Run actions/checkout@v4",
        "completed",
        "success",
        NOON - timedelta(seconds=168),
        NOON - timedelta(seconds=160),
    ),
    Step(3, "Run make test", "in_progress", None, NOON - timedelta(seconds=160)),
    Step(4, "Post checkout", "queued"),
)


def sources(age: float = 4, problem: Problem | None = None) -> tuple[Freshness, ...]:
    seen = NOON - timedelta(seconds=age)
    return (
        Freshness("runners", ORG, timedelta(seconds=15), seen, problem),
        Freshness("jobs", "acme/web", timedelta(seconds=15), seen + timedelta(seconds=1), problem),
        Freshness("groups", ORG, timedelta(minutes=10), NOON - timedelta(minutes=3)),
    )


def snapshot(runners: tuple[Runner, ...], jobs: tuple[Job, ...], **more: object) -> FleetSnapshot:
    idle = {each.key: NOON - timedelta(minutes=14) for each in runners if each.idle}
    runs = {
        each.run_key: Run(
            each.repository,
            each.run_id,
            800 + each.id,
            1,
            "Fix the thing",
            "ci",
            ".github/workflows/ci.yml",
            "main",
            "push",
            each.status,
            each.conclusion,
            each.created_at,
            each.created_at,
            "",
        )
        for each in jobs
    }
    values: dict[str, object] = {
        "taken_at": NOON,
        "context": "acme-prod",
        "runners": {each.key: each for each in runners},
        "idle_since": idle,
        "groups": {GroupKey(ORG, 1): RunnerGroup(ORG, 1, "default", "all", default=True)},
        "repositories": {each.repository: Repository(each.repository, private=True) for each in jobs},
        "runs": runs,
        "jobs": {each.key: each for each in jobs},
        "freshness": sources(),
        "budget": Budget(5000, 4812, NOON + timedelta(minutes=40)),
        "whole": True,
    }
    return FleetSnapshot(**(values | more))  # type: ignore[arg-type] # a test says which fields it wants otherwise


def look(snap: FleetSnapshot, clock: FrozenClock | None = None, **more: object) -> Look:
    said = judge(snap)
    values: dict[str, object] = {
        "findings": said.findings,
        "reasons": said.reasons,
        "takers": said.takers,
        "wedged": said.wedged,
        "at": clock.elapsed() if clock else 1000.0,
        "queue_depth": (0, 1, 1, 2, 3, 3, 3),
        "busy_share": (0.2, 0.4, 0.5, 0.5, 0.6, 0.5, 0.5),
    }
    return Look(snap, **(values | more))  # type: ignore[arg-type] # as above


STUCK = runner(3, "prod-linux-03", labels=(*LINUX, "gpu"))
BUSY = runner(1, "prod-linux-01", busy=True)
INCIDENT = snapshot(
    (
        STUCK,
        BUSY,
        runner(2, "prod-linux-02"),
        runner(4, "prod-linux-04", status="offline"),
        runner(5, "prod-mac-01", labels=("self-hosted", "macOS", "arm64")),
    ),
    (
        job(11, "build (3.12)", minutes=14, labels=(*LINUX, "gpu")),
        job(12, "build (3.13)", minutes=13, labels=(*LINUX, "gpu")),
        job(13, "bench", minutes=6, labels=(*LINUX, "gpu"), repository="acme/api"),
        job(14, "lint", status="in_progress", minutes=3, on=BUSY),
        job(15, "deploy (prod)", minutes=5, labels=("self-hosted", "linux", "x46")),
        job(16, "docs", status="completed", minutes=9, on=BUSY, conclusion="failure"),
        job(17, "release", status="waiting", minutes=40),
    ),
)
HEALTHY = snapshot(
    (BUSY, *(runner(number, f"prod-linux-{number:02}") for number in range(2, 9))),
    (job(14, "lint", status="in_progress", minutes=3, on=BUSY), job(21, "unit", minutes=0.5)),
)
NO_TOKEN = ConsoleError("No token for org:acme.", "Run: runner-console auth login")


async def settled(pilot: Pilot[None]) -> None:
    """Everything that was set going has been drawn."""
    for _ in range(2):
        await pilot.pause()
