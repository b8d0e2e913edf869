"""What GitHub's markers say of a job's log: what it folds, and which lines it calls errors."""

import re

from console.fleet.log_lines import LogGroup

LINE_KEPT = 200
"""Bytes of a line that are looked at: a marker stands at its beginning, behind the time."""

MOST_ERRORS = 1_000
"""So many lines that GitHub calls errors are remembered: nobody goes through more."""
MOST_GROUPS = 10_000
"""So many groups are remembered; what follows them cannot be folded."""

_MARKER = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\d{4}-[0-9:.TZ+-]{10,40} )?##\[(group|endgroup|error)\]", re.MULTILINE)


class Markers:
    """One log, from its first byte to its last, in chunks cut anywhere. Groups do not nest: the next one ends one."""

    def __init__(self) -> None:
        self._groups: list[LogGroup] = []
        self._open: int | None = None
        self.errors: list[int] = []
        """Lines, in their order."""
        self._line = 0
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Computes for as long as the bytes take: for a thread."""
        text = self._rest + chunk
        end = text.rfind(b"\n") + 1
        self._look(text, end)
        # Of a line without end only its beginning matters.
        self._rest = text[end : end + LINE_KEPT]

    def groups(self, lines: int) -> tuple[LogGroup, ...]:
        """In the order of the lines. One that is still open goes to the end of the `lines` there are."""
        if self._open is None or self._open >= lines:
            return tuple(self._groups)
        return (*self._groups, LogGroup(self._open, lines))

    def _look(self, text: bytes, end: int) -> None:
        counted, number = 0, self._line
        # To look for one byte alone is many times faster, and most stretches of a log have none.
        if (near := text.find(b"#", 0, end)) >= 0 and text.find(b"##[", near, end) >= 0:
            for found in _MARKER.finditer(text, 0, end):
                number += text.count(b"\n", counted, found.start())
                counted = found.start()
                self._note(found[1], number)
        self._line = number + text.count(b"\n", counted, end)

    def _note(self, marker: bytes, line: int) -> None:
        if marker == b"error":
            if len(self.errors) < MOST_ERRORS:
                self.errors.append(line)
            return
        self._close(line, line + 1 if marker == b"endgroup" else line)
        if marker == b"group" and len(self._groups) < MOST_GROUPS:
            self._open = line

    def _close(self, line: int, end: int) -> None:
        if self._open is not None and line > self._open:
            self._groups.append(LogGroup(self._open, end))
        self._open = None
