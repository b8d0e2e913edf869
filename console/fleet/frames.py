"""What a script on a host prints, taken apart: frames behind a mark that only this connection knows."""

import re

import msgspec

from console.errors import ScriptError

MOST_HELD = 8 * 1024 * 1024
"""Bytes of one frame that is handed on whole. Parts of a stream are handed on as they come, and have no limit."""
_LONGEST_HEADER = 8 * 1024
_MOST_NOISE = 1_000
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


class Frame(msgspec.Struct, frozen=True):
    """One thing that a script says: a word, its fields, and the bytes that follow it."""

    word: str
    fields: tuple[str, ...] = ()
    data: bytes = b""


class Answer(msgspec.Struct, frozen=True):
    """All that a script said, once it has ended."""

    frames: tuple[Frame, ...]
    status: int
    """The script's own exit status, never that of ssh."""
    errors: str = ""
    """What it wrote to standard error, as harmless text."""


class FrameReader:
    """Frames out of bytes as they arrive, cut anywhere.

    A `part` is handed on piece by piece, each with the offset it begins at; any other frame once the next has begun.
    What comes before the ready mark (a banner, a shell's greeting) and after the end is no frame.
    """

    def __init__(self, mark: str) -> None:
        self._mark = f"{mark} ".encode()
        self._held = b""
        self._line_begins = True
        self._open: Frame | None = None
        self._told = True
        self._whole = bytearray()
        self.ready = False
        self.status: int | None = None
        self.noise = b""
        """The beginning of what came before the ready mark: why there was none."""

    @property
    def holds_line_end(self) -> bool:
        """Whether the last byte may belong to the stream or to the mark that follows."""
        return self._held == b"\n"

    def feed(self, arrived: bytes) -> list[Frame]:
        """Raises ScriptError where it is longer than any script would have it."""
        found: list[Frame] = []
        rest, at = self._held + arrived, 0
        self._held = b""
        while self.status is None and (mark := self._mark_in(rest, at)) is not None:
            self._take(rest[at : max(mark - 1, at)], found)
            self._line_begins = True
            line_end = rest.find(b"\n", mark)
            if line_end < 0:
                self._held = rest[mark:]
                break
            self._begin(rest[mark + len(self._mark) : line_end], found)
            at = line_end + 1
        else:
            undecided = self._undecided(rest, at)
            self._held = rest[undecided:]
            self._take(rest[at:undecided], found)
        if len(self._held) > _LONGEST_HEADER:
            raise _not_framed()
        self._tell_part(found)
        return found

    def silent(self) -> list[Frame]:
        """Nothing came for a while: a mark is written at once, so a line's end alone belongs to the stream."""
        found: list[Frame] = []
        if self.holds_line_end:
            self._held = b""
            self._take(b"\n", found)
            self._line_begins = True
            self._tell_part(found)
        return found

    def _mark_in(self, rest: bytes, at: int) -> int | None:
        if self._line_begins and rest.startswith(self._mark, at):
            return at
        before = rest.find(b"\n" + self._mark, at)
        return None if before < 0 else before + 1

    def _undecided(self, rest: bytes, at: int) -> int:
        """From where on it may be the beginning of a mark."""
        if self._line_begins and self._mark.startswith(rest[at:]):
            return at
        line_end = rest.rfind(b"\n", at)
        return line_end if line_end >= 0 and self._mark.startswith(rest[line_end + 1 :]) else len(rest)

    def _take(self, data: bytes, found: list[Frame]) -> None:
        """Bytes of the frame that is open."""
        if not data:
            return
        self._line_begins = False
        if not self.ready:
            self.noise += data[: _MOST_NOISE - len(self.noise)]
        elif self._open is not None and self._open.word == "part":
            self._open = msgspec.structs.replace(self._open, data=data)
            self._tell_part(found)
        elif self._open is not None:
            self._whole += data
            if len(self._whole) > MOST_HELD:
                raise _not_framed()

    def _begin(self, header: bytes, found: list[Frame]) -> None:
        word, *fields = header.decode("utf-8", "replace").split(" ")
        if not self.ready:
            self.ready = word == "ready"
            return
        self._finish(found)
        if word == "end":
            self.status = _status(fields)
        else:
            self._open, self._told = Frame(word, tuple(fields)), False

    def _finish(self, found: list[Frame]) -> None:
        """The frame that was open is whole."""
        self._tell_part(found)
        if self._open is not None and self._open.word != "part":
            found.append(msgspec.structs.replace(self._open, data=bytes(self._whole)))
        self._whole.clear()
        self._open = None

    def _tell_part(self, found: list[Frame]) -> None:
        """What has come of a part, even if that is only that it begins; the next piece begins behind it."""
        part = self._open
        if part is None or part.word != "part" or (self._told and not part.data):
            return
        found.append(part)
        self._told = True
        self._open = Frame(part.word, _moved(part.fields, len(part.data)))


def _moved(fields: tuple[str, ...], by: int) -> tuple[str, ...]:
    """The fields `source inode offset`, further on; a source without offsets has none that could move."""
    if len(fields) != 3 or _NUMBER.fullmatch(fields[2]) is None:
        return fields
    return (*fields[:2], str(int(fields[2]) + by))


def _status(fields: list[str]) -> int:
    if len(fields) != 1 or _NUMBER.fullmatch(fields[0]) is None:
        raise _not_framed()
    return int(fields[0])


def _not_framed() -> ScriptError:
    return ScriptError("A host's answer is not in the form that was asked for", "Does another program answer there?")
