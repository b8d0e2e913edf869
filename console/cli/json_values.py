"""Values as JSON has them: times in UTC, spans in whole seconds, errors. Null is what is not known."""

from datetime import UTC, datetime, timedelta
from typing import Any

from console.errors import ConsoleError


def as_time(at: datetime | None) -> str | None:
    """`2026-03-01T12:00:00Z`."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def as_seconds(span: timedelta | None) -> int | None:
    """Whole ones."""
    return None if span is None else int(span.total_seconds())


def as_error(error: ConsoleError) -> dict[str, str]:
    """In the words that standard error has too."""
    return {"kind": error.kind, "message": error.message, "hint": error.hint}


def no_answer(error: ConsoleError) -> dict[str, Any]:
    """What a command prints that has no answer."""
    return {"exit_code": error.exit_code, "error": as_error(error)}
