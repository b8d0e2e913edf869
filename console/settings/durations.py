"""How spans of time are written in settings, and how long each may be."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, ValidationInfo, WithJsonSchema

_UNITS = {
    "s": 1, "sec": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hour": 3600, "hours": 3600,
}  # fmt: skip
_DURATION = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([a-z]+)\s*")


def parse_duration(value: object) -> timedelta:
    """`90s`, `3 min`, `1h 30m`. A bare number is refused: seconds or minutes is not ours to guess."""
    if isinstance(value, timedelta):
        return value
    text = value.strip().lower() if isinstance(value, str) else ""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text) or any(unit not in _UNITS for _, unit in parts):
        raise ValueError('must be a duration such as "90s" or "3 min"')
    try:
        return timedelta(seconds=sum(float(amount) * _UNITS[unit] for amount, unit in parts))
    except OverflowError:
        raise ValueError("is longer than any time that could be meant") from None


def spell_duration(value: timedelta) -> str:
    """The shortest spelling that `parse_duration` reads back."""
    seconds = value.total_seconds()
    size, unit = next(((n, unit) for n, unit in ((3600, "h"), (60, "min")) if seconds and seconds % n == 0), (1, "s"))
    return f"{seconds / size:g}{unit}"


def _between(least: str, most: str) -> BeforeValidator:
    low, high = parse_duration(least), parse_duration(most)

    def check(value: object) -> timedelta:
        span = parse_duration(value)
        if not low <= span <= high:
            raise ValueError(f"must be between {least} and {most}")
        return span

    return BeforeValidator(check)


_SPELLED = PlainSerializer(spell_duration, return_type=str)
_AS_STRING = WithJsonSchema({"type": "string", "examples": ["90s", "3 min", "1h 30m"]})


def duration(spelled: str, description: str) -> Any:  # noqa: ANN401 - as pydantic's own Field
    """A setting of that kind, with its default as it would be written."""
    return Field(
        default=parse_duration(spelled),
        description=description,
        json_schema_extra={"default": spelled},
        validate_default=True,
    )


def not_shorter_than(other: str, value: timedelta, info: ValidationInfo) -> timedelta:
    """Raises ValueError where it is shorter than that setting of the same table."""
    least = info.data.get(other)
    if least is not None and value < least:
        raise ValueError(f"is {spell_duration(value)}, but must not be shorter than {other}, {spell_duration(least)}")
    return value


Threshold = Annotated[timedelta, _between("1s", "24h"), _AS_STRING, _SPELLED]
LookInterval = Annotated[timedelta, _between("5s", "1h"), _AS_STRING, _SPELLED]
QuietInterval = Annotated[timedelta, _between("1min", "24h"), _AS_STRING, _SPELLED]
