"""When lines of one log were written, as far as they say so: how long after one another they came."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

Kind = Literal["zoned", "local", "yearless"]
Moment: TypeAlias = dict[Kind, datetime]
"""One line may say it twice: the journal in its own way, the program in another. Only equal kinds are compared."""

NEAR_THE_BEGINNING = 200
_ISO = re.compile(rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?")
_JOURNAL = re.compile(rb"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) {1,2}(\d\d?) (\d\d):(\d\d):(\d\d) ")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")
_A_LEAP_YEAR = 2000


def moment(line: bytes) -> Moment:
    """Empty where the line does not say when it was written."""
    head = line[:NEAR_THE_BEGINNING]
    found: Moment = {}
    try:
        if iso := _ISO.search(head):
            *parts, zone = iso.groups()
            year, month, day, hour, minute, second = map(int, parts)
            at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            found["zoned" if zone else "local"] = at - _offset(zone)
        if journal := _JOURNAL.match(head):
            name, *rest = journal.groups()
            day, hour, minute, second = map(int, rest)
            month = _MONTHS.index(name) + 1
            found["yearless"] = datetime(_A_LEAP_YEAR, month, day, hour, minute, second, tzinfo=UTC)
    except (ValueError, OverflowError):  # the 31st of February
        return found
    return found


def seconds_between(earlier: Moment, later: Moment) -> float | None:
    """None where it cannot be told: no time of the same kind, or a clock that went back."""
    for kind, at in earlier.items():
        if kind in later:
            passed = (later[kind] - at).total_seconds()
            return passed if passed >= 0 else None
    return None


def _offset(zone: bytes | None) -> timedelta:
    if zone is None or zone == b"Z":
        return timedelta()
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timedelta(minutes=-minutes if zone.startswith(b"-") else minutes)
