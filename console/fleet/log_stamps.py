"""The time at the beginning of a line, in the forms that logs of runners have; pure."""

import re
from datetime import UTC, datetime

# GitHub's job logs; the service's console output, in a journal too; `_diag` files and what a container prints of them.
_STAMPS = (
    re.compile(rb"()(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?"),
    re.compile(rb"()(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ): "),
    re.compile(rb"(\[(?:RUNNER |WORKER )?)(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ) (?=[A-Z]{3,4} )"),
)
_FIRST_BYTES = b"0123456789["
_MAY_BE = re.compile(rb"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]).(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")


def without_stamp(line: bytes) -> tuple[bytes, bytes]:
    """The time as written, empty where there is none, and the line without it."""
    if line[:1] and line[0] in _FIRST_BYTES:
        for pattern in _STAMPS:
            if found := pattern.match(line):
                return found[2], found[1] + line[found.end() :]
    return b"", line


def moment_of(stamp: bytes) -> datetime | None:
    """A time that was found at the beginning of a line; None for the 31st of February."""
    whole, _, fraction = stamp.decode("ascii").partition(".")
    if fraction:
        # GitHub writes seven digits of a second; Python reads six.
        digits = len(fraction) - len(fraction.lstrip("0123456789"))
        whole += f".{fraction[: min(digits, 6)].ljust(6, '0')}{fraction[digits:]}"
    try:
        return datetime.fromisoformat(whole).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def in_one_form(stamp: bytes) -> bytes:
    """As GitHub writes it, in UTC, with as many digits as there are, but without the Z: they sort as their times do.

    Empty for a time that there is not.
    """
    if not stamp.endswith(b"Z"):
        at = moment_of(stamp)
        return at.isoformat().removesuffix("+00:00").encode() if at is not None else b""
    return stamp[:-1].replace(b" ", b"T") if _MAY_BE.match(stamp) else b""
