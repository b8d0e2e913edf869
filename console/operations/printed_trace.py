"""What a service prints whose runner prints its trace too (ACTIONS_RUNNER_PRINT_LOG_TO_STDOUT): each line once, and
without the job message of its worker, which is nobody's business: neither shown nor kept."""

import re
from collections import deque

from console.operations.worker_lines import LEFT_OUT

_HEADER = rb" \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ [A-Z]{3,4} {1,2}"
_TERMINAL = re.compile(rb"\[RUNNER" + _HEADER + rb"Terminal\] (?:WRITE (?:LINE|ERROR): )?(.*)", re.DOTALL)
_MESSAGE = re.compile(rb"\[WORKER" + _HEADER + rb"Worker\] Job message:")
_OF_MESSAGE = re.compile(rb"\[WORKER" + _HEADER.replace(b"[A-Z]{3,4}", b"INFO") + rb"Worker\] ?(?:[\s\]}]|$)")
"""Every line of it has a header of its own. It is known by its indentation, for a log may begin in the middle of it."""
_AWAITED = 16
"""Lines that were printed as trace, and are printed once more as what they are."""
_LONGEST = 1024 * 1024


class PrintedTrace:
    """Takes the lines one after the other."""

    def __init__(self) -> None:
        self._said: deque[bytes] = deque(maxlen=_AWAITED)

    def kept(self, line: bytes) -> bytes | None:
        """What of a line goes into the log, without its end; None: nothing."""
        plain = line.rstrip()
        if plain in self._said:
            self._said.remove(plain)
            return None
        if not line.startswith(b"["):
            return line
        if found := _TERMINAL.match(line):
            said = found[1].rstrip()
            self._said.append(said)
            return said or None
        if found := _MESSAGE.match(line):
            return found[0] + LEFT_OUT.rstrip(b"\n")
        return None if _OF_MESSAGE.match(line) else line


class PrintedLines:
    """The same for bytes that come cut anywhere."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._trace = PrintedTrace()
        self._left_out = False
        """The line that is not at its end yet was too long to be held, and is left out."""

    def feed(self, data: bytes) -> bytes:
        """Whole lines."""
        self._held += data
        *whole, rest = bytes(self._held).split(b"\n")
        self._held = bytearray(rest)
        said = b"".join(self._kept(line, b"\n") for line in whole)
        if len(self._held) <= _LONGEST:
            return said
        more = self.rest()
        self._left_out = not more
        return said + more

    def rest(self) -> bytes:
        """What is held back of a line that will not be finished."""
        said = self._kept(bytes(self._held), b"") if self._held else b""
        self._held.clear()
        return said

    def _kept(self, line: bytes, end: bytes) -> bytes:
        if self._left_out:
            self._left_out = not end
            return b""
        kept = self._trace.kept(line)
        return b"" if kept is None else kept + end
