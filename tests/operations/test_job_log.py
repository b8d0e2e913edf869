"""The log of a job, from the pretend GitHub through a spool: where it opens, what stands beside it, how it ends."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.errors import LogError, NotFoundError
from console.fleet.log_lines import LogExtent, LogGroup, LogMark
from console.fleet.models import Annotation, JobKey, Step, plain
from console.fleet.models import Job as FleetJob
from console.fleet.signatures import shipped_catalogue
from console.operations.follow_log import Reading
from console.operations.interfaces import SystemClock
from console.operations.job_log import JobLogs
from console.operations.logs import OWN, OpenLog, beginning, step_of
from console.remote.github import GitHubApi
from console.remote.log_text import MergedSpool, Spool
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.operations.pretend_github import a_job
from tests.remote.fault_server import FakeClock, FixedTokens

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Pretend:
    """A scenario's world and the logs that the console would open of it."""

    def __init__(self, scenario: str, directory: Path) -> None:
        self.world: World = scenario_named(scenario).build(WorldClock(NINE, frozen=True))
        self._server = SimulatedGitHub(self.world)
        self._github = GitHubApi(self._server.start(), FixedTokens(DEMO_TOKEN), FakeClock(), user_agent="x")
        self.logs = JobLogs(
            self._github,
            lambda: Spool(directory),
            shipped_catalogue,
            SystemClock(),
            merged=lambda: MergedSpool(directory),
        )
        self.open: list[OpenLog] = []

    def job(self, repository: str, name: str, conclusion: str | None) -> Job:
        """The last one of these."""
        return [
            job
            for job in self.world.runs.jobs.values()
            if (job.run.repository.full_name, job.conclusion) == (repository, conclusion) and job.name.startswith(name)
        ][-1]

    async def opened(self, job: Job) -> OpenLog:
        log = await self.logs.job(key(job))
        assert log is not None
        self.open.append(log)
        return log

    async def close(self) -> None:
        for log in self.open:
            await log.close()
        await self._github.close()
        self._server.stop()


def key(job: Job) -> JobKey:
    return JobKey(job.run.repository.full_name, job.id)


async def read(log: OpenLog) -> Reading:
    """To its end."""
    reading = [reading async for reading in log.readings()][-1]
    assert reading.complete
    return reading


def text_of(log: OpenLog, line: int | None) -> str:
    assert line is not None
    return log.text.lines(line, 1)[0].text


@pytest.fixture
async def pretend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Pretend]:
    made = Pretend(request.param, tmp_path)
    yield made
    await made.close()


def of(scenario: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("pretend", [scenario], indirect=True)


@of("cache-conflict")
async def test_it_opens_at_the_line_that_broke_the_step_that_failed(pretend: Pretend) -> None:
    log = await pretend.opened(pretend.job("acme/web", "warm caches", "failure"))
    reading, sections = await read(log), await log.sections()
    line = beginning(reading, sections)
    assert line is not None
    assert text_of(log, line).startswith("Failed to restore cache entry. Exiting as fail-on-cache-miss is set.")
    assert reading.marks[line].signature == "cache.fail-on-miss"
    step = step_of(sections, line)
    assert step is not None
    assert (step.name, step.conclusion) == ("Verify cache", "failure")
    number = pretend.job("acme/web", "warm caches", "failure").id
    assert plain(log.name) == f"acme/web warm caches {number}", "two of one name can be told apart"
    assert log.url.endswith(f"/job/{number}")


@of("cache-conflict")
async def test_the_same_conflict_is_serious_where_the_key_is_missed_and_harmless_in_a_matrix(pretend: Pretend) -> None:
    held = await pretend.opened(pretend.job("acme/web", "warm caches", "failure"))
    marks = [mark for mark in (await read(held)).marks.values() if mark.signature == "cache.create-409"]
    assert [(mark.severity, mark.harmless) for mark in marks] == [("warning", False)]
    found = []
    for leg in ("compatibility (3.11)", "compatibility (3.12)", "compatibility (3.13)"):
        log = await pretend.opened(pretend.job("acme/api", leg, "success"))
        reading = await read(log)
        found += [mark for mark in reading.marks.values() if mark.signature == "cache.create-409"]
        assert beginning(reading, await log.sections()) is None
    assert [(mark.severity, mark.harmless) for mark in found] == [("info", True)] * 2


@of("cache-service-404")
async def test_it_opens_at_the_first_cause_and_not_at_the_last_line(pretend: Pretend) -> None:
    log = await pretend.opened(pretend.job("acme/web", "preview", "failure"))
    line = beginning(await read(log), await log.sections())
    assert "Failed to GetCacheEntryDownloadURL: Received non-retryable error: Failed request: (404)" in text_of(
        log, line
    )


@of("cache-conflict")
async def test_where_a_test_failed_it_opens_at_that_test_and_not_at_the_summary_below_it(pretend: Pretend) -> None:
    log = await pretend.opened(pretend.job("acme/payments-service", "build and test", "failure"))
    reading = await read(log)
    line = beginning(reading, await log.sections())
    assert text_of(log, line).startswith("FAIL test/")
    assert [verdict.match.signature.id for verdict in reading.verdicts if verdict.match.line == line] == [
        "tests.javascript"
    ]


@of("cache-service-404")
async def test_tests_that_pass_only_speak_of_trouble(pretend: Pretend) -> None:
    log = await pretend.opened(pretend.job("acme/cache-client", "unit", "success"))
    reading = await read(log)
    assert reading.marks == {}
    assert beginning(reading, await log.sections()) is None


@of("remote-cache-upload")
async def test_an_upload_that_failed_a_task_is_told_from_one_that_did_not(pretend: Pretend) -> None:
    failed = await pretend.opened(pretend.job("acme/web", "moon ci", "failure"))
    line = beginning(await read(failed), await failed.sections())
    assert "Failed to make gRPC call." in text_of(failed, line)
    fine = await pretend.opened(pretend.job("acme/design-system", "moon ci", "success"))
    reading = await read(fine)
    assert beginning(reading, await fine.sections()) is None
    assert [mark.harmless for mark in reading.marks.values()] == [True]


@of("release-draft-race")
async def test_a_release_race_leaves_nothing_in_its_logs(pretend: Pretend) -> None:
    for name in ("publish", "draft"):
        for repository in ("acme/web", "acme/api", "acme/mobile-app"):
            log = await pretend.opened(pretend.job(repository, name, "success"))
            reading = await read(log)
            assert beginning(reading, await log.sections()) is None
            assert {mark.severity for mark in reading.marks.values()} <= {"info"}
            assert log.notes == ()


@of("healthy")
async def test_a_test_that_failed_is_where_it_opens_and_not_at_the_exit_code_below(pretend: Pretend) -> None:
    failed = [job for job in pretend.world.runs.jobs.values() if job.conclusion == "failure"]
    signatures = set()
    for job in failed[-6:]:
        log = await pretend.opened(job)
        reading, sections = await read(log), await log.sections()
        line = beginning(reading, sections)
        assert line is not None
        assert line < reading.errors[0]
        signatures.add(reading.marks[line].signature)
        step = step_of(sections, line)
        assert step is not None
        assert step.conclusion == "failure"
    assert "tests.javascript" in signatures
    assert "job.exit-code" not in signatures


@of("cache-conflict")
async def test_what_github_notes_beside_the_log_is_there_and_explained(pretend: Pretend) -> None:
    log = await pretend.opened(pretend.job("acme/web", "warm caches", "failure"))
    assert [(note.level, note.mark.signature if note.mark else "") for note in log.notes] == [
        ("failure", "cache.fail-on-miss"),
        ("warning", "cache.create-409"),
        ("warning", "cache.save-failed"),
    ]
    assert log.notes[0].text.startswith("Failed to restore cache entry.")


@of("healthy")
async def test_notes_that_cannot_be_read_do_not_keep_the_log_back(pretend: Pretend) -> None:
    pretend.world.faults.outage(pretend.world.timeline.now, timedelta(hours=1), path="/check-runs/")
    log = await pretend.opened(pretend.job("acme/web", "", "success"))
    (note,) = log.notes
    assert note.level == OWN
    assert "could not be read: GitHub is in trouble" in note.text
    assert (await read(log)).extent.lines > 40


@of("idle-while-queued")
async def test_a_job_that_has_not_ended_has_no_log_yet(pretend: Pretend) -> None:
    world = pretend.world
    for status in ("in_progress", "queued"):
        job = next(job for job in world.runs.jobs.values() if job.status == status)
        assert await pretend.logs.job(key(job)) is None


@of("idle-while-queued")
async def test_why_there_is_no_log_is_told(pretend: Pretend) -> None:
    world = pretend.world
    cancelled = world.queued()[0]
    world.runs.cancel(cancelled.run)
    with pytest.raises(LogError, match=r"has no log of this job \(404\)") as never_began:
        await pretend.logs.job(key(cancelled))
    assert "cancelled before it began" in never_began.value.hint
    with pytest.raises(LogError, match="does not find job 1 of acme/web"):
        await pretend.logs.job(JobKey("acme/web", 1))
    finished = pretend.job("acme/web", "", "success")
    world.clock.move(timedelta(minutes=51))
    with pytest.raises(NotFoundError, match="no longer has the log"):
        await pretend.logs.job(key(finished))


@of("cache-conflict")
async def test_a_job_whose_runner_was_lost_has_no_log_and_github_says_why(pretend: Pretend) -> None:
    lost = next(job for job in pretend.world.runs.jobs.values() if job.lost)
    log = await pretend.opened(lost)
    reading = await read(log)
    assert (reading.extent.lines, reading.marks) == (0, {})
    assert "has no log of this job (404)" in reading.extent.trouble
    note, own = log.notes
    assert own.level == OWN
    assert "has no log of this job (404). A job that was cancelled" in own.text
    assert note.mark is not None
    assert (note.mark.signature, note.mark.severity) == ("job.lost-communication", "error")
    assert beginning(reading, await log.sections()) is None


@of("hostile-names")
async def test_hostile_logs_are_read_like_all_others(pretend: Pretend) -> None:
    ended = [job for job in pretend.world.runs.jobs.values() if job.status == "completed"]
    for job in ended[:4]:
        log = await pretend.opened(job)
        reading = await read(log)
        assert reading.extent.size > 200_000
        shown = log.text.lines(0, reading.extent.lines)
        assert max(len(line.text) for line in shown) <= 64 * 1024
        assert not [line for line in shown if not line.text.isprintable()]


class Chunks:
    """GitHub with one finished job, whose log comes as the test says."""

    def __init__(self, *, breaks: bool = False, ends: bool = True) -> None:
        self.breaks = breaks
        self.ends = ends
        self.closed = False

    async def job(self, key: JobKey) -> FleetJob | None:
        return a_job(key.id, 1, "completed", ended=10)

    async def annotations(self, key: JobKey) -> tuple[Annotation, ...]:
        lost = Annotation("failure", "The self-hosted runner: mac-1 lost communication with the server.")
        return (lost, Annotation("notice", " \n"))

    async def job_log(self, key: JobKey) -> AsyncGenerator[bytes]:
        chunks = self._chunks()
        await anext(chunks)
        return chunks

    async def _chunks(self) -> AsyncGenerator[bytes]:
        try:
            yield b""
            yield b"2026-11-20T12:00:00.0000000Z one\n2026-11-20T12:00:01.0000000Z tw"
            if self.breaks:
                raise LogError("The log ended early, at byte 66: the connection broke.", "It is fetched again.")
            while not self.ends:
                await asyncio.sleep(60)
        finally:
            self.closed = True


def logs_of(github: Chunks, directory: Path) -> JobLogs:
    return JobLogs(
        github,
        lambda: Spool(directory),
        shipped_catalogue,
        SystemClock(),
        merged=lambda: MergedSpool(directory),
    )


async def test_a_log_that_breaks_off_says_so_and_keeps_what_came(tmp_path: Path) -> None:
    log = await logs_of(Chunks(breaks=True), tmp_path).job(JobKey("acme/web", 7))
    assert log is not None
    reading = await read(log)
    assert reading.extent.trouble == "The log ended early, at byte 66: the connection broke."
    assert log.notes[-1].text == f"{reading.extent.trouble} It is fetched again."
    assert [line.text for line in log.text.lines(0, 9)] == ["one", "tw"]
    await log.close()


async def test_a_lost_runner_is_only_told_of_beside_the_log_and_an_empty_note_is_left_out(tmp_path: Path) -> None:
    log = await logs_of(Chunks(), tmp_path).job(JobKey("acme/web", 7))
    assert log is not None
    (note,) = log.notes
    assert note.mark is not None
    assert (note.mark.signature, note.mark.severity) == ("job.lost-communication", "error")
    assert (await read(log)).marks == {}
    await log.close()


async def test_a_log_that_is_closed_is_fetched_no_further(tmp_path: Path) -> None:
    for turns in (0, 1, 20):
        github = Chunks(ends=False)
        log = await logs_of(github, tmp_path).job(JobKey("acme/web", 7))
        assert log is not None
        for _ in range(turns):
            await asyncio.sleep(0)
        await log.close()
        assert github.closed


async def test_a_log_that_cannot_be_kept_is_not_fetched(tmp_path: Path) -> None:
    github = Chunks()
    with pytest.raises(LogError, match="no room"):
        await logs_of(github, tmp_path / "missing").job(JobKey("acme/web", 7))
    assert github.closed


def test_a_step_that_failed_at_once_is_opened_at_its_error_although_the_next_began_in_the_same_second() -> None:
    def step(number: int, conclusion: str = "success") -> Step:
        return Step(number, f"step {number}", "completed", conclusion)

    mark = LogMark(12, "error", "cache.fail-on-miss", "words")
    sections = (
        (step(1), LogGroup(0, 10)),
        (step(2, "failure"), LogGroup(10, 10)),
        (step(3), LogGroup(10, 20)),
        (step(4), LogGroup(20, 30)),
    )
    reading = Reading(LogExtent(30, 900), 900, marks={12: mark, 25: mark}, errors=(14, 26))
    assert beginning(reading, sections) == 12
    assert beginning(Reading(LogExtent(30, 900), 900, errors=(14, 26)), sections) == 14
    assert beginning(Reading(LogExtent(30, 900), 900, errors=(26,)), sections) == 10
