"""The log of a worker without the job message in it, which is nobody's business: neither shown nor kept."""

import re

_STAMPED = re.compile(rb"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ [A-Z]{3,4} ?")
_MESSAGE = re.compile(rb"(\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ [A-Z]{3,4} ? ?Worker\] Job message:)")
LEFT_OUT = b" (it is left out here)\n"
_LONGEST = 1024 * 1024


class WorkerLines:
    """Takes the bytes as they come, cut anywhere."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._in_message = False

    def feed(self, data: bytes) -> bytes:
        """Whole lines, but those of the message."""
        self._held += data
        *whole, rest = bytes(self._held).split(b"\n")
        lines = [line + b"\n" for line in whole]
        self._held = bytearray(rest)
        if len(self._held) > _LONGEST:
            # No line that begins a message is so long: it goes on as what it is.
            lines.append(bytes(self._held))
            self._held.clear()
        return b"".join(map(self._kept, lines))

    def rest(self) -> bytes:
        """What is held back of a line that will not be finished."""
        kept = self._kept(bytes(self._held)) if self._held else b""
        self._held.clear()
        return kept

    def _kept(self, line: bytes) -> bytes:
        if found := _MESSAGE.match(line):
            self._in_message = True
            return found[1] + LEFT_OUT
        if self._in_message and _STAMPED.match(line) is None:
            return b""
        self._in_message = False
        return line
