"""The keys of a table, and what each does."""

from textual.binding import Binding

TABLE_KEYS: tuple[Binding, ...] = (
    Binding("j,down", "move(1)", "Down", show=False, tooltip="Go to the next row"),
    Binding("k,up", "move(-1)", "Up", show=False, tooltip="Go to the row before"),
    Binding("g,home", "first", "First", show=False, tooltip="Go to the first row"),
    Binding("G,end", "last", "Last", show=False, tooltip="Go to the last row"),
    Binding("pagedown", "page(1)", "Page down", show=False, tooltip="Go down by as many rows as fit the screen"),
    Binding("pageup", "page(-1)", "Page up", show=False, tooltip="Go up by as many rows as fit the screen"),
    Binding("ctrl+d", "page(0.5)", "Half page down", show=False, tooltip="Go down by half a screen"),
    Binding("ctrl+u", "page(-0.5)", "Half page up", show=False, tooltip="Go up by half a screen"),
    Binding("enter", "choose", "Open", show=False, tooltip="Open the row under the cursor"),
    Binding("space", "toggle_select", "Select", show=False, tooltip="Select the row, or no longer, and go to the next"),
    Binding("greater_than_sign", "order(1)", "Sort by next", show=False, tooltip="Sort by the next column"),
    Binding("less_than_sign", "order(-1)", "Sort by previous", show=False, tooltip="Sort by the column before"),
    Binding("i", "reverse", "Reverse", show=False, tooltip="Sort the other way round"),
)
