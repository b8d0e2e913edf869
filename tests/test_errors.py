"""What is shared by all that a person will read."""

import pytest

from console.errors import SPELT


@pytest.mark.parametrize(
    ("encoding", "text", "written"),
    [
        ("ascii", "“Re-run release” does", b'"Re-run release" does'),
        ("ascii", "it’s 1–2 — done", b"it's 1-2 - done"),
        ("ascii", "naïve ☃", b"na\\xefve \\u2603"),
        ("latin-1", "naïve “x”", b'na\xefve "x"'),
    ],
)
def test_what_an_encoding_lacks_is_written_as_it_is_typed_or_by_its_number(
    encoding: str, text: str, written: bytes
) -> None:
    assert text.encode(encoding, errors=SPELT) == written
