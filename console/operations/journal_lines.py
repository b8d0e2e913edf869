"""Lines of `journalctl -o json` as lines of a log: their time, and what was said."""

from datetime import UTC, datetime

import msgspec

from console.operations.printed_trace import PrintedTrace

LONGEST = 8 * 1024 * 1024
"""Bytes of one entry that is still taken apart."""


class _Entry(msgspec.Struct):
    cursor: str = msgspec.field(name="__CURSOR", default="")
    microseconds: str = msgspec.field(name="__REALTIME_TIMESTAMP", default="")
    message: str | list[int | str] | None = msgspec.field(name="MESSAGE", default=None)
    """Bytes that are no text come as numbers; said more than once, as a list."""
    identifier: str | list[str] | None = msgspec.field(name="SYSLOG_IDENTIFIER", default=None)
    pid: str | list[str] | None = msgspec.field(name="_PID", default=None)
    line_break: str | list[str] | None = msgspec.field(name="_LINE_BREAK", default=None)
    """`line-max`: the line goes on in the next entry of the same process."""


_DECODER = msgspec.json.Decoder(_Entry)


class JournalLines:
    """Takes the bytes as they come, cut anywhere, and remembers how far they have been said."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._too_long = False
        self.cursor = "-"
        """Of the last entry; `-` before the first."""
        self.entries = 0
        self._trace = PrintedTrace()
        self._left_out: str | list[str] | None = None
        """Whose line was left out and goes on."""

    def feed(self, data: bytes) -> bytes:
        """Whole lines of a log."""
        self._held += data
        *whole, rest = self._held.split(b"\n")
        said = b"".join(self._line(bytes(line)) for line in whole if line.strip())
        self._held = bytearray(rest)
        if len(self._held) > LONGEST:
            self._held.clear()
            self._too_long = True
        return said

    def cut(self) -> None:
        """What comes next follows the last entry that was whole."""
        self._held.clear()
        self._too_long = False

    def _line(self, raw: bytes) -> bytes:
        if self._too_long:
            self._too_long = False
            return b"(an entry of the journal that is longer than 8 MB is left out)\n"
        try:
            entry = _DECODER.decode(raw)
        except msgspec.DecodeError:
            return b"(an entry of the journal cannot be read and is left out)\n"
        self.cursor = entry.cursor or self.cursor
        self.entries += 1
        before = _time(entry.microseconds) + _whose(entry)
        return b"".join(before + line + b"\n" for line in self._kept(entry))

    def _kept(self, entry: _Entry) -> list[bytes]:
        lines = _message(entry).rstrip(b"\n").split(b"\n")
        goes_on = entry.pid if entry.line_break == "line-max" else None
        if self._left_out is not None and self._left_out == entry.pid:
            self._left_out = goes_on
            return []
        kept = [each for each in map(self._trace.kept, lines) if each is not None]
        if goes_on is not None and not kept:
            self._left_out = goes_on
        return kept


def _message(entry: _Entry) -> bytes:
    message = entry.message
    if message is None:
        return b"(a message that the journal does not give)"
    if isinstance(message, str):
        return message.encode("utf-8", "replace")
    if all(isinstance(each, int) and 0 <= each < 256 for each in message):
        return bytes(each for each in message if isinstance(each, int))
    return b"\n".join(str(each).encode("utf-8", "replace") for each in message)


def _time(microseconds: str) -> bytes:
    try:
        at = datetime.fromtimestamp(int(microseconds) // 1_000_000, UTC)
        return f"{at:%Y-%m-%dT%H:%M:%S}.{int(microseconds) % 1_000_000:06d}Z ".encode()
    except (ValueError, OverflowError, OSError):
        return b""


def _whose(entry: _Entry) -> bytes:
    """systemd's own words are told apart from those of the service."""
    if not isinstance(entry.identifier, str) or not entry.identifier.startswith("systemd"):
        return b""
    pid = f"[{entry.pid}]" if isinstance(entry.pid, str) else ""
    return f"{entry.identifier}{pid}: ".encode("utf-8", "replace")
