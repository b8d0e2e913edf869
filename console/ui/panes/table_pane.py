"""A pane that is a title and a table: filter, order, selection, and what is said when there is nothing to show."""

from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import Static

from console.errors import UsageError
from console.fleet.models import Phrase
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Column, Part, Row
from console.ui.commands import known_value
from console.ui.panes.base import Pane
from console.ui.widgets.fleet_table import FleetTable

if TYPE_CHECKING:
    from console.ui.filter import Filter, FilterError  # the first paint does not wait for them

K = TypeVar("K", bound=Hashable)


def dot() -> str:
    """Between the parts of a title."""
    return f" {signs.sign('info')} "


class TablePane(Pane, Generic[K]):
    """What the panes with a table have in common; each says its columns, its rows and its words."""

    heading: ClassVar[str] = ""
    columns: ClassVar[Sequence[Column]] = ()
    states: ClassVar[Sequence[str]] = ()
    """What `status:` may ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.filter_text = ""
        self.table: FleetTable[K] = FleetTable(self.columns)

    def compose(self) -> ComposeResult:
        """The title line, then the table."""
        yield Static(classes="pane-title")
        yield self.table

    def rows(self, look: Look) -> Mapping[K, Row]:
        """The rows that the look has for this pane."""
        return {}

    def empty(self, look: Look) -> Phrase:
        """What is said when there are no rows."""
        return ()

    def draw(self, look: Look) -> None:
        """Rows, words for none, title."""
        self.table.set_empty(self.empty(look))
        self.table.set_rows(self.rows(look))
        self.draw_title(look)

    def draw_ages(self, now: datetime) -> None:
        """The table counts on for the lines in view."""
        self.table.now = now

    def draw_title(self, look: Look) -> None:
        """Heading, counts, filter, selection, order."""
        self.query_one(".pane-title", Static).update(cells.content(tuple(self.title_parts(look))))

    def title_parts(self, look: Look) -> list[Part]:
        """`Runners · 480 · 12 match label:gpu · 3 selected · by age`."""
        table = self.table
        parts = [Part(self.heading, "strong"), Part(f"{dot()}{signs.count(len(table.rows))}", "muted")]
        if self.filter_text:
            parts += [Part(f"{dot()}{signs.count(len(table.view))} match ", "muted"), Part(self.filter_text, "accent")]
        if selected := len(table.selected_keys):
            parts.append(Part(f"{dot()}{signs.count(selected)} selected", "accent"))
        return parts

    def main_widget(self) -> Widget | None:
        """The table."""
        return self.table

    # Filter and order, as the screen asks for them.

    def set_filter(self, text: str) -> None:
        """Show only what matches; raises UsageError, and changes nothing, when the filter cannot be understood."""
        from console.ui.filter import FilterError, parse

        filter_ = parse(text)
        if not isinstance(filter_, FilterError):
            filter_ = self._fault(filter_) or filter_
        if isinstance(filter_, FilterError):
            raise UsageError(filter_.message, filter_.hint)
        self.table.set_filter(filter_.matches if filter_ else None)
        self.filter_text = text.strip() if filter_ else ""
        self._retitle()

    def filter_words(self) -> str:
        """What a filter of this list may be made of."""
        from console.ui.filter import FIELDS  # the first paint does not wait for it

        row = next(iter(self.table.rows.values()), None)
        there = row.fields() if row is not None else ()
        fields = (f"{field}:" for field in FIELDS if field in there)
        return "  ".join(("words", "/pattern/", *fields, "! before any of them inverts it"))

    def _fault(self, filter_: "Filter") -> "FilterError | None":
        from console.ui.filter import unknown_here

        rows = self.table.rows or (self.rows(self.look) if self.look is not None and filter_ else {})
        return unknown_here(filter_, self.states, rows.values())

    def order_names(self) -> tuple[str, ...]:
        """Names that `:sort` takes."""
        return tuple(column.title.casefold() for column in self.columns if column.title)

    def set_order(self, name: str) -> None:
        """Sort by the column with that title; the other way round when it is in that order already."""
        titles = [column.title.casefold() for column in self.columns]
        column = titles.index(known_value(name, self.order_names(), "column"))
        self.table.set_order(column, reverse=self.table.order == (column, False))

    def clear(self) -> bool:
        """Let go of the filter, or else of the selection; False when there was neither."""
        if self.filter_text:
            self.set_filter("")
            return True
        if self.table.selected_keys:
            self.table.clear_selection()
            return True
        return False

    @on(FleetTable.RowHighlighted)
    def _moved(self) -> None:
        """What the keys are good for depends on the row."""
        self.screen.refresh_bindings()

    @on(FleetTable.SelectionChanged)
    def _selection_changed(self) -> None:
        self._retitle()

    def _retitle(self) -> None:
        if self.look is not None:
            self.draw_title(self.look)

    def marked(self) -> tuple[K, ...]:
        """The selected rows, else the one under the cursor."""
        selected = self.table.selected_keys
        if selected or self.table.cursor_key is None:
            return selected
        return (self.table.cursor_key,)
