"""What a script on a host prints, taken apart: frames behind a mark that only this connection knows."""

import msgspec


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
