"""The keys of a log, and what each does; those of one group are explained on one line."""

from textual.binding import Binding

_ERROR = Binding.Group("To the next marked error, to the one before")
_WARNING = Binding.Group("To the next marked warning, to the one before")
_LINE = Binding.Group("To the next line, to the line before")
_ENDS = Binding.Group("To the first line; to the last, and follow")
_PAGE = Binding.Group("Down and up by a screen, by half a screen")
_ASIDE = Binding.Group("See what is right of the screen, and go back to the left")
_FOUND = Binding.Group("To the next line that has what was searched for, to the one before")
_KNOWN = Binding.Group("Read on, and back, in what is known of the line")

LOG_KEYS: tuple[Binding, ...] = (
    Binding("s", "follow", "follow", tooltip="Stay at the end while more arrives, or no longer"),
    Binding("z", "wrap", "wrap", show=False, tooltip="Show long lines on several rows, or cut"),
    Binding("t", "times", "times", show=False, tooltip="Times by this clock, as written, how long ago, or none"),
    Binding(
        "o",
        "only_matches",
        "matches",
        tooltip="Only what was searched for, else what is marked, in context",
    ),
    Binding("e", "mark('error', 1)", "error", tooltip="To the next marked error", group=_ERROR),
    Binding("E", "mark('error', -1)", "error before", show=False, tooltip="To the marked error before", group=_ERROR),
    Binding(
        "w", "mark('warning', 1)", "next warning", show=False, tooltip="To the next marked warning", group=_WARNING
    ),
    Binding(
        "W", "mark('warning', -1)", "warning before", show=False, tooltip="To the marked warning before", group=_WARNING
    ),
    Binding("m", "bookmark", "bookmark", show=False, tooltip="Set a bookmark on the line, or take it away"),
    Binding("apostrophe", "next_bookmark", "next bookmark", show=False, tooltip="To the next bookmark"),
    Binding("space", "select", "select", show=False, tooltip="Select from this line to where you go; y copies them"),
    Binding("enter", "fold", "fold", show=False, tooltip="Fold the lines under this title, or show them"),
    Binding("c", "fold_all", "fold all", show=False, tooltip="Fold everything that has a title, or show it"),
    Binding("j,down", "move(1)", "Down", show=False, tooltip="Go to the next line", group=_LINE),
    Binding("k,up", "move(-1)", "Up", show=False, tooltip="Go to the line before", group=_LINE),
    Binding("g,home", "first", "First", show=False, tooltip="Go to the first line", group=_ENDS),
    Binding("G,end", "last", "Last", show=False, tooltip="Go to the last line, and follow", group=_ENDS),
    Binding("pagedown", "page(1)", "Page down", show=False, tooltip="Go down by a screen", group=_PAGE),
    Binding("pageup", "page(-1)", "Page up", show=False, tooltip="Go up by a screen", group=_PAGE),
    Binding("ctrl+d", "page(0.5)", "Half page down", show=False, tooltip="Go down by half a screen", group=_PAGE),
    Binding("ctrl+u", "page(-0.5)", "Half page up", show=False, tooltip="Go up by half a screen", group=_PAGE),
    Binding("right", "shift(1)", "Right", show=False, tooltip="See what is right of the screen", group=_ASIDE),
    Binding("left", "shift(-1)", "Left", show=False, tooltip="Go back to the left", group=_ASIDE),
)

PANEL_KEYS: tuple[Binding, ...] = (
    Binding(
        "slash",
        "ask('search')",
        "search",
        priority=True,
        key_display="/",
        tooltip="Words, or a /pattern/; n and N go on",
    ),
    Binding(
        "n", "find(1)", "next hit", show=False, tooltip="To the next line that has what was searched for", group=_FOUND
    ),
    Binding("N", "find(-1)", "hit before", show=False, tooltip="To the line before that has it", group=_FOUND),
    Binding("escape", "stop_search", "stop", show=False, tooltip="Stop a search that takes long"),
    Binding(
        "at",
        "ask('time')",
        "time",
        priority=True,
        show=False,
        key_display="@",
        tooltip="Go to a time: 14:32, or a whole one",
    ),
    Binding("x", "explain", "explain", show=False, tooltip="Show or hide what is known of the line"),
    Binding("J", "read_on(1)", "known, down", show=False, tooltip="Read on in what is known of the line", group=_KNOWN),
    Binding(
        "K", "read_on(-1)", "known, up", show=False, tooltip="Read back in what is known of the line", group=_KNOWN
    ),
    Binding("y", "copy", "copy", show=False, tooltip="Copy the line, or the selected lines"),
    Binding("Y", "copy_url", "copy URL", show=False, tooltip="Copy the address of this on GitHub"),
    Binding("ctrl+s", "ask('save')", "save", priority=True, show=False, tooltip="Save what is shown to a file"),
)
