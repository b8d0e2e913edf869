"""Lines and the time of each, out of bytes that come cut anywhere."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from console.fleet.log_stamps import in_one_form, moment_of, without_stamp
from console.fleet.timed_lines import LONGEST, TimedLine, TimedLines

MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- they get it


def taken(lines: TimedLines) -> list[TimedLine]:
    found: list[TimedLine] = []
    while lines.head is not None:
        found.append(lines.head)
        lines.go_on()
    return found


@given(MOMENTS, MOMENTS, st.integers(-12, 12), st.booleans())
def test_times_in_one_form_stand_in_their_order(one: datetime, other: datetime, hours: int, short: bool) -> None:
    there = one.astimezone(timezone(timedelta(hours=hours))).isoformat().encode()
    here = f"{other:%Y-%m-%d %H:%M:%S}Z" if short else f"{other:%Y-%m-%dT%H:%M:%S.%f}0Z"
    other = other.replace(microsecond=0) if short else other
    assert moment_of(there) == one
    assert moment_of(here.encode()) == other
    if one != other:
        assert (in_one_form(there) < in_one_form(here.encode())) == (one < other)


def test_a_time_that_there_is_not_is_none() -> None:
    stamp, text = without_stamp(b"2026-13-02T05:14:01Z said")
    assert (stamp, text) == (b"2026-13-02T05:14:01Z", b"said")
    assert in_one_form(stamp) == b""
    assert moment_of(stamp) is None
    lines = TimedLines()
    lines.feed(b"2026-13-02T05:14:01Z said\n")
    assert taken(lines) == [TimedLine(0, b"", False, b"2026-13-02T05:14:01Z said")]


@given(st.lists(st.binary(max_size=40), max_size=20), st.lists(st.integers(1, 30)))
def test_wherever_it_is_cut_the_lines_are_the_same(pieces: list[bytes], cuts: list[int]) -> None:
    raw = b"x" + b"\n2026-09-02T05:14:01Z ".join(pieces)
    lines, found, rest = TimedLines(), list[TimedLine](), raw
    for cut in cuts:
        lines.feed(rest[:cut])
        rest = rest[cut:]
        found += taken(lines)
    lines.feed(rest)
    found += taken(lines)
    lines.take_rest()
    found += taken(lines)
    whole = TimedLines()
    whole.feed(raw if raw.endswith(b"\n") else raw + b"\n")
    assert found == taken(whole)


def test_of_a_very_long_line_only_its_beginning_is_kept() -> None:
    lines = TimedLines()
    for _ in range(4):
        lines.feed(b"x" * LONGEST)
    lines.feed(b"y\nshort\n")
    first, second = taken(lines)
    assert first.text == b"x" * LONGEST
    assert second == TimedLine(1, b"", False, b"short")
    assert lines.cut == 3 * LONGEST + 1
