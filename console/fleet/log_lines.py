"""Lines of a log as the screen shows them, what is searched for in a log, and where it was found.

Whatever is here has passed `remote/log_lines.py`: no control character is left, and colours are spans, not codes.
"""

from datetime import datetime
from typing import Literal

import msgspec

LineKind = Literal["plain", "group", "endgroup", "command", "debug", "notice", "warning", "error"]
"""What GitHub's marker (`##[error]` and its like) says a line is; the marker itself is not part of the text."""

Where = Literal[
    "job-log", "runner-diag", "worker-diag", "service-log", "annotation", "arc-log", "kernel-log", "api", "unknown"
]
"""What kind of log it is: some signatures only mean something in some of them. `unknown`: a file of any kind."""


Shown = Literal["error", "warning", "info"]
"""How bad a known line is, as the screen has it."""


class Colour(msgspec.Struct, frozen=True):
    """How a part of a line is drawn. `start` and `end` count characters of its text."""

    start: int
    end: int
    foreground: str = ""
    """`red`, `bright_red`, `color(123)` or `#rrggbb`; empty: as the screen has it."""
    background: str = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False


class LogLine(msgspec.Struct, frozen=True):
    """One line, ready to draw."""

    number: int
    """From 0."""
    text: str
    """Without its time and without GitHub's marker."""
    kind: LineKind = "plain"
    stamp: str = ""
    """The time at its beginning, as written; empty where there is none."""
    at: datetime | None = None
    """That time in UTC; None where there is none, or none that can be read."""
    colours: tuple[Colour, ...] = ()
    cut: int = 0
    """Bytes at its end that are not shown."""
    source: str = ""
    """Of a merged log, which log it is from."""

    @property
    def sourced(self) -> str:
        """Its text, behind the log that it is from where there are several."""
        return f"{self.source}: {self.text}" if self.source else self.text


class Search(msgspec.Struct, frozen=True):
    """What to look for in the lines as they are written. A literal ignores case unless it has a capital letter."""

    wanted: str
    regex: bool = False

    @property
    def caseless(self) -> bool:
        return self.wanted == self.wanted.lower()


class LogExtent(msgspec.Struct, frozen=True):
    """How much of a log is there."""

    lines: int
    size: int
    """Bytes."""
    counted: bool = True
    """False: a large file whose lines are still being counted; `lines` grows."""
    ended: bool = True
    """False: more may come."""
    dropped: int = 0
    """Bytes at its beginning or end that were not kept, because a log is kept up to a limit only."""
    trouble: str = ""
    """What went wrong with it, in our words; empty: nothing did."""
    anew: int = 0
    """How often it was emptied or replaced: nothing that was known of its lines holds any more."""


class LogMark(msgspec.Struct, frozen=True):
    """A line that a signature knows."""

    line: int
    severity: Literal["error", "warning", "info"]
    """As it is shown, harmless or over taken into account."""
    signature: str
    """Its id."""
    words: str
    """What of the line it knows."""
    harmless: bool = False
    cleared: bool = False
    """A later line says that it is over."""


class LogGroup(msgspec.Struct, frozen=True):
    """Lines that belong together: what GitHub folds, or a step."""

    start: int
    """The line of its title."""
    end: int
    """The line after its last one."""
