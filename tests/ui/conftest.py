"""How a test knows that the screen has done what a key asked of it."""

import asyncio
from time import monotonic
from typing import Any

import pytest
from textual._context import active_app

from console.operations import run_plan, several, watch


@pytest.fixture(autouse=True)
def _no_guess_when_it_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot's own way is to sleep 20 ms until the processor was idle meanwhile: slow, and wrong on a busy machine."""
    monkeypatch.setattr("textual.app.wait_for_idle", at_rest)
    monkeypatch.setattr("textual.pilot.wait_for_idle", at_rest)


@pytest.fixture(autouse=True)
def _machine_is_busy_and_does_not_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is late by the machine's own clock is late because of what else it does."""
    for each in (run_plan, several, watch):
        monkeypatch.setattr(each, "SLEPT", 600.0)


async def at_rest(_least: float = 0, most: float = 10) -> None:
    """Until nothing is left to do at once, and nothing to draw. What another thread does is not waited for."""
    end = monotonic() + most
    await _nothing_ready(end)
    while _drew_what_was_put_off(active_app.get()) and monotonic() < end:
        await _nothing_ready(end)


async def _nothing_ready(end: float) -> None:
    loop: Any = asyncio.get_running_loop()
    rounds = 0
    while rounds < 3 and monotonic() < end:
        await asyncio.sleep(0)
        rounds = 0 if loop._ready else rounds + 1


def _drew_what_was_put_off(app: Any) -> bool:
    """What Textual puts off to its next frame, done now; False where nothing was."""
    if app._resize_timer is not None:
        app._check_resize()
        return True
    if app.screen._update_timer._active.is_set():
        app.screen._on_timer_update()
        return True
    return False
