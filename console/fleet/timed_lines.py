"""Bytes of a log, as they come, as lines with the time of each; pure."""

from typing import NamedTuple

from console.fleet.log_stamps import in_one_form, without_stamp

LONGEST = 64 * 1024
"""Bytes of one line that are kept: as much as the signatures look at."""

_BOM = b"\xef\xbb\xbf"


class TimedLine(NamedTuple):
    """One line, without its end."""

    number: int
    """From 0; a line that was taken before its end had come has the same number again with what came later."""
    key: bytes
    """Its time in one form, else that of the line before it; empty before the first time."""
    stamped: bool
    """It says that time itself."""
    text: bytes
    """Without the time."""


class TimedLines:
    """One log from its first byte to its last, in chunks cut anywhere. Only `head` is ever made."""

    def __init__(self) -> None:
        self._text = b""
        self._at = 0
        self._full = False
        """The last line is longer than what is kept, and its end has not come."""
        self._number = 0
        self._parted = False
        """The beginning of the next line has been taken already."""
        self.key = b""
        """The latest time that was come across."""
        self.cut = 0
        """Bytes of lines that were too long."""
        self.head: TimedLine | None = None
        """The next line; None: its end has not come yet."""

    @property
    def rest(self) -> bool:
        """Something is there whose end has not come."""
        return self.head is None and self._at < len(self._text)

    @property
    def behind(self) -> int:
        """Bytes that are there behind the next line."""
        return len(self._text) - self._at

    def feed(self, chunk: bytes) -> None:
        """More of it."""
        if self._full:
            end = chunk.find(b"\n")
            self.cut += end if end >= 0 else len(chunk)
            chunk, self._full = (chunk[end:], False) if end >= 0 else (b"", True)
        self._text, self._at = self._text[self._at :] + chunk, 0
        last = self._text.rfind(b"\n") + 1
        if len(self._text) - last > LONGEST:
            self.cut += len(self._text) - last - LONGEST
            self._text, self._full = self._text[: last + LONGEST], True
        if self.head is None:
            self.go_on()

    def go_on(self) -> None:
        """To the next line."""
        self.head = None
        end = self._text.find(b"\n", self._at)
        if end < 0:
            return
        line, self._at = self._text[self._at : end], end + 1
        number, parted = self._number, self._parted
        self._number, self._parted = number + 1, False
        if parted and not line.removesuffix(b"\r"):
            self.go_on()
        else:
            self.head = self._timed(number, line)

    def take_rest(self) -> None:
        """What has no end is the next line all the same: nothing more has come for long, or ever will."""
        if self.rest:
            self.head = self._timed(self._number, self._text[self._at :])
            self._text, self._at, self._parted = b"", 0, True

    def _timed(self, number: int, line: bytes) -> TimedLine:
        if number == 0:
            line = line.removeprefix(_BOM)
        if len(line) > LONGEST:
            self.cut += len(line) - LONGEST
            line = line[:LONGEST]
        stamp, text = without_stamp(line)
        key = in_one_form(stamp) if stamp else b""
        if not key:
            return TimedLine(number, self.key, False, line)
        self.key = key
        return TimedLine(number, key, True, text)
