"""What GitHub folds in a job's log: from `##[group]` to `##[endgroup]`, the next group, or the end."""

import re

from console.fleet.log_lines import LogGroup

LINE_KEPT = 200
"""Bytes of a line that are looked at: a marker stands at its beginning, behind the time."""

_MARKER = re.compile(rb"^(?:\xef\xbb\xbf)?(?:\d{4}-[0-9:.TZ+-]{10,40} )?##\[(end)?group\]", re.MULTILINE)


class Groups:
    """One log, from its first byte to its last, in chunks cut anywhere. They do not nest."""

    def __init__(self) -> None:
        self._groups: list[LogGroup] = []
        self._open: int | None = None
        self._line = 0
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Computes for as long as the bytes take: for a thread."""
        text = self._rest + chunk
        end = text.rfind(b"\n") + 1
        self._look(text, end)
        # Of a line without end only its beginning matters.
        self._rest = text[end : end + LINE_KEPT]

    def found(self, lines: int) -> tuple[LogGroup, ...]:
        """In the order of the lines. One that is still open goes to the end of the `lines` there are."""
        if self._open is None or self._open >= lines:
            return tuple(self._groups)
        return (*self._groups, LogGroup(self._open, lines))

    def _look(self, text: bytes, end: int) -> None:
        counted, number = 0, self._line
        if text.find(b"group]", 0, end) >= 0:
            for found in _MARKER.finditer(text, 0, end):
                number += text.count(b"\n", counted, found.start())
                counted = found.start()
                self._close(number, number + 1 if found[1] else number)
                if not found[1]:
                    self._open = number
        self._line = number + text.count(b"\n", counted, end)

    def _close(self, line: int, end: int) -> None:
        if self._open is not None and line > self._open:
            self._groups.append(LogGroup(self._open, end))
        self._open = None
