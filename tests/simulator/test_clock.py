"""The world's clock and the order in which things happen."""

from datetime import datetime, timedelta

import pytest

from console.simulator.clock import WorldClock
from console.simulator.timeline import Timeline
from tests.simulator.conftest import NINE

SECOND = timedelta(seconds=1)


class Elapsed:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_the_clock_runs_at_its_speed_and_keeps_what_it_showed_when_that_changes() -> None:
    machine = Elapsed()
    clock = WorldClock(NINE, speed=10, elapsed=machine)
    machine.seconds = 2
    assert clock.now() == NINE + 20 * SECOND
    clock.speed = 1
    machine.seconds = 5
    assert clock.now() == NINE + 23 * SECOND


def test_the_clock_can_be_frozen_moved_and_thawed() -> None:
    machine = Elapsed()
    clock = WorldClock(NINE, elapsed=machine)
    machine.seconds = 1
    clock.freeze()
    machine.seconds = 100
    assert clock.now() == NINE + SECOND
    clock.move(SECOND)
    assert clock.now() == NINE + 2 * SECOND
    clock.thaw()
    machine.seconds = 103
    assert clock.now() == NINE + 5 * SECOND
    clock.move(SECOND)
    assert clock.now() == NINE + 6 * SECOND
    with pytest.raises(ValueError, match="does not go back"):
        clock.move(-SECOND)


def test_things_happen_in_order_and_at_their_own_time() -> None:
    timeline = Timeline(NINE)
    seen: list[tuple[str, datetime]] = []

    def note(what: str) -> None:
        seen.append((what, timeline.now))

    def sooner() -> None:
        note("sooner")
        timeline.after(1, lambda: note("caused"))

    timeline.at(NINE + 5 * SECOND, lambda: note("later"))
    timeline.after(1, sooner)
    timeline.every(2.5, lambda: note("again"))
    timeline.advance(NINE + 6 * SECOND)
    assert [(what, (when - NINE).total_seconds()) for what, when in seen] == [
        ("sooner", 1),
        ("caused", 2),
        ("again", 2.5),
        ("later", 5),
        ("again", 5),
    ]
    assert timeline.now == NINE + 6 * SECOND
