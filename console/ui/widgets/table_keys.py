"""The keys of a table, and what each does; those of one group are explained on one line."""

from textual.binding import Binding

_ROW = Binding.Group("To the next row, to the row before")
_ENDS = Binding.Group("To the first row, to the last")
_PAGE = Binding.Group("Down and up by a screen, by half a screen")
_SORT = Binding.Group("Sort by the next column, the one before, the other way round")

TABLE_KEYS: tuple[Binding, ...] = (
    Binding("enter", "choose", "open", tooltip="Open the row under the cursor"),
    Binding("j,down", "move(1)", "Down", show=False, tooltip="Go to the next row", group=_ROW),
    Binding("k,up", "move(-1)", "Up", show=False, tooltip="Go to the row before", group=_ROW),
    Binding("g,home", "first", "First", show=False, tooltip="Go to the first row", group=_ENDS),
    Binding("G,end", "last", "Last", show=False, tooltip="Go to the last row", group=_ENDS),
    Binding("pagedown", "page(1)", "Page down", show=False, tooltip="Go down by a screen", group=_PAGE),
    Binding("pageup", "page(-1)", "Page up", show=False, tooltip="Go up by a screen", group=_PAGE),
    Binding("ctrl+d", "page(0.5)", "Half page down", show=False, tooltip="Go down by half a screen", group=_PAGE),
    Binding("ctrl+u", "page(-0.5)", "Half page up", show=False, tooltip="Go up by half a screen", group=_PAGE),
    Binding("space", "toggle_select", "Select", show=False, tooltip="Select the row, or no longer, and go to the next"),
    Binding(
        "greater_than_sign", "order(1)", "Sort by next", show=False, tooltip="Sort by the next column", group=_SORT
    ),
    Binding(
        "less_than_sign", "order(-1)", "Sort by previous", show=False, tooltip="Sort by the column before", group=_SORT
    ),
    Binding("i", "reverse", "Reverse", show=False, tooltip="Sort the other way round", group=_SORT),
)
