"""Sets of runners as integers: one bit for each place in a list of all of them. Pure."""

from collections.abc import Iterable
from itertools import compress, count

_DENSE = 8
"""A set with one of so many places in it is gone through place by place."""
_AS_BITS = bytes.maketrans(b"01", b"\0\1")


def as_set(places: Iterable[int]) -> int:
    """The set with these places in it."""
    listed = list(places)
    digits = bytearray(b"0") * (max(listed, default=0) + 1)
    for place in listed:
        digits[place] = 49
    digits.reverse()
    return int(digits, 2)


def places_of(runners: int, most: int | None = None) -> list[int]:
    """The places in a set, lowest first, at most so many."""
    if most is None and _DENSE * runners.bit_count() > runners.bit_length():
        return list(compress(count(), bits_of(runners)))
    bits = f"{runners:b}"[::-1]
    found: list[int] = []
    place = bits.find("1")
    while place >= 0 and (most is None or len(found) < most):
        found.append(place)
        place = bits.find("1", place + 1)
    return found


def bits_of(runners: int) -> bytes:
    """For each place up to the last of a set: 1 where it is in there, else 0."""
    return f"{runners:b}".encode().translate(_AS_BITS)[::-1]
