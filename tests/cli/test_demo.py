"""How the demo is asked for: which pretend fleet, and how fast its time passes."""

import asyncio
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from console.assemble.connectors import DemoConnector, Served
from console.assemble.pretend_time import PretendTime
from console.operations.interfaces import SystemClock
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario, scenario_named
from tests.cli.commands import Terminal


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the screen was opened with; no screen is drawn."""
    found: list[Any] = []

    def run(_first: object, connector: object, *_rest: object) -> int:
        found.append(connector)
        return 0

    monkeypatch.setattr("console.assemble.running.check_terminal", lambda: None)
    monkeypatch.setattr("console.ui.app.run", run)
    return found


@pytest.mark.parametrize(("asked", "speed"), [((), 1.0), (("--speed", "5"), 5.0)])
def test_the_pretend_time_passes_as_fast_as_it_is_asked_to(
    terminal: Terminal, opened: list[Any], asked: tuple[str, ...], speed: float
) -> None:
    assert terminal("demo", "healthy", *asked).code == 0
    (connector,) = opened
    assert connector._world_clock().speed == speed


async def test_a_demo_that_is_left_while_it_is_begun_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, left, stopped = threading.Event(), threading.Event(), list[None]()
    serves = DemoConnector._serve

    def serve(connector: DemoConnector, scenario: Scenario) -> Served:
        begun.set()
        left.wait(60)
        served = serves(connector, scenario)
        return served._replace(stop=lambda: stopped.append(served.stop()))

    monkeypatch.setattr(DemoConnector, "_serve", serve)
    connector = DemoConnector(scenario_named("healthy"), SystemClock(), lambda: WorldClock(datetime.now(UTC)))
    opening = asyncio.create_task(connector.open(None))
    await asyncio.to_thread(begun.wait)
    opening.cancel()
    left.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert stopped == [None]


async def test_the_console_lives_as_fast_as_its_pretend_fleet(monkeypatch: pytest.MonkeyPatch) -> None:
    real, slept = [100.0], list[float]()

    async def sleep(_clock: SystemClock, seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(SystemClock, "elapsed", lambda _clock: real[0])
    monkeypatch.setattr(SystemClock, "sleep", sleep)
    clock = PretendTime(5)
    opened, began = clock.wall(), clock.elapsed()
    real[0] += 3
    assert (clock.wall() - opened, clock.elapsed() - began) == (timedelta(seconds=15), 15)
    await clock.sleep(15)
    assert slept == [3]


def test_time_that_would_stand_still_or_fly_is_refused(terminal: Terminal) -> None:
    assert terminal("demo", "healthy", "--speed", "0").code == 2
    assert terminal("demo", "healthy", "--speed", "1000").code == 2
    for odd in ("nan", "-nan", "inf", "-1", "1e-300", "٣x", ""):
        assert terminal("simulate", "healthy", "--speed", odd).code == 2
