"""The demo with its hosts, as an operator goes through it: real HTTP, real SSH, and a fleet whose time stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from console.assemble.connectors import DemoConnector
from console.operations.connection import FirstPaint
from console.operations.interfaces import SystemClock
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.ui.app import ConsoleApp
from tests.needs import needs
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled
from tests.ui.test_panes import Operator

pytestmark = needs("ssh")
OPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


class Visitor(Operator):
    """Waits for what comes over the network."""

    async def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(1200):
            await settled(self.pilot)
            if holds():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"It did not come about:\n{self.text}")

    async def until_read(self, *words: str) -> None:
        await self.until(lambda: all(each in self.text for each in words))

    async def journal_of(self, runner: str) -> None:
        await self.type(f":journal {runner}")
        await self.press("enter")
        await self.until_read(f"{runner} service journal on {runner}", "FOLLOW")


@asynccontextmanager
async def demo(name: str, size: tuple[int, int] = (120, 40), *, speed: float = 0) -> AsyncIterator[Visitor]:
    clock, scenario = SystemClock(), scenario_named(name)
    connector = DemoConnector(scenario, clock, lambda: WorldClock(OPENED, speed, frozen=not speed))
    app = ConsoleApp(FirstPaint(context=scenario.id, demo=scenario.id), connector, clock)
    async with app.run_test(size=size) as pilot:
        hand = Visitor(app, pilot, fleet.FakeConnector())
        await hand.until(lambda: app.main.look is not None and app.main.look.snapshot.whole)
        yield hand
        # No look may come while the screen is taken down.
        fleet_workers = app.workers.cancel_group(app, "fleet")
        await hand.until(lambda: all(worker.is_finished for worker in fleet_workers))


async def test_the_same_line_in_two_journals_that_were_opened_is_one_finding_about_two_hosts() -> None:
    async with demo("github-outage") as hand:
        for runner in ("prod-linux-12", "prod-linux-13"):
            await hand.press("1")
            assert "the same in" not in hand.text
            await hand.journal_of(runner)
            await hand.until_read("Asking for jobs: GitHub in trouble")
        await hand.press("1")
        await hand.until_read("! 2 hosts", "the same in their logs within 1 min: Asking for jobs: GitHub in trouble")
        await hand.until_read("prod-linux-12: Asking for jobs", "prod-linux-13: Asking for jobs")
        await hand.press("enter")
        await hand.until_read("Runners · 2 · only those of the finding")
        await hand.press("enter")
        await hand.until_read("2 hosts: the same in their logs", "in its log")


async def test_what_was_read_last_of_a_runner_stands_on_now_and_on_runners_even_when_narrow() -> None:
    async with demo("session-conflict", size=(80, 24)) as hand:
        await hand.press("L")
        await hand.until_read("Service stopped after a session conflict")
        await hand.press("1")
        await hand.until_read("in its log  prod-linux-03: Service stopped after a session conflict", "12 min ago")
        await hand.press("2")
        await hand.until_read("× prod-linux-03", "log: Service stopped")
