"""`make screenshots`: the pictures of this folder, drawn by the console on pretend fleets whose time stands still."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from console.assemble.connectors import DemoConnector
from console.operations.connection import FirstPaint
from console.operations.interfaces import SystemClock
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.ui.app import ConsoleApp
from console.ui.terminal_app import Options

HERE = Path(__file__).parent
OPENED = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SETTLED = 4.0
"""Seconds after the last key: a host is asked in that time."""
WATCHED_FOR = 4.0
"""Seconds since the last look, in every picture."""


class Picture(NamedTuple):
    """A file, what it is drawn from, and the keys that lead there."""

    name: str
    scenario: str
    keys: Sequence[str]
    size: tuple[int, int]
    until_solved: bool = False
    """Time passes in it until what was wrong is mended."""


PICTURES = (
    Picture("now", "idle-while-queued", (), (100, 30)),
    Picture("now-80x24", "idle-while-queued", (), (80, 24)),
    Picture("now-healthy", "healthy", (), (100, 24)),
    Picture("runners-wide", "idle-while-queued", ("2",), (160, 50)),
    Picture("runners-80x24", "idle-while-queued", ("2",), (80, 24)),
    Picture("jobs", "idle-while-queued", ("3",), (120, 30)),
    Picture("explain", "label-typo", ("x",), (120, 40)),
    Picture("journal", "session-conflict", ("L",), (120, 30)),
    Picture("restart", "idle-while-queued", ("a", "enter"), (110, 36)),
    Picture("restart-80x24", "idle-while-queued", ("a", "enter"), (80, 24)),
    Picture("explain-80x24", "label-typo", ("x",), (80, 24)),
    Picture("log", "cache-service-404", ("3", "slash", *"class:cache", "enter", "l"), (120, 36)),
    Picture("log-80x24", "cache-service-404", ("3", "slash", *"class:cache", "enter", "l"), (80, 24)),
    Picture("proof-80x24", "idle-while-queued", ("a", "enter", "enter"), (80, 24), until_solved=True),
    Picture("runbook-80x24", "idle-while-queued", ("R", "enter", "j", "j", "j", "j"), (80, 24)),
    Picture("output-80x24", "idle-while-queued", ("3", "slash", *"load", "enter", "O", "3", "L", "|", "|"), (80, 24)),
    Picture("proof", "idle-while-queued", ("a", "enter", "enter"), (110, 30), until_solved=True),
    Picture("runbook", "idle-while-queued", ("R", "enter", "j", "j", "j", "j"), (132, 22)),
    Picture("output", "idle-while-queued", ("3", "slash", *"load", "enter", "O", "3", "L", "|"), (160, 36)),
    Picture("warnings", "early-warnings", (), (120, 30)),
    Picture("waits", "early-warnings", ("W",), (120, 30)),
    Picture("waits-80x24", "early-warnings", ("W",), (80, 24)),
    Picture("help", "idle-while-queued", ("?",), (100, 40)),
)


class StoppingClock(SystemClock):
    """The machine's clock until it is stopped, on the pretend fleet's day."""

    def __init__(self) -> None:
        self._stopped_at: float | None = None

    def wall(self) -> datetime:
        """That of the pretend fleet: its hosts' clocks are right."""
        return OPENED

    def elapsed(self) -> float:
        return super().elapsed() if self._stopped_at is None else self._stopped_at

    def stop(self, at: float) -> None:
        self._stopped_at = at


async def draw(picture: Picture) -> None:
    """Wait for a whole look, stop the clock, press the keys, and save what is on the screen."""
    clock = StoppingClock()
    scenario = scenario_named(picture.scenario)
    connector = DemoConnector(scenario, clock, lambda: WorldClock(OPENED, frozen=not picture.until_solved))
    app = ConsoleApp(FirstPaint(context=scenario.id, demo=scenario.id), connector, clock, options=Options())
    async with app.run_test(size=picture.size) as pilot:
        while app.main.look is None or not app.main.look.snapshot.whole or app.main.look.remembered:
            await pilot.pause(0.1)
        await pilot.pause(2.5)
        if not picture.until_solved:
            clock.stop(app.main.look.at + WATCHED_FOR)
        for key in picture.keys:
            await pilot.press(key)
            await pilot.pause(0.5)
        while picture.until_solved and not connector.solved():
            await pilot.pause(0.5)
        await pilot.pause(SETTLED)
        if picture.until_solved:
            clock.stop(app.main.look.at + WATCHED_FOR)
            await pilot.pause(SETTLED)
        (HERE / f"{picture.name}.svg").write_text(app.export_screenshot(title="runner-console"), encoding="utf-8")


def main() -> None:
    wanted = sys.argv[1:]
    for picture in PICTURES:
        if not wanted or picture.name in wanted:
            asyncio.run(draw(picture))
            print(f"screenshots/{picture.name}.svg")


if __name__ == "__main__":
    main()
