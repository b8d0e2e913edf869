"""What every pane has: the look that is bound into it, the time that counts on, and what it tells the screen."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Vertical
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from console.fleet.findings import Finding
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.operations.look import Look
from console.ui.columns import Part
from console.ui.trouble import Trouble

if TYPE_CHECKING:
    # The first paint needs no runbooks.
    from console.fleet.runbook_leads import Lead

Target = RunnerKey | JobKey | RunKey


class Place(NamedTuple):
    """Somewhere the operator can be: a pane, and what it is about when it is about one thing."""

    pane: str
    target: Target | None = None
    only: frozenset[Target] = frozenset()
    """Show only these runners; or only these jobs, and these runs that have none yet."""
    deed: str = ""
    """Of the history."""
    runbook: str = ""
    lead: "Lead | None" = None
    """What leads to a runbook."""


class Pane(Vertical):
    """Data comes down as `look` and `now`; wishes go up as messages. A pane that is not shown draws nothing."""

    look: var[Look | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)
    failure: var[Trouble | None] = var(None, init=False)
    """Why no context is open."""
    shown: var[bool] = var(False, init=False)
    place: var[Place | None] = var(None, init=False)

    class Asked(Message):
        """The operator wants to go somewhere."""

        def __init__(self, place: Place) -> None:
            super().__init__()
            self.place = place

    _there = False
    """Its parts are there: before that there is nothing to draw on."""

    def on_mount(self) -> None:
        """Hidden until it is its turn; what was bound or asked before counts now."""
        self._there = True
        self.watch_shown()

    @property
    def _draws(self) -> bool:
        """It is shown, and its parts are there: while the console ends they go, and it may be told of a look yet."""
        return self._there and self.shown and not self.app._exit

    def watch_look(self) -> None:
        if self._draws and self.look is not None:
            self.draw(self.look)

    def watch_failure(self) -> None:
        self.watch_look()

    def watch_now(self) -> None:
        if self._draws and self.now is not None:
            self.draw_ages(self.now)

    def watch_place(self) -> None:
        self.watch_look()

    def watch_shown(self) -> None:
        self.display = self.shown
        self.watch_look()
        self.watch_now()

    def draw(self, look: Look) -> None:
        """Show what the look says."""

    def draw_ages(self, now: datetime) -> None:
        """Let ages count on."""

    # What the screen asks of the pane that is shown.

    def main_widget(self) -> Widget | None:
        """What takes the keys when the pane is shown."""
        return None

    def trail(self) -> Sequence[Part]:
        """Where this is, behind the tabs; empty for a pane that has a tab of its own."""
        return ()

    def target(self) -> Target | None:
        """What `x` explains."""
        return None

    def targets(self) -> tuple[Target, ...]:
        """What `a` is about: what is selected, else what is under the cursor."""
        target = self.target()
        return () if target is None else (target,)

    def finding(self) -> Finding | None:
        """What was found about it, where the line under the cursor is a finding."""
        return None

    def found(self) -> tuple[str, ...]:
        """The keys of the findings that are selected, or of the one under the cursor."""
        return ()

    def answered(self, keys: Sequence[str]) -> None:
        """The operator has said of these findings that they are known."""

    def copied(self) -> str:
        """What `y` copies: the names of the line or of the selected lines."""
        return ""

    def url(self) -> str:
        """What `Y` copies."""
        return ""
