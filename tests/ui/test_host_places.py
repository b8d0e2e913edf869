"""Logs on hosts, within the whole console: which key opens what, and what is said where there is nothing."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from console.errors import HostAuthenticationError, HostUnreachableError
from console.fleet.models import JobKey, Name, RunnerKey
from console.fleet.signatures import Catalogue
from console.operations.feed_state import FeedState
from console.operations.interfaces import SystemClock
from console.operations.logs import OpenLog, Salvaged
from console.remote.log_text import Spool
from console.ui import log_places
from console.ui.app import ConsoleApp
from console.ui.widgets.log_panel import LogPanel
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import FakeHostLogs
from tests.ui.test_host_facts import FACTS
from tests.ui.test_logs_pane import Hand, console, key_of

BUSY = "prod-linux-01"
"""It does job 14."""


def hosts(hand: Hand) -> FakeHostLogs:
    return hand.operator.connector.connections[0].host_logs


def runner(name: str) -> RunnerKey:
    return next(key for key, each in fleet.INCIDENT.runners.items() if each.name == name)


def put(hand: Hand, directory: Path, kind: str, key: RunnerKey | JobKey, words: str) -> OpenLog:
    spool = Spool(directory)
    spool.append(f"{words}\n".encode() * 60)
    opened = OpenLog((Name(f"{kind} of it"),), "service-log", spool, lambda: Catalogue(()), SystemClock())
    opened.state = FeedState("connected", fleet.NOON)
    opened.host = "build-host"
    hosts(hand).opened[kind, key] = opened
    return opened


@pytest.mark.parametrize(("key", "kind"), [("L", "journal"), ("D", "listener")])
async def test_a_key_on_a_runner_opens_what_its_host_has(tmp_path: Path, key: str, kind: str) -> None:
    async with console(tmp_path) as hand:
        put(hand, tmp_path, kind, runner(BUSY), f"the {kind} says this")
        await hand.press("2")
        await hand.type(f":runners {BUSY}")
        await hand.press("enter", key)
        await hand.until_read(f"the {kind} says this", f"{kind} of it", "FOLLOW")


async def test_only_a_host_that_does_not_answer_at_once_is_said_to_be_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opens, answers = FakeHostLogs.journal, asyncio.Event()

    async def journal(self: FakeHostLogs, runner: RunnerKey) -> OpenLog:
        await answers.wait()
        return await opens(self, runner)

    monkeypatch.setattr(FakeHostLogs, "journal", journal)
    monkeypatch.setattr(log_places, "SOON", 60.0)
    asked, painted = "Its host is being asked.", []
    async with console(tmp_path) as hand:
        for kind in ("journal", "listener"):
            put(hand, tmp_path, kind, runner(BUSY), f"the {kind} says this")
        await hand.press("2")
        await hand.type(f":runners {BUSY}")
        await hand.press("enter")
        hand.app.screen.screen_layout_refresh_signal.subscribe(
            hand.pane, lambda _: painted.append(hand.text), immediate=True
        )
        await hand.press("D")
        await hand.until_read("the listener says this")
        assert not any(asked in text for text in painted)
        monkeypatch.setattr(log_places, "SOON", 0.05)
        await hand.press("L")
        await hand.until_read(asked)
        answers.set()
        await hand.until_read("the journal says this")
        assert asked not in hand.text


async def test_a_log_whose_first_lines_come_at_once_is_never_painted_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_places, "SOON", 60.0)
    painted: list[str] = []
    async with console(tmp_path) as hand:
        opened = put(hand, tmp_path, "journal", runner(BUSY), "")
        await opened.text.close()
        opened.text = spool = Spool(tmp_path)
        await hand.type(f":journal {BUSY}")
        hand.app.screen.screen_layout_refresh_signal.subscribe(
            hand.pane, lambda _: painted.append(hand.text), immediate=True
        )
        await hand.press("enter")
        await hand.until(lambda: bool(hand.pane.query(LogPanel)))
        assert not any("journal of it" in text for text in painted)
        spool.append(b"the journal says this\n")
        await hand.until_read("the journal says this", "FOLLOW")
        assert all("the journal says this" in text for text in painted if "journal of it" in text)


async def test_a_log_that_is_read_before_it_is_laid_out_is_followed_all_the_same(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        put(hand, tmp_path, "journal", runner(BUSY), "the journal says this")
        with hand.app.batch_update():
            await hand.type(f":journal {BUSY}")
            await hand.press("enter")
            await hand.until(lambda: any(panel.reading is not None for panel in hand.pane.query(LogPanel)))
        await hand.until_read("the journal says this", "FOLLOW")


@pytest.mark.parametrize(("key", "kind"), [("L", "journal"), ("D", "worker")])
async def test_on_a_job_it_is_the_runner_that_has_it(tmp_path: Path, key: str, kind: str) -> None:
    async with console(tmp_path) as hand:
        put(hand, tmp_path, kind, runner(BUSY), f"the {kind} says this")
        await hand.press("3")
        await hand.type(":jobs lint")
        await hand.press("enter", key)
        await hand.until_read(f"the {kind} says this")


async def test_o_shows_the_output_of_a_running_job_and_l_tells_of_it(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        put(hand, tmp_path, "output", key_of(14), "compiling")
        await hand.press("3")
        await hand.type(":jobs lint")
        await hand.press("enter", "l")
        await hand.until_read("O shows what it prints now")
        await hand.press("O")
        await hand.until_read("compiling", "output of it")


@pytest.mark.parametrize(("key", "kind"), [("L", "journal"), ("D", "listener")])
async def test_a_finding_about_an_offline_runner_leads_to_its_logs(tmp_path: Path, key: str, kind: str) -> None:
    lost = fleet.runner(4, "prod-linux-04", status="offline", labels=("self-hosted", "release"))
    waits = fleet.job(11, "publish", minutes=14, labels=("self-hosted", "release"))
    async with console(tmp_path, fleet.snapshot((lost,), (waits,))) as hand:
        put(hand, tmp_path, kind, lost.key, f"the {kind} says this")
        await hand.until_read("its only runner is offline", "L journal", "D _diag")
        await hand.press(key)
        await hand.until_read(f"the {kind} says this")


async def test_only_keys_that_do_something_on_the_row_under_the_cursor_are_offered(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.press("3")
        await hand.type(":jobs lint")
        await hand.press("enter")
        await hand.until_read("L journal", "O output")
        await hand.press("escape", "g")
        await hand.until(lambda: "O output" not in hand.text)
        await hand.press("2")
        await hand.type(f":runners {BUSY}")
        await hand.press("enter")
        await hand.until_read("L journal", "O output")
        await hand.press("escape", "G")
        await hand.until(lambda: "O output" not in hand.text)
        await hand.until_read("L journal")


async def test_without_hosts_it_is_said_what_to_write(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.type(f":journal {BUSY}")
        await hand.press("enter")
        await hand.until_read(BUSY, "No hosts are configured", "hosts = {}")


async def test_the_page_of_a_runner_says_what_its_host_knows_or_why_not(tmp_path: Path) -> None:
    async with console(tmp_path, size=(120, 50)) as hand:
        hosts(hand).known[runner(BUSY)] = FACTS
        await hand.press("2")
        await hand.type(f":runners {BUSY}")
        await hand.press("enter", "enter")
        await hand.until_read("build-host", "actions.runner.acme.x.service", "62.0 GB free")
        hosts(hand).known.clear()
        hosts(hand).none = HostUnreachableError("build-host cannot be reached", "Look at the network.")
        await hand.press("escape", "enter")
        await hand.until_read("build-host cannot be reached", "Look at the network.")


async def test_a_disconnected_log_says_so_in_its_title_and_beside_its_lines_what_helps(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        opened = put(hand, tmp_path, "journal", runner(BUSY), "the last words")
        await hand.type(f":journal {BUSY}")
        await hand.press("enter")
        await hand.until_read("the last words")
        opened.state = FeedState(
            "disconnected", fleet.NOON, reason="The network is gone.", hint="Mend it.\nThen come back."
        )
        hand.pane.query_one(LogPanel).set_now(fleet.NOON + timedelta(seconds=1))
        await hand.until_read(
            "disconnected at", "lost   The network is gone.", "helps  Mend it.", "Then come back.", "opens it anew"
        )
        opened.state = FeedState("connected", fleet.NOON)
        hand.pane.query_one(LogPanel).set_now(fleet.NOON + timedelta(seconds=2))
        await hand.until(lambda: "lost" not in hand.text)


async def test_of_a_log_without_a_line_it_is_said_why_it_has_none(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        opened = OpenLog((Name("worker's log"),), "worker-diag", Spool(tmp_path), lambda: Catalogue(()), SystemClock())
        opened.state = FeedState("connected", fleet.NOON, notes=("there is none yet: it is waited for",))
        hosts(hand).opened["worker", runner(BUSY)] = opened
        await hand.type(f":worker {BUSY}")
        await hand.press("enter")
        await hand.until_read("so far  there is none yet: it is waited for", "There are no lines yet.")
        opened.state = FeedState("disconnected", fleet.NOON, reason="The network is gone.", hint="Mend it.")
        hand.pane.query_one(LogPanel).set_now(fleet.NOON + timedelta(seconds=1))
        await hand.until_read("lost   The network is gone.", "helps  Mend it.")


@pytest.mark.parametrize("again", ["L", "A"])
async def test_a_log_whose_host_was_given_up_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again: str
) -> None:
    monkeypatch.setattr(ConsoleApp, "suspend", lambda _: nullcontext())
    async with console(tmp_path) as hand:
        lost = put(hand, tmp_path, "journal", runner(BUSY), "the last words")
        await hand.type(f":journal {BUSY}")
        await hand.press("enter")
        await hand.until_read("the last words")
        lost.state = FeedState("disconnected", fleet.NOON, fleet.NOON + timedelta(seconds=8), reason="Gone.")
        put(hand, tmp_path, "journal", runner(BUSY), "it goes on")
        await hand.press("L")
        await hand.until_read("the last words")
        lost.state = FeedState("disconnected", fleet.NOON, reason="A key is wanted.")
        await hand.press(again)
        await hand.until_read("it goes on")
        assert len(hand.pane.query(LogPanel)) == 1
        assert lost.closed


@pytest.mark.parametrize("refuses", [None, HostAuthenticationError("ssh did not get into build-host", "It said why.")])
async def test_the_terminal_is_left_to_ssh_and_taken_back_however_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refuses: HostAuthenticationError | None
) -> None:
    left: list[str] = []

    @contextmanager
    def suspend(_app: ConsoleApp) -> Iterator[None]:
        left.append("left")
        yield  # as in Textual itself: what is raised in there ends it here
        left.append("taken back")

    monkeypatch.setattr(ConsoleApp, "suspend", suspend)
    async with console(tmp_path) as hand:
        hosts(hand).refuses = refuses
        await hand.press("2")
        await hand.type(f":runners {BUSY}")
        await hand.press("enter", "A")
        await hand.until(lambda: bool(hand.operator.said))
        assert left == ["left", "taken back"]
        assert hosts(hand).let_in == [runner(BUSY)]
        assert ("did not get into" if refuses else "is let into") in " ".join(hand.operator.said)


async def test_what_a_crashed_worker_left_is_copied_and_it_is_said_where(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        hosts(hand).saved[runner(BUSY)] = Salvaged(Path(), 3, 12_000)
        await hand.type(f":salvage {BUSY}")
        await hand.press("enter")
        await hand.until(lambda: bool(hand.operator.said))
        assert "3 files, 12.0 KB, copied to" in hand.operator.said[0]


async def test_a_name_that_nobody_has_is_refused_with_the_nearest(tmp_path: Path) -> None:
    async with console(tmp_path) as hand:
        await hand.type(":journal prod-linux-0")
        await hand.press("enter")
        await hand.until_read('No runner is called "prod-linux-0"', "Nearest: prod-linux-")
