"""The line of hints at the bottom: the keys that do something here, read from the bindings themselves."""

from typing import Any

from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from console.ui import cells
from console.ui.columns import Part, width_of

Hint = tuple[str, str]


class HintsLine(Widget):
    """As many hints as fit, in the order in which the bindings stand."""

    hints: reactive[tuple[Hint, ...]] = reactive(())
    _to_be_read = False

    def on_mount(self) -> None:
        """Follow the bindings of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._read()

    def _changed(self, _: Screen[Any]) -> None:
        """One key may change them several times; then they are read once."""
        if not self._to_be_read:
            self._to_be_read = True
            self.call_later(self._read)

    def _read(self) -> None:
        self._to_be_read, screen = False, self.screen
        if not screen.is_attached or not screen.is_current:
            return
        self.hints = tuple(
            (screen.app.get_key_display(active.binding), active.binding.description)
            for active in screen.active_bindings.values()
            if active.binding.show and active.enabled
        )

    def render(self) -> Content:
        """` x explain  y copy …`."""
        parts: list[Part] = []
        for key, does in self.hints:
            more = [Part(" "), Part(key, "key"), Part(f" {does} ", "muted")]
            if width_of(parts) + width_of(more) > self.size.width:
                break
            parts += more
        return cells.content(parts)
