"""One line of a log as strips of the screen: gutter, time, text in its colours, and what is marked in it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Literal, NamedTuple

from msgspec.structs import replace
from rich.cells import cell_len, chop_cells, set_cell_size
from rich.color import Color, ColorParseError
from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from console.fleet.log_lines import Colour, LogLine, LogMark, Search
from console.fleet.patterns import faults
from console.fleet.words import several
from console.ui import signs

Times = Literal["clock", "given", "ago", "none"]
TIMES: tuple[Times, ...] = ("clock", "given", "ago", "none")
"""By this machine's clock; as they are written; how long ago; not at all. In the order `t` goes through them."""

GUTTER = 3
"""Severity, bookmark, space."""

LEAST_SEEN = 100
"""Characters: some of them take no cell."""

StyleOf = Callable[[str], Style]
_WIDTHS: dict[Times, int] = {"clock": 8, "given": 28, "ago": 7, "none": 0}
_WITH_DAY = 15
"""Cells of `18 Nov 04:49:39`."""
_OWN_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)Z: ", re.ASCII)
"""Before what the listener prints; its journal has the time, too."""
_KINDS = {
    "group": "group",
    "endgroup": "muted",
    "command": "command",
    "debug": "muted",
    "notice": "info",
    "warning": "warning",
    "error": "error",
}
_SEVERITIES: dict[str, tuple[signs.Sign, str]] = {
    "error": ("alert", "error"),
    "warning": ("watch", "warning"),
    "info": ("info", "muted"),
}


class Drawn(NamedTuple):
    """How a line is to be drawn, beside the line itself."""

    width: int
    times: Times = "clock"
    wrap: bool = False
    shift: int = 0
    """Cells of the text that are left of the screen; 0 when it wraps."""
    most_rows: int = 1
    now: datetime | None = None
    days: bool = False
    """Some lines are of another day than `now`: these say which, and for all there is room for it."""
    mark: LogMark | None = None
    bookmarked: bool = False
    under_cursor: bool = False
    folded: int = 0
    """Lines that are folded away under it."""
    search: Search | None = None
    source_width: int = 0
    """Cells for the log that a line of a merged log is from."""
    source_style: str = ""


def strips(line: LogLine, drawn: Drawn, style_of: StyleOf, console: Console) -> list[Strip]:
    """One strip; several where it wraps. Each is exactly as wide as the screen."""
    head = _head(line, drawn, style_of)
    room = max(drawn.width - head.cell_len, 1)
    line = _told_once(line, drawn)
    line, unseen = _seen(line, drawn.shift + room if not drawn.wrap else drawn.most_rows * room)
    body = Strip(list(_text(line, drawn, style_of).render(console)))
    length = len(body.text) + unseen + line.cut
    if drawn.wrap:
        return _wrapped(line, drawn, style_of, head, body, length=length)
    after, end = _folded(drawn, style_of), drawn.shift + room
    if line.cut and not drawn.folded:
        end = max(end - _not_shown(length, style_of).cell_len, drawn.shift + 1)
        after = _not_shown(length - len(body.crop(0, end).text), style_of)
    else:
        end = max(end - after.cell_len, drawn.shift + 1)
    return [_row(head, body.crop(drawn.shift, end), after, drawn.width, style_of(""))]


def _wrapped(line: LogLine, drawn: Drawn, style_of: StyleOf, head: Text, body: Strip, *, length: int) -> list[Strip]:
    room = max(drawn.width - head.cell_len, 1)
    # No cut goes through a character that is two cells wide.
    cuts = list(accumulate(cell_len(row) for row in chop_cells(body.text, room)))
    parts = list(body.divide(cuts)) if cuts else [body]
    after = _folded(drawn, style_of)
    is_cut = len(parts) > drawn.most_rows or (line.cut and not drawn.folded)
    parts = parts[: drawn.most_rows]
    last = room - (_not_shown(length, style_of) if is_cut else after).cell_len
    if last < room and parts[-1].cell_length > last:
        parts[-1] = parts[-1].crop(0, max(last, 0))
    if is_cut:
        after = _not_shown(length - sum(len(part.text) for part in parts), style_of)
    base = style_of("")
    indent, end = _words(" " * head.cell_len, base), len(parts) - 1
    return [
        _row(indent if at else head, part, after if at == end else Text(), drawn.width, base)
        for at, part in enumerate(parts)
    ]


def gap(lines: int, width: int, style_of: StyleOf) -> Strip:
    """A thin line that says how many lines are not shown there."""
    rule = signs.sign("rule")
    words = f"{' ' * GUTTER}{rule * 2} {signs.sign('left out')} {several(lines, 'line')} "
    text = _words((words + rule * width)[:width], style_of("muted"))
    return _row(text, Strip([]), Text(), width, style_of(""))


def _seen(line: LogLine, cells: int) -> tuple[LogLine, int]:
    """The line without what is certainly beyond so many cells, and how much that is: it costs nothing to draw."""
    most = 2 * cells + LEAST_SEEN
    if len(line.text) <= most:
        return line, 0
    colours = tuple(each for each in line.colours if each.start < most)
    return replace(line, text=line.text[:most], colours=colours), len(line.text) - most


def _told_once(line: LogLine, drawn: Drawn) -> LogLine:
    """The line without a time of its own that stands before it already."""
    if line.at is None or drawn.times not in {"clock", "given"}:
        return line
    own = _OWN_TIME.match(line.text)
    if own is None or not _is_near(own[1], line.at):
        return line
    cut = own.end()
    colours = (replace(each, start=max(each.start - cut, 0), end=each.end - cut) for each in line.colours)
    return replace(line, text=line.text[cut:], colours=tuple(each for each in colours if each.end > 0))


def _is_near(written: str, at: datetime) -> bool:
    try:
        return abs(datetime.fromisoformat(written).replace(tzinfo=UTC) - at) < timedelta(seconds=2)
    except ValueError:
        return False


def stamp_width(times: Times, *, days: bool = False) -> int:
    """Cells of a line that its time takes, the space behind it included."""
    if times == "none":
        return 0
    return (_WITH_DAY if days and times == "clock" else _WIDTHS[times]) + 1


def is_of_another_day(line: LogLine, now: datetime | None) -> bool:
    """In the operator's zone."""
    return line.at is not None and now is not None and line.at.astimezone().date() != now.astimezone().date()


def _row(head: Text, body: Strip, after: Text, width: int, base: Style) -> Strip:
    segments = [*head.render(_PLAIN), *body, *after.render(_PLAIN)]
    return Strip(segments).adjust_cell_length(width, base)


_PLAIN = Console(force_terminal=False, legacy_windows=False)


def _head(line: LogLine, drawn: Drawn, style_of: StyleOf) -> Text:
    name, style = _SEVERITIES[drawn.mark.severity] if drawn.mark else ("info", "")
    sign = signs.sign(name) if drawn.mark else ""
    # A sign of two cells is told from its first one where no bookmark stands beside it.
    wide = sign[: 1 if drawn.bookmarked else 2]
    head = _words(wide or " ", style_of(style))
    if len(wide) < 2:
        head.append(signs.sign("bookmark") if drawn.bookmarked else " ", style_of("accent"))
    head.append(" ", style_of(""))
    if drawn.times != "none":
        head.append(_stamp(line, drawn).ljust(stamp_width(drawn.times, days=drawn.days)), style_of("muted"))
    if drawn.source_width:
        head.append(set_cell_size(line.source, drawn.source_width), style_of(drawn.source_style))
        head.append(" ", style_of(""))
    return head


def _words(text: str, style: Style) -> Text:
    # A style of the text itself is not drawn where it has no spans.
    return Text(end="", no_wrap=True).append(text, style)


def _stamp(line: LogLine, drawn: Drawn) -> str:
    if drawn.times == "given":
        return line.stamp[: _WIDTHS["given"]]
    if line.at is None:
        return ""
    if drawn.times == "ago":
        return signs.age(drawn.now - line.at).rjust(_WIDTHS["ago"]) if drawn.now else ""
    here = line.at.astimezone()
    day = f"{here.day} {here:%b} " if is_of_another_day(line, drawn.now) else ""
    clock = f"{day}{here:%H:%M:%S}"
    return clock.rjust(_WITH_DAY) if drawn.days else clock


def _text(line: LogLine, drawn: Drawn, style_of: StyleOf) -> Text:
    base = style_of(_KINDS.get(line.kind, ""))
    # What is merged of several logs cannot be folded.
    folds = line.kind == "group" and not line.source
    title = signs.sign("folded" if drawn.folded else "open") + " " if folds else ""
    text = _words(title + line.text, base)
    for colour in line.colours:
        text.stylize(_coloured(colour), colour.start + len(title), colour.end + len(title))
    mark = drawn.mark
    if mark is not None and mark.words:
        at = line.text.find(mark.words)
        if at >= 0:
            text.stylize(style_of(f"mark-{mark.severity}"), at + len(title), at + len(title) + len(mark.words))
    if drawn.search is not None:
        _show_hits(text, len(title), line.text, drawn.search, style_of("hit"))
    return text


def _show_hits(text: Text, before: int, written: str, search: Search, style: Style) -> None:
    pattern = _pattern(search)
    if pattern is not None:
        for found in pattern.finditer(written):
            text.stylize(style, before + found.start(), before + found.end())


@lru_cache(maxsize=8)
def _pattern(search: Search) -> re.Pattern[str] | None:
    """None for nothing, and for a pattern that is refused: those that may take long are."""
    wanted = search.wanted if search.regex else re.escape(search.wanted)
    if not search.wanted or (search.regex and any(faults(wanted, needs_literal=False))):
        return None
    return re.compile(wanted, re.IGNORECASE if search.caseless else 0)


def _folded(drawn: Drawn, style_of: StyleOf) -> Text:
    """How much is folded away, in our words behind the text."""
    words = f"  {several(drawn.folded, 'line')}" if drawn.folded else ""
    return _words(words, style_of("muted"))


def _not_shown(length: int, style_of: StyleOf) -> Text:
    """So much more the line has behind what is seen: characters, and bytes of what was not read."""
    return _words(f" {signs.sign('cut')}+{signs.count(length)}", style_of("muted"))


def _coloured(colour: Colour) -> Style:
    return Style(
        color=_colour(colour.foreground),
        bgcolor=_colour(colour.background),
        bold=colour.bold or None,
        dim=colour.dim or None,
        italic=colour.italic or None,
        underline=colour.underline or None,
        reverse=colour.reverse or None,
    )


def _colour(name: str) -> Color | None:
    if not name:
        return None
    try:
        return Color.parse(name)
    except ColorParseError:
        return None
