"""Logs on a host: opened, followed, lost and found again without a gap or a double."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.errors import ChangedHostKeyError, HostUnreachableError, LogError, NotLocatedError
from console.fleet.models import FleetSnapshot, Job, Runner, plain
from console.fleet.signatures import shipped_catalogue
from console.operations import host_feed
from console.operations.feed_state import FeedState
from console.operations.host_logs import RunnerHostLogs
from console.operations.interfaces import SystemClock
from console.operations.locate import HostNames
from console.operations.logs import OpenLog
from console.remote.log_text import Spool
from console.remote.sanitize import text as harmless
from tests.host_programs import journal_line, systemd
from tests.local_hosts import LocalHosts

RUNNER = Runner("org:acme", 42, "linux-01", "Linux", "online", busy=True, labels=())
UNIT = "actions.runner.acme.linux-01.service"
TIMELINE, GUID, OTHER = (f"5b3c1d2e-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
BOM = b"\xef\xbb\xbf"
AT = "2026-09-02 05:14:0"
BEGUN = datetime(2026, 9, 2, 5, 14, tzinfo=UTC)
JOB = Job(
    "acme/web", 7, 70, 1, "build", "ci", "main", (), "in_progress", None,
    created_at=BEGUN, started_at=BEGUN, runner_id=42, runner_name="linux-01",
)  # fmt: skip


class HastyClock(SystemClock):
    """Waits a tenth as long as it is told."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / 10)


class Place:
    """A runner's host on this machine, and the console's logs of it."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "actions-runner"
        self.diag, self.pages = self.root / "_diag", self.root / "_diag" / "pages"
        self.pages.mkdir(parents=True)
        (self.root / "_diag" / "blocks").mkdir()
        self.programs = directory / "bin"
        settings = {"agentId": 42, "agentName": "linux-01", "gitHubUrl": "https://github.com/acme"}
        (self.root / ".runner").write_bytes(BOM + json.dumps(settings).encode())
        running = {"MainPID": "811", "WorkingDirectory": str(self.root), "ActiveState": "active", "SubState": "running"}
        processes = f" 823 01:02 {self.root}/bin/Runner.Listener run\n"
        self.hosts = LocalHosts(programs=systemd(self.programs, {UNIT: running}, processes=processes))
        self.github_ahead = timedelta()
        self.snapshot = FleetSnapshot(BEGUN, runners={RUNNER.key: RUNNER}, jobs={JOB.key: JOB})
        self.logs = RunnerHostLogs(
            self.hosts,
            HostNames("prod", {"*": "{name}"}, "https://github.com"),
            lambda: self.snapshot,
            spool=lambda: Spool(directory),
            catalogue=shipped_catalogue,
            clean=harmless,
            clock=HastyClock(),
            now=lambda: datetime.now(UTC) + self.github_ahead,
        )

    def journal(self, *lines: str) -> None:
        with (self.programs / "journal").open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def listener_says(self, *lines: str) -> None:
        with (self.diag / "Runner_20260902-051400-utc.log").open("a") as file:
            file.writelines(f"[{AT}0Z INFO {line}\n" for line in lines)

    def runs(self, name: str = "build", guid: str = GUID) -> None:
        self.listener_says(
            f"JobDispatcher] Job request 7 for plan {OTHER} job {guid} received.",
            f"Terminal] WRITE LINE: {AT}1Z: Running job: {name}",
        )

    def page(self, number: int = 1, kind: str = "pages") -> Path:
        return (
            self.diag / kind / (f"{TIMELINE}_{GUID}_{number}.log" if kind == "pages" else f"{TIMELINE}_{GUID}.{number}")
        )


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    made = Place(tmp_path)
    yield made
    await made.logs.close()


async def until(enough: Callable[[], bool], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not enough():
            await asyncio.sleep(0.02)


def said(log: OpenLog) -> list[str]:
    return [f"{line.stamp} {line.text}".strip() for line in log.text.lines(0, 100)]


def state(log: OpenLog) -> FeedState:
    assert log.state is not None
    return log.state


async def test_the_journal_is_shown_with_its_times_and_goes_on(place: Place) -> None:
    place.journal(journal_line(1, "Listening for Jobs"), journal_line(2, None), journal_line(3, list(b"\xffraw\nline")))
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: len(said(log)) == 4)
    place.journal(json.dumps({**json.loads(journal_line(4, "Failed.")), "SYSLOG_IDENTIFIER": "systemd", "_PID": "1"}))
    await until(lambda: len(said(log)) == 5)
    assert said(log) == [
        "2026-09-02T05:14:01.123456Z Listening for Jobs",
        "2026-09-02T05:14:02.123456Z (a message that the journal does not give)",
        "2026-09-02T05:14:03.123456Z �raw",
        "2026-09-02T05:14:03.123456Z line",
        "2026-09-02T05:14:04.123456Z systemd[1]: Failed.",
    ]
    assert (plain(log.name), log.where) == ("linux-01 service journal on linux-01", "service-log")
    assert (state(log).word, state(log).notes) == ("connected", ())
    await log.close()
    assert place.hosts.running == []


async def test_a_journal_that_is_lost_goes_on_after_its_cursor(place: Place) -> None:
    place.journal(journal_line(1, "one"), journal_line(2, "two"))
    (place.programs / "after").write_text(journal_line(3, "three") + "\n")
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: len(said(log)) == 2)
    place.hosts.down = HostUnreachableError("No route to host", "Look at the network.")
    place.hosts.cut()
    await until(lambda: state(log).word == "disconnected" and state(log).reason == "No route to host.")
    assert (state(log).hint, state(log).next_try is not None) == ("Look at the network.", True)
    place.hosts.down = None
    await until(lambda: len(said(log)) == 3)
    assert [line.rpartition(" ")[2] for line in said(log)] == ["one", "two", "three"]
    assert state(log).word == "connected"
    assert place.hosts.asked[-1][2] == (UNIT, json.loads(journal_line(2, ""))["__CURSOR"], "2000")
    await log.close()


async def test_since_when_it_is_lost_stays_while_it_is_tried_again(place: Place) -> None:
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: state(log).word == "connected")
    place.hosts.down = HostUnreachableError("No route to host")
    place.hosts.cut()
    await until(lambda: state(log).word == "disconnected")
    since, tries = state(log).since, len(place.hosts.asked)
    await until(lambda: len(place.hosts.asked) >= tries + 2)
    assert state(log).since == since
    await log.close()


async def test_no_entries_for_want_of_rights_are_told_apart_from_none(place: Place) -> None:
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: state(log).word == "connected")
    assert state(log).notes == ()
    await log.close()
    (place.programs / "hint").write_text("Hint: You are currently not seeing messages from other users\n")
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: state(log).notes != ())
    assert state(log).notes[0].startswith("no entries that this user may read")
    place.journal(journal_line(1, "own words"))
    await until(lambda: state(log).notes[0].startswith("this user may not read all"))
    await log.close()


async def test_a_changed_host_key_ends_a_log_and_nothing_is_tried_again(place: Place) -> None:
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: state(log).word == "connected")
    place.hosts.down = ChangedHostKeyError("Its key is another one", "Ask who changed it.")
    place.hosts.cut()
    await until(lambda: log.text.extent().ended)
    assert (state(log).word, state(log).next_try, state(log).hint) == ("disconnected", None, "Ask who changed it.")
    assert log.text.extent().trouble == "Its key is another one."
    await log.close()


def without_units(place: Place) -> None:
    (place.programs / "units").write_text("")
    (place.programs / "unit-files").write_text("")
    (place.programs / "processes").write_text(f" 823 {place.root}/bin/Runner.Listener run\n")
    place.hosts.places = {"processes": str(place.root / "proc")}


async def test_a_runner_without_a_unit_has_no_journal_and_that_is_said(place: Place) -> None:
    without_units(place)
    with pytest.raises(NotLocatedError, match="no systemd unit on its host") as told:
        await place.logs.journal(RUNNER.key)
    assert f"- process 823 in {place.root}: it is this runner's" in told.value.hint.splitlines()


async def test_a_runner_in_a_unit_of_another_name_has_that_units_journal_and_it_is_named(place: Place) -> None:
    without_units(place)
    (place.root / "proc" / "823").mkdir(parents=True)
    (place.root / "proc" / "823" / "cgroup").write_text("0::/system.slice/gha@1.service\n")
    place.journal(journal_line(1, "Listening for Jobs"))
    log = await place.logs.journal(RUNNER.key)
    await until(lambda: len(said(log)) == 1)
    assert plain(log.name) == "linux-01 journal of gha@1.service on linux-01"
    assert "-u gha@1.service" in (place.programs / "journalctl-asked").read_text()
    located = (await place.logs.facts(RUNNER.key)).located
    assert (located.unit, located.service) == (None, "gha@1.service")
    await log.close()


async def test_the_workers_log_never_shows_or_keeps_the_job_message(place: Place) -> None:
    log_file = place.diag / "Worker_20260902-051400-utc.log"
    before = f"[{AT}1Z INFO Worker] Message received.\n"
    message = f'[{AT}2Z INFO Worker] Job message:\n {{\n  "secret": "CANARY",\n  "x": [\n'
    log_file.write_text(before + message)
    log = await place.logs.diag(RUNNER.key, "worker")
    await until(lambda: len(said(log)) == 2)
    with log_file.open("a") as more:
        more.write('  ],\n  "more": "CANARY"\n }\n')
        more.write(f"[{AT}3Z INFO JobRunner] Job ID {GUID}\n")
        more.write("   at Some.Stack.Trace()\n")
    await until(lambda: len(said(log)) == 4)
    assert "CANARY" not in log.text.bytes_from(0).decode()
    assert said(log)[1] == f"{AT}2Z [INFO Worker] Job message: (it is left out here)"
    assert said(log)[2:] == [f"{AT}3Z [INFO JobRunner] Job ID {GUID}", "at Some.Stack.Trace()"]
    await log.close()


async def test_a_listeners_log_goes_on_at_the_very_byte_and_in_the_next_file(place: Place) -> None:
    place.listener_says("Listener] one", "Listener] two")
    log = await place.logs.diag(RUNNER.key, "listener")
    await until(lambda: len(said(log)) == 2)
    place.hosts.cut()
    place.listener_says("Listener] three")
    (place.diag / "Runner_20260902-060000-utc.log").write_text(f"[{AT}0Z INFO Listener] four\n")
    await until(lambda: len(said(log)) == 5)
    assert [line.rpartition("] ")[2] for line in said(log)] == [
        "one",
        "two",
        "three",
        "----- here begins Runner_20260902-060000-utc.log -----",
        "four",
    ]
    await log.close()


async def test_a_file_that_vanished_while_nobody_listened_is_told(place: Place) -> None:
    place.listener_says("Listener] one")
    log = await place.logs.diag(RUNNER.key, "listener")
    await until(lambda: len(said(log)) == 1)
    place.hosts.down = HostUnreachableError("No route to host")
    place.hosts.cut()
    await until(lambda: state(log).word == "disconnected")
    (place.diag / "Runner_20260902-051400-utc.log").unlink()
    place.hosts.down = None
    await until(lambda: len(said(log)) == 2)
    assert said(log)[1] == "----- its file is gone; what it said since the connection was lost is gone too -----"
    await log.close()


async def test_a_log_that_was_emptied_is_marked(place: Place) -> None:
    place.listener_says("Listener] a long line that will not be there again")
    log = await place.logs.diag(RUNNER.key, "listener")
    await until(lambda: len(said(log)) == 1)
    (place.diag / "Runner_20260902-051400-utc.log").write_text("[x] y\n")
    await until(lambda: len(said(log)) == 3)
    assert said(log)[1:] == ["----- here the file was emptied, and begins anew -----", "[x] y"]
    await log.close()


async def test_a_log_that_is_not_there_yet_is_said_to_be_waited_for(place: Place) -> None:
    log = await place.logs.diag(RUNNER.key, "worker")
    await until(lambda: state(log).notes == ("there is none yet: it is waited for",))
    (place.diag / "Worker_20260902-051400-utc.log").write_text(f"[{AT}1Z INFO Worker] here\n")
    await until(lambda: len(said(log)) == 1)
    assert state(log).notes == ()
    await log.close()


async def test_the_output_of_a_running_job_joins_lines_over_pages_and_names_the_step(place: Place) -> None:
    place.runs()
    (place.diag / "Worker_20260902-051400-utc.log").write_text(
        f"[{AT}1Z INFO JobRunner] Job ID {GUID}\n"
        f"[{AT}1Z INFO StepsRunner] Processing step: DisplayName='Run \x1bmake'\n"
    )
    place.page().write_bytes(BOM + b"2026-09-02T05:14:01.1234567Z one\n2026-09-02T05:14:02.1234567Z tw")
    log = await place.logs.output(JOB.key)
    await until(lambda: len(said(log)) == 2)
    place.page(2).write_bytes(BOM + b"o\n")
    place.page(1).unlink()
    await until(lambda: said(log)[1].endswith("two"))
    assert log.text.bytes_from(0).count(BOM) == 0
    await until(lambda: state(log).step != "")
    assert state(log).step == harmless("Run \x1bmake")
    assert state(log).notes == ("buffered by the runner, may lag by 5 KB",)
    assert (plain(log.name), log.where) == ("acme/web build as it runs on linux-01", "job-log")
    await log.close()


async def test_the_output_ends_when_its_runner_says_that_the_job_has_ended(place: Place) -> None:
    place.runs()
    place.page().write_bytes(BOM + b"2026-09-02T05:14:01.1234567Z one\n")
    log = await place.logs.output(JOB.key)
    await until(lambda: len(said(log)) == 1)
    with place.page().open("ab") as more:
        more.write(b"2026-09-02T05:14:09.1234567Z last words\n")
    place.page().unlink()
    place.listener_says(f"Terminal] WRITE LINE: {AT}9Z: Job build completed with result: Succeeded")
    await until(lambda: log.text.extent().ended)
    assert said(log)[-1].endswith("last words")
    await until(lambda: state(log).word == "ended")
    assert log.text.extent().trouble == ""
    await log.close()
    assert place.hosts.running == []


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ((), "names no job"),
        ((f"Terminal] WRITE LINE: {AT}9Z: Job build completed with result: Failed",), "has ended: Failed"),
    ],
)
async def test_output_that_is_not_to_be_had_says_why(place: Place, lines: tuple[str, ...], why: str) -> None:
    if lines:
        place.runs()
    place.listener_says("Listener] something", *lines)
    with pytest.raises(LogError, match=why):
        await place.logs.output(JOB.key)


async def test_the_output_of_another_job_is_never_shown_for_it(place: Place) -> None:
    place.runs("deploy")
    later = Job(**{**{name: getattr(JOB, name) for name in JOB.__struct_fields__}, "started_at": datetime.now(UTC)})
    place.snapshot = FleetSnapshot(BEGUN, runners={RUNNER.key: RUNNER}, jobs={JOB.key: later})
    with pytest.raises(LogError, match="busy with another job by now"):
        await place.logs.output(JOB.key)


async def test_a_listener_that_has_fallen_silent_after_its_yes_is_told_of(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_feed, "SILENT", 600.0)
    place.listener_says("BrokerMessageListener] Acknowledging runner request '7d6a6f19-3800-e0a6-96a2-4da09f8a4dd0'.")
    log = await place.logs.diag(RUNNER.key, "listener")
    assert log.silent_until() is None
    severities: list[str] = []
    async with asyncio.timeout(60):
        async for reading in log.readings():
            severities += [verdict.severity for verdict in reading.verdicts]
            if "error" in severities:
                break
            if severities:
                monkeypatch.setattr(host_feed, "SILENT", 0.2)
    assert severities[0] == "info"
    place.hosts.down = HostUnreachableError("No route to host", "Look at the network.")
    place.hosts.cut()
    await until(lambda: state(log).word == "disconnected")
    silent = log.silent_until()
    await asyncio.sleep(0.3)
    assert silent == log.silent_until() is not None
    await log.close()


async def test_facts_are_asked_once_and_again_on_demand(place: Place) -> None:
    first, again = await asyncio.gather(place.logs.facts(RUNNER.key), place.logs.facts(RUNNER.key))
    assert first is again
    assert (first.unit_state, [each.pid for each in first.listeners]) == ("active (running)", [823])
    assert first.clock_ahead is not None
    assert abs(first.clock_ahead) <= first.clock_unsure
    assert await place.logs.facts(RUNNER.key, anew=True) is not first
    assert [asked[1] for asked in place.hosts.asked] == ["find-runners", "host-facts", "host-facts"]


async def test_the_clock_of_a_host_is_held_against_githubs_and_not_this_machines(place: Place) -> None:
    place.github_ahead = timedelta(minutes=12)
    found = await place.logs.facts(RUNNER.key)
    assert found.clock_ahead is not None
    assert abs(found.clock_ahead + place.github_ahead) <= found.clock_unsure


async def test_what_a_worker_left_behind_is_copied_once_into_a_new_private_file(place: Place, tmp_path: Path) -> None:
    content = os.urandom(1_500_000)
    place.page(1).write_bytes(BOM + b"first\n")
    place.page(2).write_bytes(content)
    place.page(1, "blocks").write_bytes(b"the same, but less")
    target = tmp_path / "saved.log"
    saved = await place.logs.salvage(RUNNER.key, target)
    assert [file.name for file in await place.logs.leftovers(RUNNER.key)] == [
        place.page(1).name,
        place.page(2).name,
        place.page(1, "blocks").name,
    ]
    assert target.read_bytes().partition(b" =====\n")[2] == b"first\n" + content + b"\n"
    assert (saved.files, saved.size, saved.trouble) == (2, target.stat().st_size, "")
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(LogError, match="cannot be written: File exists"):
        await place.logs.salvage(RUNNER.key, target)


async def test_nothing_is_salvaged_where_nothing_was_left(place: Place, tmp_path: Path) -> None:
    with pytest.raises(LogError, match="Nothing was left behind"):
        await place.logs.salvage(RUNNER.key, tmp_path / "saved.log")
    assert not (tmp_path / "saved.log").exists()
