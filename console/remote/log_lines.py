"""A line of a log from bytes into harmless text: its time, GitHub's marker, and colours through an allow-list."""

import codecs
import re
from datetime import datetime

from msgspec.structs import replace

from console.fleet.log_lines import Colour, LineKind, LogLine
from console.fleet.log_stamps import moment_of, without_stamp
from console.remote.sanitize import harmless, redact

LONGEST_LINE = 8 * 1024
"""Bytes of one line that are shown."""
MOST_COLOURS = 500
"""Codes of one line that are obeyed. What follows is shown without colours."""
TAB = 8
LONGEST_CODE = 100
"""Characters of one code for colours that are obeyed."""

_BOM = b"\xef\xbb\xbf"
_MARKERS: dict[str, LineKind] = {
    "##[group]": "group",
    "##[endgroup]": "endgroup",
    "##[error]": "error",
    "##[warning]": "warning",
    "##[notice]": "notice",
    "##[debug]": "debug",
    "##[command]": "command",
    "[command]": "command",
}
_MARKER = re.compile("|".join(map(re.escape, _MARKERS)))
_COLOUR_CODE = re.compile(r"\x1b\[([0-9;:]*)m")
_PLAIN = Colour(0, 0)
_NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_FLAGS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}
_FLAGS_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",)}


def log_line(number: int, raw: bytes, beyond: int = 0, *, merged: bool = False) -> LogLine:
    """`raw` is one line without its end; `beyond` counts bytes of it that were not read.

    In a merged log the source stands behind the time, with a tab before and after it.
    """
    raw = raw.removeprefix(_BOM)
    raw = raw.removesuffix(b"\r")
    cut = max(len(raw) - LONGEST_LINE, 0)
    stamp, rest = without_stamp(raw[:LONGEST_LINE])
    source = b""
    if merged:
        source, _, rest = rest.removeprefix(b"\t").partition(b"\t")
    # A character that the cut goes through is not shown as a broken one.
    written = codecs.getincrementaldecoder("utf-8")("replace").decode(rest, final=not (cut or beyond))
    text, colours = _coloured(written)
    kind, text, colours = _marked(text, colours)
    at = moment_of(stamp) if stamp else None
    return LogLine(
        number, text, kind, stamp.decode(), at, colours, cut + beyond, harmless(source.decode("utf-8", "replace"))
    )


def time_of(raw: bytes) -> datetime | None:
    """When a line was written, if it says so."""
    stamp, _ = without_stamp(raw[:64].removeprefix(_BOM))
    return moment_of(stamp) if stamp else None


def _coloured(line: str) -> tuple[str, tuple[Colour, ...]]:
    """Harmless text, and where it has which colour. Codes that are not colours stay as visible marks."""
    if "\x1b[" not in line:
        return harmless(redact(line.expandtabs(TAB))), ()
    bare = _COLOUR_CODE.sub("", line)
    if redact(bare) != bare:
        # A secret may have colours in its middle: without them nothing of it can be left.
        return harmless(redact(bare.expandtabs(TAB))), ()
    shown: list[str] = []
    colours: list[Colour] = []
    length, place, now = 0, 0, _PLAIN
    codes = list(_COLOUR_CODE.finditer(line))
    if len(codes) > MOST_COLOURS:
        beyond = codes[MOST_COLOURS].start()
        line = line[:beyond] + _COLOUR_CODE.sub("", line[beyond:])
    for found in [*codes[:MOST_COLOURS], None]:
        piece = harmless(_tabs_as_spaces(line[place : found.start() if found else len(line)], length))
        if piece and now != _PLAIN:
            colours.append(replace(now, start=length, end=length + len(piece)))
        shown.append(piece)
        length += len(piece)
        if found:
            now, place = _after(now, found[1]), found.end()
    return "".join(shown), tuple(colours)


def _tabs_as_spaces(piece: str, column: int) -> str:
    return (" " * (column % TAB) + piece).expandtabs(TAB)[column % TAB :] if "\t" in piece else piece


def _after(now: Colour, codes: str) -> Colour:
    """The colour after a code such as `1;31` or `38;5;208`; what is not known changes nothing."""
    numbers = [int(code) if code.isdigit() and len(code) < 4 else 0 for code in re.split("[;:]", codes[:LONGEST_CODE])]
    while numbers:
        code = numbers.pop(0)
        if code == 0:
            now = _PLAIN
        elif code in _FLAGS:
            now = replace(now, **{_FLAGS[code]: True})
        elif code in _FLAGS_OFF:
            now = replace(now, **dict.fromkeys(_FLAGS_OFF[code], False))
        elif code in {38, 48}:
            now = replace(now, **{"foreground" if code == 38 else "background": _many_colours(numbers)})
        elif code in {39, 49}:
            now = replace(now, **{"foreground" if code == 39 else "background": ""})
        else:
            now = replace(now, **_named_colour(code))
    return now


def _many_colours(numbers: list[int]) -> str:
    """What follows 38 or 48: one of 256, or red, green and blue. Takes what it reads."""
    kind = numbers.pop(0) if numbers else 0
    wanted = {5: 1, 2: 3}.get(kind, 0)
    values = [min(numbers.pop(0), 255) for _ in range(wanted) if numbers]
    if not wanted or len(values) < wanted:
        return ""
    return f"color({values[0]})" if kind == 5 else "#" + "".join(f"{value:02x}" for value in values)


def _named_colour(code: int) -> dict[str, str]:
    for first, field, prefix in (
        (30, "foreground", ""),
        (40, "background", ""),
        (90, "foreground", "bright_"),
        (100, "background", "bright_"),
    ):
        if first <= code < first + len(_NAMES):
            return {field: prefix + _NAMES[code - first]}
    return {}


def _marked(text: str, colours: tuple[Colour, ...]) -> tuple[LineKind, str, tuple[Colour, ...]]:
    """What GitHub's marker says, the text without it, and the colours moved with it."""
    found = _MARKER.match(text)
    if found is None:
        return "plain", text, colours
    by = found.end()
    moved = tuple(replace(each, start=max(each.start - by, 0), end=each.end - by) for each in colours if each.end > by)
    return _MARKERS[found[0]], text[by:], moved
