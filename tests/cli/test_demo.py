"""How the demo is asked for: which pretend fleet, and how fast its time passes."""

from typing import Any

import pytest

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


def test_time_that_would_stand_still_or_fly_is_refused(terminal: Terminal) -> None:
    assert terminal("demo", "healthy", "--speed", "0").code == 2
    assert terminal("demo", "healthy", "--speed", "1000").code == 2
