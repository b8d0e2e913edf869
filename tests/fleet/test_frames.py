"""Frames come out of a host's bytes whole, wherever the bytes were cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.errors import ScriptError
from console.fleet.frames import MOST_HELD, Frame, FrameReader

MARK = "0123456789abcdef" * 2

# Often bytes that look like the mark's own.
LOOKALIKES = (b"\n", b"\n0", b"\n0123", f"\n{MARK}x".encode(), MARK.encode()[:31], b"x", b" ", b"\xff\x00")
data = st.lists(st.sampled_from(LOOKALIKES), max_size=6).map(b"".join)
words = st.sampled_from(["part", "unit", "note", "gone"])
frames = st.lists(st.tuples(words, data), max_size=6)
noise = st.sampled_from([b"", b"Welcome\n", b"no line end", f"{MARK}\n{MARK}".encode(), b"\n\n"])


def said(found: list[tuple[str, bytes]], before: bytes = b"") -> bytes:
    out = before + f"\n{MARK} ready\n".encode()
    for number, (word, content) in enumerate(found):
        out += f"\n{MARK} {word} file {number} 5\n".encode() + content
    return out + f"\n{MARK} end 3\n".encode()


def joined(pieces: list[Frame]) -> list[tuple[str, bytes]]:
    """The pieces of a part as one; each must begin where the one before it ended."""
    whole: list[tuple[str, str, bytes]] = []
    for piece in pieces:
        _, inode, offset = piece.fields
        if piece.word == "part" and whole and whole[-1][:2] == ("part", inode):
            assert int(offset) == 5 + len(whole[-1][2])
            whole[-1] = ("part", inode, whole[-1][2] + piece.data)
        else:
            assert offset == "5"
            whole.append((piece.word, inode, piece.data))
    return [(word, content) for word, _, content in whole]


@given(frames, noise, st.lists(st.integers(1, 40), max_size=30))
def test_frames_are_the_same_however_the_bytes_are_cut(
    sent: list[tuple[str, bytes]], before: bytes, cuts: list[int]
) -> None:
    reader, pieces, rest = FrameReader(MARK), [], said(sent, before)
    for cut in cuts:
        pieces += reader.feed(rest[:cut])
        rest = rest[cut:]
    pieces += reader.feed(rest)
    assert reader.ready
    assert joined(pieces) == sent
    assert reader.status == 3


@given(frames)
def test_frames_are_the_same_byte_by_byte(sent: list[tuple[str, bytes]]) -> None:
    reader = FrameReader(MARK)
    pieces = [piece for byte in said(sent) for piece in reader.feed(bytes([byte]))]
    assert joined(pieces) == sent
    assert reader.status == 3


def test_bytes_of_a_part_are_handed_on_before_its_end_is_known() -> None:
    reader = FrameReader(MARK)
    reader.feed(f"{MARK} ready\n".encode())
    assert reader.feed(f"\n{MARK} part Runner_1.log 77 100\nhello".encode()) == [
        Frame("part", ("Runner_1.log", "77", "100"), b"hello")
    ]
    assert reader.feed(b" wor") == [Frame("part", ("Runner_1.log", "77", "105"), b" wor")]


def test_the_end_of_a_line_is_handed_on_once_nothing_follows_it() -> None:
    reader = FrameReader(MARK)
    reader.feed(f"{MARK} ready\n\n{MARK} part a 1 0\n".encode())
    assert reader.feed(b"line\n") == [Frame("part", ("a", "1", "0"), b"line")]
    assert reader.holds_line_end
    assert reader.silent() == [Frame("part", ("a", "1", "4"), b"\n")]
    assert reader.silent() == []
    assert reader.feed(b"more") == [Frame("part", ("a", "1", "5"), b"more")]


def test_a_mark_after_a_silence_is_still_a_mark() -> None:
    reader = FrameReader(MARK)
    reader.feed(f"{MARK} ready\n\n{MARK} part a 1 0\nline\n".encode())
    reader.silent()
    assert reader.feed(f"{MARK} end 0\n".encode()) == []
    assert reader.status == 0


def test_a_banner_is_no_frame_and_its_beginning_is_kept_to_explain() -> None:
    reader = FrameReader(MARK)
    assert reader.feed(b"This account is currently not available.\n" + b"x" * 5_000) == []
    assert not reader.ready
    assert reader.noise.startswith(b"This account")
    assert len(reader.noise) <= 1_000


def test_what_follows_the_end_is_no_frame() -> None:
    reader = FrameReader(MARK)
    assert reader.feed(said([("note", b"")]) + f"\n{MARK} note file 9 5\n".encode()) == [
        Frame("note", ("file", "0", "5"))
    ]
    assert reader.feed(f"\n{MARK} end 7\n".encode()) == []
    assert reader.status == 3


def test_a_frame_without_end_is_refused() -> None:
    reader = FrameReader(MARK)
    reader.feed(f"{MARK} ready\n\n{MARK} unit a 1 0\n".encode())
    reader.feed(b"x" * (MOST_HELD - 10))
    with pytest.raises(ScriptError):
        reader.feed(b"x" * 20)


def test_a_header_without_end_is_refused() -> None:
    reader = FrameReader(MARK)
    reader.feed(f"{MARK} ready\n\n{MARK} unit ".encode())
    with pytest.raises(ScriptError):
        reader.feed(b"x" * 10_000)
