"""A console that runs for hours, drawing ten times a second, does not grow with every drawing."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from console.ui.terminal_app import TerminalApp, run_app

DRAWN_IN_A_MINUTE = 200_000
"""Objects, about, of a log that is followed."""


class Drawing:
    """Part of a ring, as what Textual draws is: it goes only when it is looked for."""

    def __init__(self) -> None:
        self.itself = self


class Console(TerminalApp):
    """Draws once, and later much more."""

    left_behind: "weakref.ref[Drawing] | None" = None

    def run(self, **_: object) -> None:
        drawing = Drawing()
        gc.collect(0)  # at the first look it is on the screen
        self.left_behind = weakref.ref(drawing)
        del drawing
        assert len([[number] for number in range(DRAWN_IN_A_MINUTE)]) == DRAWN_IN_A_MINUTE


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_what_a_drawing_leaves_behind_is_gone_within_a_minute() -> None:
    console = Console()
    run_app(console)
    assert console.left_behind is not None
    assert console.left_behind() is None
