"""The line of tabs: which panes there are, the key of each, and which one is shown."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from console.operations.connection import ContextFacts
from console.ui import cells, signs
from console.ui.columns import Part, fit, width_of

_LEAST_SOURCE = 14
"""Cells below which the token's source says nothing."""
_LEAST_TRAIL = 8
"""Cells below which the end of the way says nothing either."""
_GAP = 2
"""Between the way and the token's source."""


class TabLine(Widget):
    """One line: ` 1 Now  2 Runners  3 Jobs`, the way to where one has drilled in, and at its end the token's source."""

    class Chosen(Message):
        """The operator clicked on a tab."""

        def __init__(self, pane: str) -> None:
            super().__init__()
            self.pane = pane

    current: reactive[str] = reactive("")
    trail: reactive[tuple[Part, ...]] = reactive(())
    facts: reactive[ContextFacts | None] = reactive(None)

    def __init__(self, tabs: tuple[tuple[str, str, str], ...]) -> None:
        """`tabs` are name, key and title."""
        super().__init__()
        self._tabs = tabs

    def _spans(self) -> list[tuple[str, list[Part]]]:
        return [
            (
                name,
                [
                    Part(f" {key} ", "tab-key" if name == self.current else "muted"),
                    Part(f"{title} ", "tab" if name == self.current else "muted"),
                ],
            )
            for name, key, title in self._tabs
        ]

    def render(self) -> Content:
        """The tabs, the trail, and where the token in use comes from."""
        tabs = [part for _, tab in self._spans() for part in tab]
        left = self.size.width - width_of(tabs)
        trail, _ = fit(self.trail if left >= _LEAST_TRAIL else (), max(left, 0), "middle", signs.sign("cut"))
        parts = [*tabs, *trail]
        source = self.facts.token_source if self.facts is not None else ""
        room = max(self.size.width - width_of(parts) - _GAP - 1, 0)
        shown, width = fit((Part(f"token: {source}", "muted"),), room, "middle", signs.sign("cut"))
        # Whoever has drilled in reads where that is: half a source beside it would only be in the way.
        whole = width == width_of((Part(f"token: {source}"),))
        if source and (whole or (room >= _LEAST_SOURCE and not trail)):
            parts += [Part(" " * (room - width + _GAP)), *shown]
        return cells.content(parts)

    def on_click(self, event: events.Click) -> None:
        """A click on a tab goes there."""
        left = 0
        for name, parts in self._spans():
            right = left + width_of(parts)
            if left <= event.x < right:
                self.post_message(self.Chosen(name))
                return
            left = right
