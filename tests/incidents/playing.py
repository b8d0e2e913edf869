"""An incident is worked on the screen, by keys alone: real HTTP and SSH, and a world whose time the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from textual.keys import _character_to_key

from console.assemble.connectors import DemoConnector
from console.assemble.running import drill_in
from console.fleet.findings import Finding
from console.fleet.open_questions import open_questions
from console.operations import failures, particulars, plan_parts, releases, watch
from console.operations.connection import FirstPaint
from console.operations.drill import Drill
from console.operations.interfaces import SystemClock
from console.operations.look import Look
from console.operations.pace import affordable
from console.operations.reading_tasks import ReadingTasks
from console.operations.suspects import IN_ALL
from console.operations.watch import Watch
from console.remote import budget
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.world import World
from console.ui.app import ConsoleApp
from console.ui.dialogs.act import ActDialog
from console.ui.dialogs.act_question import ConsentPage
from console.ui.widgets.fleet_table import HEADER, FleetTable
from tests.ui import fleet_fixture as fleet
from tests.ui.test_actions import later
from tests.ui.test_demo_with_hosts import OPENED, Visitor

STEP = timedelta(seconds=20)


class Player(Visitor):
    """Presses keys, reads the screen, and lets the pretend time pass."""

    def __init__(self, app: ConsoleApp, pilot: object, connector: DemoConnector, clock: WorldClock) -> None:
        super().__init__(app, pilot, fleet.FakeConnector())  # type: ignore[arg-type] # what the pilot is
        self.clock = clock
        self.drill: Drill | None = None
        self._demo = connector

    @property
    def world(self) -> World:
        assert self._demo._world is not None
        return self._demo._world

    @property
    def watch(self) -> Watch:
        connection = self.app.main.connection
        assert connection is not None
        assert isinstance(connection.watch, Watch)
        return connection.watch

    def solved(self) -> bool:
        """By the scenario's own word."""
        return self._demo.solved()

    async def pass_time(self, **span: float) -> None:
        """So much of the world's time (`minutes=6`), and a look at the fleet after it."""
        await asyncio.to_thread(self._move, timedelta(**span))
        await self.look_anew()

    def _move(self, span: timedelta) -> None:
        while span > timedelta():
            self.clock.move(min(span, STEP))
            span -= STEP
            with self.world.lock:
                self.world.advance()

    async def look_anew(self) -> None:
        """As `r` does; until everything has been read since, jobs that ended, too, and what is read beside them."""
        self.watch.look_again()
        await self.until_all_is_read(self.clock.now())

    async def until_all_is_read(self, since: datetime) -> None:
        """And the screen's look has it."""
        # What was read just now counts from when it was asked for, by GitHub's time, which is known to a second.
        began = since - timedelta(seconds=10)
        await self.until(lambda: self._all_read_since(began) and nothing_left_to_read(self.watch, self.app.main.look))

    def _all_read_since(self, began: datetime) -> bool:
        look = self.app.main.look
        if look is None or not look.snapshot.whole:
            return False
        read = [each.looked_at for each in look.snapshot.freshness if each.kind != "repositories"]
        return all(at is not None and at >= began for at in read)

    @asynccontextmanager
    async def time_passes(self, speed: float = 10.0) -> AsyncIterator[None]:
        """For what takes its time on a host. Else the world stands still."""
        self.clock.speed = speed
        self.clock.thaw()
        try:
            yield
        finally:
            self.clock.freeze()

    async def read_until(self, *words: str) -> None:
        """Looks at the fleet again and again, as logs are read in their own time."""
        for _ in range(60):
            for _ in range(10):
                if all(each in self.text for each in words):
                    return
                await asyncio.sleep(0.03)
            await self.look_anew()
        raise AssertionError(f"{words} did not come:\n{self.text}")

    async def until_it_comes(self, holds: Callable[[], bool]) -> None:
        """As time passes, within a quarter of an hour."""
        for _ in range(30):
            if holds():
                return
            await self.pass_time(seconds=30)
        raise AssertionError(self.text)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the look that is on the screen."""
        assert self.app.main.look is not None
        return self.app.main.look.findings

    def nothing_but_remarks(self) -> bool:
        """What is found is no more than information."""
        return all(finding.severity == "info" for finding in self.findings)

    async def stays_calm(self) -> None:
        """Nothing at all is found within eight minutes."""
        for _ in range(2):
            await self.pass_time(minutes=4)
            await self.read_until("All 52 runners are doing their work")
            assert self.findings == ()

    @property
    def row(self) -> str:
        """The line under the cursor, as it is drawn."""
        table = next(each for each in self.app.screen.query(FleetTable) if each.has_focus)
        line = table.region.y + HEADER + table._cursor - table.scroll_offset.y
        return self.text.splitlines()[line]

    async def go_to(self, *words: str) -> None:
        """Down from the top to the row that has these words."""
        await self.press("g")
        before = ""
        while not all(each in self.row for each in words):
            before = self.row
            await self.press("j")
            assert self.row != before, f"No row has {words}:\n{self.text}"

    @property
    def words(self) -> str:
        """What is drawn in boxes, without frames and breaks."""
        return " ".join(" ".join(each.strip("│ ") for each in self.text.splitlines() if "│" in each).split())

    async def until_words(self, *words: str) -> None:
        """Until they are read, wherever a box breaks them."""
        await self.until(lambda: all(each in self.words for each in words))

    async def agree(self) -> None:
        """To the question of an action: its word is typed where it wants one, then Enter."""
        await self.until(lambda: isinstance(self._page, ConsentPage))
        page = self._page
        assert isinstance(page, ConsentPage)
        if page.wanted:
            await self.until(lambda: page.line.has_focus)
            await self.pilot.press(*map(_character_to_key, page.wanted))
        await later(self)

    async def agree_for_all(self, number: int) -> None:
        """To the question of an action on so many, by that number; until it is proved of each."""
        await self.until_read("type how many they are")
        await self.press(str(number))
        async with self.time_passes():
            await later(self)
            await self.proved(f"{number} of {number} proved.")

    @property
    def _page(self) -> object:
        return self.app.screen.page if isinstance(self.app.screen, ActDialog) else None

    async def proved(self, said: str = "✓  Proved.") -> None:
        """The action that was agreed to has ended well; the screen is as it was before."""
        await self.until_read(said)
        await later(self, "escape")


def nothing_left_to_read(watch: Watch, look: Look | None) -> bool:
    """Logs of jobs, releases, particulars and hosts: all is read that is due now, and the screen's look has it."""
    beside, suspects, known = watch._beside, watch._suspects, watch._known
    assert beside.failures is not None
    assert beside.releases is not None
    assert beside.particulars is not None
    assert suspects is not None
    reading: list[ReadingTasks[Any]] = [suspects._running]
    reading += [each._running for each in (beside.failures, beside.releases, beside.particulars)]
    reading += [each._running for each in (beside.status, beside.latest) if each is not None]
    if look is None or any(not task.done() for each in reading for task in each._running):
        return False
    shown = (look.failures, look.hosts, look.snapshot.particulars, look.snapshot.releases)
    read = (beside.failures.frozen(), suspects.frozen(), beside.particulars.frozen(), known.releases.frozen())
    if shown != read:
        return False
    if not affordable(watch._github.budget):
        return True
    asked = open_questions(look.snapshot, look.reasons)
    return not (
        beside.failures._due(known.read_jobs())
        or beside.releases._due(known)
        or beside.particulars._due(look.snapshot, asked)
        or set([each for each in watch._conclusions.suspects if suspects._hosts.has_host(each)][:IN_ALL])
        - set(look.hosts)
    )


@asynccontextmanager
async def playing(
    name: str, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = (120, 40), *, walk: bool = False
) -> AsyncIterator[Player]:
    """The demo of that scenario, from its first look on. `walk`: as `demo NAME --walk` opens it."""
    monkeypatch.setattr(plan_parts, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(failures, "ONE_EVERY", 0.1)
    for reads in (failures, particulars, releases):
        monkeypatch.setattr(reads, "LOOK_FOR_WORK", 0.1)
    for pause in ("TICK", "COALESCE", "WHILE_BUSY"):
        monkeypatch.setattr(watch, pause, 0.1)
    # Hours pass in seconds: GitHub's limits for each minute are the world's, not this machine's.
    monkeypatch.setattr(budget, "PER_SECOND", 1_000.0)
    monkeypatch.setattr(budget, "MOST_A_MINUTE", 100_000)
    clock, scenario, worlds = SystemClock(), scenario_named(name), WorldClock(OPENED, frozen=True)
    connector = DemoConnector(scenario, clock, lambda: worlds)
    drill = drill_in(scenario.id, connector.solved, clock) if walk else None
    app = ConsoleApp(FirstPaint(context=scenario.id, demo=scenario.id, drill=drill), connector, clock)
    async with app.run_test(size=size) as pilot:
        player = Player(app, pilot, connector, worlds)
        player.drill = drill
        await player.until(lambda: app.main.look is not None and app.main.look.snapshot.whole)
        await player.until_all_is_read(OPENED)
        yield player
        # No look may come while the screen is taken down.
        fleet_workers = app.workers.cancel_group(app, "fleet")
        await player.until(lambda: all(worker.is_finished for worker in fleet_workers))
