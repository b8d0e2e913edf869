"""What the panes have in common that are about one thing: its facts above, a table of what belongs to it below."""

from collections.abc import Sequence
from datetime import datetime

from textual.app import ComposeResult

from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part
from console.ui.panes.table_pane import K, TablePane
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll

_LEAST_TABLE = 5
"""Its title, its head and a few rows: so much the facts leave, however many they are. One scrolls to the others."""


class OneThingPane(TablePane[K]):
    """Each says its facts and its name; both are empty for what has gone."""

    gone = ""
    """What is said instead of the facts then."""

    def compose(self) -> ComposeResult:
        """Facts, title, table."""
        with Scroll(classes="facts"):
            yield FactLines()
        yield from super().compose()

    def on_resize(self) -> None:
        """The facts are seen whole where there is room for them."""
        self.query_one(".facts").styles.max_height = max(self.size.height - _LEAST_TABLE, 1)

    def facts(self, look: Look, now: datetime) -> Sequence[FactLine]:
        """As of now."""
        return ()

    def called(self) -> Sequence[Part]:
        """What it is called, behind the tabs."""
        return ()

    def draw(self, look: Look) -> None:
        """Facts and table."""
        super().draw(look)
        self.draw_ages(self.now or look.snapshot.taken_at)

    def draw_ages(self, now: datetime) -> None:
        """The facts count too."""
        super().draw_ages(now)
        if self.look is not None:
            lines = self.facts(self.look, now) or [FactLine((), (Part(self.gone),))]
            self.query_one(FactLines).lines = tuple(lines)

    def trail(self) -> list[Part]:
        """Behind the tabs."""
        return [Part(f" {signs.sign('into')} ", "muted"), *(self.called() or [Part("gone")])]
