"""`make screenshots`: the pictures of this folder, drawn by the console on pretend fleets whose time stands still."""

import asyncio
import faulthandler
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from console.assemble.connectors import DemoConnector
from console.operations.connection import FirstPaint
from console.operations.interfaces import SystemClock
from console.operations.look import Look
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.ui.app import ConsoleApp
from console.ui.dialogs.act_question import HELD
from console.ui.terminal_app import Options
from screenshots.pictures import NOW, PICTURES, Picture

HERE = Path(__file__).parent
OPENED = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
LIMIT = 120.0
"""Seconds, for one picture, however busy the machine is."""
ENDING = 60.0
"""More seconds until a picture that cannot even be given up ends them all, and it is told where it hangs."""
LATE = 2.0
"""Seconds in which there may come more than was waited for."""
STILL = 20
"""Times that a screen is looked at and has not changed: then it is done."""
SLOW, FAST = 0.2, 2.0
"""Times the speed of the machine's clock."""
AT_ONCE = 3
"""Pictures: most of the time each of them waits."""
PORT = re.compile(r"(127\.0\.0\.1(?::|&#160;port&#160;))\d+")
DRAWING = re.compile(r"terminal-\d+")


class NotDrawnError(Exception):
    """It took too long."""


class PictureClock(SystemClock):
    """The pretend fleet's day. Time is slow: of what a busy machine takes long for, little is seen in the ages."""

    def __init__(self) -> None:
        self._shown = self._since = super().elapsed()
        self._speed = SLOW

    def wall(self) -> datetime:
        """That of the pretend fleet: its hosts' clocks are right."""
        return OPENED

    def elapsed(self) -> float:
        return self._shown + (super().elapsed() - self._since) * self._speed

    async def sleep(self, seconds: float) -> None:
        """No longer where time is slow: nobody who looks on wants to wait."""
        await super().sleep(seconds / max(self._speed, 1.0))

    def go_on(self, speed: float) -> None:
        self._shown, self._since, self._speed = self.elapsed(), super().elapsed(), speed

    def stop(self, at: float) -> None:
        self._shown, self._since, self._speed = at, super().elapsed(), 0.0


class Drawing:
    """A picture on its way."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._clock = PictureClock()
        self._app = ConsoleApp(
            FirstPaint(context=picture.scenario, demo=picture.scenario),
            DemoConnector(scenario_named(picture.scenario), self._clock, self._world_clock),
            self._clock,
            options=Options(),
        )
        self._awaited = f"“{NOW[picture.scenario]}” on Now"

    def _world_clock(self) -> WorldClock:
        return WorldClock(OPENED, frozen=self._picture.still, elapsed=self._clock.elapsed)

    async def drawn(self, limit: float) -> str:
        """As SVG. Raises NotDrawnError after so many seconds."""
        async with self._app.run_test(size=self._picture.size) as pilot:
            try:
                async with asyncio.timeout(limit):
                    await self._go(pilot)
                return self._as_svg()
            except TimeoutError:
                words = f"{self._picture.name} was not drawn within {limit:g} s: it waited for {self._awaited}."
                raise NotDrawnError(f"{words} The screen:\n{self._text()}") from None
            finally:
                await self._close(pilot)

    async def _go(self, pilot: Pilot[None]) -> None:
        await self._until_read(pilot, NOW[self._picture.scenario], "on Now")
        for keys in self._picture.way:
            if keys.agrees:
                # Before it could have been read no key counts.
                await pilot.pause(2 * HELD)
                self._clock.go_on(FAST)
            await pilot.press(*keys.pressed)
            await self._until_read(pilot, keys.lead_to, f"after {' '.join(keys.pressed)}")
        await self._until_still(pilot)

    async def _until_read(self, pilot: Pilot[None], words: str, where: str) -> None:
        self._awaited = f"“{words}” {where}"
        while words not in self._text():
            await pilot.pause(0.1)

    async def _until_still(self, pilot: Pilot[None]) -> None:
        """Nothing more comes, and its ages are those of every picture."""
        self._awaited = "a screen that does not change any more"
        await pilot.pause(LATE)
        look, text, still = self._look, self._text(), 0
        self._clock.stop(look.at)
        while still < STILL:
            await pilot.pause(0.1)
            still += 1
            if self._look is not look or self._text() != text:
                look, text, still = self._look, self._text(), 0
                self._clock.stop(look.at)

    async def _close(self, pilot: Pilot[None]) -> None:
        """No look comes while the screen is taken down."""
        workers = self._app.workers.cancel_group(self._app, "fleet")
        while not all(worker.is_finished for worker in workers):
            await pilot.pause(0.05)

    @property
    def _look(self) -> Look:
        assert self._app.main.look is not None
        return self._app.main.look

    def _text(self) -> str:
        screen = self._app.screen
        lines = screen._compositor.render_strips(screen.size)
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    def _as_svg(self) -> str:
        """The same for the same: the ports are those that were free."""
        svg = self._app.export_screenshot(title="runner-console")
        return DRAWING.sub(self._picture.name, PORT.sub(r"\g<1>40022", svg))


def draw(picture: Picture) -> bool:
    """Into its file. Whether it could be; it is told why not."""
    faulthandler.dump_traceback_later(LIMIT + ENDING, exit=True)
    try:
        svg = asyncio.run(Drawing(picture).drawn(LIMIT))
    except NotDrawnError as error:
        print(error, file=sys.stderr)
        return False
    (HERE / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
    print(f"screenshots/{picture.name}.svg", flush=True)
    return True


def main() -> int:
    wanted = [picture for picture in PICTURES if not sys.argv[1:] or picture.name in sys.argv[1:]]
    with ProcessPoolExecutor(AT_ONCE) as processes:
        return 0 if all(list(processes.map(draw, wanted))) else 1


if __name__ == "__main__":
    sys.exit(main())
