"""A table alone on the screen, for tests."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input

from console.ui.columns import Column, FixedRow, cell
from console.ui.theme import themes
from console.ui.widgets.fleet_table import FleetTable

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
COLUMNS = (
    Column("Runner", 20, 12, 0, cut="middle", grow=1),
    Column("State", 8, 8, 0),
    Column("Jobs", 5, 5, 1, align="right", cut="never"),
    Column("Age", 7, 7, 1, align="right", cut="never"),
    Column("Labels", 40, 40, 2),
)
Table = FleetTable[int]


def row(number: int, state: str = "idle", *, name: str = "", age: float = 0) -> FixedRow:
    return FixedRow(
        (
            cell(name or f"prod-linux-{number:04}", "foreign"),
            cell(state),
            cell(str(number)),
            cell("", since=NOON - timedelta(seconds=age or number)),
            cell("self-hosted"),
        )
    )


def rows(numbers: Iterable[int], state: str = "idle") -> dict[int, FixedRow]:
    return {number: row(number, state) for number in numbers}


class Host(App[None]):
    """The table alone, and something else that can have the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.table: Table = FleetTable(COLUMNS)
        self.told: list[Message] = []
        for theme in themes():
            self.register_theme(theme)
        self.theme = "dark"

    def compose(self) -> ComposeResult:
        yield self.table
        yield Input()

    def on_mount(self) -> None:
        self.table.now = NOON
        self.table.focus()

    def on_fleet_table_row_highlighted(self, message: FleetTable.RowHighlighted) -> None:
        self.told.append(message)

    def on_fleet_table_row_chosen(self, message: FleetTable.RowChosen) -> None:
        self.told.append(message)

    def on_fleet_table_selection_changed(self, message: FleetTable.SelectionChanged) -> None:
        self.told.append(message)

    def watch_redraws(self, monkeypatch: pytest.MonkeyPatch) -> list[Region | None]:
        """From now on: the lines that were asked to be drawn again; None stands for all of them."""
        seen: list[Region | None] = []
        refresh = self.table.refresh

        def spy(*regions: Region, **options: Any) -> Table:
            if options.get("repaint", True):
                seen.extend(regions or (None,))
            return refresh(*regions, **options)

        monkeypatch.setattr(self.table, "refresh", spy)
        return seen

    def line(self, y: int) -> list[Segment]:
        return list(self.table.render_line(y))

    def text(self, y: int) -> str:
        return "".join(segment.text for segment in self.line(y)).rstrip()

    def cursor_key(self) -> int | None:
        return self.table.cursor_key

    def selected(self) -> list[int]:
        return list(self.table.selected_keys)

    def cursor_line(self) -> int:
        return self.table.view.index(self.table.cursor_key or 0) - self.table.scroll_offset.y


def style_of(line: Sequence[Segment], text: str) -> Style:
    found = next(segment.style for segment in line if text in segment.text)
    assert found is not None
    return found
