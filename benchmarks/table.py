"""The table against Textual's DataTable, in one run: rendered for a terminal, interleaved, medians of CPU time."""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.drivers.headless_driver import HeadlessDriver
from textual.widgets import DataTable

from console.fleet.models import Runner, RunnerKey
from console.ui.cells import RUNNER_COLUMNS
from console.ui.runner_row import RunnerRow
from console.ui.theme import themes
from console.ui.widgets.fleet_table import FleetTable

SIZE = (200, 50)
ROUNDS = 5
STATE = 1
"""The column that Runners is sorted by."""
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

Rows = dict[RunnerKey, RunnerRow]
Step = Callable[[], Awaitable[None]]


class MemoryDriver(HeadlessDriver):
    """Takes what a terminal would get, so that everything up to the last byte is made."""

    wrote: ClassVar[asyncio.Event] = asyncio.Event()

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        if data:
            self.wrote.set()


class Bench(App[None]):
    """Both tables; one at a time is shown."""

    def __init__(self) -> None:
        super().__init__(driver_class=MemoryDriver)
        for theme in themes():
            self.register_theme(theme)
        self.theme = "dark"
        self.ours: FleetTable[RunnerKey] = FleetTable(RUNNER_COLUMNS)
        self.theirs: DataTable[str] = DataTable(cursor_type="row")

    def compose(self) -> ComposeResult:
        yield self.ours
        yield self.theirs


def runners(number: int, generation: int) -> Rows:
    """The rows of as many runners, every one of which says something else in another generation."""
    rows: Rows = {}
    for index in range(number):
        runner = Runner(
            scope="org:acme",
            id=index,
            name=f"prod-linux-{index % 997:03}-{index:05}",
            os="Linux",
            status="online",
            busy=bool((index + generation) % 2),
            labels=("self-hosted", "Linux", "X64"),
            version=f"2.{generation}.0",
        )
        rows[runner.key] = RunnerRow(runner, group="Default", idle_since=NOON)
    return rows


def words(rows: Rows) -> list[tuple[str, list[str]]]:
    """The same rows as DataTable takes them."""
    return [
        (str(key), ["".join(part.text for part in cell.parts) for cell in row.cells()]) for key, row in rows.items()
    ]


async def cpu(app: Bench, step: Step) -> float:
    """Process time until the step has reached the terminal and nothing more follows."""
    await settle(app)
    gc.collect()
    MemoryDriver.wrote.clear()
    begun = time.process_time()
    await step()
    await MemoryDriver.wrote.wait()
    await settle(app)
    return time.process_time() - begun


async def settle(app: Bench) -> None:
    """Until both tables have done what they had to do, and it was painted."""
    for table in (app.ours, app.theirs, app.ours, app.theirs):
        done = asyncio.Event()
        table.call_after_refresh(done.set)
        await done.wait()


async def show(app: Bench, *, ours: bool) -> None:
    app.ours.display, app.theirs.display = ours, not ours
    (app.ours if ours else app.theirs).focus()
    await settle(app)


class Replacing:
    """Replaces every row by one that says something else, the cursor staying where it is."""

    def __init__(self, app: Bench, number: int) -> None:
        self.app = app
        self.generations = [runners(number, 1), runners(number, 2)]
        self.texts = [words(rows) for rows in self.generations]
        self.turn = self.their_turn = 0

    async def ours(self) -> None:
        self.turn = 1 - self.turn
        self.app.ours.set_rows(self.generations[self.turn])

    async def theirs(self) -> None:
        table, self.their_turn = self.app.theirs, 1 - self.their_turn
        row = table.cursor_row
        table.clear()
        for key, texts in self.texts[self.their_turn]:
            table.add_row(*texts, key=key)
        table.move_cursor(row=row, animate=False)


async def measure_replacing(app: Bench) -> tuple[float, float]:
    replacing = Replacing(app, 10_000)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        await show(app, ours=True)
        ours.append(await cpu(app, replacing.ours))
        await show(app, ours=False)
        theirs.append(await cpu(app, replacing.theirs))
    return statistics.median(ours), statistics.median(theirs)


async def measure_growth(app: Bench) -> tuple[float, float]:
    few, many = Replacing(app, 10_000), Replacing(app, 50_000)
    small: list[float] = []
    large: list[float] = []
    await show(app, ours=True)
    for _ in range(2 * ROUNDS):
        for replacing, taken in ((few, small), (many, large)):
            await replacing.ours()
            taken.append(await cpu(app, replacing.ours))
    return statistics.median(small), statistics.median(large)


async def measure_paging(app: Bench) -> tuple[float, float]:
    ours, theirs = [], []

    async def page_ours() -> None:
        app.ours.action_page(1)

    async def page_theirs() -> None:
        app.theirs.action_page_down()

    for _ in range(ROUNDS):
        await show(app, ours=True)
        ours.extend([await cpu(app, page_ours) for _ in range(5)])
        await show(app, ours=False)
        theirs.extend([await cpu(app, page_theirs) for _ in range(5)])
    return statistics.median(ours), statistics.median(theirs)


async def measure_unchanged(app: Bench) -> int:
    """How many lines are built for a look in which nothing changed, be the rows the same or only equal."""
    await show(app, ours=True)
    rows = runners(10_000, 3)
    app.ours.set_rows(rows)
    await show(app, ours=True)
    before = app.ours.lines_built
    app.ours.set_rows(dict(rows))
    app.ours.set_rows(runners(10_000, 3))
    app.ours.refresh()
    await show(app, ours=True)
    return app.ours.lines_built - before


async def _measure(app: Bench) -> list[tuple[str, float, float]]:
    app.theirs.add_columns(*(column.title for column in RUNNER_COLUMNS))
    app.ours.now = NOON
    app.ours.set_order(STATE)
    ours, theirs = await measure_replacing(app)
    page_ours, page_theirs = await measure_paging(app)
    small, large = await measure_growth(app)
    unchanged = await measure_unchanged(app)
    return [
        ("replace 10,000 rows, cursor kept: our table / DataTable", ours / theirs, 1 / 30),
        ("replace 50,000 rows / 10,000 rows", large / small, 6.0),
        ("page down: our table / DataTable", page_ours / page_theirs, 0.5),
        ("lines built by a look with nothing changed", float(unchanged), 0.0),
    ]


async def _run() -> list[tuple[str, float, float]]:
    app = Bench()
    async with app.run_test(headless=False, size=SIZE):
        return await _measure(app)


def measure() -> list[tuple[str, float, float]]:
    """What was measured, the ratio that came out, and the one that is allowed."""
    return asyncio.run(_run())


if __name__ == "__main__":
    for what, ratio, allowed in measure():
        print(f"{what:60} {ratio:8.4f}  allowed {allowed:.4f}")
