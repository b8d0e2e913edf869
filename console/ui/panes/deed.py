"""One deed: who did what exactly, from where and when, how each part of it ended, and what was so before and after."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.reactive import var
from textual.widget import Widget

from console.errors import ConsoleError
from console.fleet.history import Chronicle, Entry
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part
from console.ui.deed_lines import deed_lines
from console.ui.deed_row import target_of, today
from console.ui.panes.base import Pane, Target
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll

Known = Chronicle | ConsoleError | None
"""What is kept, why it cannot be read, or that nobody has looked yet."""


class DeedPane(Pane):
    """All that was kept of one deed."""

    known: var[Known] = var(None, init=False)

    def compose(self) -> ComposeResult:
        """Everything scrolls together."""
        with Scroll(classes="deed"):
            yield FactLines()

    def watch_known(self) -> None:
        self.watch_look()

    @property
    def entry(self) -> Entry | None:
        """The deed that this is about."""
        entries = self.known.entries if isinstance(self.known, Chronicle) else ()
        deed = self.place.deed if self.place is not None else ""
        return next((entry for entry in entries if entry.deed.id == deed), None)

    def lines(self) -> Sequence[FactLine]:
        """As they are drawn."""
        entry = self.entry
        if entry is None or self.look is None:
            return (FactLine((), (Part("It cannot be read any more."),)),)
        return deed_lines(entry, today(self.now or self.look.snapshot.taken_at))

    def draw(self, look: Look) -> None:
        """The lines; one that says the same changes nothing."""
        self.query_one(FactLines).lines = tuple(self.lines())

    def main_widget(self) -> Widget | None:
        """What scrolls."""
        return self.query_one(Scroll)

    def trail(self) -> Sequence[Part]:
        """Behind the tabs."""
        title = self.entry.deed.title if self.entry is not None else "gone"
        return [Part(f" {signs.sign('into')} ", "muted"), Part(title)]

    def target(self) -> Target | None:
        """What it was done to."""
        return target_of(self.entry, self.look) if self.entry is not None else None

    def copied(self) -> str:
        """All of it, word for word."""
        return "\n".join(_plain(line) for line in self.lines())


def _plain(line: FactLine) -> str:
    word, said = ("".join(part.text for part in parts) for parts in line)
    return f"{word}: {said}" if word else said
