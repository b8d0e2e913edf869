"""Logs: one at a time, side by side or stacked."""

from datetime import datetime
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from console.fleet.models import JobKey, Phrase
from console.operations.logs import OpenLog
from console.operations.look import Look
from console.ui import cells
from console.ui.columns import Part
from console.ui.panes.base import Pane
from console.ui.widgets.log_panel import LogPanel

Arrangement = Literal["one", "beside", "stacked"]
_ARRANGEMENTS: tuple[Arrangement, ...] = ("one", "beside", "stacked")
MOST_OPEN = 6
"""Logs that are open at once; one more closes the one that was opened first."""


class LogsPane(Pane):
    """The logs that are open. They stay open while the operator is elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("vertical_line", "arrange", "arrange", key_display="|", tooltip="One log, side by side, or stacked"),
        Binding("f", "full", "full screen", tooltip="Nothing but logs, or all of the console again"),
        Binding("tab", "next(1)", "next log", show=False, tooltip="To the next log"),
        Binding("shift+tab", "next(-1)", "log before", show=False, tooltip="To the log before"),
        Binding("X", "close", "close", show=False, tooltip="Close this log"),
    ]

    arrangement: reactive[Arrangement] = reactive("one", init=False)

    class FullScreen(Message):
        """Nothing but logs is to be seen, or all again."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: dict[JobKey, LogPanel] = {}

    def compose(self) -> ComposeResult:
        """What is said without a log; the logs."""
        yield Static(classes="logs-empty")
        yield Container(id="logs")

    def on_mount(self) -> None:
        """Nothing is open yet."""
        super().on_mount()
        self.say(("No log is open: l on a job opens its log.",))

    def say(self, words: Phrase) -> None:
        """What is under way, or why there is nothing; empty: the logs speak for themselves."""
        said = self.query_one(".logs-empty", Static)
        said.update(cells.phrase(words, "muted"))
        said.display = bool(words)

    def has(self, key: JobKey) -> bool:
        """Whether that log is open already; then it is shown."""
        panel = self._keys.get(key)
        if panel is None or not panel.is_attached:
            return False
        panel.view.focus()
        return True

    async def add(self, opened: OpenLog, key: JobKey | None, now: datetime) -> None:
        """Show one more log."""
        logs = self.query_one("#logs")
        panels = self._panels()
        if len(panels) >= MOST_OPEN:
            await panels[0].remove()
        panel = LogPanel(opened, now)
        if key is not None:
            self._keys = {known: each for known, each in self._keys.items() if each.is_attached} | {key: panel}
        await logs.mount(panel)
        self.say(())
        if self.shown:
            panel.view.focus()
        self._arrange(panel)

    def _panels(self) -> list[LogPanel]:
        return list(self.query(LogPanel))

    def _current(self) -> LogPanel | None:
        panels = self._panels()
        return next((panel for panel in panels if panel.has_focus_within), panels[-1] if panels else None)

    def _arrange(self, current: LogPanel | None) -> None:
        logs = self.query_one("#logs")
        logs.set_class(self.arrangement == "beside", "-beside")
        for panel in self._panels():
            panel.display = self.arrangement != "one" or panel is current

    def watch_arrangement(self) -> None:
        self._arrange(self._current())

    def on_descendant_focus(self) -> None:
        """In `one`, the log that has the keys is the one that is seen."""
        self._arrange(self._current())

    def action_arrange(self) -> None:
        """`|`."""
        self.arrangement = _ARRANGEMENTS[(_ARRANGEMENTS.index(self.arrangement) + 1) % len(_ARRANGEMENTS)]

    def action_full(self) -> None:
        """`f`."""
        self.post_message(self.FullScreen())

    def action_next(self, step: int) -> None:
        """Tab."""
        panels, current = self._panels(), self._current()
        if current is not None and len(panels) > 1:
            following = panels[(panels.index(current) + step) % len(panels)]
            following.display = True
            following.view.focus()

    async def action_close(self) -> None:
        """`X`."""
        current = self._current()
        if current is None:
            return
        await current.remove()
        left = self._panels()
        if left:
            left[-1].display = True
            left[-1].view.focus()
        else:
            self.say(("No log is open: l on a job opens its log.",))

    # What every pane has.

    def draw(self, look: Look) -> None:
        """Logs do not come with looks."""

    def draw_ages(self, now: datetime) -> None:
        """Ages of lines count on."""
        for panel in self._panels():
            panel.set_now(now)

    def main_widget(self) -> Widget | None:
        """The lines of the log in view."""
        current = self._current()
        return current.view if current is not None else None

    def trail(self) -> list[Part]:
        """It has a tab of its own."""
        return []
